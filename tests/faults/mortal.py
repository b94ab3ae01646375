"""Processes that die inside of a test, and the provider of a play: what it takes is judged at that moment."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from meetup import groups, organization
from meetup.clock import HandClock
from meetup.errors import Unavailable
from meetup.people.members import MemberDraft
from meetup.places import rooms, venues
from meetup.storage.database import Session
from meetup.storage.tables import Group
from notifications.messages import Accepted, Found, Message, NotSent, Outcome, Refused, Trace, Unknown
from tests import databases
from tests.conftest import START, join
from tests.databases import VAULT, closed
from tests.faults.scene import FOUNDING, empty
from tests.faults.trap import Trap, Watched
from tests.notifications.conftest import opened
from tests.notifications.walk import add_rule, begin, moment

NOON = moment(26, 12)
NEW_YORK = ZoneInfo("America/New_York")
PEOPLE = {"Ada": "+12025550123", "Ben": "+12025550124", "Cleo": "+12025550125"}
LEAVING = ("Ben", "Cleo")  # Ada stays: where everybody has left, the rest of a play is silence
POINTS = (
    "claim written", "claim committed", "mark written", "mark committed", "before the wire", "after the wire",
    "turn written", "turn committed", "settle written", "settle committed", "recover written", "recover committed",
    "plan written", "plan committed", "before asking", "after asking",
)  # fmt: skip
HALF_DONE = ("after the wire", "after the wire", "settle written", "turn written", "mark committed", "before the wire")
WORDS = ("STOP", "please stop texting me", "0", "0", "1", "hi")
ANSWERS = ("accepted", "accepted", "taken silently", "lost on the way", "busy", "refused")
NOTICES = ("cancelled", "moves to", "change for", "changed", "back on", "again", "as planned")


class Dead(BaseException):
    """The process has ended here; nothing of it may do anything any more."""


class Mortal(Watched):
    """A database that a dead process cannot write into."""

    dead = False

    def __init__(self, url: str) -> None:
        super().__init__(url, VAULT, Trap())
        databases.careless(self)  # only processes die here, never the machine

    @contextlib.contextmanager
    def _committing(self, engine: Engine) -> Iterator[Session]:
        """Write, unless this process is dead."""
        if self.dead:
            raise Dead
        with super()._committing(engine) as session:
            yield session

    def die(self) -> None:
        """End the process, here."""
        self.dead = True
        raise Dead


@dataclass(frozen=True)
class Taken:
    """A text on the wire."""

    code: str
    sid: str
    to: str
    body: str
    at: datetime


class Wire:
    """The provider of a play: it takes texts, says so or not, and lists what it took."""

    def __init__(self, clock: HandClock, database: Mortal, judge: "Callable[[Taken], None]") -> None:
        self.clock, self.database, self.judge = clock, database, judge
        self.taken: list[Taken] = []
        self.answer = "accepted"
        self.reachable = True

    def send(self, message: Message, deadline: float) -> Outcome:
        """Take a text, or not, and say so, or not."""
        self.database.trap.at("before the wire")
        if self.database.dead or self.clock.monotonic() >= deadline:
            return NotSent("deadline", "too late")
        outcomes: dict[str, Outcome] = {
            "busy": NotSent("20429", "too many requests"),
            "refused": Refused("21408", "texts to this region are not enabled"),
            "lost on the way": Unknown("the connection broke"),
        }
        if self.answer in outcomes:
            return outcomes[self.answer]
        sid = f"SM{len(self.taken):032d}"
        self.taken.append(Taken(message.code, sid, message.to, message.body, self.clock.now()))
        self.judge(self.taken[-1])
        self.database.trap.at("after the wire")
        return Accepted(sid, 1) if self.answer == "accepted" else Unknown("timed out")

    def find(self, trace: Trace) -> Found | None:
        """Look for a text to that number with those words."""
        self.database.trap.at("before asking")
        if not self.reachable:
            raise Unavailable("nobody answers")
        found = [one for one in self.taken if one.to == trace.to and one.sid not in trace.known_ids
                 and VAULT.fingerprint(one.body) == trace.body_hash]  # fmt: skip
        self.database.trap.at("after asking")
        return Found(found[0].sid, "sent") if found else None


def stage(path: Path) -> Path:
    """Make the circle of the play: three people, two doors, texts two hours and one hour before."""
    database, clock = opened(empty(path)), HandClock(START)
    with database.writing() as session:
        organization.found(session, FOUNDING, START)
        circle = groups.add(session, groups.GroupDraft("Thursday circle", cover_label="Thursday group"), START)
        for alias, phone in PEOPLE.items():
            join(session, circle, MemberDraft(alias, phone), START)
        hall = venues.add(session, venues.VenueDraft("St. Mark's Hall", "12 Elm Street, Troy, NY 12180"), START)
        room = rooms.add(session, rooms.RoomDraft("Room", "https://meet.jit.si/circle-7f3a"), START)
        begin(session, circle, hall, room, clock)
        add_rule(session, session.get_one(Group, 1), "1h by sms", clock)
    closed(database)
    return path
