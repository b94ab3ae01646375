"""Listings: what another program's file says about meetings, as frozen values, and what of it cannot be taken."""

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from meetup.places.rooms import RoomDraft
from meetup.places.venues import VenueDraft


class Mode(StrEnum):
    """How a listing is attended, worked out from what it says of its place and its link."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"
    INACTIVE = "inactive"  # neither door is known to be open


@dataclass(frozen=True, slots=True)
class Times:
    """When a listing happens every week, in wall time."""

    days: tuple[str, ...]  # MO … SU, in the order of the week
    start: time
    length: timedelta
    zone: str

    def __post_init__(self) -> None:
        if not self.days:
            raise ValueError("what happens every week happens on a day")

    @property
    def rule(self) -> str:
        """Return the days as a rule of RFC 5545."""
        return f"FREQ=WEEKLY;BYDAY={','.join(self.days)}"


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing. Without times it is held by appointment; a closed place is kept, but nobody is sent there."""

    row: int
    slug: str
    name: str
    group: str  # the name that all listings of a group share; empty when the file tells none
    mode: Mode
    times: Times | None
    venue: VenueDraft | None = None
    room: RoomDraft | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken, and why."""

    row: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something of a row that was taken otherwise than it stands there, or left out."""

    row: int
    name: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file: every row is a listing or rejected."""

    listings: tuple[Listing, ...]
    rejected: tuple[Rejected, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def rows(self) -> int:
        """Return how many rows the file has."""
        return len(self.listings) + len(self.rejected)
