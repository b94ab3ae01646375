"""The delivery table as a state machine: one row, one voice, whatever crashes and whoever else is at it."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from meetup.clock import HandClock
from meetup.storage import revisions
from meetup.storage.database import Database
from meetup.storage.tables import ConsentRow, DeliveryRow, Meeting, Member
from meetup.values import Channel, State
from notifications import moves, outbox, queued
from notifications.moves import Claim, Mark, Settlement
from tests import databases
from tests.conftest import START
from tests.databases import closed, lay
from tests.notifications.conftest import opened
from tests.notifications.walk import Walk, moment

LEASE = timedelta(seconds=120)
DUE, END = moment(26, 17), moment(26, 19)


def fill(database: Database, number: int = 1) -> None:
    """Put some texts for Ada into the outbox, each about another Thursday, all due at five."""
    with database.writing() as session:
        consent = session.exec(select(ConsentRow).where(ConsentRow.channel == "sms")).one()
        for week in range(number):
            session.add(
                DeliveryRow(
                    code=f"code{week}",
                    member_id=consent.member_id,
                    subject="meeting:1",
                    slot=datetime(2026, 11, 26, 19) + timedelta(weeks=week),  # noqa: DTZ001 -- a wall time
                    lead="2h",
                    channel="sms",
                    kind="reminder",
                    revision=0,
                    group_id=1,
                    meeting_id=1,
                    contact_id=consent.contact_id,
                    consent_id=consent.id or 0,
                    consent_action="confirmed",
                    due_at=DUE,
                    expires_at=END,
                    state=State.PLANNED,
                    created_at=START,
                )
            )


def claim(database: Database, now: datetime, who: str = "mine", limit: int = 10) -> list[DeliveryRow]:
    with database.writing() as session:
        outbox.claim(session, Channel.SMS, Claim(who, now + LEASE, limit), now)
        return queued.claimed(session, who)


def mark(database: Database, row: DeliveryRow, now: datetime, who: str = "mine") -> bool:
    """Mark a row with the versions that hold now."""
    with database.reading() as session:
        versions = session.get_one(Member, row.member_id).version, session.get_one(Meeting, 1).version
    with database.writing() as session:
        return bool(outbox.mark(session, who, [marked(row, *versions)], now))


def marked(row: DeliveryRow, member_version: int, meeting_version: int | None) -> Mark:
    number = row.attempts + 1
    return Mark(
        row.id or 0, number, "hash", row.contact_id, row.consent_id, "confirmed", member_version, meeting_version
    )


def settle(database: Database, settlement: Settlement, now: datetime, who: str = "mine") -> int:
    with database.writing() as session:
        return outbox.settle(session, [settlement], now, token=who)


@pytest.fixture
def one(walk: Walk) -> Walk:
    """The stage with one text that is due at five, at five."""
    fill(walk.database)
    walk.clock.turn_to(DUE)
    return walk


def test_what_is_not_due_yet_rests_or_is_too_late_is_not_claimed(one: Walk) -> None:
    assert claim(one.database, DUE - timedelta(seconds=1)) == []
    assert claim(one.database, END) == []

    [row] = claim(one.database, DUE)
    settle(one.database, Settlement(row.id or 0, State.PLANNED, not_before=DUE + timedelta(minutes=5)), DUE)

    assert claim(one.database, DUE + timedelta(minutes=4)) == []
    assert len(claim(one.database, DUE + timedelta(minutes=5))) == 1


def test_what_somebody_claimed_nobody_else_can(one: Walk) -> None:
    # F25: N workers are N schedulers, unless a claim is exclusive.
    assert len(claim(one.database, DUE, "mine")) == 1
    assert claim(one.database, DUE, "theirs") == []


def test_the_same_thing_cannot_be_planned_twice(one: Walk) -> None:
    # F6 and F7: the database refuses, whatever the program thinks.
    with pytest.raises(IntegrityError, match="deliveries"):
        fill(one.database)


def test_only_what_was_checked_can_be_marked(one: Walk) -> None:
    [row] = claim(one.database, DUE)
    with one.database.writing() as session:
        revisions.touch(session, [1], DUE)
        member, meeting = session.get_one(Member, row.member_id).version, session.get_one(Meeting, 1).version
        assert outbox.mark(session, "mine", [marked(row, member, meeting - 1)], DUE) == set()
        assert outbox.mark(session, "mine", [marked(row, member - 1, meeting)], DUE) == set()
        assert outbox.mark(session, "theirs", [marked(row, member, meeting)], DUE) == set()

        assert outbox.mark(session, "mine", [marked(row, member, meeting)], DUE) == {row.id}


def test_every_hand_over_is_an_attempt_of_its_own(one: Walk) -> None:
    [row] = claim(one.database, DUE)
    assert mark(one.database, row, DUE)
    not_sent = Settlement(row.id or 0, State.PLANNED, "429", number=1, outcome=moves.NOT_SENT)
    settle(one.database, not_sent, DUE)
    [again] = claim(one.database, DUE)
    assert mark(one.database, again, DUE)
    settle(one.database, Settlement(row.id or 0, State.SENT, provider_id="SM2", segments=2, number=2), DUE)

    assert [(one.number, one.outcome, one.provider_id) for one in one.attempts()] == [
        (1, "NOT_SENT", ""),
        (2, "SENT", "SM2"),
    ]
    sent = one.row()
    assert (sent.state, sent.attempts, sent.provider_id, sent.segments) == ("SENT", 2, "SM2", 2)


def test_a_claim_that_ran_out_is_planned_again_and_a_mark_is_uncertain(one: Walk) -> None:
    # F15: a message marked before sending is not lost by a crash; it is in doubt, and says so.
    [row] = claim(one.database, DUE)
    with one.database.writing() as session:
        assert outbox.recover(session, DUE + LEASE - timedelta(seconds=1)) == {State.PLANNED: 0, State.UNCERTAIN: 0}
        assert outbox.recover(session, DUE + LEASE) == {State.PLANNED: 1, State.UNCERTAIN: 0}
    [row] = claim(one.database, DUE + LEASE)
    assert mark(one.database, row, DUE + LEASE)
    with one.database.writing() as session:
        assert outbox.recover(session, DUE + 2 * LEASE) == {State.PLANNED: 0, State.UNCERTAIN: 1}

    assert one.states() == ["UNCERTAIN"]
    assert claim(one.database, DUE + 3 * LEASE) == []


def test_the_only_deliverer_of_a_file_waits_for_no_lease(one: Walk) -> None:
    claim(one.database, DUE)
    with one.database.writing() as session:
        assert outbox.recover(session, DUE, sole=True) == {State.PLANNED: 1, State.UNCERTAIN: 0}


def test_a_claim_of_a_clock_that_ran_a_week_ahead_holds_nobody_up(one: Walk) -> None:
    claim(one.database, DUE)
    with one.database.writing() as session:
        assert outbox.recover(session, DUE - timedelta(minutes=50)) == {State.PLANNED: 0, State.UNCERTAIN: 0}
        assert outbox.recover(session, DUE - timedelta(days=7)) == {State.PLANNED: 1, State.UNCERTAIN: 0}


def test_whoever_wakes_up_late_can_say_how_it_ended_but_not_send(one: Walk) -> None:
    [row] = claim(one.database, DUE)
    assert mark(one.database, row, DUE)
    with one.database.writing() as session:
        outbox.recover(session, DUE + LEASE)

    assert not mark(one.database, row, DUE + LEASE)
    assert settle(one.database, Settlement(row.id or 0, State.SENT, provider_id="SM1", number=1), DUE + LEASE) == 1
    assert one.states() == ["SENT"]


def test_whoever_surely_did_not_send_takes_the_doubt_away(one: Walk) -> None:
    [row] = claim(one.database, DUE)
    assert mark(one.database, row, DUE)
    with one.database.writing() as session:
        outbox.recover(session, DUE + LEASE)

    settle(one.database, Settlement(row.id or 0, State.PLANNED, number=1, outcome=moves.NOT_SENT), DUE + LEASE)

    assert one.states() == ["PLANNED"]


def test_old_news_do_not_overwrite_a_newer_attempt(one: Walk) -> None:
    [row] = claim(one.database, DUE)
    assert mark(one.database, row, DUE)
    with one.database.writing() as session:
        outbox.recover(session, DUE + LEASE)
        outbox.resolve(session, Settlement(row.id or 0, State.PLANNED, "resend"), DUE, among=[State.UNCERTAIN])
    [again] = claim(one.database, DUE + LEASE, "theirs")
    assert mark(one.database, again, DUE + LEASE, "theirs")

    assert settle(one.database, Settlement(row.id or 0, State.FAILED, number=1), DUE + LEASE) == 0
    assert one.states() == ["SUBMITTING"]


def test_a_receipt_quicker_than_the_answer_keeps_the_size_of_the_text(one: Walk) -> None:
    [row] = claim(one.database, DUE)
    assert mark(one.database, row, DUE)
    with one.database.writing() as session:
        receipt = Settlement(row.id or 0, State.DELIVERED, provider_id="SM1", number=1)
        assert outbox.resolve(session, receipt, DUE, among=[State.SUBMITTING])

    settle(one.database, Settlement(row.id or 0, State.SENT, provider_id="SM1", segments=2, number=1), DUE)

    assert [(row.state, row.segments, row.provider_id) for row in one.rows()] == [("DELIVERED", 2, "SM1")]


def test_what_was_learned_later_replaces_the_old_reason(one: Walk) -> None:
    [row] = claim(one.database, DUE)
    assert mark(one.database, row, DUE)
    settle(one.database, Settlement(row.id or 0, State.UNCERTAIN, "the connection broke", number=1), DUE)
    with one.database.writing() as session:
        outbox.resolve(session, Settlement(row.id or 0, State.DELIVERED, number=1), DUE, among=[State.UNCERTAIN])

    assert [(row.state, row.reason) for row in one.rows()] == [("DELIVERED", "")]
    assert [one.outcome for one in one.attempts()] == ["DELIVERED"]


def test_what_is_too_late_is_missed_and_stays_visible(one: Walk) -> None:
    with one.database.writing() as session:
        assert outbox.miss(session, END - timedelta(seconds=1)) == 0
        assert outbox.miss(session, END) == 1
        assert queued.counts(session) == {State.MISSED: 1}
        assert queued.counts(session, [State.SENT]) == {}


def test_what_was_not_handed_over_is_given_back(one: Walk) -> None:
    claim(one.database, DUE)
    with one.database.writing() as session:
        assert outbox.unclaim(session, "theirs") == 0
        assert outbox.unclaim(session, "mine") == 1

    assert [(row.state, row.claim_token, row.lease_until) for row in one.rows()] == [("PLANNED", "", None)]


class Post(RuleBasedStateMachine):
    """Two deliverers that crash and oversleep, a provider that takes messages silently, and an organizer.

    The wire log is the judge: nobody writes into it but the provider.
    """

    file: Path
    database: Database
    count = 3

    def __init__(self) -> None:
        super().__init__()
        lay(self.database, self.file)
        self.clock = HandClock(DUE)
        self.wire: Counter[str] = Counter()  # what the provider has taken, by code
        self.allowed: Counter[str] = Counter({f"code{week}": 1 for week in range(self.count)})
        self.doubted: set[str] = set()
        self.held: dict[str, list[tuple[DeliveryRow, float]]] = {"a": [], "b": []}  # claimed, and the fence
        self.marked: dict[str, list[tuple[DeliveryRow, float]]] = {"a": [], "b": []}
        self.done: dict[str, list[Settlement]] = {"a": [], "b": []}
        self.claims = 0
        self.tokens = {"a": "", "b": ""}

    workers = st.sampled_from(["a", "b"])
    outcomes = st.sampled_from(["accepted", "refused", "not sent", "lost answer", "lost request"])

    def rows(self) -> list[DeliveryRow]:
        with self.database.reading() as session:
            return list(session.exec(select(DeliveryRow)).all())

    @rule(who=workers, limit=st.integers(1, 3))
    def claim(self, who: str, limit: int) -> None:
        if self.held[who] or self.marked[who] or self.done[who]:
            return
        self.claims += 1
        self.tokens[who] = f"{who}{self.claims}"
        fence = self.clock.monotonic() + 0.8 * LEASE.total_seconds()
        rows = claim(self.database, self.clock.now(), self.tokens[who], limit)
        self.held[who] = [(row, fence) for row in rows]

    @rule(who=workers)
    def mark(self, who: str) -> None:
        for row, fence in self.held[who]:
            if mark(self.database, row, self.clock.now(), self.tokens[who]):
                self.marked[who].append((row, fence))
        self.held[who] = []

    @rule(who=workers, outcome=outcomes)
    def send(self, who: str, outcome: str) -> None:
        for row, fence in self.marked[who]:
            told = "not sent" if self.clock.monotonic() >= fence else outcome
            if told in {"accepted", "lost answer"}:
                self.wire[row.code] += 1
            self.done[who].append(self._settlement(row, told))
        self.marked[who] = []

    def _settlement(self, row: DeliveryRow, told: str) -> Settlement:
        number = row.attempts + 1
        ends = {
            "accepted": Settlement(row.id or 0, State.SENT, provider_id=f"SM-{row.code}", number=number),
            "refused": Settlement(row.id or 0, State.FAILED, "21211", number=number),
            "not sent": Settlement(row.id or 0, State.PLANNED, "429", number=number, outcome=moves.NOT_SENT),
        }
        return ends.get(told, Settlement(row.id or 0, State.UNCERTAIN, "the connection broke", number=number))

    @rule(who=workers)
    def settle(self, who: str) -> None:
        for settlement in self.done[who]:
            settle(self.database, settlement, self.clock.now(), self.tokens[who])
        self.done[who] = []

    @rule(who=workers, outcome=outcomes, until=st.sampled_from(["claimed", "marked", "sent", "settled"]))
    def work_and_die(self, who: str, outcome: str, until: str) -> None:
        """Go through a whole pass, or as far as a crash lets it come."""
        self.crash(who)
        self.claim(who, 2)
        if until in {"marked", "sent", "settled"}:
            self.mark(who)
        if until in {"sent", "settled"}:
            self.send(who, outcome)
        if until == "settled":
            self.settle(who)
        self.crash(who)

    @rule(who=workers)
    def die_after_the_wire(self, who: str) -> None:
        self.work_and_die(who, "accepted", "sent")

    @rule(seconds=st.sampled_from([130, 400]))
    def tend(self, seconds: int) -> None:
        """Let time pass, take over what the dead left, and ask about it."""
        self.wait(seconds)
        self.recover()
        self.look()

    @rule(who=workers)
    def give_back(self, who: str) -> None:
        with self.database.writing() as session:
            outbox.unclaim(session, self.tokens[who])
        self.held[who] = []

    @rule(who=workers)
    def crash(self, who: str) -> None:
        self.held[who], self.marked[who], self.done[who] = [], [], []

    @rule(seconds=st.sampled_from([1, 30, 100, 130]))
    def wait(self, seconds: int) -> None:
        self.clock.pass_(seconds=seconds)

    @rule(seconds=st.sampled_from([-3600, 600]))
    def jump(self, seconds: int) -> None:
        """Let somebody set the wall clock."""
        self.clock.turn_to(max(DUE, self.clock.now() + timedelta(seconds=seconds)))

    @rule()
    def recover(self) -> None:
        with self.database.writing() as session:
            outbox.recover(session, self.clock.now())
            outbox.miss(session, self.clock.now())

    @rule()
    def look(self) -> None:
        """Ask the provider about every doubt; its list is complete here, but “not found” proves nothing to us."""
        for row in self.rows():
            if row.state == State.UNCERTAIN:
                found = State.SENT if self.wire[row.code] else State.HELD
                with self.database.writing() as session:
                    settlement = Settlement(row.id or 0, found, "looked", number=row.attempts)
                    outbox.resolve(session, settlement, self.clock.now(), among=[State.UNCERTAIN])

    @rule(how=st.sampled_from([State.PLANNED, State.SENT]))
    def organizer(self, how: State) -> None:
        row = next((row for row in self.rows() if row.state == State.HELD), None)
        if row is None:
            return
        with self.database.writing() as session:
            outbox.resolve(session, Settlement(row.id or 0, how, "an organizer"), self.clock.now(), among=[State.HELD])
        if how is State.PLANNED:
            self.allowed[row.code] += 1

    @invariant()
    def never_twice_without_somebodys_word(self) -> None:
        assert all(self.wire[code] <= number for code, number in self.allowed.items()), (self.wire, self.allowed)

    def teardown(self) -> None:
        """Let everybody die and somebody clean up: every message has an end, and the end is true."""
        with self.database.writing() as session:
            outbox.recover(session, self.clock.now(), sole=True)
        self.look()
        with self.database.writing() as session:
            outbox.miss(session, END + timedelta(days=1))
        assert sorted(row.code for row in self.rows()) == sorted(self.allowed)
        for row in self.rows():
            assert row.state in {State.SENT, State.FAILED, State.HELD, State.MISSED}
            if self.wire[row.code]:
                assert row.state in {State.SENT, State.HELD} or self.allowed[row.code] > 1 or row.state == State.FAILED


class Blind(Post):
    """A control: doubts are simply sent again."""

    def look(self) -> None:
        for row in self.rows():
            if row.state == State.UNCERTAIN:
                with self.database.writing() as session:
                    again = Settlement(row.id or 0, State.PLANNED, "blindly")
                    outbox.resolve(session, again, self.clock.now(), among=[State.UNCERTAIN])

    def teardown(self) -> None:
        """End without a judgement."""


@pytest.fixture
def begun(stage: Path, tmp_path: Path) -> Path:
    """A database file with some texts that are due."""
    file = tmp_path / "begun.db"
    databases.copy(stage, file)
    database = opened(file)
    fill(database, Post.count)
    closed(database)
    return file


PLAY = settings(max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


def test_never_two_hand_overs_and_nothing_lost_whatever_happens_in_between(begun: Path, house: Database) -> None:
    run_state_machine_as_test(type("Play", (Post,), {"file": begun, "database": house}), settings=PLAY)


@pytest.mark.parametrize(("machine", "twice"), [(Post, False), (Blind, True)], ids=["as it is", "blindly"])
def test_the_machine_would_see_a_message_that_is_sent_twice(
    begun: Path, house: Database, machine: type[Post], *, twice: bool
) -> None:
    play = type("Play", (machine,), {"file": begun, "database": house})()

    play.die_after_the_wire("a")
    play.tend(130)
    play.work_and_die("b", "accepted", "settled")

    assert any(play.wire[code] > number for code, number in play.allowed.items()) is twice
