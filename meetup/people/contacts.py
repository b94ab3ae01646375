"""Contact points: one number or mail address of a member, normalized, sealed, and found by a blind index."""

from datetime import datetime

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from sqlmodel import col, select

from meetup import naming, organization
from meetup.errors import AlreadyExists, NotUnderstood
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, Member, RememberedStop
from meetup.storage.vault import new_id
from meetup.values import Channel, clean

_NUMBER_HINT = "Begin with + and the country code, as in +1 202 555 0123"


def normalize(channel: Channel, text: str, country: str = "") -> str:
    """Return a number in E.164 or a mail address in lower case; refuse what is neither.

    No refusal repeats what was typed: it may be shown where others look.
    """
    if channel is Channel.EMAIL:
        return _mail(clean(text))
    return _number(clean(text), country)


def add(session: Session, member: Member, channel: Channel, text: str, now: datetime) -> ContactPoint:
    """Give a member an address, unverified; one that they had on this channel is replaced."""
    address_ = normalize(channel, text, organization.the(session).country)
    old = of_member(session, naming.key(member)).get(channel)
    taken = by_address(session, channel, address_)
    if taken is not None:
        return _returning(session, member, old, taken, now)
    if old is not None:
        _replace(session, old, now)
    return _insert(session, member, channel, address_, now)


def by_address(session: Session, channel: Channel, normalized: str) -> ContactPoint | None:
    """Return whose address that is, whichever key its index was made with."""
    indexes = session.vault.indexes("address", normalized)
    query = select(ContactPoint).where(
        col(ContactPoint.address_index).in_(indexes), ContactPoint.channel == channel.value
    )
    return session.exec(query).first()


def of_member(session: Session, member_id: int) -> dict[Channel, ContactPoint]:
    """Return the living contact points of a member by channel."""
    query = select(ContactPoint).where(ContactPoint.member_id == member_id, ContactPoint.state != "replaced")
    return {Channel(row.channel): row for row in session.exec(query.order_by(col(ContactPoint.id))).all()}


def address(session: Session, contact: ContactPoint) -> str:
    """Return the address in the clear."""
    return session.vault.open(_place(contact.public_id), contact.address_sealed)


def stopped_at(session: Session, channel: Channel, normalized: str) -> datetime | None:
    """Return when somebody said stop at an address of which the database knows nothing else: erased, or restored."""
    indexes = session.vault.indexes("address", normalized)
    query = select(RememberedStop.at).where(
        col(RememberedStop.address_index).in_(indexes), RememberedStop.channel == channel.value
    )
    return session.exec(query).first()


def wait(session: Session, contact: ContactPoint, now: datetime) -> None:
    """Note that the person has to answer before anything is sent."""
    _set(session, contact, "pending", now)


def verify(session: Session, contact: ContactPoint, now: datetime) -> None:
    """Note that the person answered from this address."""
    _set(session, contact, "verified", now)


def stop(session: Session, contact: ContactPoint, now: datetime) -> None:
    """Note that the person wants nothing more here. `consent.stop` writes it into the ledger as well."""
    _set(session, contact, "stopped", now)


def pause(session: Session, contact: ContactPoint, now: datetime) -> None:
    """Note that nobody answered whether it is still safe to write there; what was agreed stays, and waits."""
    if contact.state == "verified":
        _set(session, contact, "paused", now)


def bounce(session: Session, contact: ContactPoint, now: datetime) -> None:
    """Note that nobody is reached there; a stop outweighs it."""
    if contact.state != "stopped":
        _set(session, contact, "bounced", now)


def _set(session: Session, contact: ContactPoint, state: str, now: datetime) -> None:
    # News about an address that was replaced in the meantime concerns nobody any more.
    if contact.state == "replaced":
        return
    contact.state, contact.changed_at = state, now
    session.add(contact)
    revisions.touch_member(session, contact.member_id)


def _returning(
    session: Session, member: Member, old: ContactPoint | None, taken: ContactPoint, now: datetime
) -> ContactPoint:
    """Give a member an address that they have already, or had and stopped; anybody else's is refused."""
    if taken.member_id != member.id:
        raise AlreadyExists("That address belongs to somebody already", "One address is one member")
    if taken.state != "replaced":
        return taken
    if old is not None:
        _replace(session, old, now)
    # An address is only remembered after it was replaced because somebody had said stop there.
    taken.state, taken.changed_at = "stopped", now
    session.add(taken)
    revisions.touch_member(session, taken.member_id)
    return taken


def _replace(session: Session, old: ContactPoint, now: datetime) -> None:
    # Numbers are handed on to other people: the address is given free, unless a stop has to be honoured there.
    if old.state != "stopped":
        old.address_index = session.vault.index("replaced", old.public_id)
    old.state, old.changed_at = "replaced", now
    session.add(old)
    session.flush()


def _insert(session: Session, member: Member, channel: Channel, normalized: str, now: datetime) -> ContactPoint:
    public_id = new_id()
    row = ContactPoint(
        public_id=public_id,
        member_id=naming.key(member),
        channel=channel.value,
        address_sealed=session.vault.seal(_place(public_id), normalized),
        address_index=session.vault.index("address", normalized),
        state="stopped" if stopped_at(session, channel, normalized) else "unverified",
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    revisions.touch_member(session, row.member_id)
    return row


def _mail(text: str) -> str:
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        raise NotUnderstood("That is not an e-mail address", "It looks like name@example.org") from error
    return found.normalized.lower()


def _number(text: str, country: str) -> str:
    if not text.startswith("+") and not country:
        raise NotUnderstood("That phone number has no country code", _NUMBER_HINT)
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException as error:
        raise NotUnderstood("That is not a phone number", _NUMBER_HINT) from error
    if number.extension:
        raise NotUnderstood("A number with an extension cannot get texts", "Give a mobile number without one")
    if not phonenumbers.is_valid_number(number):
        raise NotUnderstood("That phone number does not exist", _NUMBER_HINT)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _place(public_id: str) -> str:
    return f"contact_points.address:{public_id}"
