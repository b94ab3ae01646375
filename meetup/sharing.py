"""Which meetings share a venue or a room with one meeting, and when they get into each other's way."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from meetup import agenda, naming
from meetup.places import closures
from meetup.places.closures import Site
from meetup.schedule import clashes
from meetup.schedule.clashes import Clash
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import Meeting, OnlineRoom, Venue
from meetup.values import Window

YEAR = timedelta(days=366)


def clashes_of(session: Session, meeting: Meeting, now: datetime) -> list[Clash]:
    """Return the clashes of one meeting with any other within a year, wherever closures and changes lead it."""
    window, number = Window(now, now + YEAR), naming.key(meeting)
    own = agenda.upcoming([agenda.one_series(session, number)], window)
    keys = {site.key for one in own for site in (one.place, one.room) if site is not None}
    numbers = _held(session, keys) | {number}
    found = clashes.find(agenda.upcoming(agenda.all_series(session, numbers), window))
    return [one for one in found if number in {one.first.series.meeting_id, one.second.series.meeting_id}]


def clashes_at(session: Session, site: Site, window: Window) -> list[Clash]:
    """Return the clashes in one venue or room in a window."""
    numbers = closures.affected(session, site)
    found = clashes.find(agenda.upcoming(agenda.all_series(session, numbers), window))
    return [one for one in found if one.site.key == site.public_id]


def _held(session: Session, keys: set[str]) -> set[int]:
    """Return the meetings that are held in some places, if only on one date."""
    venue_ids = session.exec(select(Venue.id).where(col(Venue.public_id).in_(keys))).all()
    room_ids = session.exec(select(OnlineRoom.id).where(col(OnlineRoom.public_id).in_(keys))).all()
    return set(revisions.held_in(session, {one for one in venue_ids if one}, {one for one in room_ids if one}))
