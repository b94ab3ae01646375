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


def code_of(circle: Shell) -> str:
    listed = circle.data("remind", "status", "--list", "50")["deliveries"]
    return str(min(listed, key=lambda one: str(one["due_at"]))["code"])


def test_one_message_is_held_back_and_brought_back(circle: Shell) -> None:
    circle("remind", "send", "--yes")
    code = code_of(circle)

    circle.fine("remind", "cancel", code[:8])
    again = circle("remind", "cancel", code[:8])
    circle.fine("remind", "send", "--console", "--yes")
    held = circle.fine("why", code[:8]).out
    circle.fine("remind", "retry", code[:8])
    circle.fine("remind", "send", "--console", "--yes")

    assert again.code == 4
    assert "held back by an organizer" in held
    assert "printed on a console" in circle.fine("why", code[:8]).out


def test_what_was_sent_is_not_tried_again(circle: Shell) -> None:
    circle.fine("remind", "send", "--console", "--yes")

    done = circle("remind", "retry", code_of(circle)[:8])

    assert (done.code, "nothing to try again" in done.err) == (4, True)


def test_status_says_how_late_messages_left(circle: Shell) -> None:
    circle.fine("remind", "send", "--console", "--yes")

    assert "In the last 24 hours" in circle.fine("remind", "status").out
    assert circle.data("remind", "status")["late_seconds"]["number"] > 0


def test_watching_is_for_a_terminal(circle: Shell) -> None:
    done = circle("remind", "status", "--watch")

    assert (done.code, "for a terminal" in done.err) == (2, True)


def next_date(circle: Shell) -> str:
    return str(circle.data("meeting", "next", "tea", "-n", "2")["dates"][1]["slot"])[:10]


def test_why_tells_what_a_member_gets_about_a_date(circle: Shell) -> None:
    before = circle.data("why", "Ada", "tea", next_date(circle))["lines"]
    circle.fine("remind", "send", "--console", "--yes")
    after = circle.data("why", "Ada", "tea", next_date(circle))["lines"]

    assert [line for line in before if line.startswith("Next: a reminder by email")] != []
    assert [line for line in after if "a reminder by email. It was printed on a console" in line] != []


def test_why_tells_why_a_member_hears_nothing(circle: Shell) -> None:
    circle.fine("remind", "add", "tea", "2h by sms")
    circle.fine("member", "add", "Ben", "--phone", "+12025550124")
    circle.fine("member", "add", "Eve")
    circle.fine("subscribe", "Ben", "Tea")

    ben, eve, ada = (circle.data("why", who, "tea", next_date(circle))["lines"] for who in ("Ben", "Eve", "Ada"))

    assert "Nothing by sms: nobody has asked them yet whether they want it." in ben
    assert "Nothing by email: they have no address there." in ben
    assert "They do not belong to the group (“Tea”)." in eve
    assert (
        "Nothing by sms: they have no address there." in ada
        or "Nothing by sms: they chose to be told otherwise." in ada
    )


def test_a_date_without_a_place_is_said_to_be_the_reason_for_the_silence(circle: Shell) -> None:
    circle.fine("meeting", "add", "tea", "every day 12:00-13:00", "--title", "Walk")
    on = circle.data("meeting", "next", "walk")["dates"][0]["starts_local"][:10]

    assert (
        "before it has a place: `meetup meeting edit walk --venue VENUE`" in circle.fine("why", "Ada", "walk", on).out
    )
    assert "“Walk” has no venue and no room" in circle("doctor").out


def test_why_asks_for_the_date(circle: Shell) -> None:
    assert circle("why", "Ada", "tea").code == 2
