"""Whose agenda: which meetings, seen by whom, in which zone and language, from which day to which."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from meetup import agenda, groups, naming, organization
from meetup.errors import UsageError
from meetup.people import answers, members, subscriptions
from meetup.people.answers import Counts
from meetup.places import closures, rooms, venues
from meetup.schedule import zones
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import Meeting, Member
from meetup.values import Door, Preference, Window
from meetup.wording import languages

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=7)  # no meeting lasts longer: one that began before that is over
FAR = timedelta(days=400)  # how far ahead a next date is looked for


@dataclass(frozen=True, slots=True)
class Names:
    """What somebody named; empty for everything."""

    group: str = ""
    venue: str = ""
    room: str = ""
    member: str = ""
    zone: str = ""
    language: str = ""
    labels: bool = False  # show the harmless words instead of titles


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are looked at, as the clocks of each place show them; without `first`, from now on."""

    now: datetime
    last: date
    first: date | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last < self.first:
            raise UsageError(f"{self.last} lies before {self.first}", "--until is the last day, --from the first")

    @property
    def window(self) -> Window:
        """Return the moments between which its days lie, whatever the zone."""
        begin = self.now if self.first is None else _utc(self.first, self.now)
        return Window(begin - LONGEST, max(_utc(self.last, self.now), self.now) + 3 * ONE_DAY)

    def __contains__(self, one: Occurrence) -> bool:
        if one.start_local.date() > self.last:
            return False
        return one.end > self.now if self.first is None else one.start_local.date() >= self.first


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found: the dates, and how their reader tells time."""

    dates: Sequence[Occurrence]
    zone: str
    place: str  # the locale
    next: Occurrence | None = None  # when there are none: the first one after
    answers: Mapping[tuple[int, datetime], Counts] = field(default_factory=dict)  # by meeting and slot


def look(session: Session, names: Names, span: Span) -> Seen:
    """Return what happens in a span, as far as it concerns what was named."""
    home = organization.the(session)
    member = members.find(session, names.member) if names.member else None
    group = groups.find(session, names.group) if names.group else None
    wanted = _Wanted.of(session, names, member)
    spoken = (member and member.language) or (group and group.language) or home.language
    dates = [one for one in wanted.dates(session, span.window) if one in span]
    later = () if dates else wanted.dates(session, Window(span.window.start, span.window.end + FAR))
    return Seen(
        dates,
        zones.place(names.zone) if names.zone else (member and member.zone) or home.zone,
        languages.locale(languages.chosen(names.language) if names.language else spoken, home.country),
        next((one for one in later if one.end > span.now and one.start_local.date() > span.last), None),
        answers.counts(session, span.window) if dates else {},
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which dates are looked for; None for all."""

    meetings: Collection[int] | None
    venue: str = ""  # public ids
    room: str = ""
    preferences: dict[int, Preference] | None = None  # of a member, by group
    labels: dict[int, str] | None = None  # by group

    @classmethod
    def of(cls, session: Session, names: Names, member: Member | None) -> "_Wanted":
        chosen: list[set[int]] = []
        venue = venues.find(session, names.venue) if names.venue else None
        room = rooms.find(session, names.room) if names.room else None
        chosen += [set(closures.affected(session, site)) for site in (venue, room) if site is not None]
        preferences = None
        if member is not None:
            rows = [row for row in subscriptions.of_member(session, member) if row.state == "active"]
            preferences = {row.group_id: Preference(row.preference) for row in rows}
            chosen.append(_meetings(session, preferences))
        if names.group:
            chosen.append(_meetings(session, [naming.key(groups.find(session, names.group))]))
        return cls(
            set.intersection(*chosen) if chosen else None,
            venue.public_id if venue else "",
            room.public_id if room else "",
            preferences,
            _labels(session, member) if names.labels else None,
        )

    def dates(self, session: Session, window: Window) -> list[Occurrence]:
        found = agenda.occurrences(session, window, self.meetings)
        return [seen for one in found if self._held_there(one) and (seen := self._seen(one)) is not None]

    def _held_there(self, one: Occurrence) -> bool:
        in_person = not self.venue or (one.place is not None and one.place.key == self.venue)
        return in_person and (not self.room or (one.room is not None and one.room.key == self.room))

    def _seen(self, one: Occurrence) -> Occurrence | None:
        """Return a date as a member sees it, or None when she has no door of it."""
        if self.labels is not None:
            label = self.labels[one.series.group_id]
            one = replace(one, series=replace(one.series, title=label))
        if self.preferences is None:
            return one
        preference = self.preferences[one.series.group_id]
        usual, opened = (_relevant(doors, preference) for doors in (one.usual_doors, one.open_doors))
        return replace(one, usual_doors=usual, open_doors=opened) if usual | opened else None


def _relevant(doors: frozenset[Door], preference: Preference) -> frozenset[Door]:
    """Return the doors that somebody would use: the preferred one, else whatever is there."""
    if preference is Preference.EITHER:
        return doors
    if preference is Preference.ONLY_IN_PERSON:
        return doors & {Door.IN_PERSON}
    return doors & {Door(preference)} or doors


def _meetings(session: Session, group_ids: Collection[int]) -> set[int]:
    found = session.exec(select(Meeting.id).where(col(Meeting.group_id).in_(group_ids))).all()
    return {number for number in found if number is not None}


def _labels(session: Session, member: Member | None) -> dict[int, str]:
    own = member.cover_label if member else ""
    return {naming.key(group): own or group.cover_label for group in groups.listing(session)}


def _utc(day: date, like: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=like.tzinfo)
