"""Keys are exchanged while every value stays readable: a new one seals from now on, and the old ones still open.

A sealed value begins with the id of its key, so a rotation may stop after any row and go on later.
"""

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Table, func, select
from sqlmodel import SQLModel

from meetup.errors import Forbidden, MeetupError
from meetup.storage import vault
from meetup.storage.database import Database, Session
from meetup.storage.vault import Vault

SEALED = "_sealed"
BATCH = 500
MOST = 255  # the id is one byte


def add(path: Path) -> Vault:
    """Add a key that seals from now on; the file is whole at every moment, and only its owner's to read."""
    keys = json.loads(path.read_text())
    number = max(int(key_id) for key_id in keys["seal"]) + 1
    if number > MOST:
        raise MeetupError(f"There have been {MOST} keys already", "Retire some: `meetup keys retire`")
    keys["seal"][str(number)] = secrets.token_hex(32)
    return _written(path, keys)


def retire(path: Path, database: Database) -> list[int]:
    """Take out of the file every sealing key but the newest; refused while a row still needs one."""
    needed = used(database)
    keys = json.loads(path.read_text())
    newest = max(int(key_id) for key_id in keys["seal"])
    old = sorted(int(key_id) for key_id in keys["seal"] if int(key_id) != newest)
    if any(needed[key_id] for key_id in old):
        raise Forbidden("Some rows are still sealed with an older key", "Run `meetup keys rotate` to its end first")
    for key_id in old:
        del keys["seal"][str(key_id)]
    _written(path, keys)
    return old


def used(database: Database) -> Counter[int]:
    """Return how many sealed values need each key."""
    found: Counter[int] = Counter()
    with database.reading() as session:
        for table, column in _columns():
            # The first byte, on either database: SQLite and PostgreSQL both take a piece of bytes by `substr`.
            first = func.substr(table.c[column], 1, 1)
            query = select(first, func.count()).where(table.c[column].is_not(None)).group_by(first)
            for head, number in session.execute(query):
                found[bytes(head)[0]] += int(number)
    return found


def reseal(database: Database) -> Iterator[int]:
    """Seal anew whatever an older key sealed; yield after each batch how many values those were."""
    for table, column in _columns():
        last = 0
        while True:
            with database.writing() as session:
                ids = _next(session, table, column, last)
                done = sum(_resealed(session, table, column, number) for number in ids)
            if not ids:
                break
            last = ids[-1]
            if done:
                yield done


def _columns() -> list[tuple[Table, str]]:
    tables = SQLModel.metadata.sorted_tables
    return [(table, column.name) for table in tables for column in table.columns if column.name.endswith(SEALED)]


def _next(session: Session, table: Table, column: str, last: int) -> list[int]:
    query = select(table.c.id).where(table.c.id > last, table.c[column].is_not(None)).order_by(table.c.id)
    return [int(number) for (number,) in session.execute(query.limit(BATCH))]


def _resealed(session: Session, table: Table, column: str, number: int) -> int:
    public_id, sealed = session.execute(select(table.c.public_id, table.c[column]).where(table.c.id == number)).one()
    if sealed[0] == max(session.vault.seal_keys):
        return 0
    place = f"{table.name}.{column.removesuffix(SEALED)}:{public_id}"
    anew = session.vault.seal(place, session.vault.open(place, sealed))
    session.execute(table.update().where(table.c.id == number).values({column: anew}))
    return 1


def _written(path: Path, keys: dict[str, object]) -> Vault:
    """Put another content in the place of the file at once, and on the disk, before anything is sealed with it."""
    staged = path.with_name(f"{path.name}.new")
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(keys, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return vault.load(path)
