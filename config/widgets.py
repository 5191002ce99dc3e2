"""Form fields as HTML without templates: a map's page has hundreds, and spent most of its time in them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

Shown = Mapping[str, Any]  # what Django's own templates know as `widget`

INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox", "file")
FIELD, ERRORS = "django/forms/field.html", "django/forms/errors/list/default.html"

MANY = 6  # more choices than this stand in columns
LONG, WIDE = 9, 20  # characters of the longest label that make the columns wider

register = template.Library()


class Renderer(TemplatesSetting):
    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if template_name == ERRORS and not context["errors"]:
            return ""  # of nearly every field
        if template_name == FIELD:
            return _field(context["field"])
        if draw := DRAWN.get(template_name):
            return draw(context["widget"])
        rendered: str = super().render(template_name, context, request)
        return rendered


def _field(field: Any) -> str:
    """A field with its label, what helps to fill it in, what was said of it when it was opened, and its errors."""
    bad = " has-errors" if field.errors else ""
    must = _must() if field.field.required or getattr(field.field, "is_must", False) else ""
    about = field.help_text
    help_text = f'<div class="help" id="{_text(field.auto_id)}_helptext">{about}</div>' if about else ""
    items = getattr(field.field, "opened_items", None)
    opened = render_to_string("workflow/_opened.html", {"items": items}) if items else ""
    below = f"{opened}\n{field.errors if bad else ''}"
    label, of = _text(field.label or ""), f'for="{_text(field.id_for_label)}"'
    if field.use_fieldset:
        described = _attribute("aria-describedby", field.aria_describedby) if field.aria_describedby else ""
        legend = f"<legend>{label}{must}</legend>" if label else ""
        return f'<fieldset class="field{bad}"{described}>\n{legend}\n{help_text}\n{field}\n{below}\n</fieldset>'
    if getattr(field.field.widget, "input_type", "") == "checkbox":
        check = f'<div class="form-check">{field} <label class="form-check-label" {of}>{label}</label></div>'
        return f'<div class="field field-check{bad}">\n{check}\n{help_text}\n{below}\n</div>'
    shown = f"<label {of}>{label}{must}</label>" if label else ""
    return f'<div class="field{bad}">\n{shown}\n{help_text}\n{field}\n{below}\n</div>'


@lru_cache(maxsize=1)
def _must() -> str:
    return render_to_string("partials/must.html")


@register.filter
def attributes(widget: Shown) -> SafeString:
    """Those of the element itself, with Bootstrap's class for what it is."""
    attrs, kind = widget["attrs"], widget.get("type")
    own = "form-control" if widget.get("optgroups") is None else "form-select"
    if kind in ("checkbox", "radio"):
        own = "form-check-input"
    elif kind in ("hidden", "select"):
        own = ""
    if classes := " ".join(filter(None, (own, attrs.get("class")))):
        attrs = {"class": classes} | {name: value for name, value in attrs.items() if name != "class"}
    return SafeString("".join([_attribute(name, value) for name, value in attrs.items() if value is not False]))


def _attribute(name: str, value: object) -> str:
    return f" {name}" if value is True else f' {name}="{_text(value)}"'


def _text(value: object) -> str:
    text = str(value)
    return text if isinstance(text, SafeString) else escape(text)


def _input(widget: Shown) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{_text(widget["name"])}"{value}{attributes(widget)}>'


def _textarea(widget: Shown) -> str:
    return f'<textarea name="{_text(widget["name"])}"{attributes(widget)}>\n{_text(widget["value"] or "")}</textarea>'


def _select(widget: Shown) -> str:
    groups = "".join([_group(group, options) for group, options, _ in widget["optgroups"]])
    return f'<select name="{_text(widget["name"])}"{attributes(widget)}>\n{groups}</select>'


def _group(group: str | None, options: list[Shown]) -> str:
    drawn = "".join([_option(option) for option in options])
    return f'<optgroup label="{_text(group)}">\n{drawn}</optgroup>\n' if group else drawn


def _option(option: Shown) -> str:
    attrs = "".join([_attribute(name, value) for name, value in option["attrs"].items() if value is not False])
    return f'<option value="{_text(option["value"])}"{attrs}>{_text(option["label"])}</option>\n'


def _choices(widget: Shown) -> str:
    attrs = widget["attrs"]
    shown = [option for _, options, _ in widget["optgroups"] for option in options]
    classes = " ".join(filter(None, ("choices", _columns(shown), attrs.get("class"))))
    # A link of a list of problems leads to the group, so that it takes the focus.
    own = _attribute("class", classes) + (f'{_attribute("id", attrs["id"])} tabindex="-1"' if attrs.get("id") else "")
    drawn = "".join([_choice(option) for option in shown])
    return f"<div{own}>\n{drawn}</div>"


def _columns(options: list[Shown]) -> str:
    if len(options) <= MANY:
        return ""
    longest = max(len(str(option["label"])) for option in options)
    return "is-many is-wide" if longest > WIDE else "is-many is-long" if longest > LONG else "is-many"


def _choice(option: Shown) -> str:
    of = _attribute("for", option["attrs"]["id"]) if option["attrs"].get("id") else ""
    return f'<label class="choice"{of}>{_input(option)}<span>{_text(option["label"])}</span></label>\n'


DRAWN: dict[str, Callable[[Shown], str]] = {
    **{f"django/forms/widgets/{kind}.html": _input for kind in INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/checkbox_select.html": _choices,
    "django/forms/widgets/radio.html": _choices,
}
