"""The part of a phrase that says on which days: words of the grammar → a rule, or one date."""

from dataclasses import dataclass
from datetime import date

from meetup.errors import NotUnderstood
from meetup.schedule.moments import Day, day_ahead, read_day
from meetup.schedule.recurrence import check
from meetup.schedule.rules import FREQUENCIES, WEEKDAYS
from meetup.schedule.tokens import Reader, Token
from meetup.schedule.vocabulary import DAY, MONTH, WEEK, YEAR, Kind

_A_DAY = "a day such as “every Thursday”"
_DATED = "Write “every year on 24 December” or “once on 24 December 2026”"
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule, or one date; never both."""

    rule: str = ""
    day: Day | None = None


@dataclass(frozen=True, slots=True)
class _Choice:
    """Days of a month: the BY… parts, and what decides whether the words were clear enough."""

    by: str
    lone: Token | None = None  # the only ordinal before a weekday: “every second Tuesday” has two readings
    dates: bool = False  # days of the month by number: “the 15th” needs “of the month”


def read_pattern(reader: Reader, today: date) -> Pattern:
    """Read on which days it happens."""
    if reader.accept(Kind.ONCE):
        reader.accept(Kind.COMMA)
        reader.accept(Kind.ON)
        return Pattern(day=read_day(reader, today))
    if reader.at(Kind.RULE):
        return Pattern(_raw(reader))
    if reader.accept(Kind.EVERY):
        return Pattern(_every(reader, today))
    pace = reader.accept(Kind.PACE)
    if pace:
        return Pattern(_paced(reader, today, *pace.values))
    reader.accept(Kind.ON)
    return _dated(reader, today) if day_ahead(reader) else Pattern(_unled(reader))


def pattern_ahead(reader: Reader) -> bool:
    """Tell whether the next words could say on which days."""
    kinds = (Kind.EVERY, Kind.PACE, Kind.ONCE, Kind.RULE, Kind.ON, Kind.THE, Kind.ORDINAL, Kind.WEEKDAY, Kind.DAYS)
    return reader.peek().kind in kinds or day_ahead(reader)


def _raw(reader: Reader) -> str:
    rule = check(reader.take(Kind.RULE, "a rule").text)
    if "COUNT=" in rule or "UNTIL=" in rule:
        raise NotUnderstood("The end stands inside the rule", "Write “for 8 times” or “until 30 June” behind it")
    return rule


def _dated(reader: Reader, today: date) -> Pattern:
    day = read_day(reader, today)
    if day.year is None:
        raise NotUnderstood("A date without a year may be meant once or every year", _DATED)
    return Pattern(day=day)


def _unled(reader: Reader) -> str:
    """Read days that no “every” leads in."""
    if _month_choice_ahead(reader):
        return _monthly(reader, led=False)
    token = reader.peek()
    several = len(token.values) > 1 or reader.at(Kind.WEEKDAY, Kind.TO, Kind.WEEKDAY)
    if token.kind is Kind.DAYS or (token.kind is Kind.WEEKDAY and several):
        return _rule(WEEK, 1, _weekdays(reader))
    if token.kind is Kind.WEEKDAY:
        name = _NAMES[token.value]
        raise NotUnderstood(
            f"“{token.text}” may be one date or every week's", f"Write “every {name}” or “once on 2026-12-24”"
        )
    raise reader.refusal(_A_DAY)


def _every(reader: Reader, today: date) -> str:
    if day_ahead(reader):
        return _rule(YEAR, 1, _day_of_year(reader, today))
    counted_unit = reader.at(Kind.ORDINAL, Kind.UNIT) and reader.peek().value > 1
    if _month_choice_ahead(reader) and not counted_unit:
        return _monthly(reader, led=True)
    if reader.at(Kind.WEEKDAY) or reader.at(Kind.DAYS):
        return _rule(WEEK, 1, _weekdays(reader))
    if reader.at(Kind.OTHER, Kind.WEEKDAY):
        reader.accept(Kind.OTHER)
        return _rule(WEEK, 2, _weekdays(reader))
    interval = _interval(reader)
    unit = reader.take(Kind.UNIT, "a day, a week, a month or a year")
    return _paced(reader, today, interval, unit.value)


def _paced(reader: Reader, today: date, interval: int, unit: int) -> str:
    """Read what follows “every 2 weeks”; without a day the start decides."""
    if unit == DAY:
        return _rule(DAY, interval)
    named = reader.accept(Kind.ON) is not None
    if unit == WEEK:
        named = named or reader.at(Kind.WEEKDAY) or reader.at(Kind.DAYS)
        return _rule(WEEK, interval, _weekdays(reader) if named else "")
    if unit == YEAR and day_ahead(reader):
        return _rule(YEAR, interval, _day_of_year(reader, today))
    if not (named or _month_choice_ahead(reader)):
        return _rule(unit, interval)
    choice = _choice(reader)
    if unit == YEAR:
        return _rule(YEAR, interval, f"BYMONTH={_month_name(reader)}", choice.by)
    if reader.at(Kind.OF, Kind.THE, Kind.UNIT) or reader.at(Kind.OF, Kind.EVERY, Kind.UNIT):
        _months(reader)
    return _rule(MONTH, interval, choice.by)


def _monthly(reader: Reader, *, led: bool) -> str:
    choice = _choice(reader)
    interval = _months(reader)
    if led and choice.lone and choice.lone.value > 1 and interval is None:
        raise _twofold(reader, choice.lone)
    if choice.dates and interval is None:
        raise NotUnderstood("It is not clear of which month", "Write “the 15th of every month”")
    return _rule(MONTH, interval or 1, choice.by)


def _twofold(reader: Reader, ordinal: Token) -> NotUnderstood:
    name = _NAMES[reader.peek(-1).value]
    often = f"every other {name}" if ordinal.value == 2 else f"every {ordinal.value} weeks on {name}"
    return NotUnderstood(
        f"“every {ordinal.text} {name}” has two meanings",
        f"Write “{often}” or “the {ordinal.text} {name} of the month”",
    )


def _month_choice_ahead(reader: Reader) -> bool:
    skipped = 1 if reader.at(Kind.THE) else 0
    related = reader.peek(skipped + 1).kind in {Kind.BEFORE, Kind.AFTER}
    return reader.peek(skipped).kind is Kind.ORDINAL or (reader.peek(skipped).kind is Kind.WEEKDAY and related)


def _choice(reader: Reader) -> _Choice:
    """Read `the first Monday`, `the 1st and 15th`, `last day` or `the Monday before the third Tuesday`."""
    reader.accept(Kind.THE)
    if reader.at(Kind.WEEKDAY):
        return _Choice(_related(reader))
    ordinals = _ordinals(reader)
    if reader.at(Kind.WEEKDAY):
        return _nth(reader, ordinals)
    if reader.at(Kind.UNIT) and reader.peek().value == DAY:
        reader.accept(Kind.UNIT)
    if any(not -2 <= token.value <= 31 for token in ordinals):
        raise NotUnderstood(f"A month has no {ordinals[-1].text}", "Its days go from the 1st to the 31st")
    return _Choice("BYMONTHDAY=" + ",".join(str(token.value) for token in ordinals), dates=True)


def _ordinals(reader: Reader) -> list[Token]:
    found = [reader.take(Kind.ORDINAL, "a word such as “second” or “15th”")]
    while reader.another(Kind.ORDINAL):
        found.append(reader.take(Kind.ORDINAL, "a word such as “second”"))
    return found


def _nth(reader: Reader, ordinals: list[Token]) -> _Choice:
    days, lone = _numbered(reader, ordinals), ordinals[0] if len(ordinals) == 1 else None
    while reader.another(Kind.ORDINAL):
        days += _numbered(reader, _ordinals(reader))
        lone = None
    return _Choice("BYDAY=" + ",".join(days), lone)


def _numbered(reader: Reader, ordinals: list[Token]) -> list[str]:
    weekday = reader.take(Kind.WEEKDAY, "a day of the week")
    for ordinal in ordinals:
        if ordinal.value > 5:
            raise NotUnderstood(f"No month has a {ordinal.text} {weekday.text}", "There are four or five of each")
    return [f"{ordinal.value}{WEEKDAYS[weekday.value]}" for ordinal in ordinals]


def _related(reader: Reader) -> str:
    """Turn “Monday before the third Tuesday” into the seven days on which that Monday can fall."""
    wanted = reader.take(Kind.WEEKDAY, "a day of the week").value
    before = reader.accept(Kind.BEFORE)
    if not before:
        reader.take(Kind.AFTER, "“before” or “after”")
    reader.accept(Kind.THE)
    ordinal, anchor = reader.take(Kind.ORDINAL, "“first”, “second”, “third” or “fourth”"), reader.peek()
    reader.take(Kind.WEEKDAY, "a day of the week")
    apart = ((anchor.value - wanted if before else wanted - anchor.value) - 1) % 7 + 1
    first = 7 * (ordinal.value - 1) + 1 + (-apart if before else apart)
    if not (1 <= ordinal.value <= 4 and 1 <= first <= 22):
        raise NotUnderstood(
            f"“{'before' if before else 'after'} the {ordinal.text} {anchor.text}” can lie in another month",
            "Only days that always stay inside the month can be said so: choose another day to count from",
        )
    return _seven_days(wanted, first)


def _seven_days(weekday: int, first: int) -> str:
    """Return the parts for a weekday among seven days; a whole week of the month is simply its nth weekday."""
    week, rest = divmod(first - 1, 7)
    if rest == 0:
        return f"BYDAY={week + 1}{WEEKDAYS[weekday]}"
    return f"BYDAY={WEEKDAYS[weekday]};BYMONTHDAY={','.join(str(first + day) for day in range(7))}"


def _weekdays(reader: Reader) -> str:
    reader.accept(Kind.THE)
    days = reader.accept(Kind.DAYS)
    if days:
        return "BYDAY=" + ",".join(WEEKDAYS[day] for day in days.values)
    first = reader.take(Kind.WEEKDAY, "a day of the week").value
    if reader.accept(Kind.TO):
        length = (reader.take(Kind.WEEKDAY, "a day of the week").value - first) % 7
        return "BYDAY=" + ",".join(WEEKDAYS[(first + step) % 7] for step in range(length + 1))
    found = [first]
    while reader.another(Kind.WEEKDAY):
        found.append(reader.take(Kind.WEEKDAY, "a day of the week").value)
    return "BYDAY=" + ",".join(WEEKDAYS[day] for day in found)


def _months(reader: Reader) -> int | None:
    """Read `of the month`, `of every other month` or `every 3 months` as an interval; None when it is not said."""
    if not reader.accept(Kind.OF):
        return _bare_months(reader)
    if reader.at(Kind.MONTH):
        raise NotUnderstood("It is not clear in which year", "Write “every year on the first Monday of May”")
    if not reader.accept(Kind.THE):
        reader.accept(Kind.EVERY)
    interval = _interval(reader)
    _month_unit(reader)
    return interval


def _bare_months(reader: Reader) -> int | None:
    if reader.at(Kind.PACE) and reader.peek().values[1] == MONTH:
        return reader.take(Kind.PACE, "“monthly”").value
    if not reader.accept(Kind.EVERY):
        return None
    interval = _interval(reader)
    _month_unit(reader)
    return interval


def _month_unit(reader: Reader) -> None:
    if not reader.at(Kind.UNIT) or reader.peek().value != MONTH:
        raise reader.refusal("“month”")
    reader.accept(Kind.UNIT)


def _interval(reader: Reader) -> int:
    if reader.accept(Kind.OTHER):
        return 2
    number = reader.accept(Kind.NUMBER) or reader.accept(Kind.ORDINAL)
    if number and (not number.values or number.value < 1):
        raise NotUnderstood(f"“{number.text}” is not a whole number", "Write “every 2 weeks on Monday”")
    return number.value if number else 1


def _day_of_year(reader: Reader, today: date) -> str:
    day = read_day(reader, today)
    if day.year is not None or day.weekday is not None:
        raise NotUnderstood("A yearly date has neither a year nor a day of the week", _DATED)
    return f"BYMONTH={day.month};BYMONTHDAY={day.day}"


def _month_name(reader: Reader) -> int:
    reader.take(Kind.OF, "“of” and a month")
    return reader.take(Kind.MONTH, "a month").value


def _rule(unit: int, interval: int, *by: str) -> str:
    return check(";".join(part for part in (f"FREQ={FREQUENCIES[unit]}", f"INTERVAL={interval}", *by) if part))
