"""`meetup audit` shows what a listing gives away, ours or anybody's, and tells what to do about it."""

import json
from pathlib import Path

from tests.commands.shell import Shell


def listing(folder: Path, *entries: dict[str, object]) -> str:
    file = folder / "guide.json"
    file.write_text(json.dumps(entries))
    return str(file)


def test_a_listing_is_read_and_what_it_gives_away_is_masked(shell: Shell, tmp_path: Path) -> None:
    file = listing(
        tmp_path,
        {"name": "Noon", "conference_url": "https://zoom.us/j/1?pwd=s3cr3tword", "notes": "Password: 271828"},
        {"name": "Dusk", "contact_1_name": "Jane Smith", "contact_1_phone": "(202) 555-0143"},
    )

    done = shell("audit", file)

    assert done.code == 1
    for line in ("Noon", "zoom.us/•••", "Password 2•••", "Dusk", "Jane S•••", "+1 ••• ••• 0143"):
        assert line in done.out
    for secret in ("s3cr3tword", "271828", "Smith", "555-0143", "5550143"):
        assert secret not in done.out + done.err
    assert "members get theirs by mail or calendar" in done.err + done.out


def test_a_listing_that_gives_nothing_away_passes(shell: Shell, tmp_path: Path) -> None:
    done = shell("audit", listing(tmp_path, {"name": "Noon", "notes": "Ask at the door"}))

    assert done.code == 0
    assert "Nothing was found" in done.err + done.out


def test_programs_get_the_finds_as_json(shell: Shell, tmp_path: Path) -> None:
    file = listing(tmp_path, {"name": "Noon", "notes": "PW: 4711"}, {"name": "Noon", "notes": "PW: 4711"})

    found = json.loads(shell("audit", file, "--json").out)

    assert found["clean"] is False
    assert found["finds"] == [{"leak": "passcode", "entry": "Noon", "field": "notes", "shown": "PW 4•••", "times": 2}]


def test_what_we_show_to_everybody_ourselves_is_looked_at_as_well(shell: Shell) -> None:
    shell.fine("group", "add", "Thursday circle", "--description", "Come as you are.")
    assert shell("audit").code == 0

    shell.fine("group", "edit", "thursday-circle", "--description", "Call Jane Smith at (202) 555-0143.")
    done = shell("audit")

    assert done.code == 1
    assert "Jane S•••" in done.out
    assert "Smith" not in done.out


def test_a_closed_group_is_shown_to_nobody_and_needs_no_look(shell: Shell) -> None:
    shell.fine("group", "add", "Thursday circle", "--closed", "--description", "Call (202) 555-0143.")

    assert shell("audit").code == 0


def test_a_file_that_is_not_there_and_a_country_that_is_none_are_refused_in_words(shell: Shell) -> None:
    assert shell("audit", "nowhere.json").code == 3
    assert shell("audit", "-", "--country", "Atlantis").code == 5
