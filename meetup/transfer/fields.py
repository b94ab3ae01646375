"""Single fields of a Meeting Guide listing, in all the ways in which people write them."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import time, timedelta

from meetup.errors import NotUnderstood
from meetup.schedule.rules import WEEKDAYS
from meetup.values import clean

Row = Mapping[str, object]
Said = list[tuple[str, str]]  # what there is to remark while a row is read, and what about

HOUR = timedelta(hours=1)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_YES = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False, "n": False}
_LABELS = {
    "LOCATION TEMPORARILY CLOSED": "TC",
    "TEMPORARILY CLOSED": "TC",
    "ONLINE MEETING": "ONL",
    "ONLINE": "ONL",
    "WHEELCHAIR ACCESS": "X",
    "WHEELCHAIR ACCESSIBLE": "X",
    "WHEELCHAIR-ACCESSIBLE BATHROOM": "XB",
}
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::\d{2})?\s*(?:([ap])\.?\s?m\.?)?", re.IGNORECASE)
_PASSCODE = re.compile(
    r"(?:pass\s?-?code|pass\s?-?word|pwd|pw|pass)\s*(?::|=|\bis\b)\s*[\"“']?([^\s,;\"”']+)", re.IGNORECASE
)


def text(row: Row, name: str) -> str:
    """Return a field as one line of text; numbers are text as well, and what is missing is empty."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dict | list):
        raise NotUnderstood(f"Its {name} is not a text")
    return " ".join(clean(str(value)).split())


def yes(row: Row, name: str) -> bool | None:
    """Return whether a field says yes or no, or None when it says neither."""
    return _YES.get(text(row, name).casefold())


def codes(row: Row, name: str) -> frozenset[str]:
    """Return codes given as a list, as a text with commas, as labels or as numbers."""
    folded = (part.strip(" []").upper() for part in _parts(row, name))
    return frozenset(_LABELS.get(part, part) for part in folded if part)


def days(row: Row) -> tuple[str, ...]:
    """Return the days of the week as MO … SU: numbers from 0 (Sunday) to 6, or names, one or several."""
    found = {_day(part) for part in _parts(row, "day")}
    return tuple(day for day in WEEKDAYS if day in found)


def clock(told: str) -> time:
    """Read `19:30`, `7:30 PM` or `7pm`."""
    found = _CLOCK.fullmatch(told)
    if found is None or not (found[2] or found[3]):
        raise NotUnderstood(f"“{told}” is not a time of day")
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[3] in "pP" else 0)
    elif found[3]:
        hour = 99  # “19:00 pm” could be anything
    try:
        return time(hour, minute)
    except ValueError as error:
        raise NotUnderstood(f"“{told}” is not a time of day") from error


def length(row: Row, start: time) -> timedelta:
    """Return how long it lasts: to its end, which may lie after midnight, else its minutes, else an hour."""
    end = text(row, "end_time")
    if not end:
        minutes = number(row, "duration") or 60
        return timedelta(minutes=int(minutes)) if 1 <= minutes <= 1440 else HOUR
    ends = time.min if end == "24:00" else clock(end)
    return timedelta(minutes=(_minutes(ends) - _minutes(start)) % 1440) or HOUR


def number(row: Row, name: str) -> float | None:
    """Return a number, which may be written as a text, or None when there is none."""
    try:
        value = float(text(row, name))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def coordinates(row: Row) -> tuple[float, float] | None:
    """Return latitude and longitude when both are there and on this planet."""
    first, _, second = text(row, "coordinates").partition(",")
    together = {"latitude": first, "longitude": second} if first else row
    latitude, longitude = number(together, "latitude"), number(together, "longitude")
    # 0, 0 lies in the sea: somebody's program had nothing to say.
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def passcode(told: str) -> str:
    """Return the passcode that somebody wrote among the notes about a link; nothing when it is not clear."""
    found = {code.rstrip(".)") for code in _PASSCODE.findall(told)}
    plain = {code for code in found if "@" not in code and "/" not in code and len(code) <= 20}
    return plain.pop() if len(found) == len(plain) == 1 else ""


def digits(told: str) -> int:
    """Return how many digits there are."""
    return sum(character.isdigit() for character in told)


def _parts(row: Row, name: str) -> Iterator[str]:
    value = row.get(name)
    several = value if isinstance(value, list) else text(row, name).split(",")
    told = (text({name: part}, name) for part in several)
    return (part for part in told if part)


def _day(told: str) -> str:
    if re.fullmatch(r"[0-6]", told):
        return WEEKDAYS[(int(told) - 1) % 7]
    folded = told.casefold().removesuffix(".")
    for code, name in zip(WEEKDAYS, _NAMES, strict=True):
        if len(folded) >= 3 and f"{name}s".startswith(folded):
            return code
    raise NotUnderstood(f"“{told}” is not a day of the week: 0 is Sunday, 6 is Saturday")


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
