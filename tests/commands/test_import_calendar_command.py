"""`meetup import ics`: a file, a pipe or an address; what was taken, what was not and why, and nothing twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.shell import Shell
from tests.meetup.foreign import NEW_YORK, event, file, weekly

ZOOM = "https://zoom.us/j/98765432100?pwd=S3cret"
OLD = event(f"DTSTART;TZID={NEW_YORK}:20190101T190000", "SUMMARY:Long ago", uid="old")
BAD = weekly("DTSTART:tomorrow", "SUMMARY:Bad", uid="bad")
PADDLE = weekly("SUMMARY:Paddle hour", "LOCATION:#paddlers", uid="paddle")
# From the year of the tests on, whatever the day on which they run.
FIRST = (f"DTSTART;TZID={NEW_YORK}:20250107T190000",)


def put(folder: Path, *parts: str) -> str:
    path = folder / "walkers.ics"
    path.write_bytes(file(*parts))
    return str(path)


def groups(shell: Shell) -> list[str]:
    return [group["slug"] for group in shell.data("group", "list")["groups"]]


def test_a_calendar_becomes_a_group(shell: Shell, tmp_path: Path) -> None:
    done = shell.fine("import", "ics", put(tmp_path, weekly(*FIRST, f"URL:{ZOOM}", "DESCRIPTION:Ask Bo"), OLD))

    assert done.out == (
        "ROW  MEETING       WHEN                                        WHERE               WHAT HAPPENS\n"
        "1    Lantern walk  every Tuesday, 19:00–20:30 (New York time)  Parish hall + Zoom  added\n"
        "\n"
        "group                    Walkers\n"
        "entries in the calendar  2\n"
        "meetings added           1\n"
        "left out                 1\n"
        "new groups               1\n"
        "new venues               1\n"
        "new rooms                1\n"
    )
    assert done.err == (
        "warning: It is over (1 of the entries: 2)\n"
        "warning: Its description is left out, for everybody could read it (1 of the entries: 1)\n"
        "It is an open group: everybody can read its page and its public calendar\n"
        "If not: meetup group edit Walkers --audience closed\n"
    )
    assert groups(shell) == ["walkers"]


def test_the_same_calendar_again_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    path = put(tmp_path, weekly(*FIRST))
    shell.fine("import", "ics", path)

    done = shell.fine("import", "ics", path)

    assert done.out == ("group                    Walkers\nentries in the calendar  1\nthere already            1\n")
    assert done.err == "Nothing was changed\n"


def test_a_new_group_may_be_closed(shell: Shell, tmp_path: Path) -> None:
    done = shell.fine("import", "ics", put(tmp_path, weekly(*FIRST)), "--closed")

    assert "open group" not in done.err
    assert [group["audience"] for group in shell.data("group", "list")["groups"]] == ["closed"]


def test_no_text_of_a_calendar_breaks_a_page(shell: Shell, tmp_path: Path) -> None:
    script = "<script>alert(1)</script>"
    entry = weekly(*FIRST, f"SUMMARY:Walk {script}", f'LOCATION:Hall "{script}\\, 8 Weir Lane', f"UID:{script}")
    path = tmp_path / "walkers.ics"
    path.write_bytes(file(entry, head=f"X-WR-CALNAME:Walkers {script}\n"))
    shell.fine("import", "ics", str(path))

    shell.fine("publish", str(tmp_path / "site"), "--base-url", "https://walkers.example/groups")

    pages = [page.read_text(encoding="utf-8") for page in (tmp_path / "site").rglob("*.html")]
    assert any("&lt;script&gt;" in page for page in pages)
    assert [page for page in pages if "<script>alert" in page] == []


def test_its_own_export_is_known(shell: Shell, tmp_path: Path) -> None:
    shell.fine("import", "ics", put(tmp_path, weekly(*FIRST, f"URL:{ZOOM}")))
    shell.fine("feed", "export", "walkers", "-o", str(tmp_path / "ours.ics"))

    done = shell.data("import", "ics", str(tmp_path / "ours.ics"))

    assert [meeting["fate"] for meeting in done["meetings"]] == ["known"]


def test_a_dry_run_tells_the_same_and_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    path = put(tmp_path, weekly(*FIRST))
    tried = shell.data("import", "ics", path, "--dry-run")

    assert groups(shell) == []
    assert shell.data("import", "ics", path) == {**tried, "changed": True}


def test_one_bad_entry_leaves_everything_as_it_was_and_is_named(shell: Shell, tmp_path: Path) -> None:
    path = put(tmp_path, weekly(*FIRST), BAD)
    done = shell("import", "ics", path)

    assert done.code == 5
    assert done.out.splitlines()[:2] == [
        "ROW  NAME  NOT TAKEN BECAUSE",
        "2    Bad   “tomorrow” is not a date or a time",
    ]
    assert done.err.endswith(
        "Nothing was changed\nerror: 1 of 2 entries cannot be taken, so nothing was\n\n"
        "hint: Mend them, or take the others with --keep-going\n"
    )
    assert groups(shell) == []
    assert shell.data("import", "ics", path, "--keep-going")["counts"]["added"] == 1


def test_an_entry_without_a_place_is_held_where_somebody_says(shell: Shell, tmp_path: Path) -> None:
    path = put(tmp_path, PADDLE)
    done = shell("import", "ics", path)
    shell.fine("room", "add", "Chat", "https://meet.jit.si/paddlers")

    assert done.code == 5
    assert "hint: Say where they are held: --venue or --room" in done.err
    assert shell.data("import", "ics", path, "--room", "chat")["counts"]["added"] == 1


def test_what_is_different_is_shown_and_taken_with_update(shell: Shell, tmp_path: Path) -> None:
    shell.fine("import", "ics", put(tmp_path, weekly(*FIRST)))
    newer = put(tmp_path, weekly(*FIRST, "SUMMARY:Moon walk"))

    done = shell.fine("import", "ics", newer)

    assert done.out.splitlines()[1].endswith("unchanged: title would differ")
    assert done.err == "To take the file's word for what is different: --update\nNothing was changed\n"
    assert shell.data("import", "ics", newer, "--update")["counts"]["updated"] == 1
    assert [one["title"] for one in shell.data("meeting", "list")["meetings"]] == ["Moon walk"]


def test_no_report_repeats_a_link(shell: Shell, tmp_path: Path) -> None:
    odd = weekly(*FIRST, "CONFERENCE:javascript:alert(1)//S3cret", f"DESCRIPTION:{ZOOM}")
    done = shell("import", "ics", put(tmp_path, odd, BAD), "--json")

    assert "S3cret" not in done.out + done.err


def test_from_a_pipe(shell: Shell) -> None:
    args = [sys.executable, "-m", "meetup", "import", "ics", "-", "--group", "Strollers"]
    subprocess.run(args, input=file(weekly(*FIRST)), env=shell.environ, capture_output=True, check=True, timeout=50)

    assert groups(shell) == ["strollers"]


@pytest.mark.parametrize(
    ("content", "code", "sentence"),
    [
        (b"<html>Sign in</html>", 5, "That is a web page, not a calendar"),
        (b"", 5, "The file is empty"),
        (None, 3, "There is no file"),
    ],
    ids=["page", "empty", "missing"],
)
def test_what_cannot_be_read_is_refused(
    shell: Shell, tmp_path: Path, content: bytes | None, code: int, sentence: str
) -> None:
    path = tmp_path / "walkers.ics"
    if content is not None:
        path.write_bytes(content)

    done = shell("import", "ics", str(path))

    assert (done.code, done.out) == (code, "")
    assert sentence in done.err.splitlines()[0]


@pytest.mark.parametrize("args", [("--zone", "EST"), ("--wall-clock",), ("--remind", "soon")])
def test_options_that_say_nothing_clear_are_refused(shell: Shell, tmp_path: Path, args: tuple[str, ...]) -> None:
    done = shell("import", "ics", put(tmp_path, weekly(*FIRST)), *args)

    assert done.code in {2, 5}
    assert groups(shell) == []
