"""Data goes to stdout, words to stderr, and nothing waits for an answer that cannot come."""

import contextlib
import json
import os
import pty
import termios
from datetime import UTC, date, datetime

import pytest

from commands import output
from meetup.errors import UsageError


def test_a_table_is_aligned_by_what_people_see(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["name", "when"], [["Zürich", date(2026, 12, 24)], ["東京", None], ["a\nb\x1b[31m", True]])

    assert capsys.readouterr().out == "NAME     WHEN\nZürich   2026-12-24\n東京\na b[31m  yes\n"


def test_an_empty_table_says_so_where_it_is_not_data(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["name"], [], empty="No groups yet")

    assert capsys.readouterr() == ("", "No groups yet\n")


def test_facts_that_nobody_knows_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    output.facts([("name", "Hall"), ("step-free", False), ("parking", "")])

    assert capsys.readouterr().out == "name       Hall\nstep-free  no\n"


def test_json_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit_json({"at": datetime(2026, 12, 24, 19, tzinfo=UTC), "name": "Café"})

    assert json.loads(capsys.readouterr().out) == {"schema": 1, "at": "2026-12-24T19:00+00:00", "name": "Café"}


def test_a_refusal_stands_on_stderr_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    output.refuse("Ada has not agreed to SMS", "Ask the member first")

    assert capsys.readouterr() == ("", "error: Ada has not agreed to SMS\n\nhint: Ask the member first\n")


def test_a_question_is_never_asked_of_nobody() -> None:
    with pytest.raises(UsageError) as refusal:
        output.confirm("Forget Ada?", yes=False)

    assert refusal.value.hint == "Add --yes when you are sure"


def test_yes_needs_nobody() -> None:
    assert output.confirm("Forget Ada?", yes=True) is True


def test_a_list_in_a_cell_is_read_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["groups"], [[["a", "b"]], [()]])

    assert capsys.readouterr().out == "GROUPS\na, b\n\n"


WIDE = [
    ["SHORT NAME", "WHEN", "NOTHING", "DOORS", "NEXT"],
    [
        "thursday-circle-of-the-north",
        "every Thursday, 19:00–20:30, and a word",
        "",
        "in person and online",
        "2026-12-24 19:00",
    ],
    ["tea", "every day, 08:00–09:00", "", "online", "2026-12-24 08:00"],
]


def test_a_table_fits_into_its_terminal() -> None:
    assert output.fit(WIDE, 80) == [
        ["SHORT NAME", "WHEN", "DOORS", "NEXT"],
        ["thursday-circle-of-the-north", "every Thursday…", "in person and…", "2026-12-24 19:00"],
        ["tea", "every day, 08:…", "online", "2026-12-24 08:00"],
    ]


@pytest.mark.parametrize("room", [70, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal(room: int) -> None:
    fitted = output.fit(WIDE, room)

    widths = [max(len(line[column]) for line in fitted) for column in range(len(fitted[0]))]
    assert sum(widths) + 2 * (len(widths) - 1) <= room


def test_names_and_dates_stay_whole_where_nothing_helps() -> None:
    fitted = output.fit(WIDE, 20)

    assert [(line[0], line[-1]) for line in fitted] == [(line[0], line[-1]) for line in WIDE]


def test_a_terminal_gets_short_lines_and_a_pipe_whole_ones(capsys: pytest.CaptureFixture[str]) -> None:
    long = "every Thursday, 19:00–20:30 " * 5
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 60))

    output.table(["meeting", "when"], [["tea", long]])
    with os.fdopen(theirs, "w") as terminal, contextlib.redirect_stdout(terminal):
        output.table(["meeting", "when"], [["tea", long]])
        terminal.flush()
        said = b""
        while said.count(b"\n") < 2:  # a terminal hands out what it has by now
            said += os.read(ours, 4096)
        shown = said.decode().splitlines()
    os.close(ours)

    assert capsys.readouterr().out.splitlines()[1] == f"tea      {long.strip()}"
    assert (len(shown[1]), shown[1][-1]) == (60, "…")
