"""The rehearsal: real servers, a clock that runs through one week, and a ledger of what arrived where."""

import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import col

from commands.rehearsal import town, week
from commands.rehearsal.mailbox import Mailbox
from commands.rehearsal.twilio import RehearsalTwilio
from commands.rehearsal.week import Event, Promise, Scene
from commands.service import Service, deliver_all, plan_all
from meetup.clock import HandClock, SystemClock
from meetup.people import contacts, members
from meetup.storage.tables import ContactPoint, DeliveryRow, Member
from meetup.values import Channel, Kind, State

LONGEST_STEP = timedelta(hours=6)


class StageClock(HandClock):
    """Turned by hand during the week; afterwards it can be let go, and then keeps pace with the world."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._world: SystemClock | None = None
        self._let_go_at = 0.0

    def let_go(self) -> None:
        """Go on by itself from now."""
        self._world = SystemClock()
        self._let_go_at = self._world.monotonic()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._gone())

    def monotonic(self) -> float:
        return super().monotonic() + self._gone()

    def _gone(self) -> float:
        return self._world.monotonic() - self._let_go_at if self._world else 0.0


@dataclass(frozen=True, slots=True)
class Received:
    """One message that arrived on a phone or in a mailbox."""

    at: datetime
    channel: Channel
    who: str
    kind: Kind | None
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """What somebody texted, and what came back."""

    at: datetime
    who: str
    said: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A message that was not sent, and why."""

    who: str
    channel: Channel
    kind: Kind
    slot: datetime
    state: State
    reason: str


@dataclass
class Stage:
    """Everything that plays along. Only the clock moves by hand."""

    service: Service
    clock: HandClock
    mailbox: Mailbox
    twilio: RehearsalTwilio
    exchanges: list[Exchange] = field(default_factory=list)
    notes: list[tuple[datetime, str]] = field(default_factory=list)

    def play(self, events: Sequence[Event], end: datetime, tell: Callable[[datetime, str], None]) -> None:
        """Let the clock run to the end of the week, and everybody do what they do."""
        coming = list(events)
        self._step()
        while self.clock.now() < end:
            self.clock.turn_to(self._next_stop(coming[0].at if coming else end, end))
            while coming and coming[0].at <= self.clock.now():
                event = coming.pop(0)
                tell(event.at, event.told)
                event.act(self._scene())
            self._step()

    def _step(self) -> None:
        plan_all(self.service)
        deliver_all(self.service)
        self.twilio.flush_callbacks()

    def _next_stop(self, event: datetime, end: datetime) -> datetime:
        now = self.clock.now()
        with self.service.database.reading() as session:
            later = func.max if session.get_bind().dialect.name == "sqlite" else func.greatest
            due = later(col(DeliveryRow.due_at), func.coalesce(col(DeliveryRow.not_before), col(DeliveryRow.due_at)))
            query = select(func.min(due)).where(col(DeliveryRow.state) == State.PLANNED.value, due > now)
            soonest = session.execute(query).scalar()
        return min(event, end, now + LONGEST_STEP, soonest or end)

    def _scene(self) -> Scene:
        return Scene(self.service.database, self.clock.now(), self.mailbox, self.twilio, self._heard)

    def _heard(self, who: str, said: str, answers: list[str]) -> None:
        self.exchanges.append(Exchange(self.clock.now(), who, said, tuple(answers)))

    def received(self) -> list[Received]:
        """Return what arrived, in order: read from the phones and mailboxes, never from our own tables."""
        kinds = self._kinds()
        people = town.aliases()
        texts = [
            Received(text.accepted_at, Channel.SMS, people[text.to], kinds.get(text.sid), "", text.body)
            for text in self.twilio.messages
        ]
        mails = [
            Received(
                parsedate_to_datetime(str(mail.message["Date"])),
                Channel.EMAIL,
                people[mail.to],
                kinds.get(str(mail.message["Message-ID"])),
                str(mail.message["Subject"]),
                mail.text,
            )
            for mail in self.mailbox.mails
        ]
        return sorted([*texts, *mails], key=lambda one: (one.at, one.channel, one.who))

    def _kinds(self) -> dict[str, Kind]:
        with self.service.database.reading() as session:
            rows = session.execute(select(DeliveryRow).where(col(DeliveryRow.provider_id) != "")).scalars()
            return {row.provider_id: Kind(row.kind) for row in rows}

    def held_back(self) -> list[HeldBack]:
        """Return what was not sent, and why."""
        wanted = [state.value for state in (State.SUPPRESSED, State.MISSED, State.FAILED, State.HELD, State.UNCERTAIN)]
        with self.service.database.reading() as session:
            query = select(DeliveryRow).where(col(DeliveryRow.state).in_(wanted)).order_by(col(DeliveryRow.due_at))
            return [
                HeldBack(
                    members.alias(session, session.get_one(Member, row.member_id)),
                    Channel(row.channel),
                    Kind(row.kind),
                    row.slot,
                    State(row.state),
                    row.reason,
                )
                for row in session.execute(query).scalars()
            ]

    def stopped(self) -> list[str]:
        """Return who took their consent back or cannot be reached any more."""
        with self.service.database.reading() as session:
            rows = session.execute(
                select(ContactPoint).where(col(ContactPoint.state).in_(["stopped", "bounced"]))
            ).scalars()
            people = town.aliases()
            return [f"{people[contacts.address(session, row)]} ({row.channel}: {row.state})" for row in rows]


def broken_promises(stage: Stage) -> list[str]:
    """Compare what arrived with what was promised; return every difference as a sentence."""
    received = stage.received()
    arrived = sorted(_promise(one) for one in received if one.kind is not None)
    unknown = [f"something arrived that no delivery knows: {one.subject}" for one in received if not one.kind]
    missing = [f"never arrived: {_told(one)}" for one in week.PROMISED if one not in arrived]
    surplus = [f"arrived unasked: {_told(one)}" for one in arrived if one not in week.PROMISED]
    twice = [f"arrived twice: {_told(one)}" for one in sorted(set(arrived)) if arrived.count(one) > 1]
    return unknown + missing + surplus + twice + _wrongly_held(stage)


def _wrongly_held(stage: Stage) -> list[str]:
    held = {(one.who, one.kind, one.reason) for one in stage.held_back()}
    answers = [(one.who, answer) for one in stage.exchanges for answer in one.answers]
    return [
        *(f"not held back: {who}, {kind}: {why}" for who, kind, why in week.HELD_BACK - held),
        *(f"left open: {one.who}, {one.state}" for one in stage.held_back() if one.state in _OPEN),
        *(
            f"not answered: {who}, {words}"
            for who, words in sorted(week.ANSWERED)
            if not any(one == who and answer.startswith(words) for one, answer in answers)
        ),
    ]


_OPEN = {State.HELD, State.UNCERTAIN, State.MISSED}


def _promise(one: Received) -> Promise:
    local = one.at.astimezone(week.ZONE).replace(second=0, microsecond=0)
    return Promise(local, one.channel, one.who, one.kind or Kind.REMINDER)


def _told(one: Promise) -> str:
    return f"{one.kind} by {one.channel} for {one.who} at {one.at:%a %d %H:%M}"


@contextlib.contextmanager
def servers(clock: HandClock, log: Path | None = None) -> Iterator[tuple[Mailbox, RehearsalTwilio]]:
    """Run a real mail server and an endpoint that behaves as Twilio's."""
    with Mailbox() as mailbox, RehearsalTwilio(clock, log) as twilio:
        yield mailbox, twilio


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
