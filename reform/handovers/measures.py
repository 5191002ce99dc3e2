"""The measures in which a department has a part, on maps and in unfinished applications to change them."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.models import Department
from accounts.revisions import keep
from reform.models import Measure, MeasureIteration
from reform.models.measure import keep_partners
from workflow.states import SETTLED

PROJECT: dict[Any, str] = {Measure: "battle_map__dossier", MeasureIteration: "dossier"}  # the way to it


def with_part_of(department: Department):
    """Querysets of those which it leads, or assists in; what is settled of applications keeps what it said."""
    for model in PROJECT:
        named = model.objects.filter(Q(lead=department) | Exists(_links(model).filter(department=department)))
        yield named.order_by() if model is Measure else named.unfinished().order_by()


def hand_over(projects: list[int], source: Department, target: Department) -> None:
    """In the place of the source its successor, once that has taken its place in these projects."""
    settled = Measure.objects.filter(battle_map__dossier__in=projects, battle_map__state__in=SETTLED)
    for named in with_part_of(source):
        own = named.filter(**{f"{PROJECT[named.model]}__in": projects})
        keys = list(own.values_list("pk", flat=True))
        rows = named.model.objects.filter(pk__in=keys)
        rows.filter(lead=source).update(lead=target)
        _replace_partner(rows, source, target)
    for model in PROJECT:
        _drop_partners_who_lead(model, projects, target)
    keep(settled)  # a draft has no past
    keep_partners(list(settled.values_list("pk", flat=True)))


def _links(model):
    return model.partners.through.objects.filter(**{model._meta.model_name: OuterRef("pk")})


def _replace_partner(rows, source, target):
    name, links = rows.model._meta.model_name, rows.model.partners.through.objects
    known = links.filter(department=target).values(name)
    own = links.filter(department=source, **{f"{name}__in": rows.values("pk")})
    own.filter(**{f"{name}__in": known}).delete()
    own.update(department=target)


def _drop_partners_who_lead(model, projects, target):
    """Nobody assists in what they lead: by name, or as 责任单位 of the project."""
    name, project = model._meta.model_name, PROJECT[model]
    leads = Q(lead=target) | Q(lead=None, **{f"{project}__department": target})
    led = model.objects.filter(leads, **{f"{project}__in": projects})
    if model is MeasureIteration:
        led = led.unfinished()
    model.partners.through.objects.filter(department=target, **{f"{name}__in": led.values("pk")}).delete()
