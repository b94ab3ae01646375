"""A whole file → meetings: which entries belong together, what is over, what would be told twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from meetup.errors import MeetupError, NotUnderstood, UsageError
from meetup.feeds.collect import KEPT
from meetup.schedule import recurrence, zones
from meetup.transfer.fields import Said
from meetup.transfer.ics import clocks, courses, events, lines, values
from meetup.transfer.ics.clocks import Clocks
from meetup.transfer.ics.events import Event
from meetup.transfer.ics.lines import Component
from meetup.transfer.ics.programme import LONGEST_NAME, Course, Left, Programme, Reading
from meetup.transfer.ics.timings import NoDates
from meetup.transfer.listings import Rejected, Remark

MOST_LISTED = 20_000  # single dates (EXDATE, RDATE) in a whole file
MOST_COURSES = 1000
MOST_WITHOUT_DATES = 5

GUESSED = "The file is no text in UTF-8: read as Windows-1252, so look at its accents"
OTHERS = "To-dos, journals and busy times are left out"
ZONE_TAKEN = "A time zone has a name of its own in the file, and is taken as the place with the same clocks"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the organizer says about a file, and what holds here."""

    here: str  # the organization's zone
    now: datetime
    zone: str = ""
    wall_clock: bool = False

    def __post_init__(self) -> None:
        if self.wall_clock and not self.zone:
            raise UsageError("By which clocks shall times in UTC stay?", "Add --zone, as in --zone America/New_York")


@dataclass(slots=True)
class _Report:
    """What is said about the entries of a file, by their number."""

    rejected: list[Rejected] = field(default_factory=list)
    left: list[Rejected] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    broken: dict[str, int] = field(default_factory=dict)  # UIDs of which an entry was rejected
    off: dict[str, Left] = field(default_factory=dict)  # UIDs whose master was left out

    def leave(self, course: Course, reason: Left) -> None:
        self.left.extend(Rejected(row, course.title, reason.value) for row in course.rows)

    def note(self, row: int, name: str, said: Said) -> None:
        self.remarks.extend(Remark(row, name, text, about) for text, about in dict.fromkeys(said))


def read(data: bytes, wishes: Wishes) -> Reading:
    """Read a calendar; entries are numbered as they follow in the file."""
    document = lines.read(data)
    _refuse_too_much(document.calendars)
    report = _Report()
    report.note(0, "", [(GUESSED, "")] if document.guessed else [])
    entries = [(calendar, part) for calendar in document.calendars for part in calendar.parts if part.name == "VEVENT"]
    if not entries:
        raise NotUnderstood("The calendar holds no events", lines.HINT)
    name = _name(document.calendars)
    found: list[Course] = []
    numbered = list(enumerate(entries, 1))
    for calendar in document.calendars:
        mine = [(row, part) for row, (whose, part) in numbered if whose is calendar]
        told = clocks.clocks(calendar, wishes.here, wishes.now, wishes.zone)
        found += _courses(_events(mine, told, name, report), told, wishes, report)
        _note_clocks(calendar, told, report)
    programmes = _programmes(_once(_living(found, wishes.now, report), wishes.now, report), wishes.now, report)
    return Reading(
        name,
        len(entries),
        tuple(sorted(programmes, key=lambda one: one.row)),
        tuple(sorted(report.rejected, key=lambda one: one.row)),
        tuple(sorted(report.left, key=lambda one: one.row)),
        _standing(report),
    )


def _refuse_too_much(calendars: Sequence[Component]) -> None:
    if any(values.line(calendar, "METHOD").upper() == "CANCEL" for calendar in calendars):
        raise NotUnderstood("The file takes dates back (METHOD:CANCEL)", "Cancel them with `meetup meeting cancel`")
    listed = (one for calendar in calendars for part in calendar.parts for one in part.all("EXDATE", "RDATE"))
    if sum(one.value.count(",") + 1 for one in listed) > MOST_LISTED:
        raise NotUnderstood(f"The calendar lists more than {MOST_LISTED} single dates")


def _name(calendars: Sequence[Component]) -> str:
    names = (values.line(calendar, *("X-WR-CALNAME", "NAME"))[:LONGEST_NAME] for calendar in calendars)
    return next((name for name in names if name), "")


def _events(parts: Iterable[tuple[int, Component]], told: Clocks, name: str, report: _Report) -> Iterator[Event]:
    for row, part in parts:
        said: Said = []
        title = events.title_of(part)
        try:
            found = events.read(row, part, told, name, said)
        except UsageError as error:
            raise UsageError(f"“{title}” (entry {row}): {error.message}", error.hint) from error
        except MeetupError as error:
            report.rejected.append(Rejected(row, title, error.message))
            report.broken[values.line(part, "UID")] = row
            continue
        if isinstance(found, Left):
            report.left.append(Rejected(row, title, found.value))
            report.off[values.line(part, "UID")] = found
            continue
        report.note(row, title, said)
        yield found


def _courses(found: Iterable[Event], told: Clocks, wishes: Wishes, report: _Report) -> Iterator[Course]:
    by_uid: dict[str, list[Event]] = defaultdict(list)
    for event in found:
        by_uid[event.uid].append(event)
    without_dates = 0
    for uid, same in by_uid.items():
        said: Said = []
        try:
            made = _of_uid(uid, same, (told, wishes), said, report)
        except MeetupError as error:
            report.rejected.extend(Rejected(one.row, one.title, error.message) for one in same)
            without_dates += isinstance(error, NoDates)
            # Looking for a date that never comes takes a second each.
            if without_dates > MOST_WITHOUT_DATES:
                raise NotUnderstood(
                    f"More than {MOST_WITHOUT_DATES} of its rules give no date", error.message
                ) from error
            continue
        report.note(same[0].row, same[0].title, said)
        yield from (replace(course, rows=_rows(course, same)) for course in made)


def _of_uid(uid: str, same: Sequence[Event], how: tuple[Clocks, Wishes], said: Said, report: _Report) -> list[Course]:
    if uid in report.broken:
        # Without that entry one of its dates would be announced that is not held so.
        raise NotUnderstood(f"Entry {report.broken[uid]} belongs to it, and cannot be taken")
    master = next((one for one in same if one.slot is None), None)
    off = report.off.get(uid) if master is None else Left.CANCELLED if master.cancelled else None
    if off is not None:
        report.left.extend(Rejected(one.row, one.title, off.value) for one in same)
        return []
    told, wishes = how
    return courses.of_uid(same, told, said, wall_clock=wishes.wall_clock)


def _rows(course: Course, same: Sequence[Event]) -> tuple[int, ...]:
    """Return the number of an entry, and of those that change its dates."""
    masters = [one.row for one in same if one.slot is None]
    return (course.row, *(one.row for one in same if one.slot is not None and masters == [course.row]))


def _living(found: Iterable[Course], now: datetime, report: _Report) -> list[Course]:
    """Leave out what ended so long ago that no calendar shows it any more."""
    living = []
    for course in found:
        schedule = course.timing.schedule(course.uid)
        if recurrence.following(schedule, zones.wall(now - KEPT, schedule.zone), 1):
            living.append(course)
        else:
            report.leave(course, Left.OVER)
    if len(living) > MOST_COURSES:
        raise NotUnderstood(f"The calendar holds more than {MOST_COURSES} meetings to come", lines.SPLIT)
    return living


def _once(found: Iterable[Course], now: datetime, report: _Report) -> list[Course]:
    """Reject what another entry of the same title says as well: members would be told of both."""
    seen: dict[str, dict[datetime, int]] = defaultdict(dict)
    kept = []
    for course in found:
        moments, before = courses.moments(course, now), seen[course.title.casefold()]
        twin = next((before[moment] for moment in moments if moment in before), None)
        if twin is not None and twin != course.row:
            reason = f"It has the title and a time of entry {twin}: members would be told twice"
            report.rejected.extend(Rejected(row, course.title, reason) for row in course.rows)
            continue
        kept.append(course)
        before.update(dict.fromkeys(moments, course.row))
    return kept


def _programmes(found: Sequence[Course], now: datetime, report: _Report) -> Iterator[Programme]:
    """Put together what is one meeting: courses that follow one another, or have one title, at one place."""
    together: dict[object, list[Course]] = defaultdict(list)
    homes: dict[str, object] = {}
    for course in sorted(found, key=lambda one: (one.timing.start, one.row)):
        key: object = (course.title.casefold(), course.where.key)
        before = homes.get(course.follows)
        if before is not None and together[before][-1].where.key == course.where.key:
            key = before
        homes[course.uid] = key
        together[key].append(course)
    for same in together.values():
        if any(_to_come(course, now) for course in same):
            yield Programme(tuple(same))
        else:
            for course in same:
                report.leave(course, Left.OVER)


def _to_come(course: Course, now: datetime) -> bool:
    schedule = course.timing.schedule(course.uid)
    return bool(recurrence.following(schedule, zones.wall(now, schedule.zone), 1))


def _note_clocks(calendar: Component, told: Clocks, report: _Report) -> None:
    taken = [(ZONE_TAKEN, f"{name[:60]} → {zone}") for name, zone in told.guessed.items()]
    others = [(OTHERS, "")] if any(part.name in {"VTODO", "VJOURNAL", "VFREEBUSY"} for part in calendar.parts) else []
    report.note(0, "", [*taken, *others])


def _standing(report: _Report) -> tuple[Remark, ...]:
    gone = {one.row for one in (*report.rejected, *report.left)}
    return tuple(one for one in report.remarks if one.row not in gone)
