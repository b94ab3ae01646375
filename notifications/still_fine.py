"""“Still fine to reach you here?” → deliveries, and what an answer or none does.

Who wants to be is asked once a year; silence changes nothing. Where somebody else may see the phone it is asked every
six months, and silence pauses texts: nobody can tell any more who would read them.
"""

import logging
from collections.abc import Container, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, literal, or_, select
from sqlmodel import col

from meetup import naming
from meetup.people import consent, contacts
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, ContactPoint, DeliveryRow, Member, SubscriptionRow
from meetup.values import NO_DATE, Action, Channel, Kind, Source
from notifications import intake
from notifications.intake import Intent
from notifications.rules.verdict import IN_HAND, QUESTIONS, TOLD

logger = logging.getLogger(__name__)

EVERY = {Kind.STILL_FINE: timedelta(days=365), Kind.STILL_SAFE: timedelta(days=183)}
USEFUL = timedelta(days=60)  # who cannot be asked by then, in a month of quiet for instance, is asked the next time
SILENCE = timedelta(days=14)  # how long an answer may take before texts are paused


def plan_questions(session: Session, now: datetime) -> int:
    """Plan the questions that are due, and pause texts where the last one was not answered; return the rows touched."""
    _pause_silent(session, now)
    return sum(_plan(session, contact, member, now) for contact, member in _old(session, now))


def question(contact: ContactPoint, member: Member, used: Container[str]) -> Kind | None:
    """Return what a member is asked at an address from time to time; None: nothing. `used`: the channels in use."""
    if contact.channel not in used:
        return None
    if contact.channel == Channel.SMS and member.phone_shared:
        return Kind.STILL_SAFE
    return Kind.STILL_FINE if member.ask_yearly else None


def answer(session: Session, contact: ContactPoint, now: datetime) -> bool:
    """Take a YES for the answer to such a question; False when none was asked there that waits for one."""
    if contact.state != "paused" and not _asked(session, contact):
        return False
    return bool(consent.reaffirm(session, contact, now, Source.TEXT))


def _asked(session: Session, contact: ContactPoint) -> bool:
    """Tell whether a question is with her that no later entry of the ledger has answered."""
    standing = consent.standing_of(session, naming.key(contact))
    if standing is None:
        return False
    query = select(col(DeliveryRow.id)).where(
        col(DeliveryRow.contact_id) == contact.id,
        col(DeliveryRow.consent_id) == standing.id,
        col(DeliveryRow.kind).in_([kind.value for kind in QUESTIONS]),
        col(DeliveryRow.state).in_([state.value for state in TOLD | IN_HAND]),
    )
    return session.execute(query.limit(1)).first() is not None


def _old(session: Session, now: datetime) -> list[tuple[ContactPoint, Member]]:
    """Return the addresses at which nobody has agreed to anything for long enough to be asked again."""
    asked = or_(
        and_(col(ContactPoint.channel) == Channel.SMS.value, col(Member.phone_shared)),
        col(Member.ask_yearly),
    )
    query = (
        select(ContactPoint, Member)
        .join(Member, col(Member.id) == col(ContactPoint.member_id))
        .where(asked, col(ContactPoint.state) == "verified", _agreed_at() <= now - min(EVERY.values()))
        .where(_in_use())
        # Who asked for quiet is asked afterwards.
        .where(or_(col(Member.quiet_until).is_(None), col(Member.quiet_until) <= now))
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _in_use() -> ColumnElement[bool]:
    """Say that some group tells her something at an address: nobody is asked about what she does not use."""
    chosen = (literal(",") + col(SubscriptionRow.channels) + ",").contains(
        literal(",") + col(ContactPoint.channel) + ","
    )
    hers = (col(SubscriptionRow.member_id) == col(ContactPoint.member_id), col(SubscriptionRow.state) == "active")
    return select(col(SubscriptionRow.id)).where(*hers, chosen).correlate(ContactPoint).exists()


def _agreed_at() -> ScalarSelect[datetime]:
    """Select when somebody last agreed to something at an address."""
    newest: Select[datetime] = select(func.max(col(ConsentRow.at))).where(
        col(ConsentRow.contact_id) == col(ContactPoint.id), col(ConsentRow.action) == Action.CONFIRMED.value
    )
    return newest.correlate(ContactPoint).scalar_subquery()


def _plan(session: Session, contact: ContactPoint, member: Member, now: datetime) -> int:
    kind = question(contact, member, {contact.channel})
    standing = consent.standing_of(session, naming.key(contact))
    if kind is None or standing is None:
        return 0
    since = max(_since(kind, member, standing.at), standing.at)
    times = (now - since) // EVERY[kind]
    due_at = since + times * EVERY[kind]
    if times < 1 or now >= due_at + USEFUL:
        return 0
    intent = Intent(
        subject=f"consent:{standing.id}",
        slot=NO_DATE,
        lead="",
        channel=Channel(contact.channel),
        kind=kind,
        revision=times,
        due_at=due_at,
        expires_at=due_at + USEFUL,
        group_id=standing.group_id,
    )
    one = select(
        literal(naming.key(member)).label("member_id"),
        literal(naming.key(contact)).label("contact_id"),
        literal(naming.key(standing)).label("consent_id"),
        literal(standing.action).label("consent_action"),
    )
    return intake.enqueue(session, intent, one, now)


def _since(kind: Kind, member: Member, agreed_at: datetime) -> datetime:
    shared = member.shared_since if kind is Kind.STILL_SAFE else None
    return shared or agreed_at


def _pause_silent(session: Session, now: datetime) -> None:
    """Pause texts to phones that somebody else may see, when nobody answered from there in time."""
    for contact in _silent(session, now):
        contacts.pause(session, contact, now)
        logger.warning("texts_paused contact=%s", contact.id)


def _silent(session: Session, now: datetime) -> Iterator[ContactPoint]:
    query = (
        select(ContactPoint, col(DeliveryRow.consent_id))
        .join(Member, col(Member.id) == col(ContactPoint.member_id))
        .join(DeliveryRow, col(DeliveryRow.contact_id) == col(ContactPoint.id))
        .where(
            col(Member.phone_shared),
            col(ContactPoint.channel) == Channel.SMS.value,
            col(ContactPoint.state) == "verified",
            col(DeliveryRow.kind) == Kind.STILL_SAFE.value,
            col(DeliveryRow.state).in_([state.value for state in TOLD]),
            col(DeliveryRow.settled_at) <= now - SILENCE,
            # Asked before she turned the switch off and on again: that answer is not waited for any more.
            col(DeliveryRow.created_at) >= col(Member.shared_since),
        )
    )
    for contact, asked_of in session.execute(query).all():
        standing = consent.standing_of(session, contact.id)
        if standing is not None and standing.id == asked_of:
            yield contact
