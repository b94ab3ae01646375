"""What a calendar holds, as frozen values: meetings, their courses, and the dates that differ."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from meetup.meetings import Timing
from meetup.places.rooms import RoomDraft
from meetup.places.venues import VenueDraft
from meetup.schedule.series import ChangeStatus
from meetup.transfer.listings import Rejected, Remark
from meetup.transfer.survey import VenueKey, key_of

LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Where:
    """Where something is held. `elsewhere`: it says that it is somewhere else than at a place, and gives no link."""

    venue: VenueDraft | None = None
    room: RoomDraft | None = None
    elsewhere: bool = False

    @property
    def key(self) -> tuple[VenueKey | None, str]:
        """Return what makes two of them the same, whatever room and place are called."""
        return key_of(self.venue) if self.venue else None, self.room.url if self.room else ""

    @property
    def named(self) -> bool:
        """Tell whether one knows where to go."""
        return self.venue is not None or self.room is not None


@dataclass(frozen=True, slots=True)
class Differing:
    """One date of a course that is not as usual; None keeps what it has."""

    slot: datetime
    status: ChangeStatus
    start: datetime | None = None
    length: timedelta | None = None
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes one schedule: dates by one rule, or a single one."""

    row: int
    uid: str
    title: str
    where: Where
    timing: Timing
    sequence: int = 0
    created: datetime | None = None
    follows: str = ""
    dates: tuple[Differing, ...] = ()
    rows: tuple[int, ...] = ()  # its own, and those of the entries that change its dates


@dataclass(frozen=True, slots=True)
class Programme:
    """What becomes one meeting: its courses are several times of the week, or follow one another."""

    courses: tuple[Course, ...]

    @property
    def row(self) -> int:
        return min(course.row for course in self.courses)

    @property
    def rows(self) -> frozenset[int]:
        return frozenset(row for course in self.courses for row in course.rows)

    @property
    def title(self) -> str:
        return self.courses[-1].title

    @property
    def where(self) -> Where:
        return self.courses[-1].where


class Left(StrEnum):
    """Why something was left out that is no meeting to come."""

    ALL_DAY = "It lasts all day: no meeting that begins at a time"
    OVER = "It is over"
    CANCELLED = "It is cancelled"
    PRIVATE = "It is marked as private"


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file: every entry is part of a meeting, left out, or rejected."""

    name: str
    entries: int
    programmes: tuple[Programme, ...]
    rejected: tuple[Rejected, ...] = ()
    left: tuple[Rejected, ...] = ()
    remarks: tuple[Remark, ...] = ()
