"""Planning many deliveries, compared with copying as many finished rows into the same empty table."""

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import text

from meetup.storage.tables import DeliveryRow
from meetup.values import Channel
from notifications import outbox
from notifications.channels.console import ConsoleSender
from notifications.deliver import Post, deliver_due
from notifications.moves import Claim
from tests.benchmarks.race import Race, Spent, Standing, run, timed
from tests.benchmarks.scene import Scene, scene
from tests.postgres import Server

ENOUGH = 50.0  # megabytes

_NAMES = [name for name in DeliveryRow.model_fields if name != "id"]
COLUMNS = ", ".join(f'"{name}"' for name in _NAMES)
KEEP = f"CREATE TABLE finished AS SELECT {COLUMNS} FROM deliveries"  # noqa: S608 -- names of our own columns
COPY = f"INSERT INTO deliveries ({COLUMNS}) SELECT {COLUMNS} FROM finished WHERE true"  # noqa: S608 -- the same
LATER = f"{COPY.removesuffix(' WHERE true')} WHERE lead = '2h'"  # of what is not due yet
COPY_AGAIN = f"{COPY} ON CONFLICT (member_id, subject, slot, lead, channel, kind, revision) DO NOTHING"


def compare(folder: Path, members: int, rounds: int, server: Server | None = None) -> Iterator[Standing]:
    """Plan for everybody, plan again what is planned, and look for what is due among it; in a file or on a server."""
    where = " on PostgreSQL" if server else ""
    few = _few(folder, members // 10, rounds, server)
    with _filled(folder, members, server) as stage:
        before = _memory()
        rows = stage.plan()
        grown = _memory() - before
        yield _against(f"plan memory{where}", f"memory that planning {rows:,} adds", grown, ENOUGH, "MB")
        _write(stage, KEEP)
        race = Race(f"plan{where}", f"plan {rows:,} deliveries{where}", _first(stage, rows), _copy(stage, rows))
        planned = run(race, rounds)
        yield planned
        yield _against(f"plan growth{where}", f"ten times the members{where}", planned.ours, 10 * few)
        again = lambda: _plan(stage, 0), lambda: _raw(stage, COPY_AGAIN, 0)
        yield run(Race(f"plan again{where}", f"plan {rows:,} again{where}", *again), rounds)
        yield _against(f"claim{where}", f"claim 500 of {rows:,}{where}, p95", _claims(stage), 0.050)
        stage.clear()
        _write(stage, LATER)
        yield _against(
            f"idle{where}", f"a tick, {rows:,} planned, none due{where}", _idle(stage), 0.005 if server else 0.001
        )


@contextmanager
def _filled(folder: Path, members: int, server: Server | None) -> Iterator[Scene]:
    """Set a scene that has just been filled: on a server nobody has counted anything yet."""
    name = f"of_{members}"
    room = folder / f"{name}{'_there' if server else ''}"
    room.mkdir()
    if server:
        server.make(name)
    with scene(room, members, url=server.url(name) if server else "") as stage:
        stage.remind("24h by email", "2h by sms")
        stage.meet("every day 19:00-20:30")
        yield stage


def _few(folder: Path, members: int, rounds: int, server: Server | None) -> float:
    """Return how long it takes to plan for a tenth of the members."""
    with _filled(folder, members, server) as stage:
        rows = stage.plan()
        first = _first(stage, rows)
        return median(first().wall for _ in range(rounds))


def _memory() -> float:
    """Return what this process holds in memory, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _against(key: str, what: str, ours: float, limit: float, unit: str = "s") -> Standing:
    return Standing(key, what, ours, limit, ours / limit, unit)


def _claims(stage: Scene) -> float:
    """Return how long a claim takes, but for the slowest twentieth, when everything is due."""
    now = stage.clock.now() + timedelta(hours=30)
    spent = []
    for number in range(40):
        claim = Claim(f"claim{number}", now + timedelta(minutes=2), 500)
        begun = time.perf_counter()
        with stage.database.moving() as session:
            outbox.claim(session, Channel.EMAIL, claim, now)
        spent.append(time.perf_counter() - begun)
    return sorted(spent)[37]


def _idle(stage: Scene) -> float:
    """Return how long a tick takes that finds nothing to do."""
    post = Post(
        stage.database, {channel: ConsoleSender(io.StringIO()) for channel in Channel}, stage.clock, stage.addresses
    )
    return median(timed(lambda: deliver_due(post)).wall for _ in range(50))


def _first(stage: Scene, rows: int) -> Callable[[], Spent]:
    def first() -> Spent:
        stage.clear()
        return _plan(stage, rows)

    return first


def _copy(stage: Scene, rows: int) -> Callable[[], Spent]:
    def copy() -> Spent:
        stage.clear()
        return _raw(stage, COPY, rows)

    return copy


def _plan(stage: Scene, rows: int) -> Spent:
    made: list[int] = []
    spent = timed(lambda: made.append(stage.plan()))
    return _checked(spent, made, rows)


def _raw(stage: Scene, statement: str, rows: int) -> Spent:
    made: list[int] = []
    spent = timed(lambda: made.append(_write(stage, statement)))
    return _checked(spent, made, rows)


def _checked(spent: Spent, made: list[int], rows: int) -> Spent:
    if made != [rows]:
        raise RuntimeError(f"{made} rows were written, not {rows}")
    return spent


def _write(stage: Scene, statement: str) -> int:
    with stage.database.writing() as session:
        return session.connection().execute(text(statement)).rowcount
