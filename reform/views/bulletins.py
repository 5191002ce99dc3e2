"""通报: the list, making a draft, the draft with its figures, Word, and issuing; the office's Word templates."""

from functools import partial
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit.entries import Action
from accounts.audit.writing import write
from accounts.large_bodies import takes_files
from accounts.models import Department, User
from accounts.requests import AuthenticatedRequest
from reform import word
from reform.bulletins import desk, documents, sources
from reform.calendar import Period, today
from reform.forms.bulletin import DraftForm, IssueForm, TemplateForm
from reform.models import Bulletin, Series, WordTemplate
from workflow.files import Shelf, keep_files
from workflow.texts import parse_pk
from workflow.views.files import sent

PAGE_SIZE = 50
SHOWN = 60  # rows of a table on the page of the draft
NOTHING_MORE = "这一期已印发，不再更改。"
IN_BETWEEN = "只有本系列最后一期的草稿可以删除，以免期号中断。"


def readers_only(request: AuthenticatedRequest) -> None:
    if not request.user.reads_records:
        raise Http404


def office_only(request: AuthenticatedRequest) -> None:
    if not request.user.is_office_reviewer:
        raise Http404


@require_safe
def bulletins(request: AuthenticatedRequest) -> HttpResponse:
    readers_only(request)
    found = Bulletin.objects.visible_to(request.user).defer("content", "words", "sources")  # of a city megabytes
    found = found.select_related("made_by").prefetch_related("files")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request, "reform/bulletins/list.html", {"page_obj": page, "may_make": request.user.is_office_reviewer}
    )


@require_http_methods(["GET", "POST"])
def make(request: AuthenticatedRequest) -> HttpResponse:
    """A draft; `series` and `period` may be asked for in the address."""
    office_only(request)
    first = {
        "series": request.GET.get("series") or Series.PROGRESS,
        "period": request.GET.get("period") or Period.until(today()).key,
        "dated": today(),
        "addressed_to": "各责任单位",
    }
    if request.method == "GET":
        return render(request, "reform/bulletins/make.html", {"form": DraftForm(initial=first)})
    form = DraftForm(request.POST)
    if not form.is_valid():
        return render(request, "reform/bulletins/make.html", {"form": form}, status=422)
    data = form.cleaned_data
    bulletin = desk.make(
        request.user, data["series"], data["period"], dated=data["dated"], addressed_to=data["addressed_to"]
    )
    messages.success(request, f"已生成{bulletin.issue_words}草稿，请核对后下载 Word。")
    return redirect("reform:bulletin", bulletin.pk)


@require_safe
def bulletin(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk), IssueForm())


def _find(request: AuthenticatedRequest, pk: int) -> Bulletin:
    visible = Bulletin.objects.visible_to(request.user).select_related("made_by", "issued_by")
    return get_object_or_404(visible, pk=pk)


def _page(request: AuthenticatedRequest, found: Bulletin, form: IssueForm, *, status: int = 200) -> HttpResponse:
    body, annexes = documents.sections_of(found) if request.user.is_office_reviewer else ([], [])
    page_sections([*body, *annexes], found)
    context = {
        "bulletin": found,
        "office": documents.office_name(),
        "body": body,
        "annexes": annexes,
        "as_of": documents.as_of_words(found),
        "form": form,
        "may_issue": request.user.is_office_reviewer and not found.is_issued,
        "departments": found.departments.all(),
        "file": found.file,
    }
    return render(request, "reform/bulletins/bulletin.html", context, status=status)


def page_sections(sections: list[dict[str, Any]], of: Bulletin | None = None) -> list[dict[str, Any]]:
    """The same sections with what _section.html shows of their tables; of a bulletin, long ones in part."""
    for place, section in enumerate(sections):
        for number, table in enumerate(section["tables"]):
            rows = table["rows"]
            table["first_lines"] = _lines(table, rows[:SHOWN] if of else rows)
            if of and len(rows) > SHOWN:
                table["url"] = reverse("reform:bulletin_table", args=[of.pk, place, number])
    return sections


def _lines(table: dict[str, Any], rows: Any) -> list[list[tuple[Any, bool]]]:
    """Each cell with whether it holds a figure."""
    figures = [head["is_figure"] for head in table["heads"]]
    return [list(zip(row, figures, strict=True)) for row in rows]


@require_safe
def table(request: AuthenticatedRequest, pk: int, section: int, number: int) -> HttpResponse:
    """A long table of the draft, page by page."""
    office_only(request)
    found = _find(request, pk)
    body, annexes = documents.sections_of(found)
    try:
        of = [*body, *annexes][section]
        chosen = of["tables"][number]
    except IndexError:
        raise Http404 from None
    page = Paginator(chosen["rows"], PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "bulletin": found,
        "caption": chosen["caption"] or of["title"],
        "table": {"heads": chosen["heads"]},
        "lines": _lines(chosen, page.object_list),
        "page_obj": page,
        "as_of": documents.as_of_words(found),
    }
    return render(request, "reform/bulletins/table.html", context)


@require_safe
def document(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The draft as a Word document, for the office."""
    office_only(request)
    found = _find(request, pk)
    try:
        content = documents.bulletin_document(found, site(request))
    except word.BadTemplate as error:
        messages.error(request, f"通报模板不能使用：{error}请在“Word 模板”中更换或恢复原模板。")
        return redirect("reform:bulletin", pk)
    return as_download(request.user, content, f"{found.title}（{found.issue_words}）.docx")


def site(request: AuthenticatedRequest) -> str:
    """What stands before the addresses of this site."""
    return request.build_absolute_uri("/").removesuffix("/")


def as_download(user: User, content: bytes, name: str) -> HttpResponse:
    write(user, Action.EXPORT, name)
    response = HttpResponse(content, content_type=word.CONTENT_TYPE)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@require_POST
def renew(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The same number, from what is confirmed now."""
    office_only(request)
    with transaction.atomic():
        found = get_object_or_404(Bulletin.objects.select_for_update(), pk=pk)
        if found.is_issued:
            messages.error(request, NOTHING_MORE)
        else:
            desk.renew(found)
            messages.success(request, "已按现在确认的数据重新生成。")
    return redirect("reform:bulletin", pk)


@require_POST
def discard(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    office_only(request)
    found = _find(request, pk)
    if found.is_issued:
        messages.error(request, NOTHING_MORE)
    elif not found.discard():
        messages.error(request, IN_BETWEEN)
    else:
        messages.success(request, f"已删除{found.issue_words}草稿，期号收回。")
        return redirect("reform:bulletins")
    return redirect("reform:bulletin", pk)


def _is_office(request: AuthenticatedRequest, **where: object) -> bool:
    office_only(request)
    return True


@require_POST
@takes_files(_is_office)
def issue(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Keep the file that was issued, and show it to those whom it concerns."""
    office_only(request)
    found = _find(request, pk)
    form = IssueForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    with transaction.atomic():
        found = Bulletin.objects.select_for_update().get(pk=found.pk)
        if found.is_issued:
            messages.error(request, NOTHING_MORE)
            return redirect("reform:bulletin", pk)
        kept, upload_errors = keep_files(
            Shelf(found.files, lambda: None), request.user, [form.cleaned_data["file"]], unclassified=True
        )
        if kept:
            desk.issue(found, request.user, list(form.cleaned_data["departments"]))
    for error in upload_errors:
        form.add_error("file", error.text)
    if not kept:
        return _page(request, found, form, status=422)
    messages.success(request, f"{found.issue_words}已印发，有关单位可以下载。")
    return redirect("reform:bulletin", pk)


@require_safe
def issued_file(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    found = _find(request, pk).file
    if found is None:
        raise Http404
    return sent(request, found)  # type: ignore[return-value]


@require_safe
def figure(request: AuthenticatedRequest, pk: int, name: str) -> HttpResponse:
    """The rows behind a figure, as they were when the draft was made."""
    found = _find(request, pk)
    source = found.sources.get(name)
    if source is None:
        raise Http404
    narrowing = {part: parse_pk(request.GET[part]) for part in ("department", "domain") if part in request.GET}
    rows = sources.rows_of(source, request.user, **narrowing)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    unit = Department.objects.filter(pk=narrowing["department"]).first() if "department" in narrowing else None
    context = {
        "bulletin": found,
        "label": source["label"],
        "unit": unit,
        "whole": None if narrowing or request.user.is_office_reviewer else len(source["ids"]),
        "page_obj": page,
        "rows": sources.shown(source, page.object_list),
    }
    return render(request, "reform/bulletins/figure.html", context)


# --- Word templates -----------------------------------------------------------------------------


@require_safe
def templates(request: AuthenticatedRequest) -> HttpResponse:
    office_only(request)
    return _templates(request)


def _templates(request: AuthenticatedRequest, refused: tuple[str, TemplateForm] | None = None) -> HttpResponse:
    in_use = {found.kind: found for found in WordTemplate.objects.current().select_related("uploader")}
    rows = [
        {
            "kind": kind,
            "label": label,
            "replaced": in_use.get(kind),
            "places": documents.places(kind),
            "form": refused[1] if refused and refused[0] == kind else TemplateForm(check=None, prefix=kind),
        }
        for kind, label in WordTemplate.Kind.choices
    ]
    return render(request, "reform/bulletins/templates.html", {"rows": rows}, status=422 if refused else 200)


def _kind(kind: str) -> str:
    if kind not in WordTemplate.Kind.values:
        raise Http404
    return kind


@require_safe
def template_file(request: AuthenticatedRequest, kind: str) -> HttpResponse:
    """The template in use."""
    office_only(request)
    with documents.template(_kind(kind)) as file:
        return as_download(request.user, file.read(), f"{WordTemplate.Kind(kind).label}模板.docx")


@require_POST
@takes_files(_is_office)
def template_replace(request: AuthenticatedRequest, kind: str) -> HttpResponse:
    office_only(request)
    check = partial(documents.checked_template, kind=_kind(kind))
    form = TemplateForm(request.POST, request.FILES, check=check, prefix=kind)
    if not form.is_valid():
        return _templates(request, (kind, form))
    replaced = WordTemplate.objects.filter(kind=kind)
    shelf = Shelf(_Replaced(kind), lambda: None)
    kept, upload_errors = keep_files(shelf, request.user, [form.cleaned_data["file"]], unclassified=True)
    for error in upload_errors:
        form.add_error("file", error.text)
    if not kept:
        return _templates(request, (kind, form))
    for earlier in replaced.current().exclude(pk=kept[0].pk):
        earlier.remove(request.user)
    messages.success(request, f"{WordTemplate.Kind(kind).label}模板已更换。")
    return redirect("reform:word_templates")


class _Replaced:
    """Where the templates of a kind are kept (see workflow.files.Shelf)."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def current(self):
        return WordTemplate.objects.current().filter(kind=self.kind)

    def create(self, **fields):
        return WordTemplate.objects.create(kind=self.kind, **fields)


@require_POST
def template_restore(request: AuthenticatedRequest, kind: str) -> HttpResponse:
    """Back to ours."""
    office_only(request)
    for found in WordTemplate.objects.current().filter(kind=_kind(kind)):
        found.remove(request.user)
    messages.success(request, f"{WordTemplate.Kind(kind).label}已恢复原模板。")
    return redirect("reform:word_templates")
