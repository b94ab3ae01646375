"""A group's public page as frozen values: what everybody may read of it, and nothing that opens a door."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from meetup.feeds.views import line, public_link, public_place, sayable
from meetup.schedule import doors, recurrence, zones
from meetup.schedule.series import Change, ChangeStatus, Occurrence, Place, Schedule, Series
from meetup.values import Door


@dataclass(frozen=True, slots=True)
class Regular:
    """A meeting as it is when nothing is closed."""

    key: str
    title: str
    schedules: tuple[Schedule, ...]  # those with dates to come
    place: Place | None
    online: bool
    link: str  # of the video room; empty when only members have it
    exceptions: tuple[datetime, ...] = ()  # the slots to come on which it does not happen as the rule says

    @property
    def doors(self) -> frozenset[Door]:
        """Return the doors that it has."""
        there = ((Door.IN_PERSON, self.place is not None), (Door.ONLINE, self.online))
        return frozenset(door for door, is_there in there if is_there)


@dataclass(frozen=True, slots=True)
class Showing:
    """One date to come. Its times are aware, in the zone of the place."""

    key: str  # of its meeting
    title: str
    zone: str
    slot: datetime  # when it would usually begin
    start: datetime
    end: datetime
    open_doors: frozenset[Door]
    usual_doors: frozenset[Door]
    place: Place | None  # where it is, or would have been
    link: str
    elsewhere: bool = False  # at another place than usual
    notes: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Return the name of this date within the page; it stays when the date is moved."""
        return f"d-{self.key}-{self.slot:%Y%m%d-%H%M}"

    @property
    def cancelled(self) -> bool:
        return not self.open_doors

    @property
    def moved(self) -> bool:
        return self.start != self.slot

    @property
    def closed_doors(self) -> frozenset[Door]:
        """Return the doors by which people would come, and which are shut."""
        return self.usual_doors - self.open_doors


@dataclass(frozen=True, slots=True)
class Poster:
    """What everybody may know of an open group."""

    slug: str
    name: str
    description: tuple[str, ...]
    language: str
    country: str
    host: str  # the organization's name
    today: date
    regulars: tuple[Regular, ...] = ()
    showings: tuple[Showing, ...] = ()


def regular(series: Series, today: datetime) -> Regular | None:
    """Return a meeting as it usually is; None when it has no door, or no dates from a wall time on."""
    living = [schedule for schedule in series.schedules if recurrence.following(schedule, today, 1)]
    if not living or not doors.usual(series):
        return None
    ordered = tuple(sorted(living, key=lambda schedule: (schedule.start, schedule.uid)))
    usual = doors.occurrence(replace(series, changes=(), closures=()), ordered[0], ordered[0].start)
    return Regular(
        key=series.key,
        title=line(series.title),
        schedules=ordered,
        place=public_place(usual) if usual else None,
        online=series.room is not None,
        link=public_link(series.room) if series.room else "",
        exceptions=tuple(change.slot for change in series.changes if change.slot >= today and _excepts(change)),
    )


def showing(one: Occurrence) -> Showing:
    """Return what everybody may know of one date."""
    series, zone = one.series, zones.zone(one.zone)
    return Showing(
        key=series.key,
        title=line(series.title),
        zone=one.zone,
        slot=zones.localize(one.slot, one.zone).astimezone(zone),
        start=one.start.astimezone(zone),
        end=one.end.astimezone(zone),
        open_doors=one.open_doors,
        usual_doors=one.usual_doors,
        place=public_place(one),
        link=public_link(one.room) if one.room else "",
        elsewhere=one.place != series.place,
        notes=sayable(one.note, [series]),
    )


def _excepts(change: Change) -> bool:
    if change.status is ChangeStatus.RESTORED:
        return False
    return change.start is not None or change.status is not ChangeStatus.CHANGED
