"""What a reviewer sees beside the content of a record that waits."""

from django import template

from reform.maps.review import figures_of, pictures_of
from reform.reporting.review_time import overdue_before
from workflow.states import UNDER_REVIEW

register = template.Library()


@register.simple_tag(takes_context=True)
def review_figures(context, record):
    """{indicator id: Figures} of a target update, for reviewers while it waits."""
    return figures_of(record) if _is_reviewed(context, record) else {}


@register.inclusion_tag("reform/battlemap/_beside.html", takes_context=True)
def pictures_beside(context, record):
    """The picture of a map that waits, with last year's beside it."""
    if not _is_reviewed(context, record):
        return {}
    picture, before = pictures_of(record)
    return {"pictures": [picture, before] if before else [picture], "has_last_year": before is not None}


@register.simple_tag(takes_context=True)
def overdue_limit(context):
    """`overdue_before`, asked once for a page."""
    request = context["request"]
    if not hasattr(request, "overdue_limit"):
        request.overdue_limit = overdue_before()
    return request.overdue_limit


def _is_reviewed(context, record):
    return context["user"].is_reviewer and record.state in UNDER_REVIEW and "event" not in context
