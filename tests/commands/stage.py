"""The web application on a real port, over a real database, with the Thursday circle in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx2
from starlette.types import ASGIApp, Receive, Scope, Send

from commands.web.app import House, build
from commands.web.server import Server
from meetup import naming
from meetup.clock import HandClock
from meetup.feeds import links
from meetup.feeds.addresses import Addresses
from meetup.people import consent, contacts
from meetup.storage.database import Database, Session
from meetup.storage.tables import Group, Member, OnlineRoom, Venue
from meetup.values import Channel
from notifications.rules.signatures import sign
from tests.notifications.walk import begin

PUBLIC = "https://meet.example"
TOKEN = "0123456789abcdef0123456789abcdef"


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
    feed: str = ""

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
        connection = self.database.engine.raw_connection()
        try:
            return list(connection.driver_connection.iterdump())  # type: ignore[union-attr]  # it is open: SQLite's own
        finally:
            connection.close()


class Stage:
    """One server for many tests: each puts its own application on it."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None:
            raise RuntimeError("nothing is on")
        await self.app(scope, receive, send)


@contextmanager
def staged() -> Iterator[tuple[Stage, httpx2.Client]]:
    """Start a server with nothing on it yet, and a browser before it."""
    stage = Stage()
    with Server(stage) as server, httpx2.Client(base_url=server.url, trust_env=False) as client:
        yield stage, client


def opened(  # noqa: PLR0917
    theatre: tuple[Stage, httpx2.Client],
    session: Session,
    database: Database,
    clock: HandClock,
    circle: Group,
    ada: Member,
    places: tuple[Venue, OnlineRoom],
) -> Site:
    """Serve the Thursday circle, hybrid, with Ada's own calendar."""
    stage, client = theatre
    meeting = begin(session, circle, *places, clock)
    token = links.make(session, ada, clock.now())
    session.commit()
    addresses = Addresses(database.vault, PUBLIC)
    house = House(database, clock, addresses, twilio_tokens=(TOKEN,), public_url=PUBLIC)
    stage.app = build(house)
    return Site(client, database, clock, addresses, naming.key(ada), naming.key(circle), meeting, f"/f/{token}.ics")


def unfolded(response: httpx2.Response) -> list[str]:
    """Return the lines of a calendar as they were before they were folded."""
    return response.content.decode().replace("\r\n ", "").splitlines()


def _spelt(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
