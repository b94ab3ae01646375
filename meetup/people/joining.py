"""Joining without an organizer: by a mail that asks, or by a text that says the code of a page.

Nobody is in a group before they confirmed: a form that anybody can fill in changes nothing that a member sees.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, not_, or_
from sqlmodel import col, delete, select

from meetup import naming
from meetup.errors import AlreadyExists, NoConsent, NotUnderstood
from meetup.people import consent, contacts, members, privacy, subscriptions
from meetup.people.consent import Wording
from meetup.people.members import MemberDraft
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, ContactPoint, Group, JoinCode, Member, SubscriptionRow
from meetup.values import Action, Channel, Preference, Source

CODES_LAST = timedelta(hours=24)
CROWDED = 2000  # from so many living codes on they grow: a mistyped one should lead nowhere


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to hear of which group, by the words that they were shown."""

    channel: Channel
    address: str  # as it was typed
    group_id: int
    wording: Wording


def offer(session: Session, whose: Group | Member, wording: Wording, now: datetime) -> str:
    """Return a new code of four digits or more, to be texted within a day.

    A group's belongs to nobody yet: whoever texts it joins. A member's gives her the number that it comes from.
    """
    session.exec(delete(JoinCode).where(col(JoinCode.expires_at) <= now))
    taken = set(session.exec(select(JoinCode.code)).all())
    digits = 4 if len(taken) < CROWDED else 8
    code = next(code for code in iter(lambda: _digits(digits), "") if code not in taken)
    row = JoinCode(
        code=code,
        group_id=whose.id if isinstance(whose, Group) else None,
        member_id=whose.id if isinstance(whose, Member) else None,
        wording=wording.text,
        wording_version=wording.version,
        language=wording.language,
        expires_at=now + CODES_LAST,
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
    # Also who had agreed before, or whom an organizer had asked already: “you're set” must be true.
    for group_id in wished:
        _let_in(session, contact, session.get_one(Group, group_id), now)
    return contact


def ask_again(session: Session, member: Member, contact: ContactPoint, wording: Wording, now: datetime) -> list[int]:
    """Note that a member wants to be asked at a new address; return the groups that it is about.

    These are those that she hears of by this channel, or all of hers when she hears of none by it.
    """
    rows, channel = subscriptions.of_member(session, member), Channel(contact.channel)
    theirs = [row.group_id for row in rows if channel in subscriptions.channels_of(row)]
    theirs = theirs or [row.group_id for row in rows]
    for group_id in theirs:
        consent.request(session, contact, group_id, wording, source=Source.PAGE, now=now)
    return theirs


def _asked(session: Session, row: JoinCode, phone: str, now: datetime) -> tuple[ContactPoint, list[int]]:
    """Return who texted a code, and the groups that it is about."""
    wording = Wording(row.wording, row.wording_version, row.language)
    if row.group_id is not None:
        return ask(session, Wish(Channel.SMS, phone, row.group_id, wording), now), [row.group_id]
    member = session.get_one(Member, row.member_id)
    contact = contacts.add(session, member, Channel.SMS, contacts.normalize(Channel.SMS, phone), now)
    return contact, ask_again(session, member, contact, wording, now)


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
    more = asked.where(or_(not_(on_a_page), col(ConsentRow.at) > now - consent.ANSWERABLE))
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
