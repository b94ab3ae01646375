"""Two dates of one day are one text: told once, by both, or each by itself, and never by none."""

from datetime import timedelta

import pytest
from sqlmodel import select

from meetup import agenda, dates, meetings, told
from meetup.errors import Forbidden
from meetup.people import answers, members
from meetup.schedule.phrases import parse
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Group, Meeting, Member
from meetup.values import Channel, Door, State
from notifications import moves, outbox, queued
from notifications.messages import NotSent, Refused, Unknown
from notifications.moves import Claim
from notifications.rules.verdict import TOGETHER
from tests.notifications.walk import ADA, BEN, THURSDAY, Walk, add_rule, moment, the_hall

DATES = "Thu, Nov 26, 7:00 PM, in person or online, and 8:15 PM, in person."
BOTH = f"Riverside: {DATES} Details are on your page. STOP to end."


def second(session: Session, walk: Walk) -> Meeting:
    """Let the circle meet a second time on Thursdays, in the hall only."""
    group, now = session.get_one(Group, walk.group_id), walk.clock.now()
    parsed = parse("every Thursday 20:15-21:00", now.date())
    timing = meetings.Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, group.zone)
    meeting = meetings.add(session, group, [timing], now, title="Tea")
    meetings.hold(session, meeting, now, venue=the_hall(session), room=None)
    return meeting


@pytest.fixture
def twice(walk: Walk) -> Walk:
    """Ada is to hear of two dates at the same moment: the clock was not looked at for an hour and a quarter."""
    with walk.database.writing() as session:
        second(session, walk)
    walk.clock.turn_to(moment(26, 17))
    walk.plan()
    walk.clock.turn_to(moment(26, 18, 15))
    return walk


def texts(walk: Walk) -> list[DeliveryRow]:
    return walk.rows(channel="sms", kind="reminder")


def test_two_reminders_that_are_due_together_are_one_text(twice: Walk) -> None:
    twice.tick()
    assert twice.phone.bodies == [BOTH]
    leader, other = texts(twice)
    assert (leader.state, leader.also_id, other.state) == ("SENT", other.id, "PLANNED")

    for _ in range(5):
        twice.until(minutes=3)
    assert twice.phone.bodies == [BOTH]
    assert [(row.state, row.reason) for row in texts(twice)] == [("SENT", ""), ("SUPPRESSED", TOGETHER)]


@pytest.fixture
def soon(walk: Walk) -> Walk:
    """The second date's text would come an hour and a quarter after the first one's: both are planned."""
    with walk.database.writing() as session:
        second(session, walk)
    walk.clock.turn_to(moment(26, 17))
    return walk


def test_a_reminder_that_would_come_soon_after_another_is_told_with_it(soon: Walk) -> None:
    soon.tick()
    assert soon.phone.bodies == [BOTH]
    leader, other = texts(soon)
    assert (leader.state, leader.also_id, other.state, other.reason) == ("SENT", other.id, "PLANNED", "")

    for _ in range(12):
        soon.until(minutes=15)
    assert soon.phone.bodies == [BOTH]
    assert [(row.state, row.reason) for row in texts(soon)] == [("SENT", ""), ("SUPPRESSED", TOGETHER)]


def test_what_comes_later_than_that_is_a_text_of_its_own(soon: Walk) -> None:
    with soon.database.writing() as session:
        tea = session.exec(select(Meeting).where(Meeting.title == "Tea")).one()
        slot = dates.slot_on(session, tea, THURSDAY)
        dates.move(session, tea, slot, dates.Move(start=slot.at.replace(hour=20, minute=31)), soon.clock.now())
    soon.tick()

    assert len(soon.phone.bodies) == 1
    assert "8:31" not in soon.phone.bodies[0]


def test_two_leads_of_one_date_are_two_texts(soon: Walk) -> None:
    with soon.database.writing() as session:
        add_rule(session, session.get_one(Group, soon.group_id), "1h by sms", soon.clock)
        dates.skip(session, *the_tea(session), soon.clock.now())
    soon.tick()
    soon.clock.turn_to(moment(26, 18))
    soon.tick()

    assert [body.count("7:00 PM") for body in soon.phone.bodies] == [1, 1]


def test_who_is_not_coming_to_the_second_is_told_of_the_first_alone_and_may_think_again(soon: Walk) -> None:
    with soon.database.writing() as session:
        tea, slot = the_tea(session)
        date = agenda.on_slot(agenda.one_series(session, tea.id or 0), slot.at)
        assert date is not None
        answers.give(session, members.find(session, "Ada"), date, None, soon.clock.now())
    soon.tick()
    with soon.database.writing() as session:
        answers.take_back(session, members.find(session, "Ada"), date)
    soon.until(minutes=75)

    assert ["8:15 PM" in body for body in soon.phone.bodies] == [False, True]


def test_when_the_text_of_both_did_not_leave_the_second_comes_in_its_own_time(soon: Walk) -> None:
    soon.phone.outcomes = [Refused("30007", "filtered")]
    soon.tick()
    soon.until(minutes=60)
    early = len(soon.phone.sent)
    soon.until(minutes=15)

    assert (early, ["8:15 PM" in body for body in soon.phone.bodies]) == (1, [True, True])
    assert [row.state for row in texts(soon)] == ["FAILED", "SENT"]


def test_a_second_date_that_is_cancelled_after_both_were_told_is_told_as_cancelled(soon: Walk) -> None:
    soon.tick()
    with soon.database.writing() as session:
        dates.cancel(session, *the_tea(session), soon.clock.now())
    soon.until(minutes=11)

    assert ["cancelled" in body for body in soon.phone.bodies] == [False, True]


def the_tea(session: Session) -> tuple[Meeting, dates.Slot]:
    """Return the second meeting, and its date on Thursday."""
    tea = session.exec(select(Meeting).where(Meeting.title == "Tea")).one()
    return tea, dates.slot_on(session, tea, THURSDAY)


def test_a_digit_after_two_dates_names_neither(twice: Walk) -> None:
    twice.tick()

    assert "988" in twice.text("2")


def test_a_phone_that_somebody_else_may_see_is_told_the_times_alone(twice: Walk) -> None:
    with twice.database.writing() as session:
        members.edit(session, members.find(session, "Ada"), {"phone_shared": True}, twice.clock.now())
    twice.tick()

    assert twice.phone.bodies == ["Riverside: Thu, Nov 26, 7:00 PM, and 8:15 PM. STOP to end."]


def test_what_is_unusual_about_one_of_them_is_said_by_itself(twice: Walk) -> None:
    with twice.database.writing() as session:
        circle = session.get_one(Meeting, twice.meeting_id)
        dates.note(session, circle, dates.slot_on(session, circle, THURSDAY), "Bring a mug", twice.clock.now())
        dates.close_door(session, circle, dates.slot_on(session, circle, THURSDAY), Door.ONLINE, twice.clock.now())
    twice.tick()
    twice.until(minutes=15)

    assert not any("and 8:15 PM" in body for body in twice.phone.bodies)
    assert any("8:15 PM" in body for body in twice.phone.bodies)


def test_a_text_that_surely_did_not_leave_leaves_nobody_untold(twice: Walk) -> None:
    twice.phone.outcomes = [NotSent("20429", "too many requests")]
    twice.tick()
    for _ in range(8):
        twice.until(minutes=2)

    told = " ".join(twice.phone.bodies[1:])
    assert ("7:00 PM" in told, "8:15 PM" in told) == (True, True)
    assert {row.state for row in texts(twice)} <= {"SENT", "SUPPRESSED", "MISSED"}


def test_a_text_that_was_refused_for_good_takes_no_other_with_it(twice: Walk) -> None:
    twice.phone.outcomes = [Refused("30007", "filtered")]
    twice.tick()
    for _ in range(3):
        twice.until(minutes=2)

    assert len(twice.phone.sent) == 2
    assert [row.state for row in texts(twice)] == ["FAILED", "SENT"]


def test_while_nobody_knows_whether_both_were_told_the_other_waits(twice: Walk) -> None:
    twice.phone.outcomes = [Unknown("cut")]
    twice.tick()
    twice.until(minutes=3)

    assert [row.state for row in texts(twice)] == ["UNCERTAIN", "PLANNED"]
    assert len(twice.phone.sent) == 1


def test_a_cancellation_in_between_lets_nothing_leave(twice: Walk) -> None:
    with twice.database.reading() as session:
        tea = session.exec(select(Meeting).where(Meeting.title == "Tea")).one()
    with twice.database.moving() as session:
        claim = Claim("token", twice.clock.now() + timedelta(minutes=2), 10)
        assert outbox.claim(session, Channel.SMS, claim, twice.clock.now()) == 2
        rows = queued.claimed(session, "token")
    with twice.database.writing() as session:
        session.get_one(Meeting, tea.id).version += 1
    beside = moves.Beside(rows[1].id or 0, tea.id, tea.version)
    with twice.database.moving() as session:
        aside = moves.Settlement(
            rows[1].id or 0, State.PLANNED, TOGETHER, not_before=twice.clock.now() + timedelta(minutes=2)
        )
        outbox.settle(session, [aside], twice.clock.now(), token="token")
        mark = moves.Mark(
            delivery_id=rows[0].id or 0,
            number=1,
            body_hash="x",
            contact_id=rows[0].contact_id,
            consent_id=rows[0].consent_id,
            consent_action=rows[0].consent_action,
            member_version=session.get_one(Member, rows[0].member_id).version,
            meeting_version=None,
            beside=beside,
        )
        assert outbox.mark(session, "token", [mark], twice.clock.now()) == set()


def test_a_text_that_did_not_arrive_is_followed_by_the_other_date(twice: Walk) -> None:
    twice.tick()
    twice.until(minutes=3)
    leader, other = texts(twice)
    assert other.state == "SUPPRESSED"
    twice.report(leader.code, "undelivered", "30003", leader.provider_id)
    twice.until(minutes=15)
    twice.until(minutes=15)

    assert any("8:15 PM" in body for body in twice.phone.bodies[1:])


def test_two_people_and_two_days_are_not_mixed(walk: Walk) -> None:
    walk.add("Ben", BEN)
    with walk.database.writing() as session:
        second(session, walk)
    walk.clock.turn_to(moment(26, 17))
    walk.plan()
    walk.clock.turn_to(moment(26, 18, 15))
    walk.tick()

    assert sorted(message.to for message in walk.phone.sent) == sorted([ADA, BEN])
    assert walk.phone.bodies == [BOTH, BOTH]


def test_a_full_claim_takes_what_else_is_due_for_the_same_members(twice: Walk) -> None:
    claim = Claim("token", twice.clock.now() + timedelta(minutes=2), 1)
    with twice.database.moving() as session:
        assert outbox.claim(session, Channel.SMS, claim, twice.clock.now()) == 1
        assert outbox.claim_beside(session, Channel.SMS, claim, twice.clock.now()) == 1
        assert outbox.claim_beside(session, Channel.SMS, claim, twice.clock.now()) == 0
        assert {row.member_id for row in queued.claimed(session, "token")} == {1}


def test_a_date_that_another_text_told_does_not_vanish_in_silence(twice: Walk) -> None:
    twice.tick()
    twice.until(minutes=3)
    other = texts(twice)[1]
    with twice.database.writing() as session:
        tea = session.get_one(Meeting, other.meeting_id)
        slot = dates.slot_on(session, tea, THURSDAY)
        with pytest.raises(Forbidden, match="were reminded of Thursday 2026-11-26 already"):
            dates.skip(session, tea, slot, twice.clock.now())
        assert told.reminded(session, other.meeting_id or 0, [other.slot]) == {1}


@pytest.mark.parametrize("newest", ["FAILED", "PLANNED"])
def test_what_was_told_once_stays_told_whatever_became_of_other_texts(twice: Walk, newest: str) -> None:
    twice.tick()
    with twice.database.writing() as session:
        leader, other = session.exec(select(DeliveryRow).where(DeliveryRow.channel == "sms")).all()
        later = {
            **leader.model_dump(exclude={"id"}),
            "code": "later",
            "lead": "1h",
            "state": newest,
            "also_id": other.id,
        }
        session.add(DeliveryRow(**later))
    twice.until(minutes=3)

    assert [(row.state, row.reason) for row in texts(twice)][1] == ("SUPPRESSED", TOGETHER)
