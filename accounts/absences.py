"""外出委托: who acts in whose place, and on which days."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts import clock


def acted_for(principal_name: str) -> str:
    """受…委托; "" of what somebody did by their own duty."""
    return f"受{principal_name}委托" if principal_name else ""


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def effective(self) -> Self:
        """Those that hold today: of two people who still have one role."""
        day = clock.today()
        found = self.filter(ended_at=None, first_day__lte=day, last_day__gte=day)
        return found.filter(person__role=F("stand_in__role"), person__is_active=True, stand_in__is_active=True)

    def overlapping(self, first: date, last: date) -> Self:
        """Those not ended that have a day between these two."""
        return self.filter(ended_at=None, first_day__lte=last, last_day__gte=first)

    def stand_ins(self) -> dict[int, list[int]]:
        """{person: those who act in their place today}."""
        found: dict[int, list[int]] = {}
        for person, stand_in in self.effective().order_by("pk").values_list("person", "stand_in"):
            found.setdefault(person, []).append(stand_in)
        return found


class Absence(models.Model):
    """For a span of days somebody of the same role acts for the same departments; the person still may, too.

    It is not passed on: who stands in for somebody does not do so for those for whom that one stands in.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="委托人", related_name="absences")
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="受托人", related_name="standing_in"
    )
    first_day = models.DateField("开始日期")
    last_day = models.DateField("结束日期")
    created_at = models.DateTimeField("登记时间", default=clock.now)
    ended_at = models.DateTimeField("提前结束时间", null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "外出委托"
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_days_in_order"),
            models.CheckConstraint(condition=~Q(person=F("stand_in")), name="absence_of_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.person}委托{self.stand_in}，{self.first_day:%Y-%m-%d}至{self.last_day:%Y-%m-%d}"

    @property
    def state(self) -> tuple[str, str]:
        """Label and tint."""
        day = clock.today()
        if self.ended_at:
            return ("已取消" if self.was_cancelled else "已提前结束"), "grey"
        if day > self.last_day:
            return "已结束", "grey"
        return ("代办中", "green") if self.has_begun else ("未开始", "blue")

    @property
    def has_begun(self) -> bool:
        return clock.today() >= self.first_day

    @property
    def was_cancelled(self) -> bool:
        """Ended before it had begun."""
        return self.ended_at is not None and timezone.localdate(self.ended_at) < self.first_day

    @property
    def may_end(self) -> bool:
        return self.ended_at is None and clock.today() <= self.last_day


def with_stand_ins(people: Iterable[int], stand_ins: dict[int, list[int]]) -> list[int]:
    """These people and those who act in their place, each once."""
    people = list(people)
    return list(dict.fromkeys([*people, *(one for person in people for one in stand_ins.get(person, ()))]))
