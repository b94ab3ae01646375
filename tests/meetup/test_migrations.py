"""Every released schema is brought to the newest, with everything in it, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, Connection, Date, DateTime, Integer, LargeBinary, MetaData, Table, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from meetup.errors import MeetupError
from meetup.people import consent, contacts, members
from meetup.storage import ledger, schema
from meetup.storage.database import Database
from meetup.storage.tables import DeliveryRow, OnlineRoom
from meetup.storage.vault import Vault
from meetup.values import Channel, State
from notifications.moves import HANDED_OVER
from tests import databases
from tests.meetup.test_schema import statements

Row = dict[str, object]
FIRST = "0001"
KNOWN = "PLANNED CLAIMED SUBMITTING SENT DELIVERED UNDELIVERED FAILED UNCERTAIN HELD SUPPRESSED MISSED"
STATES = [State(name) for name in KNOWN.split()]  # that the first schema knew
MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)
SLOT = datetime.fromisoformat("2026-11-05T19:00")
DAY = date(2026, 12, 31)


def revisions() -> list[str]:
    """Return every revision that was ever released, oldest first."""
    found = ScriptDirectory.from_config(schema.configuration(None)).walk_revisions()
    return sorted(script.revision for script in found)


def contents(vault: Vault) -> dict[str, list[Row]]:
    """Return rows of the first schema: of every table, and deliveries in every state; the rest is made up by type."""
    sealed = vault.seal
    return {
        "organization": [{"public_id": "o1", "name": "Riverside", "zone": "America/New_York", "revision": 7}],
        "groups": [{"public_id": "g1", "slug": "circle", "audience": "closed", "language": "es"}],
        "venues": [{"public_id": "v1", "door_code_sealed": sealed("venues.door_code:v1", "4711"), "step_free": True}],
        "venue_closures": [{"start_local": SLOT, "end_local": SLOT, "reason": "heating"}],
        "online_rooms": [{"public_id": "r1", "visibility": "members", "url_sealed": sealed("r", "https://x.example")}],
        "meetings": [{"public_id": "t1", "state": "active", "version": 3, "venue_id": 1, "room_id": 1}],
        "schedules": [{"uid": "u1", "rule": "FREQ=WEEKLY", "start_local": SLOT, "duration_minutes": 90}],
        "changes": [{"slot": SLOT, "status": "cancelled", "closed_door": "", "note": "snow"}],
        "members": [
            {"public_id": "m1", "alias_sealed": sealed("members.alias:m1", "Ada"), "hours_start": "09:00", "version": 2}
        ],
        "contact_points": [
            {
                "public_id": "c1",
                "channel": "sms",
                "state": "verified",
                "address_sealed": sealed("contact_points.address:c1", "+12025550123"),
            }
        ],
        "consents": [
            {"id": 1, "channel": "sms", "action": "requested", "source": "organizer", "group_id": 1},
            {"id": 2, "channel": "sms", "action": "confirmed", "source": "text", "group_id": 1},
        ],
        "subscriptions": [{"state": "active", "preference": "either", "channels": "sms"}],
        "reminder_rules": [{"lead": "2h", "channel": "sms"}],
        "deliveries": [_delivery(number, state) for number, state in enumerate(STATES, start=1)],
        "attempts": [
            {"id": number, "delivery_id": number, "number": 1, "outcome": state.value}
            for number, state in enumerate(STATES, start=1)
            if state in HANDED_OVER
        ],
        "answers": [{"answer": "online", "slot": SLOT}],
        "inbound_texts": [{"provider_id": "SM1", "intent": "other", "sender_sealed": b"s", "body_sealed": b"b"}],
        "feed_links": [{"public_id": "f1", "token_hash": b"h"}],
        "heartbeats": [{"name": "plan"}],
    }


def _delivery(number: int, state: State) -> Row:
    key = {"id": number, "code": f"code{number}", "subject": f"meeting:{number}", "slot": SLOT, "lead": "2h"}
    granted = {"channel": "sms", "kind": "reminder", "consent_id": 2, "consent_action": "confirmed"}
    return {**key, **granted, "state": state.value, "attempts": int(state in HANDED_OVER), "meeting_id": 1}


def filled(column: Column[Any], dialect: str) -> object:
    """Return a value that a column may hold which nobody said anything about."""
    made_up: dict[type, object] = {Boolean: False, Integer: 1, LargeBinary: b"x", Date: DAY, DateTime: MOMENT}
    if column.nullable:
        return None
    found = next((value for kind, value in made_up.items() if isinstance(column.type, kind)), column.name)
    wall = isinstance(column.type, DateTime) and (dialect == "sqlite" or not column.type.timezone)
    return MOMENT.replace(tzinfo=None) if wall else found


def fill(connection: Connection, vault: Vault) -> None:
    """Put the rows into a database of the first schema."""
    tables = MetaData()
    tables.reflect(connection)
    rows = contents(vault)
    for table in tables.sorted_tables:
        made_up = {column.name: filled(column, connection.dialect.name) for column in table.columns}
        for row in rows.pop(table.name, []):
            connection.execute(table.insert().values({**made_up, **row}))
    assert rows == {}


def held(connection: Connection) -> dict[str, list[Row]]:
    """Return every row of every table."""
    tables = MetaData()
    tables.reflect(connection)
    return {table.name: _rows(connection, table) for table in tables.sorted_tables if table.name != "alembic_version"}


def _rows(connection: Connection, table: Table) -> list[Row]:
    return [dict(row._mapping) for row in connection.execute(table.select().order_by(*table.primary_key.columns))]


@pytest.fixture
def old(tmp_path: Path, vault: Vault) -> Iterator[Database]:
    """A database of the first schema with something of everything."""
    database = Database(databases.address(tmp_path / "old.db"), vault)
    schema.upgrade(database, FIRST)
    with database.engine.execution_options(writes=True).begin() as connection:
        fill(connection, vault)
    yield database
    database.close()


@pytest.mark.parametrize("revision", revisions())
def test_from_every_revision_the_newest_is_reached_and_nothing_is_lost(
    old: Database, database: Database, revision: str
) -> None:
    with old.engine.connect() as connection:
        before = held(connection)
    schema.upgrade(old, revision)

    schema.upgrade(old)

    with old.engine.connect() as made, database.engine.connect() as written:
        after = held(made)
        assert statements(made) == statements(written)
    moved = {"venue_closures": "closures"}
    for name, rows in before.items():
        kept = after[moved.get(name, name)]
        assert [{key: row[key] for key in old_row if key in row} for old_row, row in zip(rows, kept, strict=True)] == [
            {key: value for key, value in old_row.items() if key in row}
            for old_row, row in zip(rows, kept, strict=True)
        ]


def test_the_first_rows_are_of_use_to_the_newest_program(old: Database) -> None:
    schema.upgrade(old)

    with old.reading() as session:
        ada = members.find(session, "1")
        point = contacts.of_member(session, 1)[Channel.SMS]
        standing = consent.allows(session, 1, 1)
        states = session.exec(select(DeliveryRow.state).order_by(col(DeliveryRow.id))).all()
        rooms = session.exec(select(OnlineRoom)).all()

        assert (members.alias(session, ada), contacts.address(session, point)) == ("Ada", "+12025550123")
        assert standing is not None
        assert (standing.id, len(rooms)) == (2, 1)
        assert list(states) == [state.value for state in STATES]
    with old.engine.connect() as connection:
        if old.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


@pytest.mark.sqlite
def test_what_refers_to_nothing_is_not_carried_on(old: Database) -> None:
    with old.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("UPDATE attempts SET delivery_id = 99 WHERE id = 3")
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("BEGIN")

    with pytest.raises(MeetupError, match="Rows in attempts refer to others"):
        schema.upgrade(old)

    assert schema.current(old) == FIRST


@pytest.mark.parametrize("revision", revisions())
def test_from_every_revision_a_ledger_is_reached_that_only_grows(old: Database, revision: str) -> None:
    schema.upgrade(old, revision)

    schema.upgrade(old)

    for change in ("UPDATE consents SET action = 'confirmed'", "DELETE FROM consents WHERE id = 1"):
        with pytest.raises(IntegrityError, match=ledger.REFUSAL), old.engine.begin() as connection:
            connection.execute(text(change))


@pytest.mark.sqlite
def test_a_table_that_is_built_anew_gives_no_number_twice(old: Database) -> None:
    schema.upgrade(old, "0014")
    with old.engine.execution_options(writes=True).begin() as connection:
        for table in ("members", "contact_points"):
            connection.execute(text("UPDATE sqlite_sequence SET seq = 41 WHERE name = :table"), {"table": table})

    schema.upgrade(old)

    with old.writing() as session:
        row = members.add(session, members.MemberDraft("Bo", "+12025550177"), datetime(2026, 11, 23, 12, tzinfo=UTC))
        point = contacts.of_member(session, row.id or 0)[Channel.SMS]
        assert (row.id, point.id) == (42, 42)


def test_who_saw_her_phone_shared_before_has_the_six_months_counted_from_when_she_came(old: Database) -> None:
    schema.upgrade(old, "0014")
    with old.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE members SET phone_shared = :yes"), {"yes": True})

    schema.upgrade(old)

    with old.reading() as session:
        row = members.find(session, "1")
        assert (row.phone_shared, row.shared_since, row.ask_yearly) == (True, row.created_at, False)


def test_who_goes_back_finds_the_ledger_as_it_was(old: Database) -> None:
    schema.upgrade(old)
    with schema.rebuilding(old) as connection:
        command.downgrade(schema.configuration(connection), "0010")
        connection.execute(text("UPDATE consents SET note = 'changed' WHERE id = 2"))

    schema.upgrade(old)

    with old.engine.connect() as connection:
        notes = connection.execute(text("SELECT note FROM consents ORDER BY id")).scalars().all()
    assert notes == ["note", "changed"]
