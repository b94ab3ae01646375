"""A shell for the tests of commands: runs one as a person would, in a home directory of its own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from commands.app import main


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
        self.environ = {"MEETUP_HOME": str(home)}
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
