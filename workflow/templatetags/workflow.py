"""What lists and timelines ask of records and times."""

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html

from accounts import clock
from accounts.models import User
from workflow import rules
from workflow.models import Record

register = template.Library()


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
