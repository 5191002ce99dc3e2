"""移交工作: all that one person has to do goes to another, after it was read; what they have done stays theirs."""

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry

from accounts import clock
from accounts.absences import Absence
from accounts.models import Role, User
from reform.handovers import messages as unread_messages
from tests import factories
from tests.reform.handover_pages import duties
from workflow.models import Message, Record
from workflow.states import State

pytestmark = pytest.mark.sql

DAY = dt.date(2026, 7, 15)  # of every story


@pytest.fixture
def hand(client, cast):
    """hand(source, target): the answer to the preview, confirmed unless `confirmed` is False."""
    client.force_login(cast.admin)

    def go(source, target, confirmed=True):
        address, choice = f"/office/people/{source.pk}/handover/", {"target": target.pk}
        shown = client.post(address, choice)
        if not confirmed or shown.status_code != 200:
            return shown
        token = shown.context["handover"].token
        return client.post(address, choice | {"token": token, "accepted": "on"}, follow=True)

    return go


def again(person):
    """As the next request loads them."""
    return User.objects.get(pk=person.pk)


def told(person):
    return list(Message.objects.filter(recipient=person).unread().order_by("pk").values_list("text", flat=True))


def sentences(person):
    """What the history says of this person."""
    return list(LogEntry.objects.filter(object_id=str(person.pk)).values_list("change_message", flat=True))


def test_a_clerks_work_goes_to_another(cast, hand):
    cast.issued_map()
    cast.clerk.assign(cast.science)
    record = cast.bring(factories.promotion(cast.project, cast.clerk), State.REJECTED)
    unread = told(cast.clerk)
    shown = hand(cast.clerk, cast.stranger, confirmed=False)
    assert ("退回、驳回待修改", 1) in shown.context["waiting"]
    assert f"{cast.clerk}的账号随即停用" in shown.content.decode()
    assert again(cast.clerk).is_active
    answer = hand(cast.clerk, cast.stranger)
    assert f"{cast.clerk}的工作已移交给{cast.stranger}" in answer.content.decode()
    assert (again(cast.clerk).is_active, duties(cast.clerk), told(cast.clerk)) == (False, set(), [])
    assert duties(cast.stranger) == {"市发展改革委", "市科技局", "市教委"}
    assert Record.objects.in_hand(again(cast.stranger)).filter(pk=record.pk).exists()
    assert Record.objects.get(pk=record.pk).submitter == cast.clerk
    assert unread
    assert set(unread) <= set(told(cast.stranger))
    assert f"{cast.clerk}的工作（市发展改革委、市科技局）已移交给您，请查看待办事项。" in told(cast.stranger)
    assert f"工作移交给{cast.stranger}（市发展改革委、市科技局）；启用：是 → 否" in sentences(cast.clerk)
    assert f"承接{cast.clerk}的工作（市发展改革委、市科技局）" in sentences(cast.stranger)


def test_of_very_many_unread_messages_the_newest_go(cast, hand, monkeypatch):
    monkeypatch.setattr(unread_messages, "MOST", 2)
    days = [clock.now() - dt.timedelta(days=days) for days in (3, 2, 1)]
    Message.objects.bulk_create(
        Message(recipient=cast.clerk, key=f"notice-{day:%d}", text=f"{day:%d}日", created_at=day) for day in days
    )
    shown = hand(cast.clerk, cast.stranger, confirmed=False).content.decode()
    assert "<dt>未读消息</dt><dd>最近 2 条（更早的不再移交）</dd>" in shown
    hand(cast.clerk, cast.stranger)
    assert told(cast.clerk) == ["12日"]
    assert told(cast.stranger)[:2] == ["14日", "13日"]


@pytest.mark.parametrize(
    ("source_has", "target_has", "after"),
    [
        ([], ["planning"], set()),
        (["planning"], [], set()),
        (["planning"], ["education"], {"市发展改革委", "市教委"}),
    ],
)
def test_at_the_office_nobody_loses_a_department(cast, hand, source_has, target_has, after):
    """Who holds none in particular looks after all."""
    for person, names in ((cast.office, source_has), (cast.office2, target_has)):
        for name in names:
            person.assign(getattr(cast, name))
    hand(cast.office, cast.office2)
    assert duties(cast.office2) == after
    assert cast.planning.pk in again(cast.office2).assigned_department_ids
    assert not again(cast.office).is_active


def test_who_stood_in_is_followed_by_the_successor(cast, hand):
    def absence(person, stand_in):
        return Absence.objects.create(person=person, stand_in=stand_in, first_day=DAY, last_day=DAY)

    others, own = absence(cast.clerk2, cast.clerk), absence(cast.clerk, cast.clerk2)
    of_successor = absence(cast.stranger, cast.clerk)
    page = hand(cast.clerk, cast.stranger, confirmed=False).content.decode()
    assert (page.count("即行结束"), page.count(f"改由{cast.stranger}代办")) == (2, 1)
    hand(cast.clerk, cast.stranger)
    found = Absence.objects.in_bulk([others.pk, own.pk, of_successor.pk])
    assert found[others.pk].stand_in == cast.stranger
    assert found[others.pk].ended_at is None
    assert found[own.pk].ended_at
    assert found[of_successor.pk].ended_at


def test_only_to_somebody_active_of_the_same_role(cast, hand, client):
    cast.clerk2.is_active = False
    cast.clerk2.save()
    for target in (cast.reviewer, cast.clerk, cast.clerk2, cast.admin):
        refused = hand(cast.clerk, target)
        assert (refused.status_code, "没有这名人员" in refused.content.decode()) == (422, True)
    for person in (cast.clerk2, cast.admin, cast.auditor, cast.display):
        assert client.get(f"/office/people/{person.pk}/handover/").status_code == 404
    client.force_login(cast.office)
    assert client.get(f"/office/people/{cast.clerk.pk}/handover/").status_code == 404


def test_what_changed_after_the_preview_is_shown_first(cast, client):
    client.force_login(cast.admin)
    address, choice = f"/office/people/{cast.clerk.pk}/handover/", {"target": cast.stranger.pk}
    token = client.post(address, choice).context["handover"].token
    unticked = client.post(address, choice | {"token": token})
    assert (unticked.status_code, "请核对以下内容" in unticked.content.decode()) == (422, True)
    cast.clerk.assign(cast.science)
    changed = client.post(address, choice | {"token": token, "accepted": "on"})
    assert (changed.status_code, "预览之后内容又有变化" in changed.content.decode()) == (409, True)
    assert "市科技局" in changed.content.decode()
    assert again(cast.clerk).is_active
    token = changed.context["handover"].token
    done = client.post(address, choice | {"token": token, "accepted": "on"}, follow=True)
    assert (done.status_code, again(cast.clerk).is_active) == (200, False)
    assert client.post(address, choice).status_code == 404  # done already


def test_where_nobody_can_take_over_only_who_may_add_people_is_led_to_it(client, cast):
    User.objects.filter(role=Role.OFFICE_REVIEWER).exclude(pk=cast.office.pk).update(is_active=False)
    for role, is_led in [(Role.SYSTEM_ADMIN, True), (Role.SECURITY_ADMIN, False)]:
        client.force_login(factories.UserFactory(role=role))
        page = client.get(f"/office/people/{cast.office.pk}/handover/").content.decode()
        assert "没有其他市委改革办审核人员可以承接" in page
        assert ("/office/people/add/" in page) == is_led
