"""减负表 for the office: what each kind of record asks of people, on the screen and as .xlsx."""

from tempfile import TemporaryFile

from django.http import FileResponse, Http404
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.addresses import client_address
from reform.calendar import today
from reform.excel import CONTENT_TYPE
from reform.forms.burden import BurdenForm
from reform.ledgers.burden import BurdenExtract
from reform.models import LedgerExport
from reform.reporting.burden import burdens


@require_safe
def burden(request):
    form, extract = _asked(request)
    context = {"form": form, "extract": extract, "lines": extract.lines(), "is_narrowed": bool(request.GET)}
    return render(request, "reform/burden.html", context)


@require_POST
def export(request):
    """The same rows as a file."""
    form, extract = _asked(request)
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    LedgerExport.register(
        request.user,
        client_address(request),
        ledger=extract.ledger.label,
        as_of=clock.now(),
        conditions="；".join(form.conditions),
        rows=extract.write(file),
    )
    file.seek(0)
    name = f"{extract.ledger.label}_{today().isoformat()}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


def _asked(request):
    if not request.user.is_office_reviewer:
        raise Http404
    form = BurdenForm(request.GET)
    return form, BurdenExtract(burdens(form.chosen_year, form.chosen_kinds), form.conditions, clock.now())
