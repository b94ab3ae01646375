"""What changed is told: once, to those whom it concerns, in time, and not at all when it was taken back."""

from datetime import timedelta

import pytest

from meetup import meetings
from meetup.people import consent, members, subscriptions
from meetup.people.members import MemberDraft
from meetup.storage.tables import Group, OnlineRoom
from meetup.values import Channel, Door, Preference, State
from notifications.messages import Refused
from tests.notifications.walk import BEN, THURSDAY, Walk, add_rule, at, moment, wall


def told(walk: Walk) -> list[str]:
    """Return what was texted about changes, without the frame."""
    return [body.removeprefix("Riverside: ").removesuffix(" STOP to end.") for body in walk.phone.bodies]


CANCELLED = "Thu, Nov 26, 7:00 PM is cancelled, in person and online. Please don't travel. Next: Thu, Dec 3, 7:00 PM."
ON_AGAIN = "Thu, Nov 26, 7:00 PM is on after all, in person and online."
ONLINE_ONLY = (
    "change for Thu, Nov 26, 7:00 PM. The room is closed, so online only. Please don't travel."
    " The link is in your calendar."
)


def test_whoever_was_reminded_is_told_of_the_cancellation(near: Walk) -> None:
    assert at(near, 26, 17) == {State.SENT: 1}
    near.cancel()

    assert near.until(seconds=59) == {}
    assert near.until(seconds=1) == {State.SENT: 2}

    assert told(near)[1:] == [CANCELLED]
    assert [mail.subject.partition(":")[0] for mail in near.mail.sent] == ["Cancelled"]


@pytest.mark.parametrize(("hour", "minute", "wait"), [(16, 0, 1), (15, 59, 10)], ids=["three hours before", "earlier"])
def test_a_change_waits_for_more_changes_but_not_when_it_starts_soon(
    near: Walk, hour: int, minute: int, wait: int
) -> None:
    at(near, 26, hour, minute)
    near.cancel()

    assert near.until(seconds=wait * 60 - 1) == {}
    assert near.until(seconds=1) == {State.SENT: 2}


def test_a_change_of_a_change_is_told_as_it_is_in_the_end(near: Walk) -> None:
    near.move(wall(26, 18))
    near.until(minutes=5)
    near.cancel()
    near.until(minutes=11)

    assert near.states(kind="moved") == ["SUPPRESSED", "SUPPRESSED"]
    assert near.states(kind="cancelled") == ["SENT", "SENT"]
    assert len(near.phone.sent) == 1


def test_a_second_cancellation_of_what_everybody_believes_cancelled_is_not_told(near: Walk) -> None:
    near.cancel()
    near.until(minutes=10)
    near.restore()
    near.until(minutes=1)
    near.cancel()

    near.until(minutes=10)

    assert told(near) == [CANCELLED]
    assert {row.reason for row in near.rows(state="SUPPRESSED")} >= {"told that already, in the same words"}


def test_on_off_on_again_ends_with_the_truth(near: Walk) -> None:
    near.cancel()
    near.until(minutes=10)
    near.restore()
    near.until(minutes=1)
    near.cancel()
    near.until(minutes=10)
    near.restore()

    near.until(minutes=10)

    assert told(near) == [CANCELLED, ON_AGAIN]


def test_cancelled_again_after_it_was_on_again_is_told_again(near: Walk) -> None:
    for change in (near.cancel, near.restore, near.cancel):
        change()
        near.until(minutes=10)

    assert told(near) == [CANCELLED, ON_AGAIN, CANCELLED]


def test_who_was_not_told_that_it_is_off_is_not_told_that_it_is_on(near: Walk) -> None:
    near.cancel()
    near.until(minutes=10)
    near.add("Ben", BEN)
    near.restore()

    near.until(minutes=10)

    assert [message.to for message in near.phone.sent] == ["+12025550123", "+12025550123"]


def test_a_closed_hall_is_told_a_week_ahead_and_the_date_goes_on_online(walk: Walk) -> None:
    walk.close_hall(wall(26, 0), wall(27, 0))

    assert at(walk, 23, 12) == {State.SENT: 2}
    assert told(walk) == [ONLINE_ONLY]
    at(walk, 26, 17)
    assert told(walk)[1:] == [
        "Thu, Nov 26, 7:00 PM, this time online only: the room is closed. Reply 2 online, 0 not coming."
    ]


def test_a_closure_far_ahead_is_told_when_a_week_is_left(walk: Walk) -> None:
    walk.close_hall(wall(26, 0) + timedelta(weeks=1), wall(27, 0) + timedelta(weeks=1))

    at(walk, 26, 18, 59)
    assert walk.states(kind="half_cancelled") == ["PLANNED", "PLANNED"]
    assert at(walk, 26, 19) == {State.SENT: 2}


def test_a_closed_hall_cancels_what_is_in_person_only(walk: Walk) -> None:
    walk.another_circle()
    walk.close_hall(wall(26, 0), wall(27, 0))

    at(walk, 23, 12)

    assert sorted((row.group_id, row.kind) for row in walk.rows(channel="sms", state="SENT")) == [
        (1, "half_cancelled"),
        (2, "cancelled"),
    ]


def test_a_hall_that_opens_early_is_told_to_those_who_were_told_that_it_is_closed(walk: Walk) -> None:
    walk.close_hall(wall(26, 0), wall(27, 0))
    at(walk, 23, 12)
    walk.add("Ben", BEN)
    walk.reopen_hall(wall(25, 0))

    assert walk.until(minutes=9, seconds=30) == {}
    assert walk.until(seconds=30) == {State.SENT: 2}
    assert told(walk) == [ONLINE_ONLY, ON_AGAIN]


def test_a_closure_that_lasts_less_long_is_not_told_twice_of_the_same_date(walk: Walk) -> None:
    walk.close_hall(wall(26, 0), wall(30, 0))
    at(walk, 23, 12)
    walk.reopen_hall(wall(28, 0))

    at(walk, 23, 13)

    assert told(walk) == [ONLINE_ONLY]


def test_a_reminder_of_two_weeks_before_does_not_wait_for_a_notice_of_one_week_before(walk: Walk) -> None:
    with walk.database.writing() as session:
        add_rule(session, session.get_one(Group, 1), "12d by email", walk.clock)
    walk.close_hall(wall(26, 0) + timedelta(weeks=1), wall(27, 0) + timedelta(weeks=1))

    at(walk, 24, 12)

    assert walk.states(lead="288h")[-1] == "SENT"


def test_one_closed_door_is_told_to_those_who_come_by_the_other_too(near: Walk) -> None:
    near.close_door(Door.IN_PERSON)
    near.until(minutes=10)

    assert told(near) == [ONLINE_ONLY]


def test_a_date_moved_so_near_that_its_reminders_are_past_is_told_once_not_thrice(near: Walk) -> None:
    # F3 and F8: neither the old time nor many reminders.
    near.move(wall(26, 13, 30))

    assert near.until(seconds=59) == {}
    near.until(seconds=1)
    for _ in range(3):
        near.until(minutes=1)

    assert told(near) == ["Thu, Nov 26, 7:00 PM moves to Thu, Nov 26, 1:30 PM, in person and online."]
    assert near.row(kind="reminder", channel="sms").reason == "the notice of the change said it already"


def test_the_reminder_goes_when_the_notice_could_not(near: Walk) -> None:
    near.move(wall(26, 13, 30))
    near.phone.outcomes.append(Refused("30007", "filtered by the carrier"))
    near.until(seconds=60)
    near.until(seconds=60)

    assert near.states(kind="moved", channel="sms") == ["FAILED"]
    assert near.states(kind="reminder", channel="sms") == ["SENT"]


def test_a_moved_date_is_told_until_its_old_time_too(near: Walk) -> None:
    near.move(wall(26, 12, 30))
    near.clock.turn_to(moment(26, 12, 45))

    assert near.tick()[State.SENT] == 2
    assert told(near) == ["Thu, Nov 26, 7:00 PM moves to Thu, Nov 26, 12:30 PM, in person and online."]


def test_a_move_taken_back_in_time_is_told_to_nobody(near: Walk) -> None:
    near.move(wall(26, 18))
    near.until(minutes=5)
    near.restore()

    near.until(minutes=10)

    assert told(near) == []


def test_a_change_is_told_in_the_night_to_nobodys_phone(walk: Walk) -> None:
    at(walk, 25, 22)
    walk.mail.sent.clear()
    walk.cancel()

    assert walk.until(minutes=10) == {State.SENT: 1}
    assert len(walk.mail.sent) == 1
    assert at(walk, 26, 8, 59) == {}
    assert at(walk, 26, 9)[State.SENT] == 1


def test_who_joined_after_a_far_change_hears_of_it_when_it_is_near(walk: Walk) -> None:
    far = THURSDAY + timedelta(weeks=2)
    walk.cancel(far)
    walk.until(minutes=10)
    ben = walk.add("Ben", BEN)
    walk.until(minutes=10)
    assert {row.member_id for row in walk.rows(kind="cancelled")} == {1}

    walk.clock.turn_to(moment(29, 12) + timedelta(days=5))
    walk.tick()

    assert {row.member_id for row in walk.rows(kind="cancelled")} == {1, ben}


def test_who_left_or_did_not_agree_is_told_nothing(near: Walk) -> None:
    with near.database.writing() as session:
        circle = session.get_one(Group, 1)
        ben = members.add(session, MemberDraft("Ben", BEN), near.clock.now())
        subscriptions.subscribe(session, ben, circle, Preference.EITHER, [Channel.SMS], near.clock.now())
        subscriptions.leave(session, members.find(session, "Ada"), circle, near.clock.now())
    near.cancel()

    near.until(minutes=10)

    assert near.rows(kind="cancelled") == []


def test_another_place_is_told_to_those_who_know_the_old_one(near: Walk) -> None:
    at(near, 26, 15)
    with near.database.writing() as session:
        meetings.hold(session, near.meeting(session), near.clock.now(), venue=None, room=session.get_one(OnlineRoom, 1))

    near.until(minutes=10)

    assert told(near) == ["change for Thu, Nov 26, 7:00 PM, online. The details are in your calendar."]


def test_somebody_who_signed_up_is_asked_once_and_only_in_safe_hours(walk: Walk) -> None:
    walk.clock.turn_to(moment(23, 22))
    walk.sign_up("Ben", BEN)
    walk.ask("Ben")

    assert walk.tick() == {}
    assert at(walk, 24, 9) == {State.SENT: 1}
    for _ in range(3):
        walk.until(hours=1)

    [question] = walk.phone.bodies
    assert question.startswith("Riverside: reply YES to get schedule texts")


def test_two_requests_are_one_question_and_one_yes_answers_both(walk: Walk) -> None:
    walk.another_circle()
    walk.clock.turn_to(moment(23, 12))
    walk.sign_up("Ben", BEN)
    walk.ask("Ben", group_id=1)
    walk.ask("Ben", group_id=2)

    walk.tick()
    walk.until(minutes=1)

    assert len(walk.phone.sent) == 1
    assert walk.text("Yes", BEN).startswith("Riverside: you're set.")
    with walk.database.reading() as session:
        assert all(consent.allows(session, walk.contact("Ben").id or 0, group) for group in (1, 2))


def test_somebody_who_stops_before_being_asked_is_not_asked(walk: Walk) -> None:
    walk.clock.turn_to(moment(23, 22))
    walk.sign_up("Ben", BEN)
    walk.ask("Ben")
    walk.tick()
    walk.stop("Ben")

    assert at(walk, 24, 9) == {State.SUPPRESSED: 1}
    assert at(walk, 24, 10) == {}
    assert walk.phone.sent == []


def test_a_question_that_nobody_answered_is_not_repeated(walk: Walk) -> None:
    walk.clock.turn_to(moment(23, 12))
    walk.sign_up("Ben", BEN)
    walk.ask("Ben")
    walk.tick()
    walk.ask("Ben")

    for _ in range(3):
        walk.until(days=3)

    assert [message.to for message in walk.phone.sent if message.to == BEN] == [BEN]


def test_a_request_that_waited_too_long_is_not_asked_any_more(walk: Walk) -> None:
    walk.sign_up("Ben", BEN)
    walk.ask("Ben")

    walk.clock.pass_(days=8)
    walk.tick()

    assert walk.rows(kind="opt_in") == []
