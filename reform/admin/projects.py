"""Project base info for the office: kept by hand or by Excel, and never what has been filed about a project."""

from django.contrib import admin, messages
from django.db.models import DateField, Prefetch
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from accounts.admin import TrackedAdmin
from accounts.models import Role
from reform.forms.domain import DomainForm, TaskForceForm
from reform.forms.project import ProjectForm
from reform.models import BattleMap, Domain, Project, TaskForce
from workflow.actions import lock_dossier
from workflow.editing.fields import DayField


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
    list_filter = ["stage", "mandate", "task_force", "domain", ("department", admin.RelatedOnlyFieldListFilter)]
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
            .prefetch_related(Prefetch("records", BattleMap.objects.of_kind().standing(), to_attr="maps_drawn"))
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
        for name in ("department", "partners", "domain", "task_force"):
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

    def changelist_view(self, request, extra_context=None):
        """Its page leads to the import, which is a page of the product."""
        may_import = self.has_add_permission(request) and self.has_change_permission(request)
        return super().changelist_view(request, {"title": self.opts.verbose_name, "may_import": may_import})


class ProjectChoiceAdmin(TrackedAdmin):
    """A list to which projects belong."""

    list_display = ["name", "position"]
    actions = None

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.project_set.exists())


@admin.register(Domain)
class DomainAdmin(ProjectChoiceAdmin):
    form = DomainForm


@admin.register(TaskForce)
class TaskForceAdmin(ProjectChoiceAdmin):
    form = TaskForceForm
