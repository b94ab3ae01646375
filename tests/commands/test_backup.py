"""`meetup backup` and `meetup restore`: nobody is told twice, and whoever said stop stays stopped."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from commands import context, settings
from meetup.clock import HandClock
from meetup.people import consent, contacts, members, stops
from meetup.storage import copies, vault
from meetup.storage.database import Database
from meetup.storage.journal import EVERY_GROUP, Journal, Stop
from meetup.storage.tables import ContactPoint, RememberedStop
from meetup.values import Channel, Source
from tests import databases
from tests.commands.shell import Shell
from tests.conftest import START

COPY = "backup-2026-12-24"


@pytest.fixture
def circle(shell: Shell) -> Shell:
    """A group that meets every day, with Ada in it, whose reminder is due at once."""
    shell.fine("group", "add", "Tea", "--label", "Wednesday", "--remind", "14d by email")
    shell.fine("room", "add", "Video", "https://meet.jit.si/tea-4711")
    shell.fine("meeting", "add", "Tea", "every day 23:59", "--room", "video")
    sign_up(shell, "Ada", "ada@example.org")
    return shell


def sign_up(shell: Shell, alias: str, email: str) -> None:
    shell.fine("member", "add", alias, "--email", email)
    shell.fine("subscribe", alias, "Tea")
    shell.fine("consent", "grant", alias, "--channel", "email", "--on-paper", "2026-01-05")


def stop(shell: Shell, alias: str) -> None:
    """Let somebody stop by a mail's link."""
    with opened(shell) as database, database.writing() as session:
        point = contacts.of_member(session, members.find(session, alias).id or 0)[Channel.EMAIL]
        consent.stop(session, point, Source.MAIL, START)


def journal(shell: Shell) -> Path:
    """Return where the journal of stops is: beside a file, or in the home directory of a server's client."""
    return shell.home / ("meetup.stops" if databases.on_postgres() else "meetup.db.stops")


def state(shell: Shell, alias: str) -> str:
    with opened(shell) as database, database.reading() as session:
        return contacts.of_member(session, members.find(session, alias).id or 0)[Channel.EMAIL].state


class opened:  # noqa: N801 -- reads as a sentence
    """The database of a home directory."""

    def __init__(self, shell: Shell) -> None:
        self._database = context.any_database(settings.load(shell.environ, {}))

    def __enter__(self) -> Database:
        return self._database

    def __exit__(self, *_error: object) -> None:
        self._database.close()


def test_a_backup_comes_back_as_it_was(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    circle.fine("group", "add", "Coffee", "--label", "Friday")

    done = circle.fine("restore", str(file), "--yes")

    assert [one["slug"] for one in circle.data("group", "list")["groups"]] == ["tea"]
    assert "look at `meetup agenda`" in done.err
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert databases.on_postgres() or list(circle.home.glob("meetup.db.before-*")) != []


def test_numbers_that_may_have_been_given_since_are_not_given_again(circle: Shell, tmp_path: Path) -> None:
    circle.fine("backup", str(tmp_path / "copy"))
    circle.fine("member", "add", "Eve")
    given = circle.data("member", "show", "Eve")["member"]["number"]
    circle.fine("restore", str(tmp_path / "copy"), "--yes")
    circle.fine("member", "add", "Mallory")

    assert circle.data("member", "show", "Mallory")["member"]["number"] > given + 900


def test_what_was_sent_after_the_backup_is_not_sent_again(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    first = circle.fine("remind", "send", "--console", "--yes")
    circle.fine("restore", str(file), "--yes")

    again = circle.fine("remind", "send", "--console", "--yes")

    assert "ada@example.org" in first.out
    assert again.out == ""
    assert circle.data("remind", "status")["counts"]["UNCERTAIN"] > 0


def test_who_said_stop_after_the_backup_stays_stopped(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    stop(circle, "Ada")

    done = circle.fine("restore", str(file), "--yes")

    assert state(circle, "Ada") == "stopped"
    assert "1 stops that were said since then" in done.err
    assert "paused" not in done.err


def test_without_its_journal_nothing_is_sent_before_somebody_has_looked(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    stop(circle, "Ada")
    sign_up(circle, "Ben", "ben@example.org")
    circle.fine("backup", str(file))
    journal(circle).unlink()
    restored = circle.fine("restore", str(file), "--yes")
    circle.fine("meeting", "add", "Tea", "every day 23:58", "--room", "video", "--title", "Late tea")

    refused = circle("remind", "send", "--console", "--yes")
    circle.fine("remind", "resume")
    sent = circle.fine("remind", "send", "--console", "--yes")

    assert "Sending is paused" in restored.err
    assert (refused.code, refused.out) == (4, "")
    assert ("ben@example.org" in sent.out, "ada@example.org" in sent.out) == (True, False)


def test_a_journal_of_another_database_pauses_too(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    stop(circle, "Ada")
    circle.fine("backup", str(file))
    journal(circle).write_text("2026-11-23T12:00:00+00:00 begun c2lnbmF0dXJl\n")

    done = circle.fine("restore", str(file), "--yes")

    assert "Sending is paused" in done.err


def test_a_stop_from_an_address_that_the_backup_lacks_is_remembered(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    sign_up(circle, "Ben", "ben@example.org")
    stop(circle, "Ben")
    circle.fine("restore", str(file), "--yes")

    circle.fine("member", "add", "Ben", "--email", "ben@example.org")
    circle.fine("subscribe", "Ben", "Tea")
    asked = circle("consent", "grant", "Ben", "--channel", "email")

    assert state(circle, "Ben") == "stopped"
    assert asked.code == 4


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b"no database at all"),
        lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
        lambda file: file.unlink(),
        lambda file: shutil.copyfile(file.parent / "home" / "meetup.db", file),
    ],
    ids=["something else", "cut off", "not there", "a plain copy"],
)
def test_what_is_no_backup_changes_nothing(circle: Shell, tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    spoil(file)
    before = (circle.home / "meetup.db").read_bytes()

    done = circle("restore", str(file), "--yes")

    assert done.code in {1, 3, 5}
    assert done.err.startswith("error: ")
    assert (circle.home / "meetup.db").read_bytes() == before


def test_a_backup_for_other_keys_is_refused(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    (circle.home / "keys.json").unlink()
    vault.create(circle.home / "keys.json")

    done = circle("restore", str(file), "--yes")

    assert (done.code, "key file does not fit" in done.err) == (1, True)


def test_a_backup_of_a_newer_program_is_refused(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    done = circle("restore", str(file), "--yes")

    assert (done.code, "newer than this program" in done.err) == (1, True)


def test_a_file_that_is_there_is_not_written_over(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    file.write_text("mine")

    done = circle("backup", str(file))

    assert (done.code, file.read_text()) == (4, "mine")


def test_a_restore_asks_first_and_a_dry_run_only_looks(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    circle.fine("group", "add", "Coffee", "--label", "Friday")

    asked, looked = circle("restore", str(file)), circle.fine("restore", str(file), "--dry-run")

    assert asked.code == 2
    assert "Northside Circle of Friends" in looked.err
    assert len(circle.data("group", "list")["groups"]) == 2


@pytest.mark.sqlite
def test_a_restore_into_an_empty_place_needs_the_keys_alone(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    (circle.home / "meetup.db").unlink()

    circle.fine("restore", str(file), "--yes")

    assert [one["slug"] for one in circle.data("group", "list")["groups"]] == ["tea"]


@pytest.mark.sqlite
def test_a_restore_waits_for_nobody_who_delivers(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    circle.fine("backup", str(file))
    with opened(circle) as database, database.delivering():
        done = circle("restore", str(file), "--yes")

    assert done.code == 4


def test_the_journal_names_nobody_and_takes_no_forgery(tmp_path: Path, clock: HandClock) -> None:
    keys = vault.create(tmp_path / "keys.json")
    journal = Journal(tmp_path / "stops", keys)
    heard = Stop(clock.now(), "sms", keys.index("address", "+12025550123"), EVERY_GROUP, "text")
    journal.write([heard], clock.now())
    forged = replace(heard, address_index=keys.index("address", "+12025550124"))
    with journal.path.open("a") as file:
        file.write(f"{forged.line()} {'A' * 22}\n2026-11")

    read = journal.read()

    assert (read.begun_at, list(read.stops), read.damaged) == (clock.now(), [heard], 2)
    assert "2025550123" not in journal.path.read_text()
    assert oct(journal.path.stat().st_mode & 0o777) == "0o600"


def test_what_is_taken_back_is_not_in_the_journal(circle: Shell) -> None:
    with opened(circle) as database:
        with database.trying() as session:
            point = session.exec(select(ContactPoint)).one()
            consent.stop(session, point, Source.MAIL, START)

        assert database.journal is not None
        assert database.journal.read().stops == ()


def test_an_answer_that_came_after_the_stop_still_holds(circle: Shell, clock: HandClock) -> None:
    stop(circle, "Ada")
    with opened(circle) as database:
        assert database.journal is not None
        said = database.journal.read().stops
        with database.writing() as session:
            point = session.exec(select(ContactPoint)).one()
            consent.start(session, point, START + timedelta(hours=1))
            consent.confirm_pending(session, point, START + timedelta(hours=2), Source.MAIL)
        with database.writing() as session:
            replayed = stops.replay(session, said)
            strangers = session.exec(select(RememberedStop)).all()

    assert (replayed.heard, list(strangers)) == (0, [])


def test_a_backup_is_of_one_moment_while_somebody_writes(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / COPY
    with opened(circle) as database, database.writing() as session:
        members.add(session, members.MemberDraft("Ben", email="ben@example.org"), START)
        session.flush()
        facts = copies.save(database, file, START)

    assert facts.members == 1
