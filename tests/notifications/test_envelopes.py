"""The envelope address of a mail names its delivery, proves it, and survives what relays do to addresses."""

from collections.abc import Iterator

import pytest

from commands.rehearsal.mailbox import Mailbox, Stage
from meetup.clock import HandClock
from meetup.values import Channel
from notifications.channels.email import EmailSender
from notifications.channels.letter import Postmark
from notifications.channels.relay import Relay
from notifications.messages import Accepted, Message
from notifications.rules import envelopes

SECRET = b"sixteen secret bytes"
CODE = "0f1e2d3c4b5a69788796"  # as long as they are made
BASE = "bounce@lists.example.org"
ENVELOPE = envelopes.sender(BASE, SECRET, CODE)
POSTMARK = Postmark("hello@example.org", SECRET, bounce_address=BASE)
MAC = ENVELOPE.partition("@")[0].rpartition("-")[2]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as box:
        yield box


def post(mailbox: Mailbox, clock: HandClock, *messages: Message, postmark: Postmark = POSTMARK) -> list[object]:
    channel = EmailSender(Relay.parse(mailbox.url + "?timeout=5"), postmark, clock)
    outcomes: list[object] = [channel.send(message, deadline=60.0) for message in messages]
    channel.close()
    return outcomes


def mail(code: str = CODE) -> Message:
    return Message(code, Channel.EMAIL, "ada@example.org", "Tomorrow at seven.\n", subject="Thursday")


def test_an_address_is_made_and_read() -> None:
    assert f"bounce+{CODE}-{MAC}@lists.example.org" == ENVELOPE
    assert (len(MAC), ENVELOPE.lower() == ENVELOPE) == (26, True)
    assert envelopes.read(SECRET, ENVELOPE) == CODE


def test_the_longest_setting_leaves_room_for_code_and_mac() -> None:
    longest = envelopes.checked("a" * envelopes.LONGEST_LOCAL + "@example.org")

    assert len(envelopes.sender(longest, SECRET, CODE).partition("@")[0]) == 64


@pytest.mark.parametrize(
    "seen",
    [
        ENVELOPE.upper(),
        f"<{ENVELOPE}>",
        f"Mail bounces <{ENVELOPE}>, somebody@example.org",
        f"{CODE}-{MAC}",
        f"bounce-{CODE}-{MAC}@example.org",
        f"prvs=3142a5b6c7={ENVELOPE}",
        f"SRS0=Xy12=A7=lists.example.org=bounce+{CODE}-{MAC}@forwarder.example",
        f"bounce+{CODE}-{'a' * 26}@example.org {ENVELOPE}",
    ],
    ids=["folded", "brackets", "list", "extension", "hyphen", "batv", "srs", "behind-a-forged-one"],
)
def test_what_relays_do_to_an_address_does_not_hide_it(seen: str) -> None:
    assert envelopes.read(SECRET, seen) == CODE


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "bounce@lists.example.org",
        f"bounce+{CODE}@lists.example.org",
        f"bounce+{CODE}-@lists.example.org",
        f"bounce+{CODE}-{'a' * 26}@lists.example.org",
        f"bounce+{CODE[:-1]}7-{MAC}@lists.example.org",
        f"bounce+1{CODE}-{MAC}@lists.example.org",
        f"bounce+{CODE}-{MAC}a@lists.example.org",
        f"bounce+{CODE}-{MAC[:-1]}@lists.example.org",
        POSTMARK.message_id(CODE),
    ],
)
def test_an_address_that_proves_nothing_names_nobody(forged: str) -> None:
    assert envelopes.read(SECRET, forged) is None


def test_the_proof_of_another_delivery_or_another_house_is_none() -> None:
    other = envelopes.sender(BASE, SECRET, "1" * 20).partition("@")[0].rpartition("-")[2]

    assert envelopes.read(SECRET, f"bounce+{CODE}-{other}@lists.example.org") is None
    assert envelopes.read(b"another secret, as long", ENVELOPE) is None


@pytest.mark.parametrize(
    "wrong",
    [
        "bounce",
        "bounce+x@example.org",
        "b@localhost",
        "bounce@example.org, b@example.org",
        "seventeen-letters@example.org",
        "bünce@example.org",
        f"b@{'a' * 200}.example.org",
        "<bounce@example.org>",
    ],
)
def test_a_setting_from_which_none_can_be_made_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"like bounce@example\.org"):
        envelopes.checked(wrong)


def test_a_setting_is_folded_and_may_be_empty() -> None:
    assert (envelopes.checked(" Bounce@Example.ORG "), envelopes.checked("")) == ("bounce@example.org", "")


def test_each_mail_leaves_under_its_own_address_and_says_who_writes_as_before(
    mailbox: Mailbox, clock: HandClock
) -> None:
    post(mailbox, clock, mail(), mail("a1"))

    assert [one.envelope_from for one in mailbox.mails] == [ENVELOPE, envelopes.sender(BASE, SECRET, "a1")]
    assert {str(one.message["From"]) for one in mailbox.mails} == {"hello@example.org"}
    assert {one.greeted_as for one in mailbox.mails} == {"example.org"}
    assert b"bounce" not in b"".join(one.raw for one in mailbox.mails)


def test_every_try_of_a_mail_has_the_same_address(mailbox: Mailbox, clock: HandClock) -> None:
    mailbox.answer(Stage.CONTENT, "451 4.7.1 greylisted")
    mailbox.cut(Stage.CONTENT)

    outcomes = post(mailbox, clock, mail(), mail(), mail())

    assert outcomes[-1] == Accepted(POSTMARK.message_id(CODE))
    assert [one.envelope_from for one in mailbox.mails] == [ENVELOPE, ENVELOPE]


def test_without_a_setting_mail_comes_back_to_whoever_writes(mailbox: Mailbox, clock: HandClock) -> None:
    post(mailbox, clock, mail(), postmark=Postmark("hello@example.org", SECRET))

    assert [one.envelope_from for one in mailbox.mails] == ["hello@example.org"]
