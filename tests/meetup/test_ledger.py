"""What somebody agreed to or took back can neither be changed nor taken away, whoever tries; only a member can go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from meetup.clock import HandClock
from meetup.people import consent, contacts, privacy
from meetup.storage import ledger, schema
from meetup.storage.database import Database, Session
from meetup.storage.tables import Member
from meetup.values import Channel, Source

COLUMNS = ["id", "member_id", "contact_id", "group_id", "action", "wording", "source", "note", "at"]


@dataclass(frozen=True)
class Pair:
    """Two members of the circle: Ada, who has taken back what she agreed to by text, and Ben."""

    ada: Member
    ben: Member


@pytest.fixture
def pair(session: Session, ada: Member, ben: Member, clock: HandClock) -> Pair:
    consent.stop(session, contacts.of_member(session, ada.id or 0)[Channel.SMS], Source.TEXT, clock.now())
    session.flush()
    return Pair(ada, ben)


def entries(session: Session) -> list[tuple[object, ...]]:
    found = session.execute(text(f"SELECT {', '.join(COLUMNS)} FROM consents ORDER BY id"))  # noqa: S608 -- our own names
    return [tuple(row) for row in found]


def refused(session: Session, *statements: str, **values: object) -> None:
    with pytest.raises(IntegrityError, match=ledger.REFUSAL):
        attempt(session, statements, values)


def attempt(session: Session, statements: Iterable[str], values: Mapping[str, object]) -> None:
    with session.begin_nested():
        for statement in statements:
            session.execute(text(statement), values)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consents SET action = 'confirmed' WHERE action = 'revoked'",
        "UPDATE consents SET wording = 'something else'",
        "UPDATE consents SET note = note",
        "UPDATE consents SET member_id = (SELECT max(id) FROM members)",
        "DELETE FROM consents WHERE action = 'revoked'",
        "DELETE FROM consents",
    ],
)
def test_no_entry_is_changed_or_deleted(session: Session, pair: Pair, statement: str) -> None:
    before = entries(session)

    refused(session, statement)

    assert (entries(session), len(before)) == (before, 5)


OVER = (
    "INSERT INTO consents (id, member_id, contact_id, channel, group_id, action, wording, wording_version, language,"
    " source, note, at) SELECT id, member_id, contact_id, channel, group_id, 'confirmed', '', '', '', source, '', at"
    " FROM consents WHERE true"
)


@pytest.mark.sqlite
def test_no_entry_is_written_over(session: Session, pair: Pair) -> None:
    before = entries(session)

    refused(session, OVER.replace("INSERT", "INSERT OR REPLACE"))
    refused(session, "UPDATE OR REPLACE consents SET id = 1 WHERE id = 2")

    assert entries(session) == before


@pytest.mark.postgres
def test_the_ledger_is_not_emptied_at_once_or_written_over(session: Session, pair: Pair) -> None:
    before = entries(session)

    refused(session, "TRUNCATE consents CASCADE")
    refused(session, "TRUNCATE members CASCADE")
    refused(session, f"{OVER} ON CONFLICT (id) DO UPDATE SET action = 'confirmed'")

    assert entries(session) == before


def test_who_is_erased_takes_her_entries_along_and_nobody_elses(session: Session, pair: Pair, clock: HandClock) -> None:
    his = [row for row in entries(session) if row[1] == pair.ben.id]

    gone = privacy.forget(session, pair.ada, Source.PAGE, clock.now())

    assert gone.rows["consents"] == 3
    assert (entries(session), len(his)) == (his, 2)


def test_an_emptied_alias_opens_the_ledger_for_that_member_alone(session: Session, pair: Pair) -> None:
    empty = "UPDATE members SET alias_sealed = :nothing WHERE id = :ada"
    hers: dict[str, object] = {"ada": pair.ada.id, "nothing": b""}

    refused(session, empty, "DELETE FROM consents", **hers)
    refused(session, empty, "UPDATE consents SET action = 'confirmed' WHERE member_id = :ada", **hers)
    refused(session, "DELETE FROM consents WHERE member_id = :ada", **hers)  # it is not emptied any more

    assert len(entries(session)) == 5


@pytest.mark.sqlite
@pytest.mark.parametrize("table", ["members", "consents"])
def test_a_migration_that_rebuilds_a_table_leaves_the_ledger_guarded(
    database: Database, session: Session, pair: Pair, table: str
) -> None:
    before = triggers(session.connection())
    session.commit()

    with schema.rebuilding(database) as connection, ledger.set_aside(connection):
        rebuild(connection, table)

    assert (triggers(session.connection()), len(before)) == (before, 3)
    refused(session, "DELETE FROM consents WHERE action = 'revoked'")


def rebuild(connection: Connection, table: str) -> None:
    """Do what a migration does that changes a column."""
    operations = Operations(MigrationContext.configure(connection, opts={"target_metadata": SQLModel.metadata}))
    with operations.batch_alter_table(table, recreate="always"):
        pass


def triggers(connection: Connection) -> list[tuple[object, ...]]:
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"))
    return [tuple(row) for row in found]
