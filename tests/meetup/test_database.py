"""The database: sessions, locks, versions and copies."""

import sqlite3
import stat
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from meetup import groups, meetings, organization
from meetup.clock import HandClock
from meetup.errors import AlreadyExists, UsageError
from meetup.groups import GroupDraft
from meetup.storage import database as databases
from meetup.storage import revisions
from meetup.storage.database import Database, Session
from meetup.storage.tables import Group, Meeting, Member, Organization, ScheduleRow
from meetup.storage.vault import Vault


def pragma(session: Session, name: str) -> object:
    return session.connection().exec_driver_sql(f"PRAGMA {name}").scalar_one()


def rename(database: Database, name: str) -> None:
    with database.writing() as session:
        organization.the(session).name = name


def test_what_a_block_writes_is_there_when_it_ends_well(database: Database, session: Session, circle: Group) -> None:
    session.commit()

    rename(database, "Harbour")

    with database.reading() as later:
        assert organization.the(later).name == "Harbour"


def test_a_block_that_fails_leaves_nothing_behind(database: Database, session: Session, circle: Group) -> None:
    session.commit()

    def fail() -> None:
        with database.writing() as failing:
            organization.the(failing).name = "Harbour"
            failing.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    with database.reading() as later:
        assert organization.the(later).name == "Riverside Peer Support"


@pytest.mark.sqlite
def test_sqlite_is_set_up_to_lose_nothing(session: Session) -> None:
    found = {name: pragma(session, name) for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_reader_neither_waits_for_a_writer_nor_sees_half_of_it(
    database: Database, session: Session, circle: Group
) -> None:
    session.commit()
    with database.writing() as writer:
        organization.the(writer).name = "Harbour"
        writer.flush()
        with database.reading() as reader:
            seen = organization.the(reader).name

    assert seen == "Riverside Peer Support"


def test_writers_wait_for_one_another_and_lose_no_count(database: Database, session: Session, circle: Group) -> None:
    before = organization.the(session).revision
    session.commit()

    def count() -> None:
        for _ in range(10):
            with database.writing() as writer:
                found = organization.the(writer)
                found.revision += 1

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as reader:
        assert organization.the(reader).revision == before + 30


def test_a_reference_to_nothing_is_refused(session: Session, home: Organization, clock: HandClock) -> None:
    row = Meeting(public_id="x", slug="x", group_id=99, title="x", created_at=clock.now(), changed_at=clock.now())
    session.add(row)

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.flush()
    session.rollback()


def test_moments_come_back_aware_and_wall_times_naive(
    database: Database, session: Session, circle: Group, clock: HandClock
) -> None:
    start = datetime.fromisoformat("2026-12-03T19:00")
    timing = meetings.Timing("FREQ=WEEKLY", start, timedelta(hours=1), None, "UTC")
    meetings.add(session, circle, [timing], clock.now())
    session.commit()

    with database.reading() as later:
        row = later.exec(select(ScheduleRow)).one()

    assert row.start_local == start
    assert row.start_local.tzinfo is None
    assert row.created_at == clock.now()


@pytest.mark.sqlite
def test_only_one_process_delivers(database: Database) -> None:
    refusal = pytest.raises(AlreadyExists, match="delivering from this database already")
    with database.delivering(), refusal, database.delivering():
        pass

    with database.delivering():
        again = True
    assert again


def test_a_database_that_we_cannot_work_with_is_refused(vault: Vault) -> None:
    with pytest.raises(UsageError, match="not a database that meetup works with"):
        Database("mysql://localhost/meetup", vault)


def test_no_refusal_of_the_database_shows_what_was_written(session: Session, circle: Group, clock: HandClock) -> None:
    groups.add(session, GroupDraft("Quiet table"), clock.now())

    with pytest.raises(IntegrityError) as refused:
        session.execute(text("UPDATE groups SET slug = :slug"), {"slug": "very-secret"})

    assert "very-secret" not in str(refused.value)
    session.rollback()


def test_a_protected_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "home" / "meetup.db"

    databases.protect(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.sqlite
def test_a_backup_is_whole_while_somebody_writes(
    database: Database, session: Session, circle: Group, tmp_path: Path
) -> None:
    session.commit()
    target = tmp_path / "copy.db"
    assert database.path is not None

    with database.writing() as writer:
        organization.the(writer).name = "Harbour"
        writer.flush()
        databases.backup(database.path, target)

    with sqlite3.connect(target) as copy:
        names = copy.execute("SELECT name FROM organization").fetchall()
        sound = copy.execute("PRAGMA integrity_check").fetchall()
    copy.close()
    assert (names, sound) == ([("Riverside Peer Support",)], [("ok",)])


def test_touching_meetings_raises_all_that_depends_on_them(
    session: Session, home: Organization, circle: Group, clock: HandClock
) -> None:
    start = datetime.fromisoformat("2026-12-03T19:00")
    changed, other = (
        meetings.add(
            session, circle, [meetings.Timing("FREQ=WEEKLY", at, timedelta(hours=1), None, "UTC")], clock.now()
        )
        for at in (start, start.replace(hour=12))
    )
    session.refresh(home)
    before = home.revision
    clock.pass_(hours=1)

    number = revisions.touch(session, [changed.id or 0, changed.id or 0], clock.now())

    for row in (home, changed, other):
        session.refresh(row)
    rows = {row.meeting_id: row for row in session.exec(select(ScheduleRow)).all()}
    assert number == home.revision == before + 1
    assert (changed.version, changed.changed_at) == (1, clock.now())
    assert (other.version, other.changed_at) == (0, clock.now().replace(hour=12))
    assert [rows[row.id or 0].sequence for row in (changed, other)] == [1, 0]


def test_touching_a_member_raises_that_member_alone(
    session: Session, home: Organization, ada: Member, ben: Member
) -> None:
    for row in (home, ada, ben):
        session.refresh(row)
    before = (home.revision, ada.version, ben.version)

    revisions.touch_member(session, ada.id or 0)

    for row in (home, ada, ben):
        session.refresh(row)
    assert (home.revision, ada.version, ben.version) == (before[0] + 1, before[1] + 1, before[2])
