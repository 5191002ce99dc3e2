"""A whole month, from the first reminder until everything is confirmed: at no moment is a matter without an owner."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Role
from reform.calendar import today
from reform.calendar.periods import Period
from reform.models import DueItem
from reform.reporting.people import in_charge, people_in_charge
from reform.reporting.steps import OWED, Step, of_period, with_step
from tests import factories
from tests.factories import ProjectFactory
from tests.reform.month_end_pages import issue_by, on_day, report_plan
from workflow.actions import perform
from workflow.models import Message, Record

NOVEMBER = Period(2026, 11, 11)


class Month:
    """Projects of two departments, and who does what with them."""

    def __init__(self, cast, number):
        self.cast, self.number = cast, number
        self.staff = {
            cast.planning.pk: (cast.clerk, cast.reviewer),
            cast.education.pk: (cast.stranger, cast.strange_reviewer),
        }
        self.maps = []
        for count in range(number):
            department = cast.education if count % 2 else cast.planning
            project = ProjectFactory(name=f"第{count}项改革", department=department)
            self.maps.append(issue_by(project, *self.staff[department.pk], cast.office))
        self.records = {}

    def draft(self, which):
        for drawn in self.maps[which::3]:
            clerk, _ = self.staff[drawn.dossier.department_id]
            self.records[drawn.pk] = [
                factories.target_update(drawn, clerk, 11),
                report_plan(self.cast, drawn, by=clerk),
            ]
            self.check()

    def act(self, which, *steps):
        """Do these to the records of every third project, one step after another."""
        for step in steps:
            who, action = step.split()
            words = {"reason": "数据有误", "detail": "请核对。"} if action in ("reject", "send_back") else {}
            for drawn in self.maps[which::3]:
                clerk, reviewer = self.staff[drawn.dossier.department_id]
                people = {"clerk": clerk, "reviewer": reviewer, "office": self.cast.office}
                for record in self.records[drawn.pk]:
                    version = Record.objects.values_list("version", flat=True).get(pk=record.pk)
                    perform(record.pk, action, people[who], version, **words)
                self.check()

    def check(self):
        """Every matter is in somebody's hands who finds it in their own lists, until it is confirmed."""
        rows = list(with_step(of_period(NOVEMBER)))
        assert len(rows) == 2 * self.number
        people = people_in_charge({row.department_id for row in rows})
        known = {person: self.list_of(person) for found in people.values() for person in found}
        for row in rows:
            owners = in_charge(people, row.department_id, row.step)
            assert bool(owners) is (row.step != Step.CONFIRMED)
            matter = row.pk if row.step in OWED else row.record_id
            if row.opens_on <= today():  # the first reminder comes a working day before
                assert all(matter in known[person] for person in owners)

    @staticmethod
    def list_of(person):
        """What their lists read: matters that wait for a clerk, records that wait for a reviewer."""
        if person.role == Role.ENTRY:
            waiting = DueItem.objects.waiting(today()).filter(dossier__department__in=person.assigned_department_ids)
            return set(waiting.values_list("pk", flat=True))
        return set(Record.objects.awaiting(person).values_list("pk", flat=True))

    def steps(self):
        return {Step(step) for step in with_step(of_period(NOVEMBER)).values_list("step", flat=True)}


def live_through(cast, client, number):
    with on_day("2026-01-05"):
        month = Month(cast, number)
    Message.objects.all().delete()
    with on_day("2026-11-23"):
        call_command("remind", verbosity=0)
        assert cast.clerk.messages.filter(key__startswith="remind").count() == 2
        assert month.steps() == {Step.UNTOUCHED}
        month.check()
    with on_day("2026-11-24"):
        month.draft(0)
        month.act(0, "clerk submit", "reviewer approve")
        month.draft(1)
        month.act(1, "clerk submit", "clerk withdraw", "clerk submit", "reviewer reject")
    with on_day("2026-11-26"):
        month.act(0, "office confirm")
        month.act(1, "clerk submit", "reviewer approve", "reviewer take_back", "reviewer approve", "office send_back")
    with on_day("2026-11-27"):
        client.force_login(cast.office)
        client.post(reverse("reform:urge"), {"department": [cast.planning.pk, cast.education.pk]})
        assert cast.clerk.messages.filter(key__startswith="urge").count() == 2
    with on_day("2026-11-30"):
        month.act(1, "clerk submit", "reviewer approve", "office confirm")
        month.draft(2)
    with on_day("2026-12-01"):
        month.act(2, "clerk submit", "reviewer approve", "office confirm")
        assert month.steps() == {Step.CONFIRMED}
        client.force_login(cast.office)
        page = client.get(reverse("reform:month_end"), {"period": "2026-11"})
        assert [tile.number for tile in page.context["tiles"]] == [2 * number, 0, 0, 0, 2 * number]
        third = len(month.maps[2::3]) * 2
        assert page.context["overall"].in_time == 2 * number - third


@pytest.mark.sql
def test_no_matter_of_a_month_is_ever_without_an_owner(cast, client):
    live_through(cast, client, 3)


@pytest.mark.full
def test_no_matter_of_a_hundred_projects_is_ever_without_an_owner(cast, client):
    live_through(cast, client, 100)
