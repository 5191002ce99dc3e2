"""What the pages of a record show of 数据提示."""

from django import template

from reform.quality.records import hints_of as hints_of_records
from reform.quality.shown import by_subject
from workflow import rules

register = template.Library()


@register.simple_tag(takes_context=True)
def hints_of(context, record):
    """{subject: its hints together}, for the people of both levels; an earlier submission and partners show none."""
    user = context["user"]
    if record.pk is None or "event" in context or not rules.may_see_history(record, user):
        return {}
    return by_subject(hints_of_records([record], for_office=user.is_office_reviewer).get(record.pk, []))


@register.filter
def about(found, subject):
    """The hints about that subject: its key, as it is or from the content of a record."""
    return found.get(str(getattr(subject, "now", subject)))
