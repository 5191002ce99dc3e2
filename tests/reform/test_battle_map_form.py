"""绘制项目作战图: what can be kept, what 上报 asks for, and that nothing typed is lost."""

from decimal import Decimal

import pytest

from reform.models import BattleMap
from tests import factories
from tests.editing import fields_of, in_order, send
from workflow.models import Record
from workflow.states import State


@pytest.fixture
def drawn(cast, client):
    """A map with nothing in the way of 上报; its clerk is signed in."""
    client.force_login(cast.clerk)
    return factories.battle_map(cast.project, cast.clerk)


def targets(drawn, number=0):
    return [target.target for target in drawn.indicators.all()[number].targets.all()]


def state(drawn):
    return Record.objects.get(pk=drawn.pk).state


def problems(answer):
    return {
        problem.field: problem.text for problem in answer.context["problems"] or answer.context["form"].input_errors()
    }


# --- What is kept ------------------------------------------------------------------------------------


def test_a_whole_map_is_typed_into_an_empty_page(client, cast):
    client.force_login(cast.clerk)
    begun = BattleMap.create(cast.project, 2026, cast.clerk)
    fields = fields_of(begun)
    assert (fields["indicators-TOTAL_FORMS"], fields["measures-TOTAL_FORMS"]) == ("2", "3")  # as many as are needed
    for number, unit in enumerate(["亿元", "家"]):
        fields |= {f"indicators-{number}-name": f"指标{unit}", f"indicators-{number}-unit": unit}
        fields |= {f"indicators-{number}-annual_target": "７８"}
        fields |= {f"indicators-{number}-m{month}": str(month) for month in range(1, 13)}
    for number in range(3):
        fields |= {f"measures-{number}-content": f"举措{number}", f"measures-{number}-plans-TOTAL_FORMS": "1"}
        plan = {"month": str(number + 1), "type": "other", "type_name": "立法", "content": "起草条例"}
        fields |= {f"measures-{number}-plans-0-{name}": value for name, value in plan.items()}
    send(client, begun, fields, "submit")
    drawn = BattleMap.objects.get(pk=begun.pk)
    assert drawn.state == State.SUBMITTED
    assert [(indicator.name, indicator.annual_target) for indicator in drawn.indicators.all()] == [
        ("指标亿元", 78),
        ("指标家", 78),
    ]
    assert targets(drawn) == list(range(1, 13))
    assert [str(measure.plans.get()) for measure in drawn.measures.all()] == ["1月 立法", "2月 立法", "3月 立法"]


def test_a_draft_is_kept_however_incomplete(client, drawn):
    fields = fields_of(drawn, indicators__0__m5="", indicators__0__unit="", measures__0__content="")
    fields = in_order(fields, "measures", [0, 1])
    send(client, drawn, fields)
    assert targets(drawn)[4] is None
    assert drawn.measures.first().content == ""
    assert state(drawn) == State.DRAFT


@pytest.mark.parametrize(
    ("typed", "kept"), [("１２．５", "12.5"), ("1,200", "1200"), ("1，200.0001", "1200.0001"), ("0", "0")]
)
def test_numbers_are_kept_exactly_as_meant(client, drawn, typed, kept):
    send(client, drawn, fields_of(drawn, indicators__1__m3=typed))
    assert targets(drawn, 1)[2] == Decimal(kept)


def test_reported_values_are_no_field_of_the_map(client, drawn):
    target = drawn.indicators.first().targets.get(month=1)
    target.actual = 7
    target.save()
    send(client, drawn, fields_of(drawn, indicators__0__m1="11") | {"indicators-0-actual": "99"})
    target.refresh_from_db()
    assert (target.target, target.actual) == (11, 7)


def test_what_nobody_can_see_is_left_out(client, drawn):
    send(client, drawn, fields_of(drawn, measures__0__content="先\x00立\u202e后破\x0b第二行\r\n"))
    assert drawn.measures.first().content == "先立后破\n第二行"


# --- What cannot be kept: a sentence beside the field, and all of the text on the page -------------------


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("indicators-0-m3", "三十", "指标1 3月：请填写数字，例如 3.5。"),
        ("indicators-1-annual_target", "120家", "指标2 年度目标值：请填写数字，例如 3.5。"),
        ("indicators-0-m12", "0.00001", "指标1 12月：小数不超过 4 位。"),
        ("indicators-0-m1", "1" * 30, "指标1 1月：数字过长，整数部分不超过 11 位。"),
        ("indicators-0-name", "名" * 101, "指标1 核心指标名称：不超过 100 字，现有 101 字。"),
        ("indicators-0-unit", "位" * 21, "指标1 计量单位：不超过 20 字，现有 21 字。"),
        ("measures-2-content", "长" * 10_000, "举措3 举措内容：不超过 5000 字，现有 10000 字。"),
        ("measures-1-plans-0-month", "13", "举措2计划1 计划月度：“13”不在可选的月份中，请选择 1 月至 12 月。"),
        ("measures-1-plans-0-month", "0", "举措2计划1 计划月度：“0”不在可选的月份中，请选择 1 月至 12 月。"),
        ("measures-1-plans-0-type", "forged", "举措2计划1 计划类型：“forged”不在计划类型中，请从列表中选择计划类型。"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(client, drawn, field, typed, sentence):
    before = drawn.snapshot()
    answer = send(client, drawn, fields_of(drawn, measures__0__content="同时写下的话") | {field: typed})
    assert answer.status_code == 422
    assert problems(answer) == {field: sentence}
    page = answer.content.decode()
    assert f'href="#id_{field}"' in page
    assert f'id="id_{field}_error"' in page
    assert "同时写下的话" in page
    if not field.endswith(("-month", "-type")):  # a list shows none but its own choices
        assert typed in page
    assert BattleMap.objects.get(pk=drawn.pk).snapshot() == before


def test_all_that_is_wrong_is_said_at_once(client, drawn):
    answer = send(client, drawn, fields_of(drawn, indicators__0__m1="甲", measures__0__plans__0__month="13"), "submit")
    assert set(problems(answer)) == {"indicators-0-m1", "measures-0-plans-0-month"}


# --- What 上报 asks for ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"indicators__1__m12": "9.9999"},
            {"indicators-1-m12": ("指标2 办件量：各月目标值合计 119.9999，与年度目标值 120 相差 0.0001。")},
        ),
        ({"indicators__0__m7": ""}, {"indicators-0-m7": "指标1：请填写 7 月目标值，没有安排的月份填 0。"}),
        (
            {"indicators__1__name": "新增试点企业"},
            {
                "indicators-0-name": "指标1：名称“新增试点企业”与其他指标重复。",
                "indicators-1-name": "指标2：名称“新增试点企业”与其他指标重复。",
            },
        ),
        ({"measures__0__content": "长" * 301}, {"measures-0-content": "举措1：举措内容不超过 300 字，现有 301 字。"}),
        (
            {"measures__2__plans__0__type": "other"},
            {"measures-2-plans-0-type_name": "举措3计划1：类型为“其他”的，请填写类型名称。"},
        ),
    ],
)
def test_submitting_lists_what_is_missing_and_keeps_the_draft(client, drawn, changes, found):
    answer = send(client, drawn, fields_of(drawn, **changes), "submit")
    assert answer.status_code == 422
    assert problems(answer) == found
    assert state(drawn) == State.DRAFT
    typed = {name.replace("__", "-"): text for name, text in changes.items()}
    assert fields_of(drawn) | typed == fields_of(drawn)
    page = answer.content.decode()
    for field, sentence in found.items():
        assert f'href="#id_{field}"' in page
        assert page.count(sentence) == 2  # in the list, and beside the field


@pytest.mark.parametrize("length", [1, 300])
def test_a_measure_of_up_to_300_characters_passes(client, drawn, length):
    send(client, drawn, fields_of(drawn, measures__0__content="长" * length), "submit")
    assert state(drawn) == State.SUBMITTED


def test_decimals_add_up_exactly(client, drawn):
    """0.1 twelve times is 1.2, which it is not in binary fractions."""
    months = {f"indicators-0-m{month}": "0.1" for month in range(1, 13)}
    send(client, drawn, fields_of(drawn, indicators__0__annual_target="1.2") | months, "submit")
    assert state(drawn) == State.SUBMITTED


def test_one_indicator_needs_a_reason(client, drawn):
    fields = in_order(fields_of(drawn), "indicators", [0])
    refused = send(client, drawn, fields, "submit")
    assert problems(refused) == {"single_indicator_reason": "核心指标一般不少于两个；只设一个的，请写明理由。"}
    send(client, drawn, fields_of(drawn, single_indicator_reason="改革方案只明确一项指标。"), "submit")
    assert state(drawn) == State.SUBMITTED


def test_problems_of_whole_sections_have_an_anchor_too(client, drawn):
    fields = in_order(in_order(fields_of(drawn), "measures", [0, 1]), "measures-0-plans", [])
    answer = send(client, drawn, fields, "submit")
    assert problems(answer) == {
        "measures": "具体举措至少 3 条，现有 2 条。",
        "measures-0-plans": "举措1：请至少录入一项月度推进计划。",
    }
    page = answer.content.decode()
    assert 'id="id_measures"' in page
    assert 'id="id_measures-0-plans"' in page


def test_the_parts_say_how_far_they_are(client, drawn):
    send(client, drawn, fields_of(drawn, indicators__0__m1="9"))
    answer = client.get(f"/records/{drawn.pk}/edit/")
    assert [(part.name, part.note, part.tone) for part in answer.context["parts"]] == [
        ("基础信息", "改革办已录入", "ok"),
        ("核心指标", "2 个", "ok"),
        ("目标值录入", "1 处待修改", "bad"),
        ("具体举措", "3 条（至少 3 条）", "ok"),
        ("月度推进计划", "3 项", "ok"),
    ]


def test_a_new_map_complains_of_nothing_yet(client, cast):
    client.force_login(cast.clerk)
    begun = BattleMap.create(cast.project, 2026, cast.clerk)
    answer = client.get(f"/records/{begun.pk}/edit/")
    assert answer.context["problems"] == []
    assert [part.note for part in answer.context["parts"][1:]] == ["尚未录入"] * 4


# --- What is frozen --------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [State.SUBMITTED, State.DEPT_APPROVED, State.CONFIRMED, State.ISSUED])
def test_a_map_that_is_under_way_or_settled_is_never_written(client, cast, drawn, where):
    fields = in_order(fields_of(drawn, indicators__0__name="改头换面"), "measures", [0])
    cast.bring(drawn, where)
    before = BattleMap.objects.get(pk=drawn.pk).snapshot()
    for version in (fields["version"], Record.objects.get(pk=drawn.pk).version):
        for button in ("save", "submit", "autosave"):
            answer = send(client, drawn, fields | {"version": version}, button)
            assert answer.status_code == 409
    assert BattleMap.objects.get(pk=drawn.pk).snapshot() == before
    assert state(drawn) == where


@pytest.mark.parametrize("where", [State.REJECTED, State.RETURNED])
def test_a_map_that_came_back_shows_why_and_can_be_mended(client, cast, drawn, where):
    action = "reject" if where == State.REJECTED else "send_back"
    cast.bring(drawn, State.SUBMITTED if where == State.REJECTED else State.DEPT_APPROVED)
    who = "reviewer" if where == State.REJECTED else "office"
    cast.act(drawn, who, action, reason="数据有误", detail="指标二月度目标过于平均。")
    page = client.get(f"/records/{drawn.pk}/edit/").content.decode()
    assert "数据有误。指标二月度目标过于平均。" in page
    assert getattr(cast, who).full_name in page
    send(client, drawn, fields_of(drawn, measures__0__content="已经改好"), "submit")
    assert state(drawn) == State.SUBMITTED
    assert drawn.measures.first().content == "已经改好"
