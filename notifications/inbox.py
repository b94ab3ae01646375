"""What waits for an organizer: texts that no rule could settle, those that suggest a crisis first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func
from sqlmodel import col, select

from meetup.errors import NotFound
from meetup.people import members
from meetup.storage.database import Session
from meetup.storage.tables import InboundText, Member
from meetup.wording.masks import mask
from notifications.rules.keywords import IntentKind

URGENT = (IntentKind.CRISIS, IntentKind.STOP_AND_CRISIS)
_URGENT_FIRST = case((col(InboundText.intent).in_([kind.value for kind in URGENT]), 0), else_=1)


@dataclass(frozen=True, slots=True)
class Letter:
    """One text that came in; its words are not in it."""

    number: int
    received_at: datetime
    sender: str  # an alias, or a masked number
    intent: str
    answer: str
    read_at: datetime | None

    @property
    def urgent(self) -> bool:
        """Tell whether its words suggest that somebody may be in danger."""
        return self.intent in {kind.value for kind in URGENT}


def waiting(session: Session) -> int:
    """Return how many texts nobody has read."""
    return int(session.execute(select(func.count()).where(col(InboundText.read_at).is_(None))).scalar_one())


def urgent(session: Session) -> int:
    """Return how many of them suggest a crisis."""
    intents = [kind.value for kind in URGENT]
    query = select(func.count()).where(col(InboundText.read_at).is_(None), col(InboundText.intent).in_(intents))
    return int(session.execute(query).scalar_one())


def listing(session: Session, *, everything: bool = False) -> list[Letter]:
    """Return what nobody has read, or all that is still kept: the urgent ones first, then the newest."""
    query = select(InboundText).order_by(_URGENT_FIRST, col(InboundText.received_at).desc(), col(InboundText.id).desc())
    if not everything:
        query = query.where(col(InboundText.read_at).is_(None))
    return [_letter(session, row) for row in session.exec(query).all()]


def one(session: Session, number: int) -> tuple[Letter, str, str]:
    """Return a text with its words, and the number that it came from, in the clear."""
    row = _row(session, number)
    return _letter(session, row), _open(session, row, "body"), _open(session, row, "sender")


def read(session: Session, numbers: list[int], now: datetime) -> int:
    """Note that somebody has read these; return how many were new. They are kept for 14 days more."""
    rows = [_row(session, number) for number in numbers]
    new = [row for row in rows if row.read_at is None]
    for row in new:
        row.read_at = now
        session.add(row)
    return len(new)


def _row(session: Session, number: int) -> InboundText:
    row = session.get(InboundText, number)
    if row is None:
        raise NotFound(f"There is no text {number}", "`meetup inbox list --all` shows what is still kept")
    return row


def _letter(session: Session, row: InboundText) -> Letter:
    return Letter(row.id or 0, row.received_at, _sender(session, row), row.intent, row.reply, row.read_at)


def _sender(session: Session, row: InboundText) -> str:
    member = session.get(Member, row.member_id) if row.member_id is not None else None
    return members.alias(session, member) if member else mask(_open(session, row, "sender"))


def _open(session: Session, row: InboundText, column: str) -> str:
    sealed = row.body_sealed if column == "body" else row.sender_sealed
    return session.vault.open(f"inbound_texts.{column}:{row.public_id}", sealed)
