"""A shell for the tests of commands: runs one as a person would, in a home directory of its own."""

import contextlib
import io
import json
import os
import pty
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from commands import app
from commands.app import main
from commands.context import Context
from meetup.clock import HandClock
from tests import databases
from tests.conftest import START


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


class Shell:
    """Runs commands in one home directory, without the environment of whoever runs the tests."""

    def __init__(self, home: Path, captured: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self.environ = {"MEETUP_HOME": str(home), **databases.environ(home)}
        self._captured = captured

    def __call__(self, *args: str) -> Done:
        self._captured.readouterr()
        code = main(args, self.environ)
        return Done(code, *self._captured.readouterr())

    def data(self, *args: str) -> Any:
        """Run a command that must succeed, and return the JSON that it printed."""
        done = self(*args, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)

    def fine(self, *args: str) -> Done:
        """Run a command that must succeed."""
        done = self(*args)
        assert done.code == 0, done.err
        return done


class Monday(Shell):
    """A shell whose clock stands still."""

    def __init__(self, home: Path, captured: pytest.CaptureFixture[str]) -> None:
        super().__init__(home, captured)
        self.captured = captured
        self.clock = HandClock(START)

    def __call__(self, *args: str) -> Done:
        self.captured.readouterr()
        with contextlib.closing(self.here()) as here:
            code = app._run(list(args), here)
        return Done(code, *self.captured.readouterr())

    def changed(self, *args: str) -> Done:
        """Run a command that changes a meeting, and that must succeed, without being asked."""
        return self.fine("meeting", *args, "--yes")

    def here(self) -> Context:
        return Context(self.environ, self.clock)

    def rows(self) -> list[Any]:
        """Return all that a command about meetings could have changed."""
        tables = ("meetings", "schedules", "changes", "organization")
        return [databases.ask(self.home / "meetup.db", f"SELECT * FROM {table} ORDER BY id") for table in tables]  # noqa: S608 -- our own names

    def dates(self, *args: str) -> list[str]:
        """Return the dates that a command lists as JSON."""
        return [f"{one['starts_local']} {one['status']}" for one in self.data(*args)["dates"]]


def on_terminal(shell: Monday, columns: int, *args: str) -> list[str]:
    """Return the lines that a terminal of that many columns shows."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    with os.fdopen(ours, "rb", buffering=0) as screen:
        with os.fdopen(theirs, "w") as terminal, contextlib.redirect_stdout(terminal):
            shell.fine(*args)
        return b"".join(_shown(screen)).decode().splitlines()


def _shown(screen: io.FileIO) -> Iterator[bytes]:
    """Yield what a terminal shows until its other end is closed, piece by piece as it comes."""
    with contextlib.suppress(OSError):
        while piece := screen.read(4096):
            yield piece
