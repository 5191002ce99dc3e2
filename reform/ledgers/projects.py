"""项目总台账: one row per project, with how far its map of a year is."""

from operator import attrgetter

from django.db.models import Case, CharField, F, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from reform import indicators
from reform.models import (
    BattleMap,
    BrandUpdate,
    Extension,
    Indicator,
    Mandate,
    Measure,
    MeasureIteration,
    MonthlyPlan,
    PlanStatus,
    Project,
    PromotionUpdate,
    Stage,
    TargetAdjustment,
    TargetUpdate,
)
from workflow.models import Record
from workflow.states import SETTLED, STANDING, STANDING_CHOICES

from .base import BY_PROJECT, DATE, NUMBER, NUMBERED, PERCENT, Column, Ledger, number_of, project_columns

NOT_SUBMITTED = "none"
STATES = [(NOT_SUBMITTED, "未上报"), *STANDING_CHOICES]
ORDER_OF_STATES = [state for state, _label in STATES]


def of_map(name):
    """A count that has no meaning without a confirmed map."""
    return lambda row: getattr(row, name) if row.map else None


class ProjectLedger(Ledger):
    name = "projects"
    label = "项目总台账"
    about = "每个项目一行：基础信息、作战图状态，年度指标、举措、计划和成果的数量。"
    filled_by = "市委改革办录入项目基础信息后，项目会自动列在这里。"
    leads_to = "reform:project"
    order = ("project_number",)
    filters = {"year": None, **BY_PROJECT, "state": "map_state"}
    labels = {"state": "作战图状态", "year": "年度"}
    states = STATES
    words = ("project_number", "project_name", "leader_then", "plan_then")
    columns = (
        NUMBERED,
        *project_columns(),
        Column("领衔市领导", attrgetter("leader_then"), 12, order="leader_then"),
        Column("专项小组", attrgetter("task_force_name"), 18, order="task_force_place"),
        Column(
            "牵引来源",
            lambda row: dict(Mandate.choices).get(row.mandate_then, ""),
            12,
            order="mandate_then",
        ),
        Column("牵引文件", attrgetter("document_then"), 24, order="document_then"),
        Column("配合单位", lambda row: "、".join(partner.name_then for partner in row.partners_then), 18),
        Column("改革方案", attrgetter("plan_then"), 24),
        Column("实施年度", lambda row: f"{row.first_year}—{row.last_year}", 12, order="first_year"),
        Column("所处阶段", lambda row: Stage(row.stage_then).label, 14),
        Column("销号日期", attrgetter("closed_then"), 12, DATE, order="closed_then"),
        Column(
            "作战图状态",
            lambda row: dict(STATES)[row.map_state],
            13,
            order=Case(*(When(map_state=state, then=Value(place)) for place, state in enumerate(ORDER_OF_STATES))),
        ),
        Column("核心指标", of_map("indicators"), 10, NUMBER, order="indicators"),
        Column("具体举措", of_map("measures"), 10, NUMBER, order="measures"),
        Column("月度计划", of_map("plans"), 10, NUMBER, order="plans"),
        Column("已完成", of_map("done"), 9, NUMBER, order="done"),
        Column("完成率", lambda row: indicators.floored(indicators.share_of(row.done, row.plans)), 9, PERCENT),
        Column("进度值至", lambda row: f"{row.reported}月" if row.reported else "", 10, order="reported"),
        Column("措施迭代", of_map("iterations"), 10, NUMBER, order="iterations"),
        Column("目标调整", of_map("adjustments"), 10, NUMBER, order="adjustments"),
        Column("延期", of_map("extensions"), 9, NUMBER, order="extensions"),
        Column("推广次数", attrgetter("promotions"), 10, NUMBER, order="promotions"),
        Column("品牌次数", attrgetter("brands"), 10, NUMBER, order="brands"),
    )

    def rows(self, user, as_of, chosen):
        year = chosen.get("year") or as_of.day.year
        # By the place that a map of the year alone can have: an index finds it, without its kind's table.
        maps = as_of.records(Record, user).filter(
            dossier=OuterRef("pk"), kind=BattleMap._meta.label_lower, slot=year, state_then__in=STANDING
        )
        on_map = {"battle_map": OuterRef("map")}
        plans = as_of.plans(MonthlyPlan.objects.filter(measure__battle_map=OuterRef("map")))
        reported = as_of.confirmed(TargetUpdate.objects.filter(**on_map)).order_by("-month")
        projects = as_of.annotate(
            as_of.with_project(Project.objects.visible_to(user)),
            plan_then="plan_title",
            first_year="start_year",
            last_year="end_year",
            stage_then="stage",
            document_then="mandate_document",
        )
        projects = as_of.with_task_force(projects)
        projects = projects.filter(first_year__lte=year, last_year__gte=year).exclude(closed_at__year__lt=year)
        settled = Q(records__pk=Subquery(maps.filter(state_then__in=SETTLED).values("pk")[:1]))
        projects = projects.alias(settled_map=FilteredRelation("records", condition=settled))
        return projects.annotate(
            closed_then=Case(When(closed_at__lte=as_of.at, then="closed_at")),
            map_state=Coalesce(Subquery(maps.values("state_then")[:1]), Value(NOT_SUBMITTED), output_field=CharField()),
            map=F("settled_map__pk"),
            indicators=number_of(as_of.standing(Indicator.objects.filter(**on_map)), "battle_map"),
            measures=number_of(as_of.standing(Measure.objects.filter(**on_map)), "battle_map"),
            plans=number_of(plans, "measure__battle_map"),
            done=number_of(plans.filter(status_then=PlanStatus.DONE), "measure__battle_map"),
            reported=Subquery(reported.values("month")[:1]),
            iterations=number_of(as_of.confirmed(MeasureIteration.objects.filter(**on_map)), "battle_map"),
            adjustments=number_of(
                as_of.confirmed(TargetAdjustment.objects.filter(indicator__battle_map=OuterRef("map"))),
                "indicator__battle_map",
            ),
            extensions=number_of(
                as_of.confirmed(Extension.objects.filter(plan__measure__battle_map=OuterRef("map"))),
                "plan__measure__battle_map",
            ),
            promotions=self._achieved(PromotionUpdate, as_of, year),
            brands=self._achieved(BrandUpdate, as_of, year),
        )

    def prefetched(self, as_of):
        return (as_of.partners(),)

    def _achieved(self, model, as_of, year):
        in_year = model.objects.filter(**{f"{model.DATE}__year": year})
        return number_of(as_of.confirmed(self._of_project(in_year)), "dossier")

    @staticmethod
    def _of_project(records):
        """By the kind too, which the index has beside the project: by that alone, all records of years are read."""
        return records.of_kind().filter(dossier=OuterRef("pk"))
