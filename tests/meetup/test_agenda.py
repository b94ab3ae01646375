"""The agenda says what happens when: over clock changes, moves, closures and splits, in order."""

from datetime import UTC, date, datetime, timedelta

import pytest

from meetup import agenda, dates, groups, meetings, timetable
from meetup.clock import HandClock
from meetup.places import closures, venues
from meetup.places.closures import ClosureDraft
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, OnlineRoom, Venue
from meetup.values import Door, Window
from tests.meetup.weeks import add, on, timing, wall


@pytest.fixture
def weekly(session: Session, circle: Group, hall: Venue, zoom: OnlineRoom, clock: HandClock) -> Meeting:
    found = add(session, circle, "every Thursday 19:00-20:30", now=clock.now())
    meetings.hold(session, found, clock.now(), venue=hall, room=zoom)
    return found


def between(session: Session, start: str, end: str) -> list[tuple[str, str]]:
    """Return (slot, start in UTC) of the dates between two days in UTC."""
    window = Window(datetime.fromisoformat(f"{start}T00:00Z"), datetime.fromisoformat(f"{end}T00:00Z"))
    found = agenda.occurrences(session, window)
    return [(f"{one.slot:%m-%d %H:%M}", f"{one.start:%m-%d %H:%M}") for one in found]


def test_the_time_on_the_wall_stays_when_the_clocks_change(session: Session, weekly: Meeting) -> None:
    assert between(session, "2027-03-11", "2027-03-20") == [
        ("03-11 19:00", "03-12 00:00"),
        ("03-18 19:00", "03-18 23:00"),
    ]


def test_a_time_that_the_clocks_jump_over_happens_all_the_same(
    session: Session, circle: Group, zoom: OnlineRoom, clock: HandClock
) -> None:
    night = add(session, circle, "every Sunday 02:30", now=clock.now())
    meetings.hold(session, night, clock.now(), venue=None, room=zoom)

    assert between(session, "2027-03-07", "2027-03-22") == [
        ("03-07 02:30", "03-07 07:30"),
        ("03-14 02:30", "03-14 07:30"),
        ("03-21 02:30", "03-21 06:30"),
    ]


def test_a_time_that_the_clocks_show_twice_happens_once(
    session: Session, circle: Group, zoom: OnlineRoom, clock: HandClock
) -> None:
    night = add(session, circle, "every Sunday 01:30", now=clock.now())
    meetings.hold(session, night, clock.now(), venue=None, room=zoom)

    assert between(session, "2027-11-07", "2027-11-08") == [("11-07 01:30", "11-07 05:30")]


@pytest.mark.parametrize(
    ("days", "slots"),
    [
        (("2026-12-24", "2026-12-26"), []),
        (("2027-02-01", "2027-02-03"), ["12-24 19:00"]),
    ],
    ids=["where it was", "where it is"],
)
def test_a_date_that_moved_far_away_is_found_where_it_is(
    session: Session, weekly: Meeting, clock: HandClock, days: tuple[str, str], slots: list[str]
) -> None:
    dates.move(session, weekly, on(session, weekly, "2026-12-24"), dates.Move(wall("2027-02-01 19:00")), clock.now())

    assert [slot for slot, _ in between(session, *days)] == slots


def test_a_window_is_half_open(session: Session, weekly: Meeting) -> None:
    series = agenda.all_series(session)
    first, second = datetime(2026, 11, 27, 0, tzinfo=UTC), datetime(2026, 12, 4, 0, tzinfo=UTC)

    found = agenda.upcoming(series, Window(first, second))

    assert [one.start for one in found] == [first]


def test_meetings_of_several_zones_stand_in_the_order_of_the_moments(
    session: Session, circle: Group, weekly: Meeting, zoom: OnlineRoom, clock: HandClock
) -> None:
    for zone in ("Asia/Tokyo", "Europe/Berlin"):
        far = meetings.add(session, circle, [timing("every Thursday 19:00", zone)], clock.now(), title=zone)
        meetings.hold(session, far, clock.now(), venue=None, room=zoom)

    found = agenda.occurrences(session, Window(clock.now(), clock.now() + timedelta(days=5)))

    assert [one.zone for one in found] == ["Asia/Tokyo", "Europe/Berlin", "America/New_York"]


def test_a_closed_hall_leaves_the_room_open_and_opens_again_by_itself(
    session: Session, weekly: Meeting, hall: Venue, clock: HandClock
) -> None:
    closures.close(
        session, hall, ClosureDraft(wall("2026-12-01 00:00"), wall("2026-12-10 19:00"), "heating"), clock.now()
    )

    found = agenda.occurrences(session, Window(clock.now(), clock.now() + timedelta(days=19)))

    assert [(one.open_doors, one.reason) for one in found] == [
        (frozenset(Door), ""),
        (frozenset({Door.ONLINE}), "heating"),
        (frozenset(Door), ""),
    ]


def test_a_closed_hall_without_a_room_is_a_cancelled_date(
    session: Session, weekly: Meeting, hall: Venue, clock: HandClock
) -> None:
    meetings.hold(session, weekly, clock.now(), venue=hall, room=None)
    closures.close(
        session, hall, ClosureDraft(wall("2026-11-26 00:00"), wall("2026-11-27 00:00"), "heating"), clock.now()
    )

    following = agenda.next_happening(agenda.all_series(session), clock.now())

    assert following is not None
    assert following.slot == wall("2026-12-03 19:00")


def test_a_closure_follows_a_date_to_the_hall_that_it_moved_to(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    library = venues.add(session, venues.VenueDraft("Library", "1 Main Street"), clock.now())
    dates.move(session, weekly, on(session, weekly, "2026-11-26"), dates.Move(venue=library), clock.now())
    closures.close(
        session, library, ClosureDraft(wall("2026-11-26 00:00"), wall("2026-12-04 00:00"), "books"), clock.now()
    )

    found = agenda.occurrences(session, Window(clock.now(), clock.now() + timedelta(days=11)))

    assert [one.open_doors for one in found] == [{Door.ONLINE}, set(Door)]


def test_both_parts_of_a_split_are_one_meeting(session: Session, weekly: Meeting, clock: HandClock) -> None:
    clock.pass_(days=7)
    since = date(2026, 12, 10)
    timetable.reschedule(session, weekly, timing("every Thursday 18:00", today=since), since, clock.now())

    series = agenda.one_series(session, weekly.id or 0)

    assert [agenda.on_slot(series, wall(slot)) is not None for slot in ("2026-12-03 19:00", "2026-12-10 18:00")] == [
        True,
        True,
    ]
    assert agenda.on_slot(series, wall("2026-12-10 19:00")) is None


def test_the_meetings_of_another_group_are_left_out(
    session: Session, circle: Group, weekly: Meeting, clock: HandClock
) -> None:
    carers = groups.add(session, groups.GroupDraft("Carers", cover_label="Tuesday plan"), clock.now())
    other = add(session, carers, "every Tuesday 10:00", now=clock.now())

    assert [one.meeting_id for one in agenda.of_group(session, circle.id or 0)] == [weekly.id]
    assert [one.meeting_id for one in agenda.of_group(session, carers.id or 0)] == [other.id]


def test_nothing_happens_in_an_empty_house(session: Session, circle: Group, clock: HandClock) -> None:
    assert agenda.occurrences(session, Window(clock.now(), clock.now() + timedelta(days=400))) == []
    assert agenda.next_happening([], clock.now()) is None


def test_a_change_of_long_ago_that_moved_its_date_into_sight_is_seen(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    slot = dates.slot_on(session, weekly, date(2026, 12, 3))
    dates.move(session, weekly, slot, dates.Move(wall("2027-03-01T10:00")), clock.now())
    begin = datetime(2027, 3, 1, tzinfo=UTC)

    found = agenda.occurrences(session, Window(begin, begin + timedelta(days=1)))

    assert [one.slot.isoformat() for one in found] == ["2026-12-03T19:00:00"]


def test_a_window_is_read_as_if_everything_had_been_read(
    session: Session, weekly: Meeting, hall: Venue, clock: HandClock
) -> None:
    now = clock.now()
    closures.close(session, hall, ClosureDraft(wall("2026-12-20"), wall("2027-01-10"), "Holidays"), now)
    for number, day in enumerate(("2026-12-03", "2026-12-10", "2026-12-17", "2026-12-24", "2027-01-07")):
        slot = dates.slot_on(session, weekly, date.fromisoformat(day))
        deeds = (dates.skip, dates.cancel)
        if number < len(deeds):
            deeds[number](session, weekly, slot, now)
        else:
            dates.move(session, weekly, slot, dates.Move(slot.at + timedelta(days=number * 9, hours=2)), now)
    windows = [Window(now + timedelta(days=first), now + timedelta(days=first + 9)) for first in range(0, 120, 3)]

    whole = agenda.all_series(session)

    assert [_said(agenda.occurrences(session, one)) for one in windows] == [
        _said(agenda.upcoming(whole, one)) for one in windows
    ]


def _said(found: list[Occurrence]) -> list[tuple[object, ...]]:
    return [(one.slot, one.start, one.open_doors, one.status, one.reason) for one in found]
