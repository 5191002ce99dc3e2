"""亮灯规则: the thresholds, and what another choice would change."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.audit.entries import Action
from accounts.audit.writing import write
from reform.calendar import today
from reform.forms.light_rule import LightRuleForm
from reform.lights import Light, facts_for, project_light
from reform.models import LightRule, Project


@dataclass(frozen=True)
class Change:
    project: Project
    before: Light
    after: Light


@require_http_methods(["GET", "POST"])
def light_rule(request):
    """For the office: `preview` shows which projects would change colour, `save` saves."""
    if not request.user.is_office_reviewer:
        raise Http404
    form = LightRuleForm(request.POST or None, instance=LightRule.current())
    if request.method == "GET":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    if "save" not in request.POST:
        return _page(request, form, changes=_changes(form.instance))
    if found := _save(request.user, form):
        refusal = f"亮灯规则刚刚被修改为“{found}”，您填写的内容还在，请核对后再保存。"
        form.data = form.data.copy()
        form.data["known"] = found.token
        return _page(request, form, changes=_changes(form.instance), refusal=refusal, status=409)
    messages.success(request, "亮灯规则已保存，各项目按新规则亮灯。")
    return redirect("reform:light_rule")


@transaction.atomic
def _save(user, form):
    """Saves, with an entry in the log; returns the rule as it is instead, if it is not the one that was shown."""
    LightRule.objects.get_or_create(pk=1)
    before = LightRule.objects.select_for_update().get(pk=1)
    if form.cleaned_data["known"] != before.token:
        return before
    rule = form.save()
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(LightRule),
        object_id=rule.pk,
        object_repr=rule._meta.verbose_name,
        action_flag=CHANGE,
        change_message=f"{before} → {rule}",
    )
    write(user, Action.CHANGE, rule._meta.verbose_name, before={"规则": before}, after={"规则": rule})
    return None


def _changes(rule):
    """The projects whose light that rule would change, the most urgent first."""
    facts = facts_for(Project.objects.filter(closed_at=None), today())
    current = LightRule.current()
    lights = {pk: (project_light(found, current), project_light(found, rule)) for pk, found in facts.items()}
    changed = {pk: pair for pk, pair in lights.items() if pair[0].colour != pair[1].colour}
    projects = Project.objects.filter(pk__in=changed).select_related("department")
    found = [Change(project, *changed[project.pk]) for project in projects]
    return sorted(found, key=lambda change: change.after.risk)


def _page(request, form, *, changes=None, refusal="", status=200):
    log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(LightRule))
    context = {
        "form": form,
        "rule": LightRule.current(),
        "changes": changes,
        "refusal": refusal,
        "log": log.select_related("user__department")[:10],
    }
    return render(request, "reform/light_rule.html", context, status=status)
