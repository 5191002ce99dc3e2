"""粘贴表格: a preview of what a table says, cell by cell; 采用 puts it into the form of the map."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from reform.forms.map_table import TableForm
from reform.tables.headings import BY_MONTH, BY_POSITION, DETAILS, LABELS, PLAN
from workflow import rules
from workflow.editing.rows import MOST_ROWS, MOST_ROWS_IN_ALL, count_rows

from .map_drafts import project_and_draft


@require_http_methods(["GET", "POST"])
def map_table(request, pk, year):
    """Takes a pasted table and shows it as it was understood; nothing is saved here."""
    project, record = project_and_draft(request, pk, year)
    if not rules.may_edit(record, request.user):
        raise Http404
    form = TableForm(request.POST if request.method == "POST" else None, record=record)
    context = {
        "kind_name": record._meta.model_name,
        "record": record,
        "project": project,
        "form": form,
        "address": _edit_address(record),
    }
    if form.is_bound and form.is_valid():
        context |= _preview(form)
    return render(request, "reform/map_table.html", context, status=422 if form.errors else 200)


def _edit_address(record):
    if record.pk:
        return reverse("editing:edit", args=[record.pk])
    return reverse("editing:new", args=["battlemap", f"{record.dossier_id}-{record.year}"])


def _preview(form):
    table = form.understood
    data = form.form_data()
    lists = [int(value) for name, value in data.items() if name.endswith("-TOTAL_FORMS")]
    return understood(table, {number: ("split", number) for number in range(len(table.measures))}, form.split) | {
        "problems": len(table.problems),
        "too_many": count_rows(data) > MOST_ROWS_IN_ALL or max(lists) > MOST_ROWS,
        "most_rows": MOST_ROWS_IN_ALL,
    }


def understood(table, ticks, split):
    """What reform/map_table/_understood.html shows of a table (MapTable).

    `ticks`: {number of a measure: (name, value) of the choice whether it is split}; `split` are those chosen.
    """
    return {
        "table": table,
        "months": [LABELS[name] for name in BY_MONTH],
        "indicators": [_indicator(indicator) for indicator in table.indicators],
        "measures": [
            _measure(measure, ticks[number]) | {"is_split": number in split}
            for number, measure in enumerate(table.measures)
        ],
        "ignored": table.ignored,
    }


def _indicator(indicator):
    return {
        "own": [indicator[name] for name in BY_POSITION[:3]],
        "months": [indicator[name] for name in BY_MONTH],
        "details": [(LABELS[name], indicator[name]) for name in DETAILS if indicator[name].text],
        "total": indicator.total,
        "is_even": indicator.is_even,
        "problems": _problems(indicator),
    }


def _measure(measure, tick):
    return {
        "tick": dict(zip(("name", "value"), tick, strict=True)),
        "content": measure["measure"],
        "lead": measure["lead"],
        "partners": measure["partners"],
        "pieces": measure.pieces,
        "problems": _problems(measure),
        "plans": [{name: plan[name] for name in PLAN} | {"problems": _problems(plan)} for plan in measure.plans],
    }


def _problems(read):
    return [(LABELS[name], cell) for name, cell in read.cells.items() if cell.problem]
