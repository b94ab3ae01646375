"""`meetup keys`: another key, everything sealed anew, the old one gone; and nothing unreadable at any moment."""

import json
from contextlib import closing

import pytest

from commands import context, settings
from meetup.storage import keys
from tests.commands.shell import Shell

PHONE, MAIL = "+12025550123", "ada@example.org"


@pytest.fixture
def town(shell: Shell) -> Shell:
    """Something in every sealed column."""
    shell.fine(
        "room", "add", "Video", "https://meet.jit.si/tea-4711", "--passcode", "4711", "--dial-in", "+12025550100"
    )
    shell.fine("venue", "add", "Hall", "--street", "12 Elm Street", "--locality", "Troy", "--door-code", "0815")
    for number in range(3):
        shell.fine(
            "member", "add", f"Ada {number}", "--phone", f"+1202555012{number}", "--email", f"a{number}@example.org"
        )
    return shell


def known(shell: Shell) -> list[str]:
    """Return everything that is sealed, as the commands show it."""
    return [
        shell.fine("member", "list", "--json", "--reveal").out,
        shell.fine("room", "show", "video", "--json", "--reveal").out,
        shell.fine("venue", "show", "hall", "--json", "--reveal").out,
    ]


def jobs(shell: Shell) -> list[tuple[int, int, str]]:
    return [(one["key"], one["values"], one["job"]) for one in shell.data("keys", "show")["keys"]]


def test_a_rotation_seals_everything_anew_and_changes_nothing_else(town: Shell) -> None:
    before, [(_, count, _)] = known(town), jobs(town)
    assert count >= 3 * 3 + 3 + 1

    town.fine("keys", "rotate", "--yes")

    assert jobs(town) == [(1, 0, "opens"), (2, count, "seals")]
    assert known(town) == before
    assert "Ada 1" in town.fine("member", "show", "ada 1").out  # found by its index, as before
    assert oct((town.home / "keys.json").stat().st_mode & 0o777) == "0o600"


def test_an_interrupted_rotation_leaves_everything_readable_and_is_finished_later(town: Shell) -> None:
    before, [(_, count, _)] = known(town), jobs(town)
    keys.add(town.home / "keys.json")
    with closing(context.any_database(settings.load(town.environ, {}))) as database:
        assert next(keys.reseal(database)) > 0  # and then the power failed

    assert known(town) == before
    assert {job for _, values, job in jobs(town) if values} == {"opens", "seals"}
    assert town("keys", "retire", "--yes").code == 4

    town.fine("keys", "rotate", "--continue", "--yes")

    assert jobs(town) == [(1, 0, "opens"), (2, count, "seals")]


def test_an_old_key_goes_when_nothing_needs_it(town: Shell) -> None:
    before = known(town)
    town.fine("keys", "rotate", "--yes")

    town.fine("keys", "retire", "--yes")

    assert [key_id for key_id, _, _ in jobs(town)] == [2]
    assert list(json.loads((town.home / "keys.json").read_text())["seal"]) == ["2"]
    assert known(town) == before
    assert town.fine("keys", "retire", "--yes").code == 0  # there is none left, and that is fine


def test_nothing_is_rotated_while_somebody_delivers(town: Shell) -> None:
    with closing(context.any_database(settings.load(town.environ, {}))) as database, database.delivering():
        done = town("keys", "rotate", "--yes")

    assert done.code == 4
    assert [key_id for key_id, _, _ in jobs(town)] == [1]


def test_no_command_shows_a_key(town: Shell) -> None:
    town.fine("keys", "rotate", "--yes")
    secrets = json.loads((town.home / "keys.json").read_text())

    said = [town("keys", "show"), town("keys", "show", "--json"), town("config", "show"), town("doctor")]

    for key in (*secrets["seal"].values(), *secrets["index"].values(), secrets["sign"]):
        assert all(key not in done.out + done.err for done in said)
