"""What the tests share: a real database in a file, a clock turned by hand, and the people of the Thursday circle."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlmodel import SQLModel

from meetup import groups, organization
from meetup.clock import HandClock
from meetup.people import consent, contacts, members, subscriptions
from meetup.places import rooms, venues
from meetup.storage.database import Database, Session
from meetup.storage.tables import Group, Member, OnlineRoom, Organization, Venue
from meetup.storage.vault import Vault
from meetup.values import Channel, Preference

# How quick a machine is says nothing about the program.
settings.register_profile("meetup", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("meetup")

START = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday, 7 o'clock in New York


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START)


@pytest.fixture
def vault() -> Vault:
    return Vault({1: b"s" * 32}, {1: b"i" * 32}, b"g" * 32)


@pytest.fixture
def database(tmp_path: Path, vault: Vault) -> Iterator[Database]:
    """An empty database with its tables; migrations are compared with them in a test of their own."""
    database = Database(f"sqlite:///{tmp_path / 'meetup.db'}", vault)
    with database.engine.execution_options(writes=True).begin() as connection:
        SQLModel.metadata.create_all(connection)
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
