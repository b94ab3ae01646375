"""One date is skipped, cancelled, moved, half closed and restored; it keeps its name, and nobody is told in vain."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import select

from meetup import agenda, dates, meetings, reminders
from meetup.clock import HandClock
from meetup.errors import AlreadyExists, Forbidden, MeetupError, NotFound, NotUnderstood, UsageError
from meetup.places import closures, rooms, venues
from meetup.places.closures import ClosureDraft
from meetup.schedule.series import ChangeStatus, Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Group, Meeting, Member, OnlineRoom, Venue
from meetup.values import Door, Kind, State
from notifications import notices
from tests.meetup.weeks import Deed, add, coming, on, tell, wall

THURSDAY = "2026-11-26"


@pytest.fixture
def weekly(session: Session, circle: Group, hall: Venue, zoom: OnlineRoom, clock: HandClock) -> Meeting:
    found = add(session, circle, "every Thursday 19:00-20:30", now=clock.now())
    meetings.hold(session, found, clock.now(), venue=hall, room=zoom)
    rule = reminders.parse_rule("2h by sms")
    reminders.add_rule(session, circle, rule.lead, rule.channel, clock.now())
    return found


def refusal(session: Session, meeting: Meeting, day: str, deed: Deed, clock: HandClock) -> MeetupError:
    """Return the refusal of a deed, which must leave the changes and the meeting's version as they were."""
    slot = on(session, meeting, day)
    before = session.exec(select(ChangeRow.slot, ChangeRow.status, ChangeRow.revision)).all(), meeting.version
    with pytest.raises(MeetupError) as caught, session.begin_nested():
        deed(session, meeting, slot, clock.now())
    after = session.exec(select(ChangeRow.slot, ChangeRow.status, ChangeRow.revision)).all(), meeting.version
    assert after == before
    return caught.value


def moved_to(text: str) -> Deed:
    return lambda session, meeting, slot, now: dates.move(session, meeting, slot, dates.Move(wall(text)), now)


def closing(door: Door) -> Deed:
    return lambda session, meeting, slot, now: dates.close_door(session, meeting, slot, door, now)


def test_a_date_is_found_by_its_day(session: Session, weekly: Meeting) -> None:
    slot = dates.slot_on(session, weekly, date(2026, 12, 24))

    assert slot.at == wall("2026-12-24 19:00")


def test_a_day_without_a_date_is_answered_with_the_dates_near_it(session: Session, weekly: Meeting) -> None:
    with pytest.raises(NotFound) as caught:
        on(session, weekly, "2026-12-23")

    assert caught.value.message == "“Thursday circle” does not meet on Wednesday 2026-12-23"
    assert caught.value.hint == "Dates near it: 2026-12-17, 2026-12-24, 2026-12-31"


def test_two_dates_on_one_day_are_told_apart_by_their_time(session: Session, circle: Group, clock: HandClock) -> None:
    twice = add(session, circle, "every Thursday 10:00", "every Thursday 19:00", now=clock.now())

    with pytest.raises(NotUnderstood) as caught:
        on(session, twice, THURSDAY)
    chosen = dates.slot_on(session, twice, date(2026, 11, 26), time(19))

    assert caught.value.message == "“Thursday circle” meets on 2026-11-26 at 10:00 and 19:00"
    assert chosen.at == wall("2026-11-26 19:00")


def test_the_day_that_a_date_was_moved_to_names_its_usual_day(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    moved_to("2026-12-26 18:00")(session, weekly, on(session, weekly, "2026-12-24"), clock.now())

    with pytest.raises(NotFound) as caught:
        on(session, weekly, "2026-12-26")

    assert caught.value.hint == "Thursday 2026-12-24 was moved there: say --on 2026-12-24"


def test_a_skipped_date_is_gone_and_comes_back(session: Session, weekly: Meeting, clock: HandClock) -> None:
    slot = on(session, weekly, THURSDAY)

    gone = dates.skip(session, weekly, slot, clock.now())
    while_gone = coming(session, weekly, clock.now(), days=11)
    back = dates.restore(session, weekly, slot, clock.now())

    assert (gone, while_gone) == (None, ["2026-12-03 19:00"])
    assert back is not None
    assert (back.happening, back.restored) == (True, True)


def test_a_date_that_members_were_reminded_of_is_not_skipped(
    session: Session, weekly: Meeting, ada: Member, clock: HandClock
) -> None:
    tell(session, weekly, ada, "2026-11-26T19:00")

    error = refusal(session, weekly, THURSDAY, dates.skip, clock)

    assert isinstance(error, Forbidden)
    assert error.message == "Members were reminded of Thursday 2026-11-26 already"


def test_a_later_date_is_skipped_whatever_members_were_told_of_this_one(
    session: Session, weekly: Meeting, ada: Member, clock: HandClock
) -> None:
    tell(session, weekly, ada, "2026-11-26T19:00")
    tell(session, weekly, ada, "2026-12-10T19:00")

    assert dates.skip(session, weekly, on(session, weekly, "2026-12-03"), clock.now()) is None


def test_a_date_that_was_said_to_have_moved_is_not_skipped(
    session: Session, weekly: Meeting, ada: Member, clock: HandClock
) -> None:
    moved_to("2026-12-05 18:00")(session, weekly, on(session, weekly, "2026-12-03"), clock.now())
    tell(session, weekly, ada, "2026-12-03T19:00", Kind.MOVED, State.SENT, revision=9)

    error = refusal(session, weekly, "2026-12-03", dates.skip, clock)

    assert error.message == "Members were reminded of Saturday 2026-12-05 already"


def test_a_cancelled_date_stays_visible_as_cancelled(session: Session, weekly: Meeting, clock: HandClock) -> None:
    one = dates.cancel(session, weekly, on(session, weekly, THURSDAY), clock.now(), note="  The heating broke\x00 ")

    assert one is not None
    assert (one.happening, one.note, one.revised_at) == (False, "The heating broke", clock.now())
    assert coming(session, weekly, clock.now(), days=5) == ["2026-11-26 19:00 cancelled"]


def test_each_change_raises_the_version_that_a_message_is_checked_against(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    before = weekly.version

    dates.cancel(session, weekly, on(session, weekly, THURSDAY), clock.now())

    assert weekly.version == before + 1


def test_cancelling_twice_tells_nobody_twice(session: Session, weekly: Meeting, clock: HandClock) -> None:
    dates.cancel(session, weekly, on(session, weekly, THURSDAY), clock.now())

    error = refusal(session, weekly, THURSDAY, dates.cancel, clock)

    assert isinstance(error, AlreadyExists)
    assert error.message == "Thursday 2026-11-26 is cancelled already"


def test_moving_to_where_it_is_changes_nothing(session: Session, weekly: Meeting, clock: HandClock) -> None:
    assert isinstance(refusal(session, weekly, THURSDAY, moved_to("2026-11-26 19:00"), clock), AlreadyExists)


def test_a_date_moves_across_days_and_keeps_its_name(session: Session, weekly: Meeting, clock: HandClock) -> None:
    slot = on(session, weekly, THURSDAY)
    to = dates.Move(wall("2026-11-29 16:00"), timedelta(hours=2))

    one = dates.move(session, weekly, slot, to, clock.now())

    assert one is not None
    assert (one.slot, one.start_local, one.end - one.start) == (slot.at, wall("2026-11-29 16:00"), timedelta(hours=2))
    assert coming(session, weekly, clock.now(), days=11) == ["2026-11-29 16:00", "2026-12-03 19:00"]


def test_a_move_to_another_place_keeps_the_new_time(
    session: Session, weekly: Meeting, zoom: OnlineRoom, hall: Venue, clock: HandClock
) -> None:
    slot = on(session, weekly, THURSDAY)
    moved_to("2026-11-27 18:00")(session, weekly, slot, clock.now())
    library = venues.add(session, venues.VenueDraft("Library", "1 Main Street"), clock.now())

    one = dates.move(session, weekly, slot, dates.Move(venue=library), clock.now())

    assert one is not None
    assert one.place is not None
    assert (one.start_local, one.place.name) == (wall("2026-11-27 18:00"), "Library")


def test_a_move_without_anything_new_is_wrong_usage(session: Session, weekly: Meeting, clock: HandClock) -> None:
    def nowhere(session: Session, meeting: Meeting, slot: dates.Slot, now: datetime) -> Occurrence | None:
        return dates.move(session, meeting, slot, dates.Move(), now)

    assert isinstance(refusal(session, weekly, THURSDAY, nowhere, clock), UsageError)


def test_a_date_does_not_move_into_the_past(session: Session, weekly: Meeting, clock: HandClock) -> None:
    error = refusal(session, weekly, THURSDAY, moved_to("2026-11-22 19:00"), clock)

    assert error.message == "Sunday 2026-11-22 19:00 is over"


def test_a_moved_date_can_be_cancelled_after_its_usual_time_and_is_cancelled_where_it_was_to_be(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    slot = on(session, weekly, THURSDAY)
    moved_to("2026-11-28 18:00")(session, weekly, slot, clock.now())
    clock.turn_to(datetime(2026, 11, 27, 12, tzinfo=UTC))

    one = dates.cancel(session, weekly, slot, clock.now())

    assert one is not None
    assert (one.happening, one.start_local) == (False, wall("2026-11-28 18:00"))


def test_a_moved_date_is_not_restored_to_a_time_that_is_over(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    moved_to("2026-11-28 18:00")(session, weekly, on(session, weekly, THURSDAY), clock.now())
    clock.turn_to(datetime(2026, 11, 27, 12, tzinfo=UTC))

    error = refusal(session, weekly, THURSDAY, dates.restore, clock)

    assert error.message == "Its usual time, Thursday 2026-11-26 19:00, is over"


@pytest.mark.parametrize("deed", [dates.skip, dates.cancel, closing(Door.ONLINE)], ids=["skip", "cancel", "close"])
def test_a_date_that_has_begun_is_left_as_it_was(
    session: Session, weekly: Meeting, clock: HandClock, deed: Deed
) -> None:
    clock.turn_to(datetime(2026, 11, 27, 0, tzinfo=UTC))  # seven in the evening in New York, to the second

    error = refusal(session, weekly, THURSDAY, deed, clock)

    assert error.message == "Thursday 2026-11-26 19:00 is over"


def test_a_cancelled_date_that_is_moved_happens_again(session: Session, weekly: Meeting, clock: HandClock) -> None:
    slot = on(session, weekly, THURSDAY)
    dates.cancel(session, weekly, slot, clock.now(), note="ill")

    one = dates.move(session, weekly, slot, dates.Move(wall("2026-11-27 19:00")), clock.now())

    assert one is not None
    assert (one.happening, one.note) == (True, "")


def test_one_door_closes_and_the_other_stays_open(session: Session, weekly: Meeting, clock: HandClock) -> None:
    one = closing(Door.IN_PERSON)(session, weekly, on(session, weekly, THURSDAY), clock.now())

    assert one is not None
    assert (one.open_doors, one.half_cancelled) == (frozenset({Door.ONLINE}), True)


def test_the_last_open_door_is_not_closed(session: Session, weekly: Meeting, clock: HandClock) -> None:
    closing(Door.IN_PERSON)(session, weekly, on(session, weekly, THURSDAY), clock.now())

    error = refusal(session, weekly, THURSDAY, closing(Door.ONLINE), clock)

    assert error.message == "Then nobody could get in on Thursday 2026-11-26"
    assert error.hint == "Cancel the date: `meetup meeting cancel thursday-circle --on 2026-11-26`"


def test_a_door_that_a_meeting_does_not_have_is_not_closed(
    session: Session, weekly: Meeting, zoom: OnlineRoom, clock: HandClock
) -> None:
    meetings.hold(session, weekly, clock.now(), venue=None, room=zoom)

    error = refusal(session, weekly, THURSDAY, closing(Door.IN_PERSON), clock)

    assert isinstance(error, NotFound)


def test_a_closure_of_the_hall_covers_the_date_and_leaves_the_other_door_open(
    session: Session, weekly: Meeting, hall: Venue, clock: HandClock
) -> None:
    closures.close(
        session, hall, ClosureDraft(wall("2026-11-26 00:00"), wall("2026-11-27 00:00"), "heating"), clock.now()
    )
    already = refusal(session, weekly, THURSDAY, closing(Door.IN_PERSON), clock)
    last = refusal(session, weekly, THURSDAY, closing(Door.ONLINE), clock)

    one = dates.cancel(session, weekly, on(session, weekly, THURSDAY), clock.now())

    assert already.message == "In person is closed on Thursday 2026-11-26 already"
    assert last.message == "Then nobody could get in on Thursday 2026-11-26"
    assert one is not None
    assert (one.happening, one.reason) == (False, "heating")


def test_restoring_under_a_closure_leaves_the_hall_shut(
    session: Session, weekly: Meeting, hall: Venue, clock: HandClock
) -> None:
    closures.close(
        session, hall, ClosureDraft(wall("2026-11-26 00:00"), wall("2026-11-27 00:00"), "heating"), clock.now()
    )
    slot = on(session, weekly, THURSDAY)
    dates.cancel(session, weekly, slot, clock.now())

    one = dates.restore(session, weekly, slot, clock.now())

    assert one is not None
    assert one.open_doors == {Door.ONLINE}


def opening(door: Door) -> Deed:
    return lambda session, meeting, slot, now: dates.open_door(session, meeting, slot, door, now)


def noting(text: str) -> Deed:
    return lambda session, meeting, slot, now: dates.note(session, meeting, slot, text, now)


def test_a_door_opens_again_and_the_date_keeps_its_other_changes(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    slot = on(session, weekly, THURSDAY)
    moved_to("2026-11-27 18:00")(session, weekly, slot, clock.now())
    closing(Door.IN_PERSON)(session, weekly, slot, clock.now())

    one = opening(Door.IN_PERSON)(session, weekly, slot, clock.now())

    assert one is not None
    assert (one.start_local, len(one.open_doors), notices.kind_of(one)) == (wall("2026-11-27 18:00"), 2, Kind.MOVED)


def test_the_other_door_can_be_changed_while_one_is_shut(session: Session, weekly: Meeting, clock: HandClock) -> None:
    other = rooms.add(session, rooms.RoomDraft("Big room", "https://zoom.us/j/12345678900"), clock.now())
    slot = on(session, weekly, THURSDAY)
    closing(Door.IN_PERSON)(session, weekly, slot, clock.now())

    one = dates.move(session, weekly, slot, dates.Move(room=other), clock.now())

    assert one is not None
    assert one.room is not None
    assert (one.open_doors, one.room.name) == (frozenset({Door.ONLINE}), "Big room")


def test_one_door_opens_before_the_other_is_shut(session: Session, weekly: Meeting, clock: HandClock) -> None:
    slot = on(session, weekly, THURSDAY)
    closing(Door.IN_PERSON)(session, weekly, slot, clock.now())
    opening(Door.IN_PERSON)(session, weekly, slot, clock.now())

    one = closing(Door.ONLINE)(session, weekly, slot, clock.now())

    assert one is not None
    assert one.open_doors == {Door.IN_PERSON}


def test_a_door_that_is_open_or_not_there_is_not_opened(
    session: Session, weekly: Meeting, zoom: OnlineRoom, clock: HandClock
) -> None:
    there = refusal(session, weekly, THURSDAY, opening(Door.IN_PERSON), clock)
    meetings.hold(session, weekly, clock.now(), venue=None, room=zoom)

    gone = refusal(session, weekly, THURSDAY, opening(Door.IN_PERSON), clock)

    assert there.message == "In person is open on Thursday 2026-11-26 already"
    assert gone.message == "“Thursday circle” does not meet in person on Thursday 2026-11-26"


def test_the_door_of_a_hall_that_is_closed_is_opened_at_the_hall(
    session: Session, weekly: Meeting, hall: Venue, clock: HandClock
) -> None:
    shut = ClosureDraft(wall("2026-11-26 00:00"), wall("2026-11-27 00:00"), "heating")
    closures.close(session, hall, shut, clock.now())

    error = refusal(session, weekly, THURSDAY, opening(Door.IN_PERSON), clock)

    assert error.message == "In person is closed on Thursday 2026-11-26 because the place itself is (heating)"
    assert "`meetup venue reopen`" in error.hint


def test_the_doors_of_a_cancelled_date_open_when_it_comes_back(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    dates.cancel(session, weekly, on(session, weekly, THURSDAY), clock.now())

    error = refusal(session, weekly, THURSDAY, opening(Door.IN_PERSON), clock)

    assert error.hint == "Bring it back: `meetup meeting restore thursday-circle --on 2026-11-26`"


@pytest.mark.parametrize(
    ("there", "back"),
    [
        (moved_to("2026-11-26 18:00"), moved_to("2026-11-26 19:00")),
        (closing(Door.ONLINE), opening(Door.ONLINE)),
        (dates.cancel, moved_to("2026-11-26 19:00")),
    ],
    ids=["moved", "closed", "cancelled"],
)
def test_a_change_that_is_undone_by_hand_counts_as_taken_back(
    session: Session, weekly: Meeting, clock: HandClock, there: Deed, back: Deed
) -> None:
    slot = on(session, weekly, THURSDAY)
    there(session, weekly, slot, clock.now())

    one = back(session, weekly, slot, clock.now())

    assert one is not None
    assert (one.restored, notices.kind_of(one)) == (True, None)


def test_a_venue_that_is_the_usual_one_again_counts_as_taken_back(
    session: Session, weekly: Meeting, hall: Venue, clock: HandClock
) -> None:
    barn = venues.add(session, venues.VenueDraft("Barn", "1 Farm Lane"), clock.now())
    slot = on(session, weekly, THURSDAY)
    dates.move(session, weekly, slot, dates.Move(venue=barn, duration=timedelta(hours=2)), clock.now())

    one = dates.move(session, weekly, slot, dates.Move(venue=hall, duration=timedelta(minutes=90)), clock.now())

    assert one is not None
    assert (one.restored, notices.kind_of(one)) == (True, None)


def test_a_note_is_seen_and_is_no_news(session: Session, weekly: Meeting, clock: HandClock) -> None:
    before = weekly.version

    one = noting("Bring a cup")(session, weekly, on(session, weekly, THURSDAY), clock.now())

    assert one is not None
    assert (one.note, notices.kind_of(one), one.restored) == ("Bring a cup", None, False)
    assert weekly.version == before + 1


def test_a_note_on_a_changed_date_tells_nobody_of_the_change_again(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    slot = on(session, weekly, THURSDAY)
    moved = moved_to("2026-11-26 18:00")(session, weekly, slot, clock.now())

    one = noting("Bring a cup")(session, weekly, slot, clock.now())

    assert moved is not None
    assert one is not None
    assert (one.note, one.moved, one.revision) == ("Bring a cup", True, moved.revision)


def test_a_note_stays_when_its_date_changes_and_goes_when_it_is_emptied(
    session: Session, weekly: Meeting, clock: HandClock
) -> None:
    slot = on(session, weekly, THURSDAY)
    noting("Bring a cup")(session, weekly, slot, clock.now())
    moved = moved_to("2026-11-26 18:00")(session, weekly, slot, clock.now())
    back = moved_to("2026-11-26 19:00")(session, weekly, slot, clock.now())

    gone = noting("")(session, weekly, slot, clock.now())

    assert [one and one.note for one in (moved, back, gone)] == ["Bring a cup", "Bring a cup", ""]
    assert [one and notices.kind_of(one) for one in (moved, back, gone)] == [Kind.MOVED, None, None]


def test_a_note_that_was_never_there_is_not_taken_away(session: Session, weekly: Meeting, clock: HandClock) -> None:
    assert isinstance(refusal(session, weekly, THURSDAY, noting(""), clock), AlreadyExists)


def test_restoring_takes_everything_back_and_is_remembered(session: Session, weekly: Meeting, clock: HandClock) -> None:
    slot = on(session, weekly, THURSDAY)
    moved_to("2026-11-27 18:00")(session, weekly, slot, clock.now())
    closing(Door.ONLINE)(session, weekly, slot, clock.now())

    one = dates.restore(session, weekly, slot, clock.now())

    row = session.exec(select(ChangeRow)).one()
    assert one is not None
    assert (one.moved, len(one.open_doors), one.revision) == (False, 2, row.revision)
    assert (row.status, row.new_start, row.closed_door) == (ChangeStatus.RESTORED, None, "")


def test_a_date_as_usual_has_nothing_to_restore(session: Session, weekly: Meeting, clock: HandClock) -> None:
    slot = on(session, weekly, THURSDAY)
    never = refusal(session, weekly, THURSDAY, dates.restore, clock)
    dates.cancel(session, weekly, slot, clock.now())
    dates.restore(session, weekly, slot, clock.now())

    again = refusal(session, weekly, THURSDAY, dates.restore, clock)

    assert [never.message, again.message] == ["Nothing was changed on Thursday 2026-11-26"] * 2


@pytest.mark.parametrize("deed", [dates.cancel, closing(Door.ONLINE)], ids=["cancel", "close"])
def test_a_date_that_was_left_out_has_to_come_back_first(
    session: Session, weekly: Meeting, clock: HandClock, deed: Deed
) -> None:
    dates.skip(session, weekly, on(session, weekly, THURSDAY), clock.now())

    error = refusal(session, weekly, THURSDAY, deed, clock)

    assert error.hint == "Bring it back first: `meetup meeting restore thursday-circle --on 2026-11-26`"


def test_cancelling_again_without_a_note_keeps_the_note(session: Session, weekly: Meeting, clock: HandClock) -> None:
    dates.cancel(session, weekly, on(session, weekly, THURSDAY), clock.now(), note="The heating broke")

    error = refusal(session, weekly, THURSDAY, dates.cancel, clock)

    assert error.message == "Thursday 2026-11-26 is cancelled already"
    series = agenda.one_series(session, weekly.id or 0)
    assert [one.note for one in series.changes] == ["The heating broke"]
