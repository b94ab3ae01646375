"""Where a process dies: a trap at a named point of the walk, and a database that knows which point it passes."""

import contextlib
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Engine, event

from meetup.storage.database import Database, Session
from meetup.storage.vault import Vault

SPOKEN_OF = {"UPDATE deliveries": "", "INSERT INTO deliveries": "plan", "DELETE FROM deliveries": "tidy"}
SETTLED = frozenset({"SENT", "FAILED", "UNCERTAIN", "SUPPRESSED"})


def die() -> None:
    """End this process as `kill -9` does: at this very instruction, whatever its other threads are at."""
    os.kill(os.getpid(), signal.SIGKILL)


class Trap:
    """Springs when a point is passed for the n-th time."""

    def __init__(self, point: str = "", nth: int = 1, spring: Callable[[], None] = die) -> None:
        self.point, self.nth, self.spring = point, nth, spring
        self.passed: Counter[str] = Counter()
        self._lock = threading.Lock()

    def at(self, point: str) -> None:
        """Pass a point."""
        with self._lock:
            self.passed[point] += 1
            sprung = (point, self.passed[point]) == (self.point, self.nth)
        if sprung:
            self.spring()


class Watched(Database):
    """A database whose every transaction that touches deliveries is a point before its commit, and one after it."""

    def __init__(self, url: str, vault: Vault, trap: Trap) -> None:
        super().__init__(url, vault)
        self.trap = trap
        self._seen = threading.local()
        event.listen(self.engine, "before_cursor_execute", self._note)

    @contextlib.contextmanager
    def _committing(self, engine: Engine) -> Iterator[Session]:
        """Write as ever, past two points."""
        self._seen.words = set()
        name = ""
        with super()._committing(engine) as session:
            yield session
            session.flush()
            name = step(self._seen.words)
            self.trap.at(f"{name} written")
        self.trap.at(f"{name} committed")

    def _note(self, _conn: object, _cursor: object, statement: str, _given: object, context: Any, _many: bool) -> None:
        start = next((one for one in SPOKEN_OF if statement.startswith(one)), None)
        words = getattr(self._seen, "words", None)
        if start is None or words is None:
            return
        words.update({SPOKEN_OF[start]} if SPOKEN_OF[start] else _states(getattr(context, "compiled_parameters", [])))


def _states(given: list[Mapping[str, object]]) -> set[str]:
    return {str(one.get("state", "")) for one in given}


def step(words: set[str]) -> str:
    """Name what a transaction did by the states that it wrote."""
    if {"plan", "tidy"} & words:
        return "plan" if "plan" in words else "tidy"
    if "SUBMITTING" in words:
        return "turn" if words & SETTLED else "mark"
    if "CLAIMED" in words:
        return "claim"
    if {"PLANNED", "UNCERTAIN"} <= words:
        return "recover"
    return "settle" if words & (SETTLED | {"HELD"}) else "other"
