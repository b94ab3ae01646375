"""One VEVENT → what it says, checked: texts, times in their zone, rules as they stand there."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from meetup.errors import NotUnderstood
from meetup.transfer.fields import Said
from meetup.transfer.ics import doorways, values
from meetup.transfer.ics.clocks import Clocks
from meetup.transfer.ics.lines import Component, Property
from meetup.transfer.ics.programme import LONGEST_NAME, Left, Where
from meetup.transfer.ics.values import Stamp
from meetup.values import clean

MOST_DATES = 500  # of one list: EXDATE for ten years of weeks
MOST_RULES = 5
LATEST_SEQUENCE = 2**30
HOUR = timedelta(hours=1)

NOTES = "Its description is left out, for everybody could read it"
PEOPLE = "Its people are left out: nobody is entered who did not agree"
ALARMS = "Its alarms are left out: members are reminded by the rules of their group"
FILES = "Its attachments are left out"
CATEGORIES = "Its categories are left out"
TENTATIVE = "It is marked as tentative, and taken as certain"
STRANGE = "A line of it is left out, for it is no property"
NO_UID = "It has no UID: known by its title and time from now on"
NO_END = "It has no end: taken as one hour"
SECONDS = "It lasts no whole minutes: rounded up"
NO_TITLE = "It has no title: called as the calendar"

_TELLS = re.compile(r"https?://|www\.|\b(?:passcode|password|pwd)\b", re.IGNORECASE)
_LOSSES = (
    (("DESCRIPTION", "COMMENT", "X-ALT-DESC"), NOTES),
    (("ATTENDEE", "ORGANIZER", "CONTACT"), PEOPLE),
    (("ATTACH", "IMAGE"), FILES),
    (("CATEGORIES", "RESOURCES"), CATEGORIES),
)


@dataclass(frozen=True, slots=True)
class Extra:
    """A single date beside the rule; it lasts as long as the others when it says nothing else."""

    start: Stamp
    length: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What one entry says."""

    row: int
    uid: str
    title: str
    start: Stamp
    length: timedelta
    where: Where
    slot: Stamp | date | None = None  # RECURRENCE-ID: it stands for this date of another entry
    following: bool = False  # …and for all later ones
    rules: tuple[str, ...] = ()
    extra: tuple[Extra, ...] = ()
    without: tuple[Stamp | date, ...] = ()
    cancelled: bool = False
    sequence: int = 0
    created: datetime | None = None
    follows: tuple[str, ...] = ()


def read(row: int, event: Component, clocks: Clocks, name: str, said: Said) -> Event | Left:
    """Read one entry, or say why it is no meeting; refuse what cannot be taken."""
    slot = event.first("RECURRENCE-ID")
    if slot is None and event.value("CLASS").strip().upper() in {"PRIVATE", "CONFIDENTIAL"}:
        return Left.PRIVATE
    start = values.moment(event.first("DTSTART"), clocks.of)
    if start is None:
        raise NotUnderstood("It has no start (DTSTART)")
    if not isinstance(start, Stamp):
        return _all_day(slot)
    title = _title(event, name, said)
    found = Event(
        row=row,
        uid=_uid(event, said),
        title=title,
        start=start,
        length=_length(event, start, clocks, said),
        where=doorways.of(event, title, said),
        slot=values.moment(slot, clocks.of),
        following=slot is not None and slot.parameter("RANGE").upper() == "THISANDFUTURE",
        rules=_rules(event),
        extra=tuple(_extra(event, clocks)),
        without=tuple(_without(event, clocks)),
        cancelled=event.value("STATUS").strip().upper() == "CANCELLED",
        sequence=values.number(event, "SEQUENCE", LATEST_SEQUENCE),
        created=_created(event, clocks),
        follows=tuple(_follows(event)),
    )
    said.extend(_losses(event))
    return found


def _all_day(slot: Property | None) -> Left:
    if slot is not None and "T" in slot.value.upper():
        raise NotUnderstood("One of its dates lasts all day")
    return Left.ALL_DAY


def title_of(event: Component) -> str:
    """Return what an entry is called in a report, whatever else may be wrong with it."""
    return values.line(event, "SUMMARY")[:LONGEST_NAME]


def _title(event: Component, name: str, said: Said) -> str:
    title = values.line(event, "SUMMARY")
    if not title:
        said.append((NO_TITLE, ""))
        return name
    if len(title) > LONGEST_NAME:
        raise NotUnderstood(f"Its title is longer than {LONGEST_NAME} characters")
    if _TELLS.search(title):
        raise NotUnderstood("Its title holds a link or a passcode, and everybody would read it")
    return title


def _uid(event: Component, said: Said) -> str:
    uid = values.line(event, "UID")
    if len(uid) > LONGEST_NAME:
        raise NotUnderstood(f"Its UID is longer than {LONGEST_NAME} characters")
    if uid:
        return uid
    said.append((NO_UID, ""))
    told = "\n".join(event.value(name) for name in ("SUMMARY", "DTSTART", "RRULE", "LOCATION"))
    return f"{hashlib.sha256(told.encode()).hexdigest()[:24]}@without-uid"


def _length(event: Component, start: Stamp, clocks: Clocks, said: Said) -> timedelta:
    told = _told_length(event, start, clocks)
    if told < timedelta(0):
        raise NotUnderstood("It ends before it begins")
    if not told:
        said.append((NO_END, ""))
        return HOUR
    whole = values.whole_minutes(told)
    said.extend([(SECONDS, "")] if whole != told else [])
    return whole


def _told_length(event: Component, start: Stamp, clocks: Clocks) -> timedelta:
    if event.value("DURATION"):
        return values.length(event.value("DURATION"))
    end = values.moment(event.first("DTEND"), clocks.of)
    if not isinstance(end, Stamp):
        return timedelta(0)
    # In one zone a night on which the clocks change lasts as long as the others.
    return end.wall - start.wall if end.zone == start.zone else end.moment - start.moment


def _rules(event: Component) -> tuple[str, ...]:
    if event.first("EXRULE"):
        raise NotUnderstood("It leaves dates out by a rule of their own (EXRULE)")
    told = tuple(dict.fromkeys(one.value.strip() for one in event.all("RRULE") if one.value.strip()))
    if len(told) > MOST_RULES:
        raise NotUnderstood(f"It has more than {MOST_RULES} rules")
    return told


def _extra(event: Component, clocks: Clocks) -> Iterator[Extra]:
    for part, told in _listed(event, "RDATE"):
        start = values.moment(Property("RDATE", part.partition("/")[0], told.parameters), clocks.of)
        if not isinstance(start, Stamp):
            raise NotUnderstood("It names days besides its rule (RDATE), and no time")
        yield Extra(start, values.period(part, start, clocks.of))


def _without(event: Component, clocks: Clocks) -> Iterator[Stamp | date]:
    for part, told in _listed(event, "EXDATE"):
        found = _exdate(part, told, clocks)
        if found is not None:
            yield found


def _exdate(part: str, told: Property, clocks: Clocks) -> Stamp | date | None:
    return values.moment(Property("EXDATE", part, told.parameters), clocks.of)


def _listed(event: Component, name: str) -> list[tuple[str, Property]]:
    found = [(part, told) for told in event.all(name) for part in told.value.split(",") if part.strip()]
    if len(found) > MOST_DATES:
        raise NotUnderstood(f"It lists {len(found)} single dates ({name}): at most {MOST_DATES} can be taken")
    return found


def _created(event: Component, clocks: Clocks) -> datetime | None:
    try:
        found = values.moment(event.first("CREATED"), lambda _: "UTC")
    except NotUnderstood:
        return None  # it decides nothing
    created = found.moment if isinstance(found, Stamp) else None
    return created.astimezone(UTC) if created and created <= clocks.now else None


def _follows(event: Component) -> Iterator[str]:
    for told in event.all("RELATED-TO")[:MOST_RULES]:
        if told.parameter("RELTYPE").upper() in {"", "PARENT", "SIBLING"}:
            named = " ".join(clean(values.unescaped(told.value)).split())[:LONGEST_NAME]
            if named:
                yield named


def _losses(event: Component) -> Iterator[tuple[str, str]]:
    yield from ((text, "") for names, text in _LOSSES if event.first(*names))
    if any(part.name == "VALARM" for part in event.parts):
        yield ALARMS, ""
    if event.value("STATUS").strip().upper() == "TENTATIVE":
        yield TENTATIVE, ""
    if event.strange:
        yield STRANGE, ""
