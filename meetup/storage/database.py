"""The database: one SQLite file, or PostgreSQL by another URL. Opens sessions, holds the lock of whoever delivers."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlmodel
from sqlalchemy import Engine, make_url

from meetup.errors import AlreadyExists
from meetup.storage import engines
from meetup.storage.journal import Entry, Journal
from meetup.storage.vault import Vault

JOURNAL = ".stops"  # beside an SQLite file


class Session(sqlmodel.Session):
    """A session that carries the vault, so that whoever may read a row may also open it."""

    def __init__(self, engine: Engine, vault: Vault, journal: Journal | None = None) -> None:
        super().__init__(engine, expire_on_commit=False)
        self.vault = vault
        self._journal = journal
        self._entries: list[Entry] = []

    def remember(self, entry: Entry) -> None:
        """Write a stop or an erasure into the journal as well, if and when this is committed."""
        self._entries.append(entry)

    def commit(self) -> None:
        """Commit; the journal is written before, so that nothing that it has to say is in the database alone."""
        self.flush()
        if self._journal is not None and self._entries:
            self._journal.write(self._entries, max(entry.at for entry in self._entries))
        self._entries.clear()
        super().commit()

    def rollback(self) -> None:
        """Take back everything, what the journal was to remember too."""
        self._entries.clear()
        super().rollback()


class Database:
    """Where sessions come from."""

    def __init__(self, url: str, vault: Vault, journal: Path | None = None) -> None:
        self.url = make_url(url)
        self.engine = engines.engine(url)
        self.vault = vault
        beside = self.path.with_suffix(self.path.suffix + JOURNAL) if self.path else None
        path = journal or beside
        self.journal = Journal(path, vault) if path else None
        # One moment for all that is read, as SQLite has it: two queries must not see two truths.
        one_moment = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**one_moment)
        self._writer = self.engine.execution_options(writes=True)
        self._mover = self.engine.execution_options(moves=True)
        self._planner = self.engine.execution_options(moves=True, plans=True)

    @property
    def path(self) -> Path | None:
        """Return the file, when the database is one."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads: it never waits for a writer, nor makes one wait."""
        with Session(self._reader, self.vault) as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits when the block ends well and leaves nothing behind when it does not.

        Nobody else writes meanwhile, on either database: what a block has read stays true until it ends.
        """
        with self._committing(self._writer) as session:
            yield session

    @contextlib.contextmanager
    def moving(self) -> Iterator[Session]:
        """Open a session that moves deliveries and changes no fact: on PostgreSQL several may do so at once."""
        with self._committing(self._mover) as session:
            yield session

    @contextlib.contextmanager
    def planning(self) -> Iterator[Session]:
        """Open a session that makes deliveries of facts: beside those who move them, but one at a time."""
        with self._committing(self._planner) as session:
            yield session

    @contextlib.contextmanager
    def _committing(self, engine: Engine) -> Iterator[Session]:
        with Session(engine, self.vault, self.journal) as session:
            yield session
            session.commit()

    @contextlib.contextmanager
    def trying(self) -> Iterator[Session]:
        """Open a session that may write, and whose every trace is taken back at its end: for showing what would be."""
        with Session(self._writer, self.vault, self.journal) as session:
            yield session
            session.rollback()

    @contextlib.contextmanager
    def delivering(self) -> Iterator[None]:
        """Hold the right to deliver. On SQLite one process has it; on PostgreSQL many, whose claims keep order."""
        if self.path is None:
            with engines.holding(self.engine, engines.DELIVERING, shared=True) as held:
                if not held:
                    raise AlreadyExists("The database is being restored right now", "Try again when that is done")
                yield
            return
        with self.path.with_suffix(self.path.suffix + ".lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyExists(
                    "Another meetup is delivering from this database already",
                    "One `meetup serve` (or `meetup remind send`) at a time; stop the other one first.",
                ) from error
            yield

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """Keep everybody from delivering, and refuse when somebody does: for putting other content in its place."""
        if self.path is not None:
            with self.delivering():
                yield
            return
        with engines.holding(self.engine, engines.DELIVERING, shared=False) as held:
            if not held:
                raise AlreadyExists(
                    "Somebody delivers from this database", "Stop every `meetup serve` and `meetup worker` first."
                )
            yield

    def scrub(self) -> None:
        """Leave nothing of what was deleted in the log of the last writes; its file must not outlive an erasure."""
        if self.is_sqlite:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def protect(path: Path) -> None:
    """Make a database file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def backup(source: Path, target: Path) -> None:
    """Copy a live SQLite database, whole and consistent."""
    with contextlib.closing(sqlite3.connect(source)) as live, contextlib.closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=2000)
