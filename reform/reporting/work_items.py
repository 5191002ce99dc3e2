"""What a clerk can work on: the list behind each entry of the navigation."""

from operator import attrgetter

from django.db.models import BigIntegerField, Count, Exists, F, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast
from django.urls import reverse

from accounts.compiled_queries import compiled_rows
from reform.calendar import today
from reform.models import (
    BattleMap,
    DueItem,
    Extension,
    MeasureIteration,
    PlanUpdate,
    Project,
    SupervisionReport,
    TargetAdjustment,
    TargetUpdate,
)
from reform.models.battle_map import drawing_years
from reform.models.due_item import is_waiting
from reform.models.project import CAN_BE_DRAWN
from workflow.states import CAME_BACK, EDITABLE, SETTLED, UNFINISHED, State

from .applications import AdjustmentItems, ExtensionItems, IterationItems
from .supervision_items import SupervisionItems
from .work_list import WorkItem, WorkItems, when


class DueItems(WorkItems):
    """Of the table of what is due: sorted by what an index has, and read as far as it is shown."""

    def details(self):
        """The rows with all that is said of them."""
        raise NotImplementedError

    def __getitem__(self, part):
        def page(items):
            return items.rows().values_list("pk", flat=True)[part]

        def details(items, keys):
            return items.details().filter(pk__in=keys)

        keys = self._compiled(f"items {part}", page)
        rows = {item.pk: item for item in self._compiled("details", details, keys=keys)}
        return self.build([rows[key] for key in keys if key in rows])  # else it went meanwhile


class TargetItems(DueItems):
    """Each issued map and each month that has begun: what is due first, then the latest."""

    def rows(self):
        is_due = when(is_waiting(today()))
        return self._begun().annotate(is_due=is_due).order_by("-is_due", "-year", "-month", "dossier__project__number")

    def first_due(self, number):
        """The first of what is due and did not come back, longest overdue first."""

        def first(items):
            # Not by `is_due`: an index has what waits, and none has a Case.
            rows = items.details().filter(is_waiting(today()), came_back=False)
            return rows.order_by("due_on", "year", "month", "dossier__project__number")[:number]

        return self.build(self._compiled(f"first {number}", first))

    def details(self):
        latest = self._latest(battle_map=OuterRef("battle_map"), month=OuterRef("month"))
        rows = self._begun().annotate(is_due=when(is_waiting(today())), latest=latest)
        return rows.select_related("dossier__project")

    def _begun(self):
        day = today()
        items = self._own(DueItem.objects.filter(plan=None), "dossier__")
        return items.filter(Q(year__lt=day.year) | Q(year=day.year, month__lte=day.month))

    def build(self, rows):
        records = self._records(item.latest for item in rows)
        return [
            WorkItem(
                kind=self.kind,
                key=f"{item.battle_map_id}-{item.month}",
                project=item.dossier.project,
                title=f"{item.year}年{item.month}月",
                record=records.get(item.latest),
                due=item.is_due,
                due_on=item.due_on,
                term=item.term if item.owed else None,
            )
            for item in rows
        ]


class PlanItems(DueItems):
    """Each plan of an issued map that is not yet 已完成: what is due first, then in the order of their months."""

    empty = ("没有需要更新的月度计划。", "项目作战图下发后，尚未完成的月度计划会列在这里。")
    waits_for_issue = False

    def rows(self):
        is_due = when(plan__in=self._waiting())
        order = ("-is_due", "year", "month", "dossier__project__number", "plan")
        return self._open().annotate(is_due=is_due).order_by(*order)

    def first_due(self, number):
        """The first of what is due and did not come back, longest overdue first; without marks."""

        def first_plans(items):
            waiting = items._waiting().annotate(since=Min("due_on"), came_back=Count("pk", filter=Q(came_back=True)))
            order = ("battle_map__year", "plan__month", "dossier__project__number", "plan")
            return waiting.filter(came_back=0).order_by("since", *order)[:number]

        first = [row["plan"] for row in self._compiled(f"first {number}", first_plans)]
        found = self._compiled("plans", lambda items, plans: items.details().filter(plan__in=plans), plans=first)
        rows = {item.plan_id: item for item in found}
        return self._built([rows[plan] for plan in first if plan in rows])  # likewise

    def _waiting(self):
        return self._own(DueItem.objects.waiting(today()).filter(plan__isnull=False), "dossier__").values("plan")

    def _open(self):
        return self._own(DueItem.objects.unsettled().filter(is_deadline=True, plan__isnull=False), "dossier__")

    def details(self):
        waiting = DueItem.objects.waiting(today()).filter(plan=OuterRef("plan"))
        return (
            self._open()
            .annotate(
                waits_since=Subquery(waiting.order_by("due_on").values("due_on")[:1]),
                latest=self._latest(plan=OuterRef("plan")),
            )
            .select_related("dossier__project", "plan__measure")
        )

    def build(self, rows):
        marks, items = self._marks(rows), self._built(rows)
        for row, item in zip(rows, items, strict=True):
            item.marks = marks[row.plan_id]
        return items

    def _built(self, rows):
        records = self._records(item.latest for item in rows)
        return [self._item(item, records.get(item.latest)) for item in rows]

    def _item(self, item, record):
        plan = item.plan
        found = WorkItem(
            kind=self.kind,
            key=str(plan.pk),
            project=item.dossier.project,
            title=f"{item.year}年{plan.month}月 {plan.type_label}",
            notes=[plan.get_status_display(), plan.measure.content],
            record=record,
            due=item.waits_since is not None,
            due_on=item.waits_since,
            page=reverse("reform:plan", args=[plan.pk]),
        )
        is_answered = not item.owed and not found.due
        found.term = None if found.is_under_review or is_answered else item.term
        return found


class MapItems(WorkItems):
    """Each project and year for which a map is drawn now, and maps of other years that are not finished."""

    empty = ("没有可以绘制作战图的项目。", "市委改革办录入本单位的项目基础信息后，项目会列在这里。")
    waits_for_issue = False

    def rows(self):
        begun, *to_begin = self._parts()
        return begun.union(*to_begin, all=True).order_by("-is_due", "project_number", "of_year")

    def count(self):
        return self.rows().count()  # compiled_count counts no union

    def first_due(self, number):
        """The first of what is due and did not come back."""

        def first(items):
            begun, *to_begin = (part.filter(is_due=True) for part in items._parts())
            rows = begun.exclude(state__in=CAME_BACK).union(*to_begin, all=True)
            return rows.order_by("project_number", "of_year")[:number]

        return self.build(self._compiled(f"first {number}", first))

    def _parts(self):
        """Rows of maps that are there, and for each year those of projects that have none yet."""
        years = drawing_years()
        maps = self._own(standing_maps(), "dossier__")
        yield self._values(
            maps.filter(Q(year__in=years) | Q(state__in=UNFINISHED)),
            project_number=F("dossier__project__number"),
            of_project=F("dossier"),
            of_year=F("year"),
            of_map=F("pk"),
            is_due=when(state__in=EDITABLE),
        )
        for year in years:
            yield self._values(
                self._own(projects_without_map(year)),
                project_number=F("number"),
                of_project=F("pk"),
                of_year=Value(year),
                of_map=Cast(Value(None), BigIntegerField()),
                is_due=when(CAN_BE_DRAWN) if year == today().year else Value(False),
            )

    @staticmethod
    def _values(things, **values):
        return things.order_by().annotate(**values).values(*values)

    def build(self, rows):
        keys = {row["of_project"] for row in rows}
        found = compiled_rows("projects", (), lambda keys: Project.objects.filter(pk__in=keys).order_by(), keys=keys)
        projects = {project.pk: project for project in found}
        maps = self._records(row["of_map"] for row in rows)
        return [self._item(row, projects[row["of_project"]], maps.get(row["of_map"])) for row in rows]

    def _item(self, row, project, battle_map):
        obstacle = ""
        if battle_map is None and not project.can_be_drawn:
            obstacle = f"项目处于“{project.get_stage_display()}”阶段，认定“加快实施”后才能绘制。"
        elif battle_map and battle_map.state in SETTLED:
            obstacle = "已确认的作战图不再更改；举措和月度计划有变化的，通过“措施迭代申请”办理。"
        year = row["of_year"]
        return WorkItem(
            kind=self.kind,
            key=f"{project.pk}-{year}",
            project=project,
            title=f"{year}年度",
            record=battle_map,
            due=row["is_due"],
            obstacle=obstacle,
        )


class ProjectItems(WorkItems):
    """Each project that has an issued map: first those with a record in hand."""

    def rows(self):
        issued = BattleMap.objects.filter(state=State.ISSUED, dossier=OuterRef("pk"))
        projects = self._own(Project.objects.filter(Exists(issued)))
        return projects.annotate(latest=self._in_hand(dossier=OuterRef("pk"))).order_by(
            when(latest__isnull=False).desc(), "number"
        )

    def build(self, rows):
        records = self._records(project.latest for project in rows)
        return [
            WorkItem(
                kind=self.kind,
                key=str(project.pk),
                project=project,
                title=project.number,
                record=records.get(project.latest),
                due=project.latest is not None,
            )
            for project in rows
        ]


OF_KIND = {
    BattleMap: MapItems,
    TargetUpdate: TargetItems,
    PlanUpdate: PlanItems,
    MeasureIteration: IterationItems,
    TargetAdjustment: AdjustmentItems,
    Extension: ExtensionItems,
    SupervisionReport: SupervisionItems,
}


def work_items(kind, user, words=""):
    """The WorkItems of that kind (a model) for this clerk, of projects named with all of these words."""
    return OF_KIND.get(kind, ProjectItems)(kind, user, words)


def next_due(user):
    """What waits longest for this clerk and did not come back, or None."""
    found = [item for kind in (TargetUpdate, PlanUpdate) for item in work_items(kind, user).first_due(1)]
    return min(found, key=attrgetter("due_on"), default=None)


def standing_maps():
    """Found by an index of records."""
    return BattleMap.objects.of_kind().standing()


def projects_without_map(year):
    """Projects that are to have a map of that year and have none, whether it can be drawn yet or not."""
    maps = standing_maps().filter(dossier=OuterRef("pk"), year=year)
    return Project.objects.filter(~Exists(maps), start_year__lte=year, end_year__gte=year)
