"""The rows of a ledger: a page has a thousand cells, which a loop in a template takes longer for than their queries."""

from html import escape

from django import template
from django.utils.safestring import SafeString

from reform.ledgers.base import Column

register = template.Library()

LONGEST = 14  # letters that stay in one line


@register.simple_tag
def ledger_cells(url: str, cells: list[tuple[Column, str]]) -> SafeString:
    """One row: `cells` are its columns with their texts, of which one leads to `url`."""
    return SafeString("\n".join([f"{column.cell}{_content(column, text, url)}</td>" for column, text in cells]))


def _content(column: Column, text: str, url: str) -> str:
    written = escape(text)
    if column.leads:
        return f'<a class="row-link" href="{escape(url)}">{written}</a>'
    return f'<span class="clamp" title="{written}">{written}</span>' if len(text) > LONGEST else written
