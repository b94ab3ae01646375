"""The ledger only grows, and the database itself sees to it: triggers on `consents` that refuse everything else.

An entry is never changed. It goes with its member and in no other way: whoever wants one gone has to empty the alias
of that member first, in the same transaction. So no slip of ours and no careless line of SQL makes a yes out of a no;
and a member without an alias cannot be overlooked, since nothing that shows members can read it.
"""

import contextlib
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, Table, event, text, update

REFUSAL = "the ledger only grows"
_LIVING = "(SELECT length(alias_sealed) FROM members WHERE id = OLD.member_id) > 0"
_TAKEN = "EXISTS (SELECT 1 FROM consents WHERE id = NEW.id)"
_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
_ON_SQLITE = {
    "ledger_update": f"BEFORE UPDATE ON consents {_REFUSE}",
    "ledger_delete": f"BEFORE DELETE ON consents WHEN {_LIVING} {_REFUSE}",
    # INSERT OR REPLACE deletes what is in its way, and asks no trigger of DELETE.
    "ledger_insert": f"BEFORE INSERT ON consents WHEN {_TAKEN} {_REFUSE}",
}
_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF ({_LIVING}) IS NOT TRUE THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""
_ON_POSTGRESQL = {
    "ledger_rows": "BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()",
    "ledger_whole": "BEFORE TRUNCATE ON consents FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()",
}


def guard(connection: Connection) -> None:
    """Let the database refuse whatever would take something out of the ledger."""
    triggers = _ON_SQLITE if connection.dialect.name == "sqlite" else _ON_POSTGRESQL
    if triggers is _ON_POSTGRESQL:
        connection.exec_driver_sql(_FUNCTION)
    for name, what in triggers.items():
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {what}")


def unguard(connection: Connection) -> None:
    """Take the triggers away: for who goes back to a schema that had none."""
    if connection.dialect.name == "sqlite":
        for name in _ON_SQLITE:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    connection.exec_driver_sql("DROP FUNCTION ledger_only_grows() CASCADE")


def guard_when_made(consents: Table) -> None:
    """Guard the ledger of every database whose tables are made at once, without migrations."""
    event.listen(consents, "after_create", lambda _table, connection, **_options: guard(connection))


@contextlib.contextmanager
def set_aside(connection: Connection) -> Iterator[None]:
    """Put the triggers aside while SQLite rebuilds tables, and back afterwards.

    They would go with an old `consents`, silently, and no new `members` could be named as long as they speak of it.
    """
    guarded = connection.dialect.name == "sqlite" and _guarded(connection)
    if guarded:
        unguard(connection)
    yield
    if guarded:
        guard(connection)


def release(connection: Connection, members: Table, *who: ColumnElement[bool]) -> None:
    """Empty the alias of members who are about to be deleted: from now on their entries may be deleted, too."""
    connection.execute(update(members).where(*who).values(alias_sealed=b""))


def _guarded(connection: Connection) -> bool:
    named = text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = 'ledger_update'")
    return bool(connection.execute(named).scalar_one())
