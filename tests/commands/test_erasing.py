"""`meetup member export` and `forget`: a member's data is handed out whole, or goes, and no backup brings it back."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests import databases
from tests.commands.shell import Shell

PHONE, MAIL, ALIAS = "+12025550123", "ada.lovelace@example.org", "Ada of the Analytical Engine"


@pytest.fixture
def circle(shell: Shell) -> Shell:
    """A group with Ada and Ben in it, who signed on paper."""
    shell.fine("group", "add", "Tea", "--label", "Wednesday", "--remind", "14d by email")
    shell.fine("room", "add", "Video", "https://meet.jit.si/tea-4711")
    shell.fine("meeting", "add", "Tea", "every day 23:59", "--room", "video")
    for alias, phone, mail in ((ALIAS, PHONE, MAIL), ("Ben", "+12025550124", "ben@example.org")):
        shell.fine("member", "add", alias, "--phone", phone, "--email", mail)
        shell.fine("subscribe", alias, "Tea")
        for channel in ("sms", "email"):
            shell.fine("consent", "grant", alias, "--channel", channel, "--on-paper", "2026-01-05")
    shell.environ["MEETUP_PUBLIC_URL"] = "https://meet.example.org"
    shell.fine("feed", "link", ALIAS)
    return shell


def spellings(text: str) -> set[bytes]:
    """Return a text as it would stand in files: as it is, escaped, and encoded."""
    raw = text.encode()
    return {raw, quote(text).encode(), base64.b64encode(raw).rstrip(b"="), raw.hex().encode(), text.encode("utf-16-le")}


def holding(files: list[Path], *texts: str) -> list[tuple[str, bytes]]:
    return [
        (file.name, spelling)
        for file in files
        for spelling in {one for text in texts for one in spellings(text)}
        if spelling in file.read_bytes()
    ]


def test_a_member_gets_a_file_with_all_that_is_known_for_nobody_else_to_read(circle: Shell, tmp_path: Path) -> None:
    file = tmp_path / "ada.json"

    done = circle.fine("member", "export", ALIAS, "-o", str(file))

    known = json.loads(file.read_text())
    assert known["members"]["alias"] == ALIAS
    assert {point["address"] for point in known["contact_points"]} == {PHONE, MAIL}
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert PHONE not in done.out + done.err
    assert circle("member", "export", ALIAS, "-o", str(file)).code == 4  # it overwrites nothing
    assert json.loads(circle.fine("member", "export", ALIAS, "-o", "-").out) == known


def test_before_a_member_is_erased_it_is_said_what_goes_and_what_stays_elsewhere(circle: Shell) -> None:
    done = circle("member", "forget", ALIAS, "--dry-run")

    assert done.code == 0
    assert "contact points" in done.out
    assert "backups until you delete them" in done.out + done.err
    assert circle("member", "show", ALIAS).code == 0
    assert circle("member", "forget", ALIAS).code == 2  # nobody is there to say yes
    assert circle("member", "show", ALIAS).code == 0


def test_an_erased_member_is_gone_and_stays_gone_after_a_restore(circle: Shell, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    circle.fine("backup", str(backup))
    circle.fine("member", "forget", ALIAS, "--yes")
    assert circle("member", "show", ALIAS).code == 3

    done = circle("restore", str(backup), "--yes")

    assert done.code == 0, done.err
    assert "1 member had been erased since then, and is erased again" in done.out + done.err
    assert circle("member", "show", ALIAS).code == 3
    assert circle("member", "show", "Ben").code == 0
    assert "paused" not in done.err


def test_no_file_of_ours_ever_holds_a_number_an_address_or_an_alias(circle: Shell, tmp_path: Path) -> None:
    circle.fine("remind", "plan")
    circle.fine("member", "edit", ALIAS, "--hours", "10:00-18:00")
    circle.fine("backup", str(tmp_path / "backup"))
    said = tmp_path / "said.txt"
    shown = [
        circle(*command)
        for command in (
            ("member", "list", "--json"),
            ("consent", "log", "1", "--json"),
            ("remind", "status", "--list", "5", "--json"),
            ("agenda", "--json"),
            ("doctor",),
            ("check",),
        )
    ]
    said.write_text("".join(done.out + done.err for done in shown))
    files = [path for path in circle.home.rglob("*") if path.is_file()] + [tmp_path / "backup"]
    assert len(files) >= (2 if databases.on_postgres() else 3)

    assert holding(files, PHONE, MAIL, ALIAS) == []
    assert holding([said], PHONE, MAIL) == []

    circle.fine("member", "forget", ALIAS, "--yes")
    assert holding([path for path in circle.home.rglob("*") if path.is_file()], PHONE, MAIL, ALIAS) == []
