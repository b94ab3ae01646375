"""What a change does to the agenda: each date as it was to be, beside what it will be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from meetup import agenda
from meetup.schedule import doors
from meetup.schedule.series import Occurrence, Series
from meetup.values import Window

YEAR = timedelta(days=366)
WEEK = timedelta(days=7)
REACH = 20  # years: nobody says anything about dates that lie further ahead
_Name = tuple[str, datetime]  # a schedule's uid and a slot


@dataclass(frozen=True, slots=True)
class Difference:
    """One date before and after; None where the agenda has no such date."""

    before: Occurrence | None
    after: Occurrence | None

    @property
    def first(self) -> Occurrence:
        """Return the earlier of the two."""
        known = [one for one in (self.before, self.after) if one is not None]
        return min(known, key=lambda one: one.start)

    @property
    def shown(self) -> Occurrence:
        """Return the date by which people know it: as it was to be, or as it is new."""
        return self.before or self.first


def between(before: Sequence[Series], after: Sequence[Series], now: datetime) -> list[Difference]:
    """Return the dates to come that differ, in order: those of a year, and all that a single change names."""
    was = {one.meeting_id: one for one in before}
    will_be = {one.meeting_id: one for one in after}
    found = [
        difference
        for number in was.keys() | will_be.keys()
        for difference in _of_meeting(was.get(number), will_be.get(number), now)
    ]
    return sorted(found, key=lambda one: (one.first.start, one.first.series.title))


def _of_meeting(before: Series | None, after: Series | None, now: datetime) -> Iterator[Difference]:
    window = Window(now, _horizon(before, after, now))
    was, will_be = _dates(before, window), _dates(after, window)
    alone_before, alone_after = [], []
    for name in was.keys() | will_be.keys():
        # What is missing in the window may have moved out of it.
        pair = Difference(was.get(name) or _named(before, name), will_be.get(name) or _named(after, name))
        if pair.before and pair.after:
            yield from [pair] if _face(pair.before) != _face(pair.after) else []
        elif pair.before:
            alone_before.append(pair.before)
        elif pair.after:
            alone_after.append(pair.after)
    yield from _by_day(alone_before, alone_after)


def _by_day(before: Iterable[Occurrence], after: Iterable[Occurrence]) -> Iterator[Difference]:
    """Put beside one another what a split gave another name: the dates of one day."""
    left: dict[date, list[Occurrence]] = defaultdict(list)
    for one in sorted(after, key=lambda one: one.start):
        left[one.slot.date()].append(one)
    for one in sorted(before, key=lambda one: one.start):
        same_day = left[one.slot.date()]
        new = same_day.pop(0) if same_day else None
        if new is None or _face(one) != _face(new):
            yield Difference(one, new)
    yield from (Difference(None, one) for rest in left.values() for one in rest)


def _dates(series: Series | None, window: Window) -> dict[_Name, Occurrence]:
    return {(one.schedule.uid, one.slot): one for one in agenda.expand(series, window)} if series else {}


def _named(series: Series | None, name: _Name) -> Occurrence | None:
    uid, slot = name
    schedule = next((one for one in series.schedules if one.uid == uid), None) if series else None
    if series is None or schedule is None or not agenda.belongs(schedule, slot):
        return None
    return doors.occurrence(series, schedule, slot)


def _horizon(before: Series | None, after: Series | None, now: datetime) -> datetime:
    """Return how far to look: a year, or as far as what was said about a single date or a closure."""
    ends = [now + YEAR]
    if before is not None and after is not None:
        named = [max(one.slot, one.start or one.slot) + WEEK for one in set(before.changes) ^ set(after.changes)]
        begun = [min(one.end, one.start + YEAR) for one in set(before.closures) ^ set(after.closures)]
        ends += [wall.replace(tzinfo=now.tzinfo) + WEEK for wall in named + begun if wall.year < now.year + REACH]
    return max(ends)


def _face(one: Occurrence) -> tuple[object, ...]:
    """Return what people notice about a date."""
    return (one.start, one.end, one.zone, one.open_doors, one.happening, one.place, one.room, one.note, one.reason)
