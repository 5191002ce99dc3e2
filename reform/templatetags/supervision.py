"""What a page of a record or a plan shows of supervision."""

from django import template

from accounts.compiled_queries import compiled_first, compiled_rows
from reform.models import CoordinationRequest, SupervisionMatter
from reform.models.coordination_request import problem_text
from reform.supervision.coordination import may_raise
from workflow import rules

register = template.Library()


@register.inclusion_tag("reform/supervision/_raised.html", takes_context=True)
def supervision_of_record(context, record):
    """The problem of a record: the button that raises it, and what came of it."""
    user = context["user"]
    if record.pk is None or not problem_text(record):
        return {}
    sees_request = rules.may_see_history(record, user)
    raised = compiled_first("raised", (), _raised, source=record.pk)
    matters = compiled_rows("matters of a record", (), _matters, user=user, source=record.pk)
    return {
        "record": record,
        "raised": raised if sees_request else None,
        "matters": matters,
        "may_raise": raised is None and may_raise(record, user),
        "csrf_token": context.get("csrf_token"),
    }


def _raised(source):
    return CoordinationRequest.objects.filter(source=source).select_related("matter")


def _matters(user, source):
    return SupervisionMatter.objects.visible_to(user).with_standing().of_problem(source)


@register.simple_tag(takes_context=True)
def matters_of_plan(context, plan):
    """The 督办事项 that came from the plan or from its updates, as far as this person may see them."""
    return compiled_rows("matters of a plan", (), _matters_of_plan, user=context["user"], plan=plan.pk)


def _matters_of_plan(user, plan):
    return SupervisionMatter.objects.visible_to(user).with_standing().filter(plan=plan).select_related("department")
