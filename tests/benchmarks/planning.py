"""Planning many deliveries, compared with copying as many finished rows into the same empty table."""

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import text

from meetup.storage.tables import DeliveryRow
from tests.benchmarks.race import Race, Spent, Standing, run, timed
from tests.benchmarks.scene import Scene, scene

_NAMES = [name for name in DeliveryRow.model_fields if name != "id"]
COLUMNS = ", ".join(f'"{name}"' for name in _NAMES)
KEEP = f"CREATE TABLE finished AS SELECT {COLUMNS} FROM deliveries"  # noqa: S608 -- names of our own columns
COPY = f"INSERT INTO deliveries ({COLUMNS}) SELECT {COLUMNS} FROM finished WHERE true"  # noqa: S608 -- the same
COPY_AGAIN = f"{COPY} ON CONFLICT (member_id, subject, slot, lead, channel, kind, revision) DO NOTHING"


def compare(folder: Path, members: int, rounds: int) -> Iterator[Standing]:
    """Plan for everybody, and plan again what is planned."""
    with scene(folder, members) as stage:
        stage.remind("24h by email", "2h by sms")
        stage.meet("every day 19:00-20:30")
        rows = stage.plan()
        _write(stage, KEEP)
        yield run(Race("plan", f"plan {rows:,} deliveries", _first(stage, rows), _copy(stage, rows)), rounds)
        again = Race("plan again", f"plan {rows:,} again", lambda: _plan(stage, 0), lambda: _raw(stage, COPY_AGAIN, 0))
        yield run(again, rounds)


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
