"""Frozen values that are right from birth, used in every room of the house."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

NO_DATE = datetime(1, 1, 1)  # noqa: DTZ001 -- a wall time: the slot of a delivery that is about no date


class Channel(StrEnum):
    """A way to reach a member."""

    SMS = "sms"
    EMAIL = "email"


class Door(StrEnum):
    """One way into an occurrence."""

    IN_PERSON = "in_person"
    ONLINE = "online"


class Preference(StrEnum):
    """Which door a member would rather use."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    EITHER = "either"
    ONLY_IN_PERSON = "only_in_person"


class State(StrEnum):
    """Where a delivery stands. The arrows are drawn in docs/architecture.md."""

    PLANNED = "PLANNED"
    CLAIMED = "CLAIMED"
    SUBMITTING = "SUBMITTING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    FAILED = "FAILED"
    UNCERTAIN = "UNCERTAIN"
    HELD = "HELD"
    SUPPRESSED = "SUPPRESSED"
    MISSED = "MISSED"


class Kind(StrEnum):
    """What a delivery is about."""

    REMINDER = "reminder"
    CANCELLED = "cancelled"
    MOVED = "moved"
    HALF_CANCELLED = "half_cancelled"
    CHANGED = "changed"
    REOPENED = "reopened"
    OPT_IN = "opt_in"
    ANNOUNCEMENT = "announcement"
    KEY = "key"  # the way to a member's own page, or the code that it asks for
    STILL_FINE = "still_fine"  # asked once a year: may we go on?
    STILL_SAFE = "still_safe"  # asked where somebody else may see the phone: silence pauses texts


class Action(StrEnum):
    """An entry of the consent ledger."""

    REQUESTED = "requested"
    GRANTED = "granted"
    CONFIRMED = "confirmed"
    REVOKED = "revoked"


class Source(StrEnum):
    """Where an entry of the consent ledger came from."""

    PAGE = "page"
    TEXT = "text"
    MAIL = "mail"
    PAPER = "paper"
    ORGANIZER = "organizer"
    CARRIER = "carrier"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span between two aware moments."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs aware moments")
        if self.start >= self.end:
            raise ValueError("a window must end after it starts")

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True, order=True)
class Lead:
    """How long before the start a reminder is due: a length, or a time on the evening before."""

    before: timedelta
    evening: time | None = None

    def __post_init__(self) -> None:
        if self.evening is None and not timedelta(minutes=1) <= self.before <= timedelta(days=14):
            raise ValueError("a lead time lies between one minute and 14 days")

    def __str__(self) -> str:
        """Return the canonical text, part of a delivery's unique key: `24h`, `5m`, `eve18:00`."""
        if self.evening is not None:
            return f"eve{self.evening:%H:%M}"
        minutes = int(self.before.total_seconds()) // 60
        return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"

    @classmethod
    def parse(cls, text: str) -> "Lead":
        """Read `24h`, `90m`, `2d`, `1h30m` or `eve18:00`; raise ValueError for anything else."""
        folded = text.strip().lower()
        evening = re.fullmatch(r"eve(\d\d):(\d\d)", folded)
        if evening:
            return cls(timedelta(0), time(int(evening[1]), int(evening[2])))
        length = re.fullmatch(r"(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?", folded)
        if not folded or not length:
            raise ValueError(f"“{text}” is not a lead time")
        days, hours, minutes = (int(part or 0) for part in length.groups())
        return cls(timedelta(days=days, hours=hours, minutes=minutes))


def slugify(name: str) -> str:
    """Return `st-marks-circle` for “St. Mark's Circle!”; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", re.sub("['’]", "", name)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")


def clean(text: str) -> str:
    """Drop control characters and stray blanks: calendars, mail headers and terminals are all harmed by them."""
    if text.isprintable():
        return text.strip()
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Co"})
    return kept.strip()
