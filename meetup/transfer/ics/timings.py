"""When a series happens: by which clocks its times are read, and what its rule comes to."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from meetup.errors import NotUnderstood
from meetup.meetings import Timing
from meetup.schedule import recurrence, rules, zones
from meetup.schedule.rules import WEEKDAYS
from meetup.transfer.fields import Said
from meetup.transfer.ics.clocks import Clocks
from meetup.transfer.ics.events import Event
from meetup.transfer.ics.values import Stamp

CENTURY = timedelta(days=36525)

OFF_RULE = "Its first date does not follow its rule: taken as a single date beside it"
FAR_END = "Its end lies more than a hundred years ahead: taken as without an end"
IN_UTC = (
    "Its times are in UTC all year, so where summer time holds the clocks show another hour then;"
    " --zone PLACE --wall-clock keeps the hour"
)
MOVED_CLOCKS = "Its times were in UTC, and keep to the clocks of one place from now on"


_TIMES = {"BYHOUR": "hour", "BYMINUTE": "minute", "BYSECOND": "second"}
_SHIFTING = ("DAILY", "WEEKLY")


class NoDates(NotUnderstood):
    """A rule that is well-formed, and that no date was found for: looking for one takes long."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How the times of one series are read: by which clocks, and how far they were set aside."""

    zone: str  # of the courses
    source: str  # of the file
    shift: timedelta = timedelta(0)

    def wall(self, stamp: Stamp) -> datetime:
        return stamp.on(self.source) + self.shift


def frame_of(master: Event, clocks: Clocks, said: Said, *, wall_clock: bool) -> Frame:
    """Return how the times of a series are read."""
    start = master.start
    if start.zone != "UTC":
        return Frame(start.zone, start.zone)
    if not (master.rules or master.extra):
        # A single moment is the same by any clock: show it by the one that people there look at.
        return Frame(clocks.local, clocks.local)
    if not wall_clock:
        said.extend([(IN_UTC, f"{start.wall:%H:%M}")] if _has_summer(clocks.local, clocks.now) else [])
        return Frame("UTC", "UTC")
    said.append((MOVED_CLOCKS, f"{start.wall:%H:%M}"))
    return Frame(clocks.local, "UTC", start.on(clocks.local) - start.wall)


def _has_summer(zone: str, now: datetime) -> bool:
    year = (zones.zone(zone).utcoffset((now + timedelta(days=30 * month)).replace(tzinfo=None)) for month in range(12))
    return len(set(year)) > 1


def settled(told: str, single: Timing, frame: Frame, said: Said) -> Timing:
    """Return what a rule comes to: checked, from its first real date, to its last day."""
    start, before = single.start, single.start - frame.shift
    rule = shifted(_plain(told, before), start.date() - before.date())
    read = rules.read(rule)
    if read.parts.get("WKST") == "MO":
        read = read.without("WKST")  # weeks begin so anyway
    if "UNTIL" in read and _last_day(read.parts["UNTIL"]) > start.date() + CENTURY:
        said.append((FAR_END, ""))
        read = read.without("UNTIL")
    try:
        found = recurrence.settle(str(read), start, zone=frame.zone)
    except NotUnderstood as error:
        raise NoDates(error.message, error.hint) from error
    if found.start != start:
        said.append((OFF_RULE, f"{start:%Y-%m-%d %H:%M}"))
    return replace(single, rule=found.rule, start=found.start, until=found.until)


def _plain(told: str, start: datetime) -> str:
    """Return a rule without parts that only repeat the time of its start, or say nothing."""
    parts = told.upper().removeprefix("RRULE:").strip().strip(";").split(";")
    return ";".join(part for part in parts if not part.startswith("X-") and not _repeats(part, start))


def _repeats(part: str, start: datetime) -> bool:
    name, _, value = part.partition("=")
    told = name in _TIMES and len(value) <= 2 and value.isdecimal()
    return told and int(value) == getattr(start, _TIMES[name])


def shifted(rule: str, by: timedelta) -> str:
    """Return a rule whose days lie later or earlier, or refuse when no rule can say that."""
    if not by:
        return rule
    read = rules.read(rule)
    if read.shape - {"BYDAY"} or read.frequency not in _SHIFTING or (read.shape and read.frequency == "DAILY"):
        raise NotUnderstood("Its times fall on another day there, and its rule cannot be moved with them")
    moved = {"WKST": WEEKDAYS[(read.week_start + by.days) % 7]} if read.interval > 1 and read.shape else {}
    days = ",".join(WEEKDAYS[(weekday + by.days) % 7] for _, weekday in read.days)
    return str(read.having({**moved, **({"BYDAY": days} if days else {})}))


def _last_day(until: str) -> date:
    found = rules.until_of(until)
    return found.date() if isinstance(found, datetime) else found
