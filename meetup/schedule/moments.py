"""Times of day, lengths and days, as they stand in a phrase."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from meetup.errors import NotUnderstood
from meetup.schedule.tokens import Form, Reader, Token
from meetup.schedule.vocabulary import Kind, Vocabulary

NOON, MIDNIGHT = 12 * 60, 24 * 60
LONGEST = 7 * MIDNIGHT
_HOUR = 60
YEARS = range(1900, 3000)
# 2000 is a leap year: a day without a year may be 29 February.
_ANY_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Times:
    """Minutes after midnight; `length` is None when no end was given."""

    start: int
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar, perhaps without a year, perhaps with the weekday that the writer believes in."""

    month: int
    day: int
    year: int | None = None
    weekday: int | None = None

    def on_or_after(self, first: date) -> date:
        """Return the day itself, or without a year the next one."""
        if self.year is not None:
            return self._checked(date(self.year, self.month, self.day))
        candidates = (_date(year, self.month, self.day) for year in range(first.year, first.year + 9))
        return self._checked(next(day for day in candidates if day is not None and day >= first))

    def _checked(self, day: date) -> date:
        if self.weekday is not None and day.weekday() != self.weekday:
            raise NotUnderstood(f"{day:%Y-%m-%d} is a {day:%A}", "Leave out the day of the week, or correct the date")
        return day


def time_ahead(reader: Reader) -> bool:
    """Tell whether the next words are a time: `19:00`, `at 7pm`, `a las 19:00`, `a mediodía`."""
    led = Kind.AT, Kind.TO
    ahead = int(reader.peek().kind in led)
    ahead += ahead > 0 and reader.peek(1).kind is Kind.THE
    return reader.peek(ahead).kind in {Kind.TIME, Kind.NUMBER}


def length_ahead(reader: Reader) -> bool:
    """Tell whether the next words are a length that nothing leads in: `19:00, 90 minutes`."""
    return reader.at(Kind.NUMBER, Kind.LENGTH)


def span_ahead(reader: Reader) -> bool:
    """Tell whether `de 19:00 a 20:30`, `del 3 de septiembre` or `de 90 minutos` follows."""
    if not (reader.vocabulary.of_is_from and reader.at(Kind.OF)):
        return False
    article = reader.at(Kind.OF, Kind.THE)
    first, second = reader.peek(1 + article).kind, reader.peek(2 + article).kind
    return first in {Kind.TIME, Kind.DATE} or (first is Kind.NUMBER and second is not Kind.UNIT)


def read_times(reader: Reader) -> Times:
    """Read `19:00`, `at 19:00-20:30` or `7-8:30pm`."""
    reader.skip(Kind.TO if reader.at(Kind.TO) else Kind.AT, Kind.THE)
    start = _clock(reader)
    if not _range_ahead(reader):
        return Times(_single(start))
    reader.skip(Kind.TO if reader.at(Kind.TO) else Kind.UNTIL, Kind.THE)
    return _range(start, _clock(reader), reader.vocabulary)


def _range_ahead(reader: Reader) -> bool:
    """Tell whether an end follows; “until 30 June” is the end of something else."""
    if reader.at(Kind.TO):
        return True
    return reader.at(Kind.UNTIL, Kind.TIME) or reader.at(Kind.UNTIL, Kind.THE, Kind.TIME)


def read_length(reader: Reader) -> int:
    """Read `90 minutes`, `1.5 hours`, `1 hour 30 minutes` or `1h30` as minutes."""
    if reader.at(Kind.TIME) and "h" in reader.peek().text:
        return _fitting(Fraction(reader.take(Kind.TIME, "a length").value))
    total = _part_of_length(reader)
    if reader.at(Kind.AND, Kind.NUMBER, Kind.LENGTH):
        reader.accept(Kind.AND)
    if reader.at(Kind.NUMBER, Kind.LENGTH):
        total += _part_of_length(reader)
    return _fitting(total)


def day_ahead(reader: Reader, ahead: int = 0) -> bool:
    """Tell whether the next words, or those further ahead, are a day of the calendar."""
    for kind in (Kind.THE, Kind.WEEKDAY, Kind.COMMA, Kind.THE):
        ahead += reader.peek(ahead).kind is kind
    kinds = [reader.peek(ahead + step).kind for step in range(3)]
    if kinds[0] in {Kind.DATE, Kind.AWAY, Kind.MONTH}:
        return True
    figure = kinds[0] in {Kind.NUMBER, Kind.ORDINAL}
    return figure and (kinds[1] is Kind.MONTH or kinds[1:] == [Kind.OF, Kind.MONTH])


def read_day(reader: Reader, today: date) -> Day:
    """Read `2026-12-24`, `24 December`, `December 24, 2026`, `Thursday 24th of December` or `tomorrow`."""
    reader.accept(Kind.THE)
    weekday = reader.accept(Kind.WEEKDAY)
    if weekday:
        reader.skip(Kind.COMMA, Kind.THE)
    day = _day(reader, today)
    return replace(day, weekday=weekday.value) if weekday else day


def _clock(reader: Reader) -> Token:
    token = reader.accept(Kind.NUMBER) or reader.take(Kind.TIME, "a time of day")
    if token.kind is Kind.TIME:
        return token
    if not token.text.isdecimal() or token.value > 24:
        raise NotUnderstood(f"“{token.text}” is not a time of day", "Write 19:00 or 7pm")
    form = Form.BARE if 1 <= token.value <= 12 else Form.CLEAR
    if reader.at(Kind.LENGTH) and reader.peek().value == _HOUR:
        reader.accept(Kind.LENGTH)  # “a las 19 horas”
    return replace(token, kind=Kind.TIME, values=(token.value * 60, form))


def _single(clock: Token) -> int:
    minutes, form = clock.values
    if form == Form.BARE:
        raise _halves(clock)
    if minutes == MIDNIGHT:
        raise _too_late()
    return minutes


def _too_late() -> NotUnderstood:
    return NotUnderstood("A meeting cannot start at 24:00", "Write 00:00, on the following day")


def _halves(clock: Token) -> NotUnderstood:
    early, late = clock.value % NOON, clock.value % NOON + NOON
    return NotUnderstood(
        f"“{clock.text}” may be in the morning or in the evening",
        f"Write {_written(early)} or {_written(late)}",
    )


def _range(start: Token, end: Token, vocabulary: Vocabulary) -> Times:
    """Find the one reading of two times; of 7-8:30pm it is the shorter one."""
    if start.value == MIDNIGHT:
        raise _too_late()
    if Form.HALVED in {start.values[1], end.values[1]}:
        pairs = [(first, (last - first) % MIDNIGHT) for first in _readings(start) for last in _readings(end)]
        first, length = min(pairs, key=lambda pair: pair[1] or MIDNIGHT)
    else:
        first, length = start.value, _clear_length(start, end)
    if length == 0:
        whole_day = vocabulary.ways.at_for.format(begin=_written(first), length=_hours(MIDNIGHT, vocabulary))
        raise NotUnderstood(f"It cannot start and end at {_written(first)}", f"Write 19:00-20:30, or “{whole_day}”")
    if length > NOON:
        raise _half_a_day(first, length, vocabulary)
    return Times(first, length)


def _half_a_day(first: int, length: int, vocabulary: Vocabulary) -> NotUnderstood:
    """Refuse a range over most of a day: nearly always its two times are the wrong way round."""
    begin, end, said = _written(first), _written(first + length), _hours(length, vocabulary)
    meant = vocabulary.ways.at_for.format(begin=begin, length=said)
    return NotUnderstood(
        f"From {begin} to {end} would be {said}",
        f"Write the start first, as in {end}-{begin}; if it really lasts so long, “{meant}”",
    )


def _hours(length: int, vocabulary: Vocabulary) -> str:
    hours, minutes = divmod(length, 60)
    words = vocabulary.ways.hours_minutes if minutes else vocabulary.ways.hours
    return words.format(hours=hours, minutes=minutes)


def _readings(clock: Token) -> list[int]:
    minutes, form = clock.values
    return [minutes % NOON, minutes % NOON + NOON] if form == Form.BARE else [minutes]


def _clear_length(start: Token, end: Token) -> int:
    """Read 9:00-17:00 by the 24-hour clock, when one of the two is surely meant so and the result is no half day."""
    length = (end.value - start.value) % MIDNIGHT
    for clock, other in ((start, end), (end, start)):
        if clock.values[1] == Form.BARE and (other.values[1] == Form.BARE or length > NOON):
            raise _halves(clock)
    return length


def _part_of_length(reader: Reader) -> Fraction:
    number = reader.take(Kind.NUMBER, "a length such as 90 minutes")
    unit = reader.take(Kind.LENGTH, "“minutes” or “hours”")
    return (Fraction(number.value) if number.values else Fraction(number.text)) * unit.value


def _fitting(minutes: Fraction) -> int:
    if minutes.denominator != 1 or not 1 <= minutes <= LONGEST:
        raise NotUnderstood("A meeting lasts whole minutes, at least one, and at most seven days")
    return int(minutes)


def _day(reader: Reader, today: date) -> Day:
    away = reader.accept(Kind.AWAY)
    if away:
        day = today + timedelta(days=away.value)
        return Day(day.month, day.day, day.year)
    exact = reader.accept(Kind.DATE)
    if exact:
        year, month, number = exact.values
        return _real(Day(month, number, year), exact.text, reader.vocabulary)
    return _named(reader)


def _named(reader: Reader) -> Day:
    month = reader.accept(Kind.MONTH)
    number = _day_number(reader)
    if month is None:
        reader.accept(Kind.OF)
        month = reader.take(Kind.MONTH, "a month")
    return _real(Day(month.value, number.value, read_year(reader)), f"{number.text} {month.text}", reader.vocabulary)


def _day_number(reader: Reader) -> Token:
    number = reader.accept(Kind.NUMBER) or reader.take(Kind.ORDINAL, "the day of a month")
    if not number.values or number.value > 31:
        raise NotUnderstood(f"“{number.text}” is not a day of a month", _a_day(reader.vocabulary))
    return number


def read_year(reader: Reader) -> int | None:
    """Read a year behind a day, `, 2026` or `de 2026`, when there is one."""
    between = 1 if reader.at(Kind.COMMA) or reader.at(Kind.OF) else 0
    token = reader.peek(between)
    if token.kind is not Kind.NUMBER or len(token.text) != 4 or not token.values:
        return None
    reader.skip(Kind.COMMA, Kind.OF)
    return reader.take(Kind.NUMBER, "a year").value


def same_month(day: Day, figure: Token, vocabulary: Vocabulary) -> Day:
    """Return another day of the same month."""
    number = figure.value if figure.values else 0
    return _real(Day(day.month, number, day.year), figure.text, vocabulary)


def _real(day: Day, text: str, vocabulary: Vocabulary) -> Day:
    year = _ANY_YEAR if day.year is None else day.year
    if year not in YEARS or _date(year, day.month, day.day) is None:
        raise NotUnderstood(f"There is no such day as {text}", _a_day(vocabulary))
    return day


def _a_day(vocabulary: Vocabulary) -> str:
    return f"Write a day as {vocabulary.ways.day} or 2027-06-30"


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _written(minutes: int) -> str:
    hour, minute = divmod(minutes % MIDNIGHT, 60)
    return f"{hour:02}:{minute:02}"
