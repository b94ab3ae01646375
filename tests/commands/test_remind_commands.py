"""`meetup remind` and `meetup why` as an organizer uses them."""

import pytest

from tests.commands.shell import Shell


@pytest.fixture
def circle(shell: Shell) -> Shell:
    """A group with a room and Ada in it, who agreed on paper, and a meeting that begins too soon for the first lead."""
    shell.fine("group", "add", "Tea", "--label", "Wednesday", "--remind", "14d by email")
    shell.fine("room", "add", "Video", "https://meet.jit.si/tea-4711")
    shell.fine("meeting", "add", "Tea", "every day 23:59", "--room", "video")
    shell.fine("member", "add", "Ada", "--email", "ada@example.org")
    shell.fine("subscribe", "Ada", "Tea")
    shell.fine("consent", "grant", "Ada", "--channel", "email", "--on-paper", "2026-01-05")
    return shell


def test_plan_shows_what_is_to_come_and_writes_nothing(circle: Shell) -> None:
    planned = circle.data("remind", "plan", "--days", "1")["messages"]

    assert {(one["channel"], one["kind"], one["will_send"]) for one in planned} == {("email", "reminder", True)}
    assert circle.data("remind", "status")["counts"] == {}


def test_what_is_due_and_cannot_be_sent_is_said_so(circle: Shell) -> None:
    done = circle("remind", "send", "--yes")

    assert done.code == 1
    assert "Nothing was sent" in done.err
    assert "by email: set MEETUP_SMTP_URL and MEETUP_MAIL_FROM" in done.err


def test_the_console_prints_each_message_once_and_why_says_that_it_was_printed(circle: Shell) -> None:
    first = circle.fine("remind", "send", "--console", "--yes")
    again = circle.fine("remind", "send", "--console", "--yes")

    assert "ada@example.org" in first.out
    assert again.out == ""
    listed = circle.data("remind", "status", "--list", "50")["deliveries"]
    code = next(one["code"] for one in listed if one["state"] == "SENT")
    assert "printed on a console" in circle.fine("why", code[:8]).out


def test_sending_asks_first_and_never_hangs_without_a_terminal(circle: Shell) -> None:
    done = circle("remind", "send")

    assert done.code == 2
    assert circle.data("remind", "status")["counts"] == {}


def test_rules_are_added_removed_and_listed(circle: Shell) -> None:
    circle.fine("remind", "add", "tea", "18:00 the evening before by sms")
    circle.fine("remind", "remove", "tea", "14d by email")

    assert circle.data("remind", "rules", "tea")["rules"] == ["18:00 the evening before by sms"]


def test_a_rule_that_nobody_understands_is_refused(circle: Shell) -> None:
    done = circle("remind", "add", "tea", "sometimes by pigeon")

    assert done.code == 5
    assert "24h by email" in done.err


def test_only_held_deliveries_can_be_resolved(circle: Shell) -> None:
    circle.fine("remind", "send", "--console", "--yes")
    code = circle.data("remind", "status", "--list", "1")["deliveries"][0]["code"]

    assert circle("remind", "resolve", code[:8], "sent").code == 3
    assert circle("remind", "resolve", code[:8], "perhaps").code == 5
    assert circle("why", "nothing").code == 3
