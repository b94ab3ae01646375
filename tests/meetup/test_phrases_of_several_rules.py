"""“and” between two rules of one meeting, and the dates that a phrase leaves out."""

from datetime import date

import pytest

from meetup.errors import NotUnderstood
from meetup.schedule.phrases import Parsed, parse, understand

TODAY = date(2026, 11, 23)  # a Monday
MONDAY, THURSDAY = "FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=TH"


def told(parsed: Parsed) -> tuple[str, str, int]:
    return parsed.rule, f"{parsed.start:%Y-%m-%d %H:%M}", int(parsed.duration.total_seconds()) // 60


def left_out(phrase: str) -> list[str]:
    return [str(day) for one in understand(phrase, TODAY) for day in one.skipped]


def refusal(phrase: str) -> tuple[str, str]:
    with pytest.raises(NotUnderstood) as refused:
        understand(phrase, TODAY)
    return refused.value.message, refused.value.hint


@pytest.mark.parametrize(
    ("phrase", "rules"),
    [
        (
            "every Monday 19:00 and every Thursday 20:00",
            [(MONDAY, "2026-11-23 19:00", 60), (THURSDAY, "2026-11-26 20:00", 60)],
        ),
        (
            "cada lunes 19:00 y cada jueves 20:00",
            [(MONDAY, "2026-11-23 19:00", 60), (THURSDAY, "2026-11-26 20:00", 60)],
        ),
        (
            "second Tuesday at 19:00 and last Friday at 18:00",
            [("FREQ=MONTHLY;BYDAY=2TU", "2026-12-08 19:00", 60), ("FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27 18:00", 60)],
        ),
        (
            "every Monday 19:00-21:00, and the last day of the month at 18:00 for 30 minutes",
            [(MONDAY, "2026-11-23 19:00", 120), ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30 18:00", 30)],
        ),
        (
            "every Monday and the first Thursday at 19:00 for 90 minutes",
            [(MONDAY, "2026-11-23 19:00", 90), ("FREQ=MONTHLY;BYDAY=1TH", "2026-12-03 19:00", 90)],
        ),
        ("every Monday and every Thursday at 19:00", [("FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-23 19:00", 60)]),
        ("cada lunes y cada jueves a las 19:00", [("FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-23 19:00", 60)]),
    ],
)
def test_and_joins_the_times_of_one_meeting(phrase: str, rules: list[tuple[str, str, int]]) -> None:
    assert [told(one) for one in understand(phrase, TODAY)] == rules


def test_what_is_said_at_the_very_end_holds_for_every_rule() -> None:
    both = understand("every Monday 19:00 and every Thursday 20:00 until 30 June", TODAY)
    first = understand("every Monday 19:00 until 30 June and every Thursday 20:00", TODAY)

    assert [one.until for one in both] == [date(2027, 6, 30), date(2027, 6, 30)]
    assert [one.until for one in first] == [date(2027, 6, 30), None]


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("every Thursday 19:00 and 20:30", "A second time may be the end, or another meeting"),
        ("every Monday 19:00, every Thursday 20:00", "The day is given twice"),
        (
            "every Monday 19:00 and every Thursday 20:00 for 8 times",
            "It is not clear whether the number counts each of them or all",
        ),
        ("every Monday 19:00 and every Thursday", "A time is missing"),
        ("every Monday 19:00 and", "The phrase ends too early: a day or a time is missing"),
        (" and ".join(["every Monday 1:00pm"] * 8), "These are too many times for one meeting"),
    ],
)
def test_an_and_that_is_not_clear_is_asked_back(phrase: str, message: str) -> None:
    assert refusal(phrase)[0] == message


def test_where_one_time_is_meant_several_are_refused() -> None:
    with pytest.raises(NotUnderstood, match="names several times"):
        parse("every Monday 19:00 and every Thursday 20:00", TODAY)


@pytest.mark.parametrize(
    ("phrase", "days"),
    [
        ("every Thursday 19:00 except 24 December", ["2026-12-24"]),
        ("every Thursday 19:00 except 24 December and 31 December", ["2026-12-24", "2026-12-31"]),
        ("every Thursday 19:00 except 24 and 31 December", ["2026-12-24", "2026-12-31"]),
        ("every Thursday 19:00 except the 24th and 31st of December", ["2026-12-24", "2026-12-31"]),
        ("every Thursday 19:00 except December 24 and 31, 2026", ["2026-12-24", "2026-12-31"]),
        ("every Thursday except 2026-12-24, 2027-01-07 at 19:00", ["2026-12-24", "2027-01-07"]),
        ("every Thursday 19:00 except 10, 24 and 31 December, and 7 January 2027 until 30 June",
         ["2026-12-10", "2026-12-24", "2026-12-31", "2027-01-07"]),
        ("cada jueves 19:00 excepto el 24 de diciembre", ["2026-12-24"]),
        ("cada jueves 19:00 salvo el 24 y el 31 de diciembre de 2026", ["2026-12-24", "2026-12-31"]),
        ("every Monday 19:00 and every Thursday 20:00 except 21 and 24 December", ["2026-12-21", "2026-12-24"]),
        ("every Monday 19:00 except 21 December and every Thursday 20:00", ["2026-12-21"]),
    ],
)  # fmt: skip
def test_except_leaves_dates_out(phrase: str, days: list[str]) -> None:
    assert left_out(phrase) == days


def test_a_series_begins_with_its_first_date_that_is_not_left_out() -> None:
    found = parse("every other Thursday 19:00 except 26 November and 24 December", TODAY)

    assert (found.start.date(), found.skipped) == (date(2026, 12, 10), (date(2026, 12, 24),))


@pytest.mark.parametrize(
    ("phrase", "message", "hint"),
    [
        (
            "every Thursday 19:00 except 25 December",
            "Friday 2026-12-25 is not one of its dates",
            "Dates near it: 2026-12-24, 2026-12-31",
        ),
        (
            "every Thursday 19:00 until 10 December except 24 December",
            "Thursday 2026-12-24 is not one of its dates",
            "Dates near it: 2026-12-10",
        ),
        (
            "every Thursday 19:00 except Friday 24 December",
            "2026-12-24 is a Thursday",
            "Leave out the day of the week, or correct the date",
        ),
        ("every Thursday 19:00 except 31 June", "There is no such day as 31 June", "Write a day as 30 June or 2027-06"),
        ("every Thursday 19:00 except 30 and 31 June", "There is no such day as 31 June", "Write a day as 30 June or"),
        ("every Thursday 19:00 until 26 November except 26 November", "Every date is left out", "Leave out fewer"),
        ("once on 2026-12-24 18:00 except 24 December", "A single date has no other first date and no end", "every …"),
    ],
)
def test_only_dates_of_the_series_can_be_left_out(phrase: str, message: str, hint: str) -> None:
    said, way_out = refusal(phrase)

    assert (said, hint in way_out) == (message, True), way_out
