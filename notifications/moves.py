"""What the outbox is told of a delivery, and in which words: a claim, a mark before the wire, how it went on."""

from dataclasses import dataclass
from datetime import datetime

from meetup.values import State

NOT_SENT = "NOT_SENT"  # how an attempt ended that surely did not leave
HANDED_OVER = (State.SUBMITTING, State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNCERTAIN, State.HELD)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of one pass to some deliveries, until its lease runs out."""

    token: str
    lease_until: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class Beside:
    """Another delivery that the same text tells: it must still be waiting, and its meeting as the check has read it."""

    delivery_id: int
    meeting_id: int | None
    meeting_version: int | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A delivery that is about to be handed over, and the versions that the check before it has read."""

    delivery_id: int
    number: int
    body_hash: str
    contact_id: int
    consent_id: int
    consent_action: str
    member_version: int
    meeting_version: int | None
    beside: "Beside | None" = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How it went on with one delivery."""

    delivery_id: int
    state: State
    reason: str = ""
    provider_id: str = ""
    error_code: str = ""
    segments: int = 0
    not_before: datetime | None = None
    number: int | None = None  # of the attempt that ended; None when none was made
    outcome: str = ""  # what that attempt came to, where the state does not say it
