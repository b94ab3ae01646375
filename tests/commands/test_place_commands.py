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
DATE            MEETING  NOW                                THEN
Thu 2026-12-03  Rowers   in person and online, Hall + Zoom  online only (in person closed), Zoom, “heating”
Thu 2026-12-03  Walkers  19:00–20:30, in person             cancelled (heating)
"""
WEEK = ("venue", "close", "hall", "--from", "2026-11-30", "--until", "2026-12-04", "--reason", "heating")
SPAN = "from 2026-11-30 00:00 until 2026-12-05 00:00 (heating)"


def closures(town: Monday, noun: str = "venue", name: str = "hall") -> list[tuple[str, str]]:
    """Return until when what is closed, and where people go meanwhile."""
    return [(one["until"], one["instead"]) for one in town.data(noun, "show", name)[noun]["closures"]]


def doors(town: Monday, day: str = "2026-12-03") -> dict[str, tuple[str, str, str]]:
    """Return for each meeting of a day which doors are open, and where."""
    dates = [one for one in town.data("agenda", "--days", "60")["dates"] if one["starts_local"].startswith(day)]
    return {
        one["meeting"]: (
            " ".join(door for door, state in one["doors"].items() if state == "open"),
            one["venue"] or "",
            one["room"] or "",
        )
        for one in dates
    }


@pytest.mark.parametrize("options", [["--yes"], ["--dry-run"]], ids=["done", "tried"])
def test_a_closure_lists_the_dates_that_it_hits_and_what_becomes_of_them(town: Monday, options: list[str]) -> None:
    done = town.fine(*WEEK, *options)

    assert done.out == HIT
    assert [line for line in done.err.splitlines() if "Hall" in line or line.startswith("warning")] == [
        f"“Hall” is to be shut {SPAN}; it opens again by itself",
        "warning: What has no other way in is cancelled on 2026-12-03; --move-to ROOM puts it online instead",
        *([f"“Hall” is shut {SPAN}"] if options == ["--yes"] else []),
    ]
    assert closures(town) == ([("2026-12-05 00:00", "")] if options == ["--yes"] else [])


def test_nothing_is_shut_unless_somebody_says_yes(town: Monday) -> None:
    done = town(*WEEK)

    assert done.code == 2
    assert "Add --yes when you are sure" in done.err
    assert closures(town) == []


def test_a_closure_that_hits_no_date_says_so(town: Monday) -> None:
    done = town.fine("venue", "close", "hall", "--from", "2026-11-27", "--until", "2026-11-30", "--dry-run")

    assert (done.out, done.err.splitlines()[2]) == ("", "No date to come changes")


def test_what_has_no_other_way_in_goes_online_in_the_room_that_is_named(town: Monday) -> None:
    town.fine("room", "add", "Attic", "https://zoom.us/j/2")

    done = town.fine(*WEEK, "--move-to", "attic", "--yes")

    assert "What has no other way in goes on online in “Attic” meanwhile" in done.err
    assert doors(town) == {"rowers": ("online", "Hall", "Zoom"), "walkers": ("online", "Hall", "Attic")}
    assert doors(town, "2026-12-10")["walkers"] == ("in_person", "Hall", "")
    assert closures(town) == [("2026-12-05 00:00", "attic")]


def test_everything_may_go_to_another_venue(town: Monday) -> None:
    town.fine("venue", "add", "Library", "--address", "1 Oak Street, Troy")

    town.fine(*WEEK, "--move-to-venue", "library", "--yes")

    assert doors(town) == {
        "rowers": ("in_person online", "Library", "Zoom"),
        "walkers": ("in_person", "Library", ""),
    }


def test_a_room_is_shut_as_a_venue_is(town: Monday) -> None:
    town.fine("room", "close", "zoom", "--from", "2026-12-03", "--reason", "update", "--yes")

    assert doors(town)["rowers"] == ("in_person", "Hall", "Zoom")
    assert closures(town, "room", "zoom") == [("2026-12-04 00:00", "")]
    assert "shut        2026-12-03 00:00 to 2026-12-04 00:00 (update)" in town.fine("room", "show", "zoom").out


def test_a_room_that_is_shut_sends_what_is_online_only_to_a_venue(town: Monday) -> None:
    town.fine("meeting", "edit", "rowers", "--no-venue", "--yes")

    town.fine("room", "close", "zoom", "--from", "2026-12-03", "--move-to", "hall", "--yes")

    assert doors(town)["rowers"] == ("in_person", "Hall", "Zoom")


def test_everything_may_go_to_another_room(town: Monday) -> None:
    town.fine("room", "add", "Attic", "https://zoom.us/j/2?pwd=s3same")

    done = town.fine("room", "close", "zoom", "--from", "2026-12-03", "--move-to-room", "attic", "--yes")

    assert doors(town)["rowers"] == ("in_person online", "Hall", "Attic")
    assert "s3same" not in done.out + done.err + town.fine("feed", "export", "rowers").out


@pytest.mark.parametrize(
    ("command", "code", "reason"),
    [
        (("venue", "close", "hall"), 2, "It is not said from when it is shut"),
        (("venue", "close", "hall", "--from", "2026-12-24", "--until", "2026-12-22"), 5, "must end after it starts"),
        (("venue", "close", "hall", "--from", "2020-12-24"), 4, "is over"),
        (("venue", "close", "hall", "--from", "2026-12-01", "--until", "2026-12-02"), 4, "is shut from 2026-11-30"),
        (("venue", "close", "hall", "--from", "2027-01-01", "--move-to-venue", "hall"), 4, "nobody can go there"),
        (("venue", "close", "hall", "--from", "2027-01-01", "--move-to", "hall"), 3, "There is no room “hall”"),
        (
            ("room", "close", "zoom", "--from", "2027-01-01", "--move-to", "hall", "--move-to-room", "zoom"),
            2,
            "Two places to go to are named at once",
        ),
        (("room", "close", "zoom", "--from", "2027-01-01", "--move-to-room", "zoom"), 4, "nobody can go there"),
        (("venue", "reopen", "hall", "--on", "2026-12-24"), 3, f"is not shut on 2026-12-24, but {SPAN}"),
        (("venue", "reopen", "hall", "--on", "2026-12-01", "--all"), 2, "Choose --on or --all"),
        (("room", "reopen", "zoom"), 3, "“Zoom” is not shut on 2026-11-23 07:00 or later"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_closure_that_cannot_be_is_refused_and_changes_nothing(
    town: Monday, command: tuple[str, ...], code: int, reason: str
) -> None:
    town.fine(*WEEK, "--yes")

    done = town(*command, "--yes")

    assert (done.code, reason in done.err) == (code, True), done.err
    assert closures(town) == [("2026-12-05 00:00", "")]
    assert closures(town, "room", "zoom") == []


def test_what_two_closures_cover_and_what_is_still_going_on_is_said(town: Monday) -> None:
    town.fine(*WEEK, "--yes")

    done = town.fine("venue", "close", "hall", "--from", "2026-12-03 20:00", "--until", "2026-12-06", "--dry-run")

    assert [line.removeprefix("warning: ") for line in done.err.splitlines() if line.startswith("warning")] == [
        f"It is shut {SPAN} as well; on days that both cover, what is said now holds",
        "“Rowers” begins on Thursday 2026-12-03 19:00 and is not over when it is shut; nobody is told of that",
        "“Walkers” begins on Thursday 2026-12-03 19:00 and is not over when it is shut; nobody is told of that",
    ]


@pytest.fixture
def shut(town: Monday) -> Monday:
    """The hall is shut now, in a week, and over Christmas."""
    for first, last, reason in (
        ("2026-11-20", "2026-11-26", "paint"),
        ("2026-11-30", "2026-12-04", "heating"),
        ("2026-12-24", "2026-12-27", "holidays"),
    ):
        town.fine("venue", "close", "hall", "--from", first, "--until", last, "--reason", reason, "--yes")
    return town


def test_reopening_ends_what_is_shut_now_and_names_what_stays_shut(shut: Monday) -> None:
    done = shut.fine("venue", "reopen", "hall", "--yes")

    assert [until for until, _ in closures(shut)] == ["2026-11-23 07:00", "2026-12-05 00:00", "2026-12-28 00:00"]
    assert done.err.splitlines()[0] == "“Hall” is to be open again from 2026-11-23 07:00"
    assert f"warning: It is still to be shut {SPAN}" in done.err.splitlines()


def test_a_closure_to_come_is_taken_back_by_one_of_its_days(shut: Monday) -> None:
    done = shut.fine("venue", "reopen", "hall", "--on", "2026-12-02", "--yes")

    assert [until for until, _ in closures(shut)] == ["2026-11-27 00:00", "2026-12-28 00:00"]
    assert done.err.startswith(
        "The closure from 2026-11-30 00:00 on (heating) is to be taken back: “Hall” stays open\n"
    )
    assert doors(shut)["walkers"] == ("in_person", "Hall", "")


def test_every_closure_is_taken_back_only_when_one_says_all(shut: Monday) -> None:
    shut.fine("venue", "reopen", "hall", "--all", "--dry-run")
    assert len(closures(shut)) == 3

    shut.fine("venue", "reopen", "hall", "--all", "--yes")

    assert closures(shut) == [("2026-11-23 07:00", "")]


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


def test_a_venue_that_says_what_a_group_is_about_is_pointed_out_while_typing(shell: Shell) -> None:
    shell.fine("group", "add", "Harbor Friends", "--label", "Thursday", "--topic", "grief")

    done = shell.fine(
        "venue", "add", "Grief centre", "--address", "12 Elm Street", "--directions", "Ask for Harbor Friends"
    )

    assert "The name of “Grief centre” says “grief”: members' calendars leave it out" in done.err
    assert "The directions of “Grief centre” say “Harbor Friends”: members' calendars leave them out" in done.err
    plain = shell.fine("venue", "edit", "Grief centre", "--name", "Old hall", "--directions", "")
    assert "calendars leave" not in plain.err
    far = shell.fine("venue", "edit", "Old hall", "--address", "Recovery House, 12 Elm Street")
    assert "The address of “Old hall” says “recover*”: it stands in members' calendars" in far.err
