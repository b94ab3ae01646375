"""Answers to “are you coming”: one a member and date, shown to organizers as counts, gone a day after the date."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func
from sqlmodel import col, delete, select

from meetup import naming
from meetup.schedule.series import Occurrence
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import AnswerRow, Meeting, Member
from meetup.values import Door, Window

NOT_COMING = "not_coming"

_GIVEN = select(AnswerRow.meeting_id, AnswerRow.slot, AnswerRow.answer).where(
    col(AnswerRow.member_id) == bindparam("member_id"),
    col(AnswerRow.meeting_id).in_(bindparam("meeting_ids", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many said what about one date."""

    in_person: int = 0
    online: int = 0
    not_coming: int = 0


def give(session: Session, member: Member, occurrence: Occurrence, door: Door | None, now: datetime) -> None:
    """Keep by which door a member comes to a date (None: not at all), in place of what she said before."""
    row = _row(session, member, occurrence) or AnswerRow(
        member_id=naming.key(member),
        meeting_id=occurrence.series.meeting_id,
        slot=occurrence.slot,
        answer="",
        ends_at=occurrence.end,
        at=now,
    )
    row.answer, row.at = (door.value if door else NOT_COMING), now
    session.add(row)
    revisions.touch_member(session, naming.key(member))


def take_back(session: Session, member: Member, occurrence: Occurrence) -> None:
    """Forget what a member said about a date."""
    row = _row(session, member, occurrence)
    if row is not None:
        session.delete(row)
        revisions.touch_member(session, naming.key(member))


def forget_group(session: Session, member_id: int, group_id: int) -> None:
    """Forget what a member said about the dates of a group that she leaves."""
    dates = select(Meeting.id).where(Meeting.group_id == group_id)
    session.exec(delete(AnswerRow).where(col(AnswerRow.member_id) == member_id, col(AnswerRow.meeting_id).in_(dates)))


def of_member(session: Session, member_id: int, meeting_ids: Iterable[int]) -> dict[tuple[int, datetime], str]:
    """Return what a member said of dates of some meetings, by meeting and slot."""
    wanted = {"member_id": member_id, "meeting_ids": sorted(set(meeting_ids))}
    return {(meeting_id, slot): answer for meeting_id, slot, answer in session.exec(_GIVEN, params=wanted).all()}


def counts(session: Session, window: Window) -> dict[tuple[int, datetime], Counts]:
    """Return how many said what about the dates that end in a window, by meeting and slot; nobody is named."""
    query = (
        select(AnswerRow.meeting_id, AnswerRow.slot, AnswerRow.answer, func.count())
        .where(AnswerRow.ends_at >= window.start, AnswerRow.ends_at < window.end)
        .group_by(col(AnswerRow.meeting_id), col(AnswerRow.slot), col(AnswerRow.answer))
    )
    found: dict[tuple[int, datetime], dict[str, int]] = defaultdict(dict)
    for meeting_id, slot, answer, number in session.exec(query).all():
        found[meeting_id, slot][answer] = number
    return {date: Counts(**said) for date, said in found.items()}


def _row(session: Session, member: Member, occurrence: Occurrence) -> AnswerRow | None:
    query = select(AnswerRow).where(
        AnswerRow.member_id == member.id,
        AnswerRow.meeting_id == occurrence.series.meeting_id,
        AnswerRow.slot == occurrence.slot,
    )
    return session.exec(query).first()
