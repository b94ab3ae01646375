"""What happened to those whose outcome is unknown? Ask the provider; resend only what may be sent twice."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlmodel import col

from meetup.errors import Unavailable
from meetup.people import contacts
from meetup.storage.database import Session
from meetup.storage.tables import AttemptRow, ContactPoint, DeliveryRow
from meetup.values import Channel, State
from notifications import outbox, queued
from notifications.deliver import Post
from notifications.messages import Found, Trace
from notifications.moves import Settlement
from notifications.plan import UNREADABLE
from notifications.reports import Report, take_report

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=120)
MOST = 100  # doubts of one tick
SAME_ID = "handed over again under the same Message-ID"
NOT_FOUND = "not found at the provider, and sent again as the settings say"
AHEAD = timedelta(hours=1)  # clocks of several machines differ by less
LOOKS = 3  # a list may lag; after the third look "not found" is still no proof


@dataclass(frozen=True, slots=True)
class Doubt:
    """A delivery of which nobody knows whether it left, and what can be asked about it."""

    row: DeliveryRow
    trace: Trace | None  # None: what there was to ask with is gone


def reconcile(post: Post, grace: timedelta = GRACE) -> Counter[State]:
    """Ask about every doubt that has waited long enough, and return how many became what."""
    now = post.clock.now()
    with post.database.reading() as session:
        doubts = [_doubt(session, row) for row in _waiting(session, now, grace)]
    ended: Counter[State] = Counter()
    silent: set[str] = set()
    for doubt in doubts:
        settlement = _asked(post, doubt, now, silent)
        state = _write(post, doubt, settlement, now)
        ended.update([state] if state else [])
    return ended


def _waiting(session: Session, now: datetime, grace: timedelta) -> list[DeliveryRow]:
    # A doubt of a moment that has not come yet is of a clock that ran ahead: it has waited long enough.
    since = col(DeliveryRow.settled_at)
    query = (
        select(DeliveryRow)
        .where(queued.stands(State.UNCERTAIN), or_(since <= now - grace, since > now + AHEAD))
        .order_by(col(DeliveryRow.id))
        .limit(MOST)
    )
    return list(session.execute(query).scalars())


def _doubt(session: Session, row: DeliveryRow) -> Doubt:
    attempts = select(AttemptRow).where(col(AttemptRow.delivery_id) == row.id).order_by(col(AttemptRow.number).desc())
    last = session.execute(attempts.limit(1)).scalar()
    contact = session.get(ContactPoint, row.contact_id)
    if last is None or contact is None:
        return Doubt(row, None)
    try:
        to = contacts.address(session, contact)
    except UNREADABLE as error:
        logger.error("doubt_unreadable id=%s error=%s", row.id, type(error).__name__)  # noqa: TRY400 -- no words
        return Doubt(row, None)
    return Doubt(row, Trace(row.code, to, last.body_hash, last.submitted_at, _known_ids(session, row)))


def _known_ids(session: Session, row: DeliveryRow) -> frozenset[str]:
    """Return every number of the provider's that belongs to another message to this address, or to an earlier try."""
    query = (
        select(col(AttemptRow.provider_id))
        .join(DeliveryRow, col(DeliveryRow.id) == col(AttemptRow.delivery_id))
        .where(col(DeliveryRow.contact_id) == row.contact_id, col(AttemptRow.provider_id) != "")
    )
    reported = select(col(DeliveryRow.provider_id)).where(
        col(DeliveryRow.contact_id) == row.contact_id, col(DeliveryRow.provider_id) != ""
    )
    return frozenset(session.execute(query).scalars()) | frozenset(session.execute(reported).scalars())


def _asked(post: Post, doubt: Doubt, now: datetime, silent: set[str]) -> Found | Settlement | None:
    """Ask the provider, and return what it knows, or what follows from its not knowing; None means: ask again later."""
    row, sender = doubt.row, post.senders.get(Channel(doubt.row.channel))
    if doubt.trace is None:
        return _held(row)
    if sender is None or row.channel in silent:
        return _unasked(row, now)
    try:
        return sender.find(doubt.trace) or _unknown(post, row, now)
    except Unavailable:
        logger.warning("reconcile_unavailable id=%s", row.id)
        silent.add(row.channel)
        return _unasked(row, now)


def _write(post: Post, doubt: Doubt, asked: Found | Settlement | None, now: datetime) -> State | None:
    row = doubt.row
    with post.database.writing() as session:
        if isinstance(asked, Found):
            state = _known(session, row, asked, now)
        elif asked is not None:
            settled = outbox.resolve(session, asked, now, among=[State.UNCERTAIN], tries=row.attempts)
            state = asked.state if settled else None
        else:
            outbox.looked(session, row.id or 0, now)
            return None
    logger.info("delivery_reconciled id=%s state=%s", row.id, state)
    return state


def _known(session: Session, row: DeliveryRow, found: Found, now: datetime) -> State | None:
    """Take what the provider's list says like a report of its own; a status that says nothing still says: it left."""
    report = Report(row.code, found.provider_id, found.status, found.error_code)
    state = take_report(session, report, now)
    if state is not None:
        return state
    left = Settlement(row.id or 0, State.SENT, provider_id=found.provider_id, number=row.attempts)
    settled = outbox.resolve(session, left, now, among=[State.UNCERTAIN], tries=row.attempts)
    return State.SENT if settled else None


def _unknown(post: Post, row: DeliveryRow, now: datetime) -> Settlement | None:
    """Decide about what was not found: look again, resend a mail under its old Message-ID, hold the rest."""
    again = now < row.expires_at and row.attempts < LOOKS
    if row.channel == Channel.EMAIL:
        return Settlement(row.id or 0, State.PLANNED, SAME_ID) if again else _held(row)
    if row.looks + 1 < LOOKS:
        return None
    return Settlement(row.id or 0, State.PLANNED, NOT_FOUND) if again and post.resend_texts else _held(row)


def _unasked(row: DeliveryRow, now: datetime) -> Settlement | None:
    """Decide when nobody can be asked: wait, as long as an answer could be of use."""
    return _held(row) if now >= row.expires_at else None


def _held(row: DeliveryRow) -> Settlement:
    return Settlement(row.id or 0, State.HELD, "nobody can say whether it left")
