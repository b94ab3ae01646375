"""One pass: what the wire says becomes what the row says, and nothing that goes wrong for one stops another."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event, update

from meetup.people import contacts, members
from meetup.storage.tables import ContactPoint, OnlineRoom
from meetup.values import Channel, State
from notifications import cases, deliver, outbox, queued
from notifications.deliver import Post, deliver_due
from notifications.messages import Accepted, Message, NotSent, Outcome, Refused, Unknown
from notifications.moves import Claim, Mark
from tests import databases
from tests.fakes import FakeSender
from tests.notifications.walk import BEN, Walk, at, crowd, moment


@pytest.fixture
def due(near: Walk) -> Walk:
    """Thursday at five, the text for Ada is due."""
    near.plan()
    near.clock.turn_to(moment(26, 17))
    return near


def outcome_of(walk: Walk, outcome: Outcome) -> tuple[str, str, str]:
    walk.phone.outcomes.append(outcome)
    walk.tick()
    row = walk.row(channel="sms", kind="reminder")
    return row.state, row.reason, row.error_code


def test_what_is_accepted_is_sent_with_its_number_and_size(due: Walk) -> None:
    assert outcome_of(due, Accepted("SM7", segments=2)) == ("SENT", "", "")

    row = due.row(channel="sms")
    assert (row.provider_id, row.segments, row.attempts) == ("SM7", 2, 1)


def test_the_size_is_counted_when_the_provider_does_not_say_it(due: Walk) -> None:
    outcome_of(due, Accepted("SM7"))

    assert due.row(channel="sms").segments == 1


def test_a_message_carries_what_its_channel_needs(due: Walk) -> None:
    due.tick()
    [mail] = due.mail.sent or [_mail_of(due)]
    [text] = due.phone.sent

    row = due.row(channel="sms")
    assert (text.to, text.code, text.expires_at, text.unsubscribe_url) == ("+12025550123", row.code, moment(26, 19), "")
    assert text.callback_url.startswith(f"https://meet.example/twilio/status?d={row.code}.")
    assert mail.unsubscribe_url.startswith("https://meet.example/u/")
    assert mail.list_id


def _mail_of(walk: Walk) -> Message:
    walk.add("Ben", email="ben@example.org")
    walk.tick()
    return walk.mail.sent[-1]


def test_what_surely_did_not_leave_is_tried_again_later(due: Walk) -> None:
    assert outcome_of(due, NotSent("429", "too many requests")) == ("PLANNED", "too many requests", "429")
    assert due.deliver() == {}

    assert due.until(seconds=20) == {State.SENT: 1}
    assert [one.outcome for one in due.attempts() if one.delivery_id == due.row(channel="sms").id] == [
        "NOT_SENT",
        "SENT",
    ]


def test_the_provider_may_say_how_long_to_wait(due: Walk) -> None:
    outcome_of(due, NotSent("429", "too many requests", retry_after=600))

    assert due.until(seconds=599) == {}
    assert due.until(seconds=130) == {State.SENT: 1}


def test_what_cannot_be_sent_before_the_start_is_missed(due: Walk) -> None:
    due.phone.outcomes = [NotSent("429", "too many requests")] * 99
    for _ in range(5):
        due.until(minutes=25)

    row = due.row(channel="sms")
    assert (row.state, row.expires_at) == ("MISSED", moment(26, 19))


def test_a_time_out_is_a_doubt_and_is_not_sent_again(due: Walk) -> None:
    # F23: a POST that timed out and is tried again is a second text and a second bill.
    assert outcome_of(due, Unknown("timed out")) == ("UNCERTAIN", "timed out", "")
    due.until(minutes=30)

    assert len(due.phone.sent) == 1


@pytest.mark.parametrize(
    ("refused", "state"),
    [
        (Refused("21610", "opted out", opted_out=True), "stopped"),
        (Refused("21211", "no such number", bad_address=True), "bounced"),
        (Refused("30007", "filtered"), "verified"),
    ],
    ids=["opted out", "no such number", "filtered"],
)
def test_a_refusal_stops_that_contact_and_nobody_else(due: Walk, refused: Refused, state: str) -> None:
    # F20: an opt-out that only the carrier knows is ours from now on; other refusals are none.
    due.add("Ben", BEN)
    assert outcome_of_first(due, refused) == ["FAILED", "SENT"]

    assert due.contact("Ada").state == state
    assert due.contact("Ben").state == "verified"
    assert due.contact("Ada", Channel.EMAIL).state == "verified"


def test_a_mailbox_that_is_full_three_weeks_in_a_row_gets_no_more_mail(due: Walk) -> None:
    full = Refused("5.2.2", "552 5.2.2 full", mailbox_full=True)
    seen = []
    for _ in range(3):
        due.mail.outcomes = [full] * 9
        for _ in range(7):
            due.until(days=1)
        seen.append(due.contact("Ada", Channel.EMAIL).state)

    assert seen == ["verified", "verified", "bounced"]
    assert set(due.states(channel="email", error_code="5.2.2")) == {"FAILED"}
    assert due.contact("Ada").state == "verified"


def test_a_mailbox_that_was_full_now_and_then_is_kept(due: Walk) -> None:
    full = Refused("5.2.2", "552 5.2.2 full", mailbox_full=True)
    for week in range(6):
        due.mail.outcomes = [full] * 9 if week % 2 else []
        for _ in range(7):
            due.until(days=1)

    assert due.contact("Ada", Channel.EMAIL).state == "verified"
    assert len(due.rows(channel="email", error_code="5.2.2")) >= 3


def outcome_of_first(walk: Walk, outcome: Outcome) -> list[str]:
    walk.phone.outcomes.append(outcome)
    walk.tick()
    return sorted(walk.states(channel="sms"))


@pytest.mark.parametrize(
    "outcome",
    [NotSent("20003", "wrong token", stop_channel=True), Refused("30034", "not registered", stop_channel=True)],
    ids=["not sent", "refused"],
)
def test_wrong_settings_stop_the_channel_and_lose_nothing(due: Walk, outcome: Outcome) -> None:
    # F22: nothing is “sent” that no account could send.
    with due.database.writing() as session:
        crowd(session, 30)
    due.plan()
    due.phone.outcomes = [outcome] * 8

    due.deliver()
    tried = len(due.phone.sent)
    assert 1 <= tried <= 8
    assert set(due.states(channel="sms")) == {"PLANNED"}
    assert set(due.states(channel="email")) == {"SENT"}
    due.until(minutes=4)
    assert len(due.phone.sent) == tried

    due.phone.outcomes.clear()
    due.until(minutes=2)
    assert due.states(channel="sms") == ["SENT"] * 31


def test_a_channel_that_is_not_configured_leaves_its_messages_planned(due: Walk) -> None:
    post = Post(due.database, {Channel.EMAIL: due.mail}, due.clock, due.post.addresses)

    assert deliver_due(post) == {}
    assert due.states(channel="sms") == ["PLANNED"]


def test_consent_withdrawn_while_it_is_claimed_is_obeyed(due: Walk) -> None:
    with due.database.writing() as session:
        crowd(session, 8)
    due.plan()
    due.add("Ben", BEN)
    due.plan()
    meddled = Meddling(lambda: due.stop("Ben"))

    assert deliver_due(posted(due, meddled)) == {State.SENT: 9, State.SUPPRESSED: 1}
    assert BEN not in {message.to for message in meddled.sent}


def test_a_date_cancelled_while_it_is_claimed_reminds_nobody_any_more(due: Walk) -> None:
    with due.database.writing() as session:
        crowd(session, 20)
    due.plan()
    meddled = Meddling(due.cancel)

    ended = deliver_due(posted(due, meddled))

    assert (ended[State.SENT], ended[State.SUPPRESSED]) == (8, 13)  # what was on the wire could not be held back


def test_a_claim_that_ran_out_meanwhile_sends_nothing_more_under_it(due: Walk) -> None:
    with due.database.writing() as session:
        crowd(session, 20)
    due.plan()
    slow = Meddling(lambda: due.clock.pass_(seconds=100))

    assert deliver_due(posted(due, slow)) == {State.SENT: 21}

    assert len({message.to for message in slow.sent}) == 21
    assert len(set(slow.deadlines)) == 2


def test_asked_to_stop_it_finishes_what_is_on_the_wire_and_gives_the_rest_back(due: Walk) -> None:
    with due.database.writing() as session:
        crowd(session, 20)
    due.plan()
    stop = threading.Event()
    post = replace(posted(due, Meddling(stop.set)), stop=stop)

    assert deliver_due(post) == {State.SENT: 8}
    assert sorted(due.states(channel="sms")) == ["PLANNED"] * 13 + ["SENT"] * 8


def test_a_channel_that_breaks_leaves_a_doubt_about_one_message_only(due: Walk) -> None:
    due.add("Ben", BEN)
    due.plan()
    broken = Meddling(lambda: int("no number"))

    assert deliver_due(posted(due, broken)) == {State.SENT: 1, State.UNCERTAIN: 1}


def posted(walk: Walk, phone: FakeSender) -> Post:
    """Return the post with another phone and no mail."""
    return Post(walk.database, {Channel.SMS: phone}, walk.clock, walk.post.addresses)


class Meddling(FakeSender):
    """A channel during whose first message something happens."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act
        self._lock = threading.Lock()

    def send(self, message: Message, deadline: float) -> Outcome:
        with self._lock:
            outcome = super().send(message, deadline)
            if len(self.sent) == 1:
                self._act()
            return outcome


def test_after_a_crash_on_the_wire_nothing_is_sent_again_blindly(due: Walk) -> None:
    # F15 and F18: neither lost nor sent again after a restart.
    with due.database.writing() as session:
        now = due.clock.now()
        outbox.claim(session, Channel.SMS, Claim("dead", now + deliver.LEASE, 10), now)
        [one] = cases.load(session, queued.claimed(session, "dead"), due.post.addresses, now)
        versions = one.member_version, one.meeting_version
        mark = Mark(one.row.id or 0, 1, "hash", one.contact_id, one.consent_id, "confirmed", *versions)
        assert outbox.mark(session, "dead", [mark], now)

    assert deliver.recover(due.post, sole=True) == {State.PLANNED: 0, State.UNCERTAIN: 1}
    due.until(minutes=1)

    assert due.states(channel="sms") == ["UNCERTAIN"]
    assert due.phone.sent == []


def test_what_a_dead_pass_left_is_taken_over_by_a_later_one(due: Walk) -> None:
    with due.database.writing() as session:
        now = due.clock.now()
        outbox.claim(session, Channel.SMS, Claim("dead", now + deliver.LEASE, 10), now)

    assert due.until(seconds=119) == {}
    assert due.until(seconds=1) == {State.SENT: 1}


def test_an_address_that_cannot_be_read_blocks_no_other(due: Walk) -> None:
    due.add("Ben", BEN)
    with due.database.writing() as session:
        session.execute(update(ContactPoint).where(ContactPoint.id == due.contact().id).values(address_sealed=b"\x01?"))  # type: ignore[arg-type]  # SQLModel types columns by their values

    due.tick()

    assert [(row.state, row.reason) for row in due.rows(channel="sms")] == [
        ("PLANNED", "could not be read"),
        ("SENT", ""),
    ]
    assert due.until(minutes=9) == {}
    assert at(due, 26, 19)[State.MISSED] == 1


def test_a_meeting_that_cannot_be_read_is_not_taken_for_cancelled(due: Walk) -> None:
    with due.database.writing() as session:
        room = session.get_one(OnlineRoom, 1)
        sealed, room.url_sealed = room.url_sealed, b"\x01?"
        session.add(room)
    due.deliver()
    assert [(row.state, row.reason) for row in due.rows(channel="sms")] == [("PLANNED", "could not be read")]

    with due.database.writing() as session:
        room = session.get_one(OnlineRoom, 1)
        room.url_sealed = sealed
        session.add(room)

    assert due.until(minutes=10) == {State.SENT: 1}


def test_a_new_number_is_only_used_after_its_owner_agreed(due: Walk) -> None:
    with due.database.writing() as session:
        contacts.add(session, members.find(session, "Ada"), Channel.SMS, BEN, due.clock.now())

    due.deliver()
    assert due.row(channel="sms").reason == "the address is unverified"
    due.ask("Ada")
    due.until(minutes=1)
    assert due.text("YES", BEN)

    due.until(minutes=1)
    assert due.phone.sent[-1].to == BEN
    assert due.states(channel="sms", kind="reminder") == ["SENT"]


def test_two_deliverers_on_one_database_send_everything_once(due: Walk) -> None:
    # F25: an embarrassed second process must not mean a second message.
    with due.database.writing() as session:
        crowd(session, 60)
    due.plan()
    phones = FakeSender(), FakeSender()
    others = [databases.beside(due.database) for _ in phones]
    posts = [
        Post(base, {Channel.SMS: phone}, due.clock, due.post.addresses)
        for base, phone in zip(others, phones, strict=True)
    ]
    threads = [threading.Thread(target=deliver_due, args=[post]) for post in posts]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for base in others:
        base.close()

    numbers = [message.to for phone in phones for message in phone.sent]
    assert len(numbers) == len(set(numbers)) == 61


def test_a_batch_is_read_at_once_however_long_it_is(due: Walk) -> None:
    with due.database.writing() as session:
        crowd(session, 50)
    due.plan()

    assert _statements(due, 5) == _statements(due, 50)


def _statements(walk: Walk, number: int) -> int:
    seen: list[object] = []
    with walk.database.reading() as session:
        rows = walk.rows(channel="sms")[:number]
        listen = lambda *told: seen.append(told[2])  # noqa: E731 -- has to be removed again
        event.listen(walk.database.engine, "before_cursor_execute", listen)
        assert len(cases.load(session, rows, walk.post.addresses, walk.clock.now())) == number
        event.remove(walk.database.engine, "before_cursor_execute", listen)
    return len(seen)
