"""What lists and timelines ask of records and times."""

from datetime import datetime

from django import template

from accounts import clock
from accounts.models import User
from workflow import rules
from workflow.models import Record

register = template.Library()


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
