"""The whole walk of many reminders to a stub, beside a bare loop that claims, marks, waits and settles."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from meetup.values import Channel
from notifications.deliver import BATCH, GROUPS, WORKERS
from notifications.messages import Message, Outcome
from tests import postgres
from tests.benchmarks.race import Race, Spent, Standing, run, timed
from tests.benchmarks.scene import Scene, scene
from tests.benchmarks.sending import TEXT_DUE, delivering, meet_by
from tests.fakes import FakeSender

LATENCY = 0.005  # of a provider that stands nearby
PROMISED = 5.0  # seconds until the last of a thousand is accepted
CLAIM = """
    UPDATE deliveries SET state = 'CLAIMED'
    WHERE id IN (SELECT id FROM deliveries WHERE state = 'PLANNED' ORDER BY due_at, id LIMIT ?) RETURNING id
"""
MARK = "UPDATE deliveries SET state = 'SUBMITTING' WHERE id = ? AND state = 'CLAIMED'"
SETTLE = "UPDATE deliveries SET state = 'SENT' WHERE id = ? AND state = 'SUBMITTING'"
Rows = Sequence[tuple[Any, ...]]


def compare(folder: Path, members: int, rounds: int) -> Iterator[Standing]:
    """Walk on SQLite, and on PostgreSQL where it can be started."""
    with scene(folder, members, TEXT_DUE) as stage:
        standing = _raced("walk", stage, members, rounds)
    yield standing
    # An absolute promise: due at the same second, and the last one accepted within five.
    in_time = PROMISED * members / 1000
    yield Standing("at once", f"{members:,} texts due at once", standing.ours, in_time, standing.ours / in_time)
    try:
        with postgres.running() as server, scene(folder, members, TEXT_DUE, server.url()) as stage:
            yield _raced("walk on postgres", stage, members, rounds)
    except postgres.Unable:
        return


def _raced(key: str, stage: Scene, members: int, rounds: int) -> Standing:
    meet_by(stage, "2h by sms")
    name = "PostgreSQL" if not stage.database.is_sqlite else "SQLite"
    ours = delivering(stage, Channel.SMS, Stub(), members)
    return run(Race(key, f"walk {members:,} texts, {name}", ours, _bare(stage)), rounds)


class Stub(FakeSender):
    """A provider that takes five milliseconds, and everything."""

    def send(self, message: Message, deadline: float) -> Outcome:
        """Take a message."""
        time.sleep(LATENCY)
        return super().send(message, deadline)


def _bare(stage: Scene) -> Callable[[], Spent]:
    """Return the least that keeps the promise: nobody is asked anything, and there are no words."""

    def walk() -> Spent:
        stage.clear()
        stage.plan()
        with closing(_connected(stage)) as bare, ThreadPoolExecutor(WORKERS[Channel.SMS]) as pool:
            return timed(lambda: _walk(bare, pool))

    return walk


class Bare:
    """A connection without anything between us and the driver."""

    def __init__(self, connection: Any, beginning: str, mark: str) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._beginning = beginning
        self._mark = mark

    def claim(self) -> Rows:
        """Take what is planned."""
        self._cursor.execute(self._beginning)
        self._cursor.execute(CLAIM.replace("?", self._mark), [BATCH])
        rows: Rows = self._cursor.fetchall()
        self._cursor.execute("COMMIT")
        return rows

    def turn(self, done: Rows, coming: Rows) -> None:
        """Settle one group and mark the next."""
        self._cursor.execute(self._beginning)
        for statement, rows in ((SETTLE, done), (MARK, coming)):
            if rows:
                self._cursor.executemany(statement.replace("?", self._mark), rows)
        self._cursor.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _connected(stage: Scene) -> Bare:
    url = stage.database.url
    if not stage.database.is_sqlite:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return Bare(psycopg.connect(plain, autocommit=True), "BEGIN", "%s")
    connection = sqlite3.connect(str(url.database), isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return Bare(connection, "BEGIN IMMEDIATE", "?")


def _walk(bare: Bare, pool: ThreadPoolExecutor) -> None:
    while claimed := bare.claim():
        sent: Rows = []
        for begin in range(0, len(claimed), GROUPS[Channel.SMS]):
            group = claimed[begin : begin + GROUPS[Channel.SMS]]
            bare.turn(sent, group)
            list(pool.map(lambda _: time.sleep(LATENCY), group))
            sent = group
        bare.turn(sent, [])
