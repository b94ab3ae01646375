"""`meetup announce`: a look first, then once, and a minute to think better of it."""

import pytest

from tests.commands.shell import Shell

NEWS = "Please bring a cup on Friday."


@pytest.fixture
def circle(shell: Shell) -> Shell:
    shell.fine("group", "add", "Tea", "--label", "Wednesday", "--remind", "2h by email", "--remind", "2h by sms")
    for alias, phone in (("Ada", "+12025550123"), ("Ben", "+12025550124")):
        shell.fine("member", "add", alias, "--phone", phone, "--email", f"{alias}@example.org")
        shell.fine("subscribe", alias, "Tea")
        shell.fine("consent", "grant", alias, "--channel", "sms", "--on-paper", "2026-01-05")
    shell.fine("consent", "grant", "Ada", "--channel", "email", "--on-paper", "2026-01-05")
    return shell


def test_a_dry_run_shows_the_words_the_people_and_the_cost(circle: Shell) -> None:
    circle.environ["MEETUP_SMS_PRICE"] = "0.0083 USD"

    done = circle.fine("announce", "Tea", NEWS, "--dry-run")

    assert "Northside: Please bring a cup on Friday. STOP to end." in done.out
    assert "1 mail, 2 texts in 2 segments, about 0.02 USD, to 2 people" in done.err
    assert circle.data("remind", "status")["counts"] == {}


def test_it_asks_before_it_tells_anybody(circle: Shell) -> None:
    assert circle("announce", "Tea", NEWS).code == 2
    assert circle("announce", "Tea", "--take-back").code == 3


def test_it_can_be_taken_back(circle: Shell) -> None:
    circle.fine("announce", "Tea", NEWS, "--yes")

    done = circle.fine("announce", "tea", "--take-back")

    assert "nobody is told any more" in done.err


def test_a_group_that_nobody_can_be_told_in_is_named_as_such(circle: Shell) -> None:
    circle.fine("group", "add", "Coffee", "--label", "Friday")

    done = circle("announce", "Coffee", NEWS, "--yes")

    assert (done.code, "reach nobody" in done.err) == (4, True)


@pytest.mark.parametrize("text", ["", "Tea for those with depression"], ids=["nothing", "what nobody may read"])
def test_what_cannot_be_announced_is_refused_with_a_reason(circle: Shell, text: str) -> None:
    done = circle("announce", "Tea", text, "--yes")

    assert (done.code, "hint: " in done.err) in {(2, True), (4, True)}
