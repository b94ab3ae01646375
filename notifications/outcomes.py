"""What the wire said becomes what the row says: settled, tried again later, or in doubt."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from meetup.people import consent, contacts
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, DeliveryRow
from meetup.values import Channel, Source, State
from notifications import moves
from notifications.messages import Accepted, Message, NotSent, Outcome, Refused
from notifications.moves import Mark, Settlement
from notifications.rules import breaker, retry
from notifications.rules.segments import segments

STOPPED = timedelta(seconds=breaker.STOPPED)
OFTEN, LATELY = 3, timedelta(days=15)  # as a mailbox that is full for three weekly mails


def settlement(mark: Mark, message: Message, outcome: Outcome, now: datetime) -> Settlement:
    """Return how a delivery goes on after its hand-over."""
    if isinstance(outcome, Accepted):
        size = outcome.segments or _segments(message)
        return Settlement(
            mark.delivery_id, State.SENT, provider_id=outcome.provider_id, segments=size, number=mark.number
        )
    if isinstance(outcome, NotSent) or (isinstance(outcome, Refused) and outcome.stop_channel):
        return _again(mark, message, outcome, now)
    if isinstance(outcome, Refused):
        return Settlement(mark.delivery_id, State.FAILED, outcome.reason, error_code=outcome.code, number=mark.number)
    return Settlement(mark.delivery_id, State.UNCERTAIN, outcome.reason, number=mark.number)


def learn(session: Session, contact_id: int, outcome: Outcome, now: datetime) -> None:
    """Keep what a refusal says about the address: the person left, or nobody lives there."""
    if not isinstance(outcome, Refused):
        return
    contact = session.get_one(ContactPoint, contact_id)
    if outcome.opted_out:
        consent.stop(session, contact, Source.CARRIER, now)
    elif outcome.bad_address or (outcome.mailbox_full and often(session, contact, outcome.code, now)):
        contacts.bounce(session, contact, now)


def often(session: Session, contact: ContactPoint, code: str, now: datetime) -> bool:
    """Tell whether mail came back from an address so often lately that it is nobody's; this time is written already."""
    theirs = (
        col(DeliveryRow.member_id) == contact.member_id,
        col(DeliveryRow.contact_id) == contact.id,
        col(DeliveryRow.error_code) == code,
        col(DeliveryRow.settled_at) >= now - LATELY,
    )
    return int(session.execute(select(func.count()).where(*theirs)).scalar_one()) >= OFTEN


def _again(mark: Mark, message: Message, outcome: NotSent | Refused, now: datetime) -> Settlement:
    """Plan what surely did not leave for later, unless it was tried often enough."""
    wait = STOPPED if isinstance(outcome, Refused) or outcome.stop_channel else _wait(mark, message, outcome)
    return Settlement(
        mark.delivery_id,
        State.FAILED if wait is None else State.PLANNED,
        outcome.reason,
        error_code=outcome.code,
        not_before=None if wait is None else now + wait,
        number=mark.number,
        outcome=moves.NOT_SENT,
    )


def _wait(mark: Mark, message: Message, outcome: NotSent) -> timedelta | None:
    pace = retry.LINE if outcome.whole_line else retry.PACES[message.channel]
    return retry.wait_after(mark.number, outcome.retry_after, pace, spread(message))


def spread(message: Message) -> float:
    """Return a number from 0 to 1 that keeps messages which failed together from coming back together."""
    return int(message.code[:4], 16) / 0xFFFF


def _segments(message: Message) -> int:
    return segments(message.body).segments if message.channel is Channel.SMS else 0
