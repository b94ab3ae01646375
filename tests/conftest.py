"""What the tests share: a real database, a clock turned by hand, and the people of the Thursday circle."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from meetup import groups, organization
from meetup.clock import HandClock
from meetup.people import consent, contacts, members, subscriptions
from meetup.places import rooms, venues
from meetup.storage.database import Database, Session
from meetup.storage.tables import Group, Member, OnlineRoom, Organization, Venue
from meetup.storage.vault import Vault
from meetup.values import Channel, Preference
from tests import databases, postgres
from tests.pool import pool

# How quick a machine is says nothing about the program.
settings.register_profile("meetup", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("meetup")

START = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday, 7 o'clock in New York


SERVER = pytest.StashKey[postgres.Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="run on PostgreSQL: on the server that "
                     f"{postgres.VARIABLE} names, or on one that is started for it")  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Start the server, once, before the processes that share it."""
    if not config.getoption("--postgres") or databases.on_postgres():
        return
    try:
        server = postgres.Server()
        server.start()
    except postgres.Unable as error:
        raise pytest.UsageError(f"PostgreSQL cannot be tested here: {error}") from error
    config.stash[SERVER] = server
    os.environ[postgres.VARIABLE] = server.url()


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        config.stash[SERVER].remove()
        del os.environ[postgres.VARIABLE]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out, visibly, what is about the other database."""
    other = "sqlite" if databases.on_postgres() else "postgres"
    for item in items:
        if item.get_closest_marker(other):
            item.add_marker(pytest.mark.skip(reason=f"is about {other} itself"))


@pytest.fixture(scope="session", autouse=True)
def _server() -> Iterator[None]:
    """Leave nothing on a server that was there before us."""
    yield
    if databases.on_postgres():
        pool().close()


@pytest.fixture(autouse=True)
def _databases() -> Iterator[None]:
    """Take back what a test was lent on the server."""
    with databases.leaving_nothing():
        yield


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START)


@pytest.fixture
def vault() -> Vault:
    return databases.VAULT


@pytest.fixture
def database(tmp_path: Path, vault: Vault) -> Iterator[Database]:
    """An empty database with its tables; migrations are compared with them in a test of their own."""
    database = databases.with_tables(tmp_path / "meetup.db", vault)
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that writes. Commit it before another one writes: SQLite lets one write at a time."""
    with database.writing() as session:
        yield session


@pytest.fixture
def home(session: Session, clock: HandClock) -> Organization:
    """The organization."""
    draft = organization.Founding("Riverside Peer Support", "Riverside", "Thursday group", "America/New_York")
    return organization.found(session, draft, clock.now())


@pytest.fixture
def circle(session: Session, home: Organization, clock: HandClock) -> Group:
    return groups.add(session, groups.GroupDraft("Thursday circle", cover_label="Thursday group"), clock.now())


@pytest.fixture
def ada(session: Session, circle: Group, clock: HandClock) -> Member:
    return join(session, circle, members.MemberDraft("Ada", "+12025550123", "ada@example.org"), clock.now())


@pytest.fixture
def ben(session: Session, circle: Group, clock: HandClock) -> Member:
    return join(session, circle, members.MemberDraft("Ben", "+12025550124", "ben@example.org"), clock.now())


@pytest.fixture
def hall(session: Session, home: Organization, clock: HandClock) -> Venue:
    draft = venues.VenueDraft(
        "St. Mark's Hall",
        street="12 Elm Street",
        locality="Troy",
        region="NY",
        postal_code="12180",
        country="US",
        latitude=42.7284,
        longitude=-73.6918,
    )
    return venues.add(session, draft, clock.now())


@pytest.fixture
def zoom(session: Session, home: Organization, clock: HandClock) -> OnlineRoom:
    draft = rooms.RoomDraft("Circle room", "https://zoom.us/j/98765432100?pwd=c2VjcmV0", passcode="271828")
    return rooms.add(session, draft, clock.now())


def join(session: Session, group: Group, draft: members.MemberDraft, now: datetime) -> Member:
    """Add a member who agreed on paper to every channel they have, and subscribed to a group by all of them."""
    member = members.add(session, draft, now)
    points = contacts.of_member(session, member.id or 0)
    for point in points.values():
        consent.on_paper(session, point, group.id or 0, date(2026, 11, 1), now)
    subscriptions.subscribe(session, member, group, Preference.EITHER, points or list(Channel), now)
    return member
