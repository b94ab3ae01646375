"""What the SMS provider reports about a delivery, and what leaving by a mail's link does."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from meetup.feeds.addresses import ALL_MAIL
from meetup.people import consent, contacts, joining
from meetup.storage.database import Session
from meetup.storage.tables import AttemptRow, ContactPoint, DeliveryRow
from meetup.values import Channel, Source, State
from notifications import moves, outbox
from notifications.moves import Settlement
from notifications.rules import arrows, receipts
from notifications.rules.receipts import Receipt
from notifications.rules.verdict import TOGETHER

UNTOLD = frozenset({State.PLANNED, State.UNDELIVERED, State.FAILED})

logger = logging.getLogger(__name__)


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
    attempts = _attempts(session, row)
    attempt = _meant(attempts, report)
    if attempt is None or not _moves(row, attempt, meaning.state):
        return None
    handed_over = sum(one.outcome != moves.NOT_SENT for one in attempts)
    return _move(session, row, _once_more(meaning, row, handed_over, now), report, now)


def _attempts(session: Session, row: DeliveryRow) -> list[AttemptRow]:
    """Return the attempts at a delivery, newest first."""
    query = select(AttemptRow).where(col(AttemptRow.delivery_id) == row.id).order_by(col(AttemptRow.number).desc())
    return list(session.execute(query).scalars())


def _meant(attempts: Sequence[AttemptRow], report: Report) -> AttemptRow | None:
    """Return the attempt that a report is about: the provider's number says so, or we do not know one yet."""
    known = next((one for one in attempts if one.provider_id == report.provider_id), None)
    return known or next((one for one in attempts if not one.provider_id), None)


def _moves(row: DeliveryRow, attempt: AttemptRow, new: State) -> bool:
    if attempt.number != row.attempts:
        return False  # an earlier attempt's last words
    if attempt.outcome == State.UNDELIVERED and new is not State.DELIVERED:
        return False  # it is about to be tried once more because of just this
    return receipts.later(State(row.state), new)


def _once_more(meaning: Receipt, row: DeliveryRow, handed_over: int, now: datetime) -> Receipt:
    """Take the second chance out of a receipt that comes too late for one, or after it."""
    again = meaning.retry and handed_over < 2 and now + meaning.wait < row.expires_at
    return replace(meaning, retry=again)


def _move(session: Session, row: DeliveryRow, meaning: Receipt, report: Report, now: datetime) -> State | None:
    settlement = Settlement(
        delivery_id=row.id or 0,
        state=State.PLANNED if meaning.retry else meaning.state or State.SENT,
        reason=meaning.reason,
        provider_id=report.provider_id,
        error_code=report.error_code,
        not_before=now + meaning.wait if meaning.retry else None,
        number=row.attempts,
        outcome=State.UNDELIVERED if meaning.retry else "",
    )
    if not outbox.resolve(session, settlement, now, among=arrows.OPEN):
        return None
    _learn(session, row, meaning, now)
    if row.also_id is not None and settlement.state in UNTOLD:
        _tell_after_all(session, row.also_id, now)
    logger.info("delivery_reported id=%s state=%s", row.id, settlement.state)
    return settlement.state


def _tell_after_all(session: Session, delivery_id: int, now: datetime) -> None:
    """Plan again what was to be told in a text that did not arrive."""
    other = session.get(DeliveryRow, delivery_id)
    if other is not None and other.reason == TOGETHER and other.expires_at > now:
        outbox.resolve(session, Settlement(delivery_id, State.PLANNED), now, among=[State.SUPPRESSED])


def _learn(session: Session, row: DeliveryRow, meaning: Receipt, now: datetime) -> None:
    contact = session.get_one(ContactPoint, row.contact_id)
    if meaning.opted_out:
        consent.stop(session, contact, Source.CARRIER, now)
    elif meaning.bad_address:
        contacts.bounce(session, contact, now)
    if meaning.stop_channel:
        logger.error("channel_misconfigured channel=%s reason=%s", row.channel, meaning.reason)


def unsubscribe(session: Session, contact_id: int, group_id: int, now: datetime) -> bool:
    """End a group's mail to one person, or every group's; again, or for somebody who is gone, it changes nothing."""
    contact = session.get(ContactPoint, contact_id)
    if contact is None:
        return False
    # The link may stand in an old mail, and its address may have been replaced since: the wish is the person's.
    living = contacts.of_member(session, contact.member_id).get(Channel(contact.channel), contact)
    both = [contact] if living.id == contact.id else [contact, living]
    if group_id == ALL_MAIL:
        ended = [consent.stop(session, one, Source.MAIL, now) for one in both]
        return any(ended)
    revoked = [consent.revoke(session, one, group_id, Source.MAIL, now) for one in both]
    return any(entry is not None for entry in revoked)


def agree(session: Session, consent_id: int, now: datetime) -> bool:
    """Confirm what a mail asked for; return whether it was still to be confirmed."""
    asked = consent.entry(session, consent_id)
    contact = session.get(ContactPoint, asked.contact_id) if asked else None
    if (
        asked is None
        or contact is None
        or asked.id not in {one.id for one in consent.pending(session, asked.contact_id, now)}
    ):
        return False
    return bool(joining.confirm(session, contact, now, Source.MAIL))
