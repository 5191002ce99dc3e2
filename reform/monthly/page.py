"""本月一页报完: what is due of a clerk's projects, read from the table of what is due, in a few queries."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.compiled_queries import compiled_count, compiled_rows
from accounts.models import User
from reform.calendar import month_start, today
from reform.models import BattleMap, DueItem, MonthlyPlan, PlanUpdate, Project, TargetUpdate
from reform.models.due_item import is_waiting
from reform.quality.records import hints_of
from reform.quality.shown import by_subject
from workflow.models import Attachment, ClassifiedNotice, Event, Record
from workflow.states import CAME_BACK, EDITABLE

from .entries import Entry, Group

PROJECTS_SHOWN = 10


class MonthPage:
    """`early`: also what is to be reported this month and is not due yet."""

    most = PROJECTS_SHOWN

    def __init__(self, user: User, *, early: bool = False) -> None:
        self.user, self.early, self.day = user, early, today()

    def projects(self) -> Paginator:
        """Those with something due, or reported in this month, a page at a time."""

        def projects(clerk: User) -> QuerySet[Project]:
            own = Project.objects.filter(department__in=clerk.assigned_department_ids, closed_at=None)
            items = self._items().filter(dossier=OuterRef("pk"))
            return own.filter(Exists(items)).order_by("number", "pk")

        # All of them: to count them takes the database as long as to find them.
        return Paginator(
            compiled_rows("projects of a month", (self.early, self.day), projects, user=self.user), PROJECTS_SHOWN
        )

    def waiting_early(self) -> int:
        """How much could be reported before it is due."""

        def ahead(clerk: User) -> QuerySet[DueItem]:
            items = DueItem.objects.standing().filter(self._this_month(), _own(clerk), owed=True)
            return items.filter(~is_waiting(self.day))

        return compiled_count("waiting early", self.day, ahead, self.user)

    def named(self, keys: Iterable[int]) -> list[Project]:
        """Those of these projects that are this clerk's."""
        own = Project.objects.filter(department__in=self.user.assigned_department_ids, pk__in=keys)
        return list(own.order_by("number", "pk"))

    def groups(self, projects: Page | Sequence[Project]) -> list[Group]:
        """The projects with their entries, whose forms are still to be shown."""
        found: dict[int, list[Entry]] = {project.pk: [] for project in projects}
        rows = self._items().filter(_own(self.user), dossier__in=found)
        # Maps and plans are there once, not with each of their rows.
        drawn = Prefetch("battle_map", BattleMap.objects.select_related("dossier__department"))
        plans = Prefetch("plan", MonthlyPlan.objects.select_related("measure"))
        rows = rows.select_related("record").prefetch_related(drawn, plans)
        items = list(rows.order_by("due_on", "year", "month", "pk"))
        for item in items:
            if item.plan:
                item.plan.measure.battle_map = item.battle_map
        of_project = {project.pk: project for project in projects}
        for entry in [*self._targets(items, of_project), *self._plans(items, of_project)]:
            found[entry.project.pk].append(entry)
        self._complete([entry for entries in found.values() for entry in entries if entry.is_open])
        return [Group(project, found[project.pk]) for project in projects if found[project.pk]]

    # --- What is due ------------------------------------------------------------------------------

    def _this_month(self) -> Q:
        return Q(year=self.day.year, month=self.day.month)

    def _items(self):
        began = month_start(self.day.year, self.day.month)
        shown = is_waiting(self.day) | Q(self._this_month() | Q(record__submitted_at__gte=began), owed=False)
        if self.early:
            shown |= self._this_month()
        return DueItem.objects.standing().filter(shown)

    def _is_open(self, item: DueItem, record: Record) -> bool:
        return (item.waits_on(self.day) or (self.early and item.owed)) and (
            record.pk is None or record.state in EDITABLE
        )

    def _targets(self, items: list[DueItem], projects: dict[int, Project]) -> Iterable[Entry]:
        items = [item for item in items if item.plan_id is None]
        maps = {item.battle_map_id: item.battle_map for item in items}
        in_hand = TargetUpdate.objects.unfinished().filter(
            battle_map__in=maps, month__in={item.month for item in items}
        )
        updates = {(update.battle_map_id, update.month): update for update in in_hand.select_related("dossier")}
        for item in items:
            drawn = maps[item.battle_map_id]
            update = updates.get((drawn.pk, item.month))
            if update is None and item.owed:
                title = TargetUpdate.title_of(drawn, item.month)
                update = TargetUpdate(
                    dossier=drawn.dossier, battle_map=drawn, month=item.month, title=title, creator=self.user
                )
            elif update:
                update.battle_map = drawn
            yield self._entry(TargetUpdate, f"{drawn.pk}-{item.month}", item, update, projects)

    def _plans(self, items: list[DueItem], projects: dict[int, Project]) -> Iterable[Entry]:
        first: dict[int, DueItem] = {}
        for item in items:
            # Of several months of a plan the one that waits longest; what is reported stands behind.
            if item.plan_id and (item.plan_id not in first or (item.waits_from and not first[item.plan_id].waits_from)):
                first[item.plan_id] = item
        updates = PlanUpdate.drafts([item.plan for item in first.values()], self.user)
        for plan, item in first.items():
            updates[plan].plan = item.plan
            yield self._entry(PlanUpdate, str(plan), item, updates[plan], projects)

    def _entry(self, kind, key, item, record, projects) -> Entry:
        is_open = record is not None and self._is_open(item, record)
        if not is_open and (record is None or record.pk is None or record.state in EDITABLE):
            record = item.record or record
        return Entry(kind, key, projects[item.dossier_id], record, item.term, is_open)

    # --- What stands beside the fields ------------------------------------------------------------

    @staticmethod
    def _complete(entries: list[Entry]) -> None:
        records = [entry.record for entry in entries]
        updates = [record for record in records if isinstance(record, TargetUpdate)]
        TargetUpdate.read_lines(updates)
        Record.read_opened(records)
        values = [line for update in updates if update.pk for line in update.lines()]
        hints = hints_of(records, for_office=False, values=values)
        came_back = [record.pk for record in records if record.pk and record.state in CAME_BACK]
        events = Event.objects.filter(record__in=came_back, action__in=Event.REJECTIONS).order_by("at")
        decisions = {event.record_id: event for event in events}
        saved = [record.pk for record in records if isinstance(record, PlanUpdate) and record.pk]
        evidence: Counter = Counter()
        for kept in (Attachment, ClassifiedNotice):
            rows = kept.objects.current().filter(record__in=saved).order_by().values_list("record")
            evidence.update(dict(rows.annotate(number=Count("pk"))))
        for entry in entries:
            entry.decision = decisions.get(entry.record.pk)
            entry.evidence = evidence[entry.record.pk]
            entry.hints = by_subject(hints.get(entry.record.pk, []))


def _own(clerk: User) -> Q:
    return Q(dossier__department__in=clerk.assigned_department_ids, dossier__closed_at=None)
