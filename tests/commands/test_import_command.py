"""`meetup import meeting-guide`: all or what can be taken, with a report of every row that was not."""

import json
from pathlib import Path

import pytest

from tests.commands.shell import Shell

LANTERN: dict[str, object] = {
    "slug": "lantern",
    "name": "Lantern walk",
    "day": 2,
    "time": "19:00",
    "formatted_address": "8 Weir Lane, Troy, NY 12180, USA",
    "notes": "Ask Bo",
}
NAMELESS: dict[str, object] = {**LANTERN, "slug": "nameless", "name": ""}
PADDLE: dict[str, object] = {
    "slug": "paddle",
    "name": "Paddle hour",
    "day": 1,
    "time": "7:30 PM",
    "conference_url": "https://zoom.us/j/91234567890?pwd=S3cret",
}
ZONE = ("--zone", "America/New_York")


def put(folder: Path, *rows: dict[str, object]) -> str:
    path = folder / "feed.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return str(path)


def groups(shell: Shell) -> list[str]:
    return [group["slug"] for group in shell.data("group", "list")["groups"]]


def test_a_feed_becomes_groups_venues_and_rooms(shell: Shell, tmp_path: Path) -> None:
    done = shell.fine("import", "meeting-guide", put(tmp_path, LANTERN, PADDLE), *ZONE)

    assert done.out == (
        "rows in the file           2\n"
        "meetings added             2\n"
        "meetings added, paused     0\n"
        "groups without a schedule  0\n"
        "there already              0\n"
        "not taken                  0\n"
        "new groups                 2\n"
        "new venues                 1\n"
        "new rooms                  1\n"
    )
    assert done.err == "warning: Its notes are left out, for everybody could read them (1 of the rows: 1)\n"
    assert groups(shell) == ["lantern-walk", "paddle-hour"]


def test_imported_groups_are_reminded_as_all_new_ones_unless_told_otherwise(shell: Shell, tmp_path: Path) -> None:
    shell.fine("group", "add", "Rowers")
    shell.fine("import", "meeting-guide", put(tmp_path, LANTERN), *ZONE)
    shell.fine("import", "meeting-guide", put(tmp_path, PADDLE), *ZONE, "--remind", "90m by email")

    found = {group["slug"]: group["reminders"] for group in shell.data("group", "list")["groups"]}
    assert found["lantern-walk"] == found["rowers"]
    assert found["paddle-hour"] == ["90m by email"]


def test_one_bad_row_leaves_everything_as_it_was_and_is_named(shell: Shell, tmp_path: Path) -> None:
    done = shell("import", "meeting-guide", put(tmp_path, LANTERN, NAMELESS), *ZONE)

    assert done.code == 5
    assert done.out.splitlines()[:2] == ["ROW  NAME  NOT TAKEN BECAUSE", "2          It has no name"]
    assert done.err.endswith(
        "Nothing was changed\nerror: 1 of 2 rows cannot be taken, so nothing was\n\n"
        "hint: Mend them, or take the others with --keep-going\n"
    )
    assert groups(shell) == []


def test_keep_going_takes_the_others(shell: Shell, tmp_path: Path) -> None:
    shell.fine("import", "meeting-guide", put(tmp_path, LANTERN, NAMELESS, PADDLE), *ZONE, "--keep-going")

    assert groups(shell) == ["lantern-walk", "paddle-hour"]


def test_keep_going_does_not_call_nothing_a_success(shell: Shell, tmp_path: Path) -> None:
    done = shell("import", "meeting-guide", put(tmp_path, NAMELESS), *ZONE, "--keep-going")

    assert done.code == 5
    assert "error: None of the 1 rows can be taken" in done.err


def test_json_names_every_row_and_never_a_link(shell: Shell, tmp_path: Path) -> None:
    broken = {**PADDLE, "slug": "b", "conference_url": "http://example.org/secret"}
    done = shell.data("import", "meeting-guide", put(tmp_path, LANTERN, NAMELESS, broken), *ZONE, "--keep-going")

    assert done == {
        "schema": 1,
        "changed": True,
        "counts": {
            "rows": 3,
            "added": 1,
            "paused": 1,
            "unscheduled": 0,
            "known": 0,
            "rejected": 1,
            "groups": 2,
            "venues": 1,
            "rooms": 0,
        },
        "rejected": [{"row": 2, "name": "", "reason": "It has no name"}],
        "remarks": [
            {
                "row": 1,
                "name": "Lantern walk",
                "text": "Its notes are left out, for everybody could read them",
                "about": "",
            },
            {"row": 3, "name": "Paddle hour", "text": "Its link is left out, for nobody can follow it", "about": ""},
            {
                "row": 3,
                "name": "Paddle hour",
                "text": "Neither a place nor a link that could be used: paused",
                "about": "",
            },
        ],
    }


def test_dry_run_tells_the_same_and_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    path = put(tmp_path, LANTERN, PADDLE)
    tried = shell.data("import", "meeting-guide", path, *ZONE, "--dry-run")

    assert groups(shell) == []
    assert shell.data("import", "meeting-guide", path, *ZONE) == {**tried, "changed": True}


def test_again_nothing_is_added(shell: Shell, tmp_path: Path) -> None:
    path = put(tmp_path, LANTERN, PADDLE)
    shell.fine("import", "meeting-guide", path, *ZONE)

    counts = shell.data("import", "meeting-guide", path, *ZONE)["counts"]

    assert {name: count for name, count in counts.items() if count} == {"rows": 2, "known": 2}
    assert groups(shell) == ["lantern-walk", "paddle-hour"]


def test_without_a_zone_it_is_asked_for(shell: Shell, tmp_path: Path) -> None:
    done = shell("import", "meeting-guide", put(tmp_path, LANTERN), "--keep-going")

    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: “Lantern walk” (row 1) names no time zone\n\n"
        "hint: Say which one such listings are in, as in --zone America/New_York\n"
    )


@pytest.mark.parametrize(
    ("content", "code", "sentence"),
    [
        (b"[{}] and more", 5, "The file is not JSON: extra data in line 1, column 6"),
        (b"\xff\xfe", 5, "feed.json is not text in UTF-8"),
        (None, 3, "There is no file"),
    ],
    ids=["malformed", "other encoding", "missing"],
)
def test_what_cannot_be_read_is_refused(
    shell: Shell, tmp_path: Path, content: bytes | None, code: int, sentence: str
) -> None:
    path = tmp_path / "feed.json"
    if content is not None:
        path.write_bytes(content)

    done = shell("import", "meeting-guide", str(path), *ZONE)

    assert (done.code, done.out) == (code, "")
    assert sentence in done.err.splitlines()[0]


def test_a_zone_that_is_none_is_refused(shell: Shell, tmp_path: Path) -> None:
    done = shell("import", "meeting-guide", put(tmp_path, LANTERN), "--zone", "Berlin")

    assert done.code == 5
    assert "Did you mean Europe/Berlin?" in done.err
