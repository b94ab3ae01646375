"""When a member may be disturbed: move a reminder out of the night."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from meetup.schedule import zones

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """The part of a day in which texts may arrive, half-open, in the member's own zone."""

    start: time = time(9)
    end: time = time(20)

    def __post_init__(self) -> None:
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("hours are wall times: naive, read in the member's zone")
        if self.start >= self.end:
            raise ValueError("hours must end after they start, on the same day")

    def __contains__(self, wall: time) -> bool:
        return self.start <= wall < self.end


DEFAULT = Hours()
NOTICE = Hours(time(8), time(21))  # as far as a change notice may stretch a member's hours when it is urgent


def shift(due: datetime, start: datetime, zone: str, hours: Hours, *, now: datetime | None = None) -> datetime | None:
    """Return when to send what is due: as it is, else earlier, else at the next opening; None when nothing fits.

    Nothing goes out at or after the `start` of the meeting. With `now`, an earlier moment that has passed is no choice.
    A notice is due at once: `shift(now, start, zone, hours, now=now)` waits for the next opening.
    """

    def fits(moment: datetime) -> bool:
        return moment < start and zones.wall(moment, zone).time() in hours

    if fits(due):
        return due
    return next((moment for moment in _others(due, zone, hours, now) if fits(moment)), None)


def _others(due: datetime, zone: str, hours: Hours, now: datetime | None) -> Iterator[datetime]:
    """Yield the moments to try instead of `due`, best first."""
    wall = zones.wall(due, zone)
    closing = wall.date() if wall.time() >= hours.start else wall.date() - DAY
    opening = wall.date() if wall.time() < hours.start else wall.date() + DAY
    earlier = _moment(closing, hours.end, zone) - MINUTE
    if now is None or earlier >= now:
        yield earlier
    if now is not None and earlier < now:
        yield now  # the last minute before closing is running, or the night has begun and passed
    later = _moment(opening, hours.start, zone)
    if now is None or later >= now:
        yield later


def _moment(day: date, wall: time, zone: str) -> datetime:
    return zones.localize(datetime.combine(day, wall), zone)
