"""What lists and timelines ask of records and times."""

from django import template

from accounts import clock
from workflow import rules

register = template.Library()


@register.filter
def shows_history_to(record, user):
    return rules.may_see_history(record, user)


@register.filter
def waited(since):
    """How long ago that was: 1 天 4 小时, 3 小时, 5 分钟."""
    minutes = max(0, int((clock.now() - since).total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    return f"{hours} 小时" if hours else f"{minutes} 分钟"
