"""Calendars → groups, venues, rooms, meetings and what differs on their dates. UIDs are kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import col, select

from meetup import agenda, groups, meetings, naming, organization
from meetup.errors import MeetupError, NotFound, UsageError
from meetup.groups import GroupDraft
from meetup.places import rooms, venues
from meetup.reminders import Rule
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, ScheduleRow
from meetup.storage.vault import new_id
from meetup.transfer import intake, survey
from meetup.transfer.ics.programme import Course, Programme, Reading
from meetup.transfer.ics.survey import Fate, Plan, Present, Seat, all_uids, plan
from meetup.transfer.ics.updates import update
from meetup.transfer.ics.written import write_dates
from meetup.transfer.intake import Held
from meetup.transfer.listings import Rejected, Remark
from meetup.values import slugify

ONE_DAY = timedelta(days=1)
# A change that came with its series is told to nobody: nobody was told otherwise.
SILENT = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where an organizer wants a calendar to go; what is left empty is worked out."""

    group: str = ""
    venue: str = ""
    room: str = ""
    closed: bool = False  # a new group has no public page or calendar
    update: bool = False


def survey_of(session: Session, reading: Reading, wanted: Wanted, now: datetime) -> Plan:
    """Say what taking a calendar would do; nothing is changed."""
    known = _meetings_of(session, all_uids(reading.programmes))
    group_id, name = _group(session, reading, wanted, known)
    mine = session.exec(select(Meeting.id).where(Meeting.group_id == group_id)).all() if group_id else []
    present = Present(
        group_id,
        name,
        tuple(agenda.all_series(session, {*known, *(found for found in mine if found)})),
        intake.stock(session),
        naming.key(venues.find(session, wanted.venue)) if wanted.venue else None,
        naming.key(rooms.find(session, wanted.room)) if wanted.room else None,
        "closed" if wanted.closed else "open",
    )
    return plan(reading, present, now, update=wanted.update)


def take(session: Session, planned: Plan, rules: Sequence[Rule], now: datetime, *, keep_going: bool = False) -> Plan:
    """Do what was planned, unless something was rejected; what could not be updated is added to that.

    Whoever wants all or nothing rolls back when the returned plan has rejected anything.
    """
    if planned.rejected and not keep_going:
        return planned
    seats = [seat for seat in planned.seats if seat.fate not in {Fate.KNOWN, Fate.DIFFERS}]
    if not seats:
        return planned
    held = intake.hold(session, planned.present.stock, planned.venues, planned.rooms, now)
    group = _the_group(session, planned, rules, now)
    rejected: list[Rejected] = []
    remarks: list[Remark] = []
    for seat in seats:
        try:
            with session.begin_nested():
                remarks += _take(session, seat, (group, held, planned.present), now)
        except MeetupError as error:
            rejected.append(Rejected(seat.programme.row, seat.programme.title, error.message))
    revisions.next_revision(session)
    return replace(planned, rejected=(*planned.rejected, *rejected), remarks=(*planned.remarks, *remarks))


def _meetings_of(session: Session, uids: Sequence[str]) -> dict[int, int]:
    """Return the meetings that have these UIDs, each with its group."""
    query = select(ScheduleRow.meeting_id, Meeting.group_id).join(Meeting).where(col(ScheduleRow.uid).in_(uids))
    return dict(session.exec(query).all())


def _group(session: Session, reading: Reading, wanted: Wanted, known: Mapping[int, int]) -> tuple[int | None, str]:
    """Return the group that a calendar is for: named, else the one that has its meetings, else called as it is."""
    if wanted.group:
        try:
            found = groups.find(session, wanted.group)
        except NotFound:
            return None, GroupDraft(wanted.group).name
        return naming.key(found), found.name
    if len(set(known.values())) == 1:
        return (group_id := next(iter(known.values()))), session.get_one(Group, group_id).name
    if known or not reading.name:
        trouble = "Its meetings are in several groups" if known else "The calendar has no name that a group could have"
        raise UsageError(trouble, "Say which group it is for: --group NAME, a new one or one that is there")
    _refuse_taken(session, reading.name)
    return None, reading.name


def _refuse_taken(session: Session, name: str) -> None:
    taken = next((one for one in groups.listing(session) if one.name.casefold() == name.casefold()), None)
    taken = taken or next((one for one in groups.listing(session) if one.slug == slugify(name)), None)
    if taken:
        raise UsageError(
            f"There is a group “{taken.name}” already, and its members would be reminded of what the file holds",
            f"If that is meant: --group {taken.slug}; else give another name",
        )


def _the_group(session: Session, planned: Plan, rules: Sequence[Rule], now: datetime) -> int:
    if planned.present.group_id is not None:
        return planned.present.group_id
    zones = Counter(course.timing.zone for seat in planned.seats for course in seat.programme.courses)
    zone = next((zone for zone, _ in zones.most_common() if zone != "UTC"), organization.the(session).zone)
    return intake.add_group(
        session, GroupDraft(planned.present.group, audience=planned.present.audience, zone=zone), rules, now
    )


def _take(session: Session, seat: Seat, where: tuple[int, Held, Present], now: datetime) -> list[Remark]:
    group_id, held, present = where
    if seat.meeting_id is None:
        meeting = _add(session, seat.programme, (group_id, held, present), now)
        return _add_courses(session, meeting, seat.fresh, held, now)
    meeting = session.get_one(Meeting, seat.meeting_id)
    remarks = update(session, meeting, seat, held, now) if seat.fate is Fate.UPDATED else []
    remarks += _add_courses(session, meeting, seat.fresh, held, now)
    _refuse_doubles(session, meeting)
    meetings.touched(session, meeting, now)
    return remarks


def _add(session: Session, programme: Programme, where: tuple[int, Held, Present], now: datetime) -> Meeting:
    group_id, held, present = where
    venue, room = programme.where.venue, programme.where.room
    named = programme.where.named
    meeting = Meeting(
        public_id=new_id(),
        slug=meetings.free_slug(session, slugify(programme.title) or "meeting"),
        group_id=group_id,
        title=programme.title,
        venue_id=held.venues[survey.key_of(venue)] if venue else None if named else present.venue,
        room_id=held.rooms[room.url] if room else None if named else present.room,
        created_at=now,
        changed_at=now,
    )
    session.add(meeting)
    session.flush()
    return meeting


def _add_courses(
    session: Session, meeting: Meeting, fresh: Iterable[Course], held: Held, now: datetime
) -> list[Remark]:
    remarks = []
    for course in fresh:
        row = meetings.new_schedule(session, meeting, course.timing, now, follows=course.follows)
        row.uid, row.sequence, row.created_at = course.uid, course.sequence, course.created or now
        session.add(row)
        session.flush()
        remarks += write_dates(session, (meeting, row), course, held, (SILENT, now))
    session.flush()
    return remarks


def _refuse_doubles(session: Session, meeting: Meeting) -> None:
    meetings.refuse_doubles([meetings.timing_of(row) for row in meetings.schedules(session, meeting)])
