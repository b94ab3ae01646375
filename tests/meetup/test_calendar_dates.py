"""Every program reads from a feed the dates that we mean."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from meetup.feeds import calendar
from meetup.schedule import doors, recurrence
from meetup.schedule.series import Change, ChangeStatus, Closure, Series, Status
from meetup.values import Door
from tests.meetup.calendars import (
    ANNEX,
    BOARD,
    CIRCLE,
    HUB,
    PARTY,
    PUBLIC,
    TOUCHED,
    TUESDAYS,
    WEDNESDAYS,
    events,
    only,
    unfold,
    wall,
)


def read_back(data: bytes, begin: datetime, end: datetime) -> Counter[tuple[datetime, datetime, bool]]:
    """Expand a calendar with somebody else's program."""
    found = recurring_ical_events.of(Calendar.from_ical(data), skip_bad_series=False).between(begin, end)
    return Counter(
        (event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC), event["STATUS"] == "CANCELLED")
        for event in found
    )


def expected(series: Series, begin: datetime, end: datetime) -> Counter[tuple[datetime, datetime, bool]]:
    found = [
        doors.occurrence(series, schedule, slot)
        for schedule in series.schedules
        for slot in recurrence.slots(schedule, wall("2020-01-01"), wall("2030-01-01"))
    ]
    return Counter(
        (one.start, one.end, one.status is Status.CANCELLED) for one in found if one and begin <= one.start < end
    )


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "America/Vancouver", "Africa/Cairo", "Africa/Accra", "Etc/UTC"]
)
def test_other_programs_read_the_dates_that_we_mean_across_a_year(zone: str) -> None:
    schedules = (replace(TUESDAYS, zone=zone), replace(WEDNESDAYS, zone=zone))
    series = replace(CIRCLE, schedules=schedules)
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

    found = read_back(calendar.render([series], PUBLIC), begin, end)

    assert found == expected(series, begin, end)
    assert sum(found.values()) == 51


SLOTS = st.sampled_from([wall("2026-01-06T19:00") + timedelta(weeks=week) for week in range(17)])
ALTERED = st.builds(
    Change,
    slot=SLOTS,
    status=st.sampled_from(ChangeStatus),
    revision=st.integers(1, 5),
    changed_at=st.just(TOUCHED),
    start=st.none() | st.builds(lambda slot, hours: slot + timedelta(hours=hours), SLOTS, st.integers(-30, 30)),
    duration=st.none() | st.sampled_from([timedelta(minutes=45), timedelta(hours=3)]),
    place=st.none() | st.just(ANNEX),
    closed=st.frozensets(st.sampled_from(Door)),
)
SHUT = st.builds(
    Closure,
    key=st.sampled_from(["hub", "room", "annex"]),
    door=st.sampled_from(Door),
    start=SLOTS,
    end=SLOTS,
    revision=st.integers(1, 5),
    changed_at=st.just(TOUCHED),
    instead=st.sampled_from([None, HUB, ANNEX, CIRCLE.room]),
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(ALTERED, max_size=5, unique_by=lambda one: one.slot), closures=st.lists(SHUT, max_size=2))
def test_whatever_changes_other_programs_read_the_dates_that_we_mean(
    changes: list[Change], closures: list[Closure]
) -> None:
    series = replace(CIRCLE, schedules=(TUESDAYS,), changes=tuple(changes), closures=tuple(closures))
    begin, end = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)

    assert read_back(calendar.render([series], PUBLIC), begin, end) == expected(series, begin, end)


def test_a_zone_is_told_before_its_first_use_and_once() -> None:
    written = unfold(calendar.render([CIRCLE, BOARD, PARTY], PUBLIC))

    assert re.findall(r"(?:TZID|BEGIN):(.+)\r\n", written)[:9] == [
        *("VCALENDAR", "VTIMEZONE", "America/New_York", "DAYLIGHT", "STANDARD"),
        *("VTIMEZONE", "Europe/Berlin", "DAYLIGHT", "STANDARD"),
    ]
    assert set(re.findall(r";TZID=([^:;]+)", written)) == {"America/New_York", "Europe/Berlin"}


def test_a_zone_whose_clocks_changed_is_right_from_the_first_meeting_on() -> None:
    old = replace(TUESDAYS, zone="America/Vancouver", start=wall("2024-01-02T19:00"))
    part = calendar.fragment(replace(CIRCLE, schedules=(old,)))

    assert part.zones == (("America/Vancouver", 2024),)
    assert b"DTSTART:20240310T020000" in calendar.assemble(PUBLIC, [part])


def test_a_series_ends_with_its_last_local_day() -> None:
    assert b"RRULE:FREQ=WEEKLY;UNTIL=20260428T215959Z;BYDAY=TU;WKST=MO\r\n" in calendar.render_series(CIRCLE)


def test_a_master_begins_on_a_real_date() -> None:
    early = replace(TUESDAYS, start=wall("2026-01-01T19:00"), rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")

    first = events(replace(CIRCLE, schedules=(early,), changes=(), closures=()))[0]

    assert [wall(first["DTSTART"])] == recurrence.following(early, early.start, 1)
    assert wall(first["DTSTART"]).weekday() == 1


def test_a_schedule_that_never_happens_is_not_in_the_feed() -> None:
    over = replace(TUESDAYS, until=date(2026, 1, 5))

    assert events(replace(CIRCLE, schedules=(over,))) == []


def test_an_end_that_the_clocks_show_twice_is_said_as_a_length() -> None:
    night = replace(TUESDAYS, rule="", until=None, start=wall("2026-10-25T02:30"), duration=timedelta(minutes=45))

    event = only(replace(CIRCLE, schedules=(night,), changes=(), closures=()))

    assert ("DTEND" in event, event["DURATION"]) == (False, "PT45M")
