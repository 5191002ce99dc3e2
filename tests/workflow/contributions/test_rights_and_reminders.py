"""Of 配合材料: who may write, decide and read, and who is reminded when."""

from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from tests.editing import reloaded
from tests.workflow.contributions.pages import DAY, fill, page_of, press, texts, told
from workflow import contributions
from workflow.models import Contribution, Message
from workflow.refusals import ActionRefused, Gone
from workflow.states import State

pytestmark = pytest.mark.sql


# --- Who may -------------------------------------------------------------------------------------


def test_who_may_do_what(cast, asked, update):
    """Write: the partner's clerk alone. Decide: the clerks of the responsible department alone."""
    writers, deciders, readers = set(), set(), set()
    for who, person in cast.people.items():
        if Contribution.objects.visible_to(person).exists():
            readers.add(who)
        try:
            contributions.write(asked.pk, person, reloaded(asked).version, who, give=False)
            writers.add(who)
        except ActionRefused:
            pass
        try:
            contributions.step(update, person, "urge", asked.pk)
            deciders.add(who)
        except ActionRefused:
            pass
    assert (writers, readers, deciders) == ({"partner"}, {"partner", "partner_reviewer"}, {"clerk", "clerk2"})


def test_strangers_and_other_partners_find_nothing(client, cast, asked, finance):
    for person in (cast.stranger, cast.admin, cast.auditor, *finance.people.all()):
        client.force_login(person)
        assert client.get(page_of(asked)).status_code == 404
        assert fill(client, asked, "外单位写的").status_code == 404
        with pytest.raises(Gone):
            contributions.ask(reloaded(asked.record), person, [finance], DAY, "")
    assert reloaded(asked).text == ""


def test_partners_do_not_see_each_others_part_before_it_is_settled(client, cast, finance, update):
    other = finance.people.get()
    contributions.ask(update, cast.clerk, [cast.science, finance], DAY, "")
    first, second = update.contributions.all()
    contributions.write(first.pk, cast.partner, first.version, "科技局写的", give=True)
    contributions.write(second.pk, other, second.version, "财政局写的", give=True)
    client.force_login(other)
    assert "科技局写的" not in texts(client.get(page_of(second)))
    client.force_login(cast.clerk)
    press(client, update, "take", first)
    press(client, update, "decline", second)
    cast.bring(reloaded(update), State.CONFIRMED)
    client.force_login(other)
    page = texts(client.get(reverse("workflow:record", args=[update.pk])))
    assert "市科技局提供的材料" in page
    for trace in ("财政局", "未采用", "截止 2026", "配合材料办理情况"):
        assert trace not in page[page.index("<h1") :]
    client.force_login(cast.office)
    page = texts(client.get(reverse("workflow:record", args=[update.pk])))
    assert [
        word for word in ("市科技局提供的材料", "财政局写的", "未采用", "配合材料办理情况") if word not in page
    ] == []


# --- Reminding -------------------------------------------------------------------------------------


def test_the_lead_urges_once_a_day(client, cast, asked, update):
    client.force_login(cast.clerk)
    press(client, update, "urge", asked)
    press(client, update, "urge", asked)
    assert told(cast.partner)[1:] == [
        f"市发展改革委催办：数字经济改革 · {update.heading}的配合材料还未提供，截止7月20日，请抓紧提供。"
    ]


def test_the_partner_is_reminded_the_day_before_on_the_day_and_once_it_is_late(cast, asked):
    Message.objects.all().delete()
    found = {}
    for day in ("2026-07-16", "2026-07-17", "2026-07-18", "2026-07-20", "2026-07-21", "2026-07-22"):
        with time_machine.travel(f"{day}T07:00+08:00", tick=False):
            known = set(told(cast.partner))
            call_command("remind", stdout=StringIO(), stderr=StringIO())
            found[day] = [text.rpartition("）")[2] for text in told(cast.partner) if text not in known]
    assert found == {
        "2026-07-16": [],
        "2026-07-17": ["，截止7月20日，还剩1个工作日。"],
        "2026-07-18": [],
        "2026-07-20": ["，截止7月20日，今天是最后一天。"],
        "2026-07-21": ["，已逾期，截止7月20日，请抓紧提供。"],
        "2026-07-22": [],
    }


def test_nobody_is_reminded_of_what_is_not_open(cast, asked, update):
    cast.bring(reloaded(update), State.CONFIRMED)
    Message.objects.all().delete()
    with time_machine.travel("2026-07-21T07:00+08:00", tick=False):
        call_command("remind", stdout=StringIO(), stderr=StringIO())
    assert told(cast.partner) == []
