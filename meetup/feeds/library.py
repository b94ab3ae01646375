"""Series and their fragments, kept by version: a change of one series costs one reading and one writing."""

from collections.abc import Callable, Hashable, Mapping
from datetime import timedelta

from meetup.feeds import calendar, collect
from meetup.feeds.calendar import Fragment
from meetup.feeds.collect import Outline, Part
from meetup.feeds.known import Known
from meetup.feeds.pile import Pile
from meetup.feeds.views import Reader
from meetup.schedule.series import Series
from meetup.storage.database import Session

MOST_BYTES = 64 * 2**20
OVERHEAD = 1_000  # bytes of a fragment beside its text

Render = Callable[[Series, Reader | None], Fragment]
Seen = tuple[str, str, bool, bool, str, timedelta | None]  # what of a reader is in the entries of one series


class Library:
    """Writes feeds. Not for two threads at once."""

    def __init__(
        self, render: Render = calendar.fragment, most_bytes: int = MOST_BYTES, known: Known | None = None
    ) -> None:
        self._render = render
        self._known = known or Known()
        self._fragments: Pile[Hashable, Fragment] = Pile(most_bytes)

    def write(self, session: Session, outline: Outline) -> bytes:
        """Write a feed from what is known already, and what has to be read."""
        feed = collect.dressed(outline, self._read(session, outline.parts))
        return calendar.assemble(feed.look, [self._fragment(series, reader) for series, reader in feed.parts])

    def _read(self, session: Session, parts: tuple[Part, ...]) -> Mapping[int, Series]:
        return self._known.series(session, {part.meeting_id: part.version for part in parts})

    def _fragment(self, series: Series, reader: Reader | None) -> Fragment:
        key = _key(series, reader)
        fragment = self._fragments.get(key)
        if fragment is None:
            fragment = self._render(series, reader)
            self._fragments.put(key, fragment, len(fragment.events) + OVERHEAD)
        return fragment


def _key(series: Series, reader: Reader | None) -> Hashable:
    """Return what the bytes of a fragment depend on: the version, and what a feed or a day may make of it."""
    uids = tuple(schedule.uid for schedule in series.schedules)
    seen = _seen(reader, series.key)
    return series.meeting_id, series.version, uids, series.language, series.description, seen


def _seen(reader: Reader | None, key: str) -> Seen | None:
    if reader is None:
        return None
    plain = reader.plain_words
    return reader.label, reader.preference, reader.phone_shared, plain, reader.join_links.get(key, ""), reader.alarm
