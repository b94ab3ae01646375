"""Calendars in memory: written once, and right until something that they show has changed."""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from sqlalchemy.exc import SQLAlchemyError

from commands.web import sheets
from commands.web.security import Header
from commands.web.sheets import Answer, Sheet
from meetup.clock import Clock
from meetup.feeds import collect, editions
from meetup.feeds.addresses import Addresses
from meetup.feeds.collect import Outline, Stamp
from meetup.feeds.known import Known
from meetup.feeds.library import Library
from meetup.feeds.pile import Pile
from meetup.storage.database import Database, Session

logger = logging.getLogger(__name__)

FRESH_SECONDS = 1.0  # how long nobody asks whether anything has changed
MOST_BYTES = 64 * 2**20  # of calendars in memory: those of some five thousand members
ALARMS = range(5, 7 * 24 * 60 + 1)  # minutes before a date
NO_ALARM = 0
MINUTES = re.compile(r"[0-9]{1,5}")
LONGEST_QUERY = 200

Find = Callable[[Session], Outline | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A calendar in memory, what it was made of, and when that was last seen to be true."""

    stamp: Stamp
    outline: Outline
    sheet: Sheet


class Shelf:
    """Keeps calendars. Whether they are still right is asked at most once a second."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        addresses: Addresses,
        defaults: Sequence[Header],
        *,
        most_bytes: int = MOST_BYTES,
        known: Known | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._addresses = addresses
        self._defaults = defaults
        self._library = Library(known=known)
        self._kept: Pile[str, Kept] = Pile(most_bytes)
        # Always the same one, and never with a date: whoever held a calendar that was revoked since is sent this one.
        self._nothing = sheets.sheet(collect.NOTHING, None, defaults)
        self._stamp: Stamp | None = None
        self._asked_at = float("-inf")
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Return about how many bytes the calendars in memory take."""
        return self._kept.size

    def at_once(self, method: bytes, target: bytes, headers: Iterable[Header]) -> Answer | None:
        """Answer from memory, without a query; None when somebody has to look, or when it is no calendar."""
        if method not in {b"GET", b"HEAD"}:
            return None
        path, _, query = target.partition(b"?")
        found = self._ready(_key(path.decode("latin-1"), alarm_of(query)))
        return None if found is None else sheets.answer(found, method.decode(), headers)

    def public(self, slug: str) -> Sheet:
        """Look up the calendar of a group; the empty one when it is closed (by now), or never was."""
        now = self._clock.now()
        return self._look(
            f"/g/{slug}.ics", NO_ALARM, lambda session: collect.public(session, slug, self._addresses, now)
        )

    def private(self, token: str, alarm: int = NO_ALARM) -> Sheet:
        """Look up a member's calendar; the empty one for a token that opens nothing (any more)."""
        now = self._clock.now()
        return self._look(
            f"/f/{token}.ics", alarm, lambda session: collect.private(session, token, self._addresses, now)
        )

    def _look(self, path: str, alarm: int, find: Find) -> Sheet:
        key = _key(path, alarm)
        with self._lock, self._database.reading() as session:
            stamp = self._newest(session)
            ready = self._ready(key)
            if ready is not None:
                return ready
            outline = find(session)
            if outline is None:
                self._kept.drop(key)
                return self._nothing
            found = self._found(session, key, outline, alarm)
            self._kept.put(key, Kept(stamp, outline, found), found.size)
            return found

    def _newest(self, session: Session) -> Stamp:
        """Ask what the newest stamp is, unless somebody just did."""
        asked_at = self._clock.monotonic()
        if self._stamp is None or asked_at - self._asked_at >= FRESH_SECONDS:
            self._stamp = collect.stamp(session, self._clock.now())
            self._asked_at = asked_at
        return self._stamp

    def _ready(self, key: str) -> Sheet | None:
        """Return a calendar from memory; None when it has to be looked up."""
        if self._clock.monotonic() - self._asked_at >= FRESH_SECONDS:
            return None
        kept = self._kept.get(key)
        return kept.sheet if kept is not None and kept.stamp == self._stamp else None

    def _found(self, session: Session, key: str, outline: Outline, alarm: int) -> Sheet:
        """Return what is in memory as long as it is right, and else write it."""
        kept = self._kept.get(key)
        if kept is not None and kept.outline == outline:
            return kept.sheet
        body = self._library.write(session, outline)
        modified = self._modified(outline, sheets.tag_of(body))
        if alarm:
            body = self._library.write(session, outline.ringing(timedelta(minutes=alarm)))
        if kept is not None and (kept.sheet.body, kept.sheet.modified) == (body, modified):
            return kept.sheet
        return sheets.sheet(body, modified, self._defaults)

    def _modified(self, outline: Outline, tag: str) -> datetime | None:
        """Return since when a calendar has these bytes; remember it when they are new."""
        if outline.edition.tag == tag:
            return outline.edition.since
        try:
            with self._database.writing() as session:
                return editions.settle(session, outline.owner, tag, self._clock.now()).since
        except SQLAlchemyError as error:
            # A calendar without a date is right; one with a wrong date would not be asked for again.
            logger.warning("feed_undated error=%s", type(error).__name__)
            return None


def alarm_of(query: bytes) -> int:
    """Return how many minutes before each date to ring; what makes no sense rings never, and breaks no calendar."""
    if not query or len(query) > LONGEST_QUERY:
        return NO_ALARM
    asked = parse_qs(query.decode("latin-1")).get("alarm", [""])[-1]
    return int(asked) if MINUTES.fullmatch(asked) and int(asked) in ALARMS else NO_ALARM


def _key(path: str, alarm: int) -> str:
    return f"{path}?alarm={alarm}" if alarm and path.startswith("/f/") else path
