"""Receipts come late, twice and in any order; a link to leave is clicked twice."""

import logging

import pytest

from meetup.people import consent, contacts, members
from meetup.values import Channel, State
from notifications.messages import Accepted, Unknown
from notifications.reports import agree, unsubscribe
from tests.notifications.walk import BEN, Walk, moment


@pytest.fixture
def sent(near: Walk) -> Walk:
    """Thursday at five: the text for Ada is with the provider as SM1."""
    near.clock.turn_to(moment(26, 17))
    near.phone.outcomes = [Accepted("SM1"), Accepted("SM2")]
    assert near.tick() == {State.SENT: 1}
    return near


def code(walk: Walk) -> str:
    return walk.row(channel="sms", kind="reminder").code


def state(walk: Walk) -> str:
    return walk.row(channel="sms", kind="reminder").state


def hear(walk: Walk, status: str, error: str = "", number: str = "SM1") -> State | None:
    return walk.report(code(walk), status, error, number)


def test_a_text_that_arrived_is_delivered(sent: Walk) -> None:
    assert hear(sent, "delivered") is State.DELIVERED
    assert [one.outcome for one in sent.attempts()][-1] == "DELIVERED"


@pytest.mark.parametrize("late", ["queued", "sent", "delivered", "undelivered", "failed"])
def test_the_first_final_word_stays(sent: Walk, late: str) -> None:
    hear(sent, "delivered")

    assert hear(sent, late) is None
    assert state(sent) == "DELIVERED"


@pytest.mark.parametrize("status", ["queued", "sent", "a word of tomorrow", ""])
def test_what_is_no_step_forward_changes_nothing(sent: Walk, status: str) -> None:
    before = sent.row(channel="sms")

    assert hear(sent, status) is None
    assert sent.row(channel="sms") == before


def test_a_code_that_nobody_gave_out_moves_nothing(sent: Walk) -> None:
    before = sent.rows()

    assert sent.report("forged", "failed", "21610", "SM1") is None
    assert sent.report("", "failed", "21610", "SM1") is None
    assert sent.rows() == before


def test_a_message_that_is_not_ours_says_nothing_about_ours(sent: Walk) -> None:
    assert hear(sent, "undelivered", "30005", "SM-somebody-else") is None
    assert sent.contact().state == "verified"


def test_a_phone_that_was_off_is_tried_once_more(sent: Walk) -> None:
    assert hear(sent, "undelivered", "30003") is State.PLANNED
    assert sent.until(minutes=44) == {}

    assert sent.until(minutes=1) == {State.SENT: 1}
    assert hear(sent, "undelivered", "30003", "SM2") is State.UNDELIVERED
    assert sent.until(minutes=46) == {}
    assert [one.outcome for one in sent.attempts()][-2:] == ["UNDELIVERED", "UNDELIVERED"]


def test_a_doubled_receipt_neither_delays_nor_ends_the_second_try(sent: Walk) -> None:
    hear(sent, "undelivered", "30003")
    sent.clock.pass_(minutes=44)
    for status in ("undelivered", "sent", "failed"):
        assert hear(sent, status, "30003") is None

    assert sent.until(minutes=1) == {State.SENT: 1}
    assert hear(sent, "undelivered", "30003") is None
    assert state(sent) == "SENT"


def test_a_text_that_arrived_after_all_is_not_sent_again(sent: Walk) -> None:
    hear(sent, "undelivered", "30003")

    assert hear(sent, "delivered") is State.DELIVERED
    assert sent.until(minutes=46) == {}


def test_the_receipt_of_the_second_try_may_be_quicker_than_its_answer(sent: Walk) -> None:
    hear(sent, "undelivered", "30003")
    sent.phone.outcomes = [Unknown("timed out")]
    assert sent.until(minutes=45) == {State.UNCERTAIN: 1}

    assert hear(sent, "undelivered", "30003", "SM1") is None
    assert hear(sent, "delivered", number="SM2") is State.DELIVERED


def test_no_second_try_comes_after_the_start(near: Walk) -> None:
    near.clock.turn_to(moment(26, 18, 30))
    near.phone.outcomes = [Accepted("SM1")]
    near.tick()

    assert hear(near, "undelivered", "30003") is State.UNDELIVERED


def test_an_opt_out_that_only_the_carrier_knows_is_ours_from_now_on(sent: Walk) -> None:
    # F20: it may come by receipt.
    assert hear(sent, "failed", "21610") is State.FAILED

    assert sent.contact().state == "stopped"
    with sent.database.reading() as session:
        assert consent.allows(session, sent.contact().id or 0, 1) is None
        newest = consent.history(session, 1)[-1]
    assert (newest.action, newest.source, newest.channel) == ("revoked", "carrier", "sms")


def test_a_number_that_nobody_has_is_not_written_to_again(sent: Walk) -> None:
    hear(sent, "undelivered", "30005")

    assert sent.contact().state == "bounced"
    assert sent.contact("Ada", Channel.EMAIL).state == "verified"


def test_a_receipt_that_blames_our_account_is_told_to_the_operator(
    sent: Walk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        hear(sent, "undelivered", "30034")

    assert [record.message for record in caplog.records] == [
        "channel_misconfigured channel=sms reason=the number is not registered"
    ]


def test_leaving_by_a_mails_link_ends_one_groups_mail_and_nothing_else(walk: Walk) -> None:
    walk.another_circle()
    mail, phone = walk.contact("Ada", Channel.EMAIL).id or 0, walk.contact("Ada").id or 0
    with walk.database.writing() as session:
        assert unsubscribe(session, mail, 1, walk.clock.now())
        assert not unsubscribe(session, mail, 1, walk.clock.now())

        assert consent.allows(session, mail, 1) is None
        assert consent.allows(session, mail, 2)
        assert consent.allows(session, phone, 1)


def test_leaving_takes_back_what_was_only_asked_too(walk: Walk) -> None:
    walk.sign_up("Ben", email="ben@example.org")
    asked = walk.ask("Ben", Channel.EMAIL)
    with walk.database.writing() as session:
        assert unsubscribe(session, walk.contact("Ben", Channel.EMAIL).id or 0, 1, walk.clock.now())
        assert not agree(session, asked, walk.clock.now())


def test_the_link_of_an_old_mail_ends_the_mail_to_the_new_address(walk: Walk) -> None:
    old = walk.contact("Ada", Channel.EMAIL).id or 0
    with walk.database.writing() as session:
        contacts.add(session, members.find(session, "Ada"), Channel.EMAIL, "new@example.org", walk.clock.now())
    entry = walk.ask("Ada", Channel.EMAIL)
    with walk.database.writing() as session:
        assert agree(session, entry, walk.clock.now())
        new = contacts.of_member(session, 1)[Channel.EMAIL].id or 0
        assert consent.allows(session, new, 1)

        assert unsubscribe(session, old, 1, walk.clock.now())
        assert consent.allows(session, new, 1) is None


def test_a_link_of_somebody_who_is_gone_changes_nothing(walk: Walk) -> None:
    with walk.database.writing() as session:
        assert not unsubscribe(session, 4711, 1, walk.clock.now())
        assert not agree(session, 4711, walk.clock.now())


def test_agreeing_by_mail_confirms_once(walk: Walk) -> None:
    walk.sign_up("Ben", BEN, "ben@example.org")
    asked = walk.ask("Ben", Channel.EMAIL)
    with walk.database.writing() as session:
        assert agree(session, asked, walk.clock.now())
        assert not agree(session, asked, walk.clock.now())

    assert walk.contact("Ben", Channel.EMAIL).state == "verified"
    assert walk.contact("Ben").state == "unverified"
