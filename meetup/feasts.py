"""Whose public holidays a venue or a meeting keeps: written down for some years, and again when they run out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import col, select

from meetup import dates, meetings, naming, organization
from meetup.dates import Slot
from meetup.errors import Forbidden, NotUnderstood
from meetup.meetings import ONE_DAY
from meetup.places import closures
from meetup.places.closures import ClosureDraft, Site
from meetup.schedule import public_holidays, recurrence, zones
from meetup.schedule.public_holidays import Holiday, Region
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, HolidayRow, Meeting, Venue

YEARS = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose holidays are to be kept, for how many calendar years, this one included."""

    region: Region
    years: int = YEARS

    def __post_init__(self) -> None:
        if not 1 <= self.years <= 10:
            raise NotUnderstood("Holidays are taken for one to ten years")


@dataclass(frozen=True, slots=True)
class Kept:
    """What was written down: the days that are new, those that could not be, and until when all are known."""

    region: Region
    until: date
    fresh: tuple[Holiday, ...]
    told: tuple[Holiday, ...] = ()  # members were reminded of these: only a cancellation reaches them


def close_venue(session: Session, venue: Venue, wish: Wish, instead: Site | None, now: datetime) -> Kept:
    """Shut a venue on every public holiday to come; days that are shut, or were opened by hand, stay as they are."""
    found, until = _coming(session, wish, now)
    known = closures.everything(session, venue)
    fresh = [one for one in found if not any(_covers(row.start_local, row.planned_end_local, one) for row in known)]
    for one in fresh:
        begins = datetime.combine(one.on, time.min)
        closures.close(session, venue, ClosureDraft(begins, begins + ONE_DAY, one.name, instead), now)
    _remember(session, HolidayRow(venue_id=naming.key(venue), region="", known_until=until, changed_at=now), wish)
    return Kept(wish.region, until, tuple(fresh))


def skip_meeting(session: Session, meeting: Meeting, wish: Wish, now: datetime) -> Kept:
    """Leave a meeting's dates on public holidays out, silently; those that somebody changed stay as they are."""
    found, until = _coming(session, wish, now)
    fresh, told = [], []
    for one in found:
        for slot in _slots(session, meeting, one, now):
            try:
                dates.skip(session, meeting, slot, now)
                fresh.append(one)
            except Forbidden:
                told.append(one)
    _remember(session, HolidayRow(meeting_id=naming.key(meeting), region="", known_until=until, changed_at=now), wish)
    return Kept(wish.region, until, tuple(fresh), tuple(told))


def remembered(session: Session) -> list[HolidayRow]:
    """Return whose holidays are kept, those that run out first at the top."""
    return list(session.exec(select(HolidayRow).order_by(col(HolidayRow.known_until), col(HolidayRow.id))).all())


def _coming(session: Session, wish: Wish, now: datetime) -> tuple[list[Holiday], date]:
    own = organization.the(session)
    today = zones.wall(now, own.zone).date()
    last = date(today.year + wish.years - 1, 12, 31)
    return public_holidays.between(wish.region, today, last, own.language), last


def _covers(start: datetime, end: datetime, holiday: Holiday) -> bool:
    begins = datetime.combine(holiday.on, time.min)
    return start <= begins and begins + ONE_DAY <= end


def _slots(session: Session, meeting: Meeting, holiday: Holiday, now: datetime) -> Iterator[Slot]:
    """Yield the dates on a day that are to come and that nobody has changed yet."""
    midnight = datetime.combine(holiday.on, time.min)
    for row in meetings.schedules(session, meeting):
        for at in recurrence.slots(meetings.value(row), midnight, midnight + ONE_DAY):
            changed = select(ChangeRow).where(ChangeRow.schedule_id == row.id, ChangeRow.slot == at)
            if zones.localize(at, row.zone) > now and session.exec(changed).first() is None:
                yield Slot(row, at)


def _remember(session: Session, new: HolidayRow, wish: Wish) -> None:
    """Write down until when holidays are known, once for each venue or meeting and region."""
    query = select(HolidayRow).where(
        HolidayRow.venue_id == new.venue_id,
        HolidayRow.meeting_id == new.meeting_id,
        HolidayRow.region == str(wish.region),
    )
    row = session.exec(query).first() or new
    row.region, row.changed_at = str(wish.region), new.changed_at
    row.known_until = max(row.known_until, new.known_until)
    session.add(row)
    session.flush()


def named(holidays: Iterable[Holiday]) -> str:
    """Name some holidays with their days, each once."""
    return "; ".join(f"{one.on:%a %Y-%m-%d} {one.name}" for one in dict.fromkeys(holidays))
