"""Our dates are those of dateutil and, through our own feed, those of recurring-ical-events; and none is walked to."""

import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from types import FrameType
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given, reject
from hypothesis import strategies as st

from meetup.errors import NotUnderstood
from meetup.schedule import zones
from meetup.schedule.recurrence import check, first_on, settle, slots
from meetup.schedule.rules import own
from meetup.schedule.series import Schedule
from tests.meetup.calendars import TUESDAYS
from tests.meetup.programs import Dates, meant, recurring
from tests.meetup.rows import WEEKLY, Row
from tests.meetup.rules import WEEKDAYS, any_rules, cases, lengths, paced, starts

# Half an hour of summer time, forty-five minutes of offset, a summer without winter, none at all, and the usual ones.
ZONES = (
    *("Europe/Berlin", "America/New_York", "America/St_Johns", "America/Santiago", "Australia/Lord_Howe"),
    *("Pacific/Chatham", "Asia/Kolkata", "Africa/Cairo", "Europe/Dublin", "America/Sao_Paulo", "UTC"),
)


def schedule(rule: str, start: datetime, zone: str = "Europe/Berlin", until: date | None = None) -> Schedule:
    return Schedule("u", zone, start, timedelta(hours=1), rule, until)


@cases(300)
@given(paced, st.sampled_from(WEEKDAYS), starts, st.integers(-400, 3500), st.integers(1, 400))
@example("FREQ=WEEKLY;BYDAY=SU,MO;INTERVAL=2", "SU", datetime.combine(date(2024, 12, 31), time(19)), 5, 60)
@example("FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=5", "MO", datetime.combine(date(2024, 1, 31), time(19)), 29, 400)
def test_any_window_holds_what_dateutil_finds_from_the_beginning(
    rule: str, week_start: str, start: datetime, skip: int, length: int
) -> None:
    begin = start + timedelta(days=skip)
    end = begin + timedelta(days=length)
    text = happening(f"{rule};WKST={week_start}")

    found = list(slots(schedule(text, start), begin, end))

    everything = takewhile(lambda slot: slot < end, rrulestr(text, dtstart=start))
    assert found == [slot for slot in everything if slot >= begin]


@st.composite
def in_zones(draw: st.DrawFn) -> Schedule:
    """A schedule anywhere in the world, in wall times that its clocks may jump over or show twice."""
    text = happening(f"{draw(any_rules)};INTERVAL={draw(st.integers(1, 3))}")
    start = begun(text, draw(starts))
    until = draw(st.none() | st.integers(0, 800).map(lambda days: start.date() + timedelta(days=days)))
    zone, length = draw(st.sampled_from(ZONES)), draw(lengths)
    return replace(TUESDAYS, rule=text, start=start, zone=zone, duration=length, until=until, sequence=0)


def happening(rule: str) -> str:
    try:
        return check(rule)
    except NotUnderstood:
        reject()  # the thirtieth of February


def begun(text: str, floor: datetime) -> datetime:
    try:
        return first_on(own(text).without("INTERVAL"), floor)
    except NotUnderstood:
        reject()  # a rule without a date in a hundred years


def through_the_change(hour: str, day: str) -> Schedule:
    start = datetime.fromisoformat(f"{day}T{hour}")
    return replace(TUESDAYS, rule="FREQ=WEEKLY;BYDAY=SU", start=start, duration=timedelta(hours=1), until=None)


def through_the_night(day: str) -> Schedule:
    """Begin in a night in which the clocks are turned: the first length by the wall is nobody else's."""
    start = datetime.fromisoformat(f"{day}T00:00")
    return replace(TUESDAYS, rule="FREQ=WEEKLY;BYDAY=SU", start=start, duration=timedelta(hours=4), until=None)


@cases(60)
@given(in_zones(), st.integers(0, 800))
@example(through_the_change("02:30", "2026-03-01"), 0)
@example(through_the_change("02:30", "2026-10-04"), 0)
@example(through_the_change("01:30", "2026-10-04"), 0)
@example(through_the_night("2026-03-29"), 0)
@example(through_the_night("2026-10-25"), 0)
def test_a_feed_gives_recurring_ical_events_the_dates_of_our_agenda(whole: Schedule, skip: int) -> None:
    begin = (whole.start + timedelta(days=skip)).replace(tzinfo=UTC)
    row = Row((replace(WEEKLY, schedules=(whole,)),), begin=begin, end=begin + timedelta(days=400))

    # What is still going on when the window opens is theirs, and not ours.
    theirs, ours = Counter(one for one in recurring(row).elements() if one[0] >= row.begin.isoformat()), meant(row)

    assert Counter(starts for starts, *_ in theirs) == Counter(starts for starts, *_ in ours)
    # RFC 5545 gives every date the exact length of the first; that package keeps the wall time of the end instead.
    assert undisturbed(theirs, whole.zone) == undisturbed(ours, whole.zone)


def undisturbed(dates: Dates, zone: str) -> Dates:
    """Return the dates during which nobody turns a clock, and not in the hours around."""
    return Counter(one for one in dates.elements() if not _turned(datetime.fromisoformat(one[0]), zone))


def _turned(start: datetime, zone: str) -> bool:
    around = {(start + timedelta(hours=hours)).astimezone(ZoneInfo(zone)).utcoffset() for hours in (-14, -2, 0, 2, 14)}
    return len(around) > 1


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_in_a_gap_or_a_fold_is_read_as_the_standard_says(zone: str) -> None:
    for half_hour in range(48 * 366):
        wall = datetime.combine(date(2026, 1, 1), time.min) + timedelta(minutes=30) * half_hour
        trouble = zones.trouble(wall, zone)
        if trouble is zones.Trouble.GAP:
            # With the offset before the gap: as much later as the clocks jump.
            before = zones.localize(wall - timedelta(hours=3), zone)
            assert zones.localize(wall, zone) - before == timedelta(hours=3)
        elif trouble is zones.Trouble.FOLD:
            # The first of the two: the clocks have not been set back yet.
            earlier = zones.localize(wall - timedelta(hours=3), zone)
            assert zones.localize(wall, zone) - earlier == timedelta(hours=3)


def work(whole: Schedule, begin: datetime, days: int) -> int:
    """Count the calls that it takes to expand a window: work, not time."""
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        list(slots(whole, begin, begin + timedelta(days=days)))
    finally:
        sys.setprofile(None)
    return calls


@cases(100)
@given(paced, starts)
def test_a_month_nine_years_on_is_no_more_work_than_the_first(rule: str, floor: datetime) -> None:
    text = check(rule)
    start = begun(text, floor)
    whole = schedule(text, start)
    list(slots(whole, start, start + timedelta(days=1)))  # reading the rule is done once

    # A year has at most 366 days to look through: from wherever we begin, never more than the rhythm of one step.
    first = max(work(whole, start + timedelta(days=days), 31) for days in (0, 366, 731))
    assert work(whole, start + timedelta(days=9 * 365 + 2), 31) <= 2 * first + 400


BOMBS = (
    "FREQ=SECONDLY",
    "FREQ=MINUTELY;COUNT=9999",
    "FREQ=DAILY;UNTIL=99991231",
    "FREQ=DAILY;COUNT=99999999",
    "FREQ=DAILY;COUNT=9999",
    "FREQ=DAILY;INTERVAL=99999999",
    "FREQ=DAILY;INTERVAL=9999",
    "FREQ=YEARLY;INTERVAL=9999",
    "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=3",
    "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=6",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
    "FREQ=DAILY;BYMONTHDAY=" + ",".join(str(day) for day in range(1, 32)) + ";COUNT=9999",
    "FREQ=MONTHLY;BYDAY=5TU;X-SHIFT=-1",
    "FREQ=DAILY;X-SHIFT=1",
    "FREQ=DAILY;" * 5000,
    "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 50_000),
)


@pytest.mark.parametrize("rule", BOMBS, ids=lambda rule: rule[:40])
@pytest.mark.timeout(20)
def test_a_rule_that_would_run_for_ever_is_refused_or_ends_in_bounded_work(rule: str) -> None:
    start = datetime.combine(date(2026, 12, 3), time(19))
    try:
        settled = settle(rule, start, zone="UTC")
    except NotUnderstood as refusal:
        told = refusal.message
    else:
        whole = schedule(settled.rule, settled.start, "UTC", settled.until)
        told = f"{len(list(slots(whole, start, start + timedelta(days=3660))))} dates"

    assert told
    assert own.cache_info().currsize <= (own.cache_info().maxsize or 0)


def test_nothing_from_outside_may_shift_a_rule() -> None:
    with pytest.raises(NotUnderstood, match="X-SHIFT=-1 is not understood"):
        check("FREQ=MONTHLY;BYDAY=5TU;X-SHIFT=-1")
