"""Listings → groups, venues, rooms and meetings, in bulk: a file may hold thousands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from meetup import groups, meetings, naming, organization
from meetup.groups import GroupDraft
from meetup.meetings import Timing
from meetup.places import rooms, venues
from meetup.places.rooms import RoomDraft
from meetup.places.venues import VenueDraft
from meetup.reminders import Rule
from meetup.schedule import recurrence, zones
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, OnlineRoom, Organization, ReminderRule, Venue
from meetup.storage.vault import new_id
from meetup.transfer import survey
from meetup.transfer.listings import Mode, Reading, Times
from meetup.transfer.survey import Fate, Household, Known, Plan, Seat, Stock, VenueKey

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """The numbers of all venues and rooms that a plan names."""

    venues: Mapping[VenueKey, int]
    rooms: Mapping[str, int]


def plan(session: Session, reading: Reading) -> Plan:
    """Say what taking a file would do; nothing is changed."""
    return survey.survey(reading, stock(session))


def take(session: Session, planned: Plan, rules: Sequence[Rule], now: datetime) -> None:
    """Do what was planned; groups that are new are reminded by the rules."""
    home = organization.the(session)  # held, so that the session need not look it up thousands of times
    held = hold(session, planned.stock, planned.venues, planned.rooms, now)
    seats: list[tuple[Seat, int]] = []
    for household in planned.households:
        fresh = [seat for seat in household.seats if seat.fate in {Fate.ADDED, Fate.PAUSED}]
        if household.group_id is None or fresh:
            group_id = household.group_id or add_group(session, _draft(household, home), rules, now)
            seats.extend((seat, group_id) for seat in fresh)
    if seats:
        _add_meetings(session, seats, held, now)
        revisions.next_revision(session)


def stock(session: Session) -> Stock:
    """Return what is there already."""
    home = organization.the(session)
    known = session.exec(select(Meeting.slug, Meeting.title, Group.name, Meeting.group_id).join(Group)).all()
    return Stock(
        label=home.cover_label,
        sender=home.sender_name,
        language=home.language,
        meetings={slug: Known(title, group, group_id) for slug, title, group, group_id in known},
        groups={group.slug: (group.name, naming.key(group)) for group in session.exec(select(Group)).all()},
        venues={_key(venue): naming.key(venue) for venue in session.exec(select(Venue)).all()},
        rooms={
            rooms.value(session, room).url: naming.key(room)
            for room in session.exec(select(OnlineRoom).order_by(col(OnlineRoom.id).desc())).all()
        },
    )


def _key(venue: Venue) -> VenueKey:
    return survey.venue_key(venue.name, venue.address)


def hold(
    session: Session,
    there: Stock,
    fresh_venues: Mapping[VenueKey, VenueDraft],
    fresh_rooms: Mapping[str, RoomDraft],
    now: datetime,
) -> Held:
    """Add the venues and rooms that are new, and return the numbers of all."""
    made_venues = {key: naming.key(venues.add(session, draft, now)) for key, draft in fresh_venues.items()}
    made_rooms = {url: naming.key(rooms.add(session, draft, now)) for url, draft in fresh_rooms.items()}
    return Held({**there.venues, **made_venues}, {**there.rooms, **made_rooms})


def _draft(household: Household, home: Organization) -> GroupDraft:
    # No label of its own: calendars say what the organization says of itself, and never the group's name.
    return GroupDraft(household.name, slug=household.slug, zone=household.zone or home.zone)


def add_group(session: Session, draft: GroupDraft, rules: Sequence[Rule], now: datetime) -> int:
    """Add a group that is reminded by some rules; return its number."""
    group = groups.add(session, draft, now)
    group_id = naming.key(group)
    session.add_all(
        ReminderRule(group_id=group_id, lead=str(rule.lead), channel=rule.channel.value, created_at=now)
        for rule in dict.fromkeys(rules)
    )
    return group_id


def _add_meetings(session: Session, seats: Sequence[tuple[Seat, int]], held: Held, now: datetime) -> None:
    made = [_meeting(seat, group_id, held, now) for seat, group_id in seats]
    session.add_all(made)
    session.flush()
    # Asking how many schedules a meeting has would write them one by one.
    with session.no_autoflush:
        for (seat, _), row in zip(seats, made, strict=True):
            if seat.listing.times:
                session.add(meetings.new_schedule(session, row, _timing(seat.listing.times, row, now), now))
    session.flush()


def _meeting(seat: Seat, group_id: int, held: Held, now: datetime) -> Meeting:
    listing = seat.listing
    # A paused meeting keeps its place for the day on which it is resumed; one that went online does not.
    venue = listing.venue if listing.mode is not Mode.ONLINE else None
    return Meeting(
        public_id=new_id(),
        slug=seat.slug,
        group_id=group_id,
        title=listing.name,
        venue_id=held.venues[survey.key_of(venue)] if venue else None,
        room_id=held.rooms[listing.room.url] if listing.room else None,
        state="paused" if seat.fate is Fate.PAUSED else "active",
        created_at=now,
        changed_at=now,
    )


def _timing(times: Times, meeting: Meeting, now: datetime) -> Timing:
    """Return when a meeting happens from its first date on; a paused one has ended before it began."""
    today = zones.wall(now, times.zone).date()
    first = recurrence.settle(times.rule, datetime.combine(today, times.start), zone=times.zone)
    until = today - ONE_DAY if meeting.state == "paused" else None
    return Timing(first.rule, first.start, times.length, until, times.zone)
