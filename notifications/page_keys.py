"""Keys to members' pages → deliveries: who asks for one by a form gets a mail; who asks by text is answered at once."""

from datetime import datetime

from sqlalchemy import literal, select
from sqlmodel import col

from meetup import naming
from meetup.people import consent, visits
from meetup.people.visits import Purpose
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, DeliveryRow, PageKey
from meetup.values import NO_DATE, Channel, Kind
from notifications import intake
from notifications.intake import Intent


def plan_keys(session: Session, now: datetime) -> int:
    """Plan the mails that bring keys; return how many rows were added or moved."""
    waiting = (
        select(PageKey)
        .join(ContactPoint, col(ContactPoint.id) == col(PageKey.contact_id))
        .where(col(ContactPoint.channel) == Channel.EMAIL.value, col(PageKey.expires_at) > now)
        .where(col(PageKey.used_at).is_(None))
    )
    return sum(_plan(session, key, now) for key in session.execute(waiting).scalars().all())


def of_delivery(session: Session, row: DeliveryRow) -> PageKey | None:
    """Return the key that a delivery brings; None when it is gone, or when it brings none."""
    kind, _, number = row.subject.partition(":")
    return session.get(PageKey, int(number)) if kind == "key" else None


def code(session: Session, key: PageKey | None) -> str:
    """Return the code of a key; nothing when it is a link."""
    return visits.code(session.vault, naming.key(key)) if key is not None and key.purpose == Purpose.CODE else ""


def _plan(session: Session, key: PageKey, now: datetime) -> int:
    entry = consent.standing_of(session, key.contact_id)
    if entry is None:
        return 0
    intent = Intent(
        subject=f"key:{key.id}",
        slot=NO_DATE,
        lead="",
        channel=Channel.EMAIL,
        kind=Kind.KEY,
        revision=0,
        due_at=key.asked_at,
        expires_at=key.expires_at,
    )
    one = select(
        literal(key.member_id).label("member_id"),
        literal(key.contact_id).label("contact_id"),
        literal(naming.key(entry)).label("consent_id"),
        literal(entry.action).label("consent_action"),
    )
    return intake.enqueue(session, intent, one, now)
