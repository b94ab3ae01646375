"""What tests of commands share: a shell in an empty home, and one where somebody has set up already."""

import shutil
from pathlib import Path

import pytest

from commands.app import main
from tests.commands.shell import Shell


@pytest.fixture
def empty_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "home", capsys)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which an organization was set up once; tests work on copies of it."""
    home = tmp_path_factory.mktemp("founded") / "home"
    args = ["init", "--name", "Northside Circle of Friends", "--zone", "America/New_York", "--sender-name", "Northside"]
    assert main(args, {"MEETUP_HOME": str(home)}) == 0
    return home


@pytest.fixture
def shell(founded: Path, empty_shell: Shell) -> Shell:
    shutil.copytree(founded, empty_shell.home)
    return empty_shell
