"""Project base info for the office: kept by hand or by Excel, and never what has been filed about a project."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateField, Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header

from accounts.admin import TrackedAdmin
from accounts.models import Role
from reform.forms.domain import DomainForm
from reform.forms.project import ProjectForm
from reform.imports import workbook
from reform.imports.resources import ProjectResource, problems
from reform.models import BattleMap, Domain, Project
from workflow.actions import lock_dossier
from workflow.editing.fields import DayField

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHOWN = 100  # problems of an Excel


class ImportForm(forms.Form):
    file = forms.FileField(
        label="Excel 文件（.xlsx）",
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": "请选择文件。",
            "empty": "文件是空的，请重新选择。",
            "max_length": "文件名过长，请改短后再选择。",
        },
    )

    def clean_file(self):
        try:
            self.dataset = workbook.read(self.cleaned_data["file"])
        except workbook.Unreadable as error:
            raise forms.ValidationError(list(error.problems)) from error
        return self.cleaned_data["file"]


@admin.register(Project)
class ProjectAdmin(TrackedAdmin):
    form = ProjectForm
    fieldsets = [
        (heading, {"fields": [*names, "people"] if "partners" in names else names})
        for heading, names in ProjectForm.groups
    ]
    readonly_fields = ["people"]
    formfield_overrides = {DateField: {"form_class": DayField}}
    list_display = ["number", "name", "department", "lead_leader", "years", "stage", "maps"]
    list_display_links = ["number", "name"]
    list_filter = ["stage", "domain", ("department", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["department"]
    list_per_page = 50
    search_fields = ["number", "name", "lead_leader", "plan_title", "plan_number"]
    search_help_text = "项目编号、名称、领衔市领导、改革方案或文号"
    actions = None

    # --- The list ---------------------------------------------------------------------------------

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("records", BattleMap.objects.standing(), to_attr="maps_drawn"))
        )

    @admin.display(description="实施年度", ordering="start_year")
    def years(self, project):
        return f"{project.start_year}—{project.end_year}"

    @admin.display(description="项目作战图")
    def maps(self, project):
        latest = max(project.maps_drawn, key=lambda drawn: drawn.year, default=None)
        return latest and f"{latest.year}年度 {latest.get_state_display()}"

    # --- One project ------------------------------------------------------------------------------

    @admin.display(description="填报和审核人员")
    def people(self, project):
        """Who looks after it, changed under 责任单位 in the navigation."""
        if not project.department_id:
            return "保存后显示"
        responsible = [
            (
                role.label,
                "、".join(user.full_name for user in project.department.people_in_charge(role)) or "未指定",
            )
            for role in (Role.ENTRY, Role.DEPT_REVIEWER, Role.OFFICE_REVIEWER)
        ]
        return format_html(
            '<ul class="people-list">{}</ul><a href="{}">调整受托人员</a>',
            format_html_join("", "<li>{}：{}</li>", responsible),
            reverse("accounts:department", args=[project.department_id]),
        )

    def view_on_site(self, project):
        return reverse("reform:project", args=[project.pk])

    def get_object(self, request, object_id, from_field=None):
        """While the office changes base info, nobody begins a map on what it was."""
        project = super().get_object(request, object_id, from_field)
        if project and request.method == "POST":
            lock_dossier(project.pk)
            project = super().get_object(request, object_id, from_field)
        return project

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        for name in ("department", "partners", "domain"):
            widget = form.base_fields[name].widget
            widget.can_add_related = widget.can_change_related = False
            widget.can_view_related = widget.can_delete_related = False
        return form

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if form.moved:
            messages.warning(request, form.move_sentence())

    def has_delete_permission(self, request, obj=None):
        """A project about which anything has been filed stays."""
        return super().has_delete_permission(request, obj) and not (obj and obj.records.exists())

    # --- By Excel ---------------------------------------------------------------------------------

    def get_urls(self):
        own = [
            path("import/", self.admin_site.admin_view(self.import_projects), name="reform_project_import"),
            path("template/", self.admin_site.admin_view(self.template), name="reform_project_template"),
        ]
        return own + super().get_urls()

    def may_import(self, request):
        return self.has_add_permission(request) and self.has_change_permission(request)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(
            request, {"title": self.opts.verbose_name, "may_import": self.may_import(request)}
        )

    def import_projects(self, request):
        """All rows or none; the book is read in memory and kept nowhere."""
        if not self.may_import(request):
            raise PermissionDenied
        form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
        wrong = []
        if form.is_valid():
            result = ProjectResource().import_data(
                form.dataset, rollback_on_validation_errors=True, retain_instance_in_row_result=True
            )
            wrong = problems(result, form.dataset)
            if not wrong:
                self.log_import(request, result)
                return redirect("admin:reform_project_changelist")
        context = self.admin_site.each_context(request) | {
            "title": "导入项目基础信息",
            "opts": self.opts,
            "form": form,
            "problems": wrong[:MOST_SHOWN],
            "more": max(0, len(wrong) - MOST_SHOWN),
            "columns": workbook.COLUMNS,
            "most_rows": workbook.MOST_ROWS,
        }
        status = 422 if form.errors or wrong else 200
        return render(request, "admin/reform/project/import.html", context, status=status)

    def log_import(self, request, result):
        for row in result.rows:
            if row.is_new():
                self.log_addition(request, row.instance, "Excel 导入")
            elif row.is_update():
                self.log_change(request, row.instance, "Excel 导入")
        new, changed, same = (result.totals[kind] for kind in ("new", "update", "skip"))
        messages.success(request, f"已导入：新增 {new} 个项目，修改 {changed} 个，{same} 个没有变化。")

    def template(self, request):
        if not self.may_import(request):
            raise PermissionDenied
        return HttpResponse(
            workbook.template(),
            content_type=EXCEL,
            headers={"Content-Disposition": content_disposition_header(True, "项目基础信息导入模板.xlsx")},
        )


@admin.register(Domain)
class DomainAdmin(TrackedAdmin):
    form = DomainForm
    list_display = ["name", "position"]
    actions = None

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.project_set.exists())
