"""How far an indicator is: tables worked out by hand, for the five types (spec section 4)."""

from decimal import Decimal

import pytest

from reform.indicators import (
    IndicatorType,
    Progress,
    QualitativeState,
    floored,
    lag_months,
    lag_words,
    percent,
    progress,
    running,
    share_of,
    share_of_year,
    share_until,
    total,
)
from reform.models import Indicator
from tests import factories

pytestmark = pytest.mark.sql

CUMULATIVE, CAP = IndicatorType.CUMULATIVE, IndicatorType.CUMULATIVE_CAP
LEVEL, LEVEL_CAP = IndicatorType.LEVEL, IndicatorType.LEVEL_CAP


def number(text):
    return None if text is None else Decimal(text)


def found(kind, value, target, annual=None, baseline=None):
    return Progress(number(value), number(target), 6, annual=number(annual), type=kind, baseline=number(baseline))


# type, value, target, annual, baseline → reached, share, whether it is below 80 % and 95 %
TABLE = [
    (CUMULATIVE, "60", "60", "120", None, True, "1", False, False),
    (CUMULATIVE, "90", "60", "120", None, True, "1.5", False, False),
    (CUMULATIVE, "57", "60", "120", None, False, "0.95", False, False),
    (CUMULATIVE, "48", "60", "120", None, False, "0.8", False, True),
    (CUMULATIVE, "30", "60", "120", None, False, "0.5", True, True),
    (CUMULATIVE, "-6", "60", "120", None, False, "-0.1", True, True),
    (CUMULATIVE, None, "60", "120", None, False, "0", True, True),
    (CUMULATIVE, "5", None, "120", None, True, None, False, False),
    (CUMULATIVE, None, "0", "120", None, True, None, False, False),
    (CUMULATIVE, "3", "0", "0", None, True, None, False, False),
    (CUMULATIVE, "-1", "0", "0", None, False, None, True, True),
    (CUMULATIVE, "-60", "-60", "-120", None, True, "1", False, False),
    (CUMULATIVE, "-90", "-60", "-120", None, True, "1.5", False, False),
    (CUMULATIVE, "-30", "-60", "-120", None, False, "0.5", True, True),
    (CUMULATIVE, "6", "-60", "-120", None, False, "-0.1", True, True),
    (CUMULATIVE, "1", "0", "-120", None, False, None, True, True),
    (CUMULATIVE, "-1", "0", "-120", None, True, None, False, False),
    (CUMULATIVE, "2", "3", "-120", None, True, None, False, False),
    (CUMULATIVE, "4", "3", "-120", None, False, None, True, True),
    (CUMULATIVE, "-10", "-15", "120", None, True, None, False, False),
    (CUMULATIVE, "-16", "-15", "120", None, False, None, True, True),
    (CAP, "40", "50", "100", None, True, "1", False, False),
    (CAP, "50", "50", "100", None, True, "1", False, False),
    (CAP, "62.5", "50", "100", None, False, "0.8", False, True),
    (CAP, "100", "50", "100", None, False, "0.5", True, True),
    (CAP, None, "0", "0", None, True, "1", False, False),
    (CAP, "0", "0", "0", None, True, "1", False, False),
    (CAP, "1", "0", "0", None, False, "0", True, True),
    (CAP, "-4", "-5", "-10", None, False, "0.8", False, True),
    (CAP, "-6", "-5", "-10", None, True, "1", False, False),
    (CAP, "2", "-5", "-10", None, False, "-0.4", True, True),
    (LEVEL, "72", "80", "90", None, False, "0.9", False, True),
    (LEVEL, "80", "80", "90", None, True, "1", False, False),
    (LEVEL, "88", "80", "90", None, True, "1.1", False, False),
    (LEVEL, "72", "80", "90", "40", False, "0.8", False, True),
    (LEVEL, "36", "80", "90", "40", False, "-0.1", True, True),
    (LEVEL, "-3", "-2", "0", "-7", False, "0.8", False, True),
    (LEVEL, "0", "0", "0", None, True, None, False, False),
    (LEVEL, "-1", "0", "0", None, False, None, True, True),
    (LEVEL, "-6", "-5", "-5", None, False, None, True, True),
    (LEVEL, "90", "80", "80", "100", True, "1.125", False, False),  # may fall from 100, not below 80
    (LEVEL, "72", "80", "80", "100", False, "0.9", False, True),
    (LEVEL, "80", "80", "80", "80", True, "1", False, False),
    (LEVEL, None, "80", "90", "40", False, None, True, True),
    (LEVEL, "5", None, "90", None, True, None, False, False),
    (LEVEL_CAP, "5", "5", "3", None, True, "1", False, False),
    (LEVEL_CAP, "4", "5", "3", None, True, "1", False, False),
    (LEVEL_CAP, "6.25", "5", "3", None, False, "0.8", False, True),
    (LEVEL_CAP, "6", "5", "3", "10", False, "0.8", False, True),
    (LEVEL_CAP, "12", "5", "3", "10", False, "-0.4", True, True),
    (LEVEL_CAP, "3", "5", "3", "10", True, "1.4", False, False),
    (LEVEL_CAP, "8", "8", "8", "5", True, "1", False, False),  # may rise from 5, not above 8
    (LEVEL_CAP, "10", "8", "8", "5", False, "0.8", False, True),
    (LEVEL_CAP, "0", "0", "0", None, True, "1", False, False),
    (LEVEL_CAP, "1", "0", "0", None, False, "0", True, True),
    (LEVEL_CAP, None, "5", "3", None, False, None, True, True),
]


@pytest.mark.parametrize(("kind", "value", "target", "annual", "baseline", "reached", "share", "red", "amber"), TABLE)
def test_reached_and_share(*, kind, value, target, annual, baseline, reached, share, red, amber):
    here = found(kind, value, target, annual, baseline)
    assert (here.reached, here.share) == (reached, number(share))
    assert (here.is_below(80), here.is_below(95)) == (red, amber)


@pytest.mark.parametrize(
    ("kind", "target", "annual", "baseline"), sorted({(str(r[0]), *r[2:5]) for r in TABLE}, key=str)
)
@pytest.mark.parametrize("line", [80, 95, 100])
def test_the_bound_is_the_first_value_that_is_not_below(kind, target, annual, baseline, line):
    here = found(IndicatorType(kind), "0", target, annual, baseline)
    bound = here.bound(line)
    if target is None:
        assert bound is None
        return
    step = Decimal("0.0001") if here.is_falling else Decimal("-0.0001")
    assert not found(here.type, bound, target, annual, baseline).is_below(line)
    assert found(here.type, bound + step, target, annual, baseline).is_below(line)


@pytest.mark.parametrize(
    ("kind", "target", "annual", "baseline", "line", "bound"),
    [
        (CUMULATIVE, "60", "120", None, 80, "48"),
        (CUMULATIVE, "10.0001", "120", None, 80, "8.0001"),
        (CUMULATIVE, "-60", "-120", None, 80, "-48"),
        (CUMULATIVE, "-10.0001", "-120", None, 80, "-8.0001"),
        (CUMULATIVE, "0", "0", None, 80, "0"),
        (CAP, "50", "100", None, 80, "62.5"),
        (CAP, "10", "100", None, 95, "10.5263"),
        (LEVEL, "80", "90", "40", 80, "72"),
        (LEVEL_CAP, "5", "3", "10", 80, "6"),
    ],
)
def test_the_bound_in_figures(*, kind, target, annual, baseline, line, bound):
    assert found(kind, "0", target, annual, baseline).bound(line) == Decimal(bound)


@pytest.mark.parametrize(
    ("state", "reached", "below"), [("achieved", True, False), ("on_schedule", False, False), ("behind", False, True)]
)
def test_what_is_only_described_follows_its_state(state, reached, below):
    here = Progress(None, None, 6, type=IndicatorType.QUALITATIVE, state=QualitativeState(state))
    assert (here.reached, here.is_below(80), here.is_below(95)) == (reached, below, below)
    assert (here.share, here.year_share, here.bound(80), here.lag_points) == (None, None, None, None)
    assert lag_months(here, {}) is None


# --- From months -------------------------------------------------------------------------------


def months(*values):
    return {month: number(value) for month, value in enumerate(values, 1) if value != "-"}


def test_increments_add_up_and_missing_months_add_nothing():
    actuals = months("3.5", None, "-", "-1", "100")
    assert total(actuals, 4) == Decimal("2.5")
    assert total({}, 4) is None
    assert total(months(None, None), 2) is None
    here = progress(months("10", "10", "10", "10", "10"), actuals, 4, annual=Decimal(120))
    assert (here.value, here.target, here.through) == (Decimal("2.5"), 40, 4)


def test_levels_are_those_of_the_latest_month_that_has_one():
    targets, actuals = months("-", "-", "50", "-", "-", "80"), months("41", "45", "52", "60")
    assert progress(targets, actuals, 6, type=LEVEL).value == 60
    assert progress(targets, actuals, 6, type=LEVEL).target == 50  # that of March: April has none
    assert progress(targets, actuals, 3, type=LEVEL).value == 52
    assert progress(targets, {}, 6, type=LEVEL).target == 80
    assert progress(targets, {}, 6, type=LEVEL).value is None
    assert progress(targets, actuals, 2, type=LEVEL).target is None


def test_sums_are_exact():
    assert total(months(*["0.1"] * 3), 3) == Decimal("0.3")
    assert total(months("99999999999.9999", "0.0001"), 2) == Decimal(100_000_000_000)
    assert running([Decimal(1), None, Decimal(2)]) == [1, None, 3]


@pytest.mark.parametrize(
    ("kind", "value", "target", "annual", "baseline", "of_year", "planned"),
    [
        (CUMULATIVE, "54", "60", "120", None, "0.45", "0.5"),
        (CUMULATIVE, "-54", "-60", "-120", None, "0.45", "0.5"),
        (CUMULATIVE, "0", "0", "0", None, None, None),
        (CUMULATIVE, None, None, "120", None, None, None),
        (LEVEL, "60", "70", "90", "40", "0.4", "0.6"),
        (LEVEL, "60", "70", "80", None, "0.75", "0.875"),
        (LEVEL_CAP, "8", "7", "5", "10", "0.4", "0.6"),
    ],
)
def test_the_share_of_the_year(*, kind, value, target, annual, baseline, of_year, planned):
    here = found(kind, value, target, annual, baseline)
    assert (here.year_share, here.planned_share) == (number(of_year), number(planned))


# --- Lag ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "target", "annual", "baseline", "points"),
    [
        (CUMULATIVE, "54", "60", "120", None, "5"),
        (CUMULATIVE, "60", "60", "120", None, "0"),
        (CUMULATIVE, "75", "60", "120", None, "0"),
        (CUMULATIVE, "-30", "-60", "-120", None, "25"),
        (CUMULATIVE, "-18", "-15", "120", None, "2.5"),
        (CUMULATIVE, "-1", "0", "0", None, None),
        (CAP, "62.5", "50", "100", None, "20"),
        (CAP, "1", "0", "0", None, "100"),
        (LEVEL, "60", "70", "90", "40", "20"),
        (LEVEL, None, "70", "90", "40", None),
        (LEVEL_CAP, "8", "7", "5", "10", "20"),
        (LEVEL_CAP, "6.25", "5", "5", None, "20"),
        (LEVEL_CAP, "4", "5", "5", None, "0"),
    ],
)
def test_points_behind(*, kind, value, target, annual, baseline, points):
    assert found(kind, value, target, annual, baseline).lag_points == number(points)


TENS = months(*["10"] * 12)


@pytest.mark.parametrize(
    ("kind", "targets", "actuals", "annual", "baseline", "behind"),
    [
        (CUMULATIVE, TENS, months(*["9"] * 6), "120", None, "0.6"),
        (CUMULATIVE, TENS, months(*["10"] * 6), "120", None, "0"),
        (CUMULATIVE, TENS, months(*["11"] * 6), "120", None, "0"),
        (CUMULATIVE, TENS, months("10", "-", "-", "5"), "120", None, "4.5"),
        (CUMULATIVE, TENS, {}, "120", None, "6"),
        (CUMULATIVE, TENS, months("-5"), "120", None, "6"),
        # Nothing was planned before April: June's plan of 30 stood at 0 until the end of March.
        (CUMULATIVE, months("0", "0", "0", "10", "10", "10"), {}, "90", None, "3"),
        # Half of the year planned in June alone.
        (CUMULATIVE, months("0", "0", "0", "0", "0", "60"), months("15"), "120", None, "0.75"),
        (CUMULATIVE, months(*["-10"] * 12), months(*["-9"] * 6), "-120", None, "0.6"),
        (CUMULATIVE, months(*["-10"] * 12), months("5"), "-120", None, "6"),
        # A plan that falls before it grows: 0, -10, -20, -10, 10, 30; 0 was last passed in the middle of May.
        (CUMULATIVE, months("0", "-10", "-10", "10", "20", "20"), months("0"), "90", None, "1.5"),
        (CAP, TENS, months(*["20"] * 6), "120", None, None),
        # Levels from 40, each month 5 more: 70 in June; 62.5 stood in the middle of May.
        (
            LEVEL,
            months("45", "50", "55", "60", "65", "70"),
            months("-", "-", "-", "-", "-", "62.5"),
            "100",
            "40",
            "1.5",
        ),
        (LEVEL, months("-", "-", "55", "-", "-", "70"), months("-", "-", "-", "-", "-", "60"), "100", "40", "2"),
        (LEVEL, months("45", "50", "55", "60", "65", "70"), months("-", "-", "-", "-", "-", "30"), "100", "40", "6"),
        (LEVEL, months("45", "50", "55", "60", "65", "70"), {}, "100", "40", None),
        # Days, from 10 down to 7 in June by half a day a month; 8 stood at the end of April.
        (LEVEL_CAP, months("9.5", "9", "8.5", "8", "7.5", "7"), months("-", "-", "-", "-", "-", "8"), "4", "10", "2"),
        (LEVEL_CAP, months("9.5", "9", "8.5", "8", "7.5", "7"), months("-", "-", "-", "-", "-", "8"), "4", None, "2"),
        (LEVEL_CAP, months("9.5", "9", "8.5", "8", "7.5", "7"), months("-", "-", "-", "-", "-", "11"), "4", "10", "6"),
        (LEVEL_CAP, months("9.5", "9", "8.5", "8", "7.5", "7"), months("-", "-", "-", "-", "-", "6"), "4", "10", "0"),
    ],
)
def test_months_behind_are_interpolated(*, kind, targets, actuals, annual, baseline, behind):
    here = progress(targets, actuals, 6, annual=number(annual), type=kind, baseline=number(baseline))
    assert lag_months(here, targets) == number(behind)


@pytest.mark.parametrize(
    ("points", "behind", "words"),
    [
        ("5", "0.6", "滞后 5 个百分点，约 0.6 个月"),
        ("8.3333", "1", "滞后 8.3 个百分点，约 1 个月"),
        ("8.25", "0.95", "滞后 8.3 个百分点，约 1 个月"),
        ("0.01", "0.001", "滞后 0.1 个百分点，约 0.1 个月"),
        ("20", None, "滞后 20 个百分点"),
        (None, "6", "滞后约 6 个月"),
        ("0", "0", ""),
        (None, None, ""),
    ],
)
def test_a_lag_in_the_words_of_a_bulletin(points, behind, words):
    assert lag_words(number(points), number(behind)) == words


@pytest.mark.parametrize(
    ("share", "text", "cell"),
    [
        ("0.7996", "79.9%", "0.799"),
        ("1", "100%", "1"),
        ("1.2345", "123.4%", "1.234"),
        ("-0.0004", "-0.1%", "-0.001"),
        ("0", "0%", "0"),
    ],
)
def test_shares_are_rounded_down(share, text, cell):
    assert percent(Decimal(share)) == text
    assert floored(Decimal(share)) == Decimal(cell)


# --- In SQL ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "value", "target", "annual", "baseline"), sorted({row[:5] for row in TABLE}, key=str))
def test_the_database_finds_the_same_shares(cast, kind, value, target, annual, baseline):  # noqa: PLR0917
    """Value and target as June's row has them, whatever their signs."""
    indicator = factories.add_indicator(factories.battle_map(cast.project, cast.clerk), "出让面积")
    Indicator.objects.filter(pk=indicator.pk).update(annual_target=number(annual), type=kind, baseline=number(baseline))
    indicator.targets.exclude(month=6).delete()
    indicator.targets.update(target=number(target), actual=number(value))
    row = Indicator.objects.annotate(
        so_far=share_until("targets__actual", "targets__target", "annual_target"),
        of_year=share_of_year("targets__actual", "targets__target", "annual_target"),
    ).get(pk=indicator.pk)
    here = found(kind, value, target, annual, baseline)
    for sql, python in [(row.so_far, here.share), (row.of_year, here.year_share)]:
        assert sql == (None if python is None else pytest.approx(float(python)))


def test_a_share_of_things_counted_is_cut_off_not_rounded():
    assert floored(share_of(1999, 2000)) == Decimal("0.999")
    assert share_of(0, 7) == 0
    assert share_of(0, 0) is None
