"""The pages by which the office and the administrator import base data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from accounts.requests import AuthenticatedRequest
from accounts.views import office
from reform.imports.preview import Preview
from reform.imports.sheets import template
from reform.views.imports import ImportPages, download


@dataclass(frozen=True)
class BaseDataImport(ImportPages):
    pages: Callable[[], office.Pages]  # of what is imported
    permissions: tuple[str, ...]
    rules: tuple[str, ...] = ()  # of this kind, beside those of all
    answer: Callable[[AuthenticatedRequest, Preview], HttpResponse | None] | None = None  # instead of the list

    upload_page: ClassVar = "office/import.html"

    def guard(self, view):
        return office.permitted(*self.permissions)(view)

    def context(self) -> dict[str, Any]:
        return self.pages().page() | {"rules": self.rules, "template_url": self.url("template")}

    def done(self, request, shown):
        added, changed = len(shown.added), len(shown.changed)
        sentence = f"已导入：新增 {added} 个{self.layout.noun}，修改 {changed} 个，{shown.same_count} 个没有变化。"
        messages.success(request, sentence)
        return (self.answer and self.answer(request, shown)) or redirect(self.pages().list_url)

    def urls(self, prefix: str) -> list[URLPattern]:
        empty = path(f"{prefix}template/", self.guard(require_safe(self.template)), name=f"{self.name}_template")
        return [*super().urls(prefix), empty]

    def template(self, request: AuthenticatedRequest) -> HttpResponse:
        return download(template(self.layout), f"{self.layout.title}导入模板.xlsx")
