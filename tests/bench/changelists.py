"""Django's own changelists over rows that pages of the product list, with the same columns and page size."""

from django.contrib import admin
from django.contrib.admin.sites import AdminSite
from django.db.models import Model

from accounts.audit.entries import AuditEntry
from accounts.listing import PAGE_SIZE
from accounts.models import Department, User
from reform.forms.ledger import LedgerForm
from reform.ledgers import LEDGERS, Extract
from reform.models import BrandUpdate, Indicator, MonthlyPlan, Project, PromotionUpdate, SupervisionMatter
from reform.views.ledgers import PAGE_SIZE as LEDGER_PAGE_SIZE
from workflow.models import Record


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


def add(model: type[Model], columns: list, related: list[str], **more) -> None:
    options = {"list_display": columns, "list_select_related": related or False, **more}
    site.register(model, type(f"{model.__name__}Changelist", (Changelist,), options))


def shown(name: str, value):
    """A column that is worked out in Python."""

    def column(obj):
        return value(obj)

    column.short_description = name
    column.__name__ = f"column_{abs(hash(name))}"
    return column


def add_ledger(name: str, model: type[Model]) -> None:
    """The very rows and values of a ledger."""
    ledger = next(ledger for ledger in LEDGERS if ledger.name == name)

    def rows(self, request):
        form = LedgerForm({}, ledger=ledger, user=request.user)
        return Extract(ledger, request.user, form).rows

    columns = [
        shown(column.label, lambda row, column=column: column.text(column.of(row)))
        for column in ledger.columns
        if column.label != "序号"
    ]
    add(model, columns, [], get_queryset=rows, list_per_page=LEDGER_PAGE_SIZE, ordering=None)


site = Site(name="bench")
add(Record, ["title", "dossier", "kind", "state", "submitter", "updated_at"], ["dossier__department", "submitter"])
add(Project, ["number", "name", "department", "domain", "lead_leader", "stage"], ["department", "domain"])
add(Department, ["name", "position", "is_office", "is_active"], [])
add(User, ["full_name", "masked_phone", "department", "role", "is_active", "last_login"], ["department"])
add(
    SupervisionMatter,
    ["name", "department", "text", "origin", "due_on", "progress"],
    ["department"],
)
add(AuditEntry, ["at", "name", "department", "action", "title", "result", "address"], [])
add_ledger("indicators", Indicator)
add_ledger("plans", MonthlyPlan)
add_ledger("promotions", PromotionUpdate)
add_ledger("brands", BrandUpdate)
