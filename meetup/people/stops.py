"""Stops that a restored database has forgotten: taken from the journal beside it, before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from meetup.people import consent
from meetup.storage.database import Session
from meetup.storage.journal import EVERY_GROUP, Reading, Stop
from meetup.storage.tables import ConsentRow, ContactPoint, Group, RememberedStop
from meetup.values import Action, Source


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a journal brought back."""

    heard: int = 0  # stops that the database did not know
    strangers: int = 0  # of them, those from addresses that it does not know either


def replay(session: Session, stops: Sequence[Stop]) -> Replayed:
    """Write every stop into the ledger that is not in it, in the order in which they were said."""
    found = [_replay(session, stop) for stop in sorted(stops, key=_when)]
    return Replayed(sum(one.heard for one in found), sum(one.strangers for one in found))


def missing(session: Session, journal: Reading) -> int:
    """Return how many stops the ledger knows, since the journal was begun, that are not in the journal."""
    if journal.begun_at is None:
        return 0
    query = (
        select(ConsentRow.at, ConsentRow.channel, ContactPoint.address_index)
        .join(ContactPoint, col(ContactPoint.id) == col(ConsentRow.contact_id))
        .where(ConsentRow.action == Action.REVOKED.value, col(ConsentRow.at) >= journal.begun_at)
        # The index of an address that was replaced is no longer the one that the journal wrote.
        .where(ContactPoint.state != "replaced")
    )
    written = {(stop.at, stop.channel, stop.address_index) for stop in journal.stops}
    return sum((at, channel, index) not in written for at, channel, index in session.exec(query).all())


def _replay(session: Session, stop: Stop) -> Replayed:
    query = select(ContactPoint).where(
        ContactPoint.address_index == stop.address_index, ContactPoint.channel == stop.channel
    )
    contact = session.exec(query).first()
    if contact is None:
        return _of_a_stranger(session, stop)
    group = None if stop.group == EVERY_GROUP else _group_id(session, stop.group)
    if _known(session, contact, group, stop.at) or (group is None and stop.group != EVERY_GROUP):
        return Replayed()
    if group is None:
        consent.stop(session, contact, Source(stop.source), stop.at)
        return Replayed(heard=1)
    return Replayed(heard=int(consent.revoke(session, contact, group, Source(stop.source), stop.at) is not None))


def _of_a_stranger(session: Session, stop: Stop) -> Replayed:
    known = select(RememberedStop.id).where(RememberedStop.address_index == stop.address_index)
    if session.exec(known).first() is not None:
        return Replayed()
    row = RememberedStop(channel=stop.channel, address_index=stop.address_index, source=stop.source, at=stop.at)
    session.add(row)
    session.flush()
    return Replayed(heard=1, strangers=1)


def _known(session: Session, contact: ContactPoint, group: int | None, at: datetime) -> bool:
    """Tell whether the ledger heard that stop, or something newer about the same matter."""
    entries = consent.history_of(session, contact.id or 0)
    # A database may keep fewer digits of a second than the journal does.
    newer = (entry for entry in entries if entry.at >= at - timedelta(milliseconds=1))
    return any(entry.group_id in {None, group} for entry in newer)


def _group_id(session: Session, public_id: str) -> int | None:
    return session.exec(select(Group.id).where(Group.public_id == public_id)).first()


def _when(stop: Stop) -> datetime:
    return stop.at
