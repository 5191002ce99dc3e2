"""The rows of a ledger: a page has a thousand cells, which a loop in a template takes longer for than their queries."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reform.ledgers.base import Column

register = template.Library()

CELL = '<td data-label="{}" class="{}">{}</td>'
LINK = '<a class="row-link" href="{}">{}</a>'
CLAMPED = '<span class="clamp" title="{}">{}</span>'
LONGEST = 14  # letters that stay in one line


@register.simple_tag
def ledger_cells(url: str, cells: list[tuple[Column, str]]) -> SafeString:
    """One row: `cells` are its columns with their texts, of which one leads to `url`."""
    return format_html_join(
        "\n", CELL, ((column.label, column.classes, _content(column, text, url)) for column, text in cells)
    )


def _content(column: Column, text: str, url: str) -> str:
    if column.leads:
        return format_html(LINK, url, text)
    return format_html(CLAMPED, text, text) if len(text) > LONGEST else text
