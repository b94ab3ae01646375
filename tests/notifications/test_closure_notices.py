"""A venue or a room is shut, and members are told what to do: stay at home, come online, come in person, or nothing."""

from datetime import timedelta

import pytest

from meetup import meetings
from meetup.people import members
from meetup.places import closures, rooms
from meetup.places.rooms import RoomDraft
from meetup.storage.tables import Meeting, OnlineRoom
from meetup.values import State
from tests.notifications.walk import BEN, Walk, at, the_hall, the_room, wall

DAY = wall(26, 0), wall(27, 0)
IN_PERSON_ONLY = (
    "change for Thu, Nov 26, 7:00 PM. Online is not available, so in person only. The address is in your calendar."
)
THIS_TIME_ONLINE = (
    "change for Thu, Nov 26, 7:00 PM, this time online. Please don't travel. The link is in your calendar."
)
CANCELLED = "Thu, Nov 26, 7:00 PM is cancelled. Please don't travel. Next: Thu, Dec 3, 7:00 PM."


def told(walk: Walk) -> list[str]:
    """Return what was texted about changes, without the frame."""
    return [body.removeprefix("Riverside: ").removesuffix(" STOP to end.") for body in walk.phone.bodies]


def subjects(walk: Walk) -> list[str]:
    return [mail.subject for mail in walk.mail.sent]


def hold(walk: Walk, *, venue: bool, room: bool) -> None:
    """Let the circle meet by these doors."""
    with walk.database.writing() as session:
        held = the_hall(session) if venue else None, the_room(session) if room else None
        meetings.hold(session, session.get_one(Meeting, 1), walk.clock.now(), venue=held[0], room=held[1])


def attic(walk: Walk) -> int:
    """Add another room; return its number."""
    with walk.database.writing() as session:
        draft = RoomDraft("Attic", "https://zoom.us/j/77?pwd=c2VjcmV0", passcode="314159")
        return rooms.add(session, draft, walk.clock.now()).id or 0


def test_a_closed_room_leaves_the_hall_and_says_so(walk: Walk) -> None:
    walk.close_room(*DAY)

    assert at(walk, 23, 12) == {State.SENT: 2}
    assert told(walk) == [IN_PERSON_ONLY]
    assert subjects(walk) == ["Changed: Thursday group, Thursday, November 26, 7:00 PM, in person only"]
    assert "zoom.us" not in walk.mail.bodies[0]


def test_a_room_that_opens_early_is_told_to_those_who_were_told_that_it_is_closed(walk: Walk) -> None:
    walk.close_room(*DAY)
    at(walk, 23, 12)
    walk.add("Ben", BEN)
    walk.reopen_room(wall(24, 0))

    walk.until(minutes=10)

    assert told(walk) == [IN_PERSON_ONLY, "Thu, Nov 26, 7:00 PM is on after all, in person and online."]


def test_a_closure_taken_back_before_anybody_heard_of_it_is_told_to_nobody(walk: Walk) -> None:
    walk.clock.pass_(hours=5)
    walk.close_room(*DAY)
    walk.until(minutes=5)
    walk.reopen_room(wall(23, 0))

    walk.until(minutes=10)

    assert told(walk) == []


def test_who_comes_to_the_hall_alone_is_told_to_come_online(walk: Walk) -> None:
    hold(walk, venue=True, room=False)
    walk.close_hall(*DAY, the_room)

    assert at(walk, 23, 12) == {State.SENT: 2}
    assert told(walk) == [THIS_TIME_ONLINE]
    assert subjects(walk) == ["Changed: Thursday group, Thursday, November 26, 7:00 PM, online only"]
    assert "The room is closed this time, so online only. Please don't travel." in walk.mail.bodies[0]
    assert "https://meet.example/j/" in walk.mail.bodies[0]


def test_the_reminder_of_a_date_that_goes_online_names_no_closed_door(walk: Walk) -> None:
    hold(walk, venue=True, room=False)
    walk.close_hall(*DAY, the_room)
    at(walk, 23, 12)

    at(walk, 26, 17)

    assert told(walk)[1:] == [
        "Thu, Nov 26, 7:00 PM, this time online only: the room is closed. Reply 2 online, 0 not coming."
    ]


def test_who_comes_online_alone_is_told_to_come_to_the_hall(walk: Walk) -> None:
    hold(walk, venue=False, room=True)
    walk.close_room(*DAY, the_hall)

    at(walk, 23, 12)

    assert told(walk) == ["change for Thu, Nov 26, 7:00 PM, this time in person. The address is in your calendar."]
    assert "12 Elm Street" in walk.mail.bodies[0]


def test_another_room_is_told_once_and_the_way_in_stays_the_members_own(walk: Walk) -> None:
    number = attic(walk)
    walk.close_room(*DAY, lambda session: session.get_one(OnlineRoom, number))

    at(walk, 23, 12)
    at(walk, 23, 13)

    assert told(walk) == ["change for Thu, Nov 26, 7:00 PM, in person and online. The details are in your calendar."]
    assert "314159" in walk.mail.bodies[0]
    assert "271828" not in walk.mail.bodies[0]
    assert "zoom.us" not in walk.mail.bodies[0]


def test_a_way_out_that_is_shut_as_well_cancels_and_its_opening_is_told_as_what_holds_then(walk: Walk) -> None:
    hold(walk, venue=True, room=False)
    walk.close_hall(*DAY, the_room)
    at(walk, 23, 12)

    walk.close_room(*DAY)
    walk.until(minutes=10)
    walk.reopen_room(wall(23, 0))
    walk.until(minutes=10)

    assert told(walk) == [THIS_TIME_ONLINE, CANCELLED, THIS_TIME_ONLINE]


def test_the_last_of_two_closures_that_is_lifted_leaves_what_the_first_one_said(walk: Walk) -> None:
    hold(walk, venue=True, room=False)
    walk.close_hall(wall(24, 0), wall(30, 0), the_room)
    walk.close_hall(*DAY)
    at(walk, 23, 12)
    assert told(walk) == [CANCELLED]

    with walk.database.writing() as session:
        last = [row for row in closures.listing(session, the_hall(session)) if row.start_local == DAY[0]]
        closures.reopen(session, the_hall(session), last, wall(23, 0), walk.clock.now())
    walk.until(minutes=10)

    assert told(walk) == [CANCELLED, THIS_TIME_ONLINE]


def test_a_shared_phone_reads_no_more_than_that_something_changed(walk: Walk) -> None:
    hold(walk, venue=True, room=False)
    with walk.database.writing() as session:
        ada = members.find(session, "Ada")
        ada.phone_shared = True
        session.add(ada)
    walk.close_hall(*DAY, the_room)

    at(walk, 23, 12)

    assert told(walk) == ["Thu, Nov 26, 7:00 PM changed."]


@pytest.mark.parametrize("weeks", [1, 3])
def test_each_date_of_a_long_closure_is_told_when_a_week_is_left(walk: Walk, weeks: int) -> None:
    walk.close_room(wall(26, 0), wall(26, 0) + timedelta(weeks=4))

    at(walk, 23, 12)
    walk.clock.pass_(weeks=weeks)
    walk.tick()

    days = {row.slot.date() for row in walk.rows(kind="half_cancelled", channel="sms", state="SENT")}
    assert len(days) == 2


def test_a_room_that_opens_before_the_morning_is_told_by_mail_to_those_who_had_a_mail(walk: Walk) -> None:
    at(walk, 23, 22)
    walk.close_room(*DAY)
    walk.until(minutes=10)
    walk.reopen_room(wall(23, 0))

    walk.until(minutes=10)
    at(walk, 24, 9)

    assert [mail.subject.partition(":")[0] for mail in walk.mail.sent] == ["Changed", "On after all"]
    assert told(walk) == []
