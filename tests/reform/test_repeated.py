"""文字比对: which passages stood in earlier texts, and where."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from reform.models import PlanUpdate
from reform.quality import texts
from reform.quality.repeated import compare
from reform.quality.texts import repeated_texts
from tests.editing import autosave, fields_of
from tests.factories import ProjectFactory, plan_update
from workflow.models import Record
from workflow.states import State

OLD = "一是召开专题推进会，细化任务清单，压实各方责任。二是赴3个区县开展实地调研，梳理问题12项。"
NEW = "三是完成首批六家牵头医院的派驻工作，签订协议并公布名单。"


def test_the_share_is_of_the_text_s_length():
    # 24 + 22 characters stood there before, 28 did not: 46 of 74.
    found = compare(OLD + NEW, [(OLD, "9月")])
    assert (len(OLD), len(NEW), found.percent) == (46, 28, 62)
    assert [segment.source for segment in found.segments] == ["9月", "9月", None]
    assert "".join(segment.text for segment in found.segments) == OLD + NEW
    assert found.sources == ["9月"]


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("二是赴5个区县开展实地调研，梳理问题31项。", 100),  # other figures
        ("其次，赴三个区县开展了实地调研，并梳理问题12项。", 100),  # a few other words
        ("召开专题推进会。", 0),  # too short to tell
        ("完成平台初验并接入全部区县和开发区。", 0),
        ("", 0),
    ],
)
def test_copies_with_other_figures_or_words_count(text, percent):
    assert compare(text, [(OLD, "9月")]).percent == percent


def test_under_30_percent_nothing_is_marked():
    assert not compare("二是赴3个区县开展实地调研，梳理问题12项。" + NEW * 3, [(OLD, "9月")]).is_marked


@pytest.fixture
def plans(cast):
    return [plan for measure in cast.issued_map().measures.all() for plan in measure.plans.all()]


def written(cast, plan, text, to=State.DRAFT):
    update = plan_update(plan, cast.clerk)
    update.work_done = text
    update.save()
    return cast.bring(update, to).specific


def page_of(client, who, record, view="workflow:record"):
    client.force_login(who)
    return client.get(reverse(view, args=[record.pk])).content.decode()


def test_a_clerk_sees_it_while_writing_and_both_reviewers_with_the_way_to_it(client, cast, plans):
    before = written(cast, plans[0], OLD, State.SUBMITTED)
    update = written(cast, plans[1], NEW)
    client.force_login(cast.clerk)
    assert "文字比对" not in page_of(client, cast.clerk, update, "editing:edit")
    answer = autosave(client, update, fields_of(update, work_done=OLD + NEW)).json()["advice"]["repeats"]
    assert "“已开展工作”有 <b>62%</b>" in answer
    assert f"<mark>{OLD[:24]}</mark>" in answer
    cast.bring(PlanUpdate.objects.get(pk=update.pk), State.DEPT_APPROVED)
    for who in (cast.reviewer, cast.office):
        page = page_of(client, who, update)
        assert "文字比对" in page
        assert reverse("workflow:record", args=[before.pk]) in page


def test_a_sibling_project_of_another_department_is_not_named_to_who_may_not_read_it(client, cast, plans):
    elsewhere = ProjectFactory(name="教育改革", department=cast.education)
    theirs = written(cast, plans[0], OLD, State.CONFIRMED)
    Record.objects.filter(pk=theirs.pk).update(dossier=elsewhere)
    update = written(cast, plans[1], OLD, State.DEPT_APPROVED)
    [told] = repeated_texts(update, cast.reviewer)
    assert [(source.pk, source.name) for source in told.compared.sources] == [(None, "其他单位同领域项目的填报")]
    [told] = repeated_texts(update, cast.office)
    assert [source.pk for source in told.compared.sources] == [theirs.pk]
    Record.objects.filter(pk=theirs.pk).update(state=State.SUBMITTED)
    assert repeated_texts(update, cast.office) == []


@pytest.mark.parametrize(("day", "newest"), [(1, 1), (3, 0)])
def test_of_many_earlier_texts_the_newest_are_compared_of_whatever_project(cast, plans, monkeypatch, day, newest):
    """One of another project, submitted on that day, beside one of the project, of the 2nd."""
    monkeypatch.setattr(texts, "OWN", 1)
    monkeypatch.setattr(texts, "STEP", 1)
    said = ["组织专家评审改革方案并印发。", "在全市推开电子证照共享应用。"]
    earlier = [written(cast, plan, text, State.SUBMITTED) for plan, text in zip(plans, said, strict=False)]
    beside = ProjectFactory(name="营商环境改革", department=cast.clerk.department)
    Record.objects.filter(pk=earlier[0].pk).update(dossier=beside)
    for record, on in zip(earlier, (day, 2), strict=True):
        Record.objects.filter(pk=record.pk).update(submitted_at=datetime(2026, 1, on, tzinfo=UTC))
    [told] = repeated_texts(written(cast, plans[2], "".join(said)), cast.clerk)
    assert [source.pk for source in told.compared.sources] == [earlier[newest].pk]


@pytest.mark.parametrize("number", [1, 3])
def test_any_number_of_earlier_texts_costs_the_same(cast, plans, django_assert_num_queries, number):
    for plan in plans[: number - 1]:
        written(cast, plan, OLD, State.SUBMITTED)
    written(cast, plans[0] if number == 1 else plans[1], OLD)
    update = written(cast, plans[2], OLD)
    with django_assert_num_queries(2):
        repeated_texts(update, cast.clerk)
