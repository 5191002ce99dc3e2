"""Periods: what they are called, how an address names them, and which are offered."""

from datetime import date

import pytest

from reform.calendar import Period, period_choices


@pytest.mark.parametrize(
    ("key", "words", "starts", "ends"),
    [
        ("2026-11", "2026年11月", date(2026, 11, 1), date(2026, 11, 30)),
        ("2026-01-11", "2026年1—11月", date(2026, 1, 1), date(2026, 11, 30)),
        ("2026-01-03", "2026年第一季度", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-10-12", "2026年第四季度", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-01-06", "2026年上半年", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026-07-12", "2026年下半年", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026-01-12", "2026年", date(2026, 1, 1), date(2026, 12, 31)),
        ("2028-02-02", "2028年2月", date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_a_period_has_a_name_and_two_ends(key, words, starts, ends):
    period = Period.parse(key)
    assert (period.words, period.starts, period.ends) == (words, starts, ends)
    assert Period.parse(period.key) == period


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00-03", "2026-06-01", "2026-02-03", "1999-01", "2026-11x", "２０２６-11"]
)
def test_other_words_name_no_period(text):
    assert Period.parse(text) is None


def test_what_has_begun_is_offered():
    (this_year, now), (last_year, before) = period_choices([2026, 2025], date(2026, 5, 8))
    assert (this_year, last_year) == ("2026年", "2025年")
    assert [words for _, words in now] == [
        *("2026年", "2026年上半年", "2026年第一季度", "2026年第二季度"),
        *("2026年1—5月", "2026年1—4月", "2026年1—2月"),
        *("2026年5月", "2026年4月", "2026年3月", "2026年2月", "2026年1月"),
    ]
    assert len(before) == 7 + 8 + 12
    assert all(Period.parse(key).words == words for key, words in now + before)
