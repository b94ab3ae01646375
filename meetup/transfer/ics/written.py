"""What differs on single dates, written down."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import select

from meetup import meetings, naming
from meetup.schedule.series import ChangeStatus
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Meeting, ScheduleRow
from meetup.transfer import survey
from meetup.transfer.ics.programme import Course, Differing
from meetup.transfer.intake import Held
from meetup.transfer.listings import Remark
from meetup.values import Door

STAYS_HOME = "One of its dates is not at its place, and gives no link: cancelled, so that nobody goes there"


def write_dates(
    session: Session, whose: tuple[Meeting, ScheduleRow], course: Course, held: Held, mark: tuple[int, datetime]
) -> list[Remark]:
    """Write what differs on single dates: over what is there on them already."""
    (meeting, schedule), (revision, now) = whose, mark
    there = {row.slot: row for row in changes(session, schedule)}
    remarks = []
    for date in (date for date in course.dates if not _is_off(there.get(date.slot), date)):
        row = there.get(date.slot) or ChangeRow(
            meeting_id=naming.key(meeting),
            schedule_id=naming.key(schedule),
            slot=date.slot,
            status="",
            revision=revision,
            created_at=now,
            changed_at=now,
        )
        before = row.model_dump()
        for name, told_value in _facts(date, course, meeting, held).items():
            setattr(row, name, told_value)
        if row.model_dump() != before:
            row.revision, row.changed_at = revision, now
        session.add(row)
        if date.where is not None and date.where.elsewhere and row.status == ChangeStatus.CANCELLED:
            remarks.append(Remark(course.row, course.title, STAYS_HOME, f"{date.slot:%Y-%m-%d}"))
    return remarks


def _is_off(row: ChangeRow | None, date: Differing) -> bool:
    """Tell whether a date does not happen here: that stays so, whatever a file says that was written before."""
    off = {ChangeStatus.CANCELLED.value, ChangeStatus.SKIPPED.value}
    return row is not None and row.status in off and date.status is ChangeStatus.CHANGED


def _facts(date: Differing, course: Course, meeting: Meeting, held: Held) -> dict[str, object]:
    where, usual = date.where, course.where
    stays_home = where is not None and where.elsewhere
    facts: dict[str, object] = {
        "status": ChangeStatus.CANCELLED.value if stays_home and not meeting.room_id else date.status.value,
        "new_start": date.start,
        "new_duration_minutes": meetings.minutes(date.length) if date.length else None,
        "venue_id": None,
        "room_id": None,
        "closed_door": Door.IN_PERSON.value if stays_home and meeting.room_id else "",
    }
    if where is None or not where.named:
        return facts
    if where.venue and where.key[0] != usual.key[0]:
        facts["venue_id"] = held.venues[survey.key_of(where.venue)]
    if where.room and where.key[1] != usual.key[1]:
        facts["room_id"] = held.rooms[where.room.url]
    if usual.venue and not where.venue:
        facts["closed_door"] = Door.IN_PERSON.value
    if usual.room and not where.room:
        facts["closed_door"] = Door.ONLINE.value
    return facts


def changes(session: Session, row: ScheduleRow) -> Sequence[ChangeRow]:
    return session.exec(select(ChangeRow).where(ChangeRow.schedule_id == naming.key(row))).all()
