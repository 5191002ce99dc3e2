"""What lists and timelines ask of records and times."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts import clock
from accounts.models import User
from workflow import formats, rules
from workflow.models import Record

register = template.Library()
register.filter(formats.short_day)
register.filter(formats.short_time)


@register.simple_tag
def chip(label: Any, tint: str = "") -> str:
    """A word in its colour. A tag, since lists have many of them and an included template takes ten times as long."""
    return format_html('<span class="chip chip-{}">{}</span>', tint or "grey", label)


@register.simple_tag(takes_context=True)
def state(context: Context, record: Record) -> str:
    """What has become of the record, and 迟报 for those who may know."""
    shown = chip(record.get_state_display(), record.tint)
    if record.late and rules.may_see_history(record, context["user"]):
        return format_html("{} {}", shown, chip("迟报", "red"))
    return shown


@register.filter
def shows_history_to(record: Record, user: User) -> bool:
    return rules.may_see_history(record, user)


@register.filter
def waited(since: datetime) -> str:
    """How long ago that was: 1 天 4 小时, 3 小时, 5 分钟."""
    minutes = max(0, int((clock.now() - since).total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    return f"{hours} 小时" if hours else f"{minutes} 分钟"


DESK_ROW = """
          <li{current}>
            <input class="form-check-input" type="checkbox" name="record" value="{pk}:{version}" aria-label="选择 {of}">
            <a href="{address}{query}" data-fragment="{fragment}{query}"{aria}>
              <b>{heading}</b>
              <span>{dossier}</span>
              <small>{department} · 已停留 {waited}{overdue}</small>
            </a>
          </li>
        """


@register.simple_tag
def desk_rows(records: Iterable[Any], current: int, limit: datetime, query: str) -> SafeString:
    """The rows of _desk_list.html, forty of them beside each record that waits; since `limit` they are overdue."""
    address, fragment = (reverse(f"workflow:{name}", args=[0]).split("0") for name in ("record", "desk_record"))
    return format_html_join(
        "",
        DESK_ROW,
        (
            {
                "current": mark_safe(' class="is-current"') if record.pk == current else "",
                "pk": record.pk,
                "version": record.version,
                "of": f"{record.dossier.name} {record.heading}",
                "dossier": record.dossier.name,
                "heading": record.heading,
                "address": str(record.pk).join(address),
                "fragment": str(record.pk).join(fragment),
                "query": query,
                "aria": mark_safe(' aria-current="true"') if record.pk == current else "",
                "department": record.department.name,
                "waited": waited(record.waiting_since),
                "overdue": mark_safe(' <span class="bad">逾期未审</span>') if record.waiting_since < limit else "",
            }
            for record in records
        ),
    )
