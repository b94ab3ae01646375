"""What is wrong with the calendar to come: clashes, rooms that end, meetings without a place, and what clocks do."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from commands import asking, clashing, occurrences
from commands.checkup.findings import Finding, count, warn
from meetup import agenda, feasts
from meetup.schedule import clashes, recurrence, zones
from meetup.schedule.series import Occurrence, Series
from meetup.storage.database import Session
from meetup.storage.tables import Meeting, OnlineRoom, SubscriptionRow, Venue
from meetup.values import Door, Preference, Window

SOON = timedelta(days=30)
LOOKED_AT = 90  # days
BY_DOOR = {
    Door.IN_PERSON: ("in person", (Preference.IN_PERSON, Preference.ONLY_IN_PERSON)),
    Door.ONLINE: ("online", (Preference.ONLINE,)),
}


@dataclass(frozen=True, slots=True)
class View:
    """The dates of some days to come, and the meetings that they belong to."""

    window: Window
    series: Sequence[Series]
    dates: Sequence[Occurrence]
    slugs: Mapping[int, str]
    resting: frozenset[int]  # the meetings that are paused or have ended on purpose


def look(session: Session, now: datetime, days: int = LOOKED_AT) -> View:
    """Read the calendar of some days to come."""
    window = Window(now, now + timedelta(days=days))
    series = agenda.all_series(session)
    rows = session.execute(select(Meeting)).scalars().all()
    return View(
        window=window,
        series=series,
        dates=agenda.upcoming(series, window),
        slugs={row.id or 0: row.slug for row in rows},
        resting=frozenset(row.id or 0 for row in rows if row.state != "active"),
    )


def everything(session: Session, view: View) -> Iterator[Finding]:
    """Look at all of it."""
    yield from clashing_dates(view)
    yield from expiring(session, view)
    yield from placeless(view)
    yield from clock_changes(view)
    yield from ending(view)
    yield from crowded(session, view)
    yield from holidays(session, view)


def clashing_dates(view: View) -> Iterator[Finding]:
    """Look for a venue or a room that is needed twice at once."""
    for one in clashes.recurring(clashes.find(view.dates)):
        yield warn("clash", clashing.sentence(one), clashing.advice(one, dict(view.slugs)))


def expiring(session: Session, view: View) -> Iterator[Finding]:
    """Look for rooms whose link ends within a month, or before a date that is to be held in it."""
    used: dict[str, list[Occurrence]] = {}
    for one in view.dates:
        if one.room is not None and Door.ONLINE in one.open_doors:
            used.setdefault(one.room.key, []).append(one)
    rows = session.execute(select(OnlineRoom).where(col(OnlineRoom.expires_on).is_not(None))).scalars()
    for room in sorted(rows, key=lambda row: (row.expires_on or date.max, row.slug)):
        yield from _expiring(room, used.get(room.public_id, ()), view)


def _expiring(room: OnlineRoom, dates: Sequence[Occurrence], view: View) -> Iterator[Finding]:
    ends = room.expires_on
    if ends is None:
        return
    late = [one for one in dates if one.start_local.date() >= ends]
    if not late and ends > (view.window.start + SOON).date():
        return
    verb = "ended" if ends < view.window.start.date() else "ends"
    text = f"The link of “{room.name}” {verb} on {ends}"
    if late:
        first = late[0]
        text += f"; “{first.series.title}” is to be held in it on {occurrences.day(first.start_local)}"
    advice = f"Run `meetup room rotate {room.slug} LINK`, then `meetup room edit {room.slug} --expires DATE`"
    yield warn("rooms", text, advice)


def placeless(view: View) -> Iterator[Finding]:
    """Look for meetings that nobody can come to, by no door at all."""
    lost = Counter(one.series.meeting_id for one in view.dates if not one.usual_doors and not one.open_doors)
    for number, dates in lost.items():
        series = next(one for one in view.series if one.meeting_id == number)
        slug = view.slugs[number]
        text = f"“{series.title}” has no venue and no room, and {count(dates, 'date')} to come: nobody is reminded"
        yield warn("place", text, f"Run `meetup meeting edit {slug} --venue VENUE --room ROOM`")


def clock_changes(view: View) -> Iterator[Finding]:
    """Look for dates whose hour the clocks skip or show twice."""
    for one in view.dates:
        told = asking.surprise(one.start_local, one.zone) if one.happening else ""
        if told:
            slug, on = view.slugs[one.series.meeting_id], f"{one.slot:%Y-%m-%d}"
            advice = f"If another time is meant: `meetup meeting move {slug} --on {on} --to TIME`"
            yield warn("clock", f"“{one.series.title}”: {told}", advice)


def ending(view: View) -> Iterator[Finding]:
    """Look for meetings whose last date comes soon: whoever counts on them should hear of it, or they go on."""
    for series in view.series:
        last = None if series.meeting_id in view.resting else _last(series)
        if last is None or last not in view.window:
            continue
        wall = zones.wall(last, series.schedules[-1].zone)
        slug, after = view.slugs[series.meeting_id], wall.date() + timedelta(days=1)
        text = f"“{series.title}” has its last date on {occurrences.day(wall)}"
        advice = f'When it goes on: `meetup meeting edit {slug} --schedule "every …" --from {after}`, or add it anew'
        yield warn("ending", text, advice)


def _last(series: Series) -> datetime | None:
    """Return the last date of a series that repeats; None when it has no end, or was meant to be once."""
    ends: list[datetime] = []
    for schedule in series.schedules:
        if schedule.rule and schedule.until is None:
            return None
        slot = recurrence.last_slot(schedule) if schedule.rule else None
        if slot is not None:
            ends.append(zones.localize(slot, schedule.zone))
    return max(ends, default=None)


def crowded(session: Session, view: View) -> Iterator[Finding]:
    """Look for venues and rooms that are smaller than the number of members who would rather come by that door."""
    preferring = _preferring(session)
    space = _space(session)
    seen: set[tuple[int, str]] = set()
    for one in view.dates:
        for door, site in ((Door.IN_PERSON, one.place), (Door.ONLINE, one.room)):
            if site is None or door not in one.open_doors or (one.series.meeting_id, site.key) in seen:
                continue
            seen.add((one.series.meeting_id, site.key))
            words, preferences = BY_DOOR[door]
            wanted = sum(preferring[one.series.group_id, preference] for preference in preferences)
            if wanted > space.get(site.key, wanted):
                text = f"“{site.name}” takes {space[site.key]} people, and {wanted} members of “{one.series.title}”"
                yield warn("space", f"{text} would rather come {words}", "Find a larger one, or meet twice")


def holidays(session: Session, view: View) -> Iterator[Finding]:
    """Look for venues and meetings whose public holidays are written down for too short a time."""
    for row in feasts.remembered(session):
        if row.known_until >= view.window.end.date():
            continue
        if row.venue_id is not None:
            venue = session.get_one(Venue, row.venue_id)
            name, again = venue.name, f"meetup venue close {venue.slug}"
        elif row.meeting_id not in view.resting:
            meeting = session.get_one(Meeting, row.meeting_id)
            name, again = meeting.title, f"meetup meeting skip {meeting.slug}"
        else:
            continue
        text = f"The public holidays of {row.region} are written down for “{name}” until {row.known_until}"
        yield warn("holidays", text, f"Take the next years: `{again} --on-holidays {row.region}`")


def _preferring(session: Session) -> Counter[tuple[int, str]]:
    row = SubscriptionRow
    query = (
        select(col(row.group_id), col(row.preference), func.count())
        .where(col(row.state) == "active")
        .group_by(col(row.group_id), col(row.preference))
    )
    return Counter({(group_id, preference): number for group_id, preference, number in session.execute(query)})


def _space(session: Session) -> dict[str, int]:
    found: dict[str, int] = {}
    for table in (Venue, OnlineRoom):
        query = select(col(table.public_id), col(table.capacity)).where(col(table.capacity).is_not(None))
        found |= {key: capacity for key, capacity in session.execute(query) if capacity is not None}
    return found
