"""Classified evidence is registered, never sent."""

import datetime as dt

import pytest
from django.urls import reverse

from workflow.actions import perform


def register(client, draft, title, sent_on):
    return client.post(
        reverse("workflow:classified", args=[draft.pk]),
        {"classified_title": title, "classified_sent_on": sent_on},
        headers={"Accept": "application/json"},
    )


@pytest.mark.parametrize("typed", ["2026-07-01", "2026/7/1", "2026年7月1日", "２０２６．７．１"])
def test_classified_evidence_is_registered_by_title_and_day(client, cast, draft, typed):
    draft.classified_notices.all().delete()
    client.force_login(cast.clerk)
    notice = register(client, draft, "某项报告", typed).json()["notice"]
    assert (notice["title"], notice["sent_on"]) == ("某项报告", "2026-07-01")
    registered = draft.classified_notices.get()
    assert (registered.title, registered.sent_on) == ("某项报告", dt.date(2026, 7, 1))
    assert registered.registrar == cast.clerk
    assert draft.has_evidence

    client.post(notice["remove"], headers={"Accept": "application/json"})
    assert not draft.has_evidence


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        (("", ""), ["请填写已报送涉密材料的标题。", "请填写涉密材料的报送日期。"]),
        (("报" * 101, "2026-07-01"), ["涉密材料的标题不超过 100 字，现有 101 字。"]),
        (("报告", "2026-07-16"), ["涉密材料的报送日期不能晚于今天。"]),
        (("报告", "昨天"), ["涉密材料的报送日期有误，例如 2026-07-01。"]),
        (("报告", "0026-07-01"), ["涉密材料的报送日期有误，例如 2026-07-01。"]),
        (("报告", "2026-13-01"), ["涉密材料的报送日期有误，例如 2026-07-01。"]),
    ],
)
def test_what_is_wrong_with_a_notice_is_said_all_at_once(client, cast, draft, typed, sentences):
    client.force_login(cast.clerk)
    answer = register(client, draft, *typed)
    assert answer.status_code == 422
    assert [problem["text"] for problem in answer.json()["problems"]] == sentences
    assert draft.classified_notices.count() == 1


def test_notices_are_frozen_with_the_record(client, cast, draft):
    perform(draft.pk, "submit", cast.clerk, draft.version)
    client.force_login(cast.clerk)
    assert "不能再修改" in register(client, draft, "报告", "2026-07-01").json()["problems"][0]["text"]
    notice = draft.classified_notices.get()
    client.post(reverse("workflow:notice_remove", args=[draft.pk, notice.pk]))
    assert draft.classified_notices.get() == notice
