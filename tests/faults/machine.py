"""A play of chance over the whole walk: facts change, time passes, processes die; the wire is the judge.

What the provider has taken stands in a list that nobody but the provider writes into, and is judged at that moment.
"""

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlmodel import col, select

from commands.service import Service, plan_all, tidy_all
from meetup import agenda, dates
from meetup.clock import HandClock
from meetup.errors import MeetupError
from meetup.feeds.addresses import Addresses
from meetup.people import consent, contacts, members
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, DeliveryRow, Meeting
from meetup.values import Channel, Door, Source, State
from notifications import outbox
from notifications.deliver import Post, deliver_due, recover
from notifications.inbound import Text, take_text
from notifications.moves import Settlement
from notifications.reconcile import reconcile
from notifications.reports import Report, take_report
from tests.databases import VAULT, lay
from tests.faults.mortal import (
    ANSWERS,
    HALF_DONE,
    LEAVING,
    NEW_YORK,
    NOON,
    NOTICES,
    PEOPLE,
    POINTS,
    WORDS,
    Dead,
    Mortal,
    Taken,
    Wire,
)
from tests.faults.trap import Trap
from tests.notifications.walk import THURSDAY, moment, wall


class Play(RuleBasedStateMachine):
    """Everything that may happen between noon and the end of a Thursday, and later."""

    file: ClassVar[Path]
    database: ClassVar[Mortal]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        lay(self.database, self.file)
        self.database.dead = False
        self.clock = HandClock(NOON)
        self.wire = Wire(self.clock, self.database, self.judge)
        self.allowed: Counter[str] = Counter()  # hand-overs beyond the first that somebody has asked for
        self.left: set[str] = set()
        self.cancelled = False
        self.start = moment(26, 19)
        self.wrong: list[str] = []
        self.begun = False
        self._live(plan_all)
        self.clock.turn_to(NOON + timedelta(minutes=290))

    def judge(self, taken: Taken) -> None:
        """Look at a text at the moment in which it is taken."""
        number = sum(one.code == taken.code for one in self.wire.taken)
        local = taken.at.astimezone(NEW_YORK)
        reminder = "Nov 26" in taken.body and not any(words in taken.body for words in NOTICES)
        faults = {
            "sent twice": number > 1 + self.allowed[taken.code],
            "sent to somebody who left": taken.to in self.left,
            "sent in the night": not 8 <= local.hour < 21 or (reminder and not 9 <= local.hour < 20),
            "about a cancelled date": reminder and self.cancelled,
            "after it began": reminder and taken.at >= self.start,
        }
        self.wrong += [f"{fault}: {taken}" for fault, true in faults.items() if true]

    # What a process does, as far as it comes

    def _live(self, *deeds: Callable[[Service], object], point: str = "", nth: int = 1) -> None:
        self.database.dead, self.database.trap = False, Trap(point, nth, self.database.die)
        post = Post(self.database, {Channel.SMS: self.wire}, self.clock, Addresses(VAULT, "https://meet.example"))
        with contextlib.suppress(Dead):
            for deed in deeds:
                deed(Service(post))
        self.database.dead, self.database.trap = False, Trap()

    @rule(answer=st.sampled_from(ANSWERS))
    def tick(self, answer: str) -> None:
        """Plan, deliver and ask."""
        self.wire.answer = answer
        self._live(plan_all, _deliver, _ask)

    @rule(answer=st.sampled_from(ANSWERS))
    def deliver(self, answer: str) -> None:
        """Deliver and ask."""
        self.wire.answer = answer
        self._live(_deliver, _ask)

    @rule()
    def plan(self) -> None:
        self._live(plan_all)

    @rule(answer=st.sampled_from(ANSWERS), point=st.sampled_from(POINTS), nth=st.integers(1, 4), sole=st.booleans())
    def crash(self, answer: str, point: str, nth: int, sole: bool) -> None:
        """Die somewhere in a tick; start again at once, or leave it to the lease."""
        self.wire.answer = answer
        first = [plan_all] if point.startswith("plan") else []
        self._live(*first, _deliver, _ask, point=point, nth=nth)
        if sole:
            self._live(lambda service: recover(service.post, sole=True))

    @rule(
        minutes=st.sampled_from([300, 360]),
        answer=st.sampled_from(ANSWERS),
        point=st.sampled_from(HALF_DONE),
        nth=st.sampled_from([1, 1, 2]),
        sole=st.booleans(),
    )
    def crash_when_due(self, minutes: int, answer: str, point: str, nth: int, sole: bool) -> None:
        """Die with something half done: left to chance alone, hardly one death in fifty finds anything on the wire."""
        self.restore()
        self.at(minutes)
        self.crash(answer, point, nth, sole)

    @rule()
    def tidy(self) -> None:
        self._live(tidy_all)

    @rule(reachable=st.booleans())
    def provider(self, reachable: bool) -> None:
        self.wire.reachable = reachable

    # Time

    @rule(minutes=st.sampled_from([1, 5, 11, 59]))
    def later(self, minutes: int) -> None:
        self.clock.pass_(minutes=minutes)

    @rule(minutes=st.sampled_from([299, 300, 301, 360]))
    def at(self, minutes: int) -> None:
        """Go to a moment of the afternoon, unless it is past."""
        self.clock.turn_to(max(self.clock.now(), NOON + timedelta(minutes=minutes)))

    # What people decide

    def _date(self, deed: Callable[[Session, Meeting, dates.Slot], object]) -> bool:
        try:
            with self.database.writing() as session:
                meeting = session.get_one(Meeting, 1)
                deed(session, meeting, dates.slot_on(session, meeting, THURSDAY))
        except MeetupError:
            return False  # refused: nothing was changed
        return True

    @rule()
    def cancel(self) -> None:
        self.cancelled |= self._date(
            lambda session, meeting, slot: dates.cancel(session, meeting, slot, self.clock.now())
        )

    @rule()
    def restore(self) -> None:
        if self._date(lambda session, meeting, slot: dates.restore(session, meeting, slot, self.clock.now())):
            self.cancelled, self.start = False, moment(26, 19)

    @rule(hour=st.sampled_from([18, 20, 21]))
    def move(self, hour: int) -> None:
        if self._date(
            lambda session, meeting, slot: dates.move(
                session, meeting, slot, dates.Move(start=wall(26, hour)), self.clock.now()
            )
        ):
            self.cancelled, self.start = False, moment(26, hour)

    @rule(door=st.sampled_from(Door))
    def close_door(self, door: Door) -> None:
        if self._date(lambda session, meeting, slot: dates.close_door(session, meeting, slot, door, self.clock.now())):
            self.cancelled = self._happens_not()

    def _happens_not(self) -> bool:
        with self.database.reading() as session:
            one = agenda.on_slot(agenda.one_series(session, 1), wall(26, 19))
        return one is None or not one.happening

    @rule(alias=st.sampled_from(LEAVING), word=st.sampled_from(WORDS))
    def text(self, alias: str, word: str) -> None:
        """Let somebody text us."""
        number = f"SM{self.steps}{self.clock.now().isoformat()}"
        with self.database.writing() as session:
            take_text(session, Text(number, PEOPLE[alias], word, ""), self.clock.now())
        self.left |= {PEOPLE[alias]} if "stop" in word.lower() else set()

    @rule(alias=st.sampled_from(LEAVING))
    def withdraw(self, alias: str) -> None:
        """Let somebody say to the organizer that they want no more texts."""
        with self.database.writing() as session:
            consent.revoke(session, self._phone(session, alias), 1, Source.ORGANIZER, self.clock.now())
        self.left.add(PEOPLE[alias])

    def _phone(self, session: Session, alias: str) -> ContactPoint:
        return contacts.of_member(session, members.find(session, alias).id or 0)[Channel.SMS]

    @rule(
        data=st.data(),
        status=st.sampled_from(["sent", "delivered", "undelivered", "failed"]),
        error=st.sampled_from(["", "30003", "30008", "30007"]),
        how=st.sampled_from(["true", "doubled", "forged"]),
    )
    def callback(self, data: st.DataObject, status: str, error: str, how: str) -> None:
        """Let the provider report on anything it took, late, doubled or in any order; or somebody else, made up."""
        if not self.wire.taken:
            return
        one = data.draw(st.sampled_from(self.wire.taken))
        code = "0" * 20 if how == "forged" else one.code
        for _ in range(2 if how == "doubled" else 1):
            with self.database.writing() as session:
                moved = take_report(session, Report(code, one.sid, status, error), self.clock.now())
            assert how != "forged" or moved is None
            self.allowed[code] += moved is State.PLANNED

    @rule(how=st.sampled_from([State.PLANNED, State.SENT, State.SUPPRESSED]))
    def organizer(self, how: State) -> None:
        """Settle what nobody knows."""
        with self.database.writing() as session:
            row = session.exec(select(DeliveryRow).where(col(DeliveryRow.state) == "HELD")).first()
            if row is not None:
                outbox.resolve(session, Settlement(row.id or 0, how, "said so"), self.clock.now(), among=[State.HELD])
                self.allowed[row.code] += how is State.PLANNED

    @invariant()
    def judged(self) -> None:
        """Nothing that was taken should not have been. This is asked once before the first step and after each."""
        type(self).steps += self.begun
        self.begun = True
        assert not self.wrong, self.wrong

    def teardown(self) -> None:
        """Let everything come to its end: what is shown as sent was sent, and what was sent is not shown as missed."""
        self.wire.answer, self.wire.reachable = "accepted", True
        self._live(lambda service: recover(service.post, sole=True))
        for _ in range(8):
            self.clock.pass_(minutes=3)
            self._live(_deliver, _ask)
        self.clock.turn_to(max(self.clock.now(), moment(27, 12)))
        for _ in range(4):
            self._live(_deliver, _ask)
            self.clock.pass_(minutes=3)
        assert not self.wrong, self.wrong
        taken = {one.code for one in self.wire.taken}
        for row in self.rows():
            assert row.state not in {"CLAIMED", "SUBMITTING", "UNCERTAIN"}, row
            assert row.code in taken or row.state not in {"DELIVERED", "UNDELIVERED"}, row

    def rows(self) -> list[DeliveryRow]:
        with self.database.reading() as session:
            query = select(DeliveryRow).where(col(DeliveryRow.channel) == "sms", col(DeliveryRow.slot) == wall(26, 19))
            return list(session.exec(query))


def _deliver(service: Service) -> None:
    deliver_due(service.post)


def _ask(service: Service) -> None:
    reconcile(service.post)
