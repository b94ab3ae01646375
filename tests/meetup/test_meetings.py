"""Meetings are added once, found by any name, held somewhere, and change from a date on without losing anything."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from meetup import agenda, dates, meetings, reminders, timetable
from meetup.clock import HandClock
from meetup.errors import AlreadyExists, Forbidden, MeetupError, NotFound, NotUnderstood
from meetup.people import subscriptions
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Group, Meeting, Member, OnlineRoom, Venue
from meetup.values import Kind, State
from tests.meetup.weeks import TODAY, add, coming, on, tell, timing, wall


@pytest.fixture
def circle_meeting(session: Session, circle: Group, hall: Venue, zoom: OnlineRoom, clock: HandClock) -> Meeting:
    found = add(session, circle, "every Thursday 19:00-20:30", now=clock.now())
    meetings.hold(session, found, clock.now(), venue=hall, room=zoom)
    for rule in ("24h by email", "2h by sms"):
        wanted = reminders.parse_rule(rule)
        reminders.add_rule(session, circle, wanted.lead, wanted.channel, clock.now())
    return found


def spans(session: Session, meeting: Meeting) -> list[tuple[str, str]]:
    """Return first date and last day of each schedule."""
    return [(f"{row.start_local:%Y-%m-%d %H:%M}", str(row.until_on)) for row in meetings.schedules(session, meeting)]


def refused(call: object, *args: object, **named: object) -> MeetupError:
    assert callable(call)
    with pytest.raises(MeetupError) as caught:
        call(*args, **named)
    return caught.value


def test_a_meeting_is_called_as_its_group_when_nothing_else_is_said(circle_meeting: Meeting) -> None:
    assert (circle_meeting.title, circle_meeting.slug) == ("Thursday circle", "thursday-circle")


def test_several_times_of_the_week_are_schedules_of_one_meeting(
    session: Session, circle: Group, clock: HandClock
) -> None:
    found = add(session, circle, "every Tuesday 18:00", "every Friday 10:00 for 2 hours", now=clock.now())

    assert coming(session, found, clock.now(), days=9) == [
        "2026-11-24 18:00 cancelled",
        "2026-11-27 10:00 cancelled",
        "2026-12-01 18:00 cancelled",
    ]
    assert len({row.uid for row in meetings.schedules(session, found)}) == 2


def test_one_time_said_twice_is_refused(session: Session, circle: Group, clock: HandClock) -> None:
    error = refused(add, session, circle, "every day 19:00", "first Thursday 19:00-20:00", now=clock.now())

    assert isinstance(error, AlreadyExists)
    assert error.message == "Two of the schedules meet on Thursday 2026-12-03 19:00"


def test_the_same_meeting_twice_is_refused_and_another_title_is_not(
    session: Session, circle: Group, circle_meeting: Meeting, clock: HandClock
) -> None:
    error = refused(add, session, circle, "every other Thursday 19:00", now=clock.now())
    beginners = add(session, circle, "every Thursday 19:00", now=clock.now(), title="Beginners")

    assert isinstance(error, AlreadyExists)
    assert error.message == "“Thursday circle” meets on Thursday 2026-11-26 19:00 already"
    assert beginners.slug == "beginners"


def test_meetings_with_one_title_get_slugs_that_tell_them_apart(
    session: Session, circle: Group, circle_meeting: Meeting, clock: HandClock
) -> None:
    second = add(session, circle, "every Monday 10:00", now=clock.now())

    assert second.slug == "thursday-circle-2"
    assert meetings.find(session, "thursday-circle").id == circle_meeting.id


@pytest.mark.parametrize("length", [timedelta(0), timedelta(days=8)], ids=["nothing", "eight days"])
def test_a_meeting_lasts_a_minute_to_a_week(length: timedelta) -> None:
    with pytest.raises(NotUnderstood):
        meetings.Timing("", wall("2026-12-24 19:00"), length, None, "UTC")


@pytest.mark.parametrize("name", ["thursday-circle", "THURSDAY circle", " Thursday Circle ", "1", "#1"])
def test_a_meeting_is_found_by_slug_title_or_number(session: Session, circle_meeting: Meeting, name: str) -> None:
    assert meetings.find(session, name).id == circle_meeting.id


def test_a_title_with_other_letters_is_found_whatever_its_case(
    session: Session, circle: Group, clock: HandClock
) -> None:
    found = add(session, circle, "every Monday 10:00", now=clock.now(), title="Ésta Noche")

    assert meetings.find(session, "ésta noche").id == found.id


def test_a_near_miss_is_answered_with_what_may_be_meant(session: Session, circle_meeting: Meeting) -> None:
    error = refused(meetings.find, session, "thursday crcle")

    assert isinstance(error, NotFound)
    assert (error.message, error.hint) == ("There is no meeting “thursday crcle”", "Did you mean thursday-circle?")


def test_a_title_that_two_meetings_have_asks_which(session: Session, circle: Group, clock: HandClock) -> None:
    for day in ("Monday", "Friday"):
        add(session, circle, f"every {day} 10:00", now=clock.now(), title="Tea at ten")

    error = refused(meetings.find, session, "Tea at ten")

    assert isinstance(error, NotUnderstood)
    assert error.hint == "Say which one: tea-at-ten, tea-at-ten-2"


def test_a_meeting_needs_a_door(session: Session, circle_meeting: Meeting, clock: HandClock) -> None:
    error = refused(meetings.hold, session, circle_meeting, clock.now(), venue=None, room=None)

    assert isinstance(error, Forbidden)
    assert circle_meeting.venue_id is not None


def test_a_title_of_blanks_is_refused(session: Session, circle_meeting: Meeting, clock: HandClock) -> None:
    assert isinstance(refused(meetings.rename, session, circle_meeting, " \x07", clock.now()), NotUnderstood)


def test_a_new_title_raises_the_version_and_keeps_the_slug(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    before = circle_meeting.version

    meetings.rename(session, circle_meeting, "Evening circle", clock.now())

    assert (circle_meeting.title, circle_meeting.slug) == ("Evening circle", "thursday-circle")
    assert circle_meeting.version == before + 1


def test_those_who_were_reminded_of_another_place_are_told_of_the_new_one(
    session: Session, circle_meeting: Meeting, ada: Member, zoom: OnlineRoom, clock: HandClock
) -> None:
    tell(session, circle_meeting, ada, "2026-11-26T19:00")

    told = meetings.hold(session, circle_meeting, clock.now(), venue=None, room=zoom)

    changes = session.exec(select(ChangeRow)).all()
    assert [one.slot for one in told] == [wall("2026-11-26 19:00")]
    assert [(row.slot, row.status, row.revision > 0) for row in changes] == [
        (wall("2026-11-26 19:00"), "changed", True)
    ]


def test_a_place_that_nobody_was_told_of_changes_without_a_word(
    session: Session, circle_meeting: Meeting, ada: Member, zoom: OnlineRoom, clock: HandClock
) -> None:
    tell(session, circle_meeting, ada, "2026-11-26T19:00", state=State.PLANNED)

    assert meetings.hold(session, circle_meeting, clock.now(), venue=None, room=zoom) == []
    assert session.exec(select(ChangeRow)).all() == []


def test_a_series_that_has_not_begun_is_changed_in_place(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    uid = meetings.schedules(session, circle_meeting)[0].uid

    timetable.reschedule(session, circle_meeting, timing("every Friday 18:00"), TODAY, clock.now())

    assert [row.uid for row in meetings.schedules(session, circle_meeting)] == [uid]
    assert coming(session, circle_meeting, clock.now(), days=12) == ["2026-11-27 18:00", "2026-12-04 18:00"]


def test_a_series_that_has_begun_is_split_and_the_old_part_keeps_its_uid(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    clock.pass_(days=7)
    since = date(2026, 12, 10)

    split = timetable.reschedule(
        session, circle_meeting, timing("every Thursday 18:00-19:30", today=since), since, clock.now()
    )

    old, new = meetings.schedules(session, circle_meeting)
    assert spans(session, circle_meeting) == [
        ("2026-11-26 19:00", "2026-12-09"),
        ("2026-12-10 18:00", "None"),
    ]
    assert (split.schedule.uid, new.follows_uid) == (new.uid, old.uid)
    assert coming(session, circle_meeting, clock.now(), days=18) == [
        "2026-12-03 19:00",
        "2026-12-10 18:00",
        "2026-12-17 18:00",
    ]


def test_a_split_raises_the_sequence_of_what_it_ends(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    clock.pass_(days=7)
    before = meetings.schedules(session, circle_meeting)[0].sequence

    since = date(2026, 12, 10)
    timetable.reschedule(session, circle_meeting, timing("every Thursday 18:00", today=since), since, clock.now())

    session.expire_all()
    assert meetings.schedules(session, circle_meeting)[0].sequence == before + 1


def test_every_other_week_keeps_its_rhythm_over_a_pause(session: Session, circle: Group, clock: HandClock) -> None:
    found = add(session, circle, "every other Thursday 19:00", now=clock.now())
    clock.pass_(days=7)

    timetable.pause(session, found, date(2026, 12, 1), clock.now())
    timetable.resume(session, found, date(2026, 12, 20), clock.now())

    assert coming(session, found, clock.now(), days=50) == ["2026-12-24 19:00 cancelled", "2027-01-07 19:00 cancelled"]


def test_changes_of_later_dates_follow_a_split_by_their_date(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    clock.pass_(days=7)
    dates.cancel(session, circle_meeting, on(session, circle_meeting, "2026-12-24"), clock.now())
    since = date(2026, 12, 10)

    split = timetable.reschedule(
        session, circle_meeting, timing("every Thursday 18:00", today=since), since, clock.now()
    )

    assert split.lost == ()
    assert coming(session, circle_meeting, clock.now(), days=32) == [
        "2026-12-03 19:00",
        "2026-12-10 18:00",
        "2026-12-17 18:00",
        "2026-12-24 18:00 cancelled",
        "2026-12-31 18:00",
    ]


def test_changes_that_fit_no_longer_are_named(session: Session, circle_meeting: Meeting, clock: HandClock) -> None:
    clock.pass_(days=7)
    for day in ("2026-12-03", "2026-12-24"):
        dates.skip(session, circle_meeting, on(session, circle_meeting, day), clock.now())
    since = date(2026, 12, 10)

    split = timetable.reschedule(
        session, circle_meeting, timing("every Wednesday 18:00", today=since), since, clock.now()
    )

    assert split.lost == (wall("2026-12-24 19:00"),)
    assert [row.slot for row in session.exec(select(ChangeRow)).all()] == [wall("2026-12-03 19:00")]


def test_nobody_is_told_of_a_cancelled_date_again_because_its_series_was_split(
    session: Session, circle_meeting: Meeting, ada: Member, clock: HandClock
) -> None:
    clock.pass_(days=7)
    dates.cancel(session, circle_meeting, on(session, circle_meeting, "2026-12-24"), clock.now())
    revision = session.exec(select(ChangeRow)).one().revision
    told = tell(session, circle_meeting, ada, "2026-12-24T19:00", Kind.CANCELLED, revision=revision)
    since = date(2026, 12, 10)

    timetable.reschedule(session, circle_meeting, timing("every Thursday 18:00", today=since), since, clock.now())

    session.refresh(told)
    assert (told.slot, told.revision) == (wall("2026-12-24 18:00"), revision)
    assert session.exec(select(ChangeRow.slot, ChangeRow.revision)).all() == [(told.slot, told.revision)]


def test_a_schedule_in_another_zone_keeps_its_clock_times(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    clock.pass_(days=7)
    since = date(2026, 12, 10)
    [row] = timetable.ruling(session, circle_meeting, since)
    there = meetings.Timing(row.rule, row.start_local, timedelta(minutes=90), None, "America/Chicago")

    timetable.reschedule(session, circle_meeting, there, since, clock.now())

    series = agenda.one_series(session, circle_meeting.id or 0)
    one = agenda.on_slot(series, wall("2026-12-10 19:00"))
    assert one is not None
    assert one.start.isoformat() == "2026-12-11T01:00:00+00:00"


def test_all_times_of_the_week_are_replaced_and_what_stays_the_same_is_left_alone(
    session: Session, circle: Group, hall: Venue, clock: HandClock
) -> None:
    found = add(session, circle, "every Tuesday 18:00", "every Friday 10:00", now=clock.now())
    meetings.hold(session, found, clock.now(), venue=hall, room=None)
    clock.pass_(days=7)
    since = date(2026, 12, 7)
    dates.skip(session, found, on(session, found, "2026-12-15"), clock.now())
    wanted = [timing("every Tuesday 17:00", today=since), timing("every Friday 10:00", today=since)]

    split = timetable.reschedule_all(session, found, wanted, since, clock.now())

    tuesday, friday, new = meetings.schedules(session, found)
    assert split.schedules == (new, friday)
    assert (tuesday.until_on, friday.until_on, new.follows_uid) == (date(2026, 12, 6), None, tuesday.uid)
    assert coming(session, found, clock.now(), days=19) == [
        *("2026-12-01 18:00", "2026-12-04 10:00", "2026-12-08 17:00", "2026-12-11 10:00", "2026-12-18 10:00")
    ]


def test_one_time_can_become_two_and_two_can_become_one(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    clock.pass_(days=7)
    since = date(2026, 12, 7)
    two = [timing("every Monday 18:00", today=since), timing("every Thursday 17:00", today=since)]
    timetable.reschedule_all(session, circle_meeting, two, since, clock.now())
    later = date(2026, 12, 21)
    timetable.reschedule(session, circle_meeting, timing("every Sunday 10:00", today=later), later, clock.now())

    assert coming(session, circle_meeting, clock.now(), days=30) == [
        *("2026-12-03 19:00", "2026-12-07 18:00", "2026-12-10 17:00", "2026-12-14 18:00", "2026-12-17 17:00"),
        "2026-12-27 10:00",
    ]


def test_days_can_be_left_out_from_the_beginning(
    session: Session, circle: Group, hall: Venue, clock: HandClock
) -> None:
    found = add(session, circle, "every Friday 10:00 except 11 and 25 December", now=clock.now(), title="Tea")
    meetings.hold(session, found, clock.now(), venue=hall, room=None)

    assert coming(session, found, clock.now()) == [
        *("2026-11-27 10:00", "2026-12-04 10:00", "2026-12-18 10:00", "2027-01-01 10:00")
    ]
    back = dates.restore(session, found, on(session, found, "2026-12-25"), clock.now())
    assert back is not None
    assert back.happening


def test_days_can_be_left_out_when_times_change(session: Session, circle_meeting: Meeting, clock: HandClock) -> None:
    clock.pass_(days=7)
    since = date(2026, 12, 7)
    dates.cancel(session, circle_meeting, on(session, circle_meeting, "2026-12-17"), clock.now(), note="Ill")
    wanted = timing("every Thursday 18:00 except 17 and 24 December", today=since)

    timetable.reschedule(session, circle_meeting, wanted, since, clock.now())

    # Of a cancelled date members are told, and that stays so.
    assert coming(session, circle_meeting, clock.now(), days=32) == [
        *("2026-12-03 19:00", "2026-12-10 18:00", "2026-12-17 18:00 cancelled", "2026-12-31 18:00")
    ]


def test_a_change_before_a_change_to_come_names_its_day(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    clock.pass_(days=7)
    later = date(2027, 1, 7)
    timetable.reschedule(session, circle_meeting, timing("every Thursday 18:00", today=later), later, clock.now())

    earlier = timing("every Thursday 17:00", today=date(2026, 12, 10))
    error = refused(timetable.reschedule, session, circle_meeting, earlier, date(2026, 12, 10), clock.now())

    assert error.message == "“Thursday circle” changes on 2027-01-07 already"


@pytest.mark.parametrize("deed", ["pause", "reschedule"])
def test_the_past_is_left_as_it_was(session: Session, circle_meeting: Meeting, clock: HandClock, deed: str) -> None:
    clock.pass_(days=14)
    yesterday = date(2026, 12, 6)

    if deed == "pause":
        error = refused(timetable.pause, session, circle_meeting, yesterday, clock.now())
    else:
        error = refused(
            timetable.reschedule, session, circle_meeting, timing("every Friday 18:00"), yesterday, clock.now()
        )

    assert error.message == "Sunday 2026-12-06 is over"


def test_a_paused_meeting_has_no_dates_and_goes_on_as_a_new_schedule(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    clock.pass_(days=7)

    timetable.pause(session, circle_meeting, date(2026, 12, 10), clock.now())
    resting = coming(session, circle_meeting, clock.now())
    timetable.resume(session, circle_meeting, date(2026, 12, 30), clock.now())

    assert resting == ["2026-12-03 19:00"]
    assert coming(session, circle_meeting, clock.now()) == ["2026-12-03 19:00", "2026-12-31 19:00", "2027-01-07 19:00"]
    assert circle_meeting.state == "active"
    first, second = meetings.schedules(session, circle_meeting)
    assert second.follows_uid == first.uid


def test_a_pause_is_resumed_with_its_two_times_of_the_week_and_its_single_date(
    session: Session, circle: Group, clock: HandClock
) -> None:
    spoken = ("every Tuesday 18:00", "every Friday 10:00", "2026-12-20 15:00")
    found = add(session, circle, *spoken, now=clock.now())
    clock.pass_(days=7)

    timetable.pause(session, found, date(2026, 12, 5), clock.now())
    timetable.resume(session, found, date(2026, 12, 18), clock.now())

    assert coming(session, found, clock.now(), days=24) == [
        "2026-12-01 18:00 cancelled",
        "2026-12-04 10:00 cancelled",
        "2026-12-18 10:00 cancelled",
        "2026-12-20 15:00 cancelled",
        "2026-12-22 18:00 cancelled",
    ]


def test_a_change_in_a_pause_can_still_be_taken_back_when_it_goes_on(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    clock.pass_(days=7)
    dates.cancel(session, circle_meeting, on(session, circle_meeting, "2026-12-24"), clock.now())
    timetable.pause(session, circle_meeting, date(2026, 12, 10), clock.now())
    timetable.resume(session, circle_meeting, date(2026, 12, 20), clock.now())

    dates.restore(session, circle_meeting, on(session, circle_meeting, "2026-12-24"), clock.now())

    assert coming(session, circle_meeting, clock.now(), days=26) == ["2026-12-03 19:00", "2026-12-24 19:00"]


def test_an_ended_meeting_meets_a_last_time_on_that_day(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    timetable.end(session, circle_meeting, date(2026, 12, 3), clock.now())

    assert coming(session, circle_meeting, clock.now()) == ["2026-11-26 19:00", "2026-12-03 19:00"]
    clock.pass_(days=20)
    assert timetable.state(session, circle_meeting, clock.now()) == "ended"
    assert isinstance(refused(timetable.end, session, circle_meeting, TODAY, clock.now()), Forbidden)


def test_a_meeting_that_is_to_end_is_active_until_then_and_gets_another_last_day(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    timetable.end(session, circle_meeting, date(2026, 11, 26), clock.now())
    ahead = timetable.state(session, circle_meeting, clock.now())
    timetable.end(session, circle_meeting, date(2026, 12, 10), clock.now())

    assert ahead == "active"
    assert coming(session, circle_meeting, clock.now()) == [
        "2026-11-26 19:00",
        "2026-12-03 19:00",
        "2026-12-10 19:00",
    ]


def test_an_end_that_is_taken_back_leaves_the_series_as_it_was(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    timetable.end(session, circle_meeting, date(2026, 12, 10), clock.now())

    rows = timetable.resume(session, circle_meeting, date(2026, 12, 1), clock.now())

    assert [row.until_on for row in meetings.schedules(session, circle_meeting)] == [None]
    assert (len(rows), circle_meeting.state) == (1, "active")


def test_a_meeting_that_is_to_end_rests_and_goes_on_until_its_end(
    session: Session, circle_meeting: Meeting, clock: HandClock
) -> None:
    timetable.end(session, circle_meeting, date(2027, 1, 7), clock.now())
    timetable.pause(session, circle_meeting, date(2026, 12, 1), clock.now())

    timetable.resume(session, circle_meeting, date(2026, 12, 31), clock.now())

    assert coming(session, circle_meeting, clock.now(), 90) == [
        "2026-11-26 19:00",
        "2026-12-31 19:00",
        "2027-01-07 19:00",
    ]


def test_a_series_with_a_last_day_of_its_own_has_it_again_after_a_pause(
    session: Session, circle: Group, clock: HandClock
) -> None:
    meeting = add(session, circle, "every Thursday 19:00 until 2027-01-14", now=clock.now())
    timetable.pause(session, meeting, date(2026, 12, 1), clock.now())

    rows = timetable.resume(session, meeting, date(2027, 1, 7), clock.now())

    assert [(row.start_local.date(), row.until_on) for row in rows] == [(date(2027, 1, 7), date(2027, 1, 14))]


def test_a_series_whose_last_day_passed_in_a_pause_has_nothing_to_go_on_with(
    session: Session, circle: Group, clock: HandClock
) -> None:
    meeting = add(session, circle, "every Thursday 19:00 until 2027-01-14", now=clock.now())
    timetable.pause(session, meeting, date(2026, 12, 1), clock.now())

    error = refused(timetable.resume, session, meeting, date(2027, 2, 1), clock.now())

    assert error.message == "“Thursday circle” has no dates left"


def test_an_active_meeting_cannot_be_resumed(session: Session, circle_meeting: Meeting, clock: HandClock) -> None:
    assert isinstance(refused(timetable.resume, session, circle_meeting, TODAY, clock.now()), Forbidden)


@pytest.mark.parametrize("state", [State.SENT, State.SUBMITTING, State.UNCERTAIN, State.UNDELIVERED, State.HELD])
def test_a_pause_never_swallows_a_date_that_members_were_reminded_of(
    session: Session, circle_meeting: Meeting, ada: Member, clock: HandClock, state: State
) -> None:
    tell(session, circle_meeting, ada, "2026-11-26T19:00", state=state)

    error = refused(timetable.pause, session, circle_meeting, TODAY, clock.now())

    assert isinstance(error, Forbidden)
    assert error.message == "Members were reminded of Thursday 2026-11-26 already"
    assert "`meetup meeting cancel thursday-circle --on 2026-11-26`" in error.hint


@pytest.mark.parametrize("state", [State.PLANNED, State.SUPPRESSED, State.MISSED, State.FAILED])
def test_what_never_left_does_not_stand_in_the_way_of_a_pause(
    session: Session, circle_meeting: Meeting, ada: Member, clock: HandClock, state: State
) -> None:
    tell(session, circle_meeting, ada, "2026-11-26T19:00", state=state)

    timetable.pause(session, circle_meeting, TODAY, clock.now())

    assert circle_meeting.state == "paused"


def test_a_pause_after_the_date_that_members_were_reminded_of_is_fine(
    session: Session, circle_meeting: Meeting, ada: Member, clock: HandClock
) -> None:
    tell(session, circle_meeting, ada, "2026-11-26T19:00")

    timetable.pause(session, circle_meeting, date(2026, 11, 27), clock.now())

    assert coming(session, circle_meeting, clock.now()) == ["2026-11-26 19:00"]


def test_the_end_of_a_meeting_waits_until_members_have_been_told_of_the_cancelled_date(
    session: Session, circle_meeting: Meeting, ada: Member, clock: HandClock
) -> None:
    tell(session, circle_meeting, ada, "2026-11-26T19:00")
    dates.cancel(session, circle_meeting, on(session, circle_meeting, "2026-11-26"), clock.now())
    too_early = refused(timetable.end, session, circle_meeting, TODAY, clock.now())

    tell(session, circle_meeting, ada, "2026-11-26T19:00", Kind.CANCELLED, State.SENT, revision=7)
    timetable.end(session, circle_meeting, TODAY, clock.now())

    assert "are just being told that it is cancelled" in too_early.message
    assert circle_meeting.state == "ended"


def test_other_times_begin_after_the_date_that_members_were_reminded_of(
    session: Session, circle_meeting: Meeting, ada: Member, clock: HandClock
) -> None:
    tell(session, circle_meeting, ada, "2026-11-26T19:00")

    error = refused(timetable.reschedule, session, circle_meeting, timing("every Friday 18:00"), TODAY, clock.now())

    assert isinstance(error, Forbidden)
    assert error.hint.startswith("Choose --from 2026-11-27 or later")


def test_nobody_waits_for_those_whom_no_message_can_reach(
    session: Session, circle: Group, circle_meeting: Meeting, ada: Member, clock: HandClock
) -> None:
    tell(session, circle_meeting, ada, "2026-11-26T19:00")
    subscriptions.leave(session, ada, circle, clock.now())

    timetable.pause(session, circle_meeting, TODAY, clock.now())

    assert circle_meeting.state == "paused"
