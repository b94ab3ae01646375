"""A member's own page: the keys that open it, the browsers that it is open in, and the codes for what cannot be undone.

A key is a link or a code, asked for by its owner and good for minutes, once. It is signed: only its number is kept.
A link is used up by a button, never by looking; the page then stays open in that one browser, for an hour at most.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, func, update
from sqlmodel import col, delete, select

from meetup import naming
from meetup.people import consent, contacts
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, Member, Organization, PageKey, Visit
from meetup.storage.vault import Vault, hash_token, new_token
from meetup.values import Channel

KEYS_LAST = timedelta(minutes=15)
VISITS_LAST = timedelta(hours=1)
PROOF_LASTS = timedelta(minutes=10)
MOST_KEYS, LATELY = 4, timedelta(hours=1)  # nobody's mailbox is filled from a form
MOST_TRIES = 5
DIGITS = 6


# Put together once: doing that takes as long as asking it.
_OPEN = (
    select(Visit, Member, Organization, ContactPoint)
    .join(Member, col(Member.id) == col(Visit.member_id))
    .join(Organization, col(Organization.id) == 1)
    .outerjoin(ContactPoint, (col(ContactPoint.member_id) == col(Member.id)) & (col(ContactPoint.state) != "replaced"))
    .where(col(Visit.token_hash) == bindparam("token_hash"), col(Visit.ends_at) > bindparam("now"))
)


class Purpose(StrEnum):
    """What a key opens."""

    LINK = "link"  # the page
    CODE = "code"  # what cannot be undone on it


@dataclass(frozen=True, slots=True)
class Here:
    """Who is at her page, all of it read by one question."""

    visit: Visit
    member: Member
    home: Organization
    points: Mapping[Channel, ContactPoint]

    def proven(self, now: datetime) -> bool:
        """Tell whether she has just typed a fresh code."""
        return self.visit.proven_until is not None and now < self.visit.proven_until


def reachable(session: Session, channel: Channel, address: str) -> ContactPoint | None:
    """Return the contact point of an address to which its owner lets us write; None for all others, alike."""
    contact = contacts.by_address(session, channel, address)
    return contact if contact is not None and _may_write(session, contact) else None


def ask(session: Session, contact: ContactPoint, purpose: Purpose, now: datetime) -> PageKey | None:
    """Note that the owner of an address wants a key; None when we may not write there, or she has had many lately."""
    if not _may_write(session, contact):
        return None
    # Each purpose by itself: whoever asks for links in her name must not keep her from a code.
    lately = select(func.count()).where(
        PageKey.contact_id == contact.id, PageKey.purpose == purpose, PageKey.asked_at > now - LATELY
    )
    if session.exec(lately).one() >= MOST_KEYS:
        return None
    key = PageKey(
        member_id=contact.member_id,
        contact_id=naming.key(contact),
        purpose=purpose.value,
        asked_at=now,
        expires_at=now + KEYS_LAST,
    )
    session.add(key)
    session.flush()
    return key


def enter(session: Session, key_id: int, now: datetime) -> str | None:
    """Use up a link and return the token of the browser that showed it; None when it opens nothing (any more)."""
    key = session.get(PageKey, key_id)
    if key is None or not _opens(session, key, now) or not _use(session, key, now):
        return None
    token = new_token()
    visit = Visit(member_id=key.member_id, token_hash=hash_token(token), began_at=now, ends_at=now + VISITS_LAST)
    session.add(visit)
    session.flush()
    return token


def usable(session: Session, key_id: int, now: datetime) -> bool:
    """Tell whether a link still opens a page; looking changes nothing."""
    key = session.get(PageKey, key_id)
    return key is not None and _opens(session, key, now)


def here(session: Session, token: str, now: datetime) -> Here | None:
    """Return who is at her page with a browser's token; None when it opens none (any more)."""
    rows = session.exec(_OPEN, params={"token_hash": hash_token(token), "now": now}).all()
    if not rows:
        return None
    visit, member, home, _ = rows[0]
    # An outer join may find none, whatever its type says.
    found: list[ContactPoint | None] = [point for *_, point in rows]
    return Here(visit, member, home, {Channel(point.channel): point for point in found if point is not None})


def leave(session: Session, token: str) -> None:
    """Close the page in one browser."""
    visit = session.exec(select(Visit).where(Visit.token_hash == hash_token(token))).first()
    if visit is not None:
        session.delete(visit)


def leave_elsewhere(session: Session, visit: Visit) -> None:
    """Close a member's page in every other browser."""
    session.exec(delete(Visit).where(col(Visit.member_id) == visit.member_id, col(Visit.id) != visit.id))


def code(vault: Vault, key_id: int) -> str:
    """Return the code of a key: six digits that nobody can tell without our own secret."""
    return f"{int(vault.fingerprint(f'page code {key_id}'), 16) % 10**DIGITS:0{DIGITS}}"


def prove(session: Session, visit: Visit, typed: str, now: datetime) -> bool:
    """Take a code: what cannot be undone is open for some minutes. Too many wrong ones use up every code she has."""
    keys = session.exec(
        select(PageKey)
        .join(ContactPoint, col(ContactPoint.id) == col(PageKey.contact_id))
        .where(
            PageKey.member_id == visit.member_id,
            PageKey.purpose == Purpose.CODE,
            col(PageKey.used_at).is_(None),
            PageKey.expires_at > now,
            PageKey.tries < MOST_TRIES,
            ContactPoint.state != "replaced",
        )
    ).all()
    digits = "".join(character for character in typed if character in "0123456789")
    right = [key for key in keys if hmac.compare_digest(code(session.vault, naming.key(key)), digits)]
    if not any(_use(session, key, now) for key in right):
        tried = update(PageKey).where(col(PageKey.id).in_([key.id for key in keys]))
        session.connection().execute(tried.values(tries=PageKey.tries + 1))
        return False
    visit.proven_until = now + PROOF_LASTS
    session.add(visit)
    return True


def _opens(session: Session, key: PageKey, now: datetime) -> bool:
    """Tell whether a link still opens a page: not when it went to an address that has been given up since."""
    living = key.purpose == Purpose.LINK and key.used_at is None and now < key.expires_at
    return living and session.get_one(ContactPoint, key.contact_id).state != "replaced"


def _use(session: Session, key: PageKey, now: datetime) -> bool:
    """Use up a key, by one statement: of two browsers that show it at once one is let in."""
    mine = (col(PageKey.id) == key.id, col(PageKey.used_at).is_(None), col(PageKey.expires_at) > now)
    session.flush()
    return session.connection().execute(update(PageKey).where(*mine).values(used_at=now)).rowcount == 1


def _may_write(session: Session, contact: ContactPoint) -> bool:
    return contact.state == "verified" and consent.standing_of(session, naming.key(contact)) is not None
