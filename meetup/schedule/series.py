"""The frozen series: a meeting with its schedules, changes, closures and doors, as pure code sees it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from meetup.values import Door


class ChangeStatus(StrEnum):
    """What became of one date."""

    SKIPPED = "skipped"  # planned, silent: EXDATE
    CANCELLED = "cancelled"  # announced: an override with STATUS:CANCELLED
    CHANGED = "changed"  # moved, other place or room, a door closed, a note
    NOTED = "noted"  # as usual, with a note: nobody is told of that by itself
    RESTORED = "restored"  # taken back; kept so that those who were told can be told again


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody must know to get in; None means nobody has said."""

    step_free: bool | None = None
    accessible_toilet: bool | None = None
    hearing_loop: bool | None = None
    id_required: bool | None = None
    cameras: bool | None = None
    parking: str = ""
    transit: str = ""
    door_code: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A physical venue."""

    key: str
    name: str
    address: str
    street: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    directions: str = ""
    access: Access = Access()


@dataclass(frozen=True, slots=True)
class Room:
    """A video room."""

    key: str
    name: str
    url: str
    public: bool = False
    passcode: str = ""
    meeting_code: str = ""
    dial_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """Wall time, zone and rule. `start` is naive and lives in `zone`; an empty rule is a single date."""

    uid: str
    zone: str
    start: datetime
    duration: timedelta
    rule: str = ""
    until: date | None = None  # the last local day on which it may happen
    sequence: int = 0
    created_at: datetime | None = None
    changed_at: datetime | None = None
    follows: str = ""  # the uid of the schedule that a split ended

    def __post_init__(self) -> None:
        if self.start.tzinfo is not None:
            raise ValueError("a schedule starts at a wall time: naive, beside its zone")
        if self.duration <= timedelta(0):
            raise ValueError("a meeting must last longer than nothing")
        ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Change:
    """What differs on one date, named by its slot."""

    slot: datetime
    status: ChangeStatus
    revision: int
    changed_at: datetime
    start: datetime | None = None  # a new wall time in the schedule's zone
    duration: timedelta | None = None
    place: Place | None = None
    room: Room | None = None
    closed: frozenset[Door] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Closure:
    """A time in which a venue or a room is shut: half-open, in wall time of the meeting's zone.

    `instead` is where people go meanwhile: behind the same door for everybody, behind the other one for those dates
    that would have no open door left.
    """

    key: str  # the venue's or room's key
    door: Door
    start: datetime
    end: datetime
    revision: int
    changed_at: datetime
    reason: str = ""
    instead: Place | Room | None = None
    planned_end: datetime | None = None  # when it was to end before it was lifted; None: it was not

    def matters(self, start: datetime) -> bool:
        """Tell whether this closure has a say in what begins at a wall time: it holds then, or was to hold."""
        return self.start <= start < (self.planned_end or self.end)

    def covers(self, key: str, start: datetime) -> bool:
        """Tell whether this closure shuts that place at that wall time."""
        return key == self.key and self.start <= start < self.end

    def covered(self, key: str, start: datetime) -> bool:
        """Tell whether this closure was to shut that place then, before it was lifted."""
        return key == self.key and self.planned_end is not None and self.end <= start < self.planned_end


@dataclass(frozen=True, slots=True)
class Series:
    """One meeting of one group, whole: `agenda` expands it, `feeds.calendar` writes it."""

    key: str  # the meeting's public id
    title: str  # the public name
    label: str  # the harmless name
    group: str  # the group's slug
    schedules: tuple[Schedule, ...]
    place: Place | None = None
    room: Room | None = None
    changes: tuple[Change, ...] = ()
    closures: tuple[Closure, ...] = ()
    language: str = "en"
    description: str = ""
    secrets: tuple[str, ...] = ()  # what its group is called and about: where others may read, nothing says it
    version: int = 0
    horizon: date | None = None  # the last day up to which a feed lists dates that no rule can say
    meeting_id: int = 0
    group_id: int = 0
    changes_by_slot: dict[datetime, Change] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes_by_slot", {change.slot: change for change in self.changes})


class Status(StrEnum):
    """Whether an occurrence happens."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series with everything applied. `slot` is its name for ever, even when moved."""

    series: Series
    schedule: Schedule
    slot: datetime
    start_local: datetime
    start: datetime  # aware, UTC
    end: datetime  # aware, UTC
    status: Status
    open_doors: frozenset[Door]
    usual_doors: frozenset[Door]
    place: Place | None
    room: Room | None
    revision: int = 0  # the newest change or closure that touches this date; 0 when nothing does
    revised_at: datetime | None = None
    restored: bool = False  # a change or a closure was taken back, and nothing else is different
    note: str = ""
    reason: str = ""

    @property
    def zone(self) -> str:
        return self.schedule.zone

    @property
    def moved(self) -> bool:
        """Tell whether it happens at another time than its slot."""
        return self.start_local != self.slot

    @property
    def happening(self) -> bool:
        """Tell whether anybody can get in by any door."""
        return self.status is Status.CONFIRMED and bool(self.open_doors)

    @property
    def half_cancelled(self) -> bool:
        """Tell whether one of two doors is closed."""
        return self.happening and self.open_doors < self.usual_doors

    @property
    def by_another_door(self) -> bool:
        """Tell whether people come by a door that they never use otherwise: online instead of in person, or back."""
        return self.happening and bool(self.usual_doors) and not self.open_doors & self.usual_doors
