"""A stage that is set once and copied for each test: the Thursday circle, ready to be reminded."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from meetup import groups, organization
from meetup.clock import HandClock
from meetup.people.members import MemberDraft
from meetup.places import rooms, venues
from meetup.storage.database import Database
from tests import databases
from tests.conftest import START, join
from tests.databases import closed, lay
from tests.fakes import FakeSender
from tests.notifications import guard
from tests.notifications.walk import Walk, begin

NOON = START + timedelta(days=3, hours=5)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file in which Ada is in a circle that meets by both doors."""
    path = tmp_path_factory.mktemp("stage") / "meetup.db"
    database, clock = databases.careless(databases.with_tables(path)), HandClock(START)
    with database.writing() as session:
        now = clock.now()
        founding = organization.Founding("Riverside Peer Support", "Riverside", "Thursday group", "America/New_York")
        organization.found(session, founding, now)
        circle = groups.add(session, groups.GroupDraft("Thursday circle", cover_label="Thursday group"), now)
        join(session, circle, MemberDraft("Ada", "+12025550123", "ada@example.org"), now)
        hall = venues.add(session, venues.VenueDraft("St. Mark's Hall", "12 Elm Street, Troy, NY 12180"), now)
        draft = rooms.RoomDraft("Circle room", "https://zoom.us/j/98765432100?pwd=c2VjcmV0", passcode="271828")
        begin(session, circle, hall, rooms.add(session, draft, now), clock)
    guard.post(database)
    closed(database)
    return path


@pytest.fixture(scope="session")
def noon(stage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stage on Thursday at noon: both reminders are planned, and the mail of the day before has been sent."""
    path = tmp_path_factory.mktemp("noon") / "meetup.db"
    databases.copy(stage, path)
    walk = Walk(opened(path), HandClock(NOON), FakeSender(), FakeSender())
    walk.tick()
    closed(walk.database)
    return path


def opened(place: Path) -> Database:
    """Open the database at a place, without a care for power failures."""
    return databases.careless(Database(databases.address(place), databases.VAULT))


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One open database for all tests, whose content is exchanged: what it has learned of our SQL stays learned."""
    database = opened(tmp_path_factory.mktemp("house") / "meetup.db")
    yield database
    database.close()


@pytest.fixture
def walk(stage: Path, house: Database) -> Walk:
    """The stage at its beginning: Monday, 7 o'clock in New York."""
    lay(house, stage)
    return Walk(house, HandClock(START), FakeSender(), FakeSender())


@pytest.fixture
def near(noon: Path, house: Database) -> Walk:
    """Thursday at noon: both reminders are planned, and the mail of the day before has been sent."""
    lay(house, noon)
    return Walk(house, HandClock(NOON), FakeSender(), FakeSender())
