"""What members text back, and what providers report. SAFETY.md's order decides; see rules/keywords.py.

Every text is kept once under the provider's id, so that a redelivery is answered alike and acts once.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlmodel import col

from meetup import agenda, organization
from meetup.feeds.addresses import Addresses
from meetup.people import answers, consent, contacts, joining, subscriptions
from meetup.people.visits import Purpose
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import AttemptRow, ContactPoint, DeliveryRow, InboundText, Member
from meetup.storage.vault import new_id
from meetup.values import Channel, Door, Kind, Source, State, Window
from notifications import page_keys, still_fine
from notifications.rules import keywords
from notifications.rules.keywords import Intent, IntentKind
from notifications.words import replies
from notifications.words.compose import Recipient, Voice

logger = logging.getLogger(__name__)

QUIET_AFTER = timedelta(hours=12)  # "anything else" is answered again after this
QUIET_AFTER_CRISIS = timedelta(minutes=15)
LOOK_AHEAD = timedelta(days=60)
MOST_CODES, LATELY = 10, timedelta(hours=1)
DOORS = {"1": Door.IN_PERSON, "2": Door.ONLINE}
# Twilio answers these itself; whatever else means stop is ours to confirm.
ANSWERED_BY_PROVIDER = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})


@dataclass(frozen=True, slots=True)
class Text:
    """A text that came in. `opt_out_type` is set when the provider has answered it already."""

    provider_id: str
    sender: str
    body: str
    opt_out_type: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A text, who sent it (if we know), and the voice that answers."""

    text: Text
    intent: Intent
    contact: ContactPoint | None
    member: Member | None
    voice: Voice
    language: str
    page: str = ""  # where members' pages are opened; empty when nobody could reach them


def take_text(session: Session, text: Text, now: datetime, addresses: Addresses | None = None) -> str:
    """Act on a text and return the words to answer with; empty when nothing is to be said.

    Without addresses nobody is shown the way to a page.
    """
    before = session.execute(select(InboundText).where(col(InboundText.provider_id) == text.provider_id)).scalar()
    if before is not None:
        answered: str = before.reply
        return page_keys.filled(session, answered, addresses)
    exchange = _exchange(session, text, addresses.page if addresses else "")
    reply = _ACTIONS[exchange.intent.kind](session, exchange, now)
    if text.opt_out_type:
        reply = ""  # the provider has answered
    _keep(session, exchange, reply, now)
    logger.info("text_received intent=%s answered=%s", exchange.intent.kind, bool(reply))
    return page_keys.filled(session, reply, addresses)


def _exchange(session: Session, text: Text, page: str) -> Exchange:
    own = organization.the(session)
    contact = contacts.by_address(session, Channel.SMS, text.sender)
    member = session.get(Member, contact.member_id) if contact else None
    return Exchange(
        text=text,
        intent=_intent(text),
        contact=contact,
        member=member,
        voice=Voice.of(own),
        language=member.language if member else own.language,
        page=page,
    )


def _intent(text: Text) -> Intent:
    """Read a text; what the provider took for an opt-out is one, whatever our own list says."""
    own = keywords.read(text.body)
    # YES is one of the provider's words for START, and ours for a confirmation.
    if text.opt_out_type.upper() not in {"STOP", "HELP", "START"} or own.kind is IntentKind.YES:
        return own
    return Intent(IntentKind(text.opt_out_type.lower()))


def _stop(session: Session, exchange: Exchange, now: datetime) -> str:
    _revoke(session, exchange, now)
    # “opt out” and “stop.” mean the same, but not to the provider.
    word = exchange.text.body.strip().lower()
    return "" if word in ANSWERED_BY_PROVIDER else replies.stopped(exchange.voice, exchange.language)


def _revocation(session: Session, exchange: Exchange, now: datetime) -> str:
    _revoke(session, exchange, now)
    return replies.stopped(exchange.voice, exchange.language)


def _stop_and_crisis(session: Session, exchange: Exchange, now: datetime) -> str:
    _revoke(session, exchange, now)
    return replies.stopped_in_crisis(exchange.voice, exchange.language)


def _revoke(session: Session, exchange: Exchange, now: datetime) -> None:
    if exchange.contact is not None:
        consent.stop(session, exchange.contact, Source.TEXT, now)


def _start(session: Session, exchange: Exchange, now: datetime) -> str:
    """Ask again those who had stopped; the question goes out as a delivery of its own."""
    if exchange.contact is not None:
        consent.start(session, exchange.contact, now)
    return ""


def _help(_session: Session, exchange: Exchange, _now: datetime) -> str:
    return replies.help_text(exchange.voice, exchange.language)


def _yes(session: Session, exchange: Exchange, now: datetime) -> str:
    contact, member = exchange.contact, exchange.member
    if contact is None or member is None:
        return _anything_else(session, exchange, now)
    went_on = still_fine.answer(session, contact, now)
    if joining.confirm(session, contact, now, Source.TEXT):
        return replies.confirmed(exchange.voice, exchange.language)
    if went_on:
        return "" if member.phone_shared else replies.confirmed(exchange.voice, exchange.language)
    return _anything_else(session, exchange, now)


def _join(session: Session, exchange: Exchange, now: datetime) -> str:
    """Let in who texts the code of a page; a code that is none waits for the organizer."""
    guessing = _often(session, exchange, now)
    contact = None if guessing else joining.by_text(session, exchange.text.sender, exchange.intent.value, now)
    if contact is None:
        return _anything_else(session, exchange, now)
    member = session.get_one(Member, contact.member_id)
    return replies.confirmed(exchange.voice, member.language)


def _often(session: Session, exchange: Exchange, now: datetime) -> bool:
    """Tell whether a number has texted so many codes lately that it seems to guess."""
    lately = select(func.count()).where(
        col(InboundText.sender_index) == session.vault.index("address", exchange.text.sender),
        col(InboundText.intent) == IntentKind.JOIN.value,
        col(InboundText.received_at) > now - LATELY,
    )
    return int(session.execute(lately).scalar_one()) >= MOST_CODES


def _digit(session: Session, exchange: Exchange, now: datetime) -> str:
    """Keep an answer to the last reminder that reached this number, until that date begins."""
    occurrence = _last_reminded(session, exchange, now)
    if occurrence is None or exchange.member is None:
        return _anything_else(session, exchange, now)
    door = DOORS.get(exchange.intent.value)
    if door is not None and door not in occurrence.open_doors:
        return _anything_else(session, exchange, now)
    answers.give(session, exchange.member, occurrence, door, now)
    if exchange.member.phone_shared:
        return ""
    return replies.echo(exchange.voice, _recipient(exchange.member), occurrence, exchange.intent.value)


def _next(session: Session, exchange: Exchange, now: datetime) -> str:
    """Tell a member the next two dates, unless somebody else may read them."""
    member = exchange.member
    if member is None or member.phone_shared or exchange.contact is None:
        return _anything_else(session, exchange, now)
    groups = [row.group_id for row in subscriptions.of_member(session, member) if row.state == "active"]
    allowed = [group_id for group_id in groups if consent.allows(session, exchange.contact.id or 0, group_id)]
    series = [one for group_id in allowed for one in agenda.of_group(session, group_id)]
    coming = [one for one in agenda.upcoming(series, Window(now, now + LOOK_AHEAD)) if one.happening]
    if not coming:
        return _anything_else(session, exchange, now)
    return replies.next_dates(exchange.voice, _recipient(member), coming[:2])


def _link(session: Session, exchange: Exchange, now: datetime) -> str:
    """Answer with the way to the sender's own page."""
    key = page_keys.stand_in(session, exchange.contact, Purpose.LINK, exchange.page, now)
    return replies.page_link(exchange.voice, exchange.language, key) if key else _anything_else(session, exchange, now)


def _code(session: Session, exchange: Exchange, now: datetime) -> str:
    """Answer with the code that the sender's own page asks for."""
    key = page_keys.stand_in(session, exchange.contact, Purpose.CODE, exchange.page, now)
    return replies.page_code(exchange.voice, exchange.language, key) if key else _anything_else(session, exchange, now)


def _recipient(member: Member) -> Recipient:
    return Recipient(member.language, member.zone, member.cover_label, member.phone_shared)


def _last_reminded(session: Session, exchange: Exchange, now: datetime) -> Occurrence | None:
    if exchange.contact is None:
        return None
    last = and_(col(AttemptRow.delivery_id) == col(DeliveryRow.id), col(AttemptRow.number) == col(DeliveryRow.attempts))
    query = (
        select(DeliveryRow)
        .join(AttemptRow, last)
        .where(
            col(DeliveryRow.contact_id) == exchange.contact.id,
            col(DeliveryRow.kind) == Kind.REMINDER.value,
            col(DeliveryRow.state).in_([State.SENT.value, State.DELIVERED.value]),
        )
        # By when they left: receipts come in any order.
        .order_by(col(AttemptRow.submitted_at).desc(), col(AttemptRow.id).desc())
    )
    row = session.execute(query.limit(1)).scalar()
    if row is None or row.meeting_id is None or row.also_id is not None:  # a digit after two dates names neither
        return None
    occurrence = agenda.on_slot(agenda.one_series(session, row.meeting_id), row.slot)
    return occurrence if occurrence and occurrence.happening and occurrence.start > now else None


def _anything_else(session: Session, exchange: Exchange, now: datetime) -> str:
    """Name the crisis line: to strangers too, but not again and again within hours."""
    crisis = exchange.intent.kind is IntentKind.CRISIS
    since = now - (QUIET_AFTER_CRISIS if crisis else QUIET_AFTER)
    words = replies.anything_else(exchange.voice, exchange.language)
    sender = session.vault.index("address", exchange.text.sender)
    again = select(col(InboundText.id)).where(
        col(InboundText.sender_index) == sender,
        col(InboundText.received_at) > since,
        col(InboundText.reply) == words,
    )
    return "" if session.execute(again.limit(1)).first() else words


def _keep(session: Session, exchange: Exchange, reply: str, now: datetime) -> None:
    public_id, vault, text = new_id(), session.vault, exchange.text
    session.add(
        InboundText(
            provider_id=text.provider_id,
            public_id=public_id,
            sender_index=vault.index("address", text.sender),
            sender_sealed=vault.seal(f"inbound_texts.sender:{public_id}", text.sender),
            body_sealed=vault.seal(f"inbound_texts.body:{public_id}", text.body),
            member_id=exchange.member.id if exchange.member else None,
            intent=exchange.intent.kind.value,
            reply=reply,
            received_at=now,
            read_at=None if _waits(exchange, reply) else now,
        )
    )
    session.flush()


def _waits(exchange: Exchange, reply: str) -> bool:
    """Tell whether an organizer should read a text; a code that let somebody in says nothing more."""
    kind = exchange.intent.kind
    let_in = kind is IntentKind.JOIN and reply not in {"", replies.anything_else(exchange.voice, exchange.language)}
    return kind in _FOR_THE_ORGANIZER and not let_in


_FOR_THE_ORGANIZER = {
    IntentKind.OTHER,
    IntentKind.CRISIS,
    IntentKind.STOP_AND_CRISIS,
    IntentKind.REVOCATION,
    IntentKind.JOIN,
}
_ACTIONS: dict[IntentKind, Callable[[Session, Exchange, datetime], str]] = {
    IntentKind.STOP: _stop,
    IntentKind.HELP: _help,
    IntentKind.START: _start,
    IntentKind.YES: _yes,
    IntentKind.DIGIT: _digit,
    IntentKind.REVOCATION: _revocation,
    IntentKind.STOP_AND_CRISIS: _stop_and_crisis,
    IntentKind.CRISIS: _anything_else,
    IntentKind.NEXT: _next,
    IntentKind.JOIN: _join,
    IntentKind.LINK: _link,
    IntentKind.CODE: _code,
    IntentKind.OTHER: _anything_else,
}
