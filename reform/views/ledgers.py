"""The ledgers: on the screen, and as .xlsx."""

from tempfile import TemporaryFile

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.addresses import client_address
from reform.excel import CONTENT_TYPE
from reform.fillable import sheet_of
from reform.forms.ledger import LedgerForm
from reform.ledgers import LEDGERS, Extract
from reform.ledgers.base import PAGE_SIZE
from reform.ledgers.workbook import write
from reform.models import LedgerExport

PROGRESS = "application/x-progress"  # what static/js/ledger.js asks for
BLOCK = 64 * 1024


@require_safe
def ledgers(request):
    """All of them, with a line on each."""
    if not request.user.reads_records:
        raise Http404
    return render(request, "reform/ledgers.html", {"ledgers": LEDGERS})


@require_safe
def ledger(request, name):
    """One ledger, narrowed, sorted and paged by the query."""
    return ledger_page(request, *extract_or_404(request, name))


@require_POST
def export(request, name):
    """The same rows as a file; with its progress, where the page's script asks for it."""
    form, extract = extract_or_404(request, name)
    total = extract.count()
    if form.errors:
        return ledger_page(request, form, extract, refusal="查询条件有误，请修改后再导出。", status=422)
    if total > settings.LEDGER_EXPORT_MAX_ROWS:
        return ledger_page(request, form, extract, refusal=_too_many(total), status=422)
    if request.headers.get("Accept") == PROGRESS:
        response = StreamingHttpResponse(_with_progress(request, extract), content_type=PROGRESS)
        response["X-Accel-Buffering"] = "no"  # a proxy that collects the answer would hide the progress
        return response
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    *_, rows = write(extract, file)
    _register(request, extract, rows)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_file_name(extract), content_type=CONTENT_TYPE)


def _with_progress(request, extract):
    """How many rows are done, a line each time; after an empty line, the file."""
    with TemporaryFile() as file:
        rows = 0
        for rows in write(extract, file):
            yield f"{rows}\n".encode()
        _register(request, extract, rows)
        yield b"\n"
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def _register(request, extract, rows):
    LedgerExport.register(
        request.user,
        client_address(request),
        ledger=extract.ledger.label,
        as_of=extract.as_of.at,
        conditions="；".join(extract.conditions),
        rows=rows,
    )


def ledger_page(request, form, extract, *, refusal="", status=200):
    paginator = Paginator(extract, PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    rows = extract.numbered(page.object_list, page.start_index())
    cells = ([(column, column.text(column.of(row))) for column in extract.columns] for row in rows)
    lines = list(zip(extract.ledger.urls(page.object_list), cells, strict=True))
    too_many = _too_many(paginator.count) if paginator.count > settings.LEDGER_EXPORT_MAX_ROWS else ""
    context = {
        "ledger": extract.ledger,
        "ledgers": LEDGERS,
        "extract": extract,
        "form": form,
        "heads": list(_heads(extract)),
        "lines": lines,
        "page_obj": page,
        "nothing_yet": f"{form.opens_on}年度的台账里还没有内容。",
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "file_name": _file_name(extract),
        "too_many": too_many,
        "refusal": refusal,
    }
    if request.user.is_clerk and extract.as_of.is_now and (sheet := sheet_of(extract.ledger)):
        context |= {"sheet": sheet, "sheet_words": sheet.words(extract)}
    return render(request, "reform/ledger.html", context, status=status)


def _heads(extract):
    """Each column with what a click on its header sorts by ("" for none), and how it is sorted now."""
    names = {column.label: name for name, column in extract.ledger.sortable.items()}
    for column in extract.columns:
        name = names.get(column.label, "")
        order = {name: "ascending", f"-{name}": "descending"}.get(extract.sort, "") if name and extract.sort else ""
        yield column, f"-{name}" if order == "ascending" else name, order


def extract_or_404(request, name):
    """The form and the extract that the query asks for, for those whose navigation has the ledgers."""
    found = next((ledger for ledger in LEDGERS if ledger.name == name), None)
    if found is None or not request.user.reads_records:
        raise Http404
    form = LedgerForm(request.GET, ledger=found, user=request.user)
    return form, Extract(found, request.user, form, request.GET.get("sort", ""))


def _file_name(extract):
    return f"{extract.ledger.label}_{extract.as_of.day.isoformat()}.xlsx"


def _too_many(total):
    return f"共 {total} 行，超过一次导出的上限 {settings.LEDGER_EXPORT_MAX_ROWS} 行，请按年度、单位等条件分次导出。"
