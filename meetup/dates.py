"""One date of a meeting: skip, cancel, move, close a door, restore. A date is named by its slot for ever."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from meetup import agenda
from meetup.errors import Forbidden, NotFound, NotUnderstood
from meetup.meetings import value
from meetup.schedule import recurrence, zones
from meetup.schedule.series import ChangeStatus, Occurrence
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Meeting, OnlineRoom, ScheduleRow, Venue
from meetup.values import Door, clean

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """One date of one schedule, found."""

    schedule: ScheduleRow
    at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """What a moved date gets instead; None keeps what it has."""

    start: datetime | None = None
    duration: timedelta | None = None
    venue: Venue | None = None
    room: OnlineRoom | None = None


def slot_on(session: Session, meeting: Meeting, on: date) -> Slot:
    """Return the slot of a meeting on a date, or refuse and name the nearest dates."""
    midnight = datetime.combine(on, datetime.min.time())
    rows = session.exec(select(ScheduleRow).where(ScheduleRow.meeting_id == meeting.id)).all()
    found = [Slot(row, at) for row in rows for at in recurrence.slots(value(row), midnight, midnight + ONE_DAY)]
    if len(found) == 1:
        return found[0]
    if found:
        times = " and ".join(f"{slot.at:%H:%M}" for slot in found)
        raise NotUnderstood(
            f"“{meeting.title}” meets more than once on {on}: at {times}", "Add the time: --on DATE-TIME"
        )
    near = sorted({at for row in rows for at in recurrence.following(value(row), midnight - 8 * ONE_DAY, 4)})
    listed = ", ".join(f"{at:%Y-%m-%d}" for at in near[:4])
    hint = f"Dates near it: {listed}" if listed else "It has no dates near that day."
    raise NotFound(f"“{meeting.title}” does not meet on {on:%A %Y-%m-%d}", hint)


def skip(session: Session, meeting: Meeting, slot: Slot, now: datetime) -> Occurrence | None:
    """Leave a date out, silently: it was never meant to happen."""
    return _change(session, meeting, slot, now, status=ChangeStatus.SKIPPED)


def cancel(session: Session, meeting: Meeting, slot: Slot, now: datetime, *, note: str = "") -> Occurrence | None:
    """Cancel a date; those who were or would have been reminded are told."""
    return _change(session, meeting, slot, now, status=ChangeStatus.CANCELLED, note=clean(note))


def move(session: Session, meeting: Meeting, slot: Slot, to: Move, now: datetime) -> Occurrence | None:
    """Move a date to another time, venue or room."""
    if to == Move():
        raise Forbidden("A move needs a new time, venue or room", "Add --to, --venue or --room.")
    _refuse_the_past(to.start or slot.at, slot, now)
    values: dict[str, object] = {"status": ChangeStatus.CHANGED}
    if to.start is not None:
        values["new_start"] = to.start
    if to.duration is not None:
        values["new_duration_minutes"] = int(to.duration.total_seconds()) // 60
    if to.venue is not None:
        values["venue_id"] = to.venue.id
    if to.room is not None:
        values["room_id"] = to.room.id
    return _change(session, meeting, slot, now, **values)


def close_door(session: Session, meeting: Meeting, slot: Slot, door: Door, now: datetime) -> Occurrence | None:
    """Close one way into one date; the other stays open."""
    return _change(session, meeting, slot, now, status=ChangeStatus.CHANGED, closed_door=door.value)


def restore(session: Session, meeting: Meeting, slot: Slot, now: datetime) -> Occurrence | None:
    """Take every change of a date back."""
    row = _row(session, slot)
    if row is None or row.status == ChangeStatus.RESTORED:
        raise NotFound(f"Nothing was changed on {slot.at:%A %Y-%m-%d}")
    return _change(session, meeting, slot, now, status=ChangeStatus.RESTORED)


def _change(session: Session, meeting: Meeting, slot: Slot, now: datetime, **values: object) -> Occurrence | None:
    """Write what differs on a date. A change that is not a mere addition replaces what was there."""
    _refuse_the_past(slot.at, slot, now)
    row = _row(session, slot)
    if row is None:
        row = ChangeRow(
            meeting_id=slot.schedule.meeting_id,
            schedule_id=slot.schedule.id or 0,
            slot=slot.at,
            status=ChangeStatus.CHANGED,
            revision=0,
            created_at=now,
            changed_at=now,
        )
    if values["status"] != ChangeStatus.CHANGED or row.status != ChangeStatus.CHANGED:
        _forget(row)
    for name, new in values.items():
        setattr(row, name, new)
    row.changed_at = now
    row.revision = revisions.touch(session, [slot.schedule.meeting_id], now)
    session.add(row)
    session.flush()
    session.refresh(meeting)
    return agenda.on_slot(agenda.one_series(session, slot.schedule.meeting_id), slot.at)


def _row(session: Session, slot: Slot) -> ChangeRow | None:
    query = select(ChangeRow).where(ChangeRow.schedule_id == slot.schedule.id, col(ChangeRow.slot) == slot.at)
    return session.exec(query).first()


def _forget(row: ChangeRow) -> None:
    row.new_start = row.new_duration_minutes = row.venue_id = row.room_id = None
    row.closed_door = row.note = ""


def _refuse_the_past(wall: datetime, slot: Slot, now: datetime) -> None:
    if zones.localize(wall, slot.schedule.zone) <= now:
        raise Forbidden(f"{wall:%A %Y-%m-%d %H:%M} is over", "Only dates to come can be changed.")
