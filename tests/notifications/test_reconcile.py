"""What became of those of which nobody knows whether they left."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from meetup.storage.tables import AttemptRow, ContactPoint, DeliveryRow
from meetup.values import Channel, State
from notifications.deliver import Post, deliver_due
from notifications.messages import Accepted, Found, Unknown
from notifications.reconcile import reconcile
from tests.notifications.walk import BEN, Walk, moment


@pytest.fixture
def doubt(near: Walk) -> Walk:
    """Thursday at five: the connection broke while the text for Ada was handed over."""
    near.plan()
    near.clock.turn_to(moment(26, 17))
    near.phone.outcomes = [Unknown("timed out")]
    assert near.tick() == {State.UNCERTAIN: 1}
    return near


def text_of(walk: Walk) -> tuple[str, str]:
    row = walk.row(channel="sms", kind="reminder")
    return row.state, row.reason


def test_nobody_asks_before_a_receipt_had_time_to_come(doubt: Walk) -> None:
    assert doubt.reconcile(seconds=119) == {}
    assert doubt.phone.traces == []


def test_what_the_provider_knows_was_sent(doubt: Walk) -> None:
    row = doubt.row(channel="sms")
    doubt.phone.found[row.code] = Found("SM7", "queued")

    assert doubt.reconcile(seconds=120) == {State.SENT: 1}
    assert doubt.row(channel="sms").provider_id == "SM7"
    assert [one.outcome for one in doubt.attempts()][-1] == "SENT"


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (Found("SM7", "delivered"), "DELIVERED"),
        (Found("SM7", "undelivered", "30005"), "UNDELIVERED"),
        (Found("SM7", "undelivered", "30003"), "PLANNED"),
        (Found("SM7", "a word of tomorrow"), "SENT"),
    ],
    ids=["delivered", "nobody has it", "once more", "unknown word"],
)
def test_the_list_is_read_like_a_receipt(doubt: Walk, found: Found, state: str) -> None:
    doubt.phone.found[doubt.row(channel="sms").code] = found

    doubt.reconcile(seconds=120)

    assert text_of(doubt)[0] == state


def test_a_number_that_nobody_has_is_learned_from_the_list_too(doubt: Walk) -> None:
    doubt.phone.found[doubt.row(channel="sms").code] = Found("SM7", "undelivered", "30005")

    doubt.reconcile(seconds=120)

    assert doubt.contact().state == "bounced"


def test_a_text_that_three_looks_do_not_find_is_held(doubt: Walk) -> None:
    assert doubt.reconcile(seconds=120) == {}
    assert doubt.reconcile(seconds=60) == {}
    assert doubt.reconcile(seconds=60) == {}
    assert doubt.reconcile(seconds=120) == {State.HELD: 1}

    assert text_of(doubt) == ("HELD", "nobody can say whether it left")
    assert doubt.until(minutes=30) == {}
    assert len(doubt.phone.sent) == len(doubt.phone.traces) - 2 == 1


def test_a_doubt_of_a_clock_that_ran_ahead_is_asked_about_when_it_is_right_again(doubt: Walk) -> None:
    with doubt.database.writing() as session:
        ahead = doubt.clock.now() + timedelta(days=7)
        session.execute(update(DeliveryRow).where(col(DeliveryRow.state) == "UNCERTAIN").values(settled_at=ahead))

    doubt.reconcile(seconds=1)
    for _ in range(2):
        doubt.reconcile(minutes=3)

    assert text_of(doubt)[0] == "HELD"


def test_an_operator_may_prefer_a_second_text_to_none(doubt: Walk) -> None:
    bold = dataclasses.replace(doubt.post, resend_texts=True)
    for _ in range(3):
        doubt.clock.pass_(seconds=125)
        reconcile(bold)
    assert text_of(doubt) == ("PLANNED", "not found at the provider, and sent again as the settings say")

    assert deliver_due(bold) == {State.SENT: 1}
    assert doubt.phone.bodies == [doubt.phone.bodies[0]] * 2


def test_even_then_a_text_is_not_tried_for_ever(doubt: Walk) -> None:
    bold = dataclasses.replace(doubt.post, resend_texts=True)
    doubt.phone.outcomes = [Unknown("timed out")] * 9
    for _ in range(20):
        doubt.clock.pass_(seconds=125)
        reconcile(bold)
        deliver_due(bold)

    assert (text_of(doubt)[0], len(doubt.phone.sent)) == ("HELD", 3)


def test_the_look_says_what_to_look_for(doubt: Walk) -> None:
    row = doubt.row(channel="sms")
    doubt.reconcile(seconds=120)

    [trace] = doubt.phone.traces
    body = doubt.phone.bodies[0]
    assert (trace.code, trace.to, trace.submitted_at) == (row.code, "+12025550123", moment(26, 17))
    assert trace.body_hash == doubt.database.vault.fingerprint(body)
    assert trace.known_ids == frozenset()


def test_a_message_that_belongs_to_another_try_is_not_taken_for_this_one(near: Walk) -> None:
    near.clock.turn_to(moment(26, 17))
    near.phone.outcomes = [Accepted("SM1"), Unknown("timed out")]
    near.tick()
    code = near.row(channel="sms").code
    near.report(code, "undelivered", "30003", "SM1")
    assert near.until(minutes=45) == {State.UNCERTAIN: 1}

    near.reconcile(seconds=120)

    assert near.phone.traces[-1].known_ids == {"SM1"}


def test_a_receipt_settles_a_doubt_before_anybody_asks(doubt: Walk) -> None:
    assert doubt.report(doubt.row(channel="sms").code, "delivered", provider_id="SM7") is State.DELIVERED

    assert doubt.reconcile(seconds=120) == {}
    assert text_of(doubt) == ("DELIVERED", "")


def test_a_receipt_settles_what_was_held(doubt: Walk) -> None:
    for _ in range(3):
        doubt.reconcile(seconds=120)
    assert text_of(doubt)[0] == "HELD"

    assert doubt.report(doubt.row(channel="sms").code, "sent", provider_id="SM7") is State.SENT


def test_a_mail_is_sent_again_under_its_old_message_id(walk: Walk) -> None:
    walk.clock.turn_to(moment(25, 19))
    walk.mail.outcomes = [Unknown("cut after the text")]
    walk.tick()

    assert walk.reconcile(seconds=120) == {State.PLANNED: 1}
    assert walk.tick() == {State.SENT: 1}
    first, second = walk.mail.sent
    assert first.code == second.code


def test_a_mail_that_stays_in_doubt_is_held_in_the_end(walk: Walk) -> None:
    walk.clock.turn_to(moment(25, 19))
    walk.mail.outcomes = [Unknown("cut after the text")] * 9
    for _ in range(6):
        walk.tick()
        walk.reconcile(seconds=120)

    assert walk.states(channel="email") == ["HELD"]
    assert len(walk.mail.sent) == 3


def test_a_provider_that_cannot_be_asked_is_asked_again_until_it_is_of_no_use(doubt: Walk) -> None:
    doubt.add("Ben", BEN)
    doubt.phone.outcomes = [Unknown("timed out")]
    doubt.until(seconds=1)
    doubt.phone.reachable = False

    assert doubt.reconcile(minutes=10) == {}
    assert doubt.reconcile(hours=1) == {}
    assert doubt.states(channel="sms") == ["UNCERTAIN", "UNCERTAIN"]

    assert doubt.reconcile(hours=1) == {State.HELD: 2}
    assert len(doubt.phone.sent) == 2


def test_without_the_channel_nothing_is_decided_early(doubt: Walk) -> None:
    doubt.clock.pass_(minutes=10)
    post = Post(doubt.database, {Channel.EMAIL: doubt.mail}, doubt.clock, doubt.post.addresses)

    assert reconcile(post) == {}
    assert text_of(doubt)[0] == "UNCERTAIN"


def test_a_doubt_that_cannot_be_read_is_held_and_blocks_no_other(doubt: Walk) -> None:
    doubt.add("Ben", BEN)
    doubt.phone.outcomes = [Unknown("timed out")]
    doubt.until(seconds=1)
    with doubt.database.writing() as session:
        ada = col(ContactPoint.id) == doubt.contact("Ada").id
        session.execute(update(ContactPoint).where(ada).values(address_sealed=b"\x01?"))
    ben = next(row for row in doubt.rows(channel="sms") if row.contact_id == doubt.contact("Ben").id)
    doubt.phone.found[ben.code] = Found("SM7", "delivered")

    assert doubt.reconcile(seconds=120) == {State.HELD: 1, State.DELIVERED: 1}


def test_a_doubt_without_a_trace_is_held(doubt: Walk) -> None:
    with doubt.database.writing() as session:
        session.execute(delete(AttemptRow))

    assert doubt.reconcile(seconds=120) == {State.HELD: 1}
