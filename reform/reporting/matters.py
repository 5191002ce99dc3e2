"""The single matters behind the figures of a period: where each stands, with whom, since when, and where it leads."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.compiled_queries import compiled_rows
from accounts.models import User
from reform.calendar import today
from reform.calendar.periods import Period
from reform.models import DueItem, PlanUpdate, TargetUpdate
from workflow.formats import short_day
from workflow.models import Message, Record
from workflow.states import CAME_BACK, State

from .people import in_charge, people_in_charge
from .steps import Step, at_steps, editable_plans, editable_targets, last_event, of_period, with_step

KINDS: dict[str, type[Record]] = {kind._meta.label_lower: kind for kind in (TargetUpdate, PlanUpdate)}
DRAFTS_READ = 20  # of a page, for what they still lack: each costs a few queries
PARTS_OF_PLAN = 3  # 推进状态, 已开展工作, and 下一步工作计划 or evidence
NAMED = 3


def title_of(item: Any, map_year: int) -> str:
    """Of a row; the year of its map is named where a plan of another year is still owed."""
    if not (plan := item.plan):
        return f"{item.year}年{item.month}月进度值"
    year = "" if map_year == item.year else f"{map_year}年"
    again = "" if item.is_deadline else f"（{item.month}月续报）"
    return f"{year}{plan.month}月 {plan.type_label}{again}"


def step_words(step: Step, state: str) -> str:
    """The step; what came back says so, by the state of the record in hand."""
    return State(state).label if step == Step.DRAFT and state in CAME_BACK else step.label


@dataclass
class Matter:
    """A row of what is due, in words."""

    item: DueItem
    step: Step
    record: int | None  # the key of the one in hand, under review or confirmed, and its state
    state: str
    people: list[User]
    since: datetime | None = None
    share: int | None = None  # percent of a draft
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def kind_label(self) -> str:
        return str(KINDS[self.item.kind]._meta.verbose_name)

    @property
    def title(self) -> str:
        row: Any = self.item  # as `Matters.rows` annotates it
        return title_of(row, row.map_year)

    @property
    def label(self) -> str:
        """草稿 80%; what came back says so."""
        words = step_words(self.step, self.state)
        return f"{words} {self.share}%" if self.share is not None else words

    @property
    def tint(self) -> str:
        return State(self.state).tint if self.step == Step.DRAFT and self.state else self.step.tint

    @property
    def names(self) -> str:
        """Those on whom it waits."""
        names = "、".join(str(person) for person in self.people[:NAMED])
        return f"{names}等 {len(self.people)} 人" if len(self.people) > NAMED else names

    @property
    def term_words(self) -> str:
        return self.item.term.deadline_words(today())

    @property
    def is_overdue(self) -> bool:
        return self.item.owed and self.item.due_on < today()

    @property
    def url(self) -> str:
        """Its record; before there is one, the plan or the map."""
        if self.record:
            return reverse("workflow:record", args=[self.record])
        if self.item.plan_id:
            return reverse("reform:plan", args=[self.item.plan_id])
        return reverse("reform:map", args=[self.item.battle_map_id])


class Matters:
    """What a Paginator asks for: `count()`, and slices, for which alone rows are read and put into words."""

    def __init__(self, items: QuerySet[DueItem], steps: Collection[Step] = (), drafts_read: int = DRAFTS_READ) -> None:
        self.items, self.steps = at_steps(items, steps) if steps else items, steps
        self.drafts_read = drafts_read

    def count(self) -> int:
        return self.items.count()

    def __getitem__(self, part: slice) -> list[Matter]:
        return _in_words(list(self.rows()[part]), self.drafts_read)

    def rows(self) -> QuerySet[Any]:
        """In the order of the page, with what their words say."""
        rows = (
            with_step(self.items)
            .annotate(
                since=last_event(),
                draft=in_hand("pk"),
                draft_state=in_hand("state"),
                last_month=_reported_last_month(),
                map_year=F("battle_map__year"),
            )
            .select_related("dossier", "department")
            .prefetch_related("plan")
        )
        by_step = ["step"] if len(self.steps) != 1 else []  # to be worked out for each row, not only for those shown
        # An expression: by the index of days PostgreSQL would walk through all years to the first page.
        day = Coalesce("due_on", "opens_on")
        return rows.order_by(*by_step, day, "department__position", "dossier__name", "pk")


def first_matters(departments: frozenset[int], period: Period, steps: Collection[Step], number: int) -> list[Matter]:
    """The first of that period at these steps; drafts are not read."""

    def rows(departments: Sequence[int]) -> QuerySet[Any]:
        items = of_period(period).filter(department__in=departments)
        return Matters(items, steps).rows().prefetch_related(None)[:number]

    found = compiled_rows("first matters", (period, *steps, number), rows, departments=departments)
    prefetch_related_objects(found, "plan")
    return _in_words(found, drafts_read=0)


def in_hand(name: str) -> Case:
    """That of the record which clerks have in hand for the row."""
    targets, plans = (Subquery(found.values(name)[:1]) for found in (editable_targets(), editable_plans()))
    return Case(When(plan=None, then=targets), default=plans)


def _reported_last_month() -> Subquery:
    """When the map's values of the month before were first reported."""
    before = DueItem.objects.filter(battle_map=OuterRef("battle_map"), plan=None, month=OuterRef("month") - 1)
    return Subquery(before.values("first_reported_at")[:1])


def _in_words(rows: list, drafts_read: int) -> list[Matter]:
    people = people_in_charge({row.department_id for row in rows})
    found = []
    for row in rows:
        step = Step(row.step)
        matter = Matter(
            item=row,
            step=step,
            record=row.draft if row.owed else row.record_id,
            state=(row.draft_state or "") if row.owed else "",
            people=in_charge(people, row.department_id, step),
            since=row.since if step in (Step.DEPARTMENT, Step.OFFICE) else None,
        )
        if step == Step.UNTOUCHED and row.plan_id is None and row.last_month:
            matter.notes.append(f"上月数据 {short_day(row.last_month)} 已上报")
        found.append(matter)
    for matter in [matter for matter in found if matter.step == Step.DRAFT][:drafts_read]:
        drafts = KINDS[matter.item.kind].objects.select_related("dossier")
        if matter.record and (draft := drafts.filter(pk=matter.record).first()):
            _read_draft(matter, draft)
    _count_reminders(found)
    return found


def _read_draft(matter: Matter, draft: Any) -> None:
    """What the draft still lacks before 上报, and how much of it is there."""
    problems = draft.problems()
    if isinstance(draft, PlanUpdate):
        names = {problem.field: _field_name(problem.field) for problem in problems}
        parts = PARTS_OF_PLAN
    else:
        # values-0-remark: of one indicator, whose name begins the sentence.
        names = {problem.field.rsplit("-", 1)[0]: f"“{problem.text.partition('：')[0]}”" for problem in problems}
        parts = draft.values.count()
    matter.missing = list(names.values())
    if draft.state == State.DRAFT and parts:
        matter.share = round(100 * max(0, parts - len(names)) / parts)


def _field_name(name: str) -> str:
    if label := {"files": "佐证材料", "contributions": "对配合材料的处理"}.get(name):
        return label
    field: Any = PlanUpdate._meta.get_field(name)
    return f"“{field.verbose_name}”"


def _count_reminders(matters: list[Matter]) -> None:
    """已提醒 2 次: by the clerks' messages about what nobody has touched, those of 催办 included."""
    untouched = [matter for matter in matters if matter.step == Step.UNTOUCHED]
    clerks = {person.pk for matter in untouched for person in matter.people}
    months = {(matter.item.year, matter.item.month) for matter in untouched}
    meant = Q(pk=None)
    for year, month in months:
        meant |= Q(key__startswith=f"remind-{year}-{month:02}-") | Q(
            key__startswith="urge-", key__endswith=f"-{year}-{month:02}"
        )
    found: dict[tuple[int, str, str], int] = defaultdict(int)
    reminders = Message.objects.reminders().filter(meant, recipient__in=clerks)
    for recipient, key in reminders.values_list("recipient", "key"):
        for label, kind in KINDS.items():
            if str(kind._meta.model_name) in key:
                found[recipient, label, key[7:14] if key.startswith("remind-") else key[-7:]] += 1
    for matter in untouched:
        month_key = f"{matter.item.year}-{matter.item.month:02}"
        number = max((found[person.pk, matter.item.kind, month_key] for person in matter.people), default=0)
        if number:
            matter.notes.append(f"已提醒 {number} 次")
