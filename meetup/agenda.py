"""Rows → Series → occurrences, with changes, closures and doors applied: the only place that says what happens when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Row, func, inspect, or_
from sqlmodel import SQLModel, col, select

from meetup.places import closures, rooms, venues
from meetup.schedule import doors, recurrence, zones
from meetup.schedule.series import Change, ChangeStatus, Closure, Occurrence, Place, Room, Schedule, Series
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, ClosureRow, Group, Meeting, OnlineRoom, Organization, ScheduleRow, Venue
from meetup.values import Door, Window
from meetup.wording.discreet import secrets_of

MARGIN = timedelta(days=1)
ANYWHERE = timedelta(days=2)  # whatever the zone
_Sites = tuple[frozenset[int], frozenset[int]]  # venues and rooms


def occurrences(session: Session, window: Window, meeting_ids: Iterable[int] | None = None) -> list[Occurrence]:
    """Return every date that starts in the window, cancelled ones included, in order.

    Their series know the changes of that time only, so that years of them cost nothing.
    """
    return upcoming(_read(session, meeting_ids, window), window)


def upcoming(series: Iterable[Series], window: Window) -> list[Occurrence]:
    """Return the dates of some series that start in the window, in order."""
    found = [occurrence for one in series for occurrence in expand(one, window)]
    return sorted(found, key=lambda occurrence: (occurrence.start, occurrence.series.key))


def expand(series: Series, window: Window) -> Iterator[Occurrence]:
    """Yield the dates of one series that start in the window, in the order of their slots."""
    for schedule in series.schedules:
        for slot in _candidates(series, schedule, window):
            occurrence = doors.occurrence(series, schedule, slot)
            if occurrence is not None and occurrence.start in window:
                yield occurrence


def on_slot(series: Series, slot: datetime) -> Occurrence | None:
    """Return the date of a slot, or None when no schedule has it or it is skipped."""
    for schedule in series.schedules:
        if belongs(schedule, slot):
            return doors.occurrence(series, schedule, slot)
    return None


def next_happening(series: Iterable[Series], after: datetime, days: int = 400) -> Occurrence | None:
    """Return the first date after a moment by which somebody can get in."""
    window = Window(after + timedelta(microseconds=1), after + timedelta(days=days))
    return next((one for one in upcoming(series, window) if one.happening), None)


def belongs(schedule: Schedule, slot: datetime) -> bool:
    """Tell whether a schedule has a slot."""
    return any(True for _ in recurrence.slots(schedule, slot, slot + timedelta(minutes=1)))


def all_series(session: Session, meeting_ids: Iterable[int] | None = None) -> list[Series]:
    """Return meetings as frozen series, whole; all of them when no ids are given."""
    return _read(session, meeting_ids, None)


def one_series(session: Session, meeting_id: int) -> Series:
    """Return one meeting as a frozen series."""
    return all_series(session, [meeting_id])[0]


def of_group(session: Session, group_id: int) -> list[Series]:
    """Return the meetings of a group as frozen series."""
    ids = session.exec(select(Meeting.id).where(Meeting.group_id == group_id)).all()
    return all_series(session, [found for found in ids if found is not None])


def _candidates(series: Series, schedule: Schedule, window: Window) -> list[datetime]:
    """Return the slots that may start in the window: those in it, and those that a change may have moved into it."""
    begin = zones.wall(window.start, schedule.zone) - MARGIN
    end = zones.wall(window.end, schedule.zone) + MARGIN
    found = set(recurrence.slots(schedule, begin, end))
    moved = (change.slot for change in series.changes if change.start is not None and begin <= change.start < end)
    return sorted(found.union(slot for slot in moved if slot not in found and belongs(schedule, slot)))


@dataclass(frozen=True, slots=True)
class _Facts:
    schedules: dict[int, list[Row[Any]]]
    changes: dict[int, list[Row[Any]]]
    places: dict[int, Place]
    rooms: dict[int, Room]
    closed: closures.Closed
    shut: dict[_Sites, tuple[Closure, ...]] = field(default_factory=dict)

    def closures(self, sites: _Sites) -> tuple[Closure, ...]:
        """Return the closures of some venues and rooms; many meetings share theirs."""
        if sites not in self.shut:
            self.shut[sites] = tuple(_closure(row, self) for row in self.closed.of(*map(set, sites)))
        return self.shut[sites]


def _read(session: Session, meeting_ids: Iterable[int] | None, window: Window | None) -> list[Series]:
    meetings = _meetings(session, meeting_ids)
    facts = _facts(session, meetings, window)
    return [_series(meeting, group, words, facts) for meeting, group, words in meetings]


def _meetings(session: Session, meeting_ids: Iterable[int] | None) -> Sequence[tuple[Meeting, Group, str]]:
    words = select(Organization.words).scalar_subquery()
    query = select(Meeting, Group, func.coalesce(words, "")).join(Group).order_by(col(Meeting.id))
    if meeting_ids is not None:
        query = query.where(col(Meeting.id).in_(sorted(set(meeting_ids))))
    return session.exec(query).all()


def _facts(session: Session, meetings: Sequence[tuple[Meeting, Group, str]], window: Window | None) -> _Facts:
    ids = [meeting.id for meeting, _, _ in meetings]
    near = [col(ChangeRow.meeting_id).in_(ids), *([_near(window)] if window else [])]
    # There may be thousands of them: rows are several times cheaper than objects.
    changes = session.execute(sqlalchemy.select(*_columns(ChangeRow)).where(*near).order_by(col(ChangeRow.slot))).all()
    schedules = session.execute(
        sqlalchemy.select(*_columns(ScheduleRow))
        .where(col(ScheduleRow.meeting_id).in_(ids))
        .order_by(col(ScheduleRow.id))
    ).all()
    held = [*changes, *(meeting for meeting, _, _ in meetings)]
    closed = closures.read(session, set(_ids(held, "venue_id")), set(_ids(held, "room_id")))
    found_venues = session.exec(select(Venue).where(col(Venue.id).in_(closed.venue_ids))).all()
    found_rooms = session.exec(select(OnlineRoom).where(col(OnlineRoom.id).in_(closed.room_ids))).all()
    return _Facts(
        schedules=_by_meeting(schedules),
        changes=_by_meeting(changes),
        places={row.id: venues.value(session, row) for row in found_venues if row.id},
        rooms={row.id: rooms.value(session, row) for row in found_rooms if row.id},
        closed=closed,
    )


def _near(window: Window) -> ColumnElement[bool]:
    """Select the changes that can matter to a window: by their slot, or by where they moved it."""
    begin, end = (moment.replace(tzinfo=None) for moment in (window.start - ANYWHERE, window.end + ANYWHERE))
    return or_(col(ChangeRow.slot).between(begin, end), col(ChangeRow.new_start).between(begin, end))


def _columns(table: type[SQLModel]) -> list[ColumnElement[Any]]:
    return list(inspect(table).columns)


def _ids(rows: Iterable[Any], column: str) -> frozenset[int]:
    return frozenset(number for row in rows if (number := getattr(row, column)))


def _by_meeting(rows: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    sorted_out: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        sorted_out[row.meeting_id].append(row)
    return sorted_out


def _series(meeting: Meeting, group: Group, words: str, facts: _Facts) -> Series:
    meeting_id = meeting.id or 0
    changes = facts.changes.get(meeting_id, [])
    held = [meeting, *changes]
    return Series(
        key=meeting.public_id,
        title=meeting.title,
        label=group.cover_label,
        group=group.slug,
        schedules=tuple(_schedule(row) for row in facts.schedules.get(meeting_id, [])),
        place=facts.places.get(meeting.venue_id or 0),
        room=facts.rooms.get(meeting.room_id or 0),
        changes=tuple(_change(row, facts) for row in changes),
        closures=facts.closures((_ids(held, "venue_id"), _ids(held, "room_id"))),
        language=group.language,
        description=group.description,
        secrets=secrets_of(group.name, group.topics, words),
        version=meeting.version,
        meeting_id=meeting_id,
        group_id=meeting.group_id,
    )


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(
        uid=row.uid,
        zone=row.zone,
        start=row.start_local,
        duration=timedelta(minutes=row.duration_minutes),
        rule=row.rule,
        until=row.until_on,
        sequence=row.sequence,
        created_at=row.created_at,
        changed_at=row.changed_at,
        follows=row.follows_uid,
    )


def _change(row: Row[Any], facts: _Facts) -> Change:
    return Change(
        slot=row.slot,
        status=ChangeStatus(row.status),
        revision=row.revision,
        changed_at=row.changed_at,
        start=row.new_start,
        duration=timedelta(minutes=row.new_duration_minutes) if row.new_duration_minutes else None,
        place=facts.places.get(row.venue_id or 0),
        room=facts.rooms.get(row.room_id or 0),
        closed=frozenset({Door(row.closed_door)}) if row.closed_door else frozenset(),
        note=row.note,
    )


def _closure(row: ClosureRow, facts: _Facts) -> Closure:
    site = facts.places[row.venue_id] if row.venue_id else facts.rooms[row.room_id or 0]
    return Closure(
        key=site.key,
        door=Door.IN_PERSON if row.venue_id else Door.ONLINE,
        start=row.start_local,
        end=row.end_local,
        revision=row.revision,
        changed_at=row.changed_at,
        reason=row.reason,
        instead=facts.places.get(row.to_venue_id or 0) or facts.rooms.get(row.to_room_id or 0),
        planned_end=row.planned_end_local if row.end_local < row.planned_end_local else None,
    )
