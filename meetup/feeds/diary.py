"""A member's next dates as her own page shows them: her doors, the way in, and what she answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from meetup import agenda
from meetup.feeds import collect, views
from meetup.feeds.addresses import Addresses
from meetup.feeds.known import Known
from meetup.feeds.views import Reader, View
from meetup.people import answers
from meetup.schedule.series import Occurrence, Series
from meetup.storage.database import Session
from meetup.values import Door, Window

SHOWN = 6
AHEAD = timedelta(days=60)
LONGEST = timedelta(days=2)  # what began before has ended


@dataclass(frozen=True, slots=True)
class Entry:
    """One date to come."""

    occurrence: Occurrence
    view: View
    doors: frozenset[Door]  # those that are open and hers
    answer: str = ""  # a door, `not_coming`, or nothing yet

    @property
    def key(self) -> str:
        """Return the name of this date in a form."""
        return f"{self.occurrence.series.meeting_id}.{self.occurrence.slot:%Y%m%dT%H%M}"


@dataclass(frozen=True, slots=True)
class Diary:
    """Reads what is next for a member; what has not changed since anybody asked costs two questions."""

    known: Known
    addresses: Addresses

    def read(self, session: Session, member_id: int, now: datetime) -> tuple[Entry, ...]:
        """Return the next dates, soonest first, cancelled ones too; none that has ended."""
        coming = self._coming(session, member_id, now)[:SHOWN]
        said = self.said(session, member_id, {one.series.meeting_id for one, _ in coming})
        return tuple(_entry(one, reader, said.get((one.series.meeting_id, one.slot), "")) for one, reader in coming)

    def find(self, session: Session, member_id: int, key: str, now: datetime) -> Entry | None:
        """Return the date of that name among those that she is shown."""
        return next((entry for entry in self.read(session, member_id, now) if entry.key == key), None)

    def series(self, session: Session, member_id: int, now: datetime) -> list[Series]:
        """Return the meetings that are hers."""
        return [series for series, _ in self.hers(session, member_id, now)]

    def _coming(self, session: Session, member_id: int, now: datetime) -> list[tuple[Occurrence, Reader]]:
        window = Window(now - LONGEST, now + AHEAD)
        dates = (
            (one, reader)
            for series, reader in self.hers(session, member_id, now)
            for one in agenda.upcoming([series], window)
        )
        found = ((one, reader) for one, reader in dates if one.end > now and views.relevant(one.usual_doors, reader))
        return sorted(found, key=lambda pair: (pair[0].start, pair[0].series.key))

    def said(self, session: Session, member_id: int, meeting_ids: Iterable[int]) -> Mapping[tuple[int, datetime], str]:
        """Return what she answered, by meeting and slot."""
        return answers.of_member(session, member_id, meeting_ids)

    def hers(self, session: Session, member_id: int, now: datetime) -> Sequence[tuple[Series, Reader]]:
        """Return the meetings that are hers, with how she reads them."""
        outline = collect.hers(session, member_id, self.addresses, now)
        known = self.known.series(session, {part.meeting_id: part.version for part in outline.parts})
        feed = collect.dressed(outline, known)
        return [(series, _at_her_page(reader)) for series, reader in feed.parts if reader is not None]


def _at_her_page(reader: Reader) -> Reader:
    """Return how somebody reads who has just shown who she is: where and how, but no name that a glance gives away."""
    plain = reader.plain_words and not reader.phone_shared
    return replace(reader, phone_shared=False, plain_words=plain)


def _entry(one: Occurrence, reader: Reader, answer: str) -> Entry:
    return Entry(one, views.view(one, reader), views.relevant(one.open_doors, reader), answer)
