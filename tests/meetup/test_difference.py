"""What a change does to the agenda, date by date."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from meetup import agenda, dates, difference, meetings, timetable
from meetup.clock import HandClock
from meetup.places import closures
from meetup.places.closures import ClosureDraft
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, OnlineRoom, Venue
from meetup.values import Door
from tests.meetup.weeks import add, on, timing, wall


@pytest.fixture
def weekly(session: Session, circle: Group, hall: Venue, zoom: OnlineRoom, clock: HandClock) -> Meeting:
    meeting = add(session, circle, "every Thursday 19:00-20:30", now=clock.now())
    meetings.hold(session, meeting, clock.now(), venue=hall, room=zoom)
    return meeting


def changed(session: Session, now: datetime, deed: Callable[[], object]) -> list[tuple[str, str]]:
    """Return the dates that a deed changes, before and after."""
    before = agenda.all_series(session)
    deed()
    session.flush()
    found = difference.between(before, agenda.all_series(session), now)
    return [(said(one.before), said(one.after)) for one in found]


def said(one: Occurrence | None) -> str:
    if one is None:
        return "-"
    doors = "+".join(door.value for door in Door if door in one.open_doors)
    return f"{one.start_local:%m-%d %H:%M} {doors or 'cancelled'}"


def test_a_change_of_one_date_is_one_difference(session: Session, weekly: Meeting, clock: HandClock) -> None:
    now = clock.now()

    found = changed(session, now, lambda: dates.cancel(session, weekly, on(session, weekly, "2026-12-24"), now))

    assert found == [("12-24 19:00 in_person+online", "12-24 19:00 cancelled")]


def test_a_date_that_is_left_out_is_on_one_side_only(session: Session, weekly: Meeting, clock: HandClock) -> None:
    now = clock.now()
    dates.skip(session, weekly, on(session, weekly, "2026-12-24"), now)

    found = changed(session, now, lambda: dates.restore(session, weekly, on(session, weekly, "2026-12-24"), now))

    assert found == [("-", "12-24 19:00 in_person+online")]


def test_a_date_that_moves_out_of_sight_is_still_one_date(session: Session, weekly: Meeting, clock: HandClock) -> None:
    now = clock.now()
    to = dates.Move(wall("2029-12-24T19:00"))

    found = changed(session, now, lambda: dates.move(session, weekly, on(session, weekly, "2026-12-24"), to, now))

    assert found == [("12-24 19:00 in_person+online", "12-24 19:00 in_person+online")]


def test_a_date_many_years_ahead_is_compared_too(session: Session, weekly: Meeting, clock: HandClock) -> None:
    now = clock.now()

    found = changed(session, now, lambda: dates.cancel(session, weekly, on(session, weekly, "2032-12-23"), now))

    assert found == [("12-23 19:00 in_person+online", "12-23 19:00 cancelled")]


def test_a_closure_changes_the_dates_that_it_covers(
    session: Session, weekly: Meeting, hall: Venue, clock: HandClock
) -> None:
    now = clock.now()
    span = wall("2028-12-20"), wall("2029-01-01")

    found = changed(session, now, lambda: closures.close(session, hall, ClosureDraft(*span, "Heating"), now))

    assert found == [
        ("12-21 19:00 in_person+online", "12-21 19:00 online"),
        ("12-28 19:00 in_person+online", "12-28 19:00 online"),
    ]


def test_the_parts_of_a_split_are_compared_day_by_day(session: Session, weekly: Meeting, clock: HandClock) -> None:
    clock.pass_(days=7)
    now = clock.now()
    new = timing("every Thursday 18:00 until 2026-12-24")

    found = changed(session, now, lambda: timetable.reschedule(session, weekly, new, date(2026, 12, 10), now))

    assert found[:4] == [
        ("12-10 19:00 in_person+online", "12-10 18:00 in_person+online"),
        ("12-17 19:00 in_person+online", "12-17 18:00 in_person+online"),
        ("12-24 19:00 in_person+online", "12-24 18:00 in_person+online"),
        ("12-31 19:00 in_person+online", "-"),
    ]


def test_a_split_that_changes_nothing_is_no_difference(session: Session, weekly: Meeting, clock: HandClock) -> None:
    clock.pass_(days=7)
    now = clock.now()
    same = timing("every Thursday 19:00-20:30")

    assert changed(session, now, lambda: timetable.reschedule(session, weekly, same, date(2026, 12, 10), now)) == []


def test_what_is_over_is_not_compared(session: Session, weekly: Meeting, clock: HandClock) -> None:
    now = clock.now()
    later = now + timedelta(days=60)

    found = changed(session, later, lambda: dates.cancel(session, weekly, on(session, weekly, "2026-12-24"), now))

    assert found == []


def test_every_date_of_a_new_meeting_is_new(session: Session, circle: Group, clock: HandClock) -> None:
    now = clock.now()

    found = changed(session, now, lambda: add(session, circle, "once on 2026-12-24 18:00", now=now, title="Tea"))

    assert found == [("-", "12-24 18:00 cancelled")]
