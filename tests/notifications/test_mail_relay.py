"""A relay is read from its address, and never one that would carry mail in clear across a network."""

import pytest

from meetup.errors import Forbidden, MeetupError, UsageError
from notifications.channels.letter import Postmark
from notifications.channels.relay import Relay, Security


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://localhost", Relay("localhost", 25, Security.NONE)),
        ("smtp://[::1]:2525", Relay("::1", 2525, Security.NONE)),
        ("smtp+starttls://mail.example.org", Relay("mail.example.org", 587, Security.STARTTLS)),
        (
            "smtps://ruth%40example.org:p%2Fw@mail.example.org?cafile=/etc/ca.pem&timeout=90&ehlo=meet.example.org",
            Relay(
                "mail.example.org",
                465,
                Security.TLS,
                "ruth@example.org",
                "p/w",
                "/etc/ca.pem",
                90.0,
                "meet.example.org",
            ),
        ),
    ],
)
def test_a_relay_is_read_from_its_address(url: str, relay: Relay) -> None:
    assert Relay.parse(url) == relay


def test_clear_text_to_another_machine_is_forbidden() -> None:
    with pytest.raises(Forbidden, match="clear text") as refusal:
        Relay.parse("smtp://mail.example.org")

    assert "smtps://" in refusal.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org",
        "https://mail.example.org",
        "smtps://",
        "smtps://ruth:hush/hush@mail.example.org",
        "smtps://ruth:hush#hush@mail.example.org",
        "smtps://ruth:hush?hush@mail.example.org",
        "smtps://ruth:hush@mail.example.org:port",
        "smtps://ruth:hush@mail.example.org/inbox",
        "smtps://ruth:hush@mail.example.org?verify=no",
        "smtps://ruth:hush@mail.example.org?timeout=soon",
        "smtps://ruth:hush@mail.example.org?timeout=-1",
        "smtps://ruth:hüsh@mail.example.org",
        "smtps://:hush@mail.example.org",
        "smtps://ruth:hush@[mail",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError) as refusal:
        Relay.parse(url)

    error: MeetupError = refusal.value
    assert "ruth" not in error.message + error.hint
    assert "sh@" not in error.message
    assert error.__suppress_context__ or error.__context__ is None


def test_a_relay_does_not_show_its_password() -> None:
    assert "hush" not in repr(Relay.parse("smtps://ruth:hush@mail.example.org"))


@pytest.mark.parametrize(
    ("address", "reply_to", "domain"),
    [("hello", "", ""), ("hello@example.org", "nobody there", ""), ("hello@example.org", "", "example.org\r\n")],
)
def test_a_sender_that_nobody_can_answer_is_refused(address: str, reply_to: str, domain: str) -> None:
    with pytest.raises(UsageError):
        Postmark(address, b"sixteen secret bytes", reply_to=reply_to, domain=domain)
