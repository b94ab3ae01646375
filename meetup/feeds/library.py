"""Series and their fragments, kept by version: a change of one series costs one reading and one writing."""

from collections.abc import Callable, Hashable, Mapping
from datetime import timedelta

from meetup import agenda
from meetup.feeds import calendar, collect
from meetup.feeds.calendar import Fragment
from meetup.feeds.collect import Outline, Part
from meetup.feeds.pile import Pile
from meetup.feeds.views import Reader
from meetup.schedule.series import Series
from meetup.storage.database import Session

MOST_SERIES = 5_000
MOST_BYTES = 64 * 2**20
OVERHEAD = 1_000  # bytes of a fragment beside its text

Render = Callable[[Series, Reader | None], Fragment]
Seen = tuple[str, str, bool, bool, str, timedelta | None]  # what of a reader is in the entries of one series


class Library:
    """Writes feeds. Not for two threads at once."""

    def __init__(self, render: Render = calendar.fragment, most_bytes: int = MOST_BYTES) -> None:
        self._render = render
        self._series: Pile[int, Series] = Pile(MOST_SERIES)
        self._fragments: Pile[Hashable, Fragment] = Pile(most_bytes)

    def write(self, session: Session, outline: Outline) -> bytes:
        """Write a feed from what is known already, and what has to be read."""
        feed = collect.dressed(outline, self._read(session, outline.parts))
        return calendar.assemble(feed.look, [self._fragment(series, reader) for series, reader in feed.parts])

    def _read(self, session: Session, parts: tuple[Part, ...]) -> Mapping[int, Series]:
        kept = ((part, self._series.get(part.meeting_id)) for part in parts)
        found = {part.meeting_id: one for part, one in kept if one is not None and one.version == part.version}
        missing = [part.meeting_id for part in parts if part.meeting_id not in found]
        for one in agenda.all_series(session, missing) if missing else ():
            found[one.meeting_id] = one
            self._series.put(one.meeting_id, one)
        return found

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
