"""Setting up makes all or nothing, once, for the eyes of its owner only."""

import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from commands import questions
from commands.context import SCHEMA_REVISION
from tests import databases
from tests.commands.shell import Shell

INIT = ("init", "--name", "Northside Circle of Friends", "--zone", "America/New_York")


def organization(home: Path) -> dict[str, object]:
    columns = ("name", "zone", "sender_name", "cover_label", "language", "country", "contact_mail")
    [row] = databases.ask(home / "meetup.db", f"SELECT {', '.join(columns)} FROM organization")  # noqa: S608 -- our own
    return dict(zip(columns, row, strict=True))


def test_init_makes_a_home_that_only_its_owner_can_read(empty_shell: Shell) -> None:
    done = empty_shell(*INIT)

    home = empty_shell.home
    assert (done.code, done.out) == (0, "")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == dict.fromkeys(
        ["keys.json"] if databases.on_postgres() else ["keys.json", "meetup.db"], 0o600
    )


def test_init_takes_from_the_zone_and_the_name_what_no_flag_says(empty_shell: Shell) -> None:
    empty_shell.fine(*INIT)

    row = organization(empty_shell.home)
    assert {name: row[name] for name in ("sender_name", "cover_label", "country", "language", "contact_mail")} == {
        "sender_name": "Northside",
        "cover_label": "Northside",
        "country": "US",
        "language": "en",
        "contact_mail": "",
    }


def test_init_takes_what_the_flags_say(empty_shell: Shell) -> None:
    flags = ["--sender-name", "Lindenhof", "--cover-label", "Thursday plan", "--language", "es", "--country", "mx"]

    empty_shell.fine(*INIT, *flags, "--contact-mail", "mara@example.org")

    row = organization(empty_shell.home)
    assert [row[name] for name in ("sender_name", "cover_label", "language", "country", "contact_mail")] == [
        "Lindenhof",
        "Thursday plan",
        "es",
        "MX",
        "mara@example.org",
    ]


def test_init_ends_with_the_next_three_commands(empty_shell: Shell) -> None:
    done = empty_shell.fine(*INIT)

    assert [line.split()[1] for line in done.err.splitlines() if line.startswith("  meetup ")] == [
        "group",
        "room",
        "meeting",
    ]


def test_init_a_second_time_changes_nothing(shell: Shell) -> None:
    before = {path.name: path.read_bytes() for path in shell.home.iterdir()}

    done = shell(*INIT)

    assert done.code == 4
    name = "An organization in postgresql" if databases.on_postgres() else f"{shell.home}/meetup.db"
    assert done.err.startswith(f"error: {name}")
    assert " is there already\n" in done.err
    assert {path.name: path.read_bytes() for path in shell.home.iterdir()} == before


def test_init_does_not_make_new_keys_for_an_old_database(shell: Shell) -> None:
    (shell.home / "keys.json").unlink()

    done = shell(*INIT)

    assert done.code == 4
    assert "bring" in done.err
    assert not (shell.home / "keys.json").exists()


@pytest.mark.sqlite
def test_init_does_not_use_old_keys_for_a_new_database(shell: Shell) -> None:
    (shell.home / "meetup.db").unlink()

    assert shell(*INIT).code == 4
    assert not (shell.home / "meetup.db").exists()


def test_nobody_to_ask_means_that_missing_flags_are_named(empty_shell: Shell) -> None:
    done = empty_shell("init", "--language", "en")

    assert done.code == 2
    assert done.err.startswith("error: Nobody is here to ask, and these are missing: --name, --zone\n")
    assert not empty_shell.home.exists()


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (["--zone", "Berlin"], 5, "Did you mean Europe/Berlin?"),
        (["--country", "UK"], 5, "Did you mean GB?"),
        (["--zone", "UTC"], 2, "Add --country with two letters"),
        (["--language", "fr"], 5, "Known are: en, es"),
        (["--sender-name", "Recovery Group"], 4, "initials are fine"),
        (["--contact-mail", "noreply@example.org"], 4, "give a mailbox of yours"),
        (["--contact-mail", "mara"], 5, "It looks like name@example.org"),
        (["--cover-label", "Anxiety plan"], 4, "Choose something like “Thursday plan”"),
    ],
    ids=["zone", "country", "no-country", "language", "sender", "noreply", "mail", "label"],
)
def test_a_wrong_answer_is_refused_and_leaves_nothing_behind(
    empty_shell: Shell, flags: list[str], code: int, said: str
) -> None:
    done = empty_shell(*INIT, *flags)

    assert (done.code, done.err.partition("hint: ")[2].strip()) == (code, said) or said in done.err
    assert not empty_shell.home.exists()


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--zone", "Berlin"),
        ("--language", "fr"),
        ("--country", "UK"),
        ("--sender-name", "Far too long a name"),
        ("--cover-label", "Anxiety plan"),
        ("--contact-mail", "mara"),
    ],
)
def test_a_refusal_names_the_flag_that_was_wrong(empty_shell: Shell, flag: str, value: str) -> None:
    assert f"\n\nhint: Say another with {flag}. " in empty_shell(*INIT, flag, value).err


def test_a_name_that_makes_no_sender_name_asks_for_one(empty_shell: Shell) -> None:
    done = empty_shell("init", "--name", "Recovery Group", "--zone", "America/New_York")

    assert done.code == 4
    assert done.err.startswith("error: A sender name is needed\n\nhint: Say another with --sender-name. ")


def test_a_failure_in_the_middle_leaves_nothing_behind(empty_shell: Shell) -> None:
    # The database cannot be put where a directory lies, but that shows only when everything else has been made.
    empty_shell.environ["MEETUP_KEY_FILE"] = str(empty_shell.home.parent / "keys" / "k.json")
    (empty_shell.home.parent / "keys" / "k.json.new").mkdir(parents=True)

    done = empty_shell(*INIT)

    assert done.code == 1
    assert not empty_shell.home.exists()


def test_a_place_that_cannot_be_written_is_refused(empty_shell: Shell) -> None:
    empty_shell.environ["MEETUP_HOME"] = "/proc/nowhere"

    done = empty_shell(*INIT)

    assert done.code == 1
    assert "hint: Choose another place with --home or MEETUP_HOME" in done.err


def test_a_person_at_the_terminal_is_asked_again_until_the_answer_is_right(tmp_path: Path) -> None:
    answers = ["Northside Circle", "Berlin", "Europe/Berlin", "", "", "Lindenhof", "", "mara@example.org"]
    environ = {"TZ": "UTC", **databases.environ(tmp_path / "home")}
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r+b", buffering=0) as terminal:
        command = [sys.executable, "-m", "meetup", "--home", str(tmp_path / "home"), "init"]
        process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environ)
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        code = process.wait(timeout=30)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)

    assert code == 0
    assert "Did you mean Europe/Berlin?" in shown
    assert "Which country is it in (two letters)? [DE]: " in shown
    row = organization(tmp_path / "home")
    assert [row[name] for name in ("name", "zone", "country", "sender_name", "cover_label", "contact_mail")] == [
        "Northside Circle",
        "Europe/Berlin",
        "DE",
        "Lindenhof",
        "Lindenhof",
        "mara@example.org",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Northside Peer Support", "Northside Peer"),
        ("Recovery Group", ""),
        ("Café Müller", "Cafe Muller"),
        ("The Lindenhof of the Seven Hills", "The Lindenhof"),
    ],
)
def test_a_sender_name_is_made_of_harmless_words(name: str, expected: str) -> None:
    assert questions.sender_from(name) == expected


def test_upgrade_says_when_there_is_nothing_to_do(shell: Shell) -> None:
    assert shell.fine("upgrade").err == f"The database stands at {SCHEMA_REVISION} already\n"


@pytest.mark.parametrize(
    ("revision", "hint"),
    [
        ("0000", "Run `meetup upgrade`; it changes all or nothing"),
        ("9999", "Install the meetup that made it, or a newer one"),
    ],
    ids=["older", "newer"],
)
def test_a_database_of_another_time_is_refused(shell: Shell, revision: str, hint: str) -> None:
    databases.ask(shell.home / "meetup.db", f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608 -- ours

    done = shell("group", "list")

    assert done.code == 1
    assert f"hint: {hint}" in done.err


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_refused(shell: Shell) -> None:
    (shell.home / "meetup.db").write_bytes(b"something else entirely" * 100)

    done = shell("group", "list")

    assert done.code == 1
    assert done.err.startswith("error: The file is not a database\n")
