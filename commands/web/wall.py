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
from meetup.storage.database import Database, Session
from meetup.storage.tables import Group

MOST_BYTES = 16 * 2**20
FRESH_SECONDS = 1.0  # how long nobody asks whether a page is still right
Stamp = tuple[int, date]  # the revision of everything, and the day where the group meets


@dataclass(frozen=True, slots=True)
class Hung:
    """A page, and what it was written for."""

    stamp: Stamp
    text: str
    seen_at: float  # on a monotonic clock: when it was last known to be right


class Wall:
    """Keeps pages, for any thread. One that has not changed costs two questions, once a second at most."""

    def __init__(self, database: Database, clock: Clock, addresses: Addresses, most_bytes: int = MOST_BYTES) -> None:
        self._database = database
        self._clock = clock
        self._addresses = addresses
        self._hung: Pile[str, Hung] = Pile(most_bytes)
        self._lock = threading.Lock()

    def page(self, slug: str) -> str | None:
        """Return the page of an open group; None for closed ones, which are as unknown as others."""
        hung = self._hung.get(slug)
        if hung is not None and self._clock.monotonic() - hung.seen_at < FRESH_SECONDS:
            return hung.text
        with self._database.reading() as session:
            return self._look(session, slug, hung)

    def _look(self, session: Session, slug: str, hung: Hung | None) -> str | None:
        """Find out whether a page is still right, and write it anew when it is not."""
        seen_at = self._clock.monotonic()
        group = collect.open_group(session, slug)
        if group is None:
            self._put(slug, None)
            return None
        stamp = organization.the(session).revision, zones.wall(self._clock.now(), group.zone).date()
        text = hung.text if hung is not None and hung.stamp == stamp else self._written(session, group)
        self._put(slug, Hung(stamp, text, seen_at))
        return text

    def _put(self, slug: str, hung: Hung | None) -> None:
        with self._lock:
            if hung is None:
                self._hung.drop(slug)
            else:
                self._hung.put(slug, hung, len(hung.text))

    def _written(self, session: Session, group: Group) -> str:
        poster = display.of_group(session, group, self._clock.now())
        page, feed = self._addresses.group_page(poster.slug), self._addresses.group_feed(poster.slug)
        return posters.page(poster, Spot(page, feed, style="../style.css", join=f"{poster.slug}/join"))
