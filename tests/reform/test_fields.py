"""What people type and paste, and what becomes of it."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from reform.forms.fields import MonthField
from tests.numbers import NUMBERS
from workflow.editing.fields import DayField, NumberField, TextField


@pytest.mark.parametrize(("typed", "meant"), NUMBERS)
def test_numbers_are_read_as_they_are_written_here(typed, meant):
    if meant is None:
        with pytest.raises(ValidationError):
            NumberField().clean(typed)
    else:
        assert str(NumberField().clean(typed)) == meant


COMMA = "逗号只能用作千位分隔，例如 1,234；小数请用小数点，例如 12.5。"
NO_NUMBER = "请填写数字，例如 3.5。"
TOO_LONG = "数字过长，整数部分不超过 11 位。"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("十二", NO_NUMBER),
        ("1e5", NO_NUMBER),
        ("42 15 8", NO_NUMBER),
        ("1,2,个", NO_NUMBER),
        (",", NO_NUMBER),
        ("12,5", COMMA),
        ("3，5", COMMA),
        ("1,2345", COMMA),
        ("0.00001", "小数不超过 4 位。"),
        ("100000000000", TOO_LONG),
        ("12345678901234.5678", TOO_LONG),
        ("9" * 400, TOO_LONG),
    ],
)
def test_what_is_no_number_is_said_in_one_sentence(typed, sentence):
    with pytest.raises(ValidationError) as refusal:
        NumberField().clean(typed)
    assert refusal.value.messages == [sentence]


def test_an_empty_number_is_none_and_zero_is_zero():
    assert NumberField().clean(" ") is None
    assert NumberField().clean("0") == 0


@pytest.mark.parametrize(
    ("value", "shown"), [(Decimal("60.0000"), "60"), (Decimal("3.3000"), "3.3"), (Decimal(400), "400"), (None, "")]
)
def test_numbers_are_shown_without_idle_zeros(value, shown):
    assert NumberField().prepare_value(value) == shown


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("一、部署\r\n二、落实\r", "一、部署\n二、落实"),
        ("甲\x0b乙\x0c丙\u2028丁", "甲\n乙\n丙\n丁"),
        ("零\x00宽\u200b度\ufeff翻\u202e转", "零宽度翻转"),
        ("\t缩进", "缩进"),
        ("第一列\t第二列", "第一列\t第二列"),
        ("👩‍💻 数据", "👩‍💻 数据"),
    ],
)
def test_text_loses_only_what_nobody_can_see(typed, kept):
    assert TextField().clean(typed) == kept


def test_a_text_of_one_line_stays_on_one_line():
    assert TextField(rows=None).clean("标准地\r\n改革\n") == "标准地 改革"


def test_text_too_long_is_counted_for_the_writer():
    assert len(TextField().clean("改" * 5000)) == 5000
    with pytest.raises(ValidationError) as refusal:
        TextField().clean("改" * 10_000)
    assert refusal.value.messages == ["不超过 5000 字，现有 10000 字。"]


@pytest.mark.parametrize(
    "typed", ["2026-07-01", "2026/7/1", "2026.7.1", "20260701", "2026年7月1日", "２０２６年７月１日"]
)
def test_days_are_read_as_they_are_written_here(typed):
    assert DayField().clean(typed) == date(2026, 7, 1)


@pytest.mark.parametrize("typed", ["2026-13-01", "2026-02-30", "昨天", "07-01", "0026-07-01", "1026-07-01"])
def test_what_is_no_day_is_said_in_one_sentence(typed):
    with pytest.raises(ValidationError) as refusal:
        DayField().clean(typed)
    assert refusal.value.messages == ["请填写正确的日期，例如 2026-07-01。"]


def test_months_are_those_of_the_year_of_the_map():
    field = MonthField()
    field.of_year(2026)
    assert [label for _, label in field.choices][:3] == ["请选择", "2026年1月", "2026年2月"]
    assert field.clean("12") == 12
    assert field.clean("") is None
    for forged in ("0", "13", "1.5", "七"):
        with pytest.raises(ValidationError) as refusal:
            field.clean(forged)
        assert refusal.value.messages == [f"“{forged}”不在可选的月份中，请选择 1 月至 12 月。"]
