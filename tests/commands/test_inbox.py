"""`meetup inbox`: what members texted waits for an organizer, the urgent first, and is read by nobody else."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

from commands.context import Context
from meetup.clock import HandClock
from notifications import inbox
from notifications.inbound import Text, take_text
from notifications.tidy import tidy
from tests.commands.shell import Shell

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ADA, STRANGER = "+12025550123", "+12025550199"


def text(shell: Shell, body: str, sender: str = ADA, *, minutes: int = 0) -> None:
    with closing(Context(shell.environ, HandClock(NOW))) as here, here.writing() as session:
        take_text(session, Text(f"SM{body}{sender}{minutes}", sender, body), NOW + timedelta(minutes=minutes))


def listed(shell: Shell, *flags: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(shell.fine("inbox", "list", "--json", *flags).out)["texts"]
    return found


def with_ada(shell: Shell) -> Shell:
    shell.fine("member", "add", "Ada", "--phone", ADA)
    return shell


def test_an_empty_inbox_says_so(shell: Shell) -> None:
    assert "Nothing waits" in shell.fine("inbox", "list").err + shell.fine("inbox", "list").out


def test_what_no_rule_settles_waits_urgent_ones_first_and_without_its_words(shell: Shell) -> None:
    with_ada(shell)
    text(shell, "is there coffee")
    text(shell, "I want to die", STRANGER, minutes=1)
    text(shell, "do we sing", minutes=2)
    text(shell, "HELP", minutes=3)

    shown = shell.fine("inbox", "list").out

    assert [one["intent"] for one in listed(shell)] == ["crisis", "other", "other"]
    assert [one["sender"] for one in listed(shell)] == ["+1 ••• ••• 0199", "Ada", "Ada"]
    for words in ("coffee", "die", "sing", STRANGER, ADA):
        assert words not in shown + json.dumps(listed(shell))
    assert "may be in danger" in shown


def test_showing_a_text_reads_it(shell: Shell) -> None:
    with_ada(shell)
    text(shell, "is there coffee")

    shown = shell.fine("inbox", "show", "1").out

    assert "is there coffee" in shown
    assert ADA not in shown
    assert ADA in shell.fine("inbox", "show", "1", "--reveal").out
    assert listed(shell) == []
    assert [one["read"] for one in listed(shell, "--all")] == [True]


def test_words_go_into_a_file_only_when_somebody_says_so(shell: Shell) -> None:
    with_ada(shell)
    text(shell, "is there coffee")

    assert shell("inbox", "show", "1", "--json").code == 2
    assert [one["read"] for one in listed(shell)] == [False]
    assert json.loads(shell.fine("inbox", "show", "1", "--json", "--reveal").out)["text"]["words"] == "is there coffee"


def test_a_text_that_is_not_there_is_refused_and_nothing_else_is_read(shell: Shell) -> None:
    text(shell, "is there coffee")

    assert shell("inbox", "read", "1", "2").code == 3
    assert [one["read"] for one in listed(shell)] == [False]


def test_the_doctor_and_the_status_say_that_somebody_waits(shell: Shell) -> None:
    text(shell, "is there coffee")
    assert "warn  inbox" in shell("doctor").out
    assert "1 text waits to be read" in shell.fine("remind", "status").err + shell.fine("remind", "status").out

    text(shell, "I want to die", STRANGER)
    assert "fail  inbox" in shell("doctor").out

    shell.fine("inbox", "read", "1", "2")
    assert "inbox" not in shell("doctor").out


def test_what_was_read_goes_after_two_weeks_and_what_was_not_after_three_months(shell: Shell) -> None:
    text(shell, "is there coffee")
    text(shell, "do we sing", minutes=1)
    with closing(Context(shell.environ, HandClock(NOW))) as here, here.writing() as session:
        inbox.read(session, [1], NOW)
        tidy(session, NOW + timedelta(days=14, minutes=1))
        assert [letter.number for letter in inbox.listing(session, everything=True)] == [2]
        tidy(session, NOW + timedelta(days=90, minutes=2))
        assert inbox.listing(session, everything=True) == []
