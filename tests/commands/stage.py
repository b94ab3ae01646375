"""The web application on a real port, over a real database, with the Thursday circle in it."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx2
from sqlalchemy import event
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from commands.web.app import House, build
from commands.web.security import Header
from commands.web.server import Server
from commands.web.sheets import Answer
from meetup import groups, naming, organization
from meetup.clock import HandClock
from meetup.feeds import links
from meetup.feeds.addresses import Addresses
from meetup.people import consent, contacts, members
from meetup.places import rooms, venues
from meetup.storage.database import Database, Session
from meetup.storage.tables import Member
from meetup.values import Channel
from notifications.rules.signatures import sign
from tests import databases
from tests.conftest import START, join
from tests.notifications.walk import begin

PUBLIC = "https://meet.example"
NUMBER = "+12025550000"  # that members text
TOKEN = "0123456789abcdef0123456789abcdef"
ROOM = "https://zoom.us/j/98765432100?pwd=c2VjcmV0"
FOUNDING = organization.Founding("Riverside Peer Support", "Riverside", "Thursday group", "America/New_York")
HALL = venues.VenueDraft("St. Mark's Hall", street="12 Elm Street", locality="Troy", region="NY", postal_code="12180")


@dataclass(frozen=True)
class Site:
    """A browser before the application, and the organizer's hands behind it."""

    client: httpx2.Client
    database: Database
    clock: HandClock
    addresses: Addresses
    ada: int
    group: int
    meeting: int
    feed: str

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.client.get(path, headers=_spelt(headers))

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> httpx2.Response:
        return self.client.post(path, data=form or {}, headers=_spelt(headers))

    def webhook(self, path: str, form: Mapping[str, str], token: str = TOKEN) -> httpx2.Response:
        """Post a form as the provider does, signed for the public address."""
        signature = sign(token, f"{PUBLIC}{path}", list(form.items()))
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return self.client.post(path, content=urlencode(form), headers=headers)

    def later(self, seconds: float = 1.0) -> None:
        """Let so much time pass that the application asks again what has changed."""
        self.clock.pass_(seconds=seconds)

    def restart(self, theatre: "Theatre") -> None:
        """Put a new application on the stage, which remembers nothing, over the same database."""
        theatre[0].app = _application(self.database, self.clock, self.addresses)

    def member(self, session: Session) -> Member:
        return session.get_one(Member, self.ada)

    def agreed(self, channel: Channel = Channel.EMAIL) -> bool:
        """Tell whether the group may still write to Ada."""
        with self.database.reading() as session:
            point = contacts.of_member(session, self.ada)[channel]
            return consent.allows(session, naming.key(point), self.group) is not None

    def stop_path(self) -> str:
        with self.database.reading() as session:
            point = contacts.of_member(session, self.ada)[Channel.EMAIL]
        return self.addresses.stop(naming.key(point), self.group).removeprefix(PUBLIC)

    @property
    def door(self) -> str:
        return self.addresses.join(self.ada, self.meeting).removeprefix(PUBLIC)

    def everything(self) -> list[str]:
        """Return all that the database holds, line by line."""
        return databases.everything(self.database)


class Stage:
    """One server for many tests: each puts its own application on it."""

    def __init__(self) -> None:
        self.app: Starlette | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None:
            raise RuntimeError("nothing is on")
        await self.app(scope, receive, send)

    def at_once(self, method: bytes, target: bytes, headers: Iterable[Header]) -> Answer | None:
        answer: Answer | None = self.app.state.at_once(method, target, headers) if self.app else None
        return answer


Theatre = tuple[Stage, httpx2.Client]


@contextmanager
def staged() -> Iterator[Theatre]:
    """Start a server with nothing on it yet, and a browser before it."""
    stage = Stage()
    with Server(stage, at_once=stage.at_once) as server, httpx2.Client(base_url=server.url, trust_env=False) as client:
        yield stage, client


@dataclass(frozen=True)
class Seed:
    """A database in which the Thursday circle meets, hybrid, and Ada has a calendar; tests work on copies of it."""

    file: Path
    ada: int
    group: int
    meeting: int
    feed: str


def sown(file: Path) -> Seed:
    """Make such a database."""
    database = databases.with_tables(file)
    with contextlib.closing(database), database.writing() as session:
        organization.found(session, FOUNDING, START)
        circle = groups.add(session, groups.GroupDraft("Thursday circle", cover_label="Thursday group"), START)
        ada = join(session, circle, members.MemberDraft("Ada", "+12025550123", "ada@example.org"), START)
        hall = venues.add(session, HALL, START)
        zoom = rooms.add(session, rooms.RoomDraft("Circle room", ROOM, passcode="271828"), START)
        meeting = begin(session, circle, hall, zoom, HandClock(START))
        token = links.make(session, ada, START)
        return Seed(file, naming.key(ada), naming.key(circle), meeting, f"/f/{token}.ics")


@contextmanager
def opened(theatre: Theatre, seed: Seed, file: Path) -> Iterator[Site]:
    """Put the application on the stage, over a copy of the seed."""
    stage, client = theatre
    databases.copy(seed.file, file)
    clock, database = HandClock(START), Database(databases.address(file), databases.VAULT)
    addresses = Addresses(database.vault, PUBLIC)
    stage.app = _application(database, clock, addresses)
    yield Site(client, database, clock, addresses, seed.ada, seed.group, seed.meeting, seed.feed)
    database.close()


def _application(database: Database, clock: HandClock, addresses: Addresses) -> Starlette:
    return build(House(database, clock, addresses, twilio_tokens=(TOKEN,), public_url=PUBLIC))


def unfolded(response: httpx2.Response) -> list[str]:
    """Return the lines of a calendar as they were before they were folded."""
    return response.content.decode().replace("\r\n ", "").splitlines()


def _spelt(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def asking(site: Site) -> Iterator[list[str]]:
    """Note every question to the database; the beginning of a transaction is none."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(site.database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(site.database.engine, "before_cursor_execute", note)


def scans(site: Site, questions: list[str]) -> list[str]:
    """Return the steps of SQLite's plans that look through a whole table; a server decides by what it has counted."""
    if not site.database.is_sqlite:
        return []
    with site.database.engine.connect() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}", ("1",) * question.count("?")).all()
            for question in questions
        ]
    return [str(step[-1]) for plan in plans for step in plan if str(step[-1]).startswith("SCAN")]
