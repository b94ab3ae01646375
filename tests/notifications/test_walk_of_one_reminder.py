"""From "every Thursday" to a reminder accepted: what must happen to each delivery, and what must not."""

from datetime import UTC, datetime

from meetup.people import members, subscriptions
from meetup.storage.tables import Group
from meetup.values import Channel, State
from notifications import cases, moves, outbox, queued
from notifications.moves import Claim
from tests.notifications.walk import Walk, at, wall


def test_a_day_before_ada_gets_a_mail_and_two_hours_before_a_text(walk: Walk) -> None:
    assert at(walk, 25, 18, 59) == {}
    assert at(walk, 25, 19) == {State.SENT: 1}
    assert at(walk, 26, 16, 59) == {}
    assert at(walk, 26, 17) == {State.SENT: 1}

    assert [mail.to for mail in walk.mail.sent] == ["ada@example.org"]
    assert walk.phone.bodies == [
        (
            "Riverside: Thu, Nov 26, 7:00 PM, in person or online. Reply 1 in person, 2 online, 0 not coming. "
            "Details are on your page. STOP to end."
        )
    ]


def test_planning_again_and_again_sends_nothing_twice(walk: Walk) -> None:
    at(walk, 26, 17)
    for _ in range(5):
        walk.until(minutes=10)

    assert len(walk.mail.sent) == 1
    assert len(walk.phone.sent) == 1


def test_stop_between_planning_and_sending_is_obeyed(walk: Walk) -> None:
    at(walk, 26, 12)
    walk.stop()

    assert at(walk, 26, 17) == {State.SUPPRESSED: 1}
    assert walk.phone.sent == []
    assert [row.reason for row in walk.rows(channel="sms")] == ["consent was withdrawn"]


def test_whoever_left_the_group_hears_nothing(walk: Walk) -> None:
    at(walk, 25, 12)
    with walk.database.writing() as session:
        circle = session.get_one(Group, walk.group_id)
        subscriptions.leave(session, members.find(session, "Ada"), circle, walk.clock.now())

    at(walk, 26, 18)

    assert walk.phone.sent == walk.mail.sent == []


def test_a_cancelled_date_is_announced_once_and_never_reminded_of(walk: Walk) -> None:
    at(walk, 25, 12)
    walk.cancel()

    assert walk.until(minutes=9) == {}
    assert walk.until(minutes=1) == {State.SENT: 2}
    at(walk, 26, 17)

    assert [message.subject.split(":")[0] for message in walk.mail.sent] == ["Cancelled"]
    [text] = walk.phone.bodies
    assert text == (
        "Riverside: Thu, Nov 26, 7:00 PM is cancelled, in person and online. Please don't travel."
        " Next: Thu, Dec 3, 7:00 PM. STOP to end."
    )
    assert sorted(walk.states(kind="reminder")) == ["SUPPRESSED", "SUPPRESSED"]


def test_a_cancellation_taken_back_in_time_is_told_to_nobody(walk: Walk) -> None:
    at(walk, 25, 12)
    walk.cancel()
    walk.until(minutes=5)
    walk.restore()

    walk.until(minutes=10)
    at(walk, 26, 17)

    assert walk.states(kind="cancelled") == ["SUPPRESSED", "SUPPRESSED"]
    assert len(walk.phone.sent) == len(walk.mail.sent) == 1


def test_whoever_was_told_of_a_cancellation_is_told_that_it_is_on_again(walk: Walk) -> None:
    at(walk, 25, 12)
    walk.cancel()
    walk.until(minutes=11)
    walk.restore()

    walk.until(minutes=11)

    assert walk.states(kind="reopened") == ["SENT", "SENT"]
    assert "on after all" in walk.phone.bodies[-1]


def test_five_edits_in_ten_minutes_are_one_message(walk: Walk) -> None:
    at(walk, 25, 12)
    for minute in range(5):
        walk.move(wall(26, 18, minute))
        walk.until(minutes=1)

    walk.until(minutes=11)

    assert len(walk.phone.sent) == 1
    assert walk.phone.bodies[0].startswith("Riverside: Thu, Nov 26, 7:00 PM moves to Thu, Nov 26, 6:04 PM")


def test_a_moved_meeting_moves_its_reminder(walk: Walk) -> None:
    at(walk, 25, 12)
    walk.move(wall(26, 12))
    walk.until(minutes=11)
    walk.until(minutes=1)

    assert at(walk, 26, 9, 59) == {}
    assert at(walk, 26, 10) == {State.SENT: 1}
    assert "12:00 PM" in walk.phone.bodies[-1]
    assert at(walk, 26, 17) == {}


def test_a_date_cancelled_between_the_check_and_the_mark_is_not_sent(walk: Walk) -> None:
    at(walk, 26, 16, 59)
    walk.plan()
    walk.clock.turn_to(datetime(2026, 11, 26, 22, tzinfo=UTC))

    now = walk.clock.now()
    with walk.database.writing() as session:
        claim = Claim("token", now.replace(hour=23), 10)
        assert outbox.claim(session, Channel.SMS, claim, now) == 1
    with walk.database.reading() as session:
        [one] = cases.load(session, queued.claimed(session, "token"), walk.post.addresses, now)
    walk.cancel()
    with walk.database.writing() as session:
        mark = moves.Mark(
            one.row.id or 0, 1, "hash", one.contact_id, one.consent_id, "confirmed", one.member_version,
            one.meeting_version,
        )  # fmt: skip

        assert outbox.mark(session, "token", [mark], now) == set()


def test_after_an_outage_the_nearest_reminder_goes_and_the_others_are_missed_visibly(walk: Walk) -> None:
    walk.clock.pass_(days=2, hours=5)
    walk.plan()
    walk.clock.turn_to(datetime(2026, 11, 27, 0, 30, tzinfo=UTC))  # half past the start

    assert walk.tick() == {State.MISSED: 2}
    assert walk.phone.sent == walk.mail.sent == []
