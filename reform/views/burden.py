"""减负表 for the office: what each kind of record asks of people, on the screen and as .xlsx."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from reform.calendar import today
from reform.forms.burden import BurdenForm
from reform.ledgers.burden import BurdenExtract
from reform.reporting.burden import burdens_of_today

from .workbooks import workbook


@require_safe
def burden(request):
    form, extract = _form_and_extract(request)
    context = {"form": form, "extract": extract, "lines": extract.lines(), "is_narrowed": bool(request.GET)}
    return render(request, "reform/burden.html", context)


@require_POST
def export(request):
    """The same rows as a file."""
    form, extract = _form_and_extract(request)
    name = f"{extract.label}_{today().isoformat()}.xlsx"
    return workbook(request, extract.write, name=name, ledger=extract.label, conditions="；".join(form.conditions))


def _form_and_extract(request):
    if not request.user.is_office_reviewer:
        raise Http404
    form = BurdenForm(request.GET)
    at, found = burdens_of_today(form.chosen_year)
    chosen = form.chosen_kinds
    return form, BurdenExtract([one for one in found if not chosen or one.kind in chosen], form.conditions, at)
