"""Single values of properties: texts, wall times in their zone, lengths, numbers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from meetup.errors import NotUnderstood
from meetup.schedule import zones
from meetup.transfer.ics.lines import Component, Property
from meetup.values import clean

YEARS = range(1970, 2200)
LONGEST_TEXT = 20_000
Zone = Callable[[str], str]  # a TZID → the zone that it means; nothing stands for a time without one

_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?", re.ASCII)
_LENGTH = re.compile(
    r"([+-]?)P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?", re.ASCII
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A wall time in its zone."""

    wall: datetime
    zone: str

    @property
    def moment(self) -> datetime:
        return zones.localize(self.wall, self.zone)

    def on(self, zone: str) -> datetime:
        """Return what the clocks of another zone show then."""
        return self.wall if zone == self.zone else zones.wall(self.moment, zone)


def text(component: Component, *names: str) -> str:
    """Return a property as text, without escapes and control characters."""
    return clean(unescaped(component.value(*names)[:LONGEST_TEXT]))


def line(component: Component, *names: str) -> str:
    """Return a property as one line of text."""
    return " ".join(text(component, *names).split())


def unescaped(value: str) -> str:
    r"""Return a text without its backslashes: `\n` breaks a line, anything else stands for itself."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def when(told: Property, zone: Zone) -> list[Stamp | date]:
    """Return what a property such as EXDATE lists: wall times in a zone, or whole days."""
    return [_when(part.partition("/")[0], told.parameter("TZID"), zone) for part in told.value.split(",") if part]


def period(part: str, start: Stamp, zone: Zone) -> timedelta | None:
    """Return how long one PERIOD of an RDATE lasts; None for a plain date."""
    ends = part.partition("/")[2]
    if not ends:
        return None
    if ends.startswith(("P", "+", "-")):
        return length(ends)
    end = _when(ends, start.zone, zone)
    return end.moment - start.moment if isinstance(end, Stamp) else None


def moment(told: Property | None, zone: Zone) -> Stamp | date | None:
    """Return the one time that a property such as DTSTART tells."""
    return _when(told.value, told.parameter("TZID"), zone) if told else None


def any_wall(told: str) -> datetime:
    """Return a wall time of any year: Outlook lets its zones begin in 1601."""
    found = _MOMENT.fullmatch(told.strip().upper())
    year, month, day, hour, minute = (int(part or 0) for part in found.groups()[:5]) if found else (0, 0, 0, 0, 0)
    try:
        return datetime.combine(date(year, month, day), time(hour, minute))
    except ValueError as error:
        raise NotUnderstood(f"“{told.strip()[:40]}” is not a time") from error


def length(value: str) -> timedelta:
    """Read a duration such as PT1H30M."""
    found = _LENGTH.fullmatch(value.strip().upper())
    if found is None or value.strip().upper().endswith(("P", "T")):
        raise NotUnderstood(f"“{value[:40]}” is not a length of time")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    told = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -told if found[1] == "-" else told


def whole_minutes(told: timedelta) -> timedelta:
    """Return a length in whole minutes, rounded up."""
    return timedelta(minutes=-(-int(told.total_seconds()) // 60))


def number(component: Component, name: str, most: int) -> int:
    """Return a whole number from 0 to a largest one; 0 when it is none."""
    told = component.value(name).strip()
    return int(told) if re.fullmatch(r"[0-9]{1,10}", told) and int(told) <= most else 0


def _when(told: str, tzid: str, zone: Zone) -> Stamp | date:
    found = _MOMENT.fullmatch(told.strip().upper())
    if found is None:
        raise NotUnderstood(f"“{told.strip()[:40]}” is not a date or a time")
    wall = any_wall(told)
    if wall.year not in YEARS:
        raise NotUnderstood(f"It names the year {wall.year}; taken are {YEARS[0]} to {YEARS[-1]}")
    if found[4] is None:
        return wall.date()
    # Seconds are left out: people meet at a minute.
    return Stamp(wall, "UTC" if found[7] else zone(tzid))
