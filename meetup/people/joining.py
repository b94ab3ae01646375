"""Joining without an organizer: by a mail that asks, or by a text that says the code of a page.

Nobody is in a group before they confirmed: a form that anybody can fill in changes nothing that a member sees.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, false, not_, or_
from sqlmodel import col, delete, select

from meetup import naming
from meetup.errors import AlreadyExists, NoConsent, NotUnderstood
from meetup.people import consent, contacts, entries, members, privacy, subscriptions
from meetup.people.consent import Wording
from meetup.people.members import MemberDraft
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, ContactPoint, Group, JoinCode, Member, SubscriptionRow
from meetup.values import Action, Channel, Preference, Source

CODES_LAST = timedelta(hours=24)
MEMBERS_CODES_LAST = timedelta(minutes=30)
MEMBERS_DIGITS = 8  # whoever texts it is taken for her: nobody may come upon it by chance
GUEST = re.compile(r"Guest [0-9a-f]{8}")  # who came by herself, until an organizer knows what to call her
CROWDED = 2000  # from so many living codes on they grow: a mistyped one should lead nowhere


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to hear of which group, by the words that they were shown."""

    channel: Channel
    address: str  # as it was typed
    group_id: int
    wording: Wording


def offer(session: Session, whose: Group | Member, wording: Wording, now: datetime) -> str:
    """Return a new code to be texted: of a group within a day, of a member within half an hour.

    A group's, of four digits or more, belongs to nobody yet: whoever texts it joins. A member's gives her the number
    that it comes from; it is long, and takes the place of those that she had.
    """
    hers = isinstance(whose, Member)
    gone = or_(col(JoinCode.expires_at) <= now, col(JoinCode.member_id) == whose.id if hers else false())
    session.exec(delete(JoinCode).where(gone))
    taken = set(session.exec(select(JoinCode.code)).all())
    digits = MEMBERS_DIGITS if hers or len(taken) >= CROWDED else 4
    code = next(code for code in iter(lambda: _digits(digits), "") if code not in taken)
    row = JoinCode(
        code=code,
        group_id=None if hers else whose.id,
        member_id=whose.id if hers else None,
        wording=wording.text,
        wording_version=wording.version,
        language=wording.language,
        expires_at=now + (MEMBERS_CODES_LAST if hers else CODES_LAST),
    )
    session.add(row)
    session.flush()
    return code


def by_text(session: Session, phone: str, code: str, now: datetime) -> ContactPoint | None:
    """Let in who texts a living code, from the number that texted it.

    None when there is no such code, when they said stop, or when nobody can answer there.
    """
    row = session.exec(select(JoinCode).where(JoinCode.code == code, col(JoinCode.expires_at) > now)).first()
    if row is None:
        return None
    try:
        with session.begin_nested():
            contact, wished = _asked(session, row, phone, now)
    except (AlreadyExists, NoConsent, NotUnderstood):  # the last: a short code, or no number at all
        return None
    session.delete(row)
    confirm(session, contact, now, Source.TEXT)
    if contact.state == "paused":
        consent.reaffirm(session, contact, now, Source.TEXT)
    # Also who had agreed before, or whom an organizer had asked already: “you're set” must be true.
    for group_id in wished:
        _let_in(session, contact, session.get_one(Group, group_id), now)
    return contact


@dataclass(frozen=True, slots=True)
class Move:
    """A member's new address, and the words by which she is asked there."""

    channel: Channel
    address: str  # as it was typed, or as a text came from it
    wording: Wording


def move(session: Session, member: Member, to: Move, now: datetime) -> tuple[ContactPoint, list[int]]:
    """Give a member another address, where she is to be asked; return it, and the groups that it is about.

    These are those that she hears of by this channel, or all of hers when she hears of none by it. Who is in none has
    nothing to be asked about, and keeps what she has.
    """
    rows = subscriptions.of_member(session, member)
    if not rows:
        raise NoConsent("Who is in no group has nothing to be asked about")
    theirs = [row.group_id for row in rows if to.channel in subscriptions.channels_of(row)]
    theirs = theirs or [row.group_id for row in rows]
    contact = contacts.add(session, member, to.channel, to.address, now)
    for group_id in theirs:
        consent.request(session, contact, group_id, to.wording, source=Source.PAGE, now=now)
    return contact, theirs


def _asked(session: Session, row: JoinCode, phone: str, now: datetime) -> tuple[ContactPoint, list[int]]:
    """Return who texted a code, and the groups that it is about."""
    wording = Wording(row.wording, row.wording_version, row.language)
    if row.group_id is not None:
        return ask(session, Wish(Channel.SMS, phone, row.group_id, wording), now), [row.group_id]
    member = session.get_one(Member, row.member_id)
    return move(session, member, Move(Channel.SMS, phone, wording), now)


def ask(session: Session, wish: Wish, now: datetime) -> ContactPoint:
    """Note that somebody wants to be asked; refuse where somebody said stop. What stands already is left as it is."""
    normalized = contacts.normalize(wish.channel, wish.address)
    contact = contacts.by_address(session, wish.channel, normalized) or _new(session, wish, normalized, now)
    consent.request(session, contact, wish.group_id, wish.wording, source=Source.PAGE, now=now)
    return contact


def confirm(session: Session, contact: ContactPoint, now: datetime, source: Source) -> list[int]:
    """Confirm what a contact point was asked, and let them into the groups that they wished for; return all of them."""
    wished = {entry.group_id for entry in _pending(session, contact, now) if entry.source == Source.PAGE}
    confirmed = consent.confirm_pending(session, contact, now, source)
    for group_id in confirmed:
        if group_id in wished:
            _let_in(session, contact, session.get_one(Group, group_id), now)
    return confirmed


def let_go(session: Session, now: datetime) -> int:
    """Delete whoever filled in a form, or whose address somebody else did, and never answered; return how many."""
    found = session.exec(select(Member).where(_never_answered(now))).all()
    for member in found:
        privacy.let_go(session, member, now)
    return len(found)


def _never_answered(now: datetime) -> ColumnElement[bool]:
    """Say that all that is known of a member is a form, and that the question it led to has lapsed."""
    asked = select(col(ConsentRow.id)).where(ConsentRow.member_id == Member.id)
    came_by_it = asked.where(ConsentRow.at == Member.created_at)  # a form may not delete whom an organizer added
    on_a_page = and_(col(ConsentRow.source) == Source.PAGE.value, col(ConsentRow.action) == Action.REQUESTED.value)
    more = asked.where(or_(not_(on_a_page), col(ConsentRow.at) > now - entries.ANSWERABLE))
    member_of = select(col(SubscriptionRow.id)).where(SubscriptionRow.member_id == Member.id)
    return and_(came_by_it.exists(), ~more.exists(), ~member_of.exists())


def _pending(session: Session, contact: ContactPoint, now: datetime) -> list[ConsentRow]:
    return consent.pending(session, naming.key(contact), now)


def _new(session: Session, wish: Wish, normalized: str, now: datetime) -> ContactPoint:
    member = members.add(session, MemberDraft(f"Guest {secrets.token_hex(4)}", language=wish.wording.language), now)
    return contacts.add(session, member, wish.channel, normalized, now)


def _let_in(session: Session, contact: ContactPoint, group: Group, now: datetime) -> None:
    """Subscribe somebody to a group by one channel more; how they come is left as it is."""
    member, channel = session.get_one(Member, contact.member_id), Channel(contact.channel)
    standing = {row.group_id: row for row in subscriptions.of_member(session, member)}.get(naming.key(group))
    if standing is None:
        subscriptions.subscribe(session, member, group, Preference.EITHER, [channel], now)
        return
    channels = subscriptions.channels_of(standing)
    if channel not in channels:
        subscriptions.subscribe(session, member, group, Preference(standing.preference), [*channels, channel], now)


def _digits(number: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(number))
