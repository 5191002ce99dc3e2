"""工作日历 for the office: correct a day, import a year's notice."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import content_disposition_header

from reform.calendar import holiday_import, unknown_years
from reform.excel import Unreadable
from reform.models import CalendarDay, due_schedule

WEEKDAYS = "一二三四五六日"


class NoticeForm(forms.Form):
    file = forms.FileField(
        label="放假安排表（.xlsx）",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择文件。", "empty": "文件是空的，请重新选择。"},
    )

    def clean_file(self):
        try:
            self.days = holiday_import.read(self.cleaned_data["file"])
        except Unreadable as error:
            raise forms.ValidationError(list(error.problems)) from error
        return self.cleaned_data["file"]


@admin.register(CalendarDay)
class CalendarDayAdmin(admin.ModelAdmin):
    list_display = ["day", "weekday", "arrangement", "note"]
    list_filter = ["is_working"]
    search_fields = ["note"]
    ordering = ["-day"]
    date_hierarchy = "day"
    list_per_page = 60
    actions = None

    @admin.display(description="星期")
    def weekday(self, row):
        return f"星期{WEEKDAYS[row.day.weekday()]}"

    @admin.display(description="安排", ordering="is_working")
    def arrangement(self, row):
        return "上班" if row.is_working else "休息"

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        due_schedule.follow_calendar()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        due_schedule.follow_calendar()

    def get_urls(self):
        own = [
            path("import/", self.admin_site.admin_view(self.import_notice), name="reform_calendarday_import"),
            path("template/", self.admin_site.admin_view(self.template), name="reform_calendarday_template"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, (extra_context or {}) | {"unknown_years": unknown_years()})

    def import_notice(self, request):
        """All rows or none; the days that are there already take what the notice says."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        form = NoticeForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            added, changed = holiday_import.keep(form.days)
            due_schedule.follow_calendar()
            for rows, flag in ((added, ADDITION), (changed, CHANGE)):
                if rows:
                    LogEntry.objects.log_actions(request.user.pk, rows, flag, change_message="导入放假安排")
            same = len(form.days) - len(added) - len(changed)
            messages.success(request, f"已导入：新增 {len(added)} 天，修改 {len(changed)} 天，{same} 天没有变化。")
            return redirect("admin:reform_calendarday_changelist")
        context = self.admin_site.each_context(request) | {
            "title": "导入放假安排",
            "opts": self.opts,
            "form": form,
            "headings": holiday_import.HEADINGS,
        }
        status = 422 if form.errors else 200
        return render(request, "admin/reform/calendarday/import.html", context, status=status)

    def template(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponse(
            holiday_import.template(),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            headers={"Content-Disposition": content_disposition_header(True, "放假安排模板.xlsx")},
        )
