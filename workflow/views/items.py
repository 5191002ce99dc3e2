"""逐项退回 on the record page: the ticks of who decides, and the view of what was sent back alone."""

from collections.abc import Collection, Iterable
from typing import Any

from django.http import HttpRequest

from workflow.changes import Branch, now_of
from workflow.forms import DecisionForm, ticked_items
from workflow.items import Opened, named_items
from workflow.models import Event, Record
from workflow.states import UNDER_REVIEW, State


def context(
    request: HttpRequest, shown: Record, content: Branch, decisions: Iterable[DecisionForm], events: Iterable[Event]
) -> dict[str, Any]:
    """What `templatetags/items.py` draws with, and the content as the page shows it."""
    form = next((form for form in decisions if form.action.takes_items), None)
    narrows = _narrows(shown, events)
    only = narrows and "whole" not in request.GET
    roots = {pattern.partition(".")[0] for pattern in shown.item_patterns}
    return {
        "tick_form": f"decide-{form.action.name}" if form else "",
        "item_names": named_items(shown.item_patterns, now_of(content)) if form else {},
        "ticked": ticked_items(request.POST),
        "opened": shown.opened,
        "narrows": narrows,
        "only": only,
        "content": _only_opened(content, shown.opened, roots) if only else content,
    }


def _narrows(shown: Record, events: Iterable[Event]) -> bool:
    """Whether who has it now knows all but what was sent back: the office does if it has had it before."""
    if shown.state not in UNDER_REVIEW or not shown.opened.items:
        return False
    sent_back = next(event for event in events if event.pk == shown.opened.since)
    return shown.state == State.SUBMITTED or sent_back.from_state == State.DEPT_APPROVED


def _only_opened(content: Branch, opened: Opened, roots: Collection[str]) -> Branch:
    """Without the fields and rows that were not sent back; a row of which a part was stays whole."""
    kept = Branch()
    kept.since, kept.is_same = content.since, content.is_same
    for key, part in content.items():
        if opened.along.get(key, key) not in roots:
            kept[key] = part
        elif opened.touches(opened.address("", key)):
            kept[key] = part if not isinstance(part, list) else [row for row in part if _is_about(row, opened)]
    return kept


def _is_about(row: Branch, opened: Opened) -> bool:
    return row.status != "kept" or opened.touches(row.address)
