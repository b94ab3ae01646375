"""Publishing into a directory: only what is ours, only what has changed, and each file whole."""

import json
import os
import stat
from pathlib import Path

import pytest

from commands import folder
from commands.folder import NOTE, Deed
from meetup.errors import MeetupError, UsageError

FILES = {"a.html": b"A", "a.ics": b"B", "index.html": b"I"}


def emptied(name: str) -> bytes | None:
    return b"" if name.endswith((".html", ".ics")) else None


def publish(path: Path, files: dict[str, bytes]) -> dict[str, str]:
    """Publish, and return what became of each file."""
    found = folder.look(path)
    steps = found.plan(files, emptied)
    found.carry_out(steps)
    return {step.name: step.deed.value for step in steps}


def content(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.iterdir() if one.name != NOTE}


def test_a_directory_is_made_with_all_files(tmp_path: Path) -> None:
    done = publish(tmp_path / "new" / "site", FILES)

    assert done == dict.fromkeys(FILES, "written")
    assert content(tmp_path / "new" / "site") == FILES


def test_what_has_not_changed_is_left_untouched(tmp_path: Path) -> None:
    publish(tmp_path, FILES)
    for one in tmp_path.iterdir():
        os.utime(one, (1_000_000_000, 1_000_000_000))

    done = publish(tmp_path, FILES | {"a.ics": b"C"})

    assert done == {"a.html": "unchanged", "a.ics": "written", "index.html": "unchanged"}
    touched = [one.name for one in tmp_path.iterdir() if one.stat().st_mtime != 1_000_000_000]
    assert touched == ["a.ics"]


def test_what_is_no_longer_wanted_is_emptied_or_removed(tmp_path: Path) -> None:
    publish(tmp_path, FILES | {"old.css": b"S"})

    done = publish(tmp_path, {"index.html": b"I"})
    again = publish(tmp_path, {"index.html": b"I"})

    assert done == {"index.html": "unchanged", "a.html": "emptied", "a.ics": "emptied", "old.css": "removed"}
    assert again == {"index.html": "unchanged", "a.html": "unchanged", "a.ics": "unchanged"}
    assert content(tmp_path) == {"index.html": b"I", "a.html": b"", "a.ics": b""}


def test_what_was_emptied_can_come_back(tmp_path: Path) -> None:
    publish(tmp_path, FILES)
    publish(tmp_path, {"index.html": b"I"})

    publish(tmp_path, FILES)

    assert content(tmp_path) == FILES


def test_files_of_others_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "CNAME").write_bytes(b"circles.example")
    (tmp_path / "photos").mkdir()

    publish(tmp_path, FILES)
    publish(tmp_path, {"index.html": b"I"})

    assert (tmp_path / "CNAME").read_bytes() == b"circles.example"
    assert (tmp_path / "photos").is_dir()


def test_strangers_stand_in_the_way_the_first_time_and_later_by_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "CNAME").touch()
    assert folder.look(tmp_path).strangers(FILES) == ["CNAME"]

    publish(tmp_path, FILES)
    assert folder.look(tmp_path).strangers(FILES) == []

    (tmp_path / "b.html").touch()
    assert folder.look(tmp_path).strangers(FILES | {"b.html": b""}) == ["b.html"]


def test_the_note_of_what_is_ours_names_no_group(tmp_path: Path) -> None:
    publish(tmp_path, {"thursday-circle.html": b""})

    noted = json.loads((tmp_path / NOTE).read_text(encoding="utf-8"))

    assert "circle" not in str(noted)
    assert (noted["schema"], len(noted["files"])) == (1, 1)


def test_what_a_crash_left_behind_is_still_ours(tmp_path: Path) -> None:
    found = folder.look(tmp_path)
    (tmp_path / "index.html").mkdir()  # nothing can be moved onto it
    with pytest.raises(MeetupError):
        found.carry_out(found.plan(FILES, emptied))
    (tmp_path / "index.html").rmdir()

    assert folder.look(tmp_path).strangers(FILES) == []
    assert publish(tmp_path, FILES) == {"a.html": "unchanged", "a.ics": "unchanged", "index.html": "written"}
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".part"] == []


def test_files_can_be_read_by_a_web_server(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        publish(tmp_path, FILES)
    finally:
        os.umask(before)

    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o644}


def test_a_link_is_replaced_and_what_it_leads_to_is_not(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"mine")
    publish(tmp_path / "site", FILES)
    (tmp_path / "site" / "a.html").unlink()
    (tmp_path / "site" / "a.html").symlink_to(tmp_path / "elsewhere")

    publish(tmp_path / "site", FILES)

    assert (tmp_path / "elsewhere").read_bytes() == b"mine"
    assert content(tmp_path / "site") == FILES


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="is a file, not a directory"):
        folder.look(tmp_path / "file")
    with pytest.raises(MeetupError, match="cannot be written: Not a directory"):
        publish(tmp_path / "file" / "below", FILES)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"files": 3}', b"\xff"], ids=["empty", "a list", "a number", "bytes"])
def test_a_broken_note_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / NOTE).write_bytes(body)

    with pytest.raises(MeetupError, match="cannot be read") as refusal:
        folder.look(tmp_path)

    assert "--yes" in refusal.value.hint


def test_nothing_is_written_by_planning(tmp_path: Path) -> None:
    steps = folder.look(tmp_path / "site").plan(FILES, emptied)

    assert {step.deed for step in steps} == {Deed.WRITTEN}
    assert not (tmp_path / "site").exists()
