"""One date with its change and the closures over it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from meetup.schedule import doors
from meetup.schedule.series import Change, ChangeStatus, Closure, Occurrence, Place, Room, Schedule, Series, Status
from meetup.values import Door

SLOT = datetime(2026, 1, 6, 19, 0)  # noqa: DTZ001 -- a wall time
THEN = datetime(2025, 12, 1, 8, 0, tzinfo=UTC)
LATER = datetime(2025, 12, 24, 8, 0, tzinfo=UTC)
BOTH = frozenset(Door)
ONLINE_ONLY = frozenset({Door.ONLINE})
IN_PERSON_ONLY = frozenset({Door.IN_PERSON})
HUB = Place(key="hub", name="Community Hub", address="Hauptstr. 5, 10115 Berlin")
ANNEX = Place(key="annex", name="Annex", address="Nebenstr. 6, 10115 Berlin")
ROOM = Room(key="room", name="Room", url="https://meet.example.org/abc")
OTHER_ROOM = Room(key="other", name="Other", url="https://meet.example.org/xyz")
TUESDAYS = Schedule("tue@example.org", "Europe/Berlin", SLOT, timedelta(minutes=90), "FREQ=WEEKLY;BYDAY=TU")
CIRCLE = Series("m1", "Tuesday circle", "Circle", "circle", (TUESDAYS,), place=HUB, room=ROOM)
SHUT = Closure("hub", Door.IN_PERSON, SLOT.replace(hour=0), SLOT.replace(day=7, hour=0), 3, LATER, "heating")


def changed(status: ChangeStatus = ChangeStatus.CHANGED, revision: int = 1) -> Change:
    return Change(SLOT, status, revision, THEN)


def of(series: Series, slot: datetime = SLOT) -> Occurrence:
    found = doors.occurrence(series, TUESDAYS, slot)
    assert found is not None
    return found


def test_a_date_without_changes_has_the_doors_of_its_series() -> None:
    found = of(CIRCLE)

    assert found == Occurrence(
        series=CIRCLE,
        schedule=TUESDAYS,
        slot=SLOT,
        start_local=SLOT,
        start=datetime(2026, 1, 6, 18, 0, tzinfo=UTC),
        end=datetime(2026, 1, 6, 19, 30, tzinfo=UTC),
        status=Status.CONFIRMED,
        open_doors=BOTH,
        usual_doors=BOTH,
        place=HUB,
        room=ROOM,
    )


def test_a_skipped_date_is_no_date() -> None:
    series = replace(CIRCLE, changes=(changed(ChangeStatus.SKIPPED),))

    assert doors.occurrence(series, TUESDAYS, SLOT) is None


def test_a_cancelled_date_has_no_open_door() -> None:
    found = of(replace(CIRCLE, changes=(changed(ChangeStatus.CANCELLED),)))

    assert (found.status, found.open_doors, found.usual_doors) == (Status.CANCELLED, frozenset(), BOTH)


def test_a_moved_date_keeps_the_name_of_its_slot() -> None:
    moved = replace(changed(), start=SLOT.replace(day=7, hour=18), duration=timedelta(hours=1), note="Three Kings")

    found = of(replace(CIRCLE, changes=(moved,)))

    assert (found.slot, found.start_local, found.moved) == (SLOT, SLOT.replace(day=7, hour=18), True)
    assert found.start == datetime(2026, 1, 7, 17, 0, tzinfo=UTC)
    assert found.end == datetime(2026, 1, 7, 18, 0, tzinfo=UTC)
    assert (found.revision, found.revised_at, found.note) == (1, THEN, "Three Kings")


def test_a_restored_change_changes_nothing_and_is_remembered() -> None:
    back = replace(changed(ChangeStatus.RESTORED, 4), start=SLOT.replace(day=9), closed=BOTH, note="off")

    found = of(replace(CIRCLE, changes=(back,)))

    assert (found.start_local, found.open_doors, found.note) == (SLOT, BOTH, "")
    assert (found.restored, found.revision, found.revised_at) == (True, 4, THEN)


def test_another_place_and_room_are_still_the_same_doors() -> None:
    found = of(replace(CIRCLE, changes=(replace(changed(), place=ANNEX, room=OTHER_ROOM),)))

    assert (found.place, found.room) == (ANNEX, OTHER_ROOM)
    assert found.open_doors == found.usual_doors == BOTH


def test_a_place_for_one_date_opens_a_door_that_the_series_does_not_have() -> None:
    found = of(replace(CIRCLE, place=None, changes=(replace(changed(), place=ANNEX),)))

    assert (found.open_doors, found.usual_doors) == (BOTH, ONLINE_ONLY)
    assert not found.half_cancelled


@pytest.mark.parametrize(
    ("change", "closure", "is_open"),
    [
        (replace(changed(), closed=IN_PERSON_ONLY), None, ONLINE_ONLY),
        (replace(changed(), closed=ONLINE_ONLY), None, IN_PERSON_ONLY),
        (None, SHUT, ONLINE_ONLY),
        (None, replace(SHUT, key="room", door=Door.ONLINE), IN_PERSON_ONLY),
        (replace(changed(), place=ANNEX), SHUT, BOTH),
        (replace(changed(), start=SLOT.replace(day=7)), SHUT, BOTH),
        (replace(changed(ChangeStatus.RESTORED), closed=BOTH), SHUT, ONLINE_ONLY),
        (None, replace(SHUT, end=SLOT), BOTH),
        (None, replace(SHUT, start=SLOT), ONLINE_ONLY),
        (None, replace(SHUT, key="annex"), BOTH),
    ],
    ids=[
        "in person closed",
        "online closed",
        "building closed",
        "room closed",
        "moved to another building",
        "moved out of the closure",
        "restored under a closure",
        "closure ends at the start",
        "closure begins at the start",
        "another building",
    ],
)
def test_only_open_doors_remain(change: Change | None, closure: Closure | None, is_open: frozenset[Door]) -> None:
    series = replace(CIRCLE, changes=(change,) if change else (), closures=(closure,) if closure else ())

    found = of(series)

    assert (found.open_doors, found.status, found.usual_doors) == (is_open, Status.CONFIRMED, BOTH)


def test_a_date_whose_last_door_closes_is_cancelled() -> None:
    online = replace(changed(), closed=ONLINE_ONLY)

    found = of(replace(CIRCLE, changes=(online,), closures=(SHUT,)))

    assert (found.status, found.open_doors, found.reason) == (Status.CANCELLED, frozenset(), "heating")
    assert (found.revision, found.revised_at) == (3, LATER)


def test_the_newest_touch_names_the_revision() -> None:
    found = of(replace(CIRCLE, changes=(changed(revision=7),), closures=(SHUT,)))

    assert (found.revision, found.revised_at) == (7, THEN)


def test_a_closed_door_that_the_date_does_not_have_leaves_no_trace() -> None:
    found = of(replace(CIRCLE, place=None, closures=(SHUT,)))

    assert (found.open_doors, found.revision, found.reason) == (ONLINE_ONLY, 0, "")
