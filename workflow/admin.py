"""The steps of all records for the auditor, the reasons of rejection for the office; nothing here moves a record."""

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin import LogAdmin, TrackedAdmin

from .forms import ReasonForm
from .models import Event, ReasonCategory


class ActionFilter(admin.SimpleListFilter):
    title, parameter_name = "操作", "action"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Iterable[tuple[str, str]]:
        return Event.LABELS.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(LogAdmin):
    """Who did what when; what was written is the record's own matter."""

    list_display = ["at", "label", "project", "record_title", "actor_name", "actor_department", "address"]
    list_display_links = ["at"]
    list_filter = [ActionFilter, "to_state", "at"]
    list_select_related = ["record__dossier"]
    search_fields = ["actor_name", "actor_department", "record__title", "record__dossier__name", "address"]
    search_help_text = "姓名、单位、项目、记录或来源地址"
    list_per_page = 50  # and no hierarchy of dates, for which all steps of all years would be read
    fields = [
        "at",
        "label",
        "project",
        "kind",
        "record_title",
        "actor_name",
        "actor_department",
        "principal_name",
        "from_state",
        "to_state",
        "version",
        "reason",
        "detail",
        "address",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).defer("snapshot")

    @admin.display(description="操作", ordering="action")
    def label(self, event: Event) -> str:
        return event.label

    @admin.display(description="项目", ordering="record__dossier__name")
    def project(self, event: Event) -> str:
        return event.record.dossier.name

    @admin.display(description="类型")
    def kind(self, event: Event) -> str:
        return event.record.kind_label

    @admin.display(description="填报记录")
    def record_title(self, event: Event) -> str:
        return event.record.heading


@admin.register(ReasonCategory)
class ReasonCategoryAdmin(TrackedAdmin):
    """Not deleted but switched off: the lists of past decisions keep their words anyway."""

    form = ReasonForm
    list_display = ["name", "position", "is_active"]
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: ReasonCategory | None = None) -> bool:
        return False
