"""The way into a room by a member's own link: for whom it opens, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from meetup import agenda
from meetup.feeds.known import Known
from meetup.schedule.series import Occurrence, Room
from meetup.storage.database import Session
from meetup.storage.tables import Meeting, SubscriptionRow
from meetup.values import Door, Window

EARLY = timedelta(minutes=15)
LONGEST = timedelta(days=2)  # what began before has ended
AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Entrance:
    """The next date with an open online door, and the room behind it."""

    occurrence: Occurrence
    room: Room

    @property
    def opens(self) -> datetime:
        return self.occurrence.start - EARLY

    def is_open(self, now: datetime) -> bool:
        """Tell whether one can go in."""
        return self.opens <= now < self.occurrence.end


def find(session: Session, known: Known, member_id: int, meeting_id: int, now: datetime) -> Entrance | None:
    """Return a member's way into a meeting; None when it is not hers or has no date online."""
    version = _version(session, member_id, meeting_id)
    if version is None:
        return None
    series = known.series(session, {meeting_id: version})
    dates = agenda.upcoming(series.values(), Window(now - LONGEST, now + AHEAD))
    found = (Entrance(date, date.room) for date in dates if date.room and Door.ONLINE in date.open_doors)
    return next((one for one in found if one.occurrence.happening and one.occurrence.end > now), None)


def _version(session: Session, member_id: int, meeting_id: int) -> int | None:
    """Return the version of a meeting of hers; None when it is not hers."""
    subscribed = select(Meeting.version).where(
        SubscriptionRow.member_id == member_id,
        SubscriptionRow.group_id == Meeting.group_id,
        SubscriptionRow.state == "active",
        Meeting.id == meeting_id,
    )
    return session.exec(subscribed).first()
