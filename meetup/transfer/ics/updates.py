"""A calendar that was taken before, and says something else now: the file's word is taken where somebody wants it."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from meetup import agenda, meetings, naming, told
from meetup.errors import Forbidden
from meetup.schedule import recurrence
from meetup.storage.database import Session
from meetup.storage.tables import Meeting, OnlineRoom, ScheduleRow, Venue
from meetup.transfer import survey
from meetup.transfer.ics.programme import Course, Programme
from meetup.transfer.ics.survey import PLACE, ROOM, Seat
from meetup.transfer.ics.written import changes, write_dates
from meetup.transfer.intake import Held
from meetup.transfer.listings import Remark

ONE_DAY = timedelta(days=1)


def update(session: Session, meeting: Meeting, seat: Seat, held: Held, now: datetime) -> list[Remark]:
    """Take the file's word for what it tells otherwise. What members were reminded of may not vanish."""
    programme = seat.programme
    expected = told.expected(session, meeting, datetime.min, now)  # noqa: DTZ901 -- a wall time: since ever
    if programme.title != meeting.title:
        meetings.rename(session, meeting, programme.title, now)
    if {PLACE, ROOM} & set(seat.differing):
        _hold_elsewhere(session, meeting, programme, held, now)
    revision = meetings.touched(session, meeting, now)
    remarks = []
    rows = {row.uid: row for row in meetings.schedules(session, meeting)}
    for course in (course for course in programme.courses if course.uid in rows):
        row = rows[course.uid]
        _refuse_split(row, rows.values(), course, programme)
        timing = course.timing
        row.zone, row.rule, row.start_local, row.until_on = timing.zone, timing.rule, timing.start, timing.until
        row.duration_minutes = meetings.minutes(timing.duration)
        row.sequence = max(row.sequence, course.sequence)
        session.add(row)
        _reattach(session, row)
        remarks += write_dates(session, (meeting, row), course, held, (revision, now))
    session.flush()
    _refuse_vanished(session, meeting, [one.slot for one in expected])
    return remarks


def _hold_elsewhere(session: Session, meeting: Meeting, programme: Programme, held: Held, now: datetime) -> None:
    where = programme.where
    venue_id = held.venues[survey.key_of(where.venue)] if where.venue else meeting.venue_id
    room_id = held.rooms[where.room.url] if where.room else meeting.room_id
    meetings.hold(
        session,
        meeting,
        now,
        venue=session.get(Venue, venue_id) if venue_id else None,
        room=session.get(OnlineRoom, room_id) if room_id else None,
    )


def _refuse_split(row: ScheduleRow, rows: Iterable[ScheduleRow], course: Course, programme: Programme) -> None:
    """Refuse the old times of what was given new ones here: both would go on."""
    told_uids = {one.uid for one in programme.courses}
    later = next((one for one in rows if one.follows_uid == row.uid and one.uid not in told_uids), None)
    if later and course.timing != meetings.timing_of(row):
        raise Forbidden(f"It was given other times here, from {later.start_local:%Y-%m-%d} on")


def _reattach(session: Session, row: ScheduleRow) -> None:
    """Let changes follow their date to its new time; those whose date is gone are gone."""
    schedule = meetings.value(row)
    for change in changes(session, row):
        day = datetime.combine(change.slot.date(), time.min)
        slots = list(recurrence.slots(schedule, day, day + ONE_DAY))
        if change.slot in slots:
            continue
        if slots:
            change.slot = slots[0]
            session.add(change)
        else:
            session.delete(change)
    session.flush()


def _refuse_vanished(session: Session, meeting: Meeting, slots: Iterable[datetime]) -> None:
    series = agenda.one_series(session, naming.key(meeting))
    gone = [slot for slot in slots if agenda.on_slot(series, slot) is None]
    if gone:
        raise Forbidden(f"Members were reminded of {min(gone):%A %Y-%m-%d} already, which the file does not have")
