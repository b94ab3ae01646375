"""Public holidays: a building that is shut on them, and a group that does not meet on them."""

import json

import pytest

from tests import databases
from tests.commands.test_place_commands import Monday


@pytest.fixture
def town(shell: Monday, capsys: pytest.CaptureFixture[str]) -> Monday:
    """A hall in Massachusetts; rowers in it and on Zoom on Thursdays, walkers in it alone on Fridays."""
    monday = Monday(shell.home, capsys)
    monday.fine("venue", "add", "Hall", "--street", "1 Elm St", "--locality", "Boston", "--region", "Massachusetts")
    monday.fine("room", "add", "Zoom", "https://zoom.us/j/123456789")
    for group, phrase, options in (
        ("Rowers", "every Thursday 19:00-20:30", ["--room", "zoom"]),
        ("Walkers", "every Friday 19:00-20:30", []),
    ):
        monday.fine("group", "add", group, "--label", "Plan")
        monday.fine("meeting", "add", group, phrase, "--venue", "hall", *options)
    return monday


def shut(town: Monday) -> dict[str, str]:
    """Return why the hall is shut, by day."""
    return {one["from"][:10]: one["reason"] for one in town.data("venue", "show", "hall")["venue"]["closures"]}


def dates(town: Monday, meeting: str) -> dict[str, str]:
    """Return the status of a meeting's dates, by day."""
    found = town.data("meeting", "next", meeting, "-n", "60")["dates"]
    return {one["starts_local"][:10]: one["status"] for one in found}


TABLE = """\
DATE            MEETING  NOW                                THEN
Thu 2026-11-26  Rowers   in person and online, Hall + Zoom  online only (in person closed), Zoom, “Thanksgiving Day”
Fri 2026-12-25  Walkers  19:00–20:30, in person             cancelled (Christmas Day)
Fri 2027-01-01  Walkers  19:00–20:30, in person             cancelled (New Year's Day)
Thu 2027-11-11  Rowers   in person and online, Hall + Zoom  online only (in person closed), Zoom, “Veterans Day”
Thu 2027-11-25  Rowers   in person and online, Hall + Zoom  online only (in person closed), Zoom, “Thanksgiving Day”
"""


def test_a_hall_is_shut_on_the_holidays_of_where_it_lies_and_only_real_dates_are_shown(town: Monday) -> None:
    done = town.fine("venue", "close", "hall", "--on-holidays", "local", "--yes")

    assert done.out == TABLE
    assert "“Hall” is to be shut on 15 public holidays of US-MA until 2027-12-31" in done.err
    assert len(shut(town)) == 15
    assert shut(town)["2027-04-19"] == "Patriots' Day"


def test_taking_the_same_holidays_again_adds_nothing(town: Monday) -> None:
    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--yes")

    done = town.fine("venue", "close", "hall", "--on-holidays", "us-ma", "--yes")

    assert len(shut(town)) == 15
    assert done.err.startswith("Every public holiday of US-MA until 2027-12-31 is written down for “Hall” already\n")


def test_one_more_year_adds_that_year(town: Monday) -> None:
    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--years", "1", "--yes")
    assert sorted(shut(town)) == ["2026-11-26", "2026-12-25"]

    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--yes")

    assert len(shut(town)) == 15


def test_a_holiday_on_which_the_hall_is_open_after_all_stays_open(town: Monday) -> None:
    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--yes")
    town.fine("venue", "reopen", "hall", "--on", "2026-12-25", "--yes")

    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--yes")

    assert "2026-12-25" not in shut(town)
    assert dates(town, "walkers")["2026-12-25"] == "confirmed"


def test_a_holiday_within_a_longer_closure_is_not_shut_twice(town: Monday) -> None:
    town.fine("venue", "close", "hall", "--from", "2026-12-20", "--until", "2027-01-06", "--move-to", "zoom", "--yes")

    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--yes")

    assert len(shut(town)) == 14
    assert dates(town, "walkers")["2026-12-25"] == "confirmed"


def test_holidays_may_lead_online_as_any_closure_does(town: Monday) -> None:
    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--move-to", "zoom", "--yes")

    assert dates(town, "walkers")["2026-12-25"] == "confirmed"


def test_names_are_in_the_language_of_the_organization(town: Monday) -> None:
    town.fine("organization", "edit", "--language", "es")

    town.fine("venue", "close", "hall", "--on-holidays", "ES-MD", "--yes")

    assert shut(town)["2026-12-25"] == "Natividad del Señor"


def test_a_meeting_that_keeps_holidays_leaves_them_out_from_the_start(town: Monday) -> None:
    done = town.fine(
        *("meeting", "add", "Walkers", "every Friday 12:00", "--title", "Lunch", "--room", "zoom"),
        *("--closed-on-holidays", "US-MA"),
    )

    said = "These public holidays of US-MA are left out: Fri 2026-12-25 Christmas Day; Fri 2027-01-01 New Year's Day"
    assert said in done.err.splitlines()
    assert not {"2026-12-25", "2027-01-01"} & dates(town, "lunch").keys()
    assert "2026-12-18" in dates(town, "lunch")


def test_a_living_meeting_leaves_the_holidays_out_that_nobody_changed(town: Monday) -> None:
    town.fine("meeting", "cancel", "walkers", "--on", "2026-12-25", "--yes")
    town.fine("meeting", "skip", "walkers", "--on", "2027-01-01", "--yes")
    town.fine("meeting", "restore", "walkers", "--on", "2027-01-01", "--yes")

    done = town.fine("meeting", "skip", "walkers", "--on-holidays", "US-MA", "--yes")

    assert done.err.startswith("No more dates fall on a public holiday of US-MA until 2027-12-31\n")
    assert (dates(town, "walkers")["2026-12-25"], dates(town, "walkers")["2027-01-01"]) == ("cancelled", "confirmed")


def test_a_dry_run_keeps_no_holiday(town: Monday) -> None:
    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--dry-run")
    town.fine("meeting", "skip", "walkers", "--on-holidays", "US-MA", "--dry-run")

    assert shut(town) == {}
    assert "2026-12-25" in dates(town, "walkers")
    assert databases.ask(town.home / "meetup.db", "SELECT count(*) FROM holidays") == [(0,)]


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("venue", "close", "hall", "--on-holidays", "US-MX"), 5, "Did you mean US-UM or US-TX or US-NM?"),
        (("venue", "close", "hall", "--on-holidays", "Narnia"), 5, "is no country whose holidays are known"),
        (("venue", "close", "hall", "--on-holidays", "US-MA", "--from", "2026-12-24"), 2, "Leave --from"),
        (("venue", "close", "hall"), 2, "It is not said from when it is shut"),
        (("meeting", "skip", "walkers"), 2, "It is not said which dates are left out"),
        (("meeting", "skip", "walkers", "--on", "2026-12-25", "--on-holidays", "US"), 2, "It is not said"),
        (("meeting", "skip", "walkers", "--on-holidays", "XX"), 5, "Did you mean"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_holidays_of_nowhere_are_refused(town: Monday, command: tuple[str, ...], code: int, said: str) -> None:
    done = town(*command, "--yes")

    assert (done.code, said in done.err) == (code, True), done.err
    assert shut(town) == {}


def test_check_says_when_the_next_years_have_to_be_taken(town: Monday) -> None:
    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--years", "1", "--yes")
    town.fine("meeting", "skip", "walkers", "--on-holidays", "US-MA", "--years", "1", "--yes")

    done = town("check", "--json")

    assert done.code == 1
    assert [(one["check"], one["text"], one["advice"]) for one in json.loads(done.out)["findings"]] == [
        (
            "holidays",
            f"The public holidays of US-MA are written down for “{name}” until 2026-12-31",
            f"Take the next years: `{again} --on-holidays US-MA`",
        )
        for name, again in (("Hall", "meetup venue close hall"), ("Walkers", "meetup meeting skip walkers"))
    ]
    town.fine("venue", "close", "hall", "--on-holidays", "US-MA", "--yes")
    town.fine("meeting", "skip", "walkers", "--on-holidays", "US-MA", "--yes")
    assert town("check").code == 0


def test_a_meeting_knows_the_holidays_of_where_it_is_held(town: Monday) -> None:
    local = town.fine("meeting", "skip", "walkers", "--on-holidays", "local", "--dry-run")

    assert [line for line in local.out.splitlines() if "2026-12-25" in line] != []
