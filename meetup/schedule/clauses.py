"""Clauses of a phrase → drafts of schedules: on which days, when, how long, from when, until when, and except when."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from meetup.errors import NotUnderstood
from meetup.schedule.excepted import read_excepted
from meetup.schedule.moments import Day, Times, length_ahead, read_day, read_length, read_times, span_ahead, time_ahead
from meetup.schedule.patterns import Pattern, pattern_ahead, read_pattern
from meetup.schedule.tokens import Reader
from meetup.schedule.vocabulary import Kind

MOST_RULES = 7
_Clause = TypeVar("_Clause")


@dataclass(frozen=True, slots=True)
class Draft:
    """What one rule of a phrase says."""

    pattern: Pattern | None = None
    times: Times | None = None
    length: int | None = None
    first: Day | None = None
    until: Day | None = None
    count: int | None = None
    skipped: tuple[Day, ...] = ()

    def led_by(self, last: "Draft") -> "Draft":
        """Take what is said once, at the very end, for all rules: “every Monday and every Thursday at 19:00”."""
        times = self.times or last.times
        ranged = times is not None and times.length is not None
        length = self.length or (None if ranged else last.length)
        if self.pattern is not None and self.pattern.day is not None:
            return replace(self, times=times, length=length)
        ended = self.until is not None or self.count is not None
        return replace(
            self,
            times=times,
            length=length,
            first=self.first or last.first,
            until=self.until if ended else last.until,
            count=self.count if ended else last.count,
        )


def read_drafts(reader: Reader, today: date) -> list[Draft]:
    """Read the whole phrase: one draft for each rule, with “and” between them."""
    drafts = [Draft()]
    while not reader.at(Kind.END):
        if _another_rule(reader, drafts[-1]):
            drafts.append(Draft())
        drafts[-1] = _clause(reader, drafts[-1], today)
        if reader.at(Kind.COMMA) and not reader.at(Kind.COMMA, Kind.AND):
            reader.accept(Kind.COMMA)
    if len(drafts) > MOST_RULES:
        raise NotUnderstood("These are too many times for one meeting", "Add another meeting for some of them")
    if len(drafts) > 1 and drafts[-1].count and any(draft.count is None for draft in drafts):
        hint = f"Write “{reader.vocabulary.ways.until}”, or how many times for each"
        raise NotUnderstood("It is not clear whether the number counts each of them or all", hint)
    return [*(draft.led_by(drafts[-1]) for draft in drafts[:-1]), drafts[-1]]


def _another_rule(reader: Reader, draft: Draft) -> bool:
    """Step over the “and” between two rules."""
    ahead = reader.at(Kind.COMMA, Kind.AND)
    if draft.pattern is None or reader.peek(ahead).kind is not Kind.AND:
        return False
    refusal = reader.refusal("a day or a time")
    reader.skip(Kind.COMMA, Kind.AND)
    if pattern_ahead(reader):
        return True
    if draft.times is not None and time_ahead(reader):
        hint = f"Write a range as 19:00-20:30, or name the day again: “{reader.vocabulary.ways.both}”"
        raise NotUnderstood("A second time may be the end, or another meeting", hint)
    raise reader.refusal("a day or a time") if reader.at(Kind.END) else refusal


def _clause(reader: Reader, draft: Draft, today: date) -> Draft:
    """Read one clause. Their order is free."""
    for ahead, read in _CLAUSES:
        if ahead(reader):
            return read(reader, draft, today)
    raise reader.refusal("a day or a time")


def _until(reader: Reader, draft: Draft, today: date) -> Draft:
    reader.accept(Kind.UNTIL)
    return replace(draft, until=_only("end", draft.until, _day(reader, today)))


def _except(reader: Reader, draft: Draft, today: date) -> Draft:
    return replace(draft, skipped=(*draft.skipped, *read_excepted(reader, today)))


def _for(reader: Reader, draft: Draft, today: date) -> Draft:
    reader.accept(Kind.FOR)
    return (_counted if reader.at(Kind.NUMBER, Kind.TIMES) else _lasting)(reader, draft, today)


def _days(reader: Reader, draft: Draft, today: date) -> Draft:
    if draft.pattern is not None:
        raise NotUnderstood("The day is given twice", f"Put “and” between two times: {reader.vocabulary.ways.both}")
    return replace(draft, pattern=read_pattern(reader, today))


def _times(reader: Reader, draft: Draft, _: date) -> Draft:
    return replace(draft, times=_only("time", draft.times, read_times(reader)))


def _from(reader: Reader, draft: Draft, today: date) -> Draft:
    reader.skip(Kind.FROM, Kind.OF)
    if length_ahead(reader):
        return _lasting(reader, draft, today)
    article = reader.at(Kind.THE)
    timed = reader.peek(article).kind is Kind.TIME
    if timed or (reader.peek(article).kind is Kind.NUMBER and reader.peek(article + 1).kind is Kind.TO):
        reader.accept(Kind.THE)
        return replace(draft, times=_only("time", draft.times, read_times(reader)))
    draft = replace(draft, first=_only("first date", draft.first, _day(reader, today)))
    if reader.accept(Kind.TO):
        return replace(draft, until=_only("end", draft.until, _day(reader, today)))
    return draft


def _day(reader: Reader, today: date) -> Day:
    reader.accept(Kind.ON)
    return read_day(reader, today)


def _lasting(reader: Reader, draft: Draft, _: date) -> Draft:
    return replace(draft, length=_only("length", draft.length, read_length(reader)))


def _counted(reader: Reader, draft: Draft, _: date) -> Draft:
    number = reader.take(Kind.NUMBER, "a number")
    times = reader.take(Kind.TIMES, "“times”")
    if not number.values or number.value < 1:
        hint = f"Write “{reader.vocabulary.ways.times}”"
        raise NotUnderstood(f"“{number.text} {times.text}” is not possible", hint)
    return replace(draft, count=_only("end", draft.count, number.value))


def _only(what: str, before: _Clause | None, now: _Clause) -> _Clause:
    if before is not None:
        raise NotUnderstood(f"The {what} is given twice")
    return now


# Which words lead in which clause, tried in this order: “90 minutes” and “8 times” before the times of day.
_CLAUSES: tuple[tuple[Callable[[Reader], bool], Callable[[Reader, Draft, date], Draft]], ...] = (
    (lambda reader: reader.at(Kind.UNTIL), _until),
    (lambda reader: reader.at(Kind.FROM) or span_ahead(reader), _from),
    (lambda reader: reader.at(Kind.EXCEPT), _except),
    (lambda reader: reader.at(Kind.FOR), _for),
    (lambda reader: reader.at(Kind.NUMBER, Kind.TIMES), _counted),
    (length_ahead, _lasting),
    (pattern_ahead, _days),
    (lambda reader: reader.at(Kind.AT) or time_ahead(reader), _times),
)
