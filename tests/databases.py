"""Where the databases of the tests are: files in folders, or databases of a PostgreSQL server when one is named.

A test names a database by a path in both cases; on a server, one is lent for that path until the test ends.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, event, text
from sqlmodel import SQLModel

from meetup.storage.database import Database
from meetup.storage.vault import Vault
from tests.pool import pool
from tests.postgres import VARIABLE

VAULT = Vault({1: b"s" * 32}, {1: b"i" * 32}, b"g" * 32)
_lent: dict[Path, str] = {}  # the database of the server that stands for a place
_kept: set[Path] = set()


def on_postgres() -> bool:
    """Tell whether these tests run on PostgreSQL."""
    return bool(os.environ.get(VARIABLE))


def address(place: Path) -> str:
    """Return the address of the database at a place; on a server it is made, empty, when it is not there yet."""
    if not on_postgres():
        return f"sqlite:///{place}"
    if place not in _lent:
        _lent[place] = pool().empty()
    return pool().url(_lent[place])


def environ(home: Path) -> dict[str, str]:
    """Return the settings that lead an installation in a home directory to its database."""
    return {"MEETUP_DATABASE_URL": address(home / "meetup.db")} if on_postgres() else {}


def with_tables(place: Path, vault: Vault = VAULT) -> Database:
    """Open a database that has every table and no row."""
    if on_postgres():
        _lent[place] = pool().with_tables()
    else:
        shutil.copy(_blank(), place)
    return Database(address(place), vault)


def copy(source: Path, target: Path) -> None:
    """Copy a database that nobody has open, in place of whatever was there."""
    if on_postgres():
        if target not in _lent:
            _lent[target] = pool().with_tables()
        pool().fill(_lent[target], _lent[source])
        return
    for old in target.parent.glob(f"{target.name}*"):
        old.unlink()
    shutil.copy(source, target)


def copy_home(source: Path, target: Path) -> None:
    """Copy an installation and its database."""
    shutil.copytree(source, target)
    if on_postgres():
        copy(source / "meetup.db", target / "meetup.db")


def lay(database: Database, source: Path) -> None:
    """Put a copy of a closed database in the place of an open one."""
    database.close()
    if database.path is None:
        pool().fill(str(database.url.database), _lent[source])
    else:
        copy(source, database.path)


def beside(database: Database) -> Database:
    """Open a database once more, as another process would."""
    return careless(Database(database.url.render_as_string(hide_password=False), database.vault))


def careless(database: Database) -> Database:
    """Let a database be one that need not outlive a power failure: whatever else it promises, it keeps."""
    if database.is_sqlite:
        event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
    return database


def closed(database: Database) -> None:
    """Close a database so that its file is all there is of it."""
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def ask(place: Path, *statements: str, **values: object) -> list[tuple[object, ...]]:
    """Look into a database from outside, or do what no command would; return what the last statement found."""
    engine = create_engine(address(place), connect_args={} if on_postgres() else {"timeout": 10})
    found: list[tuple[object, ...]] = []
    try:
        with engine.begin() as connection:
            for statement in statements:
                result = connection.execute(text(statement), values)
                found = [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()
    return found


def everything(database: Database) -> list[str]:
    """Return all that a database holds, line by line."""
    with database.reading() as session:
        return [
            f"{table.name}: {row}"
            for table in SQLModel.metadata.sorted_tables
            for row in session.connection().execute(table.select().order_by(*table.primary_key.columns))
        ]


def keep(home: Path) -> None:
    """Keep an installation's database as long as the process lives, for others to be copies of it."""
    _kept.add(home / "meetup.db")


@contextmanager
def leaving_nothing() -> Iterator[None]:
    """Give back at the end what was lent in between."""
    before = set(_lent)
    yield
    for place in set(_lent) - before - _kept:
        pool().take_back(_lent.pop(place))


@cache
def _blank() -> Path:
    """Return a file with every table and no row, made once in each process."""
    room = tempfile.TemporaryDirectory(prefix="meetup-blank-")
    atexit.register(room.cleanup)
    place = Path(room.name) / "meetup.db"
    database = Database(f"sqlite:///{place}", VAULT)
    with database.engine.execution_options(writes=True).begin() as connection:
        SQLModel.metadata.create_all(connection)
    closed(database)
    return place
