"""What the SMS provider reports about a delivery, and what leaving by a mail's link does."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from meetup.people import consent, contacts
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, DeliveryRow
from meetup.values import Source, State
from notifications import outbox
from notifications.outbox import Settlement
from notifications.rules import receipts
from notifications.rules.receipts import Receipt

logger = logging.getLogger(__name__)

OPEN = (State.PLANNED, State.CLAIMED, State.SUBMITTING, State.UNCERTAIN, State.HELD, State.SENT)


@dataclass(frozen=True, slots=True)
class Report:
    """What the provider says about the delivery of a code."""

    code: str
    provider_id: str
    status: str
    error_code: str = ""


def take_report(session: Session, report: Report, now: datetime) -> State | None:
    """Move a delivery forward by what the provider says; return its new state, or None when nothing moved.

    Reports may be late, doubled or in any order: only a step forward counts, and the first final word stays.
    """
    row = session.execute(select(DeliveryRow).where(col(DeliveryRow.code) == report.code)).scalar()
    meaning = receipts.callback_meaning(report.status, report.error_code)
    if row is None or meaning.state is None:
        return None
    if row.provider_id and row.provider_id != report.provider_id:
        return None  # an earlier attempt's last words
    if not row.attempts or not receipts.later(State(row.state), meaning.state):
        return None
    return _move(session, row, meaning, report, now)


def _move(session: Session, row: DeliveryRow, meaning: Receipt, report: Report, now: datetime) -> State | None:
    if meaning.retry and row.attempts < 2 and now + meaning.wait < row.expires_at:
        settlement = Settlement(
            row.id or 0, State.PLANNED, meaning.reason, error_code=report.error_code, not_before=now + meaning.wait
        )
    else:
        settlement = Settlement(
            row.id or 0, meaning.state or State.SENT, meaning.reason, report.provider_id, report.error_code,
            row.segments, number=row.attempts,
        )  # fmt: skip
    if not outbox.resolve(session, settlement, now, among=OPEN):
        return None
    _learn(session, row, meaning, now)
    logger.info("delivery_reported id=%s state=%s", row.id, settlement.state)
    return settlement.state


def _learn(session: Session, row: DeliveryRow, meaning: Receipt, now: datetime) -> None:
    contact = session.get_one(ContactPoint, row.contact_id)
    if meaning.opted_out:
        consent.stop(session, contact, Source.CARRIER, now)
    elif meaning.bad_address:
        contacts.bounce(session, contact, now)


def unsubscribe(session: Session, contact_id: int, group_id: int, now: datetime) -> bool:
    """End one group's mail to one address; doing it again, or for somebody who is gone, changes nothing."""
    contact = session.get(ContactPoint, contact_id)
    if contact is None or consent.allows(session, contact_id, group_id) is None:
        return False
    consent.revoke(session, contact, group_id, Source.MAIL, now)
    return True


def agree(session: Session, consent_id: int, now: datetime) -> bool:
    """Confirm what a mail asked for; return whether it was still to be confirmed."""
    asked = consent.entry(session, consent_id)
    contact = session.get(ContactPoint, asked.contact_id) if asked else None
    if (
        asked is None
        or contact is None
        or asked.id not in {one.id for one in consent.pending(session, asked.contact_id)}
    ):
        return False
    return bool(consent.confirm_pending(session, contact, now, Source.MAIL))
