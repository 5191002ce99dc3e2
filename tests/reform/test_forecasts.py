"""What the year will end with: actual to date ÷ planned share to date, and what that method was worth."""

from decimal import Decimal

import pytest

from reform.forecasts import Quality, forecast, qualities, quantile, run_rate, with_quality
from reform.indicators import IndicatorType

EVEN = dict.fromkeys(range(1, 13), Decimal(10))
LATE = {month: Decimal(0 if month < 7 else 20) for month in range(1, 13)}
SLOW = {month: Decimal(8 if month < 4 else 96) / (1 if month < 4 else 9) for month in range(1, 13)}  # 120
RISING = {month: Decimal(60 + 3 * month) for month in range(1, 13)}  # 63 to 96


def said(targets, actuals, kind, annual, **more):
    actuals = {month: Decimal(value) for month, value in actuals.items()}
    found = forecast(targets, actuals, annual=Decimal(annual), type=kind, **more)
    return found and found.value


@pytest.mark.parametrize(
    ("targets", "actuals", "kind", "annual", "more", "expected"),
    [
        (EVEN, {1: 8, 2: 8, 3: 8}, IndicatorType.CUMULATIVE, 120, {}, 96),
        (EVEN, {1: 8, 3: 8}, IndicatorType.CUMULATIVE, 120, {}, 96),  # a month is missing, and counts nowhere
        (LATE, {7: 18, 8: 18}, IndicatorType.CUMULATIVE, 120, {}, 108),
        (EVEN, {1: 11, 2: 13}, IndicatorType.CUMULATIVE_CAP, 120, {}, 144),
        (RISING, {5: 70, 6: 74}, IndicatorType.LEVEL, 96, {"baseline": Decimal(60)}, 88),
        ({6: Decimal(90), 12: Decimal(96)}, {3: 80, 6: 75}, IndicatorType.LEVEL, 96, {}, 80),
        (
            {month: Decimal(30 - month) for month in range(1, 13)},  # from 30 days down to 18
            {1: 29, 6: 27},
            IndicatorType.LEVEL_CAP,
            18,
            {"baseline": Decimal(30)},
            24,
        ),
        # Last year, planned alike, only a fifth had come by March; planned otherwise, it says nothing.
        (EVEN, {1: 6, 2: 6, 3: 6}, IndicatorType.CUMULATIVE, 120, {"last_year": (EVEN, SLOW)}, 90),
        (EVEN, {1: 6, 2: 6, 3: 6}, IndicatorType.CUMULATIVE, 120, {"last_year": (LATE, SLOW)}, 72),
        # None: one month; a twentieth of the way; December; nothing to reach; words.
        (EVEN, {1: 8}, IndicatorType.CUMULATIVE, 120, {}, None),
        (LATE, {1: 5, 2: 5}, IndicatorType.CUMULATIVE, 120, {}, None),
        (EVEN, dict.fromkeys(range(1, 13), 9), IndicatorType.CUMULATIVE, 120, {}, None),
        (EVEN, {1: 0, 2: 0}, IndicatorType.CUMULATIVE_CAP, 0, {}, None),
        ({}, {1: 1, 2: 1}, IndicatorType.QUALITATIVE, 1, {}, None),
    ],
)
def test_what_is_forecast(targets, actuals, kind, annual, more, expected):  # noqa: PLR0917 - a table
    assert said(targets, actuals, kind, annual, **more) == expected


def test_the_band_and_the_error_are_those_of_the_past():
    cases = [(IndicatorType.CUMULATIVE, 6, Decimal(100), Decimal(end)) for end in range(90, 109)]
    found = qualities(cases)[IndicatorType.CUMULATIVE, 6]
    assert found == Quality(19, Decimal("0.9100"), Decimal("1.0700"), Decimal("0.0476"))
    assert qualities(cases[:9]) == {}  # too few to say anything
    made = with_quality(
        forecast(EVEN, dict.fromkeys(range(1, 7), Decimal(9)), annual=Decimal(120), type=IndicatorType.CUMULATIVE),
        {(IndicatorType.CUMULATIVE, 6): found},
    )
    assert made.band == (Decimal("98.28"), Decimal("115.56"))
    assert made.words == (
        "按计划进度预计全年 108（为年度目标的 90%），八成可能在 98 至 115 之间；此方法往年6月的误差中位数为 4.7%"
    )
    assert not made.reaches


@pytest.mark.parametrize(
    ("actuals", "kind", "words"),
    [
        (("100", "99.5"), IndicatorType.CUMULATIVE, "预计全年 300.2，年度目标 301"),
        (("100", "99"), IndicatorType.CUMULATIVE, "预计全年 299，年度目标 301"),  # of 299.495
        (("100", "101"), IndicatorType.CUMULATIVE_CAP, "预计全年 303，年度目标 301"),  # of 302.505
    ],
)
def test_whole_numbers_are_forecast_in_whole_numbers_and_with_care(actuals, kind, words):
    actuals = {month: Decimal(value) for month, value in enumerate(actuals, 1)}
    made = forecast(
        dict(zip((1, 2, 12), map(Decimal, (100, 100, 101)), strict=True)), actuals, annual=Decimal(301), type=kind
    )
    assert made.short == words


def test_a_new_case_falls_below_a_quantile_as_often_as_it_says():
    assert quantile([Decimal(value) for value in range(1, 10)], Decimal("0.1")) == 1
    assert quantile([Decimal(value) for value in range(1, 10)], Decimal("0.9")) == 9
    assert quantile([Decimal(1), Decimal(3)], Decimal("0.5")) == 2
    assert run_rate({1: Decimal(5), 2: Decimal(7)}) == 72
