"""Meetings: add, find, list, rename, and where they are held. How they go on is in `timetable`."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations

from sqlmodel import col, select

from meetup import agenda, naming, organization, told
from meetup.errors import AlreadyExists, Forbidden, NotFound, NotUnderstood
from meetup.schedule import recurrence, zones
from meetup.schedule.series import ChangeStatus, Occurrence, Schedule
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Group, Meeting, OnlineRoom, ScheduleRow, Venue
from meetup.storage.vault import new_id
from meetup.values import clean, slugify

ONE_DAY = timedelta(days=1)
TWO_YEARS = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a series happens, in wall time: what a phrase or a rule was read as."""

    rule: str
    start: datetime
    duration: timedelta
    until: date | None
    zone: str
    skipped: tuple[date, ...] = ()  # days that are left out from its beginning

    def __post_init__(self) -> None:
        zones.zone(self.zone)
        if not timedelta(minutes=1) <= self.duration <= timedelta(days=7):
            raise NotUnderstood("A meeting lasts at least one minute, and at most seven days")

    def schedule(self, uid: str) -> Schedule:
        """Return it as a schedule."""
        return Schedule(uid, self.zone, self.start, self.duration, self.rule, self.until)


def add(session: Session, group: Group, timings: Sequence[Timing], now: datetime, *, title: str = "") -> Meeting:
    """Add a meeting to a group; several timings are several times of the week in one meeting."""
    name = clean(title) or group.name
    refuse_doubles(timings)
    _refuse_the_same(session, group, name, timings)
    meeting = Meeting(
        public_id=new_id(),
        slug=free_slug(session, slugify(name) or "meeting"),
        group_id=naming.key(group),
        title=name,
        created_at=now,
        changed_at=now,
    )
    session.add(meeting)
    session.flush()
    rows = []
    for timing in timings:
        rows.append(new_schedule(session, meeting, timing, now))
        session.add(rows[-1])
        session.flush()
    revision = revisions.touch(session, [], now)
    for row, timing in zip(rows, timings, strict=True):
        leave_out(session, row, timing.skipped, revision, now)
    return meeting


def leave_out(session: Session, row: ScheduleRow, days: Sequence[date], revision: int, now: datetime) -> None:
    """Skip days of a schedule that nobody was told of; one that was cancelled stays cancelled."""
    for day in days:
        midnight = datetime.combine(day, time.min)
        for slot in recurrence.slots(value(row), midnight, midnight + ONE_DAY):
            change = _difference(session, row, slot, now)
            if change.status != ChangeStatus.CANCELLED:
                change.status, change.revision, change.changed_at = ChangeStatus.SKIPPED, revision, now
                session.add(change)


def hold(
    session: Session, meeting: Meeting, now: datetime, *, venue: Venue | None, room: OnlineRoom | None
) -> list[Occurrence]:
    """Set where a meeting is held; return the dates whose members, reminded of another place, are told of it."""
    if venue is None and room is None:
        raise Forbidden("A meeting needs a venue, a room, or both", "Add --venue or --room")
    expected = told.expected(session, meeting, datetime.min, now)  # noqa: DTZ901 -- a wall time: since ever
    meeting.venue_id = venue.id if venue else None
    meeting.room_id = room.id if room else None
    session.add(meeting)
    revision = touched(session, meeting, now)
    series = agenda.one_series(session, naming.key(meeting))
    changed = [one for one in expected if _elsewhere(one, agenda.on_slot(series, one.slot))]
    for one in changed:
        _announce(session, meeting, one, revision, now)
    session.flush()
    return changed


def rename(session: Session, meeting: Meeting, title: str, now: datetime) -> None:
    """Give a meeting another public title."""
    if not clean(title):
        raise NotUnderstood("A meeting needs a title")
    meeting.title = clean(title)
    session.add(meeting)
    touched(session, meeting, now)


def find(session: Session, text: str) -> Meeting:
    """Return the meeting of that slug, title or number, or refuse and name the nearest."""
    wanted = text.strip().casefold()
    rows = listing(session)
    found = (
        [row for row in rows if row.slug == wanted]
        or [row for row in rows if row.title.casefold() == wanted]
        or [row for row in rows if str(row.id) == wanted.removeprefix("#")]
    )
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(meeting.slug for meeting in found)
        raise NotUnderstood(f"“{text}” could be several meetings", f"Say which one: {names}")
    raise NotFound(f"There is no meeting “{text}”", _nearest(wanted, rows))


def listing(session: Session, group: Group | None = None) -> list[Meeting]:
    """Return the meetings of a group, or all of them."""
    query = select(Meeting).order_by(col(Meeting.id))
    if group is not None:
        query = query.where(Meeting.group_id == naming.key(group))
    return list(session.exec(query).all())


def schedules(session: Session, meeting: Meeting) -> list[ScheduleRow]:
    """Return the schedules of a meeting, oldest first."""
    query = select(ScheduleRow).where(ScheduleRow.meeting_id == naming.key(meeting)).order_by(col(ScheduleRow.id))
    return list(session.exec(query).all())


def living(session: Session, meeting: Meeting, today: date) -> list[ScheduleRow]:
    """Return the schedules that still have dates to come."""
    midnight = datetime.combine(today, time.min)
    return [row for row in schedules(session, meeting) if recurrence.following(value(row), midnight, 1)]


def value(row: ScheduleRow) -> Schedule:
    """Return a schedule row as a frozen value."""
    return Schedule(row.uid, row.zone, row.start_local, timedelta(minutes=row.duration_minutes), row.rule, row.until_on)


def timing_of(row: ScheduleRow) -> Timing:
    """Return when a schedule happens."""
    length = timedelta(minutes=row.duration_minutes)
    return Timing(row.rule, row.start_local, length, row.until_on, row.zone)


def touched(session: Session, meeting: Meeting, now: datetime) -> int:
    """Raise the versions of a meeting; return the new revision."""
    revision = revisions.touch(session, [naming.key(meeting)], now)
    session.refresh(meeting)
    return revision


def refuse_doubles(timings: Sequence[Timing]) -> None:
    """Refuse two schedules with a date and time in common: it would be one meeting, told twice."""
    for one, other in combinations(timings, 2):
        begin = max(one.start, other.start)
        both = _slots(one, begin) & _slots(other, begin)
        if both:
            raise AlreadyExists(f"Two of the schedules meet on {min(both):%A %Y-%m-%d %H:%M}", "Say each time once")


def _refuse_the_same(session: Session, group: Group, title: str, timings: Sequence[Timing]) -> None:
    """Refuse a meeting that is there already: its members would be reminded twice."""
    alike = [one for one in listing(session, group) if one.title.casefold() == title.casefold()]
    known = [(one, timing_of(row)) for one in alike for row in schedules(session, one)]
    for timing in timings:
        for meeting, other in known:
            both = _slots(timing, timing.start) & _slots(other, timing.start)
            if both:
                raise AlreadyExists(
                    f"“{meeting.title}” meets on {min(both):%A %Y-%m-%d %H:%M} already",
                    f"Change it with `meetup meeting edit {meeting.slug}`, or give this one another --title",
                )


def _slots(timing: Timing, begin: datetime) -> set[datetime]:
    return set(recurrence.slots(timing.schedule("compared"), begin, begin + TWO_YEARS))


def _elsewhere(before: Occurrence, after: Occurrence | None) -> bool:
    if after is None or not before.happening:
        return False
    return (before.place, before.room) != (after.place, after.room)


def _announce(session: Session, meeting: Meeting, one: Occurrence, revision: int, now: datetime) -> None:
    """Mark a date as changed, so that those who were told of another place are told of this one."""
    schedule = next(row for row in schedules(session, meeting) if row.uid == one.schedule.uid)
    row = _difference(session, schedule, one.slot, now)
    row.status, row.revision, row.changed_at = ChangeStatus.CHANGED, revision, now
    session.add(row)


def _difference(session: Session, schedule: ScheduleRow, slot: datetime, now: datetime) -> ChangeRow:
    """Return the change of a date, a new one without a status when there is none."""
    query = select(ChangeRow).where(ChangeRow.schedule_id == schedule.id, col(ChangeRow.slot) == slot)
    return session.exec(query).first() or ChangeRow(
        meeting_id=schedule.meeting_id,
        schedule_id=naming.key(schedule),
        slot=slot,
        status="",
        revision=0,
        created_at=now,
        changed_at=now,
    )


def new_schedule(
    session: Session, meeting: Meeting, timing: Timing, now: datetime, *, follows: str = ""
) -> ScheduleRow:
    """Return a new schedule of a meeting, not yet in the database."""
    number = len(schedules(session, meeting)) + 1
    return ScheduleRow(
        meeting_id=naming.key(meeting),
        uid=f"{meeting.public_id}-{number}@{organization.the(session).public_id}.meetup",
        zone=timing.zone,
        rule=timing.rule,
        start_local=timing.start,
        duration_minutes=minutes(timing.duration),
        until_on=timing.until,
        follows_uid=follows,
        created_at=now,
        changed_at=now,
    )


def minutes(length: timedelta) -> int:
    """Return a length in whole minutes."""
    return int(length.total_seconds()) // 60


def free_slug(session: Session, wanted: str) -> str:
    """Return a slug for a meeting, with a number when others have it already."""
    taken = set(session.exec(select(Meeting.slug).where(col(Meeting.slug).startswith(wanted))).all())
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(slug for slug in numbered if slug not in taken)


def _nearest(wanted: str, rows: Iterable[Meeting]) -> str:
    names = {text: row.slug for row in rows for text in (row.title.casefold(), row.slug)}
    near = dict.fromkeys(names[text] for text in difflib.get_close_matches(wanted, names, n=3, cutoff=0.5))
    return f"Did you mean {' or '.join(near)}?" if near else "`meetup meeting list` shows them all"
