"""The part of a phrase that says on which days: words of the grammar → a rule, or one date."""

from dataclasses import dataclass
from datetime import date

from meetup.errors import NotUnderstood
from meetup.schedule import choices
from meetup.schedule.choices import Choice, choice_ahead, read_choice
from meetup.schedule.moments import Day, day_ahead, read_day, span_ahead
from meetup.schedule.recurrence import check
from meetup.schedule.rules import FREQUENCIES, SHIFT, WEEKDAYS, own
from meetup.schedule.tokens import Reader, Token
from meetup.schedule.vocabulary import DAY, MONTH, WEEK, YEAR, Kind, Vocabulary

_ANY = "a day such as “every Thursday”"
_LEADS = (Kind.EVERY, Kind.PACE, Kind.ONCE, Kind.RULE, Kind.ON, Kind.THE, Kind.ORDINAL, Kind.WEEKDAY, Kind.DAYS)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule, or one date; never both."""

    rule: str = ""
    day: Day | None = None


def read_pattern(reader: Reader, today: date) -> Pattern:
    """Read on which days it happens."""
    if reader.accept(Kind.ONCE):
        reader.skip(Kind.COMMA, Kind.ON)
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
    return reader.peek().kind in _LEADS or day_ahead(reader) or choice_ahead(reader) or _week_ahead(reader)


def _raw(reader: Reader) -> str:
    rule = check(reader.take(Kind.RULE, "a rule").text)
    if "COUNT=" in rule or "UNTIL=" in rule:
        ways = reader.vocabulary.ways
        raise NotUnderstood("The end stands inside the rule", f"Write “{ways.times}” or “{ways.until}” behind it")
    return rule


def _dated(reader: Reader, today: date) -> Pattern:
    day = read_day(reader, today)
    if day.year is None:
        raise NotUnderstood("A date without a year may be meant once or every year", _once_or_yearly(reader.vocabulary))
    return Pattern(day=day)


def _once_or_yearly(vocabulary: Vocabulary) -> str:
    return f"Write “{vocabulary.ways.yearly}” or “{vocabulary.ways.once_dated}”"


def _unled(reader: Reader) -> str:
    """Read days that no “every” leads in."""
    if choice_ahead(reader):
        return _monthly(reader, led=False)
    article = reader.at(Kind.THE)
    token = reader.peek(article)
    several = len(token.values) > 1 or (article and reader.peek().values) or _week_ahead(reader)
    if token.kind is Kind.DAYS or (several and token.kind in {Kind.WEEKDAY, Kind.OF}):
        return _rule(WEEK, 1, _weekdays(reader))
    if token.kind is Kind.WEEKDAY:
        ways, name = reader.vocabulary.ways, reader.vocabulary.weekdays[token.value]
        hint = f"Write “{ways.every.format(day=name)}” or “{ways.once}”"
        raise NotUnderstood(f"“{token.text}” may be one date or every week's", hint)
    raise reader.refusal(_ANY)


def _every(reader: Reader, today: date) -> str:
    if day_ahead(reader):
        return _rule(YEAR, 1, _day_of_year(reader, today))
    counted_unit = reader.at(Kind.ORDINAL, Kind.UNIT) and reader.peek().value > 1
    if choice_ahead(reader) and not counted_unit:
        return _monthly(reader, led=True)
    if _weekdays_ahead(reader):
        return _rule(WEEK, 1, _weekdays(reader))
    interval = _interval(reader)
    if reader.at(Kind.WEEKDAY) and interval > 1:
        return _rule(WEEK, interval, _weekdays(reader))
    unit, size = reader.take(Kind.UNIT, "a day, a week, a month or a year").values
    return _paced(reader, today, interval * size, unit)


def _paced(reader: Reader, today: date, interval: int, unit: int) -> str:
    """Read what follows “every 2 weeks”; without a day the start decides."""
    if unit == DAY:
        return _rule(DAY, _clear_days(reader, interval))
    if reader.at(Kind.COMMA) and (reader.peek(1).kind in _LEADS or reader.at(Kind.COMMA, Kind.OF, Kind.WEEKDAY)):
        reader.accept(Kind.COMMA)
    named = reader.accept(Kind.ON) is not None
    if unit == WEEK:
        return _rule(WEEK, interval, _weekdays(reader) if named or _weekdays_ahead(reader) else "")
    if unit == YEAR and day_ahead(reader):
        return _rule(YEAR, interval, _day_of_year(reader, today))
    if not (named or choice_ahead(reader)):
        return _rule(unit, interval)
    choice = read_choice(reader)
    if unit == YEAR:
        return _chosen(YEAR, interval, choice, f"BYMONTH={_month_name(reader)}")
    if reader.at(Kind.OF) and (reader.peek(1).kind in {Kind.THE, Kind.EVERY, Kind.UNIT}):
        _same_months(reader)
    return _chosen(MONTH, interval, choice)


def _clear_days(reader: Reader, interval: int) -> int:
    if interval not in reader.vocabulary.unclear_days:
        return interval
    ways = reader.vocabulary.ways
    raise NotUnderstood(
        f"“{interval} días” may be counted days, or {'one week' if interval == 8 else 'two weeks'}",
        f"Write “{ways.weekly if interval == 8 else ways.two_weeks}” or “FREQ=DAILY;INTERVAL={interval}”",
    )


def _same_months(reader: Reader) -> None:
    reader.skip(Kind.OF, Kind.THE if reader.at(Kind.OF, Kind.THE) else Kind.EVERY)
    _month_unit(reader)


def _monthly(reader: Reader, *, led: bool) -> str:
    choice = read_choice(reader)
    interval = _months(reader)
    if led and choice.lone and choice.lone.value > 1 and interval is None:
        raise _twofold(reader, choice.lone)
    if choice.dates and interval is None:
        raise NotUnderstood("It is not clear of which month", f"Write “{reader.vocabulary.ways.month_day}”")
    return _chosen(MONTH, interval or 1, choice)


def _twofold(reader: Reader, ordinal: Token) -> NotUnderstood:
    ways, name = reader.vocabulary.ways, reader.vocabulary.weekdays[reader.peek(-1).value]
    often = ways.fortnightly if ordinal.value == 2 else ways.every_weeks
    said = {"day": name, "n": ordinal.value, "ordinal": ordinal.text}
    return NotUnderstood(
        f"“{ways.every_nth.format(**said)}” has two meanings",
        f"Write “{often.format(**said)}” or “{ways.of_month.format(**said)}”",
    )


def _weekdays_ahead(reader: Reader) -> bool:
    article = reader.at(Kind.THE)
    if reader.at(Kind.OTHER, Kind.WEEKDAY):
        return False
    return reader.peek(article).kind in {Kind.WEEKDAY, Kind.DAYS} or _week_ahead(reader)


def _week_ahead(reader: Reader) -> bool:
    """Tell whether `Monday to Friday` or `de lunes a viernes` follows."""
    return reader.at(Kind.WEEKDAY, Kind.TO, Kind.WEEKDAY) or reader.at(Kind.OF, Kind.WEEKDAY, Kind.TO, Kind.WEEKDAY)


def _weekdays(reader: Reader) -> str:
    reader.skip(Kind.OF, Kind.THE)
    days = reader.accept(Kind.DAYS)
    if days:
        return "BYDAY=" + ",".join(WEEKDAYS[day] for day in days.values)
    first = reader.take(Kind.WEEKDAY, "a day of the week").value
    if reader.at(Kind.TO, Kind.WEEKDAY):
        reader.accept(Kind.TO)
        length = (reader.take(Kind.WEEKDAY, "a day of the week").value - first) % 7
        return "BYDAY=" + ",".join(WEEKDAYS[(first + step) % 7] for step in range(length + 1))
    found = [first]
    while reader.another(Kind.WEEKDAY):
        found.append(reader.take(Kind.WEEKDAY, "a day of the week").value)
    return "BYDAY=" + ",".join(WEEKDAYS[day] for day in found)


def _months(reader: Reader) -> int | None:
    """Read `of the month`, `of every other month` or `every 3 months` as an interval; None when it is not said."""
    if span_ahead(reader) or not reader.accept(Kind.OF):
        return _bare_months(reader)
    if reader.at(Kind.MONTH):
        raise NotUnderstood("It is not clear in which year", f"Write “{reader.vocabulary.ways.of_year}”")
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
    unit = reader.take(Kind.UNIT, "“month”")
    if unit.values[1] > 1:
        hint = f"Write “{reader.vocabulary.ways.quarterly}”"
        raise NotUnderstood(f"It is not clear in which month a “{unit.text}” begins", hint)


def _interval(reader: Reader) -> int:
    if reader.accept(Kind.OTHER):
        return 2
    number = reader.accept(Kind.NUMBER) or reader.accept(Kind.ORDINAL)
    if number and (not number.values or number.value < 1):
        raise NotUnderstood(f"“{number.text}” is not a whole number", f"Write “{reader.vocabulary.ways.two_weeks}”")
    return number.value if number else 1


def _day_of_year(reader: Reader, today: date) -> str:
    day = read_day(reader, today)
    if day.year is not None or day.weekday is not None:
        hint = _once_or_yearly(reader.vocabulary)
        raise NotUnderstood("A yearly date has neither a year nor a day of the week", hint)
    return f"BYMONTH={day.month};BYMONTHDAY={day.day}"


def _month_name(reader: Reader) -> int:
    reader.take(Kind.OF, "“of” and a month")
    return reader.take(Kind.MONTH, "a month").value


def _chosen(unit: int, interval: int, choice: Choice, *by: str) -> str:
    return _rule(unit, interval, *by, choices.by(choice, every_month=unit == MONTH and interval == 1))


def _rule(unit: int, interval: int, *by: str) -> str:
    """Put a rule together; a shift, which only we may write, is left out where it is checked."""
    parts = ";".join(part for part in (f"FREQ={FREQUENCIES[unit]}", f"INTERVAL={interval}", *by) if part)
    plain, shift, days = parts.partition(f";{SHIFT}=")
    return str(own(f"{check(plain)}{shift}{days}"))
