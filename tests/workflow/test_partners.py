"""A partner department reads what is settled, nothing of how it got there: on no page and at no address."""

import re

import pytest
from django.urls import reverse

from accounts import clock
from reform.models import MeasureIteration, PlanUpdate
from tests.factories import AttachmentFactory
from workflow import rules
from workflow.models import Dossier, Record
from workflow.states import State

pytestmark = pytest.mark.sql

PARTNERS = ("partner", "partner_reviewer")
READERS = ("clerk", "clerk2", "reviewer", "reviewer2", "office", "office2", "office_elsewhere")


def get(client, person, name, *args):
    client.force_login(person)
    answer = client.get(reverse(f"workflow:{name}", args=args))
    if answer.streaming:
        answer.getvalue()  # reads and closes the file
    return answer


@pytest.fixture
def settle(cast):
    """settle(kind): a record confirmed on its second way, a file of its first submission removed in between."""

    def make(kind):
        record = cast.make(kind)
        AttachmentFactory(record=record, name="留下的.pdf")
        removed = AttachmentFactory(record=record, name="移除的.pdf")
        record = cast.bring(record, State.SUBMITTED)
        record = cast.act(record, "reviewer", "reject", reason="数据有误", detail="驳回时写的话")
        removed.removed_at = clock.now()
        removed.save()
        cast.act(record, "clerk2", "submit")
        cast.act(record, "reviewer2", "approve", detail="通过时写的话")
        return cast.act(record, "office", "confirm", detail="确认时写的话").specific, removed

    return make


@pytest.mark.parametrize("kind", Record.kinds(), ids=lambda kind: kind._meta.model_name)
def test_a_partner_finds_no_trace_of_how_it_was_settled(client, cast, settle, kind):
    record, removed = settle(kind)
    submissions = list(record.events.filter(action="submit"))
    kept = record.attachments.current().get(name="留下的.pdf")
    for who in PARTNERS:
        person = getattr(cast, who)
        assert not rules.may_see_history(record, person)
        page = get(client, person, "record", record.pk).content.decode()
        shown = re.sub(r"<[^>]+>", " ", page[page.index("<h1") :])
        for trace in ("驳回", "数据有误", "移除的", "写的话", "部门审核通过", "查看当时内容", "创建草稿", "上一次上报"):
            assert trace not in shown
        assert [word for word in ("已确认", "改革办确认", "留下的.pdf") if word not in shown] == []
        answers = [get(client, person, "snapshot", record.pk, event.pk).status_code for event in submissions]
        answers += [get(client, person, name, removed.pk).status_code for name in ("download", "preview")]
        assert answers == [404, 404, 404, 404]
        assert get(client, person, "download", kept.pk).status_code == 200


def test_all_others_who_read_it_see_its_history(client, cast, settle):
    record, removed = settle(MeasureIteration)
    for who in READERS:
        person = getattr(cast, who)
        assert rules.may_see_history(record, person)
        page = get(client, person, "record", record.pk).content.decode()
        traces = ("驳回", "数据有误", "驳回时写的话", "查看当时内容", "创建草稿", "移除的.pdf")
        assert [trace for trace in traces if trace not in page] == []
        for event in record.events.filter(action="submit"):
            assert get(client, person, "snapshot", record.pk, event.pk).status_code == 200
        assert get(client, person, "download", removed.pk).status_code == 200


def test_a_partner_still_sees_what_an_iteration_changed_on_the_map(client, cast, settle):
    record, _ = settle(MeasureIteration)
    page = get(client, cast.partner, "record", record.pk).content.decode()
    assert "第1条举措<ins>（已优化）</ins>" in page


@pytest.mark.parametrize("kind", Record.kinds(), ids=lambda kind: kind._meta.model_name)
def test_a_partner_is_not_told_who_submitted_nor_that_it_was_late(client, cast, settle, kind):
    """On the record's page, and on the pages that list it."""
    record, _ = settle(kind)
    Record.objects.filter(pk=record.pk).update(late=True)
    pages = [
        reverse("workflow:record", args=[record.pk]),
        reverse("reform:kind", args=[kind._meta.model_name]),
        Dossier.objects.get(pk=record.dossier_id).get_absolute_url(),
    ]
    if kind is PlanUpdate:
        pages.append(reverse("reform:plan", args=[record.plan_id]))

    def told(who):
        client.force_login(getattr(cast, who))
        found = set()
        for page in pages:
            text = client.get(page, follow=True).content.decode()
            assert "已确认" in text or "上报时间" in text
            found |= {(page, word) for word in ("迟报", "录入乙") if word in text[text.index("<h1") :]}
        return found

    names = {(page, "录入乙") for page in pages[:3]}
    assert told("partner") == told("partner_reviewer") == set()
    assert told("office") == told("clerk") | names == {(page, "迟报") for page in pages} | names
