"""Calendars become groups, places and meetings that keep their UIDs; taken again they change nothing."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlmodel import SQLModel, col, select

from meetup import agenda, dates, groups, meetings, reminders, timetable
from meetup.clock import HandClock
from meetup.errors import Forbidden, UsageError
from meetup.people.members import MemberDraft
from meetup.places import rooms, venues
from meetup.schedule.series import Series, Status
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Group
from meetup.transfer.ics import calendar, intake, survey, written
from meetup.transfer.ics.calendar import Wishes
from meetup.transfer.ics.intake import Wanted
from meetup.transfer.ics.survey import Plan
from meetup.values import Door, State, Window
from notifications import notices, plan
from tests.conftest import START, join
from tests.meetup.foreign import EASTERN, NEW_YORK, event, file, wall, weekly

RULES = [reminders.parse_rule("24h by email"), reminders.parse_rule("2h by sms")]
ZOOM = "https://zoom.us/j/98765432100?pwd=S3cret"
OVERRIDE = f"RECURRENCE-ID;TZID={NEW_YORK}:20261208T190000"
HERE = f"DTSTART;TZID={NEW_YORK}:20261208T190000"
CANCELLED = event(OVERRIDE, HERE, "STATUS:CANCELLED")

pytestmark = pytest.mark.usefixtures("home")


def take(session: Session, *parts: str, wanted: Wanted = Wanted(), keep_going: bool = False) -> Plan:  # noqa: B008 -- frozen
    reading = calendar.read(file(*parts), Wishes(NEW_YORK, START))
    planned = intake.survey_of(session, reading, wanted, START)
    return intake.take(session, planned, RULES, START, keep_going=keep_going)


def fates(planned: Plan) -> dict[str, int]:
    return {fate.value: count for fate, count in planned.fates.items() if count}


def contents(session: Session) -> dict[str, Sequence[object]]:
    session.flush()
    return {table.name: list(session.connection().execute(table.select())) for table in SQLModel.metadata.sorted_tables}


def only(session: Session) -> Series:
    (one,) = agenda.all_series(session)
    return one


def held(session: Session, days: int = 30) -> list[tuple[str, frozenset[Door]]]:
    found = agenda.occurrences(session, Window(START, START + timedelta(days=days)))
    return [(f"{one.start_local:%d %H:%M}", one.open_doors) for one in found if one.status is Status.CONFIRMED]


def starts(session: Session) -> list[str]:
    return [start for start, _ in held(session)]


def test_a_calendar_becomes_a_group_with_its_meetings(session: Session, clock: HandClock) -> None:
    planned = take(session, weekly("SEQUENCE:4", "CREATED:20250102T030405Z", f"URL:{ZOOM}"))

    (group,) = groups.listing(session)
    one = only(session)
    (schedule,) = one.schedules
    assert fates(planned) == {"added": 1}
    assert (group.name, group.slug, group.zone, reminders.rules(session, group.id or 0)) == (
        *("Walkers", "walkers", NEW_YORK),
        RULES,
    )
    assert (one.title, schedule.uid, schedule.sequence, str(schedule.created_at), schedule.changed_at) == (
        *("Lantern walk", "walk@elsewhere", 4, "2025-01-02 03:04:00+00:00"),
        START,
    )
    assert (one.place and one.place.address, one.room and one.room.url) == ("8 Weir Lane, Troy", ZOOM)
    assert [room.visibility for room in rooms.listing(session)] == ["members"]


def test_calendars_never_call_an_imported_group_by_its_name(session: Session) -> None:
    take(session, weekly())

    assert [group.cover_label for group in groups.listing(session)] == ["Thursday group"]


def test_a_name_that_the_cover_label_gives_away_is_refused(session: Session) -> None:
    with pytest.raises(Forbidden, match="“Thursday group”"):
        take(session, weekly(), wanted=Wanted(group="Thursday group"))


def test_our_sequence_grows_from_theirs(session: Session, clock: HandClock) -> None:
    take(session, weekly("SEQUENCE:4"))

    meetings.rename(session, meetings.find(session, "lantern-walk"), "Moon walk", clock.now())

    assert only(session).schedules[0].sequence == 5


WHOLE = (
    weekly(f"EXDATE;TZID={NEW_YORK}:20261215T190000", f"RDATE;TZID={NEW_YORK}:20261203T190000", f"URL:{ZOOM}"),
    CANCELLED,
    event(f"RECURRENCE-ID;TZID={NEW_YORK}:20261222T190000", f"DTSTART;TZID={NEW_YORK}:20261223T180000", f"URL:{ZOOM}"),
    event(
        f"RECURRENCE-ID;TZID={NEW_YORK}:20261229T190000", f"DTSTART;TZID={NEW_YORK}:20261229T190000", f"LOCATION:{ZOOM}"
    ),
    EASTERN.format(name="Mine"),
    event("DTSTART;TZID=Mine:20261206T100000", "RRULE:FREQ=MONTHLY;BYDAY=1SU", "SUMMARY:Paddle hour", uid="paddle"),
    event("DTSTART:20261207T150000Z", "SUMMARY:Talk", "UID:-", "LOCATION:Library"),
)


def test_what_differs_on_single_dates_comes_along(session: Session) -> None:
    take(session, *WHOLE)

    both, hall, room = frozenset(Door), frozenset({Door.IN_PERSON}), frozenset({Door.ONLINE})
    assert held(session, 40) == [
        ("01 19:00", both),
        ("03 19:00", both),
        ("06 10:00", hall),
        ("07 10:00", hall),
        ("23 18:00", both),
        ("29 19:00", room),
    ]


def test_taking_the_same_calendar_again_changes_nothing(session: Session) -> None:
    take(session, *WHOLE)
    before = contents(session)

    again = take(session, *WHOLE)
    forced = take(session, *WHOLE, wanted=Wanted(update=True))

    assert fates(again) == fates(forced) == {"known": 3}
    assert (again.venues, again.rooms, again.changes, again.remarks) == ({}, {}, False, ())
    assert contents(session) == before


def test_what_came_with_a_calendar_is_told_to_nobody(session: Session, circle: Group, clock: HandClock) -> None:
    join(session, circle, MemberDraft("Ada", "+12025550123", "ada@example.org"), clock.now())
    for rule in RULES:
        reminders.add_rule(session, circle, rule.lead, rule.channel, clock.now())
    take(session, *WHOLE, wanted=Wanted(group=circle.slug))

    assert notices.plan_notices(session, START + timedelta(days=10), timedelta(days=40)) == 0

    slot = dates.slot_on(session, meetings.find(session, "lantern-walk"), date(2026, 12, 1))
    dates.cancel(session, meetings.find(session, "lantern-walk"), slot, clock.now())

    assert notices.plan_notices(session, START, timedelta(days=40)) == 2


def test_members_are_reminded_of_what_is_held_and_of_nothing_else(
    session: Session, circle: Group, clock: HandClock
) -> None:
    join(session, circle, MemberDraft("Ada", "+12025550123", "ada@example.org"), clock.now())
    reminders.add_rule(session, circle, RULES[0].lead, RULES[0].channel, clock.now())
    take(session, weekly(), CANCELLED, wanted=Wanted(group=circle.slug))
    session.commit()

    plan.plan(session, START, timedelta(days=27))

    rows = session.exec(select(DeliveryRow).order_by(col(DeliveryRow.slot))).all()
    assert [f"{row.slot:%d}" for row in rows] == ["01", "15"]


def test_an_entry_without_a_place_needs_one_that_is_named(session: Session, clock: HandClock) -> None:
    rooms.add(session, rooms.RoomDraft("Chat", "https://meet.jit.si/walkers"), clock.now())
    channel = weekly("LOCATION:#walkers")
    refused = take(session, channel)

    assert [(one.row, one.reason) for one in refused.rejected] == [(1, survey.NOWHERE)]
    assert groups.listing(session) == []

    take(session, channel, weekly("SUMMARY:Paddle hour", uid="b"), wanted=Wanted(room="chat"))
    one, other = agenda.all_series(session)
    assert (one.place, one.room and one.room.name) == (None, "Chat")
    assert (other.place is not None, other.room) == (True, None)


def test_one_bad_entry_leaves_everything_as_it_was(session: Session) -> None:
    before = contents(session)
    bad = weekly("DTSTART:tomorrow", uid="bad")

    refused = take(session, weekly(), bad)

    assert [one.row for one in refused.rejected] == [2]
    assert contents(session) == before
    assert fates(take(session, weekly(), bad, keep_going=True)) == {"added": 1}
    assert len(agenda.all_series(session)) == 1


def test_a_date_online_without_a_link_sends_nobody_to_the_hall(session: Session, clock: HandClock) -> None:
    online = event(OVERRIDE, HERE, "LOCATION:Online")
    planned = take(session, weekly(), online)

    assert starts(session) == ["01 19:00", "15 19:00", "22 19:00"]
    assert [(one.text, one.about) for one in planned.remarks] == [(written.STAYS_HOME, "2026-12-08")]


def test_a_date_online_closes_the_hall_of_a_meeting_with_a_room(session: Session) -> None:
    take(session, weekly(f"URL:{ZOOM}"), event(OVERRIDE, HERE, "LOCATION:Online"))

    assert held(session)[1] == ("08 19:00", frozenset({Door.ONLINE}))


def test_places_and_rooms_that_are_here_already_are_used(session: Session, clock: HandClock) -> None:
    hall = venues.add(session, venues.VenueDraft("parish hall", "8 weir lane, Troy"), clock.now())
    room = rooms.add(session, rooms.RoomDraft("Ours", ZOOM), clock.now())

    planned = take(session, weekly(f"URL:{ZOOM}"))

    (meeting,) = meetings.listing(session)
    assert (meeting.venue_id, meeting.room_id) == (hall.id, room.id)
    assert (planned.venues, planned.rooms) == ({}, {})


# Which group


def test_a_group_of_that_name_is_not_joined_without_being_named(session: Session, circle: Group) -> None:
    with pytest.raises(UsageError) as refusal:
        intake.survey_of(
            session,
            calendar.read(file(weekly(), head=f"NAME:{circle.name}\n"), Wishes(NEW_YORK, START)),
            Wanted(),
            START,
        )

    assert "its members would be reminded" in refusal.value.message
    assert "--group thursday-circle" in refusal.value.hint


def test_a_calendar_without_a_name_needs_a_group(session: Session) -> None:
    reading = calendar.read(file(weekly(), head=""), Wishes(NEW_YORK, START))

    with pytest.raises(UsageError, match="no name"):
        intake.survey_of(session, reading, Wanted(), START)
    assert intake.survey_of(session, reading, Wanted(group="Walkers"), START).present.group == "Walkers"


def test_what_is_new_in_a_known_calendar_goes_to_its_group(session: Session, clock: HandClock) -> None:
    take(session, weekly(), wanted=Wanted(group="Strollers"))

    planned = take(session, weekly(), weekly("SUMMARY:Paddle hour", uid="b"))

    assert fates(planned) == {"added": 1, "known": 1}
    assert [group.name for group in groups.listing(session)] == ["Strollers"]


def test_what_a_group_holds_already_is_not_added_under_another_uid(session: Session) -> None:
    take(session, weekly())

    planned = take(session, event(f"DTSTART;TZID={NEW_YORK}:20270105T190000", uid="b"), wanted=Wanted(group="walkers"))

    assert [one.reason for one in planned.rejected] == [
        "“Lantern walk” is held on 2027-01-06 already: members would be told twice"
    ]


# A newer version of the file


def test_what_the_file_tells_otherwise_is_shown_and_not_taken(session: Session) -> None:
    take(session, weekly())
    before = contents(session)

    planned = take(
        session,
        event(
            "RRULE:FREQ=WEEKLY;INTERVAL=2",
            "SUMMARY:Moon walk",
            "LOCATION:Boathouse\\, 1 Quay",
            f"URL:{ZOOM}",
            "SEQUENCE:7",
        ),
    )

    (seat,) = planned.seats
    assert (seat.fate.value, seat.differing) == ("differs", ("title", "place", "room", "times"))
    assert contents(session) == before


def test_the_word_of_the_file_is_taken_where_it_is_wanted(session: Session) -> None:
    take(session, weekly(), CANCELLED)
    newer = event(
        f"DTSTART;TZID={NEW_YORK}:20261201T180000",
        *("RRULE:FREQ=WEEKLY", "SUMMARY:Moon walk", "LOCATION:Boathouse\\, 1 Quay", f"URL:{ZOOM}", "SEQUENCE:7"),
    )

    planned = take(session, newer, wanted=Wanted(update=True))

    one = only(session)
    assert fates(planned) == {"updated": 1}
    assert (one.title, one.place and one.place.name, one.room and one.room.url) == ("Moon walk", "Boathouse", ZOOM)
    # What was cancelled stays cancelled, at its new time: the file does not speak of it any more.
    assert starts(session) == ["01 18:00", "15 18:00", "22 18:00"]
    assert one.schedules[0].sequence >= 7
    assert fates(take(session, newer, wanted=Wanted(update=True))) == {"known": 1}


def test_a_date_that_was_cancelled_here_stays_cancelled(session: Session, clock: HandClock) -> None:
    take(session, weekly())
    meeting = meetings.find(session, "lantern-walk")
    dates.cancel(session, meeting, dates.slot_on(session, meeting, date(2026, 12, 8)), clock.now())
    moved = event(OVERRIDE, f"DTSTART;TZID={NEW_YORK}:20261209T190000")

    assert fates(take(session, weekly())) == {"known": 1}
    assert fates(take(session, weekly(), moved, wanted=Wanted(update=True))) == {"known": 1}
    assert starts(session) == ["01 19:00", "15 19:00", "22 19:00"]


def test_a_change_of_the_file_is_told_as_any_other(session: Session, circle: Group, clock: HandClock) -> None:
    join(session, circle, MemberDraft("Ada", "+12025550123", "ada@example.org"), clock.now())
    reminders.add_rule(session, circle, RULES[0].lead, RULES[0].channel, clock.now())
    take(session, weekly(), wanted=Wanted(group=circle.slug))

    planned = take(session, weekly(), CANCELLED, wanted=Wanted(update=True))

    assert fates(planned) == {"updated": 1}
    assert notices.plan_notices(session, START, timedelta(days=20)) == 1


def test_what_members_were_reminded_of_cannot_vanish(session: Session, circle: Group, clock: HandClock) -> None:
    join(session, circle, MemberDraft("Ada", "+12025550123", "ada@example.org"), clock.now())
    reminders.add_rule(session, circle, RULES[0].lead, RULES[0].channel, clock.now())
    take(session, weekly(), wanted=Wanted(group=circle.slug))
    session.commit()
    assert plan.plan(session, START, timedelta(days=9)) == 1
    for row in session.exec(select(DeliveryRow)).all():
        row.state = State.SENT.value
        session.add(row)
    session.commit()
    later = event(f"DTSTART;TZID={NEW_YORK}:20261202T190000", "RRULE:FREQ=WEEKLY")

    planned = take(session, later, wanted=Wanted(update=True))

    assert [one.reason for one in planned.rejected] == [
        "Members were reminded of Tuesday 2026-12-01 already, which the file does not have"
    ]
    assert starts(session) == ["01 19:00", "08 19:00", "15 19:00", "22 19:00"]


def test_what_was_given_other_times_here_keeps_them(session: Session, clock: HandClock) -> None:
    take(session, weekly())
    meeting = meetings.find(session, "lantern-walk")
    timing = meetings.timing_of(meetings.schedules(session, meeting)[0])
    clock.pass_(days=10)
    thursdays = meetings.Timing("FREQ=WEEKLY;BYDAY=TH", wall("2026-12-10T19:00"), timing.duration, None, NEW_YORK)
    timetable.reschedule(session, meeting, thursdays, date(2026, 12, 10), clock.now())

    assert [(seat.fate.value, seat.differing) for seat in take(session, weekly()).seats] == [("differs", ("times",))]
    planned = take(session, weekly(), wanted=Wanted(update=True))

    assert [one.reason for one in planned.rejected] == ["It was given other times here, from 2026-12-10 on"]
    assert starts(session) == ["01 19:00", "08 19:00", "10 19:00", "17 19:00"]


def test_a_split_of_the_file_is_taken_as_one(session: Session) -> None:
    take(session, weekly())
    ended = event("RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20261210T045959Z", "SEQUENCE:1")
    goes_on = event(
        f"DTSTART;TZID={NEW_YORK}:20261216T180000", "RRULE:FREQ=WEEKLY", "RELATED-TO:walk@elsewhere", uid="walk-2"
    )

    waiting = take(session, ended, goes_on)
    assert fates(waiting) == {"differs": 1}
    assert starts(session) == ["01 19:00", "08 19:00", "15 19:00", "22 19:00"]

    take(session, ended, goes_on, wanted=Wanted(update=True))

    assert starts(session) == ["01 19:00", "08 19:00", "16 18:00"]
    assert [schedule.follows for schedule in only(session).schedules] == ["", "walk@elsewhere"]


def test_more_times_of_a_known_meeting_are_added_to_it(session: Session) -> None:
    take(session, weekly())
    more = event(f"DTSTART;TZID={NEW_YORK}:20261203T190000", "RRULE:FREQ=WEEKLY", uid="b")

    assert fates(take(session, weekly(), more)) == {"extended": 1}
    assert starts(session) == ["01 19:00", "03 19:00", "08 19:00", "10 19:00", "15 19:00", "17 19:00", "22 19:00"]


def test_nothing_about_people_is_kept(session: Session) -> None:
    take(
        session,
        weekly(
            "ATTENDEE;CN=Ada Byron:mailto:ada@example.org",
            "ORGANIZER;CN=Bo:mailto:bo@example.org",
            "DESCRIPTION:Ask Bo",
        ),
    )

    kept = repr(contents(session))
    assert [word for word in ("Ada", "ada@", "Bo", "bo@", "S3cret") if word in kept] == []
    assert "Lantern walk" in kept
