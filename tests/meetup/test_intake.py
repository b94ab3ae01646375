"""Listings become groups, places and meetings, once, and nobody who is here already is told of strangers' meetings."""

import json
from datetime import datetime, timedelta

import pytest
from sqlmodel import SQLModel, col, func, select

from meetup import agenda, groups, meetings, reminders, timetable
from meetup.clock import HandClock
from meetup.groups import GroupDraft
from meetup.meetings import Timing
from meetup.people import members
from meetup.places import rooms, venues
from meetup.schedule.series import Series
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Group, Meeting, OnlineRoom, Organization, Venue
from meetup.transfer import intake
from meetup.transfer.meeting_guide import read
from meetup.transfer.survey import Fate, Plan
from meetup.values import Door, Window
from notifications import plan
from tests.conftest import START, join

ZONE = "America/New_York"
RULES = [reminders.parse_rule("24h by email"), reminders.parse_rule("2h by sms")]
WEIR = {"formatted_address": "8 Weir Lane, Troy, NY 12180, USA", "location": "Weir House"}
ZOOM = {"conference_url": "https://zoom.us/j/91234567890?pwd=S3cret"}
LANTERN: dict[str, object] = {"slug": "lantern", "name": "Lantern walk", "day": 2, "time": "19:00", **WEIR}
PADDLE: dict[str, object] = {"slug": "paddle", "name": "Paddle hour", "day": [1, 4], "time": "7:30 am", **ZOOM}

pytestmark = pytest.mark.usefixtures("home")


def take(session: Session, *rows: dict[str, object]) -> Plan:
    planned = intake.plan(session, read(json.dumps(rows), ZONE))
    intake.take(session, planned, RULES, START)
    return planned


def fates(planned: Plan) -> dict[str, int]:
    return {fate.value: count for fate, count in planned.fates.items() if count}


def names(session: Session, table: type[Group | Venue | OnlineRoom]) -> list[str]:
    return sorted(session.exec(select(table.name)).all())


def series(session: Session) -> dict[str, Series]:
    slugs = dict(session.exec(select(Meeting.id, Meeting.slug)).all())
    return {slugs[one.meeting_id]: one for one in agenda.all_series(session)}


def test_a_listing_becomes_a_weekly_meeting_of_a_group(session: Session) -> None:
    planned = take(session, LANTERN, {**PADDLE, **WEIR})

    found = series(session)
    assert fates(planned) == {"added": 2}
    assert [(one.title, one.group) for one in found.values()] == [
        ("Lantern walk", "lantern-walk"),
        ("Paddle hour", "paddle-hour"),
    ]
    (schedule,) = found["paddle"].schedules
    assert (schedule.rule, schedule.zone, schedule.start, schedule.duration) == (
        "FREQ=WEEKLY;BYDAY=MO,TH",
        ZONE,
        datetime.fromisoformat("2026-11-23T07:30"),
        timedelta(hours=1),
    )
    assert found["paddle"].place == found["lantern"].place
    assert found["lantern"].room is None
    assert (names(session, Venue), names(session, OnlineRoom)) == (["Weir House"], ["Paddle hour, Zoom"])


def test_a_series_begins_at_its_first_date_from_today_on(session: Session) -> None:
    take(session, LANTERN, {**LANTERN, "slug": "two", "day": 0})

    assert [one.schedules[0].start.date().isoformat() for one in series(session).values()] == [
        "2026-11-24",
        "2026-11-29",
    ]


def test_calendars_never_call_an_imported_group_by_its_name(session: Session) -> None:
    take(session, LANTERN)

    assert [group.cover_label for group in groups.listing(session)] == ["Thursday group"]


def test_a_group_whose_name_the_cover_label_gives_away_is_rejected(session: Session) -> None:
    planned = take(session, {**LANTERN, "name": "Thursday Group"}, PADDLE)

    assert [(one.row, one.name) for one in planned.rejected] == [(1, "Thursday Group")]
    assert "“Thursday group”" in planned.rejected[0].reason
    assert names(session, Group) == ["Paddle hour"]


def test_a_group_that_is_called_what_every_text_says_is_rejected_and_the_others_come_in(session: Session) -> None:
    planned = take(session, {**LANTERN, "name": "Riverside"}, PADDLE)

    assert [(one.row, one.name) for one in planned.rejected] == [(1, "Riverside")]
    assert "Texts begin with “Riverside”, the organization's sender name" in planned.rejected[0].reason
    assert names(session, Group) == ["Paddle hour"]


def test_new_groups_are_reminded_by_the_rules(session: Session) -> None:
    take(session, LANTERN)

    (group,) = groups.listing(session)
    assert reminders.rules(session, group.id or 0) == RULES


def test_listings_of_one_group_are_one_group(session: Session) -> None:
    take(session, {**LANTERN, "group": "Riverside walkers"}, {**PADDLE, "group": "riverside Walkers"})

    assert names(session, Group) == ["Riverside walkers"]
    assert len(series(session)) == 2


def test_listings_of_one_name_are_one_group_only_where_they_meet_at_one_place(session: Session) -> None:
    elsewhere = {"formatted_address": "2 Mill Road, Utica, NY 13501, USA"}
    take(session, LANTERN, {**LANTERN, "slug": "two", "day": 4}, {**LANTERN, "slug": "three", **elsewhere})

    found = series(session)
    assert [found[slug].group for slug in ("lantern", "two", "three")] == [
        "lantern-walk",
        "lantern-walk",
        "lantern-walk-2",
    ]


def test_what_a_group_says_twice_is_taken_once(session: Session) -> None:
    planned = take(session, {**LANTERN, "day": [2, 4]}, {**LANTERN, "slug": "again", "day": 4}, {**PADDLE, "day": 4})

    assert [(one.row, one.reason) for one in planned.rejected] == [
        (2, "It has the group, name and time of row 1: members would be told twice")
    ]
    assert list(series(session)) == ["lantern", "paddle"]


def test_one_venue_for_an_address_and_name_and_one_room_for_a_link(session: Session) -> None:
    again = {**WEIR, "location": "WEIR HOUSE", "types": ["X"]}
    take(session, {**LANTERN, **ZOOM}, {**PADDLE, **again}, {**PADDLE, "slug": "hut", **WEIR, "location": "The hut"})

    (weir,) = [venue for venue in venues.listing(session) if venue.name == "Weir House"]
    assert names(session, Venue) == ["The hut", "Weir House"]
    assert weir.step_free is True
    assert len(names(session, OnlineRoom)) == 1


def test_places_and_rooms_that_are_here_already_are_used(session: Session, clock: HandClock) -> None:
    hall = venues.add(session, venues.VenueDraft("weir house", "8 weir lane, Troy, NY 12180, USA"), clock.now())
    room = rooms.add(session, rooms.RoomDraft("Ours", str(ZOOM["conference_url"])), clock.now())

    take(session, {**LANTERN, **ZOOM})

    (meeting,) = meetings.listing(session)
    assert (meeting.venue_id, meeting.room_id) == (hall.id, room.id)


def test_a_link_with_a_password_is_for_members_only(session: Session) -> None:
    take(session, PADDLE)

    assert [room.visibility for room in rooms.listing(session)] == ["members"]


def test_an_inactive_listing_is_paused_and_can_be_resumed_at_its_place(session: Session, clock: HandClock) -> None:
    planned = take(session, {**LANTERN, "types": ["TC"]})
    month = Window(START, START + timedelta(days=28))
    meeting = meetings.find(session, "lantern")

    assert (fates(planned), meeting.state) == ({"paused": 1}, "paused")
    assert agenda.occurrences(session, month) == []

    timetable.resume(session, meeting, START.date(), clock.now())

    (first, *_) = agenda.occurrences(session, month)
    assert (first.start_local, first.open_doors) == (
        datetime.fromisoformat("2026-11-24T19:00"),
        frozenset({Door.IN_PERSON}),
    )


def test_a_listing_that_went_online_sends_nobody_to_its_place(session: Session) -> None:
    take(session, {**LANTERN, **ZOOM, "types": ["TC"]})

    (one,) = series(session).values()
    assert (one.place, one.room is not None) == (None, True)
    assert names(session, Venue) == ["Weir House"]


def test_by_appointment_means_a_group_without_a_schedule(session: Session) -> None:
    planned = take(session, {"slug": "talks", "name": "Talks", **ZOOM}, LANTERN)

    assert fates(planned) == {"added": 1, "unscheduled": 1}
    assert [group.slug for group in groups.listing(session)] == ["lantern-walk", "talks"]
    assert list(series(session)) == ["lantern"]


def test_taking_the_same_file_again_changes_nothing(session: Session) -> None:
    rows: list[dict[str, object]] = [
        {**LANTERN, "group": "Walkers"},
        {"slug": "any-day", "name": "Any day", "group": "Walkers"},
        PADDLE,
        {**PADDLE, "slug": "p2", "name": "Lantern walk", "types": ["TC"]},
        {"slug": "talks", "name": "Talks"},
        {"slug": "lantern-walk", "name": "Talks again"},
    ]
    take(session, *rows)
    session.flush()
    before = contents(session)

    planned = take(session, *rows)

    assert fates(planned) == {"known": 6}
    assert (planned.new_groups, planned.venues, planned.rooms) == (0, {}, {})
    assert contents(session) == before


def contents(session: Session) -> dict[str, list[object]]:
    session.flush()
    return {table.name: list(session.connection().execute(table.select())) for table in SQLModel.metadata.sorted_tables}


def test_only_what_is_new_in_a_file_is_added_to_its_group(session: Session) -> None:
    take(session, {**LANTERN, "group": "Walkers"})
    planned = take(session, {**LANTERN, "group": "Walkers"}, {**PADDLE, "group": "Walkers"})

    assert fates(planned) == {"known": 1, "added": 1}
    assert {one.group for one in series(session).values()} == {"walkers"}


def test_a_meeting_that_was_renamed_here_is_still_known(session: Session, clock: HandClock) -> None:
    take(session, LANTERN)
    meetings.rename(session, meetings.find(session, "lantern"), "Evening walk", clock.now())

    assert fates(take(session, LANTERN)) == {"known": 1}


def test_the_slug_of_somebody_elses_meeting_gets_a_number_and_keeps_it(session: Session, clock: HandClock) -> None:
    ours = groups.add(session, GroupDraft("Rowers"), clock.now())
    timing = Timing("FREQ=WEEKLY;BYDAY=SU", datetime.fromisoformat("2026-11-29T10:00"), timedelta(hours=1), None, ZONE)
    meetings.add(session, ours, [timing], clock.now(), title="lantern")

    first, second = take(session, LANTERN), take(session, LANTERN)

    assert (fates(first), fates(second)) == ({"added": 1}, {"known": 1})
    assert sorted(series(session)) == ["lantern", "lantern-2"]


def test_members_of_a_group_with_the_same_name_are_not_told_of_imported_meetings(
    session: Session, circle: Group, clock: HandClock
) -> None:
    join(session, circle, members.MemberDraft("Ada", "+12025550123", "ada@example.org"), clock.now())

    take(session, {**LANTERN, "name": circle.name, "group": circle.name})

    assert names(session, Group) == ["Thursday circle", "Thursday circle"]
    assert plan.plan(session, START) == 0


def test_whoever_subscribes_to_an_imported_group_is_reminded(session: Session, clock: HandClock) -> None:
    take(session, {**LANTERN, "day": 3}, PADDLE)
    group = groups.find(session, "Lantern walk")
    join(session, group, members.MemberDraft("Ada", "+12025550123", "ada@example.org"), clock.now())

    plan.plan(session, START, timedelta(hours=60))

    rows = session.exec(select(DeliveryRow).order_by(col(DeliveryRow.due_at))).all()
    assert [(row.channel, row.lead, f"{row.slot:%a %H:%M}") for row in rows] == [
        ("email", "24h", "Wed 19:00"),
        ("sms", "2h", "Wed 19:00"),
    ]


def test_a_plan_alone_changes_nothing(session: Session, home: Organization) -> None:
    before = contents(session)

    planned = intake.plan(session, read(json.dumps([LANTERN, PADDLE]), ZONE))

    assert (fates(planned), planned.new_groups, len(planned.venues), len(planned.rooms)) == ({"added": 2}, 2, 1, 1)
    assert contents(session) == before
    assert session.exec(select(func.count()).select_from(Group)).one() == 0
    assert Fate.ADDED in planned.fates
