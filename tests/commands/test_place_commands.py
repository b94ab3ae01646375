"""`meetup venue` and `room`: what was said can be corrected, and a closure says whom it hits."""

import contextlib

import pytest

from commands import app
from commands.context import Context
from meetup.clock import HandClock
from tests.commands.shell import Done, Shell
from tests.conftest import START


class Monday(Shell):
    """A shell whose clock stands still on 23 November 2026."""

    def __call__(self, *args: str) -> Done:
        self._captured.readouterr()
        with contextlib.closing(Context(self.environ, HandClock(START))) as here:
            code = app._run(list(args), here)
        return Done(code, *self._captured.readouterr())


@pytest.fixture
def town(shell: Shell, capsys: pytest.CaptureFixture[str]) -> Monday:
    """A hall and a room; the rowers meet in both, the walkers in the hall alone."""
    monday = Monday(shell.home, capsys)
    monday.fine("venue", "add", "Hall", "--street", "12 Elm Street", "--locality", "Troy", "--door-code", "4711#")
    monday.fine("room", "add", "Zoom", "https://zoom.us/j/123456789", "--passcode", "s3cret", "--dial-in", "+1 646 1")
    for group, options in (("Rowers", ["--room", "zoom"]), ("Walkers", [])):
        monday.fine("group", "add", group, "--label", "Plan")
        monday.fine("meeting", "add", group, "every Thursday 19:00-20:30", "--venue", "hall", *options)
    return monday


HIT = """\
DATE            NEW YORK TIME  MEETING  DOORS                           PLACE  REMARK
Thu 2026-12-03  19:00–20:30    Rowers   online only (in person closed)  Zoom   heating
Thu 2026-12-03  19:00–20:30    Walkers  cancelled                              heating
"""
WEEK = ("venue", "close", "hall", "--from", "2026-11-30", "--until", "2026-12-04", "--reason", "heating")


@pytest.mark.parametrize(("options", "would"), [([], "is"), (["--dry-run"], "would be")], ids=["done", "tried"])
def test_a_closure_lists_the_dates_that_it_hits_and_what_becomes_of_them(
    town: Monday, options: list[str], would: str
) -> None:
    done = town.fine(*WEEK, *options)

    assert done.out == HIT
    assert done.err == (
        f"“Hall” {would} shut from 2026-11-30 00:00 until 2026-12-05 00:00, then open again by itself\n"
        "2 dates affected; whoever comes is told in time\n"
    )
    assert len(town.data("venue", "show", "hall")["venue"]["closures"]) == (0 if options else 1)


@pytest.mark.parametrize(
    ("start", "until"),
    [("2026-11-27", "2026-11-30"), ("9999-01-01", "9999-12-30")],
    ids=["between two dates", "in another age"],
)
def test_a_closure_that_hits_no_date_says_so(town: Monday, start: str, until: str) -> None:
    done = town.fine("venue", "close", "hall", "--from", start, "--until", until, "--dry-run")

    assert (done.out, done.err.splitlines()[1]) == ("", "No date of a meeting falls into it")


def test_a_closure_that_lies_ahead_is_taken_back_when_the_venue_reopens(town: Monday) -> None:
    town.fine(*WEEK)
    town.fine("venue", "close", "hall", "--from", "2026-11-20", "--until", "2026-11-26")

    done = town.fine("venue", "reopen", "hall")

    assert done.err == (
        "“Hall” is open again from 2026-11-23 07:00\n"
        "The closure from 2026-11-30 00:00 on (heating) is taken back: “Hall” stays open\n"
    )
    assert [one["until"] for one in town.data("venue", "show", "hall")["venue"]["closures"]] == ["2026-11-23 07:00"]


def test_an_edit_of_a_venue_changes_what_it_names_and_nothing_else(town: Monday) -> None:
    before = town.data("venue", "show", "hall", "--reveal")["venue"]

    done = town.fine("venue", "edit", "hall", "--street", "14 Elm Street", "--country", "ca", "--no-step-free")

    after = town.data("venue", "show", "hall", "--reveal")["venue"]
    assert after == {**before, "address": "14 Elm Street, Troy", "country": "CA", "step_free": False}
    assert done.err == "“Hall”, 14 Elm Street, Troy, is up to date; calendars and reminders use it from now on\n"


def test_an_address_that_somebody_wrote_is_kept_when_a_part_changes(town: Monday) -> None:
    town.fine("venue", "add", "Barn", "--address", "Behind the mill, Troy")

    town.fine("venue", "edit", "barn", "--locality", "Albany", "--door-code", "")

    assert town.data("venue", "show", "barn")["venue"]["address"] == "Behind the mill, Troy"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("venue", "edit", "hall"), 2),
        (("venue", "edit", "hall", "--country", "Germany"), 5),
        (("venue", "edit", "hall", "--latitude", "42.7"), 5),
        (("venue", "edit", "barn", "--name", "HÁLL"), 4),
        (("venue", "add", "hall", "--address", "Elsewhere"), 4),
        (("venue", "add", "Shed", "--address", "Elsewhere", "--country", "USA"), 5),
        (("room", "edit", "zoom"), 2),
        (("room", "edit", "zoom", "--capacity", "0"), 5),
        (("room", "edit", "zoom", "--public"), 4),
        (("room", "edit", "zoom", "--expires", "soon"), 2),
        (("room", "add", "ZOOM", "https://zoom.us/j/2"), 4),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_is_refused_and_changes_nothing(town: Monday, command: tuple[str, ...], code: int) -> None:
    town.fine("venue", "add", "Barn", "--address", "Behind the mill, Troy")
    before = [town.fine(noun, "list", "--json").out for noun in ("venue", "room")]

    done = town(*command)

    assert done.code == code
    assert [town.fine(noun, "list", "--json").out for noun in ("venue", "room")] == before


def test_a_room_shows_its_secrets_only_when_asked_for(town: Monday) -> None:
    hidden = town.fine("room", "show", "zoom")
    shown = town.fine("room", "show", "zoom", "--reveal")

    assert "s3cret" not in hidden.out + town.fine("room", "show", "zoom", "--json").out
    assert "passcode    s3cret" in shown.out.splitlines()


def test_an_edit_of_a_room_changes_what_it_names_and_keeps_its_link(town: Monday) -> None:
    before = town.data("room", "show", "zoom", "--reveal")["room"]

    town.fine("room", "edit", "zoom", "--name", "Big room", "--dial-in", "+1 646 2", "--expires", "2027-06-30")
    edited = town.data("room", "show", "zoom", "--reveal")["room"]
    town.fine("room", "edit", "zoom", "--passcode", "", "--dial-in", "", "--expires", "", "--public")
    emptied = town.data("room", "show", "zoom")["room"]

    assert edited == {**before, "name": "Big room", "dial_in": ["+1 646 2"], "expires_on": "2027-06-30"}
    assert emptied == {**before, "name": "Big room", "passcode": "", "dial_in": [], "visibility": "public"}


def test_an_edit_of_a_room_raises_the_meetings_in_it(town: Monday) -> None:
    def sequence() -> str:
        lines = town.fine("feed", "export", "rowers").out.splitlines()
        return next(line for line in lines if line.startswith("SEQUENCE:"))

    before = sequence()
    town.fine("room", "edit", "zoom", "--capacity", "12")

    assert (before, sequence()) == ("SEQUENCE:1", "SEQUENCE:2")
