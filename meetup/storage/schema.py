"""The schema over time: bring a database to the newest revision, and say where it stands."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from meetup.storage import engines
from meetup.storage.database import Database, protect

HERE = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Create the tables or bring them to the newest revision, all or nothing."""
    if database.path is not None:
        protect(database.path)
    with database.engine.execution_options(writes=True).begin() as connection:
        # A batch rebuild drops and renames tables; their references are whole again at its end, and checked there.
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        command.upgrade(configuration(connection), "head")


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
