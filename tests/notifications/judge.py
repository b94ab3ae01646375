"""A wire that looks at what every message relies on, and measures it by what people said (`memory.py`)."""

import random
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from meetup.clock import HandClock
from meetup.people import contacts
from meetup.storage.database import Database
from meetup.storage.tables import ConsentRow, ContactPoint, DeliveryRow
from meetup.values import Channel, Kind
from notifications.messages import Message, NotSent, Outcome, Refused
from tests.fakes import FakeSender
from tests.notifications.memory import Memory, Said

ACTIONS = {Said.ASKED: {"requested", "granted"}, Said.AGREED: {"confirmed"}}


@dataclass(frozen=True, slots=True)
class Sent:
    """What was handed over, and what it relied on."""

    to: str
    kind: Kind
    member: int
    contact: int
    group: int
    entry: int
    relied: tuple[datetime, str, int | None, str, str]  # when, what, about which group, by which channel, where
    channel: Channel


class Judge(FakeSender):
    """A wire that looks at each message before it takes it; some it does not take, and some people left elsewhere."""

    def __init__(self, database: Database, clock: HandClock, memory: Memory) -> None:
        super().__init__()
        self.database, self.clock, self.memory = database, clock, memory
        self.letters: list[Sent] = []
        self.faults: list[str] = []
        self.gone: list[str] = []  # who left at the carrier's, since somebody last looked

    def send(self, message: Message, deadline: float) -> Outcome:
        """Judge a message, and take it or not: by what it is, not by which of several lines was first."""
        one, now = sent(self.database, message), self.clock.now()
        self.letters.append(one)
        self.faults += [f"{found}: {one}"] if (found := fault(self.memory, one, now)) else []
        luck = random.Random(f"{now}{one.to}{one.kind}{one.group}").random()
        if luck < 0.03 and message.channel is Channel.SMS:
            self.gone.append(one.to)
            return Refused("21610", "opted out", opted_out=True)
        return NotSent("20429", "later", retry_after=600) if luck > 0.95 else super().send(message, deadline)


def sent(database: Database, message: Message) -> Sent:
    """Look up what a message relies on."""
    with database.reading() as session:
        row = session.exec(select(DeliveryRow).where(DeliveryRow.code == message.code)).one()
        entry = session.get_one(ConsentRow, row.consent_id)
        where = contacts.address(session, session.get_one(ContactPoint, entry.contact_id))
        return Sent(
            to=message.to,
            kind=Kind(row.kind),
            member=row.member_id,
            contact=row.contact_id,
            group=row.group_id or 0,
            entry=row.consent_id,
            relied=(entry.at, entry.action, entry.group_id, entry.channel, where),
            channel=message.channel,
        )


def fault(memory: Memory, one: Sent, now: datetime) -> str:
    """Return what is wrong with a message that is handed over, or nothing."""
    if not memory.at_home(one.to):
        return "nobody wants to be written to there"
    opt_in = one.kind is Kind.OPT_IN
    word = memory.asked(one.to, one.group, now) if opt_in else memory.agreed(one.to, one.group)
    if word is None:
        return "nothing is left to ask" if opt_in else "no yes stands"
    right = [(word.at, action, one.group, one.channel.value, one.to) for action in ACTIONS[word.said]]
    return "" if one.relied in right else "it relies on another entry"
