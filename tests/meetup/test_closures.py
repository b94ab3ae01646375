"""A venue or a room is shut for a time: what it touches, what it may say, and how it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from meetup import agenda, dates, meetings
from meetup.clock import HandClock
from meetup.errors import AlreadyExists, Forbidden, NotUnderstood
from meetup.places import closures, rooms, venues
from meetup.places.closures import ClosureDraft, Site
from meetup.places.rooms import RoomDraft
from meetup.places.venues import VenueDraft
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import ClosureRow, Group, Meeting, OnlineRoom, Organization, Venue
from meetup.values import Door
from tests.meetup.weeks import wall

FRIDAY, SUNDAY = wall("2026-11-27 00:00"), wall("2026-11-29 00:00")
THURSDAY = wall("2026-12-03 19:00")
DECEMBER = wall("2026-12-01 00:00"), wall("2027-01-01 00:00"), "heating"


@dataclass(frozen=True)
class Town:
    """A meeting on Thursdays from 3 December 2026 on, in the hall alone; a library, and two rooms."""

    session: Session
    clock: HandClock
    hall: Venue
    library: Venue
    zoom: OnlineRoom
    attic: OnlineRoom
    meeting: Meeting

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def close(
        self, site: Site, start: datetime, end: datetime, reason: str = "", instead: Site | None = None
    ) -> ClosureRow:
        return closures.close(self.session, site, ClosureDraft(start, end, reason, instead), self.now)

    def reopen(self, site: Site, at: datetime, *rows: ClosureRow) -> list[ClosureRow]:
        return closures.reopen(self.session, site, rows, at, self.now)

    def hold(self, venue: Venue | None, room: OnlineRoom | None) -> None:
        meetings.hold(self.session, self.meeting, self.now, venue=venue, room=room)

    def slot(self) -> dates.Slot:
        return dates.slot_on(self.session, self.meeting, THURSDAY.date())

    def version(self) -> int:
        self.session.refresh(self.meeting)
        return self.meeting.version

    def on(self, slot: datetime) -> Occurrence:
        self.session.flush()
        found = agenda.on_slot(agenda.one_series(self.session, self.meeting.id or 0), slot)
        assert found is not None
        return found


@pytest.fixture
def town(session: Session, circle: Group, hall: Venue, zoom: OnlineRoom, clock: HandClock) -> Town:
    library = venues.add(session, VenueDraft("Library", "1 Oak Street, Troy"), clock.now())
    attic = rooms.add(session, RoomDraft("Attic", "https://zoom.us/j/2"), clock.now())
    timing = meetings.Timing("FREQ=WEEKLY", THURSDAY, timedelta(hours=1), None, "America/New_York")
    meeting = meetings.add(session, circle, [timing], clock.now())
    meetings.hold(session, meeting, clock.now(), venue=hall, room=None)
    return Town(session, clock, hall, library, zoom, attic, meeting)


def where(one: Occurrence) -> tuple[set[str], str, str]:
    names = (one.place.name if one.place else "", one.room.name if one.room else "")
    return {door.value for door in one.open_doors}, *names


def test_a_closure_raises_every_meeting_in_the_house(town: Town, home: Organization) -> None:
    before = town.meeting.version

    row = town.close(town.hall, FRIDAY, SUNDAY, "Burst pipe")

    town.session.refresh(town.meeting)
    town.session.refresh(home)
    assert (town.meeting.version, row.revision) == (before + 1, home.revision)
    assert closures.listing(town.session, town.hall) == [row]
    assert closures.affected(town.session, town.hall) == [town.meeting.id]


def test_a_house_without_meetings_affects_none(town: Town) -> None:
    town.close(town.library, FRIDAY, SUNDAY)

    assert closures.affected(town.session, town.library) == []


def test_reopening_shortens_what_it_is_given_and_remembers_what_was_planned(town: Town) -> None:
    running = town.close(town.hall, FRIDAY, SUNDAY, "Burst pipe")
    coming = town.close(town.hall, *DECEMBER)
    at = wall("2026-11-28 09:00")

    shortened = town.reopen(town.hall, at, running, coming)

    assert shortened == [running, coming]
    assert (running.end_local, running.planned_end_local) == (at, SUNDAY)
    assert (coming.end_local, coming.planned_end_local) == (coming.start_local, DECEMBER[1])
    assert closures.listing(town.session, town.hall) == [running]
    assert closures.everything(town.session, town.hall) == [running, coming]


def test_reopening_an_open_house_changes_nothing(town: Town, home: Organization) -> None:
    row = town.close(town.hall, FRIDAY, SUNDAY)
    town.session.refresh(home)
    before = home.revision

    assert town.reopen(town.hall, SUNDAY, row) == []

    town.session.refresh(home)
    assert home.revision == before


@pytest.mark.parametrize(
    ("start", "end", "refusal"),
    [
        (FRIDAY, FRIDAY, NotUnderstood),
        (SUNDAY, FRIDAY, NotUnderstood),
        (FRIDAY, wall("9999-12-31 00:00"), NotUnderstood),
        (wall("9999-01-01 00:00"), wall("9999-12-31 00:00"), NotUnderstood),
        (wall("2020-01-01 00:00"), wall("2020-02-01 00:00"), Forbidden),
    ],
    ids=["no time at all", "backwards", "for ever", "in another age", "long over"],
)
def test_a_closure_that_shuts_nothing_is_refused(
    town: Town, start: datetime, end: datetime, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        town.close(town.hall, start, end)

    assert closures.everything(town.session, town.hall) == []


def test_a_closure_of_what_is_over_in_one_zone_only_is_taken(town: Town) -> None:
    # Seven in the morning in New York is two at night in Honolulu, where the hall may be.
    town.close(town.hall, FRIDAY - timedelta(days=9), wall("2026-11-23 05:00"))

    assert [one.end_local for one in closures.everything(town.session, town.hall)] == [wall("2026-11-23 05:00")]


def test_what_is_shut_already_is_not_shut_again(town: Town) -> None:
    town.close(town.hall, *DECEMBER)

    with pytest.raises(
        AlreadyExists, match=r"is shut from 2026-12-01 00:00 until 2027-01-01 00:00 \(heating\) already"
    ):
        town.close(town.hall, wall("2026-12-24 00:00"), wall("2026-12-27 00:00"))

    assert len(closures.everything(town.session, town.hall)) == 1


def test_what_was_taken_back_may_be_shut_again(town: Town) -> None:
    first = town.close(town.hall, *DECEMBER)
    town.reopen(town.hall, town.now.replace(tzinfo=None), first)

    second = town.close(town.hall, *DECEMBER)

    assert closures.listing(town.session, town.hall) == [second]


def test_nobody_can_go_to_what_is_shut(town: Town) -> None:
    with pytest.raises(Forbidden, match="nobody can go there instead"):
        town.close(town.hall, FRIDAY, SUNDAY, instead=town.hall)


def test_a_hall_that_is_shut_leads_online_who_has_no_other_way_in(town: Town) -> None:
    town.close(town.hall, *DECEMBER[:2], instead=town.attic)

    assert where(town.on(THURSDAY)) == ({"online"}, town.hall.name, "Attic")
    assert where(town.on(wall("2027-01-07 19:00"))) == ({"in_person"}, town.hall.name, "")


def test_a_hall_that_is_shut_leaves_hybrid_dates_in_their_own_room(town: Town) -> None:
    town.hold(town.hall, town.zoom)

    town.close(town.hall, *DECEMBER[:2], instead=town.attic)

    assert where(town.on(THURSDAY)) == ({"online"}, town.hall.name, "Circle room")


def test_a_room_that_is_shut_leaves_hybrid_dates_in_the_hall(town: Town) -> None:
    town.hold(town.hall, town.zoom)

    town.close(town.zoom, *DECEMBER)

    one = town.on(THURSDAY)
    assert (one.open_doors, one.half_cancelled, one.reason) == (frozenset({Door.IN_PERSON}), True, "heating")


def test_a_room_that_is_shut_may_lead_everybody_to_another_one(town: Town) -> None:
    town.hold(town.hall, town.zoom)

    town.close(town.zoom, *DECEMBER[:2], instead=town.attic)

    one = town.on(THURSDAY)
    assert where(one) == ({"in_person", "online"}, town.hall.name, "Attic")
    assert (one.half_cancelled, one.restored) == (False, False)


def test_a_room_that_is_shut_leads_its_online_meetings_to_a_hall(town: Town) -> None:
    town.hold(None, town.zoom)

    town.close(town.zoom, *DECEMBER[:2], instead=town.hall)

    one = town.on(THURSDAY)
    assert where(one) == ({"in_person"}, town.hall.name, "Circle room")
    assert one.by_another_door


def test_where_people_go_may_be_shut_too_and_lead_on(town: Town) -> None:
    town.close(town.hall, *DECEMBER[:2], instead=town.library)
    town.close(town.library, THURSDAY, wall("2026-12-04 00:00"), instead=town.attic)

    assert where(town.on(THURSDAY)) == ({"online"}, town.hall.name, "Attic")
    assert where(town.on(wall("2026-12-10 19:00"))) == ({"in_person"}, "Library", "")


def test_two_places_that_lead_to_one_another_lead_nowhere(town: Town) -> None:
    town.close(town.hall, *DECEMBER[:2], instead=town.library)
    town.close(town.library, *DECEMBER[:2], instead=town.hall)

    assert town.on(THURSDAY).happening is False


def test_the_last_word_decides_where_people_go(town: Town) -> None:
    town.close(town.hall, *DECEMBER[:2], "heating", town.library)
    last = town.close(town.hall, THURSDAY, wall("2026-12-04 00:00"), "a feast", town.attic)

    then = town.on(THURSDAY)
    assert (where(then), then.reason) == (({"online"}, town.hall.name, "Attic"), "heating; a feast")
    town.reopen(town.hall, last.start_local, last)
    assert where(town.on(THURSDAY)) == ({"in_person"}, "Library", "")


def test_a_door_that_was_shut_by_hand_is_not_opened_by_a_closure(town: Town) -> None:
    town.hold(town.hall, town.zoom)
    dates.close_door(town.session, town.meeting, town.slot(), Door.ONLINE, town.now)

    town.close(town.hall, *DECEMBER[:2], instead=town.attic)

    assert town.on(THURSDAY).happening is False
    assert where(town.on(wall("2026-12-10 19:00")))[0] == {"online"}


def test_a_cancelled_date_stays_cancelled_wherever_a_closure_leads(town: Town) -> None:
    dates.cancel(town.session, town.meeting, town.slot(), town.now)

    town.close(town.hall, *DECEMBER[:2], instead=town.attic)

    assert town.on(THURSDAY).happening is False


@pytest.mark.parametrize("what", ["rotate", "close", "reopen", "edit"])
def test_whatever_happens_to_the_room_that_people_go_to_raises_their_meeting(town: Town, what: str) -> None:
    town.close(town.hall, *DECEMBER[:2], instead=town.library)
    town.close(town.library, *DECEMBER[:2], instead=town.attic)
    shut: list[ClosureRow] = []
    if what == "reopen":
        shut.append(town.close(town.attic, *DECEMBER))
    before = town.version()

    if what == "rotate":
        rooms.rotate(town.session, town.attic, "https://zoom.us/j/3", "", town.now)
    elif what == "edit":
        rooms.edit(town.session, town.attic, rooms.draft_of(town.session, town.attic), town.now)
    elif what == "close":
        town.close(town.attic, *DECEMBER)
    else:
        town.reopen(town.attic, *DECEMBER[:1], *shut)

    town.session.refresh(town.meeting)
    assert town.meeting.version == before + 1


def test_a_lifted_closure_is_remembered_on_the_dates_that_it_was_to_shut(town: Town) -> None:
    row = town.close(town.hall, *DECEMBER)
    town.reopen(town.hall, wall("2026-12-04 00:00"), row)

    lifted = town.on(wall("2026-12-10 19:00"))

    assert (lifted.happening, lifted.restored, lifted.revision) == (True, True, row.revision)
    assert town.on(THURSDAY).happening is False
    assert town.on(wall("2027-01-07 19:00")).revision == 0


def test_a_moved_date_under_a_lifted_closure_is_still_a_moved_date(town: Town) -> None:
    dates.move(town.session, town.meeting, town.slot(), dates.Move(venue=town.library), town.now)
    row = town.close(town.library, *DECEMBER)
    town.reopen(town.library, DECEMBER[0], row)

    one = town.on(THURSDAY)

    assert (where(one), one.restored, one.revision) == (({"in_person"}, "Library", ""), False, row.revision)
