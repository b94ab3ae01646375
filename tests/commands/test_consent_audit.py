"""`meetup consent audit`: who would get what, on what grounds, and what somebody should look at."""

import csv

import pytest

from tests import databases
from tests.commands.shell import Monday

PEOPLE = {"Ada": "+12025550123", "Ben": "+12025550124", "Cleo": "+12025550125", "Dan": "+12025550126"}


@pytest.fixture
def circle(monday: Monday) -> Monday:
    """Ada signed on paper, Ben was asked, Cleo was not, and Dan stopped what he had signed."""
    monday.fine("group", "add", "Tea", "--label", "Wednesday")
    for alias, phone in PEOPLE.items():
        monday.fine("member", "add", alias, "--phone", phone)
        monday.fine("subscribe", alias, "Tea", "--by", "sms")
    for alias in ("Ada", "Dan"):
        monday.fine("consent", "grant", alias, "--channel", "sms", "--on-paper", "2026-01-05")
    monday.fine("consent", "grant", "Ben", "--channel", "sms")
    monday.fine("consent", "revoke", "Dan", "--channel", "sms", "--yes")
    return monday


def standings(shell: Monday, *flags: str) -> dict[int, str]:
    return {one["member"]: one["standing"] for one in shell.data("consent", "audit", *flags)["grounds"]}


def test_it_says_of_everybody_how_it_stands_and_since_when_by_which_words(circle: Monday) -> None:
    assert standings(circle) == {1: "gets messages", 2: "was asked", 3: "was never asked", 4: "said stop"}

    ada = circle.data("consent", "audit")["grounds"][0]
    assert (ada["source"], ada["wording_version"], ada["group"], ada["channel"]) == ("paper", "paper", "tea", "sms")
    shown = circle.fine("consent", "audit").out
    assert "1 Ada" in shown
    assert "1 gets messages, 1 was asked, 1 was never asked, 1 said stop" in circle.fine("consent", "audit").err + shown


def test_a_question_that_ends_soon_and_an_old_agreement_are_pointed_out(circle: Monday) -> None:
    assert [one["look"] for one in circle.data("consent", "audit")["grounds"]] == ["", "", "", ""]

    circle.clock.pass_(days=24)
    assert circle.data("consent", "audit")["grounds"][1]["look"].startswith("the question ends on 2026-12-")

    circle.clock.pass_(days=7)
    assert standings(circle)[2] == "never answered"

    circle.clock.pass_(days=330)
    assert circle.data("consent", "audit")["grounds"][0]["look"].startswith("a year old")


def test_the_table_for_other_programs_names_nobody(circle: Monday) -> None:
    told = circle.fine("consent", "audit", "--csv").out

    rows = list(csv.DictReader(told.splitlines()))
    assert [row["standing"] for row in rows] == ["gets messages", "was asked", "was never asked", "said stop"]
    for secret in (*PEOPLE, *PEOPLE.values()):
        assert secret not in told


def test_one_group_can_be_looked_at_alone_and_a_member_who_left_is_in_none(circle: Monday) -> None:
    circle.fine("group", "add", "Cocoa")
    circle.fine("subscribe", "Ada", "Cocoa", "--by", "sms")
    circle.fine("unsubscribe", "Ben", "Tea")

    assert standings(circle, "--group", "cocoa") == {1: "was never asked"}
    assert set(standings(circle, "--group", "tea")) == {1, 3, 4}


def test_whoever_waits_for_a_host_gets_nothing_yet(circle: Monday) -> None:
    databases.ask(circle.home / "meetup.db", "UPDATE subscriptions SET state = 'awaiting_host' WHERE member_id = 1")

    assert standings(circle)[1] == "waits for a host"


def test_an_installation_without_members_says_so(monday: Monday) -> None:
    assert "Nobody is in a group yet" in monday.fine("consent", "audit").out + monday.fine("consent", "audit").err
