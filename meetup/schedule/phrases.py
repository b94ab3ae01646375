"""Words → schedule: a strict grammar that understands the whole phrase or refuses it, and never guesses."""

import difflib
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from meetup.errors import NotUnderstood
from meetup.schedule import rules
from meetup.schedule.moments import Day, Times, read_day, read_length, read_times, time_ahead
from meetup.schedule.patterns import Pattern, pattern_ahead, read_pattern
from meetup.schedule.recurrence import explicit, settle
from meetup.schedule.tokens import Reader, Token, join, tokens
from meetup.schedule.vocabulary import ENGLISH, Kind, Vocabulary

USUAL_LENGTH = 60  # minutes
LONGEST_PHRASE = 300

_Clause = TypeVar("_Clause")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a phrase says: a rule without its end ("" for one date), the first date, how long, and the last day."""

    rule: str
    start: datetime
    duration: timedelta
    until: date | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    """What has been read so far."""

    phrase: str
    pattern: Pattern | None = None
    times: Times | None = None
    length: int | None = None
    first: Day | None = None
    until: Day | None = None
    count: int | None = None


def parse(phrase: str, today: date) -> Parsed:
    """Understand the whole phrase, or raise NotUnderstood with what is in the way and a phrase that works."""
    prepared = join(phrase, ENGLISH)
    if not prepared or len(prepared) > LONGEST_PHRASE:
        what = "too long" if prepared else "empty"
        raise NotUnderstood(f"The phrase is {what}", f"Write for example: {ENGLISH.examples[0]}")
    try:
        return _understood(prepared, today)
    except NotUnderstood as refusal:
        raise NotUnderstood(refusal.message, refusal.hint or _nearest(prepared, ENGLISH)) from refusal


def _understood(phrase: str, today: date) -> Parsed:
    found = tokens(phrase, ENGLISH)
    _refuse_unclear(found, ENGLISH)
    _refuse_unknown(found, phrase, today)
    reader, draft = Reader(found), _Draft(phrase)
    while not reader.at(Kind.END):
        draft = _clause(reader, draft, today)
        reader.accept(Kind.COMMA)
    return _finished(draft, today)


def _clause(reader: Reader, draft: _Draft, today: date) -> _Draft:
    """Read one clause: on which days, when, how long, from when or until when. Their order is free."""
    if reader.accept(Kind.UNTIL):
        return replace(draft, until=_only("end", draft.until, read_day(reader, today)))
    if reader.accept(Kind.FROM):
        return _from(reader, draft, today)
    if reader.accept(Kind.FOR):
        return _for(reader, draft)
    if pattern_ahead(reader):
        return replace(draft, pattern=_only("day", draft.pattern, read_pattern(reader, today)))
    if reader.accept(Kind.AT) or time_ahead(reader):
        return replace(draft, times=_only("time", draft.times, read_times(reader)))
    raise reader.refusal("a day or a time")


def _from(reader: Reader, draft: _Draft, today: date) -> _Draft:
    if reader.at(Kind.TIME) or reader.at(Kind.NUMBER, Kind.TO):
        return replace(draft, times=_only("time", draft.times, read_times(reader)))
    reader.accept(Kind.ON)
    return replace(draft, first=_only("first date", draft.first, read_day(reader, today)))


def _for(reader: Reader, draft: _Draft) -> _Draft:
    if not reader.at(Kind.NUMBER, Kind.TIMES):
        return replace(draft, length=_only("length", draft.length, read_length(reader)))
    number = reader.take(Kind.NUMBER, "a number")
    reader.take(Kind.TIMES, "“times”")
    if not number.values or number.value < 1:
        raise NotUnderstood(f"“{number.text} times” is not possible", "Write “for 8 times”")
    return replace(draft, count=_only("end", draft.count, number.value))


def _only(what: str, before: _Clause | None, now: _Clause) -> _Clause:
    if before is not None:
        raise NotUnderstood(f"The {what} is given twice")
    return now


def _finished(draft: _Draft, today: date) -> Parsed:
    if draft.pattern is None:
        raise NotUnderstood("It is not said on which days", f"Add them: every Thursday {draft.phrase}")
    if draft.times is None:
        raise NotUnderstood("A time is missing", f"Add one: {draft.phrase} at 19:00")
    if draft.times.length and draft.length:
        raise NotUnderstood("The length is given twice: by an end and by “for”")
    clock = time(*divmod(draft.times.start, 60))
    duration = timedelta(minutes=draft.times.length or draft.length or USUAL_LENGTH)
    if draft.pattern.day is not None:
        return Parsed("", datetime.combine(_single(draft, draft.pattern.day, today), clock), duration)
    first = draft.first.on_or_after(today) if draft.first else None
    rule = _complete(draft.pattern.rule, first)
    start = _first_date(rule, datetime.combine(first or today, clock))
    return Parsed(rule, start, duration, _last_day(draft, rule, start))


def _single(draft: _Draft, day: Day, today: date) -> date:
    if draft.first or draft.until or draft.count:
        raise NotUnderstood("A single date has no other first date and no end", "Write “every …” if it repeats")
    return day.on_or_after(today)


def _complete(rule: str, first: date | None) -> str:
    """Name the day that the first date decides: “every month from 3 September” is the 3rd."""
    read = rules.read(rule)
    if read.frequency == "DAILY" or read.shape:
        return rule
    if first is None:
        by = {"WEEKLY": "every week on Thursday", "YEARLY": "every year on 24 December"}
        example = by.get(read.frequency, "every month on the first Monday")
        raise NotUnderstood("It is not said on which day", f"Write for example “{example}”, or “from 3 September”")
    return str(explicit(read, datetime.combine(first, time.min)))


def _first_date(rule: str, floor: datetime) -> datetime:
    # The first date sets the rhythm: “every other Monday”, said on a Thursday, begins next Monday.
    return settle(str(rules.read(rule).without("INTERVAL")), floor).start


def _last_day(draft: _Draft, rule: str, start: datetime) -> date | None:
    if draft.count and draft.until:
        raise NotUnderstood("The end is given twice: by “times” and by “until”")
    if draft.count:
        return settle(f"{rule};COUNT={draft.count}", start).until
    if draft.until is None:
        return None
    until = draft.until.on_or_after(start.date())
    if until < start.date():
        raise NotUnderstood(f"It ends on {until}, before its first date, {start:%Y-%m-%d}", "Choose a later end")
    return until


def _refuse_unclear(found: list[Token], vocabulary: Vocabulary) -> None:
    for token in found:
        if token.kind is Kind.UNCLEAR:
            raise NotUnderstood(f"“{token.text}” has two meanings", vocabulary.unclear[token.text.casefold()])


def _refuse_unknown(found: list[Token], phrase: str, today: date) -> None:
    unknown = [token for token in found if token.kind is Kind.UNKNOWN]
    if unknown:
        names = " and ".join(f"“{token.text}”" for token in unknown)
        verb = "is" if len(unknown) == 1 else "are"
        raise NotUnderstood(f"{names} {verb} not understood", _suggestion(phrase, unknown, today))


def _suggestion(phrase: str, unknown: list[Token], today: date) -> str:
    """Return the phrase with its unknown words put right or left out, when that can be understood."""
    respelled = _respelled(phrase, unknown, ENGLISH)
    for attempt in (respelled, f"{respelled} at 19:00"):
        if _works(attempt, today):
            return f"Did you mean: {attempt}"
    return _nearest(respelled, ENGLISH)


def _respelled(phrase: str, unknown: list[Token], vocabulary: Vocabulary) -> str:
    for token in reversed(unknown):
        close = difflib.get_close_matches(token.text.casefold(), vocabulary.words, n=1, cutoff=0.7)
        word = vocabulary.spell(close[0]) if close else ""
        phrase = phrase[: token.start] + word + phrase[token.start + len(token.text) :]
    return " ".join(phrase.split()).strip(" ,;")


def _works(phrase: str, today: date) -> bool:
    try:
        _understood(phrase, today)
    except NotUnderstood:
        return False
    return True


def _nearest(phrase: str, vocabulary: Vocabulary) -> str:
    closest = difflib.get_close_matches(phrase, vocabulary.examples, n=1, cutoff=0.0)[0]
    return f"This would be understood: {closest}"
