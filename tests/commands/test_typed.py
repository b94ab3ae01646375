"""What is better not written on a command line is asked for: by “-”, from the keyboard or from a line that comes in."""

import io
import os
import pty
import subprocess
import sys
import termios

import pytest

from tests.commands.shell import Shell

LINK = "https://zoom.us/j/98765432100?pwd=c2VjcmV0"


def test_a_line_comes_in_for_each_dash_those_of_options_first(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"271828\n{LINK}\n"))
    shell.fine("room", "add", "Circle room", "-", "--passcode", "-")

    room = shell.data("room", "show", "circle-room", "--reveal")["room"]
    assert (room["url"], room["passcode"]) == (LINK, "271828")


def test_numbers_and_addresses_too(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("+12025550123\nada@example.org\n"))
    shell.fine("member", "add", "Ada", "--phone", "-", "--email", "-")

    ada = shell.data("member", "show", "Ada", "--reveal")["member"]
    assert (ada["phone"], ada["email"]) == ("+12025550123", "ada@example.org")


def test_when_nothing_comes_in_nothing_happens(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    done = shell("venue", "add", "Hall", "12 Elm Street", "--door-code", "-")

    assert (done.code, done.err.splitlines()[0]) == (2, "error: No door code came in")
    assert shell.data("venue", "list")["venues"] == []


def test_what_is_typed_at_a_terminal_is_not_shown(shell: Shell) -> None:
    shell.fine("room", "add", "Circle room", LINK)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "meetup", "room", "edit", "circle-room", "--passcode", "-"]
    environ = {**os.environ, **shell.environ}
    with subprocess.Popen(
        command, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as running:
        shown = os.read(ours, 1000)
        while termios.tcgetattr(ours)[3] & termios.ECHO:
            pass
        os.write(ours, b"271828\n")
        assert running.wait(20) == 0
    shown += os.read(ours, 1000)
    os.close(theirs)
    os.close(ours)

    assert b"Passcode: " in shown
    assert b"271828" not in shown
    assert shell.data("room", "show", "circle-room", "--reveal")["room"]["passcode"] == "271828"
