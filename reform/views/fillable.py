"""导出填报表 and 导入填报表: what a clerk fills in outside, and brings back as drafts."""

from dataclasses import dataclass
from typing import ClassVar

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.addresses import client_address
from reform.calendar import today
from reform.fillable import SHEETS, FillableSheet
from reform.fillable.export import export
from reform.fillable.importing import FillableImport
from reform.models import LedgerExport
from workflow.refusals import ActionRefused
from workflow.states import State

from .imports import ImportPages, download, for_clerks
from .ledgers import extract_or_404, ledger_page


@dataclass(frozen=True)
class FillablePages(ImportPages):
    """Of one sheet: its export beside the ledger's, and its import."""

    sheet: FillableSheet

    upload_page: ClassVar = "reform/fillable/import.html"
    preview_page: ClassVar = "reform/fillable/preview.html"

    def guard(self, view):
        return for_clerks(view)

    def context(self):
        return {
            "room": "台账",
            "room_url": reverse("reform:ledgers"),
            "list_title": self.sheet.ledger.label,
            "list_url": reverse("reform:ledger", args=[self.sheet.ledger.name]),
            "changing": self.sheet.changing,
        }

    def done(self, request, shown):
        records = {row.instance.pk: row.instance for row in shown.changed}.values()
        messages.success(request, f"已写入 {len(records)} 份草稿，没有上报。请逐份核对后上报。")
        is_draft = all(record.state == State.DRAFT for record in records)  # what came back stays so
        drafts = reverse("reform:kind", args=[self.sheet.record._meta.model_name])
        return redirect(f"{drafts}?state={State.DRAFT}" if is_draft else drafts)

    def urls(self, prefix):
        take = path(f"{prefix}sheet/", self.guard(require_POST(self.take)), name=f"{self.name}_take")
        return [take, *super().urls(f"{prefix}import/")]

    def take(self, request):
        """The rows of the ledger as it is narrowed, as far as they can be filled in now."""
        form, extract = extract_or_404(request, self.sheet.ledger.name)
        refusal = ""
        if form.errors:
            refusal = "查询条件有误，请修改后再导出。"
        elif not extract.as_of.is_now:
            refusal = "填报表按现在的内容导出，请清除截至日期后再导出。"
        if refusal:
            return ledger_page(request, form, extract, refusal=refusal, status=422)
        try:
            content, rows = export(self.sheet, extract, request.user)
        except ActionRefused as nothing:
            return ledger_page(request, form, extract, refusal=str(nothing), status=422)
        words = self.sheet.words(extract)
        LedgerExport.register(
            request.user,
            client_address(request),
            ledger=self.sheet.title,
            as_of=extract.as_of.at,
            conditions="；".join([*extract.conditions, *([f"填报月份：{words}"] if words else [])]),
            rows=rows,
        )
        return download(content, f"{self.sheet.title}{words}_{today().isoformat()}.xlsx")


PAGES = [FillablePages(FillableImport(sheet), sheet.kind, sheet) for sheet in SHEETS]
