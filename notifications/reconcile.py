"""What happened to those whose outcome is unknown? Ask the provider; resend only what may be sent twice."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from meetup.errors import Unavailable
from meetup.people import contacts
from meetup.storage.database import Session
from meetup.storage.tables import AttemptRow, ContactPoint, DeliveryRow
from meetup.values import Channel, State
from notifications import outbox
from notifications.deliver import Post
from notifications.messages import Found, Trace
from notifications.outbox import Settlement
from notifications.rules import receipts

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=120)
LOOKS = 3  # a list may lag; after the third look "not found" is still no proof


@dataclass(frozen=True, slots=True)
class Doubt:
    """A delivery of which nobody knows whether it left, and what can be asked about it."""

    row: DeliveryRow
    trace: Trace


def reconcile(post: Post, grace: timedelta = GRACE) -> Counter[State]:
    """Ask about every doubt that has waited long enough, and return how many became what."""
    now = post.clock.now()
    with post.database.reading() as session:
        doubts = [_doubt(session, row) for row in _waiting(session, now - grace)]
    ended: Counter[State] = Counter()
    for doubt in doubts:
        state = _look(post, doubt, now)
        ended.update([state] if state else [])
    return ended


def _waiting(session: Session, before: datetime) -> list[DeliveryRow]:
    query = (
        select(DeliveryRow)
        .where(col(DeliveryRow.state) == State.UNCERTAIN.value, col(DeliveryRow.settled_at) <= before)
        .order_by(col(DeliveryRow.id))
    )
    return list(session.execute(query).scalars())


def _doubt(session: Session, row: DeliveryRow) -> Doubt:
    attempts = select(AttemptRow).where(col(AttemptRow.delivery_id) == row.id).order_by(col(AttemptRow.number).desc())
    last = session.execute(attempts.limit(1)).scalar_one()
    ours = select(col(DeliveryRow.provider_id)).where(
        col(DeliveryRow.contact_id) == row.contact_id, col(DeliveryRow.provider_id) != ""
    )
    trace = Trace(
        code=row.code,
        to=contacts.address(session, session.get_one(ContactPoint, row.contact_id)),
        body_hash=last.body_hash,
        submitted_at=last.submitted_at,
        known_ids=frozenset(session.execute(ours).scalars()),
    )
    return Doubt(row, trace)


def _look(post: Post, doubt: Doubt, now: datetime) -> State | None:
    sender = post.senders.get(Channel(doubt.row.channel))
    try:
        found = sender.find(doubt.trace) if sender else None
    except Unavailable:
        logger.warning("reconcile_unavailable id=%s", doubt.row.id)
        return None
    settlement = _known(doubt.row, found) if found else _unknown(doubt.row, now)
    with post.database.writing() as session:
        if settlement is None:
            outbox.looked(session, doubt.row.id or 0, now)
            return None
        outbox.resolve(session, settlement, now, among=[State.UNCERTAIN])
    logger.info("delivery_reconciled id=%s state=%s", doubt.row.id, settlement.state)
    return settlement.state


def _known(row: DeliveryRow, found: Found) -> Settlement:
    meaning = receipts.callback_meaning(found.status, found.error_code)
    state = meaning.state or State.SENT
    return Settlement(
        row.id or 0, state, meaning.reason, found.provider_id, found.error_code, row.segments, number=row.attempts
    )


def _unknown(row: DeliveryRow, now: datetime) -> Settlement | None:
    """Decide about what was not found: look again, resend a mail under its old Message-ID, hold the rest."""
    if row.channel == Channel.EMAIL and now < row.expires_at and row.attempts < LOOKS:
        return Settlement(row.id or 0, State.PLANNED, "handed over again under the same Message-ID")
    if row.channel == Channel.SMS and row.looks + 1 < LOOKS:
        return None
    return Settlement(row.id or 0, State.HELD, "nobody can say whether it left")
