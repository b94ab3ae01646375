"""A date in another form than ISO 8601 is never taken, but the hint says what it may have meant."""

from datetime import date

import pytest

from meetup.schedule import likely

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("friday", ["2026-11-27"]),
        ("Monday", ["2026-11-23"]),
        ("tomorrow", ["2026-11-24"]),
        ("24 December", ["2026-12-24"]),
        ("January 5, 2028", ["2028-01-05"]),
        ("11/27/2026", ["2026-11-27"]),
        ("27.11.2026", ["2026-11-27"]),
        ("11/12/2026", ["2026-11-12", "2026-12-11"]),
        ("3/3/26", ["2026-03-03"]),
        ("2026/11/27", ["2026-11-27"]),
        ("31/31/2026", []),
        ("11/27", []),
        ("soon", []),
        ("friday evening", []),
        ("", []),
    ],
)
def test_the_likely_days_of_a_text(text: str, meant: list[str]) -> None:
    assert [str(day) for day in likely.days(text, TODAY)] == meant


def test_words_mean_nothing_when_nobody_knows_the_day() -> None:
    assert likely.days("friday", None) == []
