"""One series → the calendar entries of one reader: a master for each schedule, and overrides for what differs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Alarm, Event, vRecur, vText, vUri

from meetup.feeds import words
from meetup.feeds.views import Reader, View, line, location, relevant, view
from meetup.schedule import doors, recurrence, zones
from meetup.schedule.series import ChangeStatus, Closure, Occurrence, Place, Schedule, Series
from meetup.values import Door

DIALLED = re.compile(r"\+?[0-9,;*#]+")
INSTANT = timedelta(seconds=1)
YEARS_AHEAD = 2  # what no rule can say is written date by date, up to the end of the year after next
YEARS_LISTED = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One VEVENT in the making."""

    occurrence: Occurrence
    view: View
    overrides: bool = False  # it stands for one date of a rule
    alone: bool = False  # it stands for one date that no rule can say
    skipped: tuple[datetime, ...] = ()

    @property
    def wall_times(self) -> tuple[datetime, ...]:
        """Return every wall time that the entry names, to tell from which year on a zone must be right."""
        return (self.occurrence.start_local, self.occurrence.slot, *self.skipped)


def entries(series: Series, reader: Reader | None) -> Iterator[Entry]:
    """Yield the entries of a series, always in the same order; none when it has no door that the reader would use."""
    if not relevant(doors.usual(series), reader):
        return
    for schedule in sorted(series.schedules, key=lambda schedule: (schedule.start, schedule.uid)):
        write = _listed if recurrence.shifted(schedule) else _recurring if schedule.rule else _single
        yield from write(series, schedule, reader)


def stamp(schedule: Schedule) -> datetime:
    """Return when a schedule last changed: from the data, never from a clock, so that equal data give equal bytes."""
    return schedule.changed_at or schedule.created_at or zones.localize(schedule.start, schedule.zone)


def _single(series: Series, schedule: Schedule, reader: Reader | None) -> Iterator[Entry]:
    found = doors.occurrence(series, schedule, schedule.start)
    # One that a pause or an end left out has no date any more.
    if found is not None and recurrence.following(schedule, schedule.start, 1):
        yield Entry(found, view(found, reader))


def _listed(series: Series, schedule: Schedule, reader: Reader | None) -> Iterator[Entry]:
    """Yield one entry for each date of a rule that calendars do not know, up to a horizon that comes from outside."""
    last = (series.horizon or date(stamp(schedule).year + YEARS_AHEAD, 12, 31)).year
    begin, end = (datetime.combine(date(year, 1, 1), time.min) for year in (last - YEARS_LISTED, last + 1))
    for slot in recurrence.slots(schedule, begin, end):
        found = doors.occurrence(series, schedule, slot)
        if found is not None:
            yield Entry(found, view(found, reader), alone=True)


def _recurring(series: Series, schedule: Schedule, reader: Reader | None) -> Iterator[Entry]:
    # Readers disagree about a DTSTART that the rule does not give: begin at the first real date.
    first = next(iter(recurrence.following(schedule, schedule.start, 1)), None)
    regular = replace(series, changes=(), closures=())
    usual = doors.occurrence(regular, schedule, first) if first else None
    if usual is None:
        return
    usual_view = view(usual, reader)
    touched = [(slot, doors.occurrence(series, schedule, slot)) for slot in _touched(series, schedule)]
    yield Entry(usual, usual_view, skipped=tuple(slot for slot, found in touched if found is None))
    for found in (found for _, found in touched if found):
        seen = view(found, reader)
        # What this reader does not see as different needs no entry: a shared phone learns nothing from a closed door.
        if seen != usual_view or found.moved or found.end - found.start != schedule.duration:
            yield Entry(found, seen, overrides=True)


def _touched(series: Series, schedule: Schedule) -> list[datetime]:
    """Return the slots of a schedule with a change of their own or under a closure, in order."""
    named = {change.slot for change in series.changes if change.status is not ChangeStatus.RESTORED}
    slots = {slot for slot in named if slot in recurrence.slots(schedule, slot, slot + INSTANT)}
    for closure in series.closures:
        if _concerns(closure, series):
            slots.update(recurrence.slots(schedule, closure.start, closure.end))
    return sorted(slots)


def _concerns(closure: Closure, series: Series) -> bool:
    there = series.place if closure.door is Door.IN_PERSON else series.room
    return there is not None and there.key == closure.key


def event(entry: Entry) -> bytes:
    """Write one entry."""
    schedule = entry.occurrence.schedule
    made = Event()
    made.add("uid", _alone(schedule.uid, entry.occurrence.slot) if entry.alone else schedule.uid)
    if entry.overrides:
        _add_wall(made, "recurrence-id", entry.occurrence.slot, schedule)
    _add_history(made, schedule)
    repeats = bool(schedule.rule) and not (entry.overrides or entry.alone)
    _add_times(made, entry.occurrence, repeats=repeats)
    if repeats:
        made.add("rrule", _rule(schedule))
        if entry.skipped:
            _add_wall(made, "exdate", list(entry.skipped), schedule)
    _add_view(made, entry.view, entry.occurrence.series.language)
    if schedule.follows:
        made.add("related-to", vText(schedule.follows, params={"RELTYPE": "SIBLING"}))
    if entry.view.alarm:
        made.add_component(_alarm(entry.view.alarm, entry.view.summary))
    return bytes(made.to_ical(sorted=False))


def _alone(uid: str, slot: datetime) -> str:
    """Name one date of a schedule for ever: `w2f6c-20270104@meetup.example.org`."""
    name, at, domain = uid.partition("@")
    return f"{name}-{slot:%Y%m%d}{at}{domain}"


def _add_history(made: Event, schedule: Schedule) -> None:
    """Say when and how often it changed: alike in all entries of one UID, since some programs compare them."""
    changed = stamp(schedule)
    made.add("dtstamp", changed)
    if schedule.created_at:
        made.add("created", schedule.created_at)
    made.add("last-modified", changed)
    made.add("sequence", schedule.sequence)


def _add_times(made: Event, occurrence: Occurrence, *, repeats: bool) -> None:
    schedule, length = occurrence.schedule, occurrence.end - occurrence.start
    _add_wall(made, "dtstart", occurrence.start_local, schedule)
    ends = zones.wall(occurrence.end, schedule.zone)
    # The clocks may show an end twice, and mean the first one when they are asked. And a first date during which they
    # are turned would give its odd difference of wall times to every later one, in programs that count so.
    odd = repeats and ends - occurrence.start_local != length
    if odd or zones.localize(ends, schedule.zone) != occurrence.end:
        made.add("duration", length)
    else:
        _add_wall(made, "dtend", ends, schedule)


def _add_wall(made: Event, name: str, wall: datetime | list[datetime], schedule: Schedule) -> None:
    # With the zone's own name: the package writes Accra and Reykjavik as UTC, which programs show in the zone of the
    # calendar and then move with its summer time.
    if schedule.zone != "UTC":
        made.add(name, wall, parameters={"TZID": schedule.zone})
        return
    # The package leaves the Z out of a list whose zone is only named, and then no program finds those dates.
    universal = [one.replace(tzinfo=UTC) for one in (wall if isinstance(wall, list) else [wall])]
    made.add(name, universal if isinstance(wall, list) else universal[0])


def _rule(schedule: Schedule) -> vRecur:
    rule: vRecur = vRecur.from_ical(schedule.rule)
    if schedule.until:
        # The end of the last local day: readers disagree about an UNTIL that is itself a start.
        last = datetime.combine(schedule.until, time(23, 59, 59))
        rule["UNTIL"] = [zones.localize(last, schedule.zone)]
    if rule["FREQ"] == ["WEEKLY"]:
        rule.setdefault("WKST", ["MO"])
    return rule


def _add_view(made: Event, seen: View, language: str) -> None:
    made.add("summary", seen.summary)
    if seen.lines:
        made.add("description", "\n".join(seen.lines))
    if seen.location:
        made.add("location", seen.location)
    _add_conferences(made, seen, words.of(language))
    if seen.place:
        _add_map(made, seen.place)
    if seen.categories:
        made.add("categories", list(seen.categories))
    made.add("status", "CANCELLED" if seen.cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT" if seen.cancelled else "OPAQUE")
    made.add("x-microsoft-cdo-busystatus", "FREE" if seen.cancelled else "BUSY")


def _alarm(ahead: timedelta, title: str) -> Alarm:
    """Ring with the words of the title: they stand on the lock screen as well."""
    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("description", title)
    made.add("trigger", -ahead)
    return made


def _add_conferences(made: Event, seen: View, said: words.Words) -> None:
    if seen.link:
        made.add("url", seen.link)
        # As one list and not through the package's own constructor, which writes FEATURE="AUDIO,VIDEO".
        params = {"VALUE": "URI", "FEATURE": ["AUDIO", "VIDEO"], "LABEL": said.join}
        made.add("conference", vUri(seen.link, params=params))
        made.add("x-google-conference", vUri(seen.link))
    for number in seen.phones:
        dialled = re.sub(r"[ ()./-]", "", number)
        if DIALLED.fullmatch(dialled):
            params = {"VALUE": "URI", "FEATURE": ["PHONE"], "LABEL": said.dial_in}
            made.add("conference", vUri(f"tel:{dialled}", params=params))


def _add_map(made: Event, place: Place) -> None:
    if place.latitude is None or place.longitude is None:
        return
    made.add("geo", (place.latitude, place.longitude))
    params = {
        "VALUE": "URI",
        "X-ADDRESS": _parameter(place.address or location(place)),
        "X-APPLE-RADIUS": "100",
        "X-TITLE": _parameter(place.name or location(place)),
    }
    point = vUri(f"geo:{place.latitude},{place.longitude}", params=params)
    made.add("x-apple-structured-location", point)


def _parameter(text: str) -> str:
    """Return a text that needs no RFC 6868 escapes: older programs show them as they are."""
    return line(text).replace('"', "'").replace("^", "")


def last_change(series: Series) -> datetime | None:
    """Return when anything of a series last changed."""
    return max((stamp(schedule).astimezone(UTC) for schedule in series.schedules), default=None)
