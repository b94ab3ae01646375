"""No reminder at night, none after the start, and earlier rather than later."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.quiet_hours import Hours, shift

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
    "Asia/Kathmandu",
]


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "start", "expected"),
    [
        ("2026-12-23 19:00", "2026-12-24 19:00", "2026-12-23 19:00"),
        ("2026-12-23 09:00", "2026-12-24 09:00", "2026-12-23 09:00"),
        ("2026-12-23 20:00", "2026-12-24 20:00", "2026-12-23 19:59"),
        ("2026-12-24 02:00", "2026-12-24 10:00", "2026-12-23 19:59"),
        ("2026-12-24 06:30", "2026-12-24 08:30", "2026-12-23 19:59"),
        ("2026-12-24 22:00", "2026-12-25 00:00", "2026-12-24 19:59"),
        ("2026-03-29 02:30", "2026-03-29 11:00", "2026-03-28 19:59"),
        ("2026-10-25 02:30", "2026-10-25 11:00", "2026-10-24 19:59"),
    ],
    ids=["inside", "at opening", "at closing", "night", "early", "evening", "in the gap", "in the fold"],
)
def test_a_reminder_moves_to_the_evening_before(due: str, start: str, expected: str) -> None:
    assert shift(berlin(due), berlin(start), "Europe/Berlin", Hours()) == berlin(expected)


def test_a_passed_evening_leaves_the_morning() -> None:
    moment = shift(
        berlin("2026-12-24 02:00"), berlin("2026-12-24 10:00"), "Europe/Berlin", Hours(), now=berlin("2026-12-24 01:00")
    )

    assert moment == berlin("2026-12-24 09:00")


def test_the_last_minute_of_the_evening_is_used() -> None:
    now = berlin("2026-12-23 19:59") + timedelta(seconds=30)

    assert shift(berlin("2026-12-24 02:00"), berlin("2026-12-24 10:00"), "Europe/Berlin", Hours(), now=now) == now


def test_nothing_is_sent_when_the_meeting_starts_before_the_window_opens() -> None:
    now = berlin("2026-12-24 06:00")

    assert shift(berlin("2026-12-24 06:30"), berlin("2026-12-24 09:00"), "Europe/Berlin", Hours(), now=now) is None


def test_a_notice_waits_for_the_opening() -> None:
    now = berlin("2026-12-23 22:00")

    assert shift(now, berlin("2026-12-24 19:00"), "Europe/Berlin", Hours(), now=now) == berlin("2026-12-24 09:00")


@pytest.mark.parametrize(("start", "end"), [(time(9), time(9)), (time(20), time(9))], ids=["empty", "backwards"])
def test_hours_end_after_they_start(start: time, end: time) -> None:
    with pytest.raises(ValueError, match="must end after"):
        Hours(start, end)


SECONDS = st.integers(0, 3 * 365 * 24 * 3600)
MOMENTS = SECONDS.map(lambda passed: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=passed))
HOURS = st.tuples(st.integers(0, 1438), st.integers(2, 1439)).filter(lambda pair: pair[0] < pair[1])


def at(minute: int) -> time:
    return time(minute // 60, minute % 60)


@given(MOMENTS, st.integers(1, 60 * 24 * 3), st.sampled_from(ZONES), HOURS, st.none() | st.integers(-3000, 0))
def test_what_is_sent_lies_inside_the_hours_and_before_the_start(
    due: datetime, ahead: int, zone: str, span: tuple[int, int], passed: int | None
) -> None:
    hours = Hours(at(span[0]), at(span[1]))
    start = due + timedelta(minutes=ahead)
    now = None if passed is None else due + timedelta(minutes=passed)

    moment = shift(due, start, zone, hours, now=now)

    assert moment is None or (moment < start and moment.astimezone(ZoneInfo(zone)).time() in hours)


@given(MOMENTS, st.integers(1, 60 * 24 * 3), st.sampled_from(ZONES))
def test_with_a_whole_day_of_notice_a_reminder_always_finds_a_moment(due: datetime, ahead: int, zone: str) -> None:
    moment = shift(due, due + timedelta(minutes=ahead), zone, Hours())

    assert moment is not None
    assert timedelta(0) <= due - moment < timedelta(hours=15)


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_shifted_moment_stays_where_it_is(due: datetime, zone: str) -> None:
    start = due + timedelta(days=2)
    moment = shift(due, start, zone, Hours())

    assert moment is not None
    assert shift(moment, start, zone, Hours()) == moment
