"""What becomes of one date: its change and the closures over it, decided once for the agenda and the feeds."""

from collections.abc import Iterator
from datetime import datetime

from meetup.schedule import zones
from meetup.schedule.series import Change, ChangeStatus, Closure, Occurrence, Place, Room, Schedule, Series, Status
from meetup.values import Door


def occurrence(series: Series, schedule: Schedule, slot: datetime) -> Occurrence | None:
    """Return the date of a slot with everything applied, or None when the slot is skipped."""
    change = series.changes_by_slot.get(slot)
    if change is None:
        return _build(series, schedule, slot, None)
    if change.status is ChangeStatus.SKIPPED:
        return None
    return _build(series, schedule, slot, change)


def usual(series: Series) -> frozenset[Door]:
    """Return the doors that a series has when nothing is closed."""
    return _doors(series.place, series.room)


def _doors(place: Place | None, room: Room | None) -> frozenset[Door]:
    return frozenset(door for door, there in ((Door.IN_PERSON, place), (Door.ONLINE, room)) if there is not None)


def _build(series: Series, schedule: Schedule, slot: datetime, change: Change | None) -> Occurrence:
    # A change that was taken back is remembered, and changes nothing.
    applied = change if change and change.status is not ChangeStatus.RESTORED else None
    begins = (applied and applied.start) or slot
    place = (applied and applied.place) or series.place
    room = (applied and applied.room) or series.room
    closures = tuple(_covering(series, begins, place, room))
    open_doors = _open(_doors(place, room), applied, closures)
    start = zones.localize(begins, schedule.zone)
    newest = max((*closures, *((change,) if change else ())), key=_age, default=None)
    return Occurrence(
        series=series,
        schedule=schedule,
        slot=slot,
        start_local=begins,
        start=start,
        end=start + ((applied and applied.duration) or schedule.duration),
        status=Status.CONFIRMED if open_doors else Status.CANCELLED,
        open_doors=open_doors,
        usual_doors=usual(series),
        place=place,
        room=room,
        revision=newest.revision if newest else 0,
        revised_at=newest.changed_at if newest else None,
        restored=change is not None and applied is None,
        note=applied.note if applied else "",
        reason="; ".join(dict.fromkeys(closure.reason for closure in closures if closure.reason)),
    )


def _covering(series: Series, begins: datetime, place: Place | None, room: Room | None) -> Iterator[Closure]:
    """Yield the closures that shut a door of this date; those of doors that it does not have do not count."""
    for closure in series.closures:
        there = place if closure.door is Door.IN_PERSON else room
        if there is not None and closure.covers(there.key, begins):
            yield closure


def _open(doors: frozenset[Door], change: Change | None, closures: tuple[Closure, ...]) -> frozenset[Door]:
    if change and change.status is ChangeStatus.CANCELLED:
        return frozenset()
    return doors - {closure.door for closure in closures} - (change.closed if change else frozenset())


def _age(touch: Change | Closure) -> tuple[int, datetime]:
    return touch.revision, touch.changed_at
