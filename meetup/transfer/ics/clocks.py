"""Whose clocks a calendar follows: the names that programs give to zones, and rules that they spell out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from meetup.errors import MeetupError, NotUnderstood, UsageError
from meetup.schedule import recurrence, rules, zones
from meetup.schedule.rules import Rule
from meetup.schedule.series import Schedule
from meetup.transfer.ics import values
from meetup.transfer.ics.lines import Component

MOST_ZONES = 100
MOST_OBSERVANCES = 400  # some programs list every change of the clocks since 1883
AHEAD = 3  # years in which two zones must agree
HOUR = timedelta(hours=1)

FLOATING_HINT = "Say which one such times are in, as in --zone America/New_York"
ZONE_HINT = "Say which one is meant, as in --zone America/New_York"
_UNIVERSAL = frozenset({"UTC", "Z", "GMT", "ETC/UTC", "ETC/GMT", "UCT", "ETC/UCT", "ZULU"})
_SHIFT = re.compile(r"([+-]?)(\d\d):?(\d\d):?(\d\d)?", re.ASCII)
_WINDOWS = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment (UTC, naive here) from which an offset holds."""

    at: datetime
    before: timedelta
    after: timedelta


@dataclass(slots=True)
class Clocks:
    """What is known about the zones of one file; `told` collects how names were understood."""

    here: str  # the organization's: wins among zones whose clocks agree
    now: datetime
    chosen: str = ""  # what the organizer said
    usual: str = ""  # what the calendar says of itself
    spelled: Mapping[str, Component] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    @property
    def local(self) -> str:
        """Return by whose clocks a single moment is best shown."""
        return self.chosen or (self.usual if self.usual != "UTC" else "") or self.here

    def of(self, tzid: str) -> str:
        """Return the zone that a TZID means, or that of a time without one."""
        if not tzid:
            return self._floating()
        if tzid not in self.told:
            self.told[tzid] = _named(tzid) or self._by_rules(tzid)
        return self.told[tzid]

    @property
    def guessed(self) -> dict[str, str]:
        """Return the names that no program knows, each with the zone that it was taken for."""
        return {tzid: zone for tzid, zone in self.told.items() if not _named(tzid)}

    def _floating(self) -> str:
        found = self.chosen or self.usual
        if not found:
            raise UsageError("It has times without a time zone", FLOATING_HINT)
        return found

    def _by_rules(self, tzid: str) -> str:
        spelled = self.spelled.get(tzid)
        alike = _alike(spelled, self.now, (self.chosen, self.usual, self.here)) if spelled else ""
        if alike or self.chosen:
            return alike or self.chosen
        raise UsageError(f"It has times in “{tzid[:60]}”, which is no time zone that is known here", ZONE_HINT)


def clocks(calendar: Component, here: str, now: datetime, chosen: str = "") -> Clocks:
    """Return the clocks of one calendar."""
    spelled = [part for part in calendar.parts if part.name == "VTIMEZONE"]
    if len(spelled) > MOST_ZONES:
        raise NotUnderstood(f"The calendar spells out more than {MOST_ZONES} time zones")
    usual = _named(values.line(calendar, "X-WR-TIMEZONE"))
    return Clocks(here, now, chosen, usual, {values.line(part, "TZID"): part for part in reversed(spelled)})


def _named(tzid: str) -> str:
    """Return the zone of a name: ours, one behind a prefix, or one of Microsoft's."""
    name = tzid.strip().strip('"').strip()
    if name.upper() in _UNIVERSAL:
        return "UTC"
    parts = name.split("/")
    endings = ("/".join(parts[start:]) for start in range(max(0, len(parts) - 3), len(parts) - 1))
    found = next((ending for ending in endings if ending in zones.known()), "")
    return found or _WINDOWS.get(name.casefold(), "")


def _alike(spelled: Component, now: datetime, first: tuple[str, ...]) -> str:
    """Return a zone whose clocks show the same as spelled-out rules in the years to come."""
    try:
        turns = sorted(_turns(spelled, now), key=_when)
    except (MeetupError, OverflowError):
        return ""
    if not turns:
        return ""
    samples = tuple((moment, _offset(turns, moment)) for moment in _moments(turns, now))
    likely = (*(name for name in first if name), *zones.common(), *(name for name in zones.known() if "/" in name))
    return next((name for name in likely if _agrees(name, samples)), "")


def _turns(spelled: Component, now: datetime) -> Iterator[Turn]:
    if len(spelled.parts) > MOST_OBSERVANCES:
        raise NotUnderstood("A time zone of the calendar has too many rules")
    for part in spelled.parts:
        before, after = _shift(part.value("TZOFFSETFROM")), _shift(part.value("TZOFFSETTO"))
        for onset in _onsets(part, now):
            yield Turn(onset - before, before, after)


def _onsets(part: Component, now: datetime) -> Iterator[datetime]:
    """Yield when the clocks are changed: the first time, and every year around now."""
    start = values.any_wall(part.value("DTSTART"))
    yield start
    for listed in part.all("RDATE")[:MOST_OBSERVANCES]:
        yield from (values.any_wall(told) for told in listed.value.split(",")[:MOST_OBSERVANCES])
    if part.value("RRULE"):
        rule = rules.read(part.value("RRULE"))
        begin, end = (datetime(now.year + years, 1, 1) for years in (-1, AHEAD + 1))  # noqa: DTZ001 -- wall times
        endless = Schedule("onset", "UTC", start, HOUR, str(rule.without("UNTIL", "COUNT")), _last_day(rule))
        yield from recurrence.slots(endless, begin, end)


def _last_day(rule: Rule) -> date | None:
    if "UNTIL" not in rule:
        return None
    until = rules.until_of(rule.parts["UNTIL"])
    return until.date() if isinstance(until, datetime) else until


def _moments(turns: list[Turn], now: datetime) -> Iterator[datetime]:
    """Yield moments that tell two zones apart: around each change of the clocks, and in every month."""
    first = now.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    yield from (first + timedelta(days=30 * month) for month in range(12 * AHEAD))
    last = first + timedelta(days=365 * AHEAD)
    for turn in turns:
        if first <= turn.at < last:
            yield from (turn.at - HOUR, turn.at + HOUR)


def _offset(turns: list[Turn], moment: datetime) -> timedelta:
    past = [turn for turn in turns if turn.at <= moment]
    return past[-1].after if past else turns[0].before


def _agrees(name: str, samples: tuple[tuple[datetime, timedelta], ...]) -> bool:
    here = zones.zone(name)
    return all(moment.replace(tzinfo=UTC).astimezone(here).utcoffset() == offset for moment, offset in samples)


def _shift(told: str) -> timedelta:
    found = _SHIFT.fullmatch(told.strip())
    if found is None:
        raise NotUnderstood("A time zone of the calendar has an offset that is none")
    shift = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -shift if found[1] == "-" else shift


def _when(turn: Turn) -> datetime:
    return turn.at
