"""The schema over time: bring a database to the newest revision, and say where it stands."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from meetup.errors import MeetupError
from meetup.storage import engines, ledger
from meetup.storage.database import Database, protect

HERE = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Create the tables or bring them to the newest revision, all or nothing."""
    if database.path is not None:
        protect(database.path)
    with rebuilding(database) as connection, ledger.set_aside(connection):
        command.upgrade(configuration(connection), revision)


@contextlib.contextmanager
def rebuilding(database: Database) -> Iterator[Connection]:
    """Open a transaction in which tables may be rebuilt; its references are checked before it ends.

    On SQLite a table is rebuilt by making another, dropping the old one and renaming the new. Dropping counts every row
    that refers to the old one as broken, for good, so that references must not be looked at meanwhile; and that can be
    said outside of a transaction only.
    """
    with database.engine.execution_options(writes=True).connect() as connection:
        _look_at_references(connection, looking=False)
        try:
            with connection.begin():
                yield connection
                _refuse_broken(connection)
        finally:
            _look_at_references(connection, looking=True)


def _look_at_references(connection: Connection, *, looking: bool) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.execute(f"PRAGMA foreign_keys = {'ON' if looking else 'OFF'}")


def _refuse_broken(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = sorted({row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})
    if broken:
        raise MeetupError(
            f"Rows in {', '.join(broken)} refer to others that are not there, so nothing was changed",
            "The database was changed by hand, or damaged: bring back a backup",
        )


def founded(url: str) -> bool:
    """Tell whether there is an organization in a database already. It need not be one of ours."""
    engine = engines.engine(url)
    try:
        with engine.connect() as connection:
            found = inspect(connection).has_table("organization")
            return found and connection.execute(text("SELECT id FROM organization")).first() is not None
    finally:
        engine.dispose()


def current(database: Database) -> str | None:
    """Return the revision that the database stands at, or None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the revision that this program was made for."""
    return ScriptDirectory.from_config(configuration(None)).get_current_head()


def configuration(connection: Connection | None) -> Config:
    """Return Alembic's configuration for one connection."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
