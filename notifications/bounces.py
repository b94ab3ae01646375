"""What a report on a mail does: the delivery ends, and nothing more goes where nobody is, or nobody wants it."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from meetup.people import consent, contacts
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, DeliveryRow
from meetup.values import Source, State
from notifications import outbox, outcomes
from notifications.channels.returned import News, Returned
from notifications.moves import Settlement
from notifications.rules import arrows, envelopes

RECEIVED = frozenset({News.ARRIVED, News.UNWANTED})  # who complains has it

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was learned about a delivery of ours."""

    code: str
    news: News
    state: State | None = None  # that it was moved to; None when it stays as it is
    closed: bool = False  # nothing more goes to that address


def take_back(session: Session, returned: Returned, now: datetime) -> Heard | None:
    """Act on a report; return None when it does not prove to be about a mail of ours.

    It may be doubled or late: what the first one said stays, and the row may be gone.
    """
    proofs = (envelopes.read(session.vault.mail_secret, text) for text in returned.addresses)
    code = next((proof for proof in proofs if proof), None)
    if code is None:
        return None
    row = session.execute(select(DeliveryRow).where(col(DeliveryRow.code) == code)).scalar()
    if row is None or returned.news is News.NOTHING:
        return Heard(code, News.NOTHING)
    state = _move(session, row, returned, now)
    closed = _learn(session, row, returned, now) if state or returned.news is News.UNWANTED else False
    logger.info("mail_reported id=%s news=%s state=%s closed=%s", row.id, returned.news.name, state, closed)
    return Heard(code, returned.news, state, closed)


def _move(session: Session, row: DeliveryRow, returned: Returned, now: datetime) -> State | None:
    arrived = returned.news in RECEIVED
    settlement = Settlement(
        delivery_id=row.id or 0,
        state=State.DELIVERED if arrived else State.UNDELIVERED,
        reason="" if arrived else returned.news,
        error_code=returned.status,
        number=row.attempts,
    )
    moved = outbox.resolve(session, settlement, now, among=arrows.ON_THE_WAY)
    return settlement.state if moved else None


def _learn(session: Session, row: DeliveryRow, returned: Returned, now: datetime) -> bool:
    """Close an address when the report says so; return whether it did."""
    contact = session.get_one(ContactPoint, row.contact_id)
    if contact.state in {"stopped", "replaced"}:
        return False
    match returned.news:
        case News.UNWANTED:
            # Her own wish, brought by her provider as a carrier brings a STOP. Not Source.BOUNCE: what we take back
            # by ourselves an organizer may ask for again, and of this only she can think better.
            consent.stop(session, contact, Source.CARRIER, now)
        case News.NOBODY_THERE:
            contacts.bounce(session, contact, now)
        case News.FULL | News.CAME_BACK if outcomes.often(session, contact, returned.status, now):
            contacts.bounce(session, contact, now)
        case News.TURNED_AWAY:
            logger.warning("mail_turned_away id=%s status=%s", row.id, returned.status)
            return False
        case _:
            return False
    return True
