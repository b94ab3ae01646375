"""Versions: whoever changes what happens calls `touch`, in the same transaction.

It raises the version of every affected meeting, the SEQUENCE and change time of its schedules, and the revision of the
whole organization. Feeds are cached by that revision, and a message that was checked against an older version of its
meeting is not sent.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import col, select

from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, ClosureRow, Meeting, Member, Organization, ScheduleRow


def touch(session: Session, meeting_ids: Iterable[int], now: datetime) -> int:
    """Raise every version that these meetings' changes affect; return the new revision of the organization."""
    ids = sorted(set(meeting_ids))
    session.flush()
    if ids:
        _raise_meetings(session, ids, now)
    return next_revision(session)


def touch_venue(session: Session, venue_id: int, now: datetime) -> int:
    """Raise the versions of every meeting that is held at a venue, if only on one date or while another is shut."""
    return touch(session, held_in(session, {venue_id}, set()), now)


def touch_room(session: Session, room_id: int, now: datetime) -> int:
    """Raise the versions of every meeting that is held in a room, if only on one date or while another is shut."""
    return touch(session, held_in(session, set(), {room_id}), now)


def held_in(session: Session, venue_ids: set[int], room_ids: set[int]) -> list[int]:
    """Return the meetings that are held there: always, on one date, or while another place is shut."""
    venue_ids, room_ids = _leading_to(session, venue_ids, room_ids)
    elsewhere = select(ChangeRow.meeting_id).where(_among(ChangeRow, venue_ids, room_ids))
    held = or_(_among(Meeting, venue_ids, room_ids), col(Meeting.id).in_(elsewhere))
    return [found for found in session.exec(select(Meeting.id).where(held)).all() if found is not None]


def touch_member(session: Session, member_id: int) -> None:
    """Raise a member's version: consent, contact, preference or subscription changed."""
    session.flush()
    session.execute(update(Member).where(col(Member.id) == member_id).values(version=col(Member.version) + 1))
    next_revision(session)


def next_revision(session: Session) -> int:
    """Raise the revision of the organization and return it: the number of a change or closure."""
    raised = update(Organization).values(revision=col(Organization.revision) + 1).returning(col(Organization.revision))
    return int(session.execute(raised).scalar_one())


def _leading_to(session: Session, venue_ids: set[int], room_ids: set[int]) -> tuple[set[int], set[int]]:
    """Add the venues and rooms whose closures send people there, and those that lead to these."""
    venue_ids, room_ids = set(venue_ids), set(room_ids)
    rows = session.exec(
        select(ClosureRow).where(or_(col(ClosureRow.to_venue_id).is_not(None), col(ClosureRow.to_room_id).is_not(None)))
    ).all()
    reached = -1
    while reached != len(venue_ids) + len(room_ids):
        reached = len(venue_ids) + len(room_ids)
        leading = [row for row in rows if row.to_venue_id in venue_ids or row.to_room_id in room_ids]
        venue_ids |= {row.venue_id for row in leading if row.venue_id}
        room_ids |= {row.room_id for row in leading if row.room_id}
    return venue_ids, room_ids


def _among(table: type[Meeting | ChangeRow], venue_ids: set[int], room_ids: set[int]) -> ColumnElement[bool]:
    return or_(col(table.venue_id).in_(venue_ids), col(table.room_id).in_(room_ids))


def _raise_meetings(session: Session, ids: list[int], now: datetime) -> None:
    session.execute(
        update(Meeting).where(col(Meeting.id).in_(ids)).values(version=col(Meeting.version) + 1, changed_at=now)
    )
    session.execute(
        update(ScheduleRow)
        .where(col(ScheduleRow.meeting_id).in_(ids))
        .values(sequence=col(ScheduleRow.sequence) + 1, changed_at=now)
    )
