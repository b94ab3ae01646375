"""Meetings: add, find, edit, split, pause, resume and end a recurring series."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from meetup import organization
from meetup.errors import Forbidden, NotFound, NotUnderstood
from meetup.schedule import recurrence, zones
from meetup.schedule.series import Schedule
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Group, Meeting, OnlineRoom, ScheduleRow, Venue
from meetup.storage.vault import new_id
from meetup.values import clean, slugify

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a series happens, in wall time: what a phrase or a rule was read as."""

    rule: str
    start: datetime
    duration: timedelta
    until: date | None
    zone: str


@dataclass(frozen=True, slots=True)
class Split:
    """What an edit did: the schedule that now rules, and the dates whose changes no longer fit."""

    schedule: ScheduleRow
    lost: tuple[datetime, ...] = ()


def add(session: Session, group: Group, timings: Sequence[Timing], now: datetime, *, title: str = "") -> Meeting:
    """Add a meeting to a group; several timings are several times of the week in one meeting."""
    name = clean(title) or group.name
    meeting = Meeting(
        public_id=new_id(),
        slug=_free_slug(session, slugify(name) or "meeting"),
        group_id=_id(group),
        title=name,
        created_at=now,
        changed_at=now,
    )
    session.add(meeting)
    session.flush()
    for timing in timings:
        session.add(_schedule(session, meeting, timing, now))
    revisions.touch(session, [], now)
    return meeting


def hold(session: Session, meeting: Meeting, now: datetime, *, venue: Venue | None, room: OnlineRoom | None) -> None:
    """Set where a meeting is held; neither is refused."""
    if venue is None and room is None:
        raise Forbidden("A meeting needs a venue, a room, or both", "Add --venue or --room.")
    meeting.venue_id = venue.id if venue else None
    meeting.room_id = room.id if room else None
    session.add(meeting)
    revisions.touch(session, [_id(meeting)], now)
    session.refresh(meeting)


def rename(session: Session, meeting: Meeting, title: str, now: datetime) -> None:
    """Give a meeting another public title."""
    meeting.title = clean(title)
    session.add(meeting)
    revisions.touch(session, [_id(meeting)], now)
    session.refresh(meeting)


def find(session: Session, text: str) -> Meeting:
    """Return the meeting of that slug, title or number, or refuse and name the nearest."""
    wanted = text.strip()
    query = select(Meeting).where(
        (col(Meeting.slug) == wanted.lower()) | (func.lower(col(Meeting.title)) == wanted.lower())
    )
    found = list(session.exec(query).all())
    if not found and wanted.removeprefix("#").isdigit():
        found = list(session.exec(select(Meeting).where(Meeting.id == int(wanted.removeprefix("#")))).all())
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(meeting.slug for meeting in found)
        raise NotUnderstood(f"“{text}” could be several meetings", f"Say which one: {names}")
    raise NotFound(f"There is no meeting “{text}”", _nearest(session, wanted))


def listing(session: Session, group: Group | None = None) -> list[Meeting]:
    """Return the meetings of a group, or all of them."""
    query = select(Meeting).order_by(col(Meeting.id))
    if group is not None:
        query = query.where(Meeting.group_id == _id(group))
    return list(session.exec(query).all())


def schedules(session: Session, meeting: Meeting) -> list[ScheduleRow]:
    """Return the schedules of a meeting, oldest first."""
    query = select(ScheduleRow).where(ScheduleRow.meeting_id == _id(meeting)).order_by(col(ScheduleRow.id))
    return list(session.exec(query).all())


def living(session: Session, meeting: Meeting, today: date) -> list[ScheduleRow]:
    """Return the schedules that still have dates to come."""
    midnight = datetime.combine(today, datetime.min.time())
    return [row for row in schedules(session, meeting) if recurrence.following(value(row), midnight, 1)]


def reschedule(session: Session, meeting: Meeting, timing: Timing, since: date, now: datetime) -> Split:
    """Change time, rule or zone from a date on.

    A series that has not begun is changed in place; one that has is split: the old schedule ends the day before and
    keeps its UID, a new one begins. Changes of later dates follow by date; those that no longer fit are returned.
    """
    rows = living(session, meeting, since)
    if len(rows) > 1:
        raise Forbidden(
            f"“{meeting.title}” has several times of the week",
            "End it and add the new times, or change its dates one by one.",
        )
    if not rows:
        raise Forbidden(f"“{meeting.title}” has no dates after {since}", "Use `meetup meeting resume`.")
    old = rows[0]
    new = _begin_in_place(session, old, timing, since, now) or _split(session, old, timing, since, now)
    lost = _reattach(session, old, new, since)
    revisions.touch(session, [_id(meeting)], now)
    session.refresh(new)
    return Split(new, lost)


def pause(session: Session, meeting: Meeting, since: date, now: datetime) -> None:
    """Let a meeting rest from a date on, until it is resumed."""
    if meeting.state != "active":
        raise Forbidden(f"“{meeting.title}” is {meeting.state} already")
    _end_schedules(session, meeting, since - ONE_DAY)
    _set_state(session, meeting, "paused", now)


def end(session: Session, meeting: Meeting, last: date, now: datetime) -> None:
    """End a meeting after a date."""
    if meeting.state == "ended":
        raise Forbidden(f"“{meeting.title}” has ended already")
    _end_schedules(session, meeting, last)
    _set_state(session, meeting, "ended", now)


def resume(session: Session, meeting: Meeting, since: date, now: datetime) -> list[ScheduleRow]:
    """Go on from a date: each schedule that the pause ended goes on as a new one."""
    if meeting.state == "active":
        raise Forbidden(f"“{meeting.title}” is not paused")
    rows = schedules(session, meeting)
    followed = {row.follows_uid for row in rows}
    last = max((row.until_on for row in rows if row.until_on), default=None)
    resting = [row for row in rows if row.rule and row.until_on == last and row.uid not in followed]
    begun = [_split(session, row, _same(row), since, now) for row in resting]
    _set_state(session, meeting, "active", now)
    return begun


def value(row: ScheduleRow) -> Schedule:
    """Return a schedule row as a frozen value."""
    return Schedule(row.uid, row.zone, row.start_local, timedelta(minutes=row.duration_minutes), row.rule, row.until_on)


def _set_state(session: Session, meeting: Meeting, state: str, now: datetime) -> None:
    meeting.state = state
    session.add(meeting)
    revisions.touch(session, [_id(meeting)], now)
    session.refresh(meeting)


def _end_schedules(session: Session, meeting: Meeting, last: date) -> None:
    for row in schedules(session, meeting):
        if row.until_on is None or row.until_on > last:
            row.until_on = last
            session.add(row)


def _same(row: ScheduleRow) -> Timing:
    return Timing(row.rule, row.start_local, timedelta(minutes=row.duration_minutes), None, row.zone)


def _begin_in_place(
    session: Session, row: ScheduleRow, timing: Timing, since: date, now: datetime
) -> ScheduleRow | None:
    """Change a series that has not begun; return None when it has."""
    begun = zones.localize(row.start_local, row.zone) <= now
    if begun or row.start_local.date() < since:
        return None
    row.rule, row.start_local, row.zone = timing.rule, timing.start, timing.zone
    row.duration_minutes, row.until_on = _minutes(timing.duration), timing.until
    session.add(row)
    return row


def _split(session: Session, old: ScheduleRow, timing: Timing, since: date, now: datetime) -> ScheduleRow:
    first = recurrence.following(
        Schedule(old.uid, timing.zone, timing.start, timing.duration, timing.rule, timing.until),
        datetime.combine(since, datetime.min.time()),
        1,
    )
    if not first:
        raise NotUnderstood(f"The new schedule has no date on or after {since}")
    if old.until_on is None or old.until_on >= since:
        old.until_on = since - ONE_DAY
    session.add(old)
    begins = Timing(timing.rule, first[0], timing.duration, timing.until, timing.zone)
    meeting = session.get_one(Meeting, old.meeting_id)
    new = _schedule(session, meeting, begins, now, follows=old.uid)
    session.add(new)
    session.flush()
    return new


def _reattach(session: Session, old: ScheduleRow, new: ScheduleRow, since: date) -> tuple[datetime, ...]:
    """Hand the changes of later dates to the new schedule by their date; return the slots that have none there."""
    midnight = datetime.combine(since, datetime.min.time())
    query = select(ChangeRow).where(ChangeRow.schedule_id == _id(old), col(ChangeRow.slot) >= midnight)
    lost = []
    for change in session.exec(query).all():
        day = datetime.combine(change.slot.date(), datetime.min.time())
        slot = next(iter(recurrence.slots(value(new), day, day + ONE_DAY)), None)
        if slot is None:
            lost.append(change.slot)
            session.delete(change)
            continue
        change.schedule_id, change.slot = _id(new), slot
        session.add(change)
    return tuple(lost)


def _schedule(session: Session, meeting: Meeting, timing: Timing, now: datetime, *, follows: str = "") -> ScheduleRow:
    number = len(schedules(session, meeting)) + 1
    return ScheduleRow(
        meeting_id=_id(meeting),
        uid=f"{meeting.public_id}-{number}@{organization.the(session).public_id}.meetup",
        zone=timing.zone,
        rule=timing.rule,
        start_local=timing.start,
        duration_minutes=_minutes(timing.duration),
        until_on=timing.until,
        follows_uid=follows,
        created_at=now,
        changed_at=now,
    )


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _id(row: Meeting | Group | ScheduleRow) -> int:
    if row.id is None:
        raise ValueError("the row is not in the database yet")
    return row.id


def _free_slug(session: Session, wanted: str) -> str:
    taken = set(session.exec(select(Meeting.slug).where(col(Meeting.slug).startswith(wanted))).all())
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(slug for slug in numbered if slug not in taken)


def _nearest(session: Session, wanted: str) -> str:
    slugs = list(session.exec(select(Meeting.slug)).all())
    near = difflib.get_close_matches(slugify(wanted), slugs, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else "`meetup meeting list` shows them all."
