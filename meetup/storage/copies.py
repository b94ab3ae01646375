"""Backups: one SQLite file, whichever database it was made from; checked, and put in the place of a database.

A backup holds everything but the keys, and one line about itself: when it was made, and at which revision.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table, insert, select, text
from sqlmodel import SQLModel

from meetup.errors import AlreadyExists, MeetupError, NotFound, NotUnderstood
from meetup.storage import ledger, schema
from meetup.storage.database import Database, backup
from meetup.storage.vault import Vault

GAP = 1000  # numbers that may have been given between a backup and its restore
BATCH = 5_000
_NOT_OURS = "Give a file that `meetup backup` made"
_ABOUT = "backup_facts"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a backup says about itself."""

    made_at: datetime
    revision: str
    organization: str
    members: int


def save(database: Database, target: Path, now: datetime) -> Facts:
    """Write a backup while the database is in use: whole, of one moment, checked, and only then under its name."""
    if target.exists():
        raise AlreadyExists(f"{target} is there already", "Give every backup its own name: backup-2026-12-24")
    if not target.parent.is_dir():
        raise NotFound(f"There is no directory {target.parent}")
    if database.journal is not None:
        database.journal.begin(now)  # a restore trusts it only when it is older than the backup
    staged = target.with_name(f"{target.name}.new")
    with _vanishing(staged):
        if database.path is not None:
            backup(database.path, staged)
        else:
            _copy_out(database, staged)
        _note(staged, now)
        facts = look(staged, database.vault)
        staged.chmod(0o600)
        _to_disk(staged)
        staged.rename(target)
    return facts


def look(file: Path, vault: Vault) -> Facts:
    """Check a backup, whole, and return what it says about itself; refuse one that is damaged or not ours."""
    if not file.is_file():
        raise NotFound(f"There is no file {file}")
    try:
        # Immutable: nothing is written beside it, wherever it lies.
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)) as copy:
            _check(file, copy)
            facts, sealed = _facts(copy), copy.execute("SELECT public_id, alias_sealed FROM members LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        raise NotUnderstood(f"{file} is not a backup, or it is damaged", _NOT_OURS) from error
    if sealed is not None:
        vault.open(f"members.alias:{sealed[0]}", sealed[1])
    newest = schema.newest() or ""
    if facts.revision > newest:
        raise MeetupError(
            f"The backup is newer than this program ({facts.revision}, not {newest})",
            "Install the meetup that made it, or a newer one",
        )
    return facts


def stage(file: Path, staged: Path, vault: Vault) -> Database:
    """Copy a backup to a place where it may be changed, bring it to the newest revision, and return it, open."""
    _drop(staged)
    shutil.copyfile(file, staged)
    staged.chmod(0o600)
    copy = Database(f"sqlite:///{staged}", vault)
    with copy.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {_ABOUT}")
    schema.upgrade(copy)
    with copy.engine.execution_options(writes=True).begin() as connection:
        _leave_a_gap(connection)
    return copy


def _leave_a_gap(connection: Connection) -> None:
    """Give no number again that may have been given since the backup: it may stand in a link in somebody's mailbox."""
    for table in _linked():
        seen = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()  # noqa: S608 -- our own names
        known = {"name": table, "next": int(seen) + GAP}
        raised = connection.execute(
            text("UPDATE sqlite_sequence SET seq = max(seq + :gap, :next) WHERE name = :name"), {**known, "gap": GAP}
        )
        if not raised.rowcount:
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :next)"), known)


def _linked() -> list[str]:
    """Return the tables whose numbers stand in signed links."""
    tables = SQLModel.metadata.sorted_tables
    return [table.name for table in tables if table.dialect_options["sqlite"]["autoincrement"]]


def install(copy: Database, database: Database, kept: Path) -> Path | None:
    """Put a staged copy in the place of a database; return where the old file was kept, if there was one."""
    if copy.path is None:
        raise ValueError("a staged copy is a file")
    if database.path is None:
        _copy_in(copy, database)
        return None
    copy.close()
    with contextlib.closing(sqlite3.connect(copy.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    there = database.path.exists()
    database.close()
    if there:
        _set_aside(database.path, kept)
    copy.path.rename(database.path)
    _to_disk(database.path.parent)
    return kept if there else None


def discard(copy: Database) -> None:
    """Leave nothing of a staged copy behind; one that was installed as a file is gone from its place already."""
    copy.close()
    if copy.path is not None:
        _drop(copy.path)


def _set_aside(path: Path, kept: Path) -> None:
    """Keep the old database under another name, with what its log has not written back yet."""
    with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.rename(kept)
    for ending in ("-wal", "-shm"):
        rest = path.with_name(f"{path.name}{ending}")
        if rest.exists():
            rest.rename(kept.with_name(f"{kept.name}{ending}"))


def _check(file: Path, copy: sqlite3.Connection) -> None:
    tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if _ABOUT not in tables:
        raise NotUnderstood(f"{file} is not a backup of meetup", _NOT_OURS)
    whole = copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    if not whole or copy.execute("PRAGMA foreign_key_check").fetchall():
        raise MeetupError(f"{file} is damaged", "Take an older backup")


def _facts(copy: sqlite3.Connection) -> Facts:
    (made_at,) = copy.execute(f"SELECT made_at FROM {_ABOUT}").fetchone()  # noqa: S608 -- our own name
    (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    (name,) = copy.execute("SELECT name FROM organization").fetchone()
    (members,) = copy.execute("SELECT count(*) FROM members").fetchone()
    return Facts(datetime.fromisoformat(made_at), revision, name, members)


def _note(staged: Path, now: datetime) -> None:
    with contextlib.closing(sqlite3.connect(staged)) as connection, connection:
        connection.execute(f"DROP TABLE IF EXISTS {_ABOUT}")
        connection.execute(f"CREATE TABLE {_ABOUT} (made_at TEXT NOT NULL)")
        connection.execute(f"INSERT INTO {_ABOUT} VALUES (?)", (now.isoformat(),))  # noqa: S608 -- our own name
    with contextlib.closing(sqlite3.connect(staged)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _copy_out(database: Database, staged: Path) -> None:
    """Copy every row of another database into a fresh SQLite file, as of one moment."""
    with contextlib.closing(Database(f"sqlite:///{staged}", database.vault)) as copy:
        schema.upgrade(copy)
        engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.begin() as source, copy.engine.execution_options(writes=True).begin() as target:
            target.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            _rows_across(source, target)


def _copy_in(copy: Database, database: Database) -> None:
    """Put every row of a staged copy into a database that is not a file, all or nothing."""
    schema.upgrade(database)
    with copy.engine.begin() as source, database.engine.begin() as target:
        ledger.release(target, SQLModel.metadata.tables["members"])
        for table in reversed(SQLModel.metadata.sorted_tables):
            target.execute(table.delete())
        _rows_across(source, target)
        last = {
            str(name): int(number) for name, number in source.execute(text("SELECT name, seq FROM sqlite_sequence"))
        }
        for table in SQLModel.metadata.sorted_tables:
            _count_on(target, table, last.get(table.name, 0))


def _rows_across(source: Connection, target: Connection) -> None:
    for table in SQLModel.metadata.sorted_tables:
        rows = source.execution_options(yield_per=BATCH).execute(select(table))
        for part in rows.mappings().partitions(BATCH):
            target.execute(insert(table), [dict(row) for row in part])


def _count_on(target: Connection, table: Table, last: int) -> None:
    """Let a sequence go on after the largest number that was put in, or given before."""
    if "id" not in table.c or table.name == "organization":
        return
    largest = f"greatest(coalesce(max(id), 0), {last}) + 1"
    target.exec_driver_sql(
        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {largest}, false) FROM {table.name}"  # noqa: S608 -- our own names
    )


@contextlib.contextmanager
def _vanishing(staged: Path) -> Iterator[None]:
    _drop(staged)
    try:
        yield
    finally:
        _drop(staged)


def _drop(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
