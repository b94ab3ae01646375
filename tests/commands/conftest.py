"""What tests of commands share: a shell in an empty home, and one where somebody has set up already."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import app
from commands.app import main
from commands.context import Context
from commands.web.app import House, build
from meetup import groups, meetings
from meetup.clock import HandClock
from meetup.people.members import MemberDraft
from tests import databases
from tests.commands.shell import Monday, Shell
from tests.commands.stage import NUMBER, PUBLIC, TOKEN, Seed, Site, Theatre, opened, sown, staged
from tests.conftest import START, join
from tests.meetup.weeks import tell

CIRCLE = ("meeting", "add", "Thursday circle", "every Thursday 19:00-20:30", "--venue", "hall", "--room", "circle room")
TOWN = (
    ("group", "add", "Thursday circle", "--label", "Thursday plan"),
    ("venue", "add", "Hall", "--address", "12 Elm Street, Troy"),
    ("room", "add", "Circle room", "https://zoom.us/j/98765432100", "--passcode", "271828"),
)


@pytest.fixture
def empty_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "home", capsys)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which an organization was set up once; tests work on copies of it."""
    home = tmp_path_factory.mktemp("founded") / "home"
    args = ["init", "--name", "Northside Circle of Friends", "--zone", "America/New_York", "--sender-name", "Northside"]
    assert main(args, {"MEETUP_HOME": str(home), **databases.environ(home)}) == 0
    return home


@pytest.fixture
def shell(founded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    databases.copy_home(founded, tmp_path / "home")
    return Shell(tmp_path / "home", capsys)


@pytest.fixture(scope="session")
def town_home(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a circle that meets every Thursday, made once; tests work on copies of it."""
    home = tmp_path_factory.mktemp("town") / "home"
    databases.copy_home(founded, home)
    for args in (*TOWN, CIRCLE):
        environ = {"MEETUP_HOME": str(home), **databases.environ(home)}
        with contextlib.closing(Context(environ, HandClock(START))) as here:
            assert app._run(list(args), here) == 0
    return home


@pytest.fixture
def monday(town_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Monday:
    databases.copy_home(town_home, tmp_path / "home")
    return Monday(tmp_path / "home", capsys)


@pytest.fixture
def reminded(monday: Monday) -> Monday:
    """Two members, of whom Ada was reminded of this Thursday."""
    with contextlib.closing(monday.here()) as here, here.writing() as session:
        group = groups.find(session, "thursday-circle")
        ada = join(session, group, MemberDraft("Ada", "+12025550123", "ada@example.org"), START)
        join(session, group, MemberDraft("Ben", "", "ben@example.org"), START)
        tell(session, meetings.find(session, "thursday-circle"), ada, "2026-11-26T19:00")
    return monday


@pytest.fixture(scope="session")
def theatre() -> Iterator[Theatre]:
    """A server whose application is another one in each test."""
    with staged() as theatre:
        yield theatre


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    """A database with a circle and Ada, made once; tests work on copies of it."""
    return sown(tmp_path_factory.mktemp("seed") / "meetup.db")


@pytest.fixture
def site(theatre: Theatre, seed: Seed, tmp_path: Path) -> Iterator[Site]:
    """The service's pages on a copy of the seed."""
    with opened(theatre, seed, tmp_path / "meetup.db") as site:
        yield site


@pytest.fixture
def texting_site(theatre: Theatre, seed: Seed, tmp_path: Path) -> Iterator[Site]:
    """The same, where members can text."""
    with opened(theatre, seed, tmp_path / "meetup.db") as site:
        house = House(site.database, site.clock, site.addresses, (TOKEN,), public_url=PUBLIC, text_number=NUMBER)
        theatre[0].app = build(house)
        yield site
