"""减负表: what the system itself asked of people, kind by kind and month by month. Counts alone, and nobody's name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import (
    Case,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    When,
    Window,
)
from django.db.models.functions import ExtractMonth, RowNumber

from accounts import clock
from reform.calendar import month_start, today
from reform.forms import FORMS
from reform.models import BattleMap, PlanUpdate, TargetUpdate
from workflow.models import Event, Record

KEPT_FOR = 24 * 60 * 60  # seconds
WHOLE_YEAR = 0  # in place of a month
MINUTE = timedelta(minutes=1)
TYPED, COMPUTED = 2, 6  # of an indicator in an update: value and remark; unit, targets, earlier and cumulative values
ROWS = {  # {kind: the fields of each of its rows}
    TargetUpdate: {"values": TYPED},
    BattleMap: {"indicators": 15, "measures": 1, "measures__plans": 3},
}
CARRIED = ("status", "work_done", "difficulties", "next_steps")  # of a plan's last update into the next


@dataclass
class Burden:
    """Of one kind, in one month or the whole year; averages are of a record."""

    kind: type[Record]
    month: int
    submitted: int = 0  # for the first time
    asked: int = 0  # fields, of all of these together
    given: int = 0  # fields and figures that the system brought, and nobody changed
    reasons: dict[str, int] = field(default_factory=dict)
    minutes: float | None = None  # the median, from the first input to the first 上报

    def add(self, submitted: int = 0, asked: int = 0, given: int = 0) -> None:
        self.submitted += submitted
        self.asked += asked
        self.given += given

    @property
    def label(self) -> str:
        return str(self.kind._meta.verbose_name)

    @property
    def when(self) -> str:
        return f"{self.month}月" if self.month else "全年"

    @property
    def asked_each(self) -> float | None:
        return self.asked / self.submitted if self.submitted else None

    @property
    def given_each(self) -> float | None:
        return self.given / self.submitted if self.submitted else None

    @property
    def returned(self) -> int:
        return sum(self.reasons.values())

    @property
    def reason_words(self) -> str:
        ordered = sorted(self.reasons.items(), key=lambda found: (-found[1], found[0]))
        return "、".join(f"{reason} {times}" for reason, times in ordered)


def burdens_of_today(year: int) -> tuple[datetime, list[Burden]]:
    """Those of all kinds, as of the first time that somebody, or `remind`, asked today: a large city takes seconds."""
    key = f"burdens-{year}-{today()}"
    found: tuple[datetime, list[Burden]] | None = cache.get(key)
    if found is None:
        found = clock.now(), burdens(year)
        cache.set(key, found, KEPT_FOR)
    return found


def burdens(year: int, kinds: Iterable[type[Record]] | None = None) -> list[Burden]:
    """Each kind of which something was submitted or came back in that year: the whole year, then its months."""
    named = {kind._meta.label_lower: kind for kind in kinds or FORMS}
    found: dict[tuple[str, int], Burden] = {}
    _read(year, named, found)
    order = {name: place for place, name in enumerate(named)}
    return [found[key] for key in sorted(found, key=lambda key: (order[key[0]], key[1]))]


def _read(year, named, found):
    events = Event.objects.filter(
        at__gte=month_start(year, 1), at__lt=month_start(year + 1, 1), record__kind__in=named
    ).order_by()
    earlier = Event.objects.filter(record=OuterRef("record"), action="submit", at__lt=OuterRef("at"))
    events = events.annotate(of=F("record__kind"), month=ExtractMonth("at"))
    first = events.filter(~Exists(earlier), action="submit")

    def places(row):
        """The month, and the year that it is part of."""
        for month in (row["month"], WHOLE_YEAR):
            yield found.setdefault((row["of"], month), Burden(named[row["of"]], month))

    for row, numbers in _counts(first, named):
        for one in places(row):
            one.add(**numbers)
    returned = events.filter(action__in=Event.REJECTIONS)
    for row in returned.values("of", "month", "reason").annotate(number=Count("pk")):
        for one in places(row):
            one.reasons[row["reason"]] = one.reasons.get(row["reason"], 0) + row["number"]
    for key, minutes in (_medians(first) | _medians(first, whole_year=True)).items():
        found[key].minutes = minutes


def _counts(first, named):
    """(row of a kind and month, what to add to its Burden)."""
    for row in first.values("of", "month").annotate(number=Count("pk")):
        fields = len(FORMS[named[row["of"]]]._meta.fields or ())
        yield row, {"submitted": row["number"], "asked": row["number"] * fields}
    for kind in ROWS.keys() & set(named.values()):
        groups = first.filter(of=kind._meta.label_lower).values("of", "month")
        for path, fields in ROWS[kind].items():
            for row in groups.annotate(rows=Count(f"record__{kind._meta.model_name}__{path}")):
                computed = COMPUTED if kind is TargetUpdate else 0
                yield row, {"asked": row["rows"] * fields, "given": row["rows"] * computed}
    if PlanUpdate in named.values():
        for row in _carried(first.filter(of=PlanUpdate._meta.label_lower)):
            yield row, {"given": row["carried"] or 0}


def _medians(first, *, whole_year=False):
    """{(kind, month): minutes}, of the middle one or two of each group, which the database finds."""
    span = ExpressionWrapper(F("at") - F("record__created_at"), DurationField())
    group = [F("of")] if whole_year else [F("of"), F("month")]
    ranked = first.annotate(
        span=span,
        rank=Window(RowNumber(), partition_by=group, order_by=[span, "pk"]),
        size=Window(Count("pk"), partition_by=group),
    )
    middle = ranked.filter(Q(rank__gte=F("size") / 2.0, rank__lte=F("size") / 2.0 + 1))
    spans = defaultdict(list)
    for of, month, found in middle.values_list("of", "month", "span"):
        spans[of, WHOLE_YEAR if whole_year else month].append(found / MINUTE)
    return {key: sum(few) / len(few) for key, few in spans.items()}


def _carried(first):
    """How many fields of plan updates say what the plan's update before said."""
    before = PlanUpdate.objects.filter(plan=OuterRef("record__planupdate__plan"), pk__lt=OuterRef("record"))
    same = [
        Case(When(~Q(**{name: ""}), **{name: OuterRef(f"record__planupdate__{name}")}, then=1), default=0)
        for name in CARRIED
    ]
    same = before.standing().order_by("-pk").annotate(same=same[0] + same[1] + same[2] + same[3]).values("same")
    return first.annotate(same=Subquery(same[:1])).values("of", "month").annotate(carried=Sum("same"))
