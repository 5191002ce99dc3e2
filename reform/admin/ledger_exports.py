"""Who took which ledger out of the system, for the auditor."""

from django.contrib import admin

from accounts.admin import LogAdmin
from reform.models import LedgerExport


@admin.register(LedgerExport)
class LedgerExportAdmin(LogAdmin):
    list_display = ["at", "ledger", "rows", "conditions", "actor_name", "actor_department", "address"]
    list_display_links = ["at"]
    list_filter = ["ledger", "at"]
    search_fields = ["actor_name", "actor_department", "conditions", "address"]
    search_help_text = "姓名、单位、筛选条件或来源地址"
    date_hierarchy = "at"
    list_per_page = 50
    fields = ["at", "ledger", "as_of", "conditions", "rows", "actor_name", "actor_department", "address"]
