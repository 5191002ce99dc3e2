"""The pages by which a workbook is imported: upload, preview of every change, confirmation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from operator import attrgetter
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.large_bodies import takes_files
from accounts.models import User
from accounts.requests import AuthenticatedRequest
from reform.excel import CONTENT_TYPE
from reform.imports.preview import Import, Preview, carry_out
from reform.imports.resource import Problem
from reform.imports.sheets import HIDDEN, ROW, Layout, dataset_of
from reform.models import PendingImport
from workflow.refusals import Busy
from workflow.workbooks.reader import ACCEPT, read_sheet
from workflow.workbooks.sheet import Unreadable, letters, row_numbers

MOST_SHOWN = 100  # problems


class UploadForm(forms.Form):
    file = forms.FileField(
        label="表格文件（.xlsx、.xls、.et、.ods）",
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={
            "required": "请选择文件。",
            "empty": "文件是空的，请重新选择。",
            "max_length": "文件名过长，请改短后再选择。",
        },
    )

    def __init__(self, *args, layout: Layout, **kwargs):
        super().__init__(*args, **kwargs)
        self.layout = layout

    def clean_file(self):
        try:
            self.sheet = read_sheet(self.cleaned_data["file"])
            self.dataset = dataset_of(self.sheet, self.layout)
        except Unreadable as error:
            raise forms.ValidationError(list(error.problems)) from error
        return self.cleaned_data["file"]

    def facts(self) -> dict[str, Any]:
        """What is kept of it until it is confirmed."""
        hidden = set(self.sheet.hidden_columns if self.layout.asks_about_columns else ())
        return {
            "file_name": self.cleaned_data["file"].name,
            "sheet": self.sheet.title[:100],
            "headings": self.dataset.headers,
            "rows": self.dataset[:],
            "hidden_rows": [row[ROW] for row in self.dataset.dict if row[HIDDEN]],
            "hidden_columns": [
                [letters(place), heading]
                for place, heading in enumerate(self.sheet.rows[0].cells, 1)
                if letters(place) in hidden
            ],
        }


class TicksForm(forms.Form):
    """One tick for each kind of warning that the preview has."""

    def __init__(self, data, preview: Preview):
        super().__init__(data)
        for name in preview.warnings:
            kind = preview.kinds_of_warnings[name]
            self.fields[name] = forms.BooleanField(label=kind.label, error_messages={"required": kind.required})

    @property
    def accepted(self) -> set[str]:
        return {name for name in self.fields if name in self.data}


@dataclass(frozen=True)
class ImportPages:
    """Of one kind of import; the addresses are called `name`_import, `name`_preview and so on.

    Those of a room say who may open them, where they lead, and their own words.
    """

    importer: Import
    name: str

    upload_form: ClassVar = UploadForm
    upload_page: ClassVar = "imports/upload.html"
    preview_page: ClassVar = "imports/preview.html"

    # --- What a room says ---------------------------------------------------------------------------

    def guard(self, view: Callable) -> Callable:
        """The view for those who may import; for others it does not exist."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What each page shows, and `list_url`, where it leads."""
        raise NotImplementedError

    def done(self, request: AuthenticatedRequest, shown: Preview) -> HttpResponse:
        """The answer when it has been carried out."""
        raise NotImplementedError

    def chosen(self, request: AuthenticatedRequest) -> Import:
        """The import as the person wants it, where its preview asks for more than ticks."""
        return self.importer

    def hidden_rows(self, pending: PendingImport) -> str:
        return f"第 {row_numbers(pending.hidden_rows)} 行" if pending.hidden_rows else ""

    def details(self, shown: Preview) -> dict[str, Any]:
        """What the preview of this kind shows besides."""
        return {}

    # --- Its addresses ------------------------------------------------------------------------------

    @property
    def layout(self) -> Layout:
        return self.importer.layout

    def urls(self, prefix: str) -> list[URLPattern]:
        both = require_http_methods(["GET", "POST"])
        upload = self.guard(both(self.upload))
        return [
            path(prefix, takes_files(self.guard(lambda _: True))(upload), name=f"{self.name}_import"),
            path(f"{prefix}preview/", self.guard(both(self.confirm)), name=f"{self.name}_preview"),
            path(f"{prefix}hidden/", self.guard(require_POST(self.decide)), name=f"{self.name}_hidden"),
            path(f"{prefix}errors/", self.guard(require_safe(self.errors)), name=f"{self.name}_errors"),
            path(f"{prefix}give-up/", self.guard(require_POST(self.give_up)), name=f"{self.name}_give_up"),
        ]

    def url(self, page: str) -> str:
        return reverse(f"reform:{self.name}_{page}")

    def _pending(self, request):
        return PendingImport.objects.waiting(request.user, self.importer.kind).first()

    # --- The views ----------------------------------------------------------------------------------

    def upload(self, request: AuthenticatedRequest) -> HttpResponse:
        """Takes a workbook and leads to its preview."""
        if request.method == "GET":
            return self._upload_page(request, self.upload_form(layout=self.layout), self._pending(request))
        form = self.upload_form(request.POST, request.FILES, layout=self.layout)
        if not form.is_valid():
            return self._upload_page(request, form)
        PendingImport.objects.keep(request.user, self.importer.kind, **form.facts())
        return redirect(self.url("preview"))

    def confirm(self, request: AuthenticatedRequest) -> HttpResponse:
        """The preview of what this person has uploaded; 确认导入 carries out what it shows."""
        pending = self._pending(request)
        if pending is None:
            return self._nothing_waits(request)
        if request.method == "GET" or pending.asks_about_hidden:
            return self._preview_page(request, pending)
        token = request.POST.get("token", "")
        try:
            shown, done = carry_out(self.chosen(request), request.user, token, set(request.POST))
        except PendingImport.DoesNotExist:  # confirmed or given up a moment ago
            return self._nothing_waits(request)
        except Busy as busy:
            messages.error(request, str(busy))
            return self._preview_page(request, pending, status=503)
        if done:
            return self.done(request, shown)
        if shown.token != token and not shown.problems:
            messages.warning(
                request, "没有导入：预览之后内容又有变化。以下是按现有内容重新比较的结果，请核对后再确认。"
            )
            return self._preview_page(request, pending, shown, status=409)
        return self._preview_page(request, pending, shown, TicksForm(request.POST, shown), status=422)

    def decide(self, request: AuthenticatedRequest) -> HttpResponse:
        """Whether what is hidden on the sheet counts."""
        choices = {"take": True, "leave": False}
        choice = request.POST.get("choice")
        pending = self._pending(request)
        if pending is None:
            return self._nothing_waits(request)
        if choice in choices:
            pending.takes_hidden = choices[choice]
            pending.save(update_fields=["takes_hidden"])
        return redirect(self.url("preview"))

    def errors(self, request: AuthenticatedRequest) -> HttpResponse:
        """What was uploaded, with a column of what is wrong in each row."""
        pending = self._pending(request)
        if pending is None:
            return self._nothing_waits(request)
        found: dict[Any, list[str]] = {}
        for problem in self.importer.preview(request.user, pending.dataset).problems:
            if problem.row is not None:
                found.setdefault(problem.row, []).append(problem.sentence)
        content = self.importer.error_book(pending.everything, found)
        return download(content, f"{pending.file_name.rpartition('.')[0]}（错误说明）.xlsx")

    def give_up(self, request: AuthenticatedRequest) -> HttpResponse:
        PendingImport.objects.waiting(request.user, self.importer.kind).delete()
        messages.info(request, "已放弃导入，没有改动任何内容。")
        return redirect(self.context()["list_url"])

    # --- What they show -------------------------------------------------------------------------------

    def _nothing_waits(self, request):
        messages.info(request, "没有等待确认的导入，请选择文件。")
        return redirect(self.url("import"))

    def _context(self):
        return {
            "title": self.layout.title,
            "noun": self.layout.noun,
            "layout": self.layout,
            "urls": {page: self.url(page) for page in "import preview hidden errors give_up".split()},
        } | self.context()

    def _upload_page(self, request, form, pending=None, problems: list[Problem] | None = None):
        shown = [str(problem) for problem in problems or ()]
        context = self._context() | {
            "form": form,
            "pending": pending,
            "problems": shown[:MOST_SHOWN],
            "more": max(0, len(shown) - MOST_SHOWN),
        }
        return render(request, self.upload_page, context, status=422 if form.errors or shown else 200)

    def _preview_page(self, request, pending, shown=None, ticks=None, status=200):
        hidden = {
            "rows": self.hidden_rows(pending),
            "columns": "、".join(f"{letter}（{heading}）" for letter, heading in pending.hidden_columns),
        }
        context = self._context() | {"pending": pending, "hidden": hidden}
        if pending.asks_about_hidden:
            return render(request, "imports/hidden.html", context, status=status)
        shown = shown or self.importer.preview(request.user, pending.dataset)
        if shown.problems:
            return self._upload_page(request, self.upload_form(layout=self.layout), pending, shown.problems)
        ticks = ticks or TicksForm(None, shown)
        warned = [(shown.kinds_of_warnings[name], sentences, ticks[name]) for name, sentences in shown.warnings.items()]
        context |= {"preview": shown, "warned": warned, "summary": self._summary(shown)}
        context |= self.details(shown)
        return render(request, self.preview_page, context, status=status)

    def _summary(self, shown):
        """The headings of what is new, and its rows with (heading, text)."""
        labels = self.importer.summary
        return labels, [(row, [(label, row.after[label]) for label in labels]) for row in shown.added]


def download(content: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(True, name)
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition or ""})


def only_for(may_open: Callable[[User], bool], view: Callable) -> Callable:
    """For others the page does not exist."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        if not may_open(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return inner


for_clerks = partial(only_for, attrgetter("is_clerk"))
