"""One date of a meeting: skip, cancel, move, close or open a door, note, restore.

A date is named by its slot for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import col, select

from meetup import agenda, told
from meetup.errors import AlreadyExists, Forbidden, NotFound, NotUnderstood, UsageError
from meetup.meetings import value
from meetup.schedule import recurrence, zones
from meetup.schedule.series import ChangeStatus, Occurrence
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Meeting, OnlineRoom, ScheduleRow, Venue
from meetup.values import Door, clean

ONE_DAY = timedelta(days=1)
_COLUMNS = ("status", "new_start", "new_duration_minutes", "venue_id", "room_id", "closed_door", "note")


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


def slot_on(session: Session, meeting: Meeting, on: date, at: time | None = None) -> Slot:
    """Return the slot of a meeting on a date (and at a time), or refuse and name the nearest dates."""
    midnight = datetime.combine(on, time.min)
    rows = session.exec(select(ScheduleRow).where(ScheduleRow.meeting_id == meeting.id)).all()
    that_day = [Slot(row, slot) for row in rows for slot in recurrence.slots(value(row), midnight, midnight + ONE_DAY)]
    found = [slot for slot in that_day if at in {None, slot.at.time()}]
    if len(found) == 1:
        return found[0]
    if that_day:
        times = " and ".join(f"{slot.at:%H:%M}" for slot in that_day)
        example = f"Add the time: --on “{that_day[0].at:%Y-%m-%d %H:%M}”"
        raise NotUnderstood(f"“{meeting.title}” meets on {on} at {times}", example)
    hint = _moved_there(session, meeting, on) or _dates_near(rows, midnight)
    raise NotFound(f"“{meeting.title}” does not meet on {on:%A %Y-%m-%d}", hint)


def skip(session: Session, meeting: Meeting, slot: Slot, now: datetime) -> Occurrence | None:
    """Leave a date out, silently: it was never meant to happen. One that members count on has to be cancelled."""
    expected = [one for one in told.expected(session, meeting, slot.at, now) if one.slot == slot.at]
    if expected:
        raise told.refusal(meeting, expected)
    return _change(session, meeting, slot, now, status=ChangeStatus.SKIPPED)


def cancel(session: Session, meeting: Meeting, slot: Slot, now: datetime, *, note: str = "") -> Occurrence | None:
    """Cancel a date; those who were or would have been reminded are told. One that was moved is cancelled there."""
    _standing(session, meeting, slot)
    values: dict[str, object] = {"status": ChangeStatus.CANCELLED}
    if clean(note):
        values["note"] = clean(note)
    return _change(session, meeting, slot, now, **values)


def move(session: Session, meeting: Meeting, slot: Slot, to: Move, now: datetime) -> Occurrence | None:
    """Move a date to another time, venue or room; one that was cancelled happens again."""
    if to == Move():
        raise UsageError("A move needs a new time, venue or room", "Add --to, --venue or --room")
    if to.start is not None:
        _refuse_the_past(to.start, slot, now)
    values: dict[str, object] = {"status": ChangeStatus.CHANGED}
    if to.start is not None:
        values["new_start"] = to.start if to.start != slot.at else None
    if to.duration is not None:
        values["new_duration_minutes"] = int(to.duration.total_seconds()) // 60
    if to.venue is not None:
        values["venue_id"] = to.venue.id
    if to.room is not None:
        values["room_id"] = to.room.id
    moved = _change(session, meeting, slot, now, **values)
    if moved is not None:
        _refuse_the_past(moved.start_local, slot, now)
    return moved


def close_door(session: Session, meeting: Meeting, slot: Slot, door: Door, now: datetime) -> Occurrence | None:
    """Close one way into one date; the other stays open."""
    one = _standing(session, meeting, slot)
    words, day = _WORDS[door], f"{one.start_local:%A %Y-%m-%d}"
    if door not in one.usual_doors | one.open_doors:
        raise NotFound(f"“{meeting.title}” does not meet {words} on {day}")
    if one.happening and door not in one.open_doors:
        raise AlreadyExists(f"{words.capitalize()} is closed on {day} already")
    if one.open_doors <= {door}:
        raise Forbidden(
            f"Then nobody could get in on {day}",
            f"Cancel the date: `meetup meeting cancel {meeting.slug} --on {slot.at:%Y-%m-%d}`",
        )
    return _change(session, meeting, slot, now, status=ChangeStatus.CHANGED, closed_door=door.value)


def open_door(session: Session, meeting: Meeting, slot: Slot, door: Door, now: datetime) -> Occurrence | None:
    """Open a way into one date again that was closed on it; whatever else differs on that date stays."""
    one = _standing(session, meeting, slot)
    words, day = _WORDS[door], f"{one.start_local:%A %Y-%m-%d}"
    if door not in one.usual_doors | one.open_doors:
        raise NotFound(f"“{meeting.title}” does not meet {words} on {day}")
    if door in one.open_doors:
        raise AlreadyExists(f"{words.capitalize()} is open on {day} already")
    row = _row(session, slot)
    if row is not None and row.status == ChangeStatus.CANCELLED:
        raise Forbidden(
            f"{day} is cancelled", f"Bring it back: `meetup meeting restore {meeting.slug} --on {slot.at:%Y-%m-%d}`"
        )
    if row is None or row.closed_door != door.value:
        reason = f" ({one.reason})" if one.reason else ""
        raise Forbidden(
            f"{words.capitalize()} is closed on {day} because the place itself is{reason}",
            f"Open it again with `meetup {_SITES[door]} reopen`, or move that date: `meetup meeting move`",
        )
    return _change(session, meeting, slot, now, status=ChangeStatus.CHANGED, closed_door="")


def note(session: Session, meeting: Meeting, slot: Slot, text: str, now: datetime) -> Occurrence | None:
    """Write what there is to know about one date, or nothing any more. Nobody is told of that by itself."""
    _standing(session, meeting, slot)
    row = _row(session, slot)
    kept = row.status if row and row.status in _STANDING else ChangeStatus.NOTED
    return _change(session, meeting, slot, now, status=kept, note=clean(text))


def restore(session: Session, meeting: Meeting, slot: Slot, now: datetime) -> Occurrence | None:
    """Take every change of a date back."""
    row = _row(session, slot)
    if row is None or row.status == ChangeStatus.RESTORED:
        raise NotFound(f"Nothing was changed on {slot.at:%A %Y-%m-%d}")
    if zones.localize(slot.at, slot.schedule.zone) <= now:
        raise Forbidden(f"Its usual time, {slot.at:%A %Y-%m-%d %H:%M}, is over", "Move it with `meetup meeting move`")
    return _change(session, meeting, slot, now, status=ChangeStatus.RESTORED)


_STANDING = (ChangeStatus.CANCELLED, ChangeStatus.CHANGED)
_KEEPING = (ChangeStatus.CHANGED, ChangeStatus.NOTED)
_ALREADY = {ChangeStatus.CANCELLED.value: "cancelled", ChangeStatus.SKIPPED.value: "left out"}
_WORDS = {Door.IN_PERSON: "in person", Door.ONLINE: "online"}
_SITES = {Door.IN_PERSON: "venue", Door.ONLINE: "room"}


def _change(session: Session, meeting: Meeting, slot: Slot, now: datetime, **values: object) -> Occurrence | None:
    """Write what differs on a date. A change that is not a mere addition replaces what was there."""
    before = _now(session, slot)
    _refuse_the_past(before.start_local if before else slot.at, slot, now)
    row = _row(session, slot) or _usual(slot, now)
    was = _facts(row)
    _make_room(row, values)
    for name, new in values.items():
        setattr(row, name, new)
    _forget_the_usual(row, meeting, slot)
    if _facts(row) == was:
        words = _ALREADY.get(row.status, "like that")
        raise AlreadyExists(f"{slot.at:%A %Y-%m-%d} is {words} already", "Nothing was changed, and nobody is told")
    row.changed_at = now
    revision = revisions.touch(session, [slot.schedule.meeting_id], now)
    if _facts(row)[:-1] != was[:-1]:  # a note alone is no news
        row.revision = revision
    session.add(row)
    session.flush()
    session.refresh(meeting)
    return _now(session, slot)


def _usual(slot: Slot, now: datetime) -> ChangeRow:
    return ChangeRow(
        meeting_id=slot.schedule.meeting_id,
        schedule_id=slot.schedule.id or 0,
        slot=slot.at,
        status=ChangeStatus.RESTORED,
        revision=0,
        created_at=now,
        changed_at=now,
    )


def _make_room(row: ChangeRow, values: dict[str, object]) -> None:
    """Forget what the new change replaces: where and when a cancelled date was to be, its members have to read."""
    if row.status in _KEEPING and values["status"] in _KEEPING:
        return
    if values["status"] == ChangeStatus.CANCELLED:
        row.closed_door = ""
        return
    row.new_start = row.new_duration_minutes = row.venue_id = row.room_id = None
    row.closed_door = row.note = ""


def _forget_the_usual(row: ChangeRow, meeting: Meeting, slot: Slot) -> None:
    """Let a date that is as usual again, because each of its changes was undone by hand, count as restored."""
    if row.new_duration_minutes == slot.schedule.duration_minutes:
        row.new_duration_minutes = None
    row.venue_id = None if row.venue_id == meeting.venue_id else row.venue_id
    row.room_id = None if row.room_id == meeting.room_id else row.room_id
    differs = (row.new_start, row.new_duration_minutes, row.venue_id, row.room_id, row.closed_door)
    if row.status in _KEEPING and not any(differs):
        row.status = ChangeStatus.NOTED if row.note else ChangeStatus.RESTORED


def _facts(row: ChangeRow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _COLUMNS)


def _row(session: Session, slot: Slot) -> ChangeRow | None:
    query = select(ChangeRow).where(ChangeRow.schedule_id == slot.schedule.id, col(ChangeRow.slot) == slot.at)
    return session.exec(query).first()


def _now(session: Session, slot: Slot) -> Occurrence | None:
    return agenda.on_slot(agenda.one_series(session, slot.schedule.meeting_id), slot.at)


def _standing(session: Session, meeting: Meeting, slot: Slot) -> Occurrence:
    """Return a date that was not left out, or refuse."""
    one = _now(session, slot)
    if one is None:
        raise NotFound(
            f"“{meeting.title}” leaves {slot.at:%A %Y-%m-%d} out",
            f"Bring it back first: `meetup meeting restore {meeting.slug} --on {slot.at:%Y-%m-%d}`",
        )
    return one


def _refuse_the_past(wall: datetime, slot: Slot, now: datetime) -> None:
    if zones.localize(wall, slot.schedule.zone) <= now:
        raise Forbidden(f"{wall:%A %Y-%m-%d %H:%M} is over", "Only dates to come can be changed")


def _moved_there(session: Session, meeting: Meeting, on: date) -> str:
    """Return a hint when a date was moved to that day: its name is still its slot."""
    midnight = datetime.combine(on, time.min)
    query = select(ChangeRow).where(
        ChangeRow.meeting_id == meeting.id, col(ChangeRow.new_start).between(midnight, midnight + ONE_DAY)
    )
    row = session.exec(query).first()
    return f"{row.slot:%A %Y-%m-%d} was moved there: say --on {row.slot:%Y-%m-%d}" if row else ""


def _dates_near(rows: Sequence[ScheduleRow], midnight: datetime) -> str:
    before = [slot for row in rows for slot in recurrence.slots(value(row), midnight - timedelta(days=35), midnight)]
    after = [slot for row in rows for slot in recurrence.following(value(row), midnight, 2)]
    near = [*sorted(before)[-1:], *sorted(after)[:2]]
    listed = ", ".join(f"{slot:%Y-%m-%d}" for slot in near)
    return f"Dates near it: {listed}" if listed else "It has no dates near that day"
