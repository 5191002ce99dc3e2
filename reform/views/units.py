"""The rows of 月末收官台."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts import clock
from accounts.models import Department, User
from reform.calendar import today
from reform.reporting.rates import Rates
from reform.reporting.steps import Step, Tally
from workflow.formats import short_day


@dataclass(frozen=True)
class Unit:
    """A row: how far a department is, what it is stuck in, and whom to call."""

    department: Department
    tally: Tally
    rates: Rates
    contact: User | None
    others: int  # how many more are in charge
    urged_at: datetime | None
    is_urged: bool  # of all that it owes, today

    # As text: numbers are written by the rules of a language each time.

    @property
    def key(self):
        return str(self.department.pk)

    @property
    def contact_key(self):
        return str(self.contact.pk)

    @property
    def due(self):
        return str(self.tally.due)

    @property
    def waits(self):
        """How much; "" of nothing."""
        return str(self.tally.waits or "")

    @property
    def bar(self):
        """(tint, from, width) in percent, confirmed first."""
        found, start = [], 0.0
        for step in reversed(Step):
            if number := self.tally.steps[step]:
                width = 100 * number / self.tally.due
                found.append((step.tint, f"{start:.2f}", f"{width:.2f}"))
                start += width
        return found

    @property
    def bar_words(self):
        return "，".join(f"{step.label} {self.tally.steps[step]}" for step in reversed(Step) if self.tally.steps[step])

    @property
    def stuck(self):
        """(tint, words, step to ask for) of each step in which something waits."""
        steps = self.tally.steps
        if steps[Step.UNTOUCHED]:
            yield "red", f"录入 {self.tally.owed}", "owed"
        elif steps[Step.DRAFT]:
            yield "grey", f"草稿 {steps[Step.DRAFT]}", Step.DRAFT.key
        for step, word in ((Step.DEPARTMENT, "部门审核"), (Step.OFFICE, "改革办")):
            if steps[step]:
                days = (clock.now() - self.tally.since[step]).days
                yield step.tint, f"{word} {steps[step]}" + (f" · {days} 天" if days else ""), step.key

    @property
    def risk(self):
        """Sorts the most urgent first."""
        longest = min(self.tally.since.values(), default=clock.now())
        return -self.tally.overdue, -self.tally.owed, longest

    @property
    def urged_words(self):
        """今天 09:05, 昨天 16:20 or 11-23."""
        at = timezone.localtime(self.urged_at)
        word = {0: "今天", 1: "昨天"}.get((today() - at.date()).days)
        return f"{word} {at:%H:%M}" if word else short_day(at)
