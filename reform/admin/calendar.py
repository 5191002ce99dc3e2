"""工作日历 in the admin, by the form of the office's page; the notice is imported there."""

from django.contrib import admin, messages
from django.db.models import DateField

from accounts.admin import TrackedAdmin
from reform.forms.calendar import CalendarDayForm, moved_words
from reform.models import CalendarDay, due_schedule
from workflow.editing.fields import DayField

WEEKDAYS = "一二三四五六日"


@admin.register(CalendarDay)
class CalendarDayAdmin(TrackedAdmin):
    form = CalendarDayForm
    formfield_overrides = {DateField: {"form_class": DayField}}
    list_display = ["day", "weekday", "is_working", "note"]
    list_filter = ["is_working"]
    search_fields = ["note"]
    ordering = ["-day"]
    date_hierarchy = "day"
    list_per_page = 60
    actions = None

    @admin.display(description="星期")
    def weekday(self, row):
        return f"星期{WEEKDAYS[row.day.weekday()]}"

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        self.follow(request)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        self.follow(request)

    def follow(self, request):
        if moved := due_schedule.follow_calendar():
            messages.warning(request, moved_words(moved))
