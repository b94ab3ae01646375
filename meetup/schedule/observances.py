"""What a calendar must say about a zone: its offsets as yearly rules, and those that no rule can say one by one.

Everything comes from the TZif data (RFC 9636) of the pinned package, so a calendar and our own clock always agree.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from itertools import pairwise

from meetup.schedule.zones import zone

LAST_YEAR = 2037  # calendar programs look no further in a list of single dates
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- a wall time: where calendars begin
HEADER = struct.Struct(">4sc15x6I")
WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
NAME = r"(<[^>]+>|[A-Za-z]+)"
OFFSET = r"([+-]?\d+(?::\d\d)?)"
FOOTER = re.compile(rf"{NAME}{OFFSET}(?:{NAME}{OFFSET}?,([^,]+),([^,]+))?")
ONSET = re.compile(r"M(\d+)\.(\d)\.(\d)(?:/([+-]?\d+(?::\d\d)?))?")


@dataclass(frozen=True, slots=True)
class Observance:
    """One sub-component of a VTIMEZONE; `start` is shown by a clock that still has the old offset."""

    kind: str  # STANDARD or DAYLIGHT
    start: datetime
    rule: str
    name: str
    offset_from: timedelta
    offset_to: timedelta


@dataclass(frozen=True, slots=True)
class Phase:
    """An offset, its name, and whether the zone calls it summer time."""

    offset: timedelta
    name: str
    summer: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment (UTC, naive here) at which the clocks are changed."""

    at: datetime
    before: Phase
    after: Phase

    def observance(self) -> Observance:
        """Return the sub-component for this turn alone."""
        return _observance(self.before, self.after, self.at + self.before.offset, "")


@dataclass(frozen=True, slots=True)
class Yearly:
    """A change of the clocks that comes back every year: the `week`th `weekday` of a month plus a length."""

    month: int
    week: int  # 5 is the last one
    weekday: int  # 0 is Sunday
    time: timedelta  # may be negative or longer than a day
    before: Phase
    after: Phase

    def local(self, year: int) -> datetime:
        """Return what a clock with the old offset shows at the change."""
        first = datetime(year, self.month, 1)  # noqa: DTZ001 -- a wall time
        days = [first + timedelta(days=n) for n in range(31)]
        fitting = [day for day in days if day.month == self.month and day.isoweekday() % 7 == self.weekday]
        return fitting[-1 if self.week == 5 else self.week - 1] + self.time

    def turn(self, year: int) -> Turn:
        """Return the change of one year."""
        return Turn(self.local(year) - self.before.offset, self.before, self.after)

    def observances(self, year: int) -> Iterator[Observance]:
        """Yield the sub-components that say this from a year on; a change that may cross a month needs two."""
        for month, rule in self._rules():
            onsets = (self.local(y) for y in range(year, year + 40))
            start = next(onset for onset in onsets if onset.month == month)
            yield _observance(self.before, self.after, start, f"FREQ=YEARLY;BYMONTH={month};{rule}")

    def _rules(self) -> Iterator[tuple[int, str]]:
        shift = self.time // timedelta(days=1)
        if shift == 0:
            yield self.month, f"BYDAY={-1 if self.week == 5 else self.week}{WEEKDAYS[self.weekday]}"
            return
        months: dict[int, list[int]] = {}
        for day in self._window(shift):
            months.setdefault(day.month, []).append(day.day)
        weekday = WEEKDAYS[(self.weekday + shift) % 7]
        for month, days in months.items():
            yield month, f"BYMONTHDAY={','.join(map(str, days))};BYDAY={weekday}"

    def _window(self, shift: int) -> list[date]:
        """Return the seven days, in any common year, on which the shifted weekday may fall."""
        following = date(1970 + self.month // 12, self.month % 12 + 1, 1)
        first = following - timedelta(days=7) if self.week == 5 else date(1970, self.month, 7 * self.week - 6)
        return [first + timedelta(days=shift + n) for n in range(7)]


@dataclass(frozen=True, slots=True)
class Data:
    """The TZif data of one zone from 1970 on: single turns, then for ever the rules of its footer."""

    turns: tuple[Turn, ...]
    rest: Phase  # what holds after the last turn when there are no rules
    rules: tuple[Yearly, ...]

    def all_turns(self) -> tuple[Turn, ...]:
        """Return every turn up to the last year, those of the rules included."""
        last = self.turns[-1].at if self.turns else EPOCH
        coming = [rule.turn(year) for year in range(last.year, LAST_YEAR + 1) for rule in self.rules]
        later = sorted((turn for turn in coming if turn.at > last), key=_when)
        return tuple(turn for turn in (*self.turns, *later) if turn.at.year <= LAST_YEAR)

    def rules_from(self) -> int:
        """Return the first year from which the rules alone say everything."""
        seen: dict[int, set[Turn]] = {}
        for turn in self.all_turns():
            seen.setdefault(turn.at.year, set()).add(turn)
        year = LAST_YEAR + 1
        # Greenland moved its clocks on the same days as before, between other offsets: compare the whole turn.
        while year > EPOCH.year and seen.get(year - 1, set()) == {rule.turn(year - 1) for rule in self.rules}:
            year -= 1
        return year


@lru_cache(maxsize=512)
def observances(name: str, since: int) -> tuple[Observance, ...]:
    """Return the sub-components of a VTIMEZONE that is right from a year on."""
    zone(name)
    data = _read(name)
    rules_from = data.rules_from()
    if rules_from <= since:
        yearly = tuple(part for rule in data.rules for part in rule.observances(EPOCH.year))
        return _sorted(yearly or (_flat(data.rest),))
    turns = data.all_turns()
    past = [turn for turn in turns if turn.at.year < since]
    single = [turn.observance() for turn in turns if since <= turn.at.year < rules_from]
    yearly = tuple(part for rule in data.rules if rules_from <= LAST_YEAR for part in rule.observances(rules_from))
    return _sorted((_base(past, turns), *single, *yearly))


def _base(past: list[Turn], turns: tuple[Turn, ...]) -> Observance:
    """Return what held when everything else had not happened yet."""
    if not past:
        return _flat(turns[0].before)
    last = past[-1].observance()
    # Some programs refuse offsets with seconds, and those were in use somewhere until 1972.
    return _flat(past[-1].after) if last.offset_from % timedelta(minutes=1) else last


def _flat(phase: Phase) -> Observance:
    return Observance("STANDARD", EPOCH, "", phase.name, phase.offset, phase.offset)


def _observance(before: Phase, after: Phase, start: datetime, rule: str) -> Observance:
    # Ireland calls its winter time the exception; calendars expect DAYLIGHT to be the later clock.
    later = after.offset > before.offset and (after.summer or before.summer)
    kind = "DAYLIGHT" if later else "STANDARD"
    return Observance(kind, start, rule, after.name, before.offset, after.offset)


def _sorted(parts: tuple[Observance, ...]) -> tuple[Observance, ...]:
    return tuple(sorted(parts, key=lambda part: (part.start, part.rule)))


def _when(turn: Turn) -> datetime:
    return turn.at


def _read(name: str) -> Data:
    """Read the TZif data of a zone."""
    data = resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    _, version, isut, isstd, leap, times, types, chars = HEADER.unpack_from(data)
    if version < b"2":
        raise ValueError(f"the data of {name} is too old")
    # The first block holds 32-bit times and is only there for old readers.
    second = HEADER.size + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    footer = data.rsplit(b"\n", 2)[-2].decode("ascii")
    rest, rules = _footer(footer)
    return Data(_turns(data, second), rest, rules)


def _turns(data: bytes, at: int) -> tuple[Turn, ...]:
    _, _, _, _, _, times, types, chars = HEADER.unpack_from(data, at)
    at += HEADER.size
    moments = struct.unpack_from(f">{times}q", data, at)
    kinds = struct.unpack_from(f">{times}B", data, at + times * 8)
    table = list(struct.iter_unpack(">iBB", data[at + times * 9 : at + times * 9 + types * 6]))
    names = data[at + times * 9 + types * 6 :][:chars]
    phases = [Phase(timedelta(seconds=o), names[n:].split(b"\0")[0].decode(), bool(s)) for o, s, n in table]
    steps = pairwise((0, *kinds))
    return tuple(
        Turn(EPOCH + timedelta(seconds=moment), phases[before], phases[after])
        for moment, (before, after) in zip(moments, steps, strict=True)
        if moment >= 0
    )


def _footer(text: str) -> tuple[Phase, tuple[Yearly, ...]]:
    """Read a POSIX TZ string such as `CET-1CEST,M3.5.0,M10.5.0/3`."""
    found = FOOTER.fullmatch(text)
    if not found:
        raise ValueError(f"“{text}” is no zone rule")
    name, offset, summer_name, summer_offset, begins, ends = found.groups()
    usual = Phase(-_length(offset), name.strip("<>"), summer=False)
    if not summer_name:
        return usual, ()
    ahead = -_length(summer_offset) if summer_offset else usual.offset + timedelta(hours=1)
    summer = Phase(ahead, summer_name.strip("<>"), summer=True)
    return usual, (_yearly(begins, usual, summer), _yearly(ends, summer, usual))


def _yearly(text: str, before: Phase, after: Phase) -> Yearly:
    found = ONSET.fullmatch(text)
    if not found:
        raise ValueError(f"“{text}” is no yearly change")
    month, week, weekday = (int(part) for part in found.groups()[:3])
    return Yearly(month, week, weekday, _length(found[4] or "2"), before, after)


def _length(text: str) -> timedelta:
    """Read hours and minutes; a sign counts for both."""
    hours, _, minutes = text.lstrip("+-").partition(":")
    length = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -length if text.startswith("-") else length
