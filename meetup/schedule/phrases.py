"""Words → schedule: a strict grammar that understands the whole phrase or refuses it, and never guesses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from meetup.errors import NotUnderstood
from meetup.schedule import reading, rules
from meetup.schedule.clauses import Draft, read_drafts
from meetup.schedule.moments import Day
from meetup.schedule.reading import Reading
from meetup.schedule.recurrence import counted, explicit, first_on, following, slots
from meetup.schedule.series import Schedule
from meetup.schedule.tokens import Reader
from meetup.schedule.vocabulary import Vocabulary

USUAL_LENGTH = 60  # minutes
LONGEST_PHRASE = 500  # we say up to 340 letters ourselves, of two rules with four weekdays each
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a phrase says: a rule without its end ("" for one date), the first date, how long, the last day, and the
    days that are left out.
    """

    rule: str
    start: datetime
    duration: timedelta
    until: date | None = None
    skipped: tuple[date, ...] = ()


def parse(phrase: str, today: date, language: str = "") -> Parsed:
    """Understand a phrase of one rule."""
    found = understand(phrase, today, language)
    if len(found) > 1:
        raise NotUnderstood("The phrase names several times, and only one is meant here", "Write one of them")
    return found[0]


def understand(phrase: str, today: date, language: str = "") -> tuple[Parsed, ...]:
    """Understand the whole phrase, or raise NotUnderstood with what is in the way and a phrase that works.

    One with “and” between two rules gives several. The language is the one of its words; the given one where they are
    the same in several.
    """
    if not phrase.strip(" .!") or len(phrase) > LONGEST_PHRASE:
        what = "too long" if phrase.strip(" .!") else "empty"
        raise NotUnderstood(f"The phrase is {what}", reading.nearest("", _vocabulary(language)))
    read = reading.read(phrase, language)
    try:
        return _understood(read, today)
    except NotUnderstood as refusal:
        hint = refusal.hint or reading.nearest(read.phrase, read.vocabulary)
        raise NotUnderstood(refusal.message, hint) from refusal


def _vocabulary(language: str) -> Vocabulary:
    return reading.VOCABULARIES.get(language[:2].casefold(), reading.VOCABULARIES["en"])


def _understood(read: Reading, today: date) -> tuple[Parsed, ...]:
    reading.refuse_unclear(read)
    if read.unknown:
        raise NotUnderstood(reading.unknown_words(read), _suggestion(read, today))
    drafts = read_drafts(Reader(read.tokens, read.vocabulary), today)
    found = [_finished(draft, read, today) for draft in drafts]
    return _merged(_leaving_out(found, drafts))


def _suggestion(read: Reading, today: date) -> str:
    """Return the phrase with its unknown words put right or left out, when that can be understood."""
    respelled = reading.respelled(read)
    for attempt in (respelled, f"{respelled} {read.vocabulary.ways.at}"):
        if _works(attempt, today):
            return f"Did you mean: {attempt}"
    return reading.nearest(respelled, read.vocabulary)


def _works(phrase: str, today: date) -> bool:
    read = reading.read(phrase)
    if read.unknown:
        return False
    try:
        _understood(read, today)
    except NotUnderstood:
        return False
    return True


def _finished(draft: Draft, read: Reading, today: date) -> Parsed:
    ways = read.vocabulary.ways
    if draft.pattern is None:
        raise NotUnderstood("It is not said on which days", f"Add them: {ways.weekly} {read.phrase}")
    if draft.times is None:
        raise NotUnderstood("A time is missing", f"Add one: {read.phrase} {ways.at}")
    if draft.times.length and draft.length:
        raise NotUnderstood("The length is given twice: by an end and by “for”")
    clock = time(*divmod(draft.times.start, 60))
    duration = timedelta(minutes=draft.times.length or draft.length or USUAL_LENGTH)
    if draft.pattern.day is not None:
        return Parsed("", datetime.combine(_single(draft, draft.pattern.day, read, today), clock), duration)
    first = draft.first.on_or_after(today) if draft.first else None
    rule = _complete(draft.pattern.rule, first, read)
    start = _first_date(rule, datetime.combine(first or today, clock))
    return Parsed(rule, start, duration, _last_day(draft, rule, start))


def _single(draft: Draft, day: Day, read: Reading, today: date) -> date:
    if draft.first or draft.until or draft.count or draft.skipped:
        hint = f"Write “{read.vocabulary.ways.repeats}” if it repeats"
        raise NotUnderstood("A single date has no other first date and no end", hint)
    return day.on_or_after(today)


def _complete(rule: str, first: date | None, read: Reading) -> str:
    """Name the day that the first date decides: “every month from 3 September” is the 3rd."""
    found = rules.own(rule)
    if found.frequency == "DAILY" or found.shape:
        return rule
    if first is None:
        ways = read.vocabulary.ways
        example = {"WEEKLY": ways.every_week, "YEARLY": ways.yearly}.get(found.frequency, ways.monthly)
        raise NotUnderstood("It is not said on which day", f"Write for example “{example}”, or “{ways.since}”")
    return str(explicit(found, datetime.combine(first, time.min)))


def _first_date(rule: str, floor: datetime) -> datetime:
    # The first date sets the rhythm: “every other Monday”, said on a Thursday, begins next Monday.
    return first_on(rules.own(rule).without("INTERVAL"), floor)


def _last_day(draft: Draft, rule: str, start: datetime) -> date | None:
    if draft.count and draft.until:
        raise NotUnderstood("The end is given twice: by “times” and by “until”")
    if draft.count:
        return counted(rules.own(rule), start, draft.count).date()
    if draft.until is None:
        return None
    until = draft.until.on_or_after(start.date())
    if until < start.date():
        raise NotUnderstood(f"It ends on {until}, before its first date, {start:%Y-%m-%d}", "Choose a later end")
    return until


def _leaving_out(found: Sequence[Parsed], drafts: Sequence[Draft]) -> list[Parsed]:
    """Take out the days after “except”: of their own rule, or at the very end of whichever rules have them."""
    last = drafts[-1]
    pairs = list(zip(found, drafts, strict=True))
    whole = [one for one, draft in pairs if draft is last or not draft.skipped]
    shared = [_real_day(day, whole) for day in last.skipped]
    return [
        _without(one, [day for day in shared if _has(one, day)])
        if draft is last or not draft.skipped
        else _without(one, [_real_day(day, [one]) for day in draft.skipped])
        for one, draft in pairs
    ]


def _real_day(day: Day, among: Sequence[Parsed]) -> date:
    """Return the day that is to be left out, which must be one of the dates."""
    meant = day.on_or_after(min(one.start for one in among).date())
    if any(_has(one, meant) for one in among):
        return meant
    near = sorted({date_ for one in among for date_ in _near(one, meant)})
    listed = ", ".join(str(date_) for date_ in near[:4])
    hint = f"Dates near it: {listed}" if listed else "Leave it out of the phrase"
    raise NotUnderstood(f"{meant:%A %Y-%m-%d} is not one of its dates", hint)


def _without(parsed: Parsed, days: Sequence[date]) -> Parsed:
    """Leave days out; a series begins with its first date that is not."""
    if not days:
        return parsed
    whole = _schedule(parsed)
    start = next((slot for slot in following(whole, parsed.start, len(days) + 1) if slot.date() not in days), None)
    if start is None:
        raise NotUnderstood("Every date is left out", "Leave out fewer of them")
    return replace(parsed, start=start, skipped=tuple(sorted({day for day in days if day > start.date()})))


def _has(parsed: Parsed, day: date) -> bool:
    midnight = datetime.combine(day, time.min)
    return any(True for _ in slots(_schedule(parsed), midnight, midnight + ONE_DAY))


def _near(parsed: Parsed, day: date) -> list[date]:
    midnight, whole = datetime.combine(day, time.min), _schedule(parsed)
    before = list(slots(whole, midnight - timedelta(days=62), midnight))[-1:]
    return [slot.date() for slot in (*before, *following(whole, midnight, 1))]


def _schedule(parsed: Parsed) -> Schedule:
    return Schedule("parsed", "UTC", parsed.start, parsed.duration, parsed.rule, parsed.until)


def _merged(found: Sequence[Parsed]) -> tuple[Parsed, ...]:
    """Make one rule of “every Monday and every Thursday” when they are alike in all but the day."""
    merged: list[Parsed] = []
    for one in found:
        place = next((place for place, other in enumerate(merged) if _alike(one, other)), None)
        if place is None:
            merged.append(one)
        else:
            merged[place] = _joined(merged[place], one)
    return tuple(merged)


def _alike(one: Parsed, other: Parsed) -> bool:
    plain = all(
        rule.frequency == "WEEKLY" and rule.interval == 1 and rule.shape == {"BYDAY"} and "WKST" not in rule
        for rule in (rules.own(parsed.rule) for parsed in (one, other) if parsed.rule)
    )
    together = abs(one.start.date() - other.start.date()) < timedelta(days=7)
    ends = (one.start.time(), one.duration, one.until) == (other.start.time(), other.duration, other.until)
    return bool(one.rule and other.rule) and plain and together and ends and not (one.skipped or other.skipped)


def _joined(one: Parsed, other: Parsed) -> Parsed:
    days = ",".join(rules.own(parsed.rule).parts["BYDAY"] for parsed in (one, other))
    return replace(one, rule=str(rules.own(f"FREQ=WEEKLY;BYDAY={days}")), start=min(one.start, other.start))
