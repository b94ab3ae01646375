"""Keys to members' pages → deliveries: who asks for one by a form gets a mail; who asks by text is answered at once."""

import re
from datetime import datetime

from sqlalchemy import literal, select
from sqlmodel import col

from meetup import groups, naming, organization
from meetup.feeds.addresses import Addresses
from meetup.people import consent, visits
from meetup.people.visits import Purpose
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, DeliveryRow, Member, PageKey
from meetup.values import NO_DATE, Channel, Kind
from meetup.wording import discreet
from notifications import intake
from notifications.intake import Intent

KEY = re.compile(r"\((?P<purpose>link|code):(?P<number>\d+)\)")  # in answers that are kept


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


def stand_in(session: Session, contact: ContactPoint | None, purpose: Purpose, page: str, now: datetime) -> str:
    """Return what stands for a new key in the answer to a text; nothing for whom there is none.

    Where somebody else may see the phone no link and no digits are texted, and nowhere a link whose address says what
    it is about: there the page opens by mail.
    """
    member = session.get(Member, contact.member_id) if contact else None
    if contact is None or member is None or member.phone_shared or not page:
        return ""
    if purpose is Purpose.LINK and discreet.leaks_to_all(page, _secrets(session)):
        return ""
    key = visits.ask(session, contact, purpose, now)
    return f"({purpose}:{key.id})" if key else ""


def filled(session: Session, answer: str, addresses: Addresses | None) -> str:
    """Put a key into an answer: it is kept without, and a redelivery is answered alike."""
    found = KEY.search(answer)
    if found is None or addresses is None:
        return answer
    key_id = int(found["number"])
    secret = addresses.page_link(key_id) if found["purpose"] == Purpose.LINK else visits.code(session.vault, key_id)
    return answer.replace(found[0], secret)


def _secrets(session: Session) -> list[str]:
    own = organization.the(session)
    return [secret for group in groups.listing(session) for secret in groups.secrets(group, own)]


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
