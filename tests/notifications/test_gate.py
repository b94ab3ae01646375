"""A pass keeps to what its senders may do, and to what is known of their lines."""

import threading
from dataclasses import replace

import pytest

from meetup.clock import HandClock
from meetup.values import Channel, State
from notifications.deliver import PATIENCE, Post, deliver_batch, deliver_due
from notifications.gate import Limit
from notifications.messages import Message, NotSent, Outcome, Refused
from tests.fakes import FakeSender
from tests.notifications.walk import Walk, crowd, moment

DOWN = NotSent("refused", "nobody answers", whole_line=True)


class Waiting(threading.Event):
    """Asks to stop, and lets the clock go by instead of waiting."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self.clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        """Let time pass."""
        self.clock.pass_(seconds=timeout or 0)
        return self.is_set()


class Timed(FakeSender):
    """A channel that remembers when it was given what."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self.clock = clock
        self.times: list[float] = []

    def send(self, message: Message, deadline: float) -> Outcome:
        """Remember the time as well."""
        self.times.append(self.clock.monotonic())
        return super().send(message, deadline)


@pytest.fixture
def due(near: Walk) -> Walk:
    """Thursday at five, the texts for 31 people are due."""
    with near.database.writing() as session:
        crowd(session, 30)
    near.plan()
    near.clock.turn_to(moment(26, 17))
    return near


def posted(walk: Walk, sender: FakeSender, rate: float | None = None) -> Post:
    limits = {Channel.SMS: Limit(8, rate)}
    return Post(
        walk.database, {Channel.SMS: sender}, walk.clock, walk.post.addresses, Waiting(walk.clock), limits=limits
    )


def test_texts_leave_as_fast_as_the_number_may_send_and_the_rest_is_given_back(due: Walk) -> None:
    phone, began = Timed(due.clock), due.clock.monotonic()
    post = posted(due, phone, rate=2)

    ended = deliver_due(post)

    # Two are saved up, then two a second while our patience lasts.
    assert ended == {State.SENT: 2 + 2 * int(PATIENCE)}
    assert phone.times[-1] - began == pytest.approx(PATIENCE, abs=0.6)
    assert sorted(due.states(channel="sms")) == ["PLANNED"] * 21 + ["SENT"] * 10


def test_tick_by_tick_everybody_gets_theirs_and_never_too_many_in_a_second(due: Walk) -> None:
    phone = Timed(due.clock)
    post = posted(due, phone, rate=2)

    for _ in range(5):
        deliver_due(post)
        due.clock.pass_(seconds=1)

    assert due.states(channel="sms") == ["SENT"] * 31
    assert max(sum(start <= time < start + 1 for time in phone.times) for start in phone.times) <= 4


def test_a_slow_number_makes_no_pass_longer_than_our_patience(due: Walk) -> None:
    post, began = posted(due, Timed(due.clock), rate=0.1), due.clock.monotonic()

    assert deliver_due(post) == {State.SENT: 1}
    assert due.clock.monotonic() == began


def test_a_line_that_is_down_is_left_alone_and_nobody_is_given_up(due: Walk) -> None:
    phone = FakeSender([DOWN] * 99)
    post = posted(due, phone)

    assert deliver_due(post) == {}
    first = len(phone.sent)
    assert 5 <= first <= 8
    assert deliver_due(post) == {}
    assert len(phone.sent) == first

    due.clock.pass_(seconds=36)
    deliver_due(post)
    assert len(phone.sent) == first + 1  # one goes first

    phone.outcomes.clear()
    due.clock.pass_(seconds=72)
    assert deliver_due(post) == {State.SENT: 31}


def test_one_bad_recipient_after_another_stops_nobody(due: Walk) -> None:
    phone = FakeSender([Refused("21211", "no such number", bad_address=True)] * 12)

    assert deliver_due(posted(due, phone)) == {State.FAILED: 12, State.SENT: 19}


def test_a_provider_that_asks_for_time_gets_it(due: Walk) -> None:
    phone = FakeSender([NotSent("20429", "too many requests", 100, whole_line=True)] * 8)
    post = posted(due, phone)
    deliver_due(post)
    tried = len(phone.sent)

    due.clock.pass_(seconds=99)
    assert deliver_due(post) == {}
    assert len(phone.sent) == tried <= 8

    phone.outcomes.clear()
    due.clock.pass_(seconds=45)
    assert deliver_due(post) == {State.SENT: 31}


def test_a_batch_of_another_worker_rests_as_well(due: Walk) -> None:
    phone = FakeSender([DOWN] * 99)
    post = posted(due, phone)

    assert deliver_batch(post, Channel.SMS) == {}
    tried = len(phone.sent)
    assert deliver_batch(post, Channel.SMS) == {}
    assert len(phone.sent) == tried


def test_mails_leave_while_the_line_of_texts_is_stuck(due: Walk) -> None:
    due.add("Zoe", email="zoe@example.org")
    due.plan()
    mails_left = threading.Event()

    class Stuck(FakeSender):
        def send(self, message: Message, deadline: float) -> Outcome:
            # Held up until a mail has left: if texts went first and alone, that would never be.
            assert mails_left.wait(30)
            return super().send(message, deadline)

    class Mail(FakeSender):
        def send(self, message: Message, deadline: float) -> Outcome:
            mails_left.set()
            return super().send(message, deadline)

    stuck, mail = Stuck(), Mail()
    post = replace(posted(due, stuck), senders={Channel.SMS: stuck, Channel.EMAIL: mail})
    deliver_due(post)

    assert (len(stuck.sent), bool(mail.sent)) == (31, True)
