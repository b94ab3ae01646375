"""What starting up may load: help answers at once, and a command pays only for what it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands.app import main
from tests import databases

HEAVY = {
    "alembic",
    "apscheduler",
    "babel",
    "cryptography",
    "icalendar",
    "jinja2",
    "pydantic",
    "rich",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "twilio",
    "uvicorn",
}
SHOW = """
import runpy, sys
sys.argv = ["meetup", *sys.argv[1:]]
try:
    runpy.run_module("meetup", run_name="__main__")
except SystemExit as end:
    print(*sys.modules, file=sys.stderr)
    raise
"""


def loaded(home: Path, *args: str) -> set[str]:
    """Run one command in a process of its own, and return the packages that were in it at the end."""
    environ = {**os.environ, "MEETUP_HOME": str(home), **databases.environ(home)}
    done = subprocess.run([sys.executable, "-c", SHOW, *args], env=environ, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("startup") / "home"
    args = ["init", "--name", "Northside Circle", "--zone", "America/New_York", "--sender-name", "Northside"]
    assert main(args, {"MEETUP_HOME": str(home), **databases.environ(home)}) == 0
    return home


def test_the_version_loads_nothing_but_ourselves(tmp_path: Path) -> None:
    packages = loaded(tmp_path, "--version")

    assert packages & {*HEAVY, "typer"} == set()
    assert "meetup" in packages


def test_help_loads_typer_and_nothing_heavy(tmp_path: Path) -> None:
    packages = loaded(tmp_path, "--help")

    assert packages & {*HEAVY, "typer"} == {"typer"}


def test_a_command_without_a_database_does_not_load_one(tmp_path: Path) -> None:
    packages = loaded(tmp_path, "config", "path")

    assert packages & {"sqlalchemy", "sqlmodel", "alembic", "cryptography"} == set()


@pytest.mark.parametrize("command", ["meeting list", "group list", "member list"])
def test_a_command_that_lists_loads_neither_migrations_nor_wires_nor_web(command: str, home: Path) -> None:
    packages = loaded(home, *command.split())

    assert "sqlmodel" in packages
    assert packages & {"alembic", "apscheduler", "icalendar", "starlette", "twilio", "uvicorn"} == set()
