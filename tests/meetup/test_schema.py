"""The schema: what the migrations make, and what the database refuses by itself."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, select

from meetup.clock import HandClock
from meetup.people import consent, contacts, members
from meetup.people.consent import WITHOUT_WORDS
from meetup.people.members import MemberDraft
from meetup.storage import schema
from meetup.storage.database import Database, Session
from meetup.storage.tables import ClosureRow, ConsentRow, ContactPoint, DeliveryRow, Group, Member, Organization
from meetup.storage.vault import Vault
from meetup.values import Action, Channel, Source
from tests import databases

UNIQUE, NOT_NULL, FOREIGN = "(?i)unique", "(?i)not.null", "(?i)foreign key"
SLOT = datetime.fromisoformat("2026-12-03T19:00")


@pytest.fixture
def migrated(tmp_path: Path, vault: Vault) -> Iterator[Database]:
    """A database that the migrations made."""
    database = Database(databases.address(tmp_path / "migrated.db"), vault)
    schema.upgrade(database)
    yield database
    database.close()


PARTS = """
    SELECT table_name::text, column_name || ' ' || data_type || ' ' || is_nullable || coalesce(column_default, '')
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT relname::text, format('CONSTRAINT %s %s', conname, pg_get_constraintdef(pg_constraint.oid))
    FROM pg_constraint JOIN pg_class ON conrelid = pg_class.oid
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL
    SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT proname::text, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1, 2
"""


def statements(connection: Connection) -> dict[str, list[str]]:
    """Return what every table and index was made with: their parts in one order, spelt alike."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
        return {name: _parts(sql) for name, sql in found if name != "alembic_version"}
    parts: dict[str, list[str]] = defaultdict(list)
    for table, part in connection.execute(text(PARTS)):
        parts[table].append(part)
    parts.pop("alembic_version", None)
    return parts


def _parts(sql: str) -> list[str]:
    plain = re.sub(r"\s+", " ", sql.replace('"', "")).replace("( ", "(").replace(" )", ")")
    return sorted(part.strip(" ()") for part in re.split(r", (?=[A-Za-z_]+ )", plain.partition("(")[2]))


def test_the_migrations_make_the_tables_as_they_are_written(database: Database, migrated: Database) -> None:
    with database.engine.connect() as written, migrated.engine.connect() as made:
        assert statements(made) == statements(written)


def test_the_migrations_leave_no_difference(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_an_organization_of_the_first_schema_is_brought_to_the_newest(tmp_path: Path, vault: Vault) -> None:
    database = Database(databases.address(tmp_path / "old.db"), vault)
    with database.engine.execution_options(writes=True).begin() as connection:
        command.upgrade(schema.configuration(connection), "0001")
        connection.execute(
            text(
                "INSERT INTO organization (id, public_id, name, sender_name, cover_label, zone, language, country,"
                " contact_mail, revision, created_at) VALUES (1, 'x', 'Riverside', 'R', 'Class', 'UTC', 'en', 'US', '',"
                " 7, '2026-11-01 00:00:00.000000')"
            )
        )

    schema.upgrade(database)

    with database.reading() as session:
        assert [row.revision for row in session.exec(select(Organization)).all()] == [7]
    database.close()


def test_every_check_has_a_name_in_the_database(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        sql = "\n".join(part for parts in statements(connection).values() for part in parts)

    checks = [
        str(constraint.name)
        for table in SQLModel.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    ]
    assert len(checks) > 15
    assert [name for name in checks if f"CONSTRAINT {name} CHECK" not in sql] == []


def test_upgrading_again_changes_nothing(migrated: Database) -> None:
    schema.upgrade(migrated)

    assert schema.current(migrated) == schema.newest()


def test_closures_of_venues_are_kept_when_rooms_can_be_closed_as_well(tmp_path: Path, vault: Vault) -> None:
    database = Database(databases.address(tmp_path / "old.db"), vault)
    with database.engine.execution_options(writes=True).begin() as connection:
        command.upgrade(schema.configuration(connection), "0003")
        for statement in (AN_OLD_HALL, ITS_CLOSURES):
            connection.execute(text(statement))

    schema.upgrade(database)

    with database.reading() as session:
        kept = [(row.venue_id, row.start_local.day, row.end_local.day, row.reason) for row in _closures(session)]
        assert kept == [(1, 24, 27, "heating"), (1, 30, 30, "taken back")]
        assert all(row.planned_end_local == row.end_local and row.room_id is None for row in _closures(session))
    with database.engine.execution_options(writes=True).begin() as connection:
        command.downgrade(schema.configuration(connection), "0003")
        assert connection.execute(text("SELECT reason FROM venue_closures ORDER BY id")).scalars().all() == [
            "heating",
            "taken back",
        ]
    database.close()


AN_OLD_HALL = (
    "INSERT INTO venues (id, public_id, slug, name, address, street, locality, region, postal_code, country,"
    " directions, parking, transit, created_at)"
    " VALUES (1, 'v1', 'hall', 'Hall', '1 Elm Street', '', '', '', '', '', '', '', '', '2026-11-01 00:00:00')"
)
ITS_CLOSURES = (
    "INSERT INTO venue_closures (venue_id, start_local, end_local, reason, revision, created_at, changed_at) VALUES"
    " (1, '2026-12-24 00:00:00', '2026-12-27 00:00:00', 'heating', 3, '2026-11-01 00:00:00', '2026-11-01 00:00:00'),"
    " (1, '2026-12-30 00:00:00', '2026-12-30 00:00:00', 'taken back', 4, '2026-11-01 00:00:00', '2026-11-02 00:00:00')"
)


def _closures(session: Session) -> list[ClosureRow]:
    return list(session.exec(select(ClosureRow).order_by(col(ClosureRow.id))).all())


def test_a_database_that_was_never_set_up_stands_nowhere(tmp_path: Path, vault: Vault) -> None:
    database = Database(databases.address(tmp_path / "empty.db"), vault)

    assert schema.current(database) is None
    database.close()


def test_every_sealed_column_says_whose_it_is() -> None:
    of_people = {"members", "contact_points", "inbound_texts"}
    unsaid = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        if table.name in of_people
        for column in table.columns
        if column.name.endswith(("_sealed", "_index")) and "personal" not in column.info
    ]

    assert unsaid == []


def confirmed(session: Session, member: Member, channel: Channel = Channel.SMS) -> ConsentRow:
    contact = contacts.of_member(session, member.id or 0)[channel]
    return consent.history_of(session, contact.id or 0)[-1]


def delivery(entry: ConsentRow, clock: HandClock, **different: object) -> DeliveryRow:
    row = DeliveryRow(
        code="a1",
        member_id=entry.member_id,
        subject="meeting:1",
        slot=SLOT,
        lead="24h",
        channel=entry.channel,
        kind="reminder",
        revision=0,
        contact_id=entry.contact_id,
        consent_id=entry.id or 0,
        consent_action=entry.action,
        due_at=clock.now(),
        expires_at=clock.now(),
        state="PLANNED",
        created_at=clock.now(),
    )
    for name, value in different.items():
        setattr(row, name, value)
    return row


def keep(session: Session, row: DeliveryRow | ContactPoint) -> None:
    with session.begin_nested():
        session.add(row)
        session.flush()


def refused(session: Session, row: DeliveryRow | ContactPoint, why: str) -> None:
    with pytest.raises(IntegrityError, match=why):
        keep(session, row)


def test_the_database_takes_a_delivery_that_somebody_agreed_to(session: Session, ada: Member, clock: HandClock) -> None:
    keep(session, delivery(confirmed(session, ada), clock))

    assert len(session.exec(select(DeliveryRow)).all()) == 1


def test_the_database_refuses_to_say_the_same_thing_twice(session: Session, ada: Member, clock: HandClock) -> None:
    entry = confirmed(session, ada)
    keep(session, delivery(entry, clock))

    refused(session, delivery(entry, clock, code="a2"), UNIQUE)
    keep(session, delivery(entry, clock, code="a2", lead="2h"))


@pytest.mark.parametrize("column", ["member_id", "subject", "slot", "lead", "channel", "kind", "revision"])
def test_no_column_of_the_key_may_be_empty(session: Session, ada: Member, clock: HandClock, column: str) -> None:
    refused(session, delivery(confirmed(session, ada), clock, **{column: None}), NOT_NULL)


@pytest.mark.parametrize("action", ["requested", "granted", "revoked"])
def test_the_database_refuses_a_reminder_without_confirmed_consent(
    session: Session, ada: Member, clock: HandClock, action: str
) -> None:
    entry = _entry(session, ada, Action(action), clock)

    refused(session, delivery(entry, clock), "ck_deliveries_consent")
    refused(session, delivery(entry, clock, consent_action="confirmed"), FOREIGN)


def test_the_database_refuses_the_consent_of_somebody_else(
    session: Session, ada: Member, ben: Member, clock: HandClock
) -> None:
    hers, his = confirmed(session, ada), confirmed(session, ben)

    refused(session, delivery(hers, clock, consent_id=his.id), FOREIGN)
    refused(session, delivery(hers, clock, contact_id=his.contact_id), FOREIGN)


def test_the_database_refuses_the_consent_of_another_channel(session: Session, ada: Member, clock: HandClock) -> None:
    mail = confirmed(session, ada, Channel.EMAIL)

    refused(session, delivery(mail, clock, channel="sms"), FOREIGN)


def test_a_question_needs_a_request_and_no_confirmation(session: Session, ada: Member, clock: HandClock) -> None:
    refused(session, delivery(confirmed(session, ada), clock, kind="opt_in"), "ck_deliveries_consent")

    keep(session, delivery(_entry(session, ada, Action.GRANTED, clock), clock, kind="opt_in"))


def test_the_database_knows_every_state_and_no_other(session: Session, ada: Member, clock: HandClock) -> None:
    refused(session, delivery(confirmed(session, ada), clock, state="LOST"), "ck_deliveries_state")


def test_the_database_refuses_a_second_living_address_on_a_channel(
    session: Session, ada: Member, clock: HandClock
) -> None:
    second = contacts.of_member(session, ada.id or 0)[Channel.SMS].model_dump() | {
        "id": None,
        "public_id": "other",
        "address_index": b"other",
    }

    refused(session, ContactPoint(**second), UNIQUE)


def test_the_database_refuses_one_address_for_two_members(
    session: Session, circle: Group, ada: Member, clock: HandClock
) -> None:
    cleo = members.add(session, MemberDraft("Cleo"), clock.now())
    same = contacts.of_member(session, ada.id or 0)[Channel.SMS].model_dump() | {
        "id": None,
        "public_id": "other",
        "member_id": cleo.id,
    }

    refused(session, ContactPoint(**same), UNIQUE)


def _entry(session: Session, member: Member, action: Action, clock: HandClock) -> ConsentRow:
    contact = contacts.of_member(session, member.id or 0)[Channel.SMS]
    return consent.record(
        session, contact, action, group_id=1, wording=WITHOUT_WORDS, source=Source.TEXT, now=clock.now()
    )
