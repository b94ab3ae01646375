"""What is kept about people: how much, since when, and by which rule it goes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from meetup.storage.database import Session
from meetup.storage.tables import (
    AnswerRow,
    ConsentRow,
    ContactPoint,
    DeliveryRow,
    InboundText,
    Member,
    PageKey,
    RememberedStop,
    TextElsewhere,
    Visit,
)
from notifications.tidy import ANSWERS, DELIVERIES, KEYS, TEXTS, TEXTS_READ

UNTIL_ERASED = "until they are erased"
ELSEWHERE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data."""

    what: str
    number: int
    oldest: datetime | None
    rule: str
    overdue: bool = False  # it should have gone already: the service does not run


def kept(session: Session, now: datetime) -> Iterator[Kept]:
    """Yield every kind of data about people."""
    yield _kept(session, "members", col(Member.created_at), UNTIL_ERASED)
    yield _kept(session, "numbers and addresses", col(ContactPoint.created_at), UNTIL_ERASED)
    yield _kept(session, "entries of the consent ledger", col(ConsentRow.at), UNTIL_ERASED)
    yield _kept(session, "hashes of whoever said stop and is gone", col(RememberedStop.at), "as long as we could write")
    for what, since, longest, rule in _BOUNDED:
        yield _judged(_kept(session, what, since, rule), longest, now)


_BOUNDED: tuple[tuple[str, Mapped[Any], timedelta, str], ...] = (
    # Deliveries go 90 days after they had lost their use, which may be two weeks after they came to an end.
    ("deliveries that came to an end", col(DeliveryRow.settled_at), DELIVERIES + timedelta(days=15), "90 days"),
    ("answers to “are you coming”", col(AnswerRow.ends_at), ANSWERS, "24 hours after the date"),
    ("texts that were read", col(InboundText.read_at), TEXTS_READ, "14 days after they were read"),
    ("keys to members' own pages", col(PageKey.expires_at), KEYS, "24 hours after their end"),
    ("open pages of members", col(Visit.ends_at), timedelta(0), "an hour after they were opened"),
    ("erased texts that Twilio still has", col(TextElsewhere.asked_at), ELSEWHERE, "as soon as it deletes them"),
    ("texts that came in", col(InboundText.received_at), TEXTS, "90 days after they came"),
)


def _kept(session: Session, what: str, since: Mapped[Any], rule: str) -> Kept:
    number, oldest = session.execute(select(func.count(since), func.min(since))).one()
    return Kept(what, int(number), oldest, rule)


def _judged(found: Kept, longest: timedelta, now: datetime) -> Kept:
    # A tick tidies every now and then: a day more is no neglect.
    late = found.oldest is not None and found.oldest < now - longest - timedelta(days=1)
    return replace(found, overdue=late)
