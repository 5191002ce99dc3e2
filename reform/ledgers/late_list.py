"""未报通报: what a period asked for and nobody has reported, as .xlsx; who is furthest behind stands first."""

from types import SimpleNamespace

from django.db.models import Case, F, Value, When
from django.utils import timezone

from reform.models import PlanUpdate, TargetUpdate
from reform.reporting.matters import in_hand, step_words, title_of
from reform.reporting.steps import Step, of_period, tallies, with_step

from .base import DATE, NUMBER, NUMBERED, Column
from .workbook import write

KINDS = {kind._meta.label_lower: str(kind._meta.verbose_name) for kind in (TargetUpdate, PlanUpdate)}


class LateList:
    """What `workbook.write` asks of an extract."""

    def __init__(self, period, day, now):
        self.ledger = SimpleNamespace(label=f"{period}未报情况通报")
        self.columns = (
            NUMBERED,
            Column("责任单位", lambda item: item.department.name, 20),
            Column("类型", lambda item: KINDS[item.kind], 20),
            Column("项目名称", lambda item: item.dossier.name, 28),
            Column("事项", _matter, 44),
            Column("截止日期", lambda item: item.due_on, 12, DATE),
            Column("逾期天数", lambda item: max(0, (day - item.due_on).days), 10, NUMBER),
            Column("现状", lambda item: step_words(Step(item.step), item.draft_state), 12),
        )
        self.as_of_line = f"数据截至 {timezone.localtime(now):%Y-%m-%d %H:%M}，列出应报未报的事项，已上报的不列。"
        owed = of_period(period).filter(owed=True)
        by_department = tallies(owed, day)
        self.conditions = [
            f"{len(by_department)} 个单位，{sum(tally.owed for tally in by_department.values())} 件未上报",
        ]
        ranked = sorted(by_department, key=lambda pk: (-by_department[pk].overdue, -by_department[pk].owed))
        places = [When(department=pk, then=Value(place)) for place, pk in enumerate(ranked)]
        # Of nothing but a default Django makes "ORDER BY 0", which PostgreSQL reads as a column's place.
        rank = [Case(*places, default=Value(0))] if places else []
        rows = with_step(owed).annotate(map_year=F("battle_map__year"), draft_state=in_hand("state"))
        rows = rows.select_related("department", "dossier", "plan")
        self.rows = rows.order_by(*rank, "department", "due_on", "kind", "dossier__name", "pk")

    def numbered(self, rows):
        """The rows, each knowing its 序号."""
        for ordinal, row in enumerate(rows, 1):
            row.ordinal = ordinal
            yield row


def _matter(item):
    title = title_of(item, item.map_year)
    return f"{title}：{item.plan.content}" if item.plan else title


def write_late_list(period, day, now, file):
    """Write the workbook into `file`; returns how many rows it has."""
    *_, rows = write(LateList(period, day, now), file)
    return rows
