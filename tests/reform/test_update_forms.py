"""The forms of the five kinds that follow the map: what they keep, refuse and never touch, through their real pages."""

from datetime import date
from decimal import Decimal

import pytest

from reform.models import (
    BrandUpdate,
    MeasureIteration,
    MonthlyPlan,
    PlanChange,
    PlanUpdate,
    PromotionUpdate,
    TargetUpdate,
    TargetValue,
)
from tests import factories
from tests.editing import fields_of, reloaded, send
from workflow.models import Record
from workflow.states import State

FOLLOWING = [TargetUpdate, PlanUpdate, PromotionUpdate, BrandUpdate, MeasureIteration]


@pytest.fixture
def begun(cast, client):
    """begun(kind): a record with nothing in the way of 上报; its clerk is signed in."""
    client.force_login(cast.clerk)
    return cast.make


def problems(answer):
    return {
        problem.field: problem.text for problem in answer.context["problems"] or answer.context["form"].input_errors()
    }


def press(client, record, name, value):
    """One of the buttons of rows, as pressed without scripts."""
    return client.post(f"/records/{record.pk}/edit/", fields_of(record) | {name: value})


# --- All of them --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FOLLOWING)
def test_what_the_page_shows_can_be_sent_and_reported(client, begun, kind):
    record = begun(kind)
    before = record.snapshot()
    answer = send(client, record, fields_of(record), "submit")
    assert (answer.status_code, answer.url) == (302, f"/records/{record.pk}/")
    assert (reloaded(record).state, reloaded(record).snapshot()) == (State.SUBMITTED, before)


@pytest.mark.parametrize("kind", FOLLOWING)
def test_an_emptied_page_is_a_draft_and_says_all_that_is_missing(client, begun, kind):
    record = begun(kind)
    hidden = ("version", "-id", "_FORMS")
    emptied = {name: value if name.endswith(hidden) else "" for name, value in fields_of(record).items()}
    assert send(client, record, emptied).status_code == 302
    answer = send(client, record, emptied | {"version": "1"}, "submit")
    assert answer.status_code == 422
    expected = {problem.field: problem.text for problem in reloaded(record).problems()}
    assert problems(answer) == expected
    for field in expected:
        assert f'href="#id_{field}"' in answer.content.decode()
        assert f'id="id_{field}"' in answer.content.decode()
    assert (reloaded(record).state, reloaded(record).version) == (State.DRAFT, 2)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (TargetUpdate, "values-1-remark"),
        (PlanUpdate, "work_done"),
        (PromotionUpdate, "summary"),
        (BrandUpdate, "results"),
        (MeasureIteration, "basis"),
    ],
)
def test_long_texts_are_kept_whole_or_refused_with_their_text(client, begun, kind, field):
    record = begun(kind)
    answer = send(client, record, fields_of(record) | {field: "长" * 10_000})
    assert answer.status_code == 422
    assert problems(answer)[field].endswith("不超过 5000 字，现有 10000 字。")
    assert "长" * 10_000 in answer.content.decode()
    assert (
        send(client, record, fields_of(record) | {field: " 头\x00\x07\x0b" + "长" * 4997 + "尾\r\n"}).status_code == 302
    )
    assert "头\n" + "长" * 4997 + "尾" in str(reloaded(record).snapshot().values()).replace("\\n", "\n")


@pytest.mark.parametrize("kind", FOLLOWING)
def test_what_the_form_does_not_ask_for_is_not_taken(client, cast, begun, kind):
    record = begun(kind)
    elsewhere = factories.ProjectFactory(department=cast.education)
    forged = {
        "state": "confirmed",
        "creator": cast.stranger.pk,
        "submitter": cast.stranger.pk,
        "dossier": elsewhere.pk,
        "kind": "reform.battlemap",
        "record_ptr": 999,
        "battle_map": 999,
        "month": 12,
        "revision": 9,
        "plan": 999,
        "measure": 999,
        "is_new": "on",
        "before": "{}",
        "values-0-indicator": 999,
        "values-0-update": 999,
        "plans-0-plan": 999,
        "plans-0-iteration": 999,
    }
    values = Record.objects.values().get(pk=record.pk)
    kept, own = record.snapshot(), type(record).objects.values().get(pk=record.pk)
    assert send(client, record, fields_of(record) | forged).status_code == 302
    after = Record.objects.values().get(pk=record.pk)
    assert {name for name in after if after[name] != values[name]} == {"version", "updated_at"}
    changed = type(record).objects.values().get(pk=record.pk)
    assert {name for name in own if changed[name] != own[name]} == {"version", "updated_at"}
    assert reloaded(record).snapshot() == kept


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        (PlanUpdate, {"status": "finished"}, "推进状态：请从列出的推进状态中选择。"),
        (PromotionUpdate, {"method": "party"}, "推广方式：请从列出的推广方式中选择。"),
        (PromotionUpdate, {"promoted_on": "2026-02-30"}, "推广日期：请填写正确的日期，例如 2026-07-01。"),
        (PromotionUpdate, {"promoted_on": "上个月底"}, "推广日期：请填写正确的日期，例如 2026-07-01。"),
        (BrandUpdate, {"recognition": "local"}, "获肯定方式：请从列出的获肯定方式中选择。"),
        (BrandUpdate, {"created_on": "2026-13-01"}, "品牌创建日期：请填写正确的日期，例如 2026-07-01。"),
        (TargetUpdate, {"values-0-value": "十"}, "新增试点企业 当月进度值：请填写数字，例如 3.5。"),
        (TargetUpdate, {"values-1-value": "1e5"}, "办件量 当月进度值：请填写数字，例如 3.5。"),
        (TargetUpdate, {"values-1-value": "0.00001"}, "办件量 当月进度值：小数不超过 4 位。"),
        (TargetUpdate, {"values-1-value": "9" * 12}, "办件量 当月进度值：数字过长，整数部分不超过 11 位。"),
        (MeasureIteration, {"plans-1-month": "13"}, "计划2 计划月度：“13”不在可选的月份中，请选择 1 月至 12 月。"),
        (
            MeasureIteration,
            {"plans-0-type": "party"},
            "计划1 计划类型：“party”不在计划类型中，请从列表中选择计划类型。",
        ),
        (MeasureIteration, {"plans-0-type_name": "长" * 21}, "计划1 类型名称：不超过 20 字，现有 21 字。"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(client, begun, kind, typed, sentence):
    record = begun(kind)
    [field] = typed
    answer = send(client, record, fields_of(record) | typed)
    assert answer.status_code == 422
    assert problems(answer) == {field: sentence}
    page = answer.content.decode()
    assert f'href="#id_{field}"' in page
    assert f'id="id_{field}_error"' in page
    assert reloaded(record).version == record.version


@pytest.mark.parametrize(("kind", "field"), [(PromotionUpdate, "promoted_on"), (BrandUpdate, "created_on")])
def test_days_are_typed_in_many_ways_and_not_later_than_today(client, begun, kind, field):
    record = begun(kind)
    for typed in ["2026-07-15", "2026/7/15", "２０２６．７．１５", "20260715", "2026年7月15日"]:
        send(client, record, fields_of(record) | {field: typed})
        assert getattr(reloaded(record), field) == date(2026, 7, 15)
    answer = send(client, record, fields_of(record) | {field: "2026-07-16"}, "submit")
    assert answer.status_code == 422
    assert problems(answer)[field].endswith("不能晚于今天。")
    assert 'value="2026-07-16"' in answer.content.decode()
    send(client, record, fields_of(record) | {field: "2026-07-15"}, "submit")
    assert reloaded(record).state == State.SUBMITTED


@pytest.mark.parametrize("kind", FOLLOWING)
def test_two_pages_of_one_record(client, cast, begun, kind):
    record = begun(kind)
    stale = fields_of(record)
    client.force_login(cast.clerk2)
    assert send(client, record, stale).status_code == 302
    client.force_login(cast.clerk)
    answer = send(client, record, stale, "submit")
    assert answer.status_code == 409
    assert 'id="current"' in answer.content.decode()
    assert reloaded(record).state == State.DRAFT


# --- 量化目标推进更新 ------------------------------------------------------------------------------------


@pytest.fixture
def target(begun):
    return begun(TargetUpdate)


def values(record):
    return list(record.values.order_by("indicator__position").values_list("value", flat=True))


@pytest.mark.parametrize(("typed", "kept"), [("８．５", "8.5"), ("1,200", "1200"), ("-3", "-3"), ("0", "0")])
def test_values_are_kept_exactly_as_meant(client, target, typed, kept):
    send(client, target, fields_of(target, values__0__value=typed))
    assert values(target)[0] == Decimal(kept)


def test_figures_stand_beside_the_value(client, cast, target):
    cast.bring(target, State.CONFIRMED)
    following = factories.target_update(cast.issued_map(), cast.clerk, month=2)
    send(client, following, fields_of(following, values__0__value="3.5"))
    answer = client.get(f"/records/{following.pk}/edit/")
    [row, _] = answer.context["form"].values
    figures = ["年度目标值", "当月目标值", "上月进度值", "累计目标", "累计进度"]
    names = ["annual_target", "target", "last_month", "cumulative_target", "cumulative"]
    assert [row.figures()[name] for name in names] == ["120", "10", "10", "20", "13.5"]
    page = answer.content.decode()
    assert all(label in page for label in [*figures, "计量单位", "当月进度值", "备注"])
    assert "累计进度 13.5，不足累计目标值 20 的 80%，须在备注中说明原因" in page


@pytest.mark.parametrize(("value", "due"), [("7.9999", True), ("8", False)])
def test_a_remark_is_due_below_the_threshold(client, target, value, due):
    answer = send(client, target, fields_of(target, values__0__value=value, values__0__remark=" "), "submit")
    if due:
        assert list(problems(answer)) == ["values-0-remark"]
        assert 'id="id_values-0-remark_error"' in answer.content.decode()
    else:
        assert reloaded(target).state == State.SUBMITTED


def test_the_map_says_which_values_there_are(client, cast, target):
    other = factories.ProjectFactory(department=cast.education)
    drawn = cast.bring(factories.battle_map(other, cast.clerk), State.DRAFT)
    foreign = TargetValue.objects.create(
        update=TargetUpdate.objects.create(dossier=other, battle_map=drawn, month=1, title="别处", creator=cast.clerk),
        indicator=drawn.indicators.first(),
        value=1,
    )
    fields = fields_of(target, values__0__id=str(foreign.pk), values__0__value="77")
    assert send(client, target, fields).status_code == 422
    foreign.refresh_from_db()
    assert (foreign.value, values(target)) == (1, [10, 10])
    fields = fields_of(target) | {"values-TOTAL_FORMS": "3", "values-2-value": "5"}  # an added row is none
    send(client, target, fields)
    send(
        client,
        target,
        {name: value for name, value in fields_of(target).items() if "-1-" not in name} | {"values-TOTAL_FORMS": "1"},
    )
    assert values(target) == [10, 10]


# --- 月度计划推进更新 ------------------------------------------------------------------------------------


def test_the_plans_page_has_the_manuals_three_parts_and_four_fields(client, begun):
    page = client.get(f"/records/{begun(PlanUpdate).pk}/edit/").content.decode()
    for words in [
        "重大改革项目基础信息",
        "月度计划历史状态更新",
        "月度计划本次更新详情",
        "推进状态",
        "已开展工作",
        "存在问题",
    ]:
        assert words in page
    for words in ["下一步工作计划", "上传附件", "体制机制问题", "务必上传佐证材料", "保存为草稿", "保存并上报"]:
        assert words in page


def test_done_asks_for_evidence_at_the_files(client, begun):
    update = begun(PlanUpdate)
    answer = send(client, update, fields_of(update, status="done", next_steps=""), "submit")
    assert list(problems(answer)) == ["files"]
    assert answer.content.decode().count(problems(answer)["files"]) == 2  # on top, and at the files
    factories.AttachmentFactory(record=update)
    send(client, update, fields_of(update), "submit")
    assert reloaded(update).state == State.SUBMITTED


# --- 措施迭代申请 ----------------------------------------------------------------------------------------


@pytest.fixture
def edited(begun):
    """编辑举措: the map's one plan of the measure, and one to add."""
    return begun(MeasureIteration)


def plans(record):
    return [(change.month, change.content, change.cancelled) for change in record.changes.all()]


@pytest.mark.parametrize(("length", "accepted"), [(300, True), (301, False)])
def test_a_measure_of_300_characters(client, edited, length, accepted):
    answer = send(client, edited, fields_of(edited, content="实" * length), "submit")
    assert reloaded(edited).content == "实" * length
    assert reloaded(edited).state == (State.SUBMITTED if accepted else State.DRAFT)
    if not accepted:
        assert problems(answer) == {"content": "具体举措：举措内容不超过 300 字，现有 301 字。"}


def test_a_plan_of_the_map_is_changed_or_cancelled_but_never_dropped(client, edited):
    send(client, edited, fields_of(edited, plans__0__content="改为年底前完成"))
    assert plans(edited) == [(2, "改为年底前完成", False), (9, "扩大试点", False)]
    send(client, edited, fields_of(edited, plans__0__cancelled="on"))
    assert plans(edited) == [(2, "改为年底前完成", True), (9, "扩大试点", False)]
    send(
        client,
        edited,
        {name: value for name, value in fields_of(edited).items() if not name.startswith("plans-")}
        | {"plans-TOTAL_FORMS": "0", "plans-INITIAL_FORMS": "0"},
    )
    assert plans(edited) == [(2, "改为年底前完成", True)]
    press(client, edited, "remove", "plans-0")
    assert plans(edited) == [(2, "改为年底前完成", True)]


def test_plans_are_added_and_removed_without_scripts(client, edited):
    answer = press(client, edited, "add", "plans")
    assert len(answer.context["form"].plans.forms) == 3
    added = {"plans-TOTAL_FORMS": "3", "plans-2-month": "12", "plans-2-type": "experience", "plans-2-content": "总结"}
    send(client, edited, fields_of(edited) | added)
    assert plans(edited)[2:] == [(12, "总结", False)]
    press(client, edited, "remove", "plans-1")
    assert [month for month, _, _ in plans(edited)] == [2, 12]


def test_a_plan_to_add_cannot_be_cancelled(client, edited):
    send(client, edited, fields_of(edited) | {"plans-1-cancelled": "on"})
    assert [cancelled for _, _, cancelled in plans(edited)] == [False, False]


def test_a_plan_under_review_is_shown_and_stays(client, cast, edited):
    cast.bring(factories.plan_update(edited.changes.first().plan, cast.clerk), State.SUBMITTED)
    page = client.get(f"/records/{edited.pk}/edit/").content.decode()
    assert "原计划有更新正在审核，审核结束后才能修改或取消。" in page
    fields = fields_of(edited)
    assert "plans-0-content" not in fields  # browsers leave disabled fields out
    send(client, edited, fields, "submit")
    assert reloaded(edited).state == State.SUBMITTED
    assert plans(edited)[0] == (2, "2月制定方案", False)


def test_text_typed_before_a_plan_came_under_review_is_kept_and_complained_of(client, cast, edited):
    typed = fields_of(edited, plans__0__content="打算改成这样")
    cast.bring(factories.plan_update(edited.changes.first().plan, cast.clerk), State.SUBMITTED)
    answer = send(client, edited, typed, "submit")
    assert problems(answer) == {"plans-0-month": "计划1：原计划有更新正在审核，审核结束后才能修改或取消。"}
    page = answer.content.decode()
    assert "打算改成这样" in page
    assert "原计划：2月，制定改革方案，2月制定方案" in page
    send(client, edited, fields_of(edited, plans__0__content="2月制定方案"), "submit")
    assert reloaded(edited).state == State.SUBMITTED


def test_plans_of_other_applications_are_out_of_reach(client, cast, edited):
    other = factories.iteration(cast.issued_map().measures.last(), cast.clerk)
    foreign = other.changes.first()
    before = PlanChange.objects.values().get(pk=foreign.pk)
    fields = fields_of(edited, plans__1__id=str(foreign.pk), plans__1__content="抢来的")
    answer = send(client, edited, fields)
    assert answer.status_code == 422
    assert "抢来的" in answer.content.decode()
    assert PlanChange.objects.values().get(pk=foreign.pk) == before


def test_a_new_measure_is_typed_from_an_empty_page(client, cast):
    client.force_login(cast.clerk)
    drawn = cast.issued_map()
    added = MeasureIteration.create(drawn, None, cast.clerk)
    fields = fields_of(added, content="新的举措", basis="会议要求")
    assert fields["plans-TOTAL_FORMS"] == "1"  # one row to begin with
    fields |= {
        "plans-0-month": "8",
        "plans-0-type": "other",
        "plans-0-type_name": "立法",
        "plans-0-content": "起草条例",
    }
    send(client, added, fields, "submit")
    for who, action in [("reviewer", "approve"), ("office", "confirm")]:
        cast.act(added, who, action)
    assert MonthlyPlan.objects.filter(measure__content="新的举措").get().type_label == "立法"
    assert drawn.measures.count() == 4


def test_the_old_text_stands_beside_the_new(client, edited):
    page = client.get(f"/records/{edited.pk}/edit/").content.decode()
    assert page.count("第1条举措") >= 2
    assert "原举措" in page
    assert 'data-count="300"' in page
