"""Engines: how connections are opened, how a transaction begins, and what no error may say.

A transaction has one of three ways to begin, which `execution_options` name. On SQLite there are two: whoever writes is
alone (`BEGIN IMMEDIATE`), whoever reads sees one moment. PostgreSQL lets many write at once, so we say who may:
`writes` (facts change: alone), `moves` (deliveries move while facts stand still: together, but whoever `plans` too is
the only one to do so), neither (one moment is read).
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from meetup.errors import UsageError

BUSY_MILLISECONDS = 30_000
FACTS = (0x6D656574, 1)  # the advisory lock of whoever changes facts: “meet”, 1
PLANNING = (0x6D656574, 2)  # of whoever plans
DELIVERING = (0x6D656574, 3)  # of whoever delivers, together; and of whoever lets nobody, alone
_URL_HINT = "Use sqlite:////path/to/meetup.db or postgresql+psycopg://user@host/name."
_DRIVER_HINT = "Install the driver: pip install 'meetup[postgres]'"
# A server that does not answer, or a peer that froze in the middle of a transaction, must not stop everybody for ever.
_LIMITS = {
    "lock_timeout": BUSY_MILLISECONDS,
    "statement_timeout": 300_000,
    "idle_in_transaction_session_timeout": 300_000,
}
_NETWORK: dict[str, object] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": BUSY_MILLISECONDS,
    "application_name": "meetup",
}


def engine(url: str) -> Engine:
    """Return the engine of a database that we work with; refuse any other."""
    name = make_url(url).get_backend_name()
    if name == "sqlite":
        return _sqlite(url)
    if name == "postgresql":
        return _postgresql(url)
    raise UsageError(f"“{make_url(url).drivername}” is not a database that meetup works with", _URL_HINT)


def _sqlite(url: str) -> Engine:
    made = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, too late and too weak; `_begin_sqlite` does it instead.
    raw: Any = connection
    raw.isolation_level = None
    cursor = raw.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # NORMAL can lose the mark of a message that left
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") or options.get("moves") else "BEGIN")


def _postgresql(url: str) -> Engine:
    network = {name: value for name, value in _NETWORK.items() if name not in make_url(url).query}
    try:
        made = create_engine(
            url,
            hide_parameters=True,
            connect_args=network,
            pool_pre_ping=True,  # a server that was restarted is noticed before a statement is lost to it
            pool_recycle=1800,
            pool_timeout=10,
        )
    except ModuleNotFoundError as error:
        raise UsageError("PostgreSQL needs a driver that is not installed", _DRIVER_HINT) from error
    if "options" not in make_url(url).query:  # whoever gives their own knows better
        event.listen(made, "connect", _prepare_postgresql)
    event.listen(made, "begin", _begin_postgresql)
    event.listen(made, "handle_error", _without_details)
    return made


def _prepare_postgresql(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for name, milliseconds in _LIMITS.items():
        cursor.execute(f"SET {name} = {milliseconds}")
    cursor.close()
    connection.commit()


def _begin_postgresql(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("writes"):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({FACTS[0]}, {FACTS[1]})")
    elif options.get("moves"):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({FACTS[0]}, {FACTS[1]})")
        if options.get("plans"):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({PLANNING[0]}, {PLANNING[1]})")


@contextlib.contextmanager
def holding(engine: Engine, lock: tuple[int, int], *, shared: bool) -> Iterator[bool]:
    """Hold an advisory lock of PostgreSQL until the block ends, and tell whether it could be had; wait for nobody.

    A server that is restarted forgets it: whoever relies on it has to look whether somebody delivers before that.
    """
    how = "_shared" if shared else ""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock{how}({lock[0]}, {lock[1]})").scalar_one()
        try:
            yield bool(held)
        finally:
            with contextlib.suppress(DBAPIError):
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock{how}({lock[0]}, {lock[1]})")


def _without_details(context: ExceptionContext) -> None:
    """Cut off what PostgreSQL adds to a refusal: it quotes the row."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].partition("\nDETAIL:")[0].partition("\nCONTEXT:")[0], *error.args[1:])
