"""Filling in edit pages as a browser does, and what is kept of it."""

from django.urls import reverse

from reform.forms import FORMS


def reloaded(record):
    """As the database has it."""
    return type(record).objects.get(pk=record.pk)


def fields_of(record, **changes):
    """All that the record's edit page would send now, hidden fields included, with some of it typed over."""
    record = reloaded(record)
    return typed_into(FORMS[type(record)](instance=record), **changes)


def typed_into(form, **changes):
    """All that the page of this form would send, with some of it typed over."""
    sent = {}
    for part in [form, *form.row_forms(), *(rows.management_form for rows in form.all_rows())]:
        for field in part:
            value = field.value()
            if value is not None and value is not False and not field.field.disabled:
                sent[field.html_name] = "on" if value is True else value if isinstance(value, list) else str(value)
    return sent | {name.replace("__", "-"): value for name, value in changes.items()}


def in_order(fields, prefix, numbers):
    """The fields with the rows of that prefix in another order, or fewer of them, as the page's script renames them."""
    places = {f"{prefix}-{number}": f"{prefix}-{place}" for place, number in enumerate(numbers)}
    moved = {f"{prefix}-TOTAL_FORMS": len(numbers)}
    for name, value in fields.items():
        row = "-".join(name.split("-")[: prefix.count("-") + 2])
        if row in places:
            moved[places[row] + name[len(row) :]] = value
        elif not (name.startswith(f"{prefix}-") and row.rpartition("-")[2].isdigit()):
            moved.setdefault(name, value)
    return moved


def send(client, record, fields, button="save", **headers):
    return client.post(reverse("editing:edit", args=[record.pk]), fields | {button: ""}, headers=headers)


def autosave(client, record, fields):
    return send(client, record, fields, "autosave", Accept="application/json")
