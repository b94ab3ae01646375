"""What organizers say about schedules, dates and places, read; and changes tried out without being kept."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby

from commands.context import Context
from commands.options import names_a_time, wall_time
from meetup import agenda, dates, groups, naming
from meetup.errors import Forbidden, NotFound, NotUnderstood, UsageError
from meetup.meetings import ONE_DAY, TWO_YEARS, Timing, schedules
from meetup.places import rooms, venues
from meetup.schedule import phrases, recurrence, zones
from meetup.schedule.describe import describe_all
from meetup.schedule.zones import Trouble
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, OnlineRoom, Venue
from meetup.wording import languages


@dataclass(frozen=True, slots=True)
class RuleText:
    """A schedule given as an RFC 5545 rule."""

    rule: str
    start: str
    minutes: int

    def timing(self, zone: str, since: date | None) -> Timing:
        """Read it; an end in the rule becomes the last day."""
        if not self.start:
            raise UsageError("A rule needs its first date and time", "Add --start “2026-12-03 19:00”")
        settled = recurrence.settle(self.rule, wall_time(self.start), after=since, zone=zone)
        return Timing(settled.rule, settled.start, timedelta(minutes=self.minutes), settled.until, zone)


@contextlib.contextmanager
def attempt(here: Context, *, dry_run: bool) -> Iterator[Session]:
    """Open a session that writes; with --dry-run all of it is taken back at the end."""
    with here.writing() as session:
        yield session
        if dry_run:
            session.rollback()


def timings(texts: Sequence[str], zone: str, since: date | None, now: datetime) -> list[Timing]:
    """Read phrases. What repeats begins with the next date that is not over; what happens once must be to come."""

    def read(text: str) -> list[Timing]:
        return _timings(text, zone, since, now)

    try:
        return [timing for text in texts for timing in read(text)]
    except NotUnderstood as refusal:
        if len(texts) == 1:
            raise
        return _unquoted(texts, read, refusal)


def _unquoted(texts: Sequence[str], read: Callable[[str], list[Timing]], refusal: NotUnderstood) -> list[Timing]:
    """Read words that are one phrase whose quotes were forgotten, or refuse and ask for the quotes."""
    try:
        return read(" ".join(texts))
    except NotUnderstood as error:
        if all(" " in text for text in texts):
            raise refusal from error
        cause = refusal if any(" " in text for text in texts) else error
        hint = f'Put quotes around each phrase, as in "every Thursday 19:00". {cause.hint}'
        raise NotUnderstood(cause.message, hint.strip()) from error


def _timings(text: str, zone: str, since: date | None, now: datetime) -> list[Timing]:
    """Read one phrase, which may name several times; what has begun today already begins with its next date."""
    today = since or zones.wall(now, zone).date()
    found = phrases.understand(text, today)
    if since is None and any(one.rule and zones.localize(one.start, zone) <= now for one in found):
        later = phrases.understand(text, today + ONE_DAY)
        found = tuple(
            new if old.rule and zones.localize(old.start, zone) <= now else old
            for old, new in zip(found, later, strict=True)
        )
    over = next((one for one in found if not one.rule and zones.localize(one.start, zone) <= now), None)
    if over:
        raise Forbidden(f"{over.start:%A %Y-%m-%d %H:%M} is over", "Choose a date to come")
    return [_timing(one, zone) for one in found]


def _timing(parsed: phrases.Parsed, zone: str) -> Timing:
    return Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, zone, parsed.skipped)


def said(*timings: Timing) -> str:
    """Say when it happens: “every Thursday, 19:00–20:30, except 24 December 2026 (New York time)”."""
    by_zone = [(zone, list(group)) for zone, group in groupby(timings, key=lambda one: one.zone)]
    return "; ".join(f"{words(group)} ({languages.zone_words(zone, 'en')})" for zone, group in by_zone)


def words(timings: Iterable[Timing]) -> str:
    """Say when it happens, without the zone."""
    return describe_all([(one.schedule("described"), one.skipped) for one in timings])


def surprises(timing: Timing, now: datetime) -> list[str]:
    """Say what the clocks will do to a schedule within two years: times that do not exist, or exist twice."""
    begin = max(timing.start, zones.wall(now, timing.zone))
    slots = recurrence.slots(timing.schedule("looked at"), begin, begin + TWO_YEARS)
    return [told for told in (surprise(slot, timing.zone) for slot in slots) if told]


def surprise(wall: datetime, zone: str) -> str:
    """Say what the clocks do to one wall time; empty when they leave it alone."""
    trouble = zones.trouble(wall, zone)
    when = f"On {wall:%A %Y-%m-%d} the clocks of {zones.city(zone)}"
    if trouble is Trouble.GAP:
        real = zones.wall(zones.localize(wall, zone), zone)
        return f"{when} jump over {wall:%H:%M}: it begins at {real:%H:%M}"
    if trouble is Trouble.FOLD:
        return f"{when} show {wall:%H:%M} twice: it begins at the first"
    return ""


def today(session: Session, meeting: Meeting, now: datetime) -> date:
    """Return the day it is where a meeting takes place."""
    return zones.wall(now, schedules(session, meeting)[-1].zone).date()


def slot(session: Session, meeting: Meeting, on: str, now: datetime) -> dates.Slot:
    """Return the date that `--on` names: a day, or a day and a time when there are two on it."""
    named = wall_time(on, today(session, meeting, now))
    return dates.slot_on(session, meeting, named.date(), named.time() if names_a_time(on) else None)


def moment(text: str, usual: datetime) -> datetime:
    """Read where a date moves to; a day alone keeps the usual time, and a time alone the usual day."""
    clock = re.fullmatch(r"(\d{1,2}):([0-5]\d)", text.strip())
    if clock and int(clock[1]) < 24:
        return datetime.combine(usual.date(), time(int(clock[1]), int(clock[2])))
    named = wall_time(text, usual.date())
    return named if names_a_time(text) else datetime.combine(named.date(), usual.time())


def next_day(session: Session, meeting: Meeting, now: datetime) -> date | None:
    """Return the day of the next slot that has not begun, skipped or cancelled as it may be; None when none is left."""
    series = agenda.one_series(session, naming.key(meeting))
    coming = (recurrence.following(one, zones.wall(now, one.zone), 1) for one in series.schedules)
    return min((found[0].date() for found in coming if found), default=None)


def changed(old: Sequence[Timing], phrase: str, zone: str, since: date) -> list[Timing]:
    """Return other times for a series: a phrase, another zone, or both; its last day stays unless another is said."""
    if not phrase:
        return [replace(one, zone=zones.place(zone)) for one in old]
    there = zones.place(zone) if zone else old[0].zone
    ends = {one.until for one in old}
    end = ends.pop() if len(ends) == 1 else None
    said_anew = [_timing(one, there) for one in phrases.understand(phrase, since)]
    return [replace(one, until=one.until or end) for one in said_anew]


def group(session: Session, name: str) -> Group:
    """Return the group of that name."""
    with _hinting(f'Add it first: `meetup group add "{name}"`'):
        return groups.find(session, name)


def venue(session: Session, name: str) -> Venue | None:
    """Return the venue of that name, or None when no name was given."""
    with _hinting(f'Add it first: `meetup venue add "{name}" --address "12 Elm Street, Troy"`'):
        return venues.find(session, name) if name else None


def room(session: Session, name: str) -> OnlineRoom | None:
    """Return the room of that name, or None when no name was given."""
    with _hinting(f'Add it first: `meetup room add "{name}" https://zoom.us/j/123456789`'):
        return rooms.find(session, name) if name else None


@contextlib.contextmanager
def _hinting(hint: str) -> Iterator[None]:
    """Say how to make what was not found, unless something with a similar name is there."""
    try:
        yield
    except NotFound as error:
        if error.hint.startswith("Did you mean"):
            raise
        raise NotFound(error.message, hint) from error
