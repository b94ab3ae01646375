"""`meetup check`: what is wrong with the dates to come, each with what to do."""

import json

import pytest

from tests.commands.test_place_commands import Monday


@pytest.fixture
def town(shell: Monday, capsys: pytest.CaptureFixture[str]) -> Monday:
    """Rowers on Thursdays in the hall and on Zoom; a library and an attic stand empty."""
    monday = Monday(shell.home, capsys)
    monday.fine("venue", "add", "Hall", "--address", "12 Elm Street, Troy")
    monday.fine("venue", "add", "Library", "--address", "1 Oak Street, Troy")
    monday.fine("room", "add", "Zoom", "https://zoom.us/j/123456789?pwd=s3same", "--passcode", "s3same")
    monday.fine("room", "add", "Attic", "https://zoom.us/j/2")
    for group in ("Rowers", "Walkers"):
        monday.fine("group", "add", group, "--label", "Plan")
    monday.fine("meeting", "add", "Rowers", "every Thursday 19:00-20:30", "--venue", "hall", "--room", "zoom")
    return monday


def found(town: Monday, *options: str) -> list[tuple[str, str, str]]:
    """Return what is wrong: which check, what, and what to do."""
    done = town("check", "--json", *options)
    assert done.code == 1, done.err
    return [(one["check"], one["text"], one["advice"]) for one in json.loads(done.out)["findings"]]


def warnings(text: str) -> list[str]:
    return [line.removeprefix("warning: ") for line in text.splitlines() if line.startswith("warning: ")]


def test_a_calendar_with_nothing_wrong_says_so(town: Monday) -> None:
    assert town.fine("check").err == "All is well with 13 dates in the next 90 days\n"
    assert town.data("check") == {"schema": 1, "healthy": True, "dates": 13, "findings": []}


CLASH = "“Hall” is needed twice at once, by “Rowers” and “Walkers”, on 12 dates, first Thursday 2026-12-03 at 19:30"


def test_a_hall_that_is_needed_twice_at_once_is_said_when_a_meeting_is_added_and_when_one_looks(town: Monday) -> None:
    done = town.fine("meeting", "add", "Walkers", "every Thursday 19:30", "--venue", "hall", "--from", "2026-12-03")

    [warning] = warnings(done.err)
    assert warning.startswith("“Hall” is needed twice at once, by “Rowers” and “Walkers”, on 5")
    [(check, text, advice)] = found(town)
    assert (check, text) == ("clash", CLASH)
    assert advice.startswith("Move one of them: `meetup meeting edit walkers --venue VENUE`")


def test_meetings_at_different_times_or_places_do_not_clash(town: Monday) -> None:
    for phrase, venue in (("every Thursday 20:30", "hall"), ("every Thursday 19:00", "library")):
        done = town.fine("meeting", "add", "Walkers", phrase, "--venue", venue, "--title", venue)
        assert warnings(done.err) == []

    assert town("check").code == 0


def test_one_date_that_is_moved_into_anothers_way_is_warned_of(town: Monday) -> None:
    town.fine("meeting", "add", "Walkers", "every Friday 19:00", "--venue", "hall")

    done = town.fine("meeting", "move", "walkers", "--on", "2026-12-04", "--to", "2026-12-03 20:00", "--yes")

    assert warnings(done.err) == [
        "“Hall” is needed twice at once, by “Rowers” and “Walkers”, on Thursday 2026-12-03 at 20:00"
    ]
    [(_, _, advice)] = found(town)
    assert "`meetup meeting move walkers --on 2026-12-04 --venue VENUE`" in advice


def test_an_edit_and_a_meeting_that_goes_on_are_warned_of(town: Monday) -> None:
    town.fine("meeting", "add", "Walkers", "every Thursday 19:00", "--venue", "library")
    edited = town.fine("meeting", "edit", "walkers", "--venue", "hall", "--yes")
    town.fine("meeting", "pause", "walkers", "--from", "2026-12-01", "--yes")

    resumed = town.fine("meeting", "resume", "walkers", "--from", "2026-12-10", "--yes")

    for done in (edited, resumed):
        assert warnings(done.err)[0].startswith("“Hall” is needed twice at once, by “Rowers” and “Walkers”")


def test_a_room_to_which_a_closure_leads_may_be_in_use_already(town: Monday) -> None:
    town.fine("meeting", "add", "Walkers", "every Thursday 19:00", "--venue", "library")

    done = town.fine("venue", "close", "library", "--from", "2026-12-03", "--move-to", "zoom", "--yes")

    assert warnings(done.err) == [
        "“Zoom” is needed twice at once, by “Rowers” and “Walkers”, on Thursday 2026-12-03 at 19:00"
    ]
    assert [check for check, _, _ in found(town)] == ["clash"]


@pytest.mark.parametrize(
    ("expires", "room", "text"),
    [
        ("2026-12-20", "attic", "The link of “Attic” ends on 2026-12-20"),
        ("2026-11-20", "attic", "The link of “Attic” ended on 2026-11-20"),
        (
            "2027-02-01",
            "zoom",
            "The link of “Zoom” ends on 2027-02-01; “Rowers” is to be held in it on Thursday 2027-02-04",
        ),
    ],
    ids=["soon", "over", "before a date"],
)
def test_a_link_that_ends_too_early_is_found_by_check_and_by_doctor(
    town: Monday, expires: str, room: str, text: str
) -> None:
    town.fine("room", "edit", room, "--expires", expires)

    assert [(check, said) for check, said, _ in found(town)] == [("rooms", text)]
    assert text in town("doctor").out
    assert "s3same" not in town("check").out


@pytest.mark.parametrize(("expires", "room"), [("2027-01-15", "attic"), ("2027-12-01", "zoom")])
def test_a_link_that_lasts_long_enough_is_not_mentioned(town: Monday, expires: str, room: str) -> None:
    town.fine("room", "edit", room, "--expires", expires)

    assert town("check").code == 0


def test_a_meeting_without_a_place_is_found(town: Monday) -> None:
    town.fine("meeting", "add", "Walkers", "every Thursday 19:00")

    assert found(town, "--days", "20") == [
        (
            "place",
            "“Walkers” has no venue and no room, and 3 dates to come: nobody is reminded",
            "Run `meetup meeting edit walkers --venue VENUE --room ROOM`",
        )
    ]


def test_an_hour_that_the_clocks_skip_is_found(town: Monday) -> None:
    town.fine("meeting", "add", "Walkers", "every Sunday 02:30", "--venue", "library")

    assert town("check").code == 0
    [(check, text, advice)] = found(town, "--days", "120")
    assert (check, text) == (
        "clock",
        "“Walkers”: On Sunday 2027-03-14 the clocks of New York jump over 02:30: it begins at 03:30",
    )
    assert "`meetup meeting move walkers --on 2027-03-14 --to TIME`" in advice


def test_a_meeting_that_is_about_to_end_is_found_and_one_that_was_ended_is_not(town: Monday) -> None:
    town.fine("meeting", "add", "Walkers", "every Monday 19:00 until 14 December 2026", "--venue", "library")
    town.fine("meeting", "end", "rowers", "--on", "2026-12-31", "--yes")

    [(check, text, advice)] = found(town)

    assert (check, text) == ("ending", "“Walkers” has its last date on Monday 2026-12-14")
    assert "--from 2026-12-15" in advice


def test_what_happens_once_does_not_end(town: Monday) -> None:
    town.fine("meeting", "add", "Walkers", "once on 2026-12-05 19:00", "--venue", "library")

    assert town("check").code == 0


def test_a_hall_that_is_too_small_for_those_who_would_rather_come_is_found(town: Monday) -> None:
    for alias, preference in (("Ada", "in-person"), ("Ben", "only-in-person"), ("Cleo", "online"), ("Dan", "either")):
        town.fine("member", "add", alias)
        town.fine("subscribe", alias, "rowers", "--door", preference)
    town.fine("venue", "edit", "hall", "--capacity", "1")

    assert [(check, text) for check, text, _ in found(town)] == [
        ("space", "“Hall” takes 1 people, and 2 members of “Rowers” would rather come in person")
    ]
    town.fine("venue", "edit", "hall", "--capacity", "2")
    assert town("check").code == 0
