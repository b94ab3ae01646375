"""What the wire said becomes what the row says: settled, tried again later, or in doubt."""

from datetime import datetime, timedelta
from typing import TypeGuard

from meetup.people import consent, contacts
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint
from meetup.values import Channel, Source, State
from notifications import outbox
from notifications.messages import Accepted, Message, NotSent, Outcome, Refused
from notifications.outbox import Mark, Settlement
from notifications.rules import retry
from notifications.rules.segments import segments

STOPPED = timedelta(minutes=5)  # how long a channel rests whose account or settings are wrong


def settlement(mark: Mark, message: Message, outcome: Outcome, now: datetime) -> Settlement:
    """Return how a delivery goes on after its hand-over."""
    if isinstance(outcome, Accepted):
        size = outcome.segments or _segments(message)
        return Settlement(
            mark.delivery_id, State.SENT, provider_id=outcome.provider_id, segments=size, number=mark.number
        )
    if isinstance(outcome, NotSent) or stops_channel(outcome):
        return _again(mark, message, outcome, now)
    if isinstance(outcome, Refused):
        return Settlement(mark.delivery_id, State.FAILED, outcome.reason, error_code=outcome.code, number=mark.number)
    return Settlement(mark.delivery_id, State.UNCERTAIN, outcome.reason, number=mark.number)


def stops_channel(outcome: Outcome) -> TypeGuard[NotSent | Refused]:
    """Tell whether the account or its settings are wrong: nothing will leave until somebody has mended them."""
    return isinstance(outcome, NotSent | Refused) and outcome.stop_channel


def learn(session: Session, contact_id: int, outcome: Outcome, now: datetime) -> None:
    """Keep what a refusal says about the address: the person left, or nobody lives there."""
    if not isinstance(outcome, Refused):
        return
    contact = session.get_one(ContactPoint, contact_id)
    if outcome.opted_out:
        consent.stop(session, contact, Source.CARRIER, now)
    elif outcome.bad_address:
        contacts.bounce(session, contact, now)


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
        outcome=outbox.NOT_SENT,
    )


def _wait(mark: Mark, message: Message, outcome: NotSent) -> timedelta | None:
    spread = int(message.code[:4], 16) / 0xFFFF
    return retry.wait_after(mark.number, outcome.retry_after, message.channel, spread)


def _segments(message: Message) -> int:
    return segments(message.body).segments if message.channel is Channel.SMS else 0
