"""数据提示: which values are questioned, by which rule and with which numbers."""

from decimal import Decimal

import pytest

from reform.indicators import IndicatorType, QualitativeState
from reform.quality.hints import Entry, Rule, hints, modified_z


def months(*values):
    return {month: Decimal(value) for month, value in enumerate(values, 1)}


TENS = months(*["10"] * 12)


def entry(value, *earlier, targets=TENS, **facts):
    """The value of the month after the `earlier` ones."""
    value = None if value is None else Decimal(value)
    return Entry(value, len(earlier) + 1, targets, months(*earlier), unit=facts.pop("unit", "家"), **facts)


def found(*args, **facts):
    return {hint.rule: hint.text for hint in hints(entry(*args, **facts))}


LEVEL = {"type": IndicatorType.LEVEL, "unit": "%"}
RATES = months("80", "81", "82", "83", "84", "85", "86", "87", "88", "89", "90", "91")


@pytest.mark.parametrize(
    ("value", "earlier", "facts", "rule"),
    [
        ("100", ["9", "11", "10"], {}, Rule.MAGNITUDE),
        ("1", ["9", "11", "10"], {}, Rule.MAGNITUDE),
        ("100000", ["9", "11", "10"], {}, Rule.MAGNITUDE),
        ("0.001", ["9", "11", "10"], {}, Rule.MAGNITUDE),
        ("100", [], {}, Rule.MAGNITUDE),  # by its target alone
        ("100", ["9", "11"], {"type": IndicatorType.CUMULATIVE_CAP}, Rule.MAGNITUDE),
        ("8.3", ["80.5", "81", "82.1"], LEVEL | {"targets": RATES}, Rule.MAGNITUDE),
        ("120", ["1200", "1210", "1215"], {"type": IndicatorType.LEVEL_CAP, "targets": {}}, Rule.MAGNITUDE),
        ("41", ["9", "11", "10"], {}, Rule.CUMULATIVE),
        ("30", ["9", "11", "10"], {}, Rule.CUMULATIVE),  # nothing new in the month
        ("-10", ["9", "11", "10"], {}, Rule.SIGN),
        ("10", ["-9", "-11", "-10"], {"targets": months(*["-10"] * 12)}, Rule.SIGN),
        ("0.83", ["80.5", "81", "82.1"], LEVEL | {"targets": RATES}, Rule.FRACTION),
        ("105", ["95", "96", "97"], LEVEL | {"targets": RATES}, Rule.FRACTION),
        ("35", ["9", "11", "10", "9", "10", "11"], {"last_year": months(*["10"] * 12)}, Rule.UNUSUAL),
        ("65", ["80.2", "81", "82.1", "83", "84.1"], LEVEL | {"targets": RATES}, Rule.UNUSUAL),
        ("7", ["7"] * 5, {}, Rule.REPEATED),
        ("80", ["80"] * 5, LEVEL | {"targets": RATES}, Rule.REPEATED),
        ("10", ["10"] * 5, {}, Rule.ON_TARGET),
        ("85", ["80", "81", "82", "83", "84"], LEVEL | {"targets": RATES}, Rule.ON_TARGET),
    ],
)
def test_each_rule_finds_its_error(value, earlier, facts, rule):
    assert rule in found(value, *earlier, **facts)


@pytest.mark.parametrize(
    ("value", "earlier", "facts"),
    [
        ("12", ["9", "11", "10"], {}),
        ("0", ["9", "0", "10"], {}),
        ("0", ["0"] * 5, {}),  # not begun: the lights say so
        ("100", ["9", "11", "10"], {"targets": months("10", "10", "10", "100")}),  # planned
        ("100", ["9", "11", "10"], {"last_year": months("9", "10", "10", "100")}),  # so it was last year
        ("100", ["100"] * 5, LEVEL | {"targets": months(*["100"] * 12)}),  # kept where it is to be
        ("41", ["9", "20", "31"], LEVEL | {"targets": {}}),  # levels do not add up
        ("2", ["-9", "-11", "-10"], {"targets": months(*["-10"] * 12)}),  # a fall that did not come
        ("0.9", ["0.8", "1.1", "1"], {"unit": "%", "targets": {}}),
        (None, ["9", "11", "10"], {}),
        ("-3", [], {"targets": {}}),
    ],
)
def test_what_has_its_reason_is_not_questioned(value, earlier, facts):
    assert found(value, *earlier, **facts) == {}


def test_a_hint_says_its_numbers():
    assert found("41", "9", "11", "10")[Rule.CUMULATIVE] == (
        "累计值：像是把累计值填成了当月值（此前累计 30，本期填 41，以往每期约 10）。"
    )
    assert found("100", "9", "11", "10")[Rule.MAGNITUDE] == (
        "数量级：本期填 100，以往每期约 10，像是大了约 10 倍，请核对小数点和计量单位（家）。"
    )


def test_only_the_office_is_told_of_values_always_on_target():
    [hint] = hints(entry("10", *["10"] * 5))
    assert (hint.rule, hint.for_office) == (Rule.ON_TARGET, True)


def test_five_equal_months_are_not_yet_six():
    assert found("7", *["7"] * 4) == {}


def test_quarters_are_counted_by_their_own_months():
    quarters = {month: Decimal(30) for month in (3, 6, 9, 12)}
    wrong = Entry(Decimal(62), 6, quarters, {3: Decimal(31)}, unit="家", period=3)
    assert [hint.rule for hint in hints(wrong)] == [Rule.CUMULATIVE]


def test_the_modified_z_score():
    # Median 10, deviations 0 0 1 1 2, MAD 1: 0.6745 · (16 - 10) ÷ 1.
    assert modified_z(16, [10, 10, 9, 11, 12]) == pytest.approx(4.047)
    # MAD 0; mean absolute deviation 6 ÷ 6 = 1: (16 - 10) ÷ 1.253314.
    assert modified_z(16, [10, 10, 10, 10, 10, 16]) == pytest.approx(4.7873, abs=1e-4)
    assert modified_z(10, [10, 10]) == 0


@pytest.mark.parametrize(
    ("remark", "value", "questioned"),
    [
        ("进展低于预期，已会同区县逐项攻坚。", "12", True),
        ("进展低于预期，已会同区县逐项攻坚。", "2", False),
        ("进展不低于预期。", "12", False),
        ("没有出现进展滞后的情况。", "12", False),
        ("已超额完成。", "2", True),
        ("已超额完成。", "12", False),
        ("本月没有新增。", "12", True),
        ("本月没有新增。", "0", False),
        ("本月新增15家。", "12", True),
        ("本月新增12家。", "12", False),
        ("本月新增15人次培训。", "12", False),
    ],
)
def test_a_remark_that_says_otherwise(remark, value, questioned):
    assert (Rule.TEXT in found(value, "10", "10", remark=remark)) == questioned


@pytest.mark.parametrize(
    ("state", "remark", "questioned"),
    [
        (QualitativeState.ACHIEVED, "因人手不足进展缓慢。", True),
        (QualitativeState.BEHIND, "已提前完成。", True),
        (QualitativeState.BEHIND, "因人手不足进展缓慢。", False),
        (QualitativeState.ON_SCHEDULE, "按计划推进。", False),
    ],
)
def test_words_of_a_qualitative_target(state, remark, questioned):
    facts = {"type": IndicatorType.QUALITATIVE, "targets": {}, "state": state, "remark": remark}
    assert (Rule.TEXT in found(None, **facts)) == questioned
