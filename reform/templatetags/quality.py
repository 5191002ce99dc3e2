"""What the pages of a record show of 数据提示."""

from django import template

from reform.quality.checklist import came_back_for
from reform.quality.map_checkup import advice_on
from reform.quality.records import hints_of as hints_of_records
from reform.quality.shown import by_subject
from reform.quality.texts import repeated_texts
from workflow import rules
from workflow.states import UNFINISHED

register = template.Library()


@register.simple_tag(takes_context=True)
def hints_of(context, record):
    """{subject: its hints together}, for the people of both levels; an earlier submission and partners show none."""
    user = context["user"]
    if not _shows(context, record):
        return {}
    return by_subject(hints_of_records([record], for_office=user.is_office_reviewer).get(record.pk, []))


@register.filter
def about(found, subject):
    """The hints about that subject: its key, as it is or from the content of a record."""
    return found.get(str(getattr(subject, "now", subject)))


@register.inclusion_tag("reform/_repeats.html", takes_context=True)
def repeats_of(context, record):
    """文字比对, for the people of both levels, until the record is settled."""
    shows = _shows(context, record) and record.state in UNFINISHED
    return {"repeats": repeated_texts(record, context["user"]) if shows else []}


@register.inclusion_tag("reform/_checkup.html")
def checkup_of(record):
    """作战图体检."""
    return {"advice": advice_on(record) if record.version else None}


@register.inclusion_tag("reform/_checklist.html")
def checklist_of(record):
    """驳回变清单, over the form of a record."""
    return {"reasons": came_back_for(record)}


def _shows(context, record):
    return record.pk is not None and "event" not in context and rules.may_see_history(record, context["user"])
