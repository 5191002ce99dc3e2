"""Django's own changelists over rows that pages of the product list, with the same columns and page size: bare, and
with what the product's page is narrowed by, as far as list_filter and search_fields say it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.sites import AdminSite
from django.db.models import Model

from accounts.audit.entries import AuditEntry
from accounts.listing import PAGE_SIZE
from accounts.models import Department, User
from reform.forms.ledger import LedgerForm
from reform.ledgers import LEDGERS, Extract
from reform.models import BrandUpdate, Indicator, MonthlyPlan, PlanUpdate, Project, PromotionUpdate, SupervisionMatter
from reform.views.ledgers import PAGE_SIZE as LEDGER_PAGE_SIZE

BY_PROJECT = ["department", "project__domain", "project__lead_leader", "project__mandate", "project__task_force"]


class Site(AdminSite):
    """Whoever has signed in sees everything."""

    enable_nav_sidebar = False

    def has_permission(self, request):
        return request.user.is_authenticated


class Changelist(admin.ModelAdmin):
    list_per_page = PAGE_SIZE
    list_max_show_all = 0
    actions = None

    def has_view_permission(self, request, obj=None):
        return True

    def has_module_permission(self, request):
        return True


def add(
    model: type[Model], columns: list[Any], related: list[str], filters: list[str], search: list[str], **more: Any
) -> None:
    options = {"list_display": columns, "list_select_related": related or False, **more}
    bare = type(f"{model.__name__}Changelist", (Changelist,), options)
    narrowed = type(f"{model.__name__}NarrowedChangelist", (bare,), {"list_filter": filters, "search_fields": search})
    site.register(model, bare)
    narrowed_site.register(model, narrowed)


def shown(name: str, value):
    """A column that is worked out in Python."""

    def column(obj):
        return value(obj)

    column.short_description = name
    column.__name__ = f"column_{abs(hash(name))}"
    return column


def add_ledger(name: str, model: type[Model], to_project: str, filters: list[str], search: list[str]) -> None:
    """The very rows and values of a ledger. `to_project`: the path to what its rows are about."""
    ledger = next(ledger for ledger in LEDGERS if ledger.name == name)

    def rows(self, request):
        form = LedgerForm({}, ledger=ledger, user=request.user)
        return Extract(ledger, request.user, form).rows

    columns = [
        shown(column.label, lambda row, column=column: column.text(column.of(row)))
        for column in ledger.columns
        if column.label != "序号"
    ]
    filters = [*filters, *(f"{to_project}__{field}" for field in BY_PROJECT)]
    search = [f"{to_project}__name", *search]
    add(model, columns, [], filters, search, get_queryset=rows, list_per_page=LEDGER_PAGE_SIZE, ordering=None)


site, narrowed_site = Site(name="bench"), Site(name="bench-narrowed")
add(
    PlanUpdate,
    ["title", "dossier", "kind", "state", "submitter", "updated_at"],
    ["dossier__department", "submitter"],
    ["dossier__department", "state"],
    ["dossier__name", "title"],
)
add(
    Project,
    ["number", "name", "department", "domain", "lead_leader", "stage"],
    ["department", "domain"],
    ["stage", "domain", "lead_leader", "department", "mandate", "task_force"],
    ["name", "number"],
)
add(Department, ["name", "position", "is_office", "is_active"], [], ["is_active"], ["name"])
add(
    User,
    ["full_name", "masked_phone", "department", "role", "is_active", "last_login"],
    ["department"],
    ["department", "role", "is_active"],
    ["full_name"],
)
add(
    SupervisionMatter,
    ["name", "department", "text", "origin", "due_on", "progress"],
    ["department"],
    ["origin", "department", "progress"],
    ["text", "source_words", "of_project__name"],
)
add(
    AuditEntry,
    ["at", "name", "department", "action", "title", "result", "address"],
    [],
    ["action", "result", "at"],
    ["name", "title"],
)
add_ledger("indicators", Indicator, "battle_map__dossier", ["battle_map__year"], ["name"])
add_ledger("plans", MonthlyPlan, "measure__battle_map__dossier", ["measure__battle_map__year", "status"], ["content"])
add_ledger("promotions", PromotionUpdate, "dossier", ["state"], ["title"])
add_ledger("brands", BrandUpdate, "dossier", ["state"], ["title"])
