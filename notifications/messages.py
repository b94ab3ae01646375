"""What a channel is given, what it answers, and the protocol that every channel keeps."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from meetup.values import Channel


@dataclass(frozen=True, slots=True)
class Message:
    """One text for one address. `code` is the delivery's public id: never personal, always ours."""

    code: str
    channel: Channel
    to: str
    body: str
    subject: str = ""
    html: str = ""
    own_addresses: tuple[str, ...] = ()  # the links in body and html that nobody else gets
    language: str = "en"
    expires_at: datetime | None = None
    list_id: str = ""  # e-mail: opaque and stable per group
    unsubscribe_url: str = ""  # e-mail: https, one click (RFC 8058); empty without a public address
    unsubscribe_mail: str = ""  # e-mail: mailto
    callback_url: str = ""  # SMS: where the provider tells us how it ended


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it."""

    provider_id: str
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never take this one. The flags say what else follows from that."""

    code: str
    reason: str
    opted_out: bool = False  # the carrier says that the person left
    bad_address: bool = False  # nobody lives there
    mailbox_full: bool = False  # or asleep: somebody may live there
    stop_channel: bool = False  # our account or settings are wrong: stop, and tell the operator


@dataclass(frozen=True, slots=True)
class NotSent:
    """It surely did not leave: safe to try again, not before `retry_after` seconds when the provider said so."""

    code: str
    reason: str
    retry_after: float | None = None
    stop_channel: bool = False
    whole_line: bool = False  # the provider cannot be used at the moment, whoever it is for


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have left. Never send again before the provider was asked."""

    reason: str


Outcome = Accepted | Refused | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class Found:
    """A message that the provider knows."""

    provider_id: str
    status: str
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """What we still know of an attempt whose outcome is unknown."""

    code: str
    to: str
    body_hash: str
    submitted_at: datetime
    known_ids: frozenset[str] = field(default_factory=frozenset)  # provider ids that belong to other deliveries


class Sender(Protocol):
    """A channel. It knows nothing of members, meetings or the database."""

    def send(self, message: Message, deadline: float) -> Outcome:
        """Hand the message over before the monotonic `deadline`; never raise for what the wire does."""

    def find(self, trace: Trace) -> Found | None:
        """Look for a message at the provider; None means not found, which is no proof of absence.

        Raise `Unavailable` when the provider cannot be asked.
        """


@runtime_checkable
class Erasing(Protocol):
    """A channel whose provider keeps messages, and deletes them when it is asked to."""

    def erase(self, provider_id: str) -> None:
        """Have one message deleted; one that is gone already is fine. Raise `Unavailable` when that did not work."""


@runtime_checkable
class Closing(Protocol):
    """A channel that keeps lines open for the next message."""

    def close(self) -> None:
        """Close the lines that nobody is using."""
