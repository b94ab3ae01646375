"""The pages of open groups in memory: written once, and right until something changes, or the day does."""

import threading
from dataclasses import dataclass
from datetime import date

from commands.web import posters
from commands.web.posters import Spot
from meetup import organization
from meetup.clock import Clock
from meetup.feeds import collect, display
from meetup.feeds.addresses import Addresses
from meetup.feeds.pile import Pile
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import Group

MOST_BYTES = 16 * 2**20
Stamp = tuple[int, date]  # the revision of everything, and the day where the group meets


@dataclass(frozen=True, slots=True)
class Hung:
    """A page, and what it was written for."""

    stamp: Stamp
    text: str


class Wall:
    """Keeps pages, for any thread. One that has not changed costs two questions."""

    def __init__(self, clock: Clock, addresses: Addresses, most_bytes: int = MOST_BYTES) -> None:
        self._clock = clock
        self._addresses = addresses
        self._hung: Pile[str, Hung] = Pile(most_bytes)
        self._lock = threading.Lock()

    def page(self, session: Session, slug: str) -> str | None:
        """Return the page of an open group; None for closed ones, which are as unknown as others."""
        group = collect.open_group(session, slug)
        if group is None:
            return None
        now = self._clock.now()
        stamp = organization.the(session).revision, zones.wall(now, group.zone).date()
        hung = self._hung.get(slug)
        if hung is None or hung.stamp != stamp:
            hung = Hung(stamp, self._written(session, group))
            with self._lock:
                self._hung.put(slug, hung, len(hung.text))
        return hung.text

    def _written(self, session: Session, group: Group) -> str:
        poster = display.of_group(session, group, self._clock.now())
        page, feed = self._addresses.group_page(poster.slug), self._addresses.group_feed(poster.slug)
        return posters.page(poster, Spot(page, feed, style="../style.css"))
