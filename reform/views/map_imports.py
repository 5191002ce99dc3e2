"""导入作战图: battle maps by workbook, as drafts of the clerk's department, or by the office for departments."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import AuthenticatedRequest
from reform.imports.map_sheets import SHEETS, hidden_columns, map_template, maps_dataset, place_of
from reform.imports.maps import SPLIT, MapImport
from reform.imports.sheets import HIDDEN, ROW
from reform.models import Project
from reform.models.project import CAN_BE_DRAWN
from workflow.workbooks.reader import read_sheets
from workflow.workbooks.sheet import Unreadable, row_numbers

from .imports import ImportPages, UploadForm, download, only_for
from .map_table import understood


class MapUploadForm(UploadForm):
    def clean_file(self):
        try:
            sheets = read_sheets(self.cleaned_data["file"])
            self.dataset = maps_dataset(sheets)
            self.hidden_columns = hidden_columns(sheets)
        except Unreadable as error:
            raise forms.ValidationError(list(error.problems)) from error
        return self.cleaned_data["file"]

    def facts(self) -> dict[str, Any]:
        return {
            "file_name": self.cleaned_data["file"].name,
            "sheet": "",
            "headings": self.dataset.headers,
            "rows": self.dataset[:],
            "hidden_rows": [row[ROW] for row in self.dataset.dict if row[HIDDEN]],
            "hidden_columns": self.hidden_columns,
        }


def may_import_maps(user: User) -> bool:
    return user.is_clerk or user.is_office_reviewer


@dataclass(frozen=True)
class MapImportPages(ImportPages):
    importer: MapImport

    upload_form: ClassVar = MapUploadForm
    upload_page: ClassVar = "reform/map_import/upload.html"
    preview_page: ClassVar = "reform/map_import/preview.html"

    def guard(self, view):
        return only_for(may_import_maps, view)

    def context(self) -> dict[str, Any]:
        kind = reverse("reform:kind", args=["battlemap"])
        return {
            "room": "重大改革项目",
            "room_url": reverse("reform:projects"),
            "list_url": kind,
            "list_title": "绘制项目作战图",
            "template_url": self.url("template"),
            "sheets": SHEETS,
        }

    def chosen(self, request):
        return replace(self.importer, ticks=frozenset(name for name in request.POST if name.startswith(SPLIT)))

    def hidden_rows(self, pending):
        found: dict[str, list[int]] = {}
        for sheet, number in map(place_of, pending.hidden_rows):
            found.setdefault(sheet, []).append(number)
        return "，".join(f"“{sheet}”第 {row_numbers(numbers)} 行" for sheet, numbers in found.items())

    def details(self, shown):
        maps = [(row, understood(row.table, _ticks(row), row.split)) for row in shown.added + shown.changed]
        return {"maps": maps}

    def done(self, request, shown):
        added, changed = len(shown.added), len(shown.changed)
        after = "已通知责任单位核对、上报。" if request.user.is_office_reviewer else "请核对后上报。"
        sentence = f"已导入：新建 {added} 张作战图草稿，修改 {changed} 张，{shown.same_count} 张没有变化。{after}"
        messages.success(request, sentence)
        return redirect(self.context()["list_url"])

    def urls(self, prefix):
        empty = path(f"{prefix}template/", self.guard(require_safe(self.template)), name=f"{self.name}_template")
        return [*super().urls(prefix), empty]

    def template(self, request: AuthenticatedRequest) -> HttpResponse:
        own = Project.objects.filter(CAN_BE_DRAWN, department__in=request.user.assigned_department_ids)
        return download(map_template(own.filter(closed_at=None)), "项目作战图导入模板.xlsx")


def _ticks(row):
    return {number: (row.tick(number), "on") for number in range(len(row.table.measures))}


maps = MapImportPages(MapImport(), "map")
