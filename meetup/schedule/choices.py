"""Days of a month, as they stand in a phrase: `the first Monday`, `the 1st and 15th`, `the Monday before …`."""

from dataclasses import dataclass

from meetup.errors import NotUnderstood
from meetup.schedule import beside
from meetup.schedule.beside import Beside
from meetup.schedule.rules import WEEKDAYS
from meetup.schedule.tokens import Reader, Token
from meetup.schedule.vocabulary import DAY, Kind

_COUNTED = (Kind.LENGTH, Kind.TIMES, Kind.UNIT, Kind.WEEKDAY)  # what makes a number something else than a day


@dataclass(frozen=True, slots=True)
class Choice:
    """Days of a month: the BY… parts, and what decides whether the words were clear enough."""

    days: str
    lone: Token | None = None  # the only ordinal before a weekday: “every second Tuesday” has two readings
    dates: bool = False  # days of the month by number: “the 15th” needs “of the month”
    beside: Beside | None = None


def by(choice: Choice, *, every_month: bool) -> str:
    """Return the parts of a rule."""
    return beside.parts(choice.beside, every_month=every_month) if choice.beside else choice.days


def choice_ahead(reader: Reader) -> bool:
    """Tell whether the next words choose days of a month."""
    article = reader.at(Kind.THE)
    token, following = reader.peek(article), reader.peek(article + 1)
    if token.kind is Kind.ORDINAL:
        return True
    if token.kind is Kind.WEEKDAY:
        return following.kind in {Kind.BEFORE, Kind.AFTER}
    if token.kind is Kind.UNIT:
        return token.value == DAY and following.kind in {Kind.NUMBER, Kind.ORDINAL}
    if token.kind is not Kind.NUMBER or following.kind in _COUNTED:
        return False
    return article or (following.kind is Kind.OF and reader.peek(2).kind in {Kind.EVERY, Kind.THE, Kind.UNIT})


def read_choice(reader: Reader) -> Choice:
    """Read `the first Monday`, `the 1st and 15th`, `last day`, `día 15` or `the Monday before the third Tuesday`."""
    reader.accept(Kind.THE)
    if reader.at(Kind.WEEKDAY):
        return Choice("", beside=_related(reader))
    if reader.at(Kind.UNIT) and reader.peek().value == DAY:
        reader.accept(Kind.UNIT)
    ordinals = _ordinals(reader)
    if reader.at(Kind.WEEKDAY):
        return _nth(reader, ordinals)
    if reader.at(Kind.UNIT) and reader.peek().value == DAY:
        reader.accept(Kind.UNIT)
    for token in ordinals:
        if not token.values or not -2 <= token.value <= 31 or token.value == 0:
            raise NotUnderstood(f"A month has no {token.text}", "Its days go from the 1st to the 31st")
    return Choice("BYMONTHDAY=" + ",".join(str(token.value) for token in ordinals), dates=True)


def _ordinals(reader: Reader) -> list[Token]:
    found = [reader.accept(Kind.NUMBER) or reader.take(Kind.ORDINAL, "a word such as “second” or “15th”")]
    while _another_number(reader):
        found.append(reader.accept(Kind.NUMBER) or reader.take(Kind.ORDINAL, "a word such as “second”"))
    return found


def _another_number(reader: Reader) -> bool:
    beyond = reader.beyond_and()
    counted = reader.peek(beyond).kind is Kind.NUMBER and reader.peek(beyond + 1).kind in _COUNTED
    return not counted and reader.another(Kind.ORDINAL, Kind.NUMBER)


def _nth(reader: Reader, ordinals: list[Token]) -> Choice:
    days, lone = _numbered(reader, ordinals), ordinals[0] if len(ordinals) == 1 else None
    while _another_nth(reader):
        days += _numbered(reader, _ordinals(reader))
        lone = None
    return Choice("BYDAY=" + ",".join(days), lone)


def _another_nth(reader: Reader) -> bool:
    """Step over “and the” before one more “third Wednesday”, and not before a “last day”."""
    ahead = reader.beyond_and()
    while reader.peek(ahead).kind in {Kind.ORDINAL, Kind.COMMA, Kind.AND, Kind.THE}:
        ahead += 1
    return reader.peek(ahead).kind is Kind.WEEKDAY and reader.another(Kind.ORDINAL)


def _numbered(reader: Reader, ordinals: list[Token]) -> list[str]:
    weekday = reader.take(Kind.WEEKDAY, "a day of the week")
    for ordinal in ordinals:
        if ordinal.kind is Kind.NUMBER:
            raise NotUnderstood(f"“{ordinal.text} {weekday.text}” is not clear", f"Write “{_example(reader, weekday)}”")
        if ordinal.value > 5:
            raise NotUnderstood(f"No month has a {ordinal.text} {weekday.text}", "There are four or five of each")
    return [f"{ordinal.value}{WEEKDAYS[weekday.value]}" for ordinal in ordinals]


def _example(reader: Reader, weekday: Token) -> str:
    day = reader.vocabulary.weekdays[weekday.value]
    return reader.vocabulary.ways.every.format(day=day)


def _related(reader: Reader) -> Beside:
    """Read `Monday before the third Tuesday`."""
    wanted = reader.take(Kind.WEEKDAY, "a day of the week").value
    before = reader.accept(Kind.BEFORE)
    if not before:
        reader.take(Kind.AFTER, "“before” or “after”")
    reader.skip(Kind.TO, Kind.OF, Kind.THE)
    ordinal = reader.take(Kind.ORDINAL, "“first”, “second”, “third”, “fourth”, “fifth” or “last”")
    anchor = reader.take(Kind.WEEKDAY, "a day of the week")
    if ordinal.value > 5:
        raise NotUnderstood(f"No month has a {ordinal.text} {anchor.text}", "There are four or five of each")
    apart = ((anchor.value - wanted if before else wanted - anchor.value) - 1) % 7 + 1
    return Beside(ordinal.value, anchor.value, -apart if before else apart)
