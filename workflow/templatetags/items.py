"""逐项退回: ticks beside the content of a record, and what was said of it (see views/items.py)."""

from typing import Any

from django import template
from django.template import Context

from workflow.changes import Branch, Leaf

register = template.Library()


@register.inclusion_tag("workflow/_tick.html", takes_context=True)
def tick(context: Context, what: Branch | Leaf | str, shown: str = "") -> dict[str, Any]:
    """The box before a part of the content (or before an address), where the person may send it back by itself; `shown`
    stands beside it.
    """
    return _of_item(context, what) | {"shown": shown}


@register.inclusion_tag("workflow/_item_words.html", takes_context=True)
def item_words(context: Context, what: Branch | Leaf | str) -> dict[str, Any]:
    """Where the reviewer says what is wrong with a part, and what was said of it the last time."""
    return _of_item(context, what)


@register.inclusion_tag("workflow/_item.html", takes_context=True)
def item(context: Context, what: Branch | Leaf | str, shown: str) -> dict[str, Any]:
    """A part named apart from its content: its box, or what was said of it; nothing where there is neither."""
    return _of_item(context, what) | {"shown": shown}


@register.inclusion_tag("workflow/_entry.html", takes_context=True)
def entry(context: Context, label: str, what: Branch | Leaf | str, kind: str = "") -> dict[str, Any]:
    """A named part of a list of facts, unless the page does without it; `kind` "prose" keeps lines."""
    return _values(context) | {"label": label, "what": what, "kind": kind, "is_there": what != ""}


@register.simple_tag(takes_context=True)
def has_items(context: Context, *parts: Branch | Leaf | str | list[Branch]) -> bool:
    """Whether any of these parts (or of the rows of a list) can be ticked, or was sent back."""
    values = _values(context)
    names, opened = values.get("item_names", {}), values.get("opened")
    places = [_place(one) for part in parts for one in (part if isinstance(part, list) else [part])]
    return any(place in names or (opened and opened.at(place)) for place in places)


@register.simple_tag(takes_context=True)
def ticked_class(context: Context, what: Branch | Leaf | str) -> str:
    return "is-ticked" if _place(what) in _values(context).get("ticked", {}) else ""


def _of_item(context: Context, what: Branch | Leaf | str) -> dict[str, Any]:
    place, values = _place(what), _values(context)
    ticked, opened = values.get("ticked", {}), values.get("opened")
    return {
        "place": place,
        "name": values.get("item_names", {}).get(place),
        "form": values.get("tick_form", ""),
        "is_ticked": place in ticked,
        "words": ticked.get(place, ""),
        "items": opened.at(place) if opened else [],
    }


def _values(context: Context) -> dict[str, Any]:
    return context.flatten()  # type: ignore[return-value]  # names are texts


def _place(what: Branch | Leaf | str) -> str:
    return what if isinstance(what, str) else what.address
