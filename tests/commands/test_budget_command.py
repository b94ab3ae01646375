"""`meetup budget`: what texts cost, and how many may be sent."""

import pytest

from tests.commands.shell import Shell


@pytest.fixture
def circle(shell: Shell) -> Shell:
    shell.fine("group", "add", "Tea", "--label", "Wednesday", "--remind", "2h by sms")
    shell.fine("member", "add", "Ada", "--phone", "+12025550123")
    shell.fine("subscribe", "Ada", "Tea")
    shell.fine("consent", "grant", "Ada", "--channel", "sms", "--on-paper", "2026-01-05")
    return shell


def test_a_cap_is_said_shown_and_taken_away(circle: Shell) -> None:
    done = circle.fine("budget", "cap", "500", "--group", "Tea")
    assert "“Tea”: 500 segments a month; reminders may use 400 of them" in done.err

    [tea] = circle.data("budget", "show")["groups"]
    assert tea == {"group": "tea", "texts": 0, "segments": 0, "cap": 500, "for_reminders": 400}

    circle.fine("budget", "cap", "none", "--group", "Tea")
    assert circle.data("budget", "show")["groups"][0]["cap"] is None


def test_an_announcement_that_the_month_does_not_hold_says_so_before_it_is_made(circle: Shell) -> None:
    circle.fine("budget", "cap", "0")

    done = circle("announce", "Tea", "Please bring a cup on Friday.", "--dry-run")

    assert done.code == 4
    assert "It would reach nobody" in done.err


def test_a_month_that_is_used_up_is_pointed_out(circle: Shell) -> None:
    circle.fine("budget", "cap", "0")

    assert "All groups together: this month's texts are used up" in circle.fine("budget", "show").err
    assert "100 % of this month's texts of all groups" in circle("doctor").out


@pytest.mark.parametrize("number", ["-1", "many", "1.5", "99999999999"])
def test_what_is_no_number_of_segments_is_refused(circle: Shell, number: str) -> None:
    assert circle("budget", "cap", "--", number).code == 5


def test_another_month_can_be_looked_at(circle: Shell) -> None:
    assert circle.data("budget", "show", "--month", "2025-12")["month"] == "2025-12"
    assert circle("budget", "show", "--month", "December").code == 5
