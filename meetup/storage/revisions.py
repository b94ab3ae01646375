"""Versions: whoever changes what happens calls `touch`, in the same transaction.

It raises the version of every affected meeting, the SEQUENCE and change time of its schedules, and the revision of the
whole organization. Feeds are cached by that revision, and a message that was checked against an older version of its
meeting is not sent.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import col, select

from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Meeting, Member, Organization, ScheduleRow


def touch(session: Session, meeting_ids: Iterable[int], now: datetime) -> int:
    """Raise every version that these meetings' changes affect; return the new revision of the organization."""
    ids = sorted(set(meeting_ids))
    session.flush()
    if ids:
        _raise_meetings(session, ids, now)
    return next_revision(session)


def touch_venue(session: Session, venue_id: int, now: datetime) -> int:
    """Raise the versions of every meeting that is held at a venue, if only on one date."""
    elsewhere = select(ChangeRow.meeting_id).where(ChangeRow.venue_id == venue_id)
    return touch(session, _ids(session, or_(col(Meeting.venue_id) == venue_id, col(Meeting.id).in_(elsewhere))), now)


def touch_room(session: Session, room_id: int, now: datetime) -> int:
    """Raise the versions of every meeting that is held in a room, if only on one date."""
    elsewhere = select(ChangeRow.meeting_id).where(ChangeRow.room_id == room_id)
    return touch(session, _ids(session, or_(col(Meeting.room_id) == room_id, col(Meeting.id).in_(elsewhere))), now)


def touch_member(session: Session, member_id: int) -> None:
    """Raise a member's version: consent, contact, preference or subscription changed."""
    session.flush()
    session.execute(update(Member).where(col(Member.id) == member_id).values(version=col(Member.version) + 1))
    next_revision(session)


def next_revision(session: Session) -> int:
    """Raise the revision of the organization and return it: the number of a change or closure."""
    raised = update(Organization).values(revision=col(Organization.revision) + 1).returning(col(Organization.revision))
    return int(session.execute(raised).scalar_one())


def _ids(session: Session, condition: object) -> list[int]:
    return [found for found in session.exec(select(Meeting.id).where(condition)).all() if found is not None]  # type: ignore[arg-type]  # a column expression, which SQLModel types as bool


def _raise_meetings(session: Session, ids: list[int], now: datetime) -> None:
    session.execute(
        update(Meeting).where(col(Meeting.id).in_(ids)).values(version=col(Meeting.version) + 1, changed_at=now)
    )
    session.execute(
        update(ScheduleRow)
        .where(col(ScheduleRow.meeting_id).in_(ids))
        .values(sequence=col(ScheduleRow.sequence) + 1, changed_at=now)
    )
