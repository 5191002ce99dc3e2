"""减负表 as rows with columns, on the screen and as .xlsx."""

from decimal import Decimal
from operator import attrgetter

from django.utils import timezone

from .base import NUMBER, Column
from .plain import PlainExtract

TENTH = Decimal("0.1")


def _rounded(name):
    def value(row):
        found = getattr(row, name)
        return None if found is None else Decimal(found).quantize(TENTH)

    return value


COLUMNS = (
    Column("填报类型", attrgetter("label"), 20, leads=True),
    Column("月份", attrgetter("when"), 8),
    Column("上报件数", attrgetter("submitted"), 12, NUMBER),
    Column("每件填写项", _rounded("asked_each"), 12, NUMBER),
    Column("每件带入项", _rounded("given_each"), 12, NUMBER),
    Column("用时（分）", _rounded("minutes"), 12, NUMBER),
    Column("退回次数", attrgetter("returned"), 12, NUMBER),
    Column("退回原因", attrgetter("reason_words"), 40),
)


class _Rows(list):
    def iterator(self, chunk_size):
        return iter(self)


class BurdenExtract(PlainExtract):
    label = "减负表"
    columns = COLUMNS

    def __init__(self, rows, conditions, now):
        line = f"数据截至 {timezone.localtime(now):%Y-%m-%d %H:%M}，由填报和流转记录汇总，不含人员。"
        super().__init__(_Rows(rows), conditions, line)

    def lines(self):
        """Each row as the screen shows it."""
        return [[(column, column.text(column.of(row))) for column in self.columns] for row in self.rows]
