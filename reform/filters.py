"""Narrowing the list of projects."""

import django_filters
from django.db.models import Exists, OuterRef

from accounts.compiled_queries import compiled_rows
from accounts.listing import UNKNOWN, containing, offer
from accounts.models import Department
from workflow.states import STANDING_CHOICES

from .models import BattleMap, Domain, Mandate, Project, Stage, TaskForce
from .models.project import CLOSED_STAGES

NOT_DRAWN = "none"


def maps_of(user, year):
    """This year's, as far as this person may see them."""
    return BattleMap.objects.visible_to(user).of_kind().standing().filter(year=year)


def _leaders(user):
    return Project.objects.visible_to(user).order_by("lead_leader").values_list("lead_leader", flat=True).distinct()


def _departments(user):
    return Department.objects.filter(pk__in=Project.objects.visible_to(user).values("department"))


class ProjectFilter(django_filters.FilterSet):
    """By words, base info and the state of the year's map, as far as this person may see it."""

    q = django_filters.CharFilter(label="项目名称、编号", method="search")
    stage = django_filters.ChoiceFilter(
        label="所处阶段", choices=Stage.choices, empty_label="全部在办", error_messages=UNKNOWN
    )
    domain = django_filters.ModelChoiceFilter(
        label="改革领域", queryset=Domain.objects.all(), empty_label="全部领域", error_messages=UNKNOWN
    )
    leader = django_filters.ChoiceFilter(
        label="领衔市领导", field_name="lead_leader", empty_label="全部市领导", error_messages=UNKNOWN
    )
    department = django_filters.ModelChoiceFilter(
        label="责任单位", queryset=Department.objects.all(), empty_label="全部单位", error_messages=UNKNOWN
    )
    mandate = django_filters.ChoiceFilter(
        label="牵引来源", choices=Mandate.choices, empty_label="全部来源", error_messages=UNKNOWN
    )
    task_force = django_filters.ModelChoiceFilter(
        label="专项小组", queryset=TaskForce.objects.all(), empty_label="全部小组", error_messages=UNKNOWN
    )
    state = django_filters.ChoiceFilter(
        label="本年度作战图",
        choices=[(NOT_DRAWN, "未绘制"), *STANDING_CHOICES],
        empty_label="全部状态",
        error_messages=UNKNOWN,
        method="by_map",
    )

    hides_ended = True

    class Meta:
        model = Project
        fields: list[str] = []

    def __init__(self, data, queryset, *, user, year):
        super().__init__(data, queryset)
        self.user, self.year = user, year
        leaders = compiled_rows("leaders", (), _leaders, user=user)
        self.filters["leader"].extra["choices"] = [(name, name) for name in leaders if name]
        offer(self, "department", _departments, user=user)
        offer(self, "domain", Domain.objects.all)
        offer(self, "task_force", TaskForce.objects.all)

    @property
    def qs(self):
        """Without those that have ended, until one of their stages is asked for."""
        found = super().qs
        ended = self.form.cleaned_data.get("stage") in CLOSED_STAGES if self.form.is_valid() else False
        return found if ended or not self.hides_ended else found.filter(closed_at=None)

    def search(self, projects, name, value):
        return containing(projects, value, "name", "number")

    def by_map(self, projects, name, value):
        maps = maps_of(self.user, self.year).filter(dossier=OuterRef("pk"))
        return projects.filter(~Exists(maps) if value == NOT_DRAWN else Exists(maps.filter(state=value)))


class BaseInfoFilter(ProjectFilter):
    """The office's: also by leader, reform plan and document number."""

    q = django_filters.CharFilter(label="编号、名称、市领导、方案、文号", method="search")
    stage = django_filters.ChoiceFilter(
        label="所处阶段", choices=Stage.choices, empty_label="全部阶段", error_messages=UNKNOWN
    )
    state = None
    hides_ended = False

    def search(self, projects, name, value):
        return containing(projects, value, "name", "number", "lead_leader", "plan_title", "plan_number")
