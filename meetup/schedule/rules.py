"""RFC 5545 rule text: read strictly, refused with a reason, written back in one canonical form."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from types import MappingProxyType

from meetup.errors import NotUnderstood

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
ORDER = (
    *("FREQ", "INTERVAL", "COUNT", "UNTIL"),
    *("BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST", "X-SHIFT"),
)
# A part of our own, for what no rule of RFC 5545 can say: each date is so many days after (or before) what the rule
# gives. Only our phrases write it; nothing from outside may, and no calendar sees it.
SHIFT = "X-SHIFT"
HINT = "A rule looks like FREQ=WEEKLY;BYDAY=TH or FREQ=MONTHLY;BYDAY=2TU,4TU"

# The largest number of each list, and whether it may count from the end.
_NUMBERS = {
    "BYMONTH": (12, False),
    "BYWEEKNO": (53, True),
    "BYYEARDAY": (366, True),
    "BYMONTHDAY": (31, True),
    "BYSETPOS": (366, True),
}
# RFC 5545, 3.3.10: which parts a frequency cannot have.
_FOREIGN = {
    "DAILY": ("BYWEEKNO", "BYYEARDAY"),
    "WEEKLY": ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"),
    "MONTHLY": ("BYWEEKNO", "BYYEARDAY"),
    "YEARLY": (),
}
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"([1-9]\d{3})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?")


@dataclass(frozen=True, slots=True)
class Rule:
    """The checked parts of a rule, in canonical order."""

    parts: Mapping[str, str]

    def __str__(self) -> str:
        return ";".join(f"{name}={value}" for name, value in self.parts.items())

    def __contains__(self, name: str) -> bool:
        return name in self.parts

    @property
    def frequency(self) -> str:
        return self.parts["FREQ"]

    @property
    def interval(self) -> int:
        return int(self.parts.get("INTERVAL", "1"))

    @property
    def week_start(self) -> int:
        """Return the first day of the week, Monday being 0."""
        return WEEKDAYS.index(self.parts.get("WKST", "MO"))

    @property
    def shape(self) -> frozenset[str]:
        """Return the names of the parts that choose days."""
        return frozenset(name for name in self.parts if name.startswith("BY"))

    @property
    def days(self) -> list[tuple[int, int]]:
        """Return BYDAY as (ordinal or 0, weekday)."""
        return [_day(text) for text in self.parts["BYDAY"].split(",")] if "BYDAY" in self.parts else []

    @property
    def shift(self) -> int:
        """Return how many days after what the rule gives it happens."""
        return int(self.parts.get(SHIFT, "0"))

    def numbers(self, name: str) -> list[int]:
        """Return a list of numbers such as BYMONTHDAY; empty when it is not there."""
        return [int(text) for text in self.parts[name].split(",")] if name in self.parts else []

    def without(self, *names: str) -> "Rule":
        return _arranged({name: value for name, value in self.parts.items() if name not in names})

    def having(self, parts: Mapping[str, str]) -> "Rule":
        """Return the rule with those parts added."""
        return _arranged({**self.parts, **parts})


def read(text: str) -> Rule:
    """Read a rule strictly; raise NotUnderstood with a sentence for anything that RFC 5545 or we refuse."""
    rule = own(text)
    if SHIFT in rule:
        raise NotUnderstood(f"{SHIFT}={rule.shift} is not understood", HINT)
    return rule


@lru_cache(maxsize=1024)
def own(text: str) -> Rule:
    """Read a rule that this program wrote: it may be shifted."""
    body = text.strip().upper().removeprefix("RRULE:")
    parts: dict[str, str] = {}
    for name, value in _pairs(body):
        if name in parts:
            raise NotUnderstood(f"{name} is given twice", HINT)
        parts[name] = _value(name, value)
    if "FREQ" not in parts:
        raise NotUnderstood(f"“{text}” is not a rule: FREQ is missing", HINT)
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    rule = _arranged(parts)
    _agree(rule)
    return rule


def until_of(text: str) -> datetime | date:
    """Return the value of UNTIL: a date, or a naive datetime whose zone its last letter tells."""
    found = _UNTIL.fullmatch(text)
    if found is None:
        raise NotUnderstood(f"UNTIL={text} is not a date", "Write it as UNTIL=20270630")
    year, month, day, *clock = (int(part) for part in found.groups() if part is not None)
    try:
        last = date(year, month, day)
        return datetime.combine(last, time(clock[0], clock[1], clock[2])) if clock else last
    except ValueError as error:
        raise NotUnderstood(f"UNTIL={text} is not a date", "Write it as UNTIL=20270630") from error


def _arranged(parts: Mapping[str, str]) -> Rule:
    return Rule(MappingProxyType({name: parts[name] for name in ORDER if name in parts}))


def _pairs(body: str) -> Iterator[tuple[str, str]]:
    for piece in body.split(";"):
        name, equals, value = piece.partition("=")
        if not equals or not value:
            raise NotUnderstood(f"“{piece}” is not a part of a rule", HINT)
        yield name, value


def _value(name: str, value: str) -> str:
    if name in _TIMES:
        raise NotUnderstood(f"{name} has no place in a rule: the time belongs to the start", HINT)
    if name in _NUMBERS:
        return _number_list(name, value)
    if name == "BYDAY":
        return _day_list(value)
    return _single(name, value)


def _single(name: str, value: str) -> str:
    if name == "FREQ":
        return _frequency(value)
    if name in {"INTERVAL", "COUNT"}:
        return _whole(name, value)
    if name == SHIFT and re.fullmatch(r"-?[1-7]", value):
        return value
    if name == "UNTIL":
        until_of(value)
        return value
    if name == "WKST" and value in WEEKDAYS:
        return value
    raise NotUnderstood(f"{name}={value} is not understood", HINT)


def _frequency(value: str) -> str:
    if value in _TOO_OFTEN:
        raise NotUnderstood(f"FREQ={value} is too often: a meeting repeats at most once a day", HINT)
    if value not in FREQUENCIES:
        raise NotUnderstood(f"FREQ={value} is not understood", HINT)
    return value


def _whole(name: str, value: str) -> str:
    if re.fullmatch(r"[0-9]{1,5}", value) is None or not 1 <= int(value) <= 9999:
        raise NotUnderstood(f"{name}={value} is not a number from 1 to 9999", HINT)
    return str(int(value))


def _number_list(name: str, value: str) -> str:
    most, backwards = _NUMBERS[name]
    numbers = {_number(name, text) for text in value.split(",")}
    if any(abs(number) > most or number == 0 or (number < 0 and not backwards) for number in numbers):
        raise NotUnderstood(f"{name}={value} is out of range", HINT)
    return ",".join(str(number) for number in sorted(numbers, key=_from_the_front))


def _number(name: str, text: str) -> int:
    if re.fullmatch(r"[+-]?[0-9]{1,3}", text) is None:
        raise NotUnderstood(f"{name}={text} is not a number", HINT)
    return int(text)


def _from_the_front(number: int) -> tuple[bool, int]:
    return number < 0, number


def _day(text: str) -> tuple[int, int]:
    found = _DAY.fullmatch(text)
    if found is None or (found[1] and int(found[1]) == 0):
        raise NotUnderstood(f"BYDAY={text} is not a day of the week", HINT)
    return int(found[1] or 0), WEEKDAYS.index(found[2])


def _day_list(value: str) -> str:
    days = {_day(text) for text in value.split(",")}
    if len({bool(ordinal) for ordinal, _ in days}) > 1:
        raise NotUnderstood(f"BYDAY={value} mixes every week with certain weeks", "Make two schedules of it")
    ordered = sorted(days, key=lambda day: (_from_the_front(day[0]), day[1]))
    return ",".join(f"{ordinal or ''}{WEEKDAYS[weekday]}" for ordinal, weekday in ordered)


def _agree(rule: Rule) -> None:
    """Refuse parts that contradict each other."""
    for name in _FOREIGN[rule.frequency]:
        if name in rule:
            raise NotUnderstood(f"{name} cannot stand beside FREQ={rule.frequency}", HINT)
    if "COUNT" in rule and "UNTIL" in rule:
        raise NotUnderstood("COUNT and UNTIL are two ends: a rule has one", HINT)
    if rule.shape == {"BYSETPOS"}:
        raise NotUnderstood("BYSETPOS chooses among days that another part must name", "Add BYDAY or BYMONTHDAY")
    # Half of the calendar programs read this as seven days, the other half as one.
    if "BYWEEKNO" in rule and "BYDAY" not in rule:
        raise NotUnderstood("BYWEEKNO does not say which day of the week is meant", "Add BYDAY")
    _agree_on_ordinals(rule)
    _agree_on_positions(rule)


def _agree_on_ordinals(rule: Rule) -> None:
    most = max((abs(ordinal) for ordinal, _ in rule.days), default=0)
    if SHIFT in rule and (most == 0 or "COUNT" in rule or "UNTIL" in rule):
        raise NotUnderstood(f"{SHIFT} needs weekdays with a number, and no end", HINT)
    if most == 0:
        return
    if rule.frequency in {"DAILY", "WEEKLY"} or "BYWEEKNO" in rule:
        raise NotUnderstood(f"BYDAY={rule.parts['BYDAY']} needs FREQ=MONTHLY or FREQ=YEARLY without BYWEEKNO", HINT)
    if most > (5 if rule.frequency == "MONTHLY" or "BYMONTH" in rule else 53):
        raise NotUnderstood(f"BYDAY={rule.parts['BYDAY']} never happens: there are not so many", HINT)


def _agree_on_positions(rule: Rule) -> None:
    """Refuse a position that no day or week can have; it would be looked for until the year 9999."""
    most = {"DAILY": 1, "WEEKLY": len(rule.days) or 1}.get(rule.frequency, 366)
    if any(abs(position) > most for position in rule.numbers("BYSETPOS")):
        raise NotUnderstood(f"BYSETPOS={rule.parts['BYSETPOS']} never happens: there are not so many days", HINT)
