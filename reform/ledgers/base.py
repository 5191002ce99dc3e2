"""What a ledger is: one list of columns, over rows that one person may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from html import escape
from operator import attrgetter

from django.db.models import Count, F, Subquery, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts import compiled_queries
from accounts.listing import containing
from workflow.formats import plain

TEXT, NUMBER, PERCENT, DATE = "text", "number", "percent", "date"
PAGE_SIZE = 50
WIDE, LONG = 16, 28  # from these widths on a column holds names, and whole sentences


@dataclass(frozen=True)
class Column:
    """`value` takes it out of a row; `width` counts the letters on paper, of which a Chinese one takes two.

    `order` is what a click on the header sorts by: a field, an annotation or an expression.
    """

    label: str
    value: Callable
    width: int = 12
    type: str = TEXT
    order: object = None
    leads: bool = False  # to the row's own page; stays in sight when the table is moved sideways

    @cached_property
    def classes(self) -> str:
        """On the screen: how its cells look, and that they stay in sight."""
        return f"{self.look} stays" if self.leads else self.look

    @cached_property
    def cell(self) -> str:
        """How each of its cells begins on the screen."""
        return f'<td data-label="{escape(self.label)}" class="{self.classes}">'

    @property
    def look(self) -> str:
        """How it looks on the screen: num, day, long, wide, or none."""
        if self.type in (NUMBER, PERCENT):
            return "num"
        if self.type == DATE:
            return "day"
        return "long" if self.width >= LONG else "wide" if self.width >= WIDE else ""

    def of(self, row):
        """The row's value as what it is: a number, a date, text, or None."""
        value = self.value(row)
        if isinstance(value, datetime):
            value = timezone.localdate(value)
        return value

    def text(self, value):
        """The value as it is written on the screen."""
        if value is None:
            return ""
        if isinstance(value, str):
            return str(value)
        if self.type == PERCENT:
            return f"{value:.1%}"
        if isinstance(value, date):
            return value.isoformat()
        return str(value) if isinstance(value, int) else plain(value)


NUMBERED = Column("序号", attrgetter("ordinal"), 6, NUMBER)


def project_columns(*, name_width=24):
    """What every ledger says of a project, of rows `AsOf.with_project`."""
    return (
        Column("项目编号", attrgetter("project_number"), 11, order="project_number"),
        Column("项目名称", attrgetter("project_name"), name_width, order="project_name", leads=True),
        Column("责任单位", attrgetter("department_name"), 16, order="department_place"),
        Column("改革领域", attrgetter("domain_name"), 13, order="domain_place"),
    )


# What every ledger is narrowed by, of rows `AsOf.with_project`.
BY_PROJECT: dict[str, str | tuple[str, str] | None] = {
    "department": "department_then",
    "domain": "domain_then",
    "leader": "leader_then",
    "mandate": "mandate_then",
    "task_force": "task_force_then",
}


def number_of(rows, by):
    """How many of the rows share the outer row's `by`."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(number=Count("pk")).values("number")), 0)


class Ledger:
    """Subclasses say which rows there are, and how they are narrowed; LEDGERS lists them."""

    name = ""  # of its URL
    label = ""
    about = ""  # in one line
    filled_by = ""  # what puts the first row there, in one sentence for those who find none
    leads_to = "workflow:record"  # the page to which a row leads, by the key in `leads_by`
    leads_by = "pk"
    part_of_page = ""
    columns: tuple[Column, ...] = ()
    order: tuple[str, ...] = ()  # unless somebody clicked on a header
    # Field of the form → lookup, or None: `rows` sees to it. Of a period the lookups of year and month.
    filters: dict[str, str | tuple[str, str] | None] = {}
    labels: dict[str, str] = {}  # the words for those fields, where the usual ones do not say enough
    states: Sequence[tuple[str, str]] = ()  # the choices of the filter `state`
    words: tuple[str, ...] = ()  # the lookups that are searched for words

    def begins_at(self, user, as_of, chosen):
        """{name: keys} that `rows` is given, where it begins at what another query finds."""
        return {}

    def rows(self, user, as_of, chosen):
        """The rows as they stood at `as_of`; `chosen`: what is chosen in the form."""
        raise NotImplementedError

    def prefetched(self, as_of):
        """What is prefetched for the rows."""
        return ()

    def urls(self, rows):
        """The pages to which these rows lead."""
        # Worked out once: fifty times, it takes longer than to read the rows.
        before, after = reverse(self.leads_to, args=[0]).rsplit("0", 1)
        return [f"{before}{getattr(row, self.leads_by)}{after}{self.part_of_page}" for row in rows]

    @property
    def sortable(self):
        """{name in the address: column} of the columns by which it can be sorted."""
        return {str(number): column for number, column in enumerate(self.columns) if column.order is not None}


class Extract:
    """The part of a ledger that one person asked for; screen, count and file all take it from here."""

    def __init__(self, ledger, user, form, sort=""):
        form.is_valid()  # what is wrong is told beside its field, and narrows nothing
        self.ledger, self.user = ledger, user
        self.columns = ledger.columns
        self.chosen = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
        self.conditions = [
            f"{form.fields[name].label}：{form.display_value(name)}" for name in self.chosen if name != "as_of"
        ]
        if (period := self.chosen.get("period")) and not ledger.filters["period"]:
            self.chosen |= {"year": period.year, "month": period.last}  # what is said is said up to its end
        self.as_of = form.as_of
        self.sort = sort if sort.removeprefix("-") in ledger.sortable else ""
        self.begins_at = ledger.begins_at(user, self.as_of, self.chosen)
        self.is_usual = self.as_of.is_now and self.chosen.keys() <= {"year"}  # what most people look at

    @property
    def as_of_line(self):
        """The line that says for when, and of what, the figures speak."""
        if self.as_of.is_now:
            when = f"{timezone.localtime(self.as_of.at):%Y-%m-%d %H:%M}"
            return f"数据截至 {when}，进度只统计改革办已确认的数据。"
        return f"数据截至 {self.as_of.day} 24:00，按当日登记和流转记录列出，进度只统计当时已确认的数据。"

    @cached_property
    def rows(self):
        return self._rows(self.user, self.as_of, **self.begins_at).prefetch_related(*self.ledger.prefetched(self.as_of))

    def count(self):
        return sum(self._read("number", self.is_usual, compiled_queries.number_of))

    def __getitem__(self, part):
        """For a page; keys first: sorting needs less of a row than the page does."""
        # Only the queries of first pages are compiled once: there are many others.
        first = self.is_usual and not part.start
        part = slice(part.start, part.start + PAGE_SIZE)  # also of the last, so that one statement asks for it
        keys = self._read("keys", first, lambda rows: rows.values_list("pk", flat=True)[part])
        found = self._read("rows", self.is_usual, lambda rows, keys: rows.filter(pk__in=keys), keys=keys)
        prefetch_related_objects(found, *self.ledger.prefetched(self.as_of))
        return found

    def numbered(self, rows, start=1):
        """The rows, each knowing its 序号."""
        for ordinal, row in enumerate(rows, start):
            row.ordinal = ordinal
            yield row

    def _read(self, name, is_compiled, build, **values):
        """The rows of `build(rows, **values)`; whether they are compiled once."""
        if not is_compiled:
            return list(build(self.rows.prefetch_related(None), **values))

        def asked(user, at, **given):
            rows = self._rows(user, replace(self.as_of, at=at), **{key: given.pop(key) for key in self.begins_at})
            return build(rows, **given)

        of = name, self.ledger.name, self.chosen.get("year"), self.sort, self.as_of.day
        given = self.begins_at | values
        return compiled_queries.compiled_rows("ledger", of, asked, user=self.user, at=self.as_of.at, **given)

    def _rows(self, user, as_of, **begins_at):
        return self._sorted(self._filtered(self.ledger.rows(user, as_of, self.chosen, **begins_at)))

    def _filtered(self, rows):
        for name, lookup in self.ledger.filters.items():
            if isinstance(lookup, tuple):
                rows = self._within(rows, *lookup)
            elif lookup and name in self.chosen:
                value = self.chosen[name]
                rows = rows.filter(**{lookup: getattr(value, "pk", value)})
        return containing(rows, self.chosen.get("q", ""), *self.ledger.words)

    def _within(self, rows, year, month):
        """Those of the period, and of the month, where the address asks for one."""
        if period := self.chosen.get("period"):
            rows = rows.filter(**{year: period.year, f"{month}__range": (period.first, period.last)})
        return rows.filter(**{month: self.chosen["month"]}) if "month" in self.chosen else rows

    def _sorted(self, rows):
        if not self.sort:
            return rows.order_by(*self.ledger.order, "pk")
        order = self.ledger.sortable[self.sort.removeprefix("-")].order
        order = F(order) if isinstance(order, str) else order
        descending = self.sort.startswith("-")
        by = order.desc(nulls_last=True) if descending else order.asc(nulls_last=True)
        return rows.order_by(by, *self.ledger.order, "pk")
