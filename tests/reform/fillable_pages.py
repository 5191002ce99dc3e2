"""Sheets to fill in, as clerks take them along and bring them back."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

FIRST = 3  # the first row with something to fill in


def taken(client, ledger, query="year=2026"):
    answer = client.post(f"/ledgers/{ledger}/sheet/?{query}")
    assert answer.status_code == 200, answer.context["refusal"]
    return load_workbook(BytesIO(answer.content))


def column(page, heading):
    return next(cell.column for cell in page[1] if cell.value == heading)


def fill(book, row=FIRST, **cells):
    for heading, text in cells.items():
        cell = book.active.cell(row, column(book.active, heading))
        cell.value = text
        if isinstance(text, str):
            cell.data_type = "s"
    return book


def open_headings(page, row=FIRST):
    return [cell.value for cell in page[1] if not page.cell(row, cell.column).protection.locked]


def saved(book):
    stream = BytesIO()
    book.save(stream)
    return SimpleUploadedFile("填报表.xlsx", stream.getvalue())


def bring(client, ledger, book):
    """The preview, or the page that says what is wrong."""
    return client.post(f"/ledgers/{ledger}/import/", {"file": saved(book)}, follow=True)


def confirm(client, ledger, shown):
    answer = {"token": shown.context["preview"].token}
    return client.post(f"/ledgers/{ledger}/import/preview/", answer, follow=True)


def changes(shown):
    assert "preview" in shown.context, shown.context.get("problems")
    return [
        (change.label, change.old, change.new) for row in shown.context["preview"].changed for change in row.changes
    ]


def complaints(answer):
    assert answer.status_code == 422
    return "\n".join(answer.context["problems"])


def said(answer):
    return " ".join(str(message) for message in answer.context["messages"])
