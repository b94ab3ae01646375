"""The console shows what would be sent, and to whom only as far as it may be shown."""

import io

import pytest

from meetup.clock import SystemClock
from meetup.values import Channel
from meetup.wording.masks import mask
from notifications.channels.console import ConsoleSender
from notifications.messages import Accepted, Found, Message, Outcome, Trace, Unknown

TEXT = Message("d7", Channel.SMS, "+15005550123", "Thursday: tomorrow 19:00. STOP to end.")
MAIL = Message("d8", Channel.EMAIL, "ada@example.org", "At seven.\nSee you there.", subject="Thursday")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("+15005550123", "+1 ••• ••• 0123"),
        ("+447911123456", "+44 ••• ••• 3456"),
        ("+353861234567", "+353 ••• ••• 4567"),
        ("ada@example.org", "a•••@example.org"),
        ("+49110", "•••"),
        ("ada", "•••"),
        ("@example.org", "•••"),
        ("", "•••"),
    ],
)
def test_a_mask_hides_who_it_is(address: str, shown: str) -> None:
    assert mask(address) == shown


def test_a_message_is_shown_as_a_block_without_its_address() -> None:
    stream = io.StringIO()

    outcome = send(ConsoleSender(stream), MAIL)

    assert outcome == Accepted("console:d8")
    head, *rest = stream.getvalue().splitlines()
    assert head.startswith("── email to a•••@example.org ──")
    assert rest == ["Subject: Thursday", "", "At seven.", "See you there.", ""]


def test_the_address_is_shown_on_request() -> None:
    stream = io.StringIO()

    send(ConsoleSender(stream, reveal=True), TEXT)

    assert stream.getvalue().startswith("── sms to +15005550123 ──")


def test_what_a_terminal_would_obey_is_left_out() -> None:
    stream = io.StringIO()

    send(ConsoleSender(stream), Message("d9", Channel.SMS, TEXT.to, "Thursday\x1b[2J at seven"))

    assert "\x1b" not in stream.getvalue()


def test_only_what_was_shown_is_found() -> None:
    console = ConsoleSender(io.StringIO())
    send(console, TEXT)

    assert console.find(trace("d7")) == Found("console:d7", "shown")
    assert console.find(trace("d8")) is None


def test_a_console_that_went_away_leaves_a_doubt() -> None:
    console = ConsoleSender(BrokenStream())

    assert isinstance(send(console, TEXT), Unknown)
    assert console.find(trace("d7")) is None


class BrokenStream(io.StringIO):
    """A pipe whose reader is gone."""

    def write(self, _text: str, /) -> int:
        raise BrokenPipeError


def send(console: ConsoleSender, message: Message) -> Outcome:
    return console.send(message, deadline=60.0)


def trace(code: str) -> Trace:
    return Trace(code, "", "", SystemClock().now())
