"""What taking a calendar would do: which meetings are new, known, or told otherwise than they are here. All pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from meetup import agenda
from meetup.places.rooms import RoomDraft
from meetup.places.venues import VenueDraft
from meetup.schedule.series import ChangeStatus, Occurrence, Place, Schedule, Series
from meetup.transfer import survey
from meetup.transfer.ics import courses
from meetup.transfer.ics.programme import Course, Differing, Programme, Reading, Where
from meetup.transfer.listings import Rejected, Remark
from meetup.transfer.survey import Stock, VenueKey

NOWHERE = "It names neither a place nor a link that could be used"
TIMES, DATES, TITLE, PLACE, ROOM = "times", "single dates", "title", "place", "room"


@dataclass(frozen=True, slots=True)
class Present:
    """What is there already. `venue` and `room` are for entries that name no place of their own."""

    group_id: int | None
    group: str
    series: tuple[Series, ...]  # those that hold a UID of the file, and all of the group
    stock: Stock
    venue: int | None = None
    room: int | None = None
    audience: str = "open"  # of a group that is new


class Fate(StrEnum):
    """What becomes of a meeting."""

    ADDED = "added"
    EXTENDED = "extended"  # it is there, and the file has times that follow
    KNOWN = "known"
    DIFFERS = "differs"  # the file says something else than what is here, and nobody said whose word counts
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Seat:
    """A meeting of the file, the one that it is here, and what becomes of it."""

    programme: Programme
    fate: Fate
    meeting_id: int | None = None
    fresh: tuple[Course, ...] = ()  # courses that are not here yet
    differing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done with a calendar."""

    present: Present
    entries: int
    seats: tuple[Seat, ...]
    rejected: tuple[Rejected, ...]
    left: tuple[Rejected, ...]
    remarks: tuple[Remark, ...]

    @property
    def fates(self) -> Mapping[Fate, int]:
        """Return how many meetings meet which fate."""
        met = [seat.fate for seat in self.seats]
        return {fate: met.count(fate) for fate in Fate}

    @property
    def changes(self) -> bool:
        """Tell whether anything would be different afterwards."""
        return any(seat.fate not in {Fate.KNOWN, Fate.DIFFERS} for seat in self.seats)

    @property
    def venues(self) -> Mapping[VenueKey, VenueDraft]:
        """Return the venues that are to be added."""
        return survey.new_venues((where.venue for where in self._wheres()), self.present.stock)

    @property
    def rooms(self) -> Mapping[str, RoomDraft]:
        """Return the rooms that are to be added."""
        return survey.new_rooms((where.room for where in self._wheres()), self.present.stock)

    def _wheres(self) -> Iterator[Where]:
        for seat in (seat for seat in self.seats if seat.fate in {Fate.ADDED, Fate.EXTENDED, Fate.UPDATED}):
            taken = seat.programme.courses if seat.fate is Fate.UPDATED else seat.fresh
            if seat.fate is not Fate.EXTENDED:
                yield seat.programme.where
            yield from (date.where for course in taken for date in course.dates if date.where)


def plan(reading: Reading, present: Present, now: datetime, *, update: bool = False) -> Plan:
    """Say what taking a calendar would do."""
    by_uid = {schedule.uid: one for one in present.series for schedule in one.schedules}
    mine = [one for one in present.series if one.group_id == present.group_id]
    seats, rejected = [], list(reading.rejected)
    for programme in reading.programmes:
        seat = _seat(programme, by_uid, update=update)
        reason = _refusal(seat, present, mine, now)
        if reason:
            rejected.extend(Rejected(row, programme.title, reason) for row in programme.rows)
        else:
            seats.append(seat)
    known = (seat.programme.rows for seat in seats if seat.fate is Fate.KNOWN)
    gone = {one.row for one in rejected}.union(*known)
    if all(seat.fate is Fate.KNOWN for seat in seats):
        gone.add(0)  # what is said of the whole file
    remarks = tuple(one for one in reading.remarks if one.row not in gone)
    rejected.sort(key=lambda one: one.row)
    return Plan(present, reading.entries, tuple(seats), tuple(rejected), reading.left, remarks)


def _seat(programme: Programme, by_uid: Mapping[str, Series], *, update: bool) -> Seat:
    known = next((by_uid[course.uid] for course in programme.courses if course.uid in by_uid), None)
    fresh = tuple(course for course in programme.courses if course.uid not in by_uid)
    if known is None:
        return Seat(programme, Fate.ADDED, None, fresh)
    differing = tuple(dict.fromkeys(_differences(programme, known)))
    if differing and (update or not fresh or TIMES in differing):
        # Times that follow others are not added while those go on: members would be told of both.
        return Seat(programme, Fate.UPDATED if update else Fate.DIFFERS, known.meeting_id, fresh, differing)
    return Seat(programme, Fate.EXTENDED if fresh else Fate.KNOWN, known.meeting_id, fresh, differing)


def _refusal(seat: Seat, present: Present, mine: Iterable[Series], now: datetime) -> str:
    """Return why a new meeting cannot be taken; nothing when it can."""
    if seat.fate is not Fate.ADDED:
        return ""
    if not (seat.programme.where.named or present.venue or present.room):
        return NOWHERE
    alike = [one for one in mine if one.title.casefold() == seat.programme.title.casefold()]
    there = {moment for one in alike for schedule in one.schedules for moment in _moments(one, schedule, now)}
    both = there.intersection(*([moment for course in seat.fresh for moment in courses.moments(course, now)],))
    if not both:
        return ""
    return f"“{seat.programme.title}” is held on {min(both):%Y-%m-%d} already: members would be told twice"


def _moments(series: Series, schedule: Schedule, now: datetime) -> list[datetime]:
    skipped = {change.slot for change in series.changes if change.status is ChangeStatus.SKIPPED}
    return courses.upcoming(schedule, skipped, now)


def _differences(programme: Programme, series: Series) -> Iterator[str]:
    """Yield what a file tells otherwise; what it does not tell is no difference, for many programs leave links out."""
    if programme.title != series.title:
        yield TITLE
    if programme.where.venue and survey.key_of(programme.where.venue) != key_of(series.place):
        yield PLACE
    if programme.where.room and (series.room is None or programme.where.room.url != series.room.url):
        yield ROOM
    here = {schedule.uid: schedule for schedule in series.schedules}
    for course in (course for course in programme.courses if course.uid in here):
        if course.timing.schedule(course.uid) != _bare(here[course.uid]):
            yield TIMES
        elif any(not _is_told(date, agenda.on_slot(series, date.slot)) for date in course.dates):
            yield DATES


def key_of(place: Place | None) -> VenueKey | None:
    """Return what a place is recognized by."""
    return survey.venue_key(place.name, place.address) if place else None


def _bare(schedule: Schedule) -> Schedule:
    return Schedule(schedule.uid, schedule.zone, schedule.start, schedule.duration, schedule.rule, schedule.until)


def _is_told(told: Differing, one: Occurrence | None) -> bool:
    """Tell whether a date is here as the file says."""
    if told.status is ChangeStatus.SKIPPED:
        return one is None
    # A date that does not happen here stays so, whatever a file says that was written before.
    if one is None or not one.happening:
        return True
    if told.status is ChangeStatus.CANCELLED:
        return False
    same_time = one.start_local == (told.start or told.slot)
    same_length = told.length is None or one.end - one.start == told.length
    return same_time and same_length and (told.where is None or _is_there(told.where, one))


def _is_there(told: Where, one: Occurrence) -> bool:
    if told.elsewhere:
        return one.half_cancelled
    place = survey.key_of(told.venue) == key_of(one.place) if told.venue else one.half_cancelled
    room = one.room is not None and told.room.url == one.room.url if told.room else True
    return place and room


def all_uids(programmes: Sequence[Programme]) -> list[str]:
    """Return the UIDs of all courses."""
    return [course.uid for programme in programmes for course in programme.courses]
