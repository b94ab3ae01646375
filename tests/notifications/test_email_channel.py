"""Mail is written discreetly, handed over over real sockets, and every ending is told apart."""

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands.rehearsal.mailbox import Mailbox, Stage
from meetup.clock import HandClock
from meetup.errors import Unavailable
from meetup.values import Channel
from notifications.channels.email import EmailSender
from notifications.channels.letter import Postmark
from notifications.channels.relay import Relay
from notifications.messages import Accepted, Message, NotSent, Outcome, Refused, Trace, Unknown
from tests.certificates import Authority, authority

NOW = datetime(2026, 12, 23, 18, 0, tzinfo=UTC)
ADA = "ada@example.org"
POSTMARK = Postmark("hello@example.org", b"sixteen secret bytes", "Thursday", "ruth@example.org")
LINK = "https://example.org/u/" + "x" * 128
MAIL = Message(
    "d7",
    Channel.EMAIL,
    ADA,
    "Tomorrow at 19:00.\n.\nSee you there.\n",
    subject="Thursday: Thursday 24 December, 19:00",
    html="<p>Tomorrow at 19:00.</p>\n",
    list_id="g-4711",
    unsubscribe_url=LINK,
    unsubscribe_mail="u+x@example.org?subject=unsubscribe",
)
MESSAGE_ID = POSTMARK.message_id("d7")
HEADERS = {
    "From": "Thursday <hello@example.org>",
    "Reply-To": "ruth@example.org",
    "Subject": "Thursday: Thursday 24 December, 19:00",
    "Date": "Wed, 23 Dec 2026 18:00:00 +0000",
    "Message-ID": MESSAGE_ID,
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
    "List-Id": "<g-4711.example.org>",
    "List-Unsubscribe": f"<{LINK}>, <mailto:u+x@example.org?subject=unsubscribe>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "To": ADA,
    "MIME-Version": "1.0",
    "Content-Language": "en",
}


@pytest.fixture(params=[True, False], ids=["at-once", "step-by-step"])
def mailbox(request: pytest.FixtureRequest) -> Iterator[Mailbox]:
    with Mailbox(pipelining=request.param) as box:
        yield box


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def sender(mailbox: Mailbox, clock: HandClock) -> Iterator[EmailSender]:
    channel = EmailSender(Relay.parse(mailbox.url + "?timeout=5"), POSTMARK, clock)
    yield channel
    channel.close()


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


def post(sender: EmailSender, message: Message = MAIL) -> Outcome:
    return sender.send(message, deadline=60.0)


def post_once(url: str, clock: HandClock) -> Outcome:
    channel = EmailSender(Relay.parse(url), POSTMARK, clock)
    outcome = post(channel)
    channel.close()
    return outcome


# --- what a mail looks like ---


def test_a_mail_has_exactly_the_headers_that_help_and_none_that_tell(mailbox: Mailbox, sender: EmailSender) -> None:
    assert post(sender) == Accepted(MESSAGE_ID)

    (mail,) = mailbox.inbox(ADA)
    headers = {name: str(value) for name, value in mail.message.items() if name != "Content-Type"}
    assert headers == HEADERS
    assert (mail.envelope_from, mail.greeted_as) == ("hello@example.org", "example.org")
    assert socket.gethostname().encode() not in mail.raw


def test_the_unsubscribe_header_arrives_in_one_piece(mailbox: Mailbox, sender: EmailSender) -> None:
    post(sender)

    line = next(line for line in mailbox.mails[0].raw.split(b"\r\n") if line.startswith(b"List-Unsubscribe:"))
    assert line.decode() == f"List-Unsubscribe: {HEADERS['List-Unsubscribe']}"


def test_one_click_is_offered_byte_by_byte_as_rfc_8058_has_it(mailbox: Mailbox, sender: EmailSender) -> None:
    post(sender)
    head = mailbox.mails[0].raw.partition(b"\r\n\r\n")[0].split(b"\r\n")

    assert head.count(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click") == 1
    [line] = [line for line in head if line.lower().startswith(b"list-unsubscribe:")]
    assert line.startswith(b"List-Unsubscribe: <https://")
    assert len(line) < 998


def test_text_and_html_say_the_same_and_a_lone_dot_survives(mailbox: Mailbox, sender: EmailSender) -> None:
    post(sender)

    message = mailbox.mails[0].message
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert mailbox.mails[0].text == MAIL.body


def test_a_mail_without_html_is_plain_text(mailbox: Mailbox, sender: EmailSender) -> None:
    post(sender, replace(MAIL, html=""))

    assert mailbox.mails[0].message.get_content_type() == "text/plain"


def test_without_a_public_address_only_the_mail_way_out_is_offered(mailbox: Mailbox, sender: EmailSender) -> None:
    post(sender, replace(MAIL, unsubscribe_url=""))

    message = mailbox.mails[0].message
    assert message["List-Unsubscribe"] == "<mailto:u+x@example.org?subject=unsubscribe>"
    assert message["List-Unsubscribe-Post"] is None


def test_long_subjects_and_texts_in_any_language_stay_within_the_rules(mailbox: Mailbox, sender: EmailSender) -> None:
    subject = "Círculo del jueves: jueves 24 de diciembre, a las siete de la tarde, también en línea"
    body = "Mañana a las siete. " * 40 + "\n"

    post(sender, replace(MAIL, subject=subject, body=body, language="es_MX", unsubscribe_url=""))

    (mail,) = mailbox.mails
    assert (mail.message["Subject"], mail.message["Content-Language"], mail.text) == (subject, "es-MX", body)
    assert mail.raw.isascii()
    assert max(len(line) for line in mail.raw.split(b"\r\n")) <= 78


def test_an_address_too_long_for_a_line_is_not_broken(mailbox: Mailbox, sender: EmailSender) -> None:
    long = "a" * 60 + "@" + "b" * 50 + ".example.org"

    post(sender, replace(MAIL, to=long))

    assert f"\r\nTo: {long}\r\n".encode() in mailbox.inbox(long)[0].raw


def test_a_domain_in_other_letters_is_written_in_ascii(mailbox: Mailbox, sender: EmailSender) -> None:
    post(sender, replace(MAIL, to="ada@bücher.example"))

    assert [mail.to for mail in mailbox.mails] == ["ada@xn--bcher-kva.example"]


def test_an_address_in_other_letters_goes_to_relays_that_take_it(mailbox: Mailbox, sender: EmailSender) -> None:
    assert post(sender, replace(MAIL, to="zoë@example.org")) == Accepted(MESSAGE_ID)
    assert post(sender) == Accepted(MESSAGE_ID)

    assert [mail.to for mail in mailbox.mails] == ["zoë@example.org", ADA]
    assert "\r\nTo: zoë@example.org\r\n".encode() in mailbox.mails[0].raw


def test_the_message_id_is_the_same_on_every_try_and_another_for_every_delivery(
    mailbox: Mailbox, sender: EmailSender
) -> None:
    mailbox.answer(Stage.CONTENT, "451 4.3.0 try later")

    outcomes = [post(sender), post(sender), post(sender, replace(MAIL, code="d8"))]

    assert outcomes[1:] == [Accepted(MESSAGE_ID), Accepted(POSTMARK.message_id("d8"))]
    assert [mail.message["Message-ID"] for mail in mailbox.mails] == [MESSAGE_ID, POSTMARK.message_id("d8")]
    assert POSTMARK.message_id("d8") != MESSAGE_ID
    assert replace(POSTMARK, secret=b"another secret, as long").message_id("d7") != MESSAGE_ID


@pytest.mark.parametrize(
    "broken",
    [
        replace(MAIL, subject="Thursday\r\nBcc: ben@example.org"),
        replace(MAIL, subject="Thursday\0"),
        replace(MAIL, subject="Thursday\u2028evening"),
        replace(MAIL, to="ada@example.org\nben@example.org"),
        replace(MAIL, body="At seven\0"),
        replace(MAIL, body="At seven\r.\r"),
        replace(MAIL, html="<p>\x1b</p>"),
        replace(MAIL, language="en\n"),
        replace(MAIL, list_id="g>\r\n"),
        replace(MAIL, unsubscribe_url="https://example.org/u/a b"),
        replace(MAIL, unsubscribe_mail="u@example.org>, <https://elsewhere.example"),
        replace(MAIL, unsubscribe_url="https://example.org/u/" + "x" * 1000),
    ],
)
def test_what_would_break_a_mail_is_refused_as_our_fault(
    mailbox: Mailbox, sender: EmailSender, broken: Message
) -> None:
    outcome = post(sender, broken)

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.bad_address) == ("our-fault", False)
    assert mailbox.connections == 0


@pytest.mark.parametrize("address", ["ada", "ada@example.org, ben@example.org", "Ada <ada@example.org>", ""])
def test_what_is_no_single_address_is_refused(mailbox: Mailbox, sender: EmailSender, address: str) -> None:
    outcome = post(sender, replace(MAIL, to=address))

    assert outcome == Refused("bad-address", "this is not a mail address", bad_address=True)
    assert mailbox.mails == []


# --- how a try ends ---

LATER = 300.0
NO_SMTP = NotSent("protocol", "the mail relay gave a reply that is no SMTP")
REPLIES: list[tuple[Stage, str, Outcome]] = [
    (Stage.GREETING, "421 4.3.2 closing", NotSent("421", "the mail relay is not ready (421)", whole_line=True)),
    (Stage.GREETING, "554 no", NotSent("554", "the mail relay turns us away (554)", stop_channel=True)),
    (Stage.EHLO, "550 no", NotSent("550", "the mail relay turns us away (550)", stop_channel=True)),
    (Stage.EHLO, "421 4.3.2 closing", NotSent("421", "the mail relay is not ready (421)", whole_line=True)),
    (Stage.MAIL, "421 4.3.2 closing", NotSent("4.3.2", "421 4.3.2 closing", whole_line=True)),
    (Stage.MAIL, "450 4.7.1 slow", NotSent("4.7.1", "450 4.7.1 slow", whole_line=True)),
    (Stage.MAIL, "454 4.7.0 busy", NotSent("4.7.0", "454 4.7.0 busy", whole_line=True)),
    (Stage.MAIL, "530 5.7.0 log in", NotSent("5.7.0", "530 5.7.0 log in", stop_channel=True)),
    (Stage.MAIL, "550 5.1.8 sender", NotSent("5.1.8", "550 5.1.8 sender", stop_channel=True)),
    (Stage.MAIL, "552 5.3.4 size", Refused("5.3.4", "552 5.3.4 size")),
    (Stage.RCPT, "421 closing", NotSent("421", "421 closing", whole_line=True)),
    (Stage.RCPT, "450 greylisted", NotSent("450", "450 greylisted", LATER)),
    (Stage.RCPT, "451 4.7.1 try later", NotSent("4.7.1", "451 4.7.1 try later", LATER)),
    (Stage.RCPT, "452 4.2.2 full", NotSent("4.2.2", "452 4.2.2 full", LATER)),
    (Stage.RCPT, "550 4.2.1 not now", NotSent("4.2.1", "550 4.2.1 not now", LATER)),
    (Stage.RCPT, "550 5.1.1 nobody", Refused("5.1.1", "550 5.1.1 nobody", bad_address=True)),
    (Stage.RCPT, "551 5.1.2 nowhere", Refused("5.1.2", "551 5.1.2 nowhere", bad_address=True)),
    (Stage.RCPT, "553 5.1.3 odd", Refused("5.1.3", "553 5.1.3 odd", bad_address=True)),
    (Stage.RCPT, "501 5.1.3 odd", Refused("5.1.3", "501 5.1.3 odd", bad_address=True)),
    (Stage.RCPT, "550 5.1.10 null", Refused("5.1.10", "550 5.1.10 null", bad_address=True)),
    (Stage.RCPT, "550 no", Refused("550", "550 no")),
    (Stage.RCPT, "552 5.2.2 full", Refused("5.2.2", "552 5.2.2 full", mailbox_full=True)),
    (Stage.RCPT, "550 5.7.1 policy", Refused("5.7.1", "550 5.7.1 policy")),
    (Stage.RCPT, "hello", NO_SMTP),
    (Stage.DATA, "250 go on", NO_SMTP),
    (Stage.DATA, "451 4.3.0 later", NotSent("4.3.0", "451 4.3.0 later", LATER)),
    (Stage.DATA, "554 5.7.1 policy", Refused("5.7.1", "554 5.7.1 policy")),
    (Stage.CONTENT, "421 4.3.2 closing", NotSent("4.3.2", "421 4.3.2 closing", whole_line=True)),
    (Stage.CONTENT, "451 4.3.0 later", NotSent("4.3.0", "451 4.3.0 later", LATER)),
    (Stage.CONTENT, "500 line too long", Refused("500", "500 line too long")),
    (Stage.CONTENT, "550 5.1.1 nobody", Refused("5.1.1", "550 5.1.1 nobody", bad_address=True)),
    (Stage.CONTENT, "550 5.7.26 unsigned", Refused("5.7.26", "550 5.7.26 unsigned")),
    (Stage.CONTENT, "554 5.3.4 size", Refused("5.3.4", "554 5.3.4 size")),
]


@pytest.mark.parametrize(("stage", "reply", "expected"), REPLIES, ids=[f"{s}-{r}" for s, r, _ in REPLIES])
def test_every_reply_has_its_ending_and_the_next_mail_goes_through(
    mailbox: Mailbox, sender: EmailSender, stage: Stage, reply: str, expected: Outcome
) -> None:
    mailbox.answer(stage, reply)

    first, second = post(sender), post(sender)

    assert (first, second) == (expected, Accepted(MESSAGE_ID))
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("reply", ["500 what", "501 5.5.4 arguments", "503 already", "555 unknown"])
@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
def test_a_confused_relay_gets_one_fresh_connection(
    mailbox: Mailbox, sender: EmailSender, stage: Stage, reply: str
) -> None:
    mailbox.answer(stage, reply)
    once = post(sender)
    mailbox.answer(stage, reply, times=2)
    twice = post(sender)

    assert once == Accepted(MESSAGE_ID)
    assert isinstance(twice, Refused)
    assert (twice.reason, twice.bad_address) == (reply, False)
    assert mailbox.connections == 3
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("stage", [Stage.GREETING, Stage.EHLO, Stage.MAIL, Stage.RCPT, Stage.DATA])
def test_a_connection_cut_before_the_text_is_safe_to_try_again(
    mailbox: Mailbox, sender: EmailSender, stage: Stage
) -> None:
    mailbox.cut(stage)

    first, second = post(sender), post(sender)

    assert isinstance(first, NotSent)
    assert (first.code, first.stop_channel, second) == ("lost", False, Accepted(MESSAGE_ID))
    assert len(mailbox.mails) == 1


def test_a_text_is_sent_to_nobody_when_the_relay_waits_for_one_after_a_refusal(
    mailbox: Mailbox, sender: EmailSender
) -> None:
    mailbox.answer(Stage.RCPT, "550 5.1.1 no such user here")
    mailbox.answer(Stage.DATA, "354 go on")

    assert post(sender) == Refused("5.1.1", "550 5.1.1 no such user here", bad_address=True)
    assert mailbox.mails == []
    mailbox.next_fault(Stage.DATA)
    assert isinstance(post(sender), Accepted)
    assert len(mailbox.mails) == 1


def test_a_connection_cut_after_the_final_dot_leaves_a_doubt(mailbox: Mailbox, sender: EmailSender) -> None:
    mailbox.cut(Stage.CONTENT)

    outcome = post(sender)

    assert isinstance(outcome, Unknown)
    assert [mail.message["Message-ID"] for mail in mailbox.mails] == [MESSAGE_ID]
    assert sender.find(Trace("d7", ADA, "", NOW)) is None


@pytest.mark.parametrize("reply", ["garbage", "354 go on"])
def test_nonsense_after_the_final_dot_leaves_a_doubt(mailbox: Mailbox, sender: EmailSender, reply: str) -> None:
    mailbox.answer(Stage.CONTENT, reply)

    assert isinstance(post(sender), Unknown)


def test_a_relay_that_falls_silent_is_told_apart_by_the_moment(mailbox: Mailbox, clock: HandClock) -> None:
    url = mailbox.url + "?timeout=0.1"
    mailbox.dawdle(Stage.RCPT, 0.3)
    before = post_once(url, clock)
    mailbox.dawdle(Stage.CONTENT, 0.3)
    after = post_once(url, clock)

    assert isinstance(before, NotSent)
    assert before.code == "lost"
    assert isinstance(after, Unknown)
    assert len(mailbox.mails) == 1


def test_a_relay_that_is_not_there_is_worth_another_try(clock: HandClock) -> None:
    with Mailbox() as gone:
        url = gone.url

    assert post_once(url, clock) == NotSent("refused", "the mail relay refuses the connection", whole_line=True)


def test_a_failure_to_say_goodbye_is_nothing(mailbox: Mailbox, sender: EmailSender) -> None:
    mailbox.cut(Stage.QUIT)

    outcome = post(sender)
    sender.close()

    assert outcome == Accepted(MESSAGE_ID)


def test_a_mail_whose_time_is_over_does_not_leave(mailbox: Mailbox, sender: EmailSender, clock: HandClock) -> None:
    clock.pass_(seconds=60)

    late = post(sender)
    in_time = sender.send(MAIL, deadline=61.0)

    assert isinstance(late, NotSent)
    assert (late.code, in_time) == ("deadline", Accepted(MESSAGE_ID))
    assert (len(mailbox.mails), mailbox.connections) == (1, 1)


def test_neither_logs_nor_reasons_hold_an_address(
    mailbox: Mailbox, sender: EmailSender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mailbox.answer(Stage.RCPT, "550 5.1.1 <ada@example.org>: no mailbox ada@example.org here")

    refused = post(sender)
    post(sender)

    assert refused == Refused("5.1.1", "550 5.1.1 …: no mailbox … here", bad_address=True)
    assert "mail_tried code=d7 outcome=Refused reply=5.1.1" in caplog.messages
    assert "mail_tried code=d7 outcome=Accepted reply=" in caplog.messages
    assert ADA not in caplog.text


# --- connections ---


def test_a_connection_is_used_for_a_hundred_mails(mailbox: Mailbox, sender: EmailSender) -> None:
    for _ in range(100):
        post(sender, replace(MAIL, html=""))
    hundred = mailbox.connections
    post(sender)

    assert (hundred, mailbox.connections, len(mailbox.mails)) == (1, 2, 101)


def test_a_connection_that_stood_idle_is_replaced(mailbox: Mailbox, sender: EmailSender, clock: HandClock) -> None:
    post(sender)
    clock.pass_(seconds=59)
    sender.send(MAIL, deadline=120.0)
    kept = mailbox.connections
    clock.pass_(seconds=61)
    sender.send(MAIL, deadline=240.0)

    assert (kept, mailbox.connections) == (1, 2)


@pytest.mark.parametrize("how", ["cut", "421"])
def test_a_relay_that_closed_the_kept_connection_costs_no_try(mailbox: Mailbox, sender: EmailSender, how: str) -> None:
    post(sender)
    if how == "cut":
        mailbox.cut(Stage.MAIL)
    else:
        mailbox.answer(Stage.MAIL, "421 4.4.2 idle for too long")

    assert post(sender) == Accepted(MESSAGE_ID)
    assert (mailbox.connections, len(mailbox.mails)) == (2, 2)


def test_threads_never_share_a_connection(mailbox: Mailbox, sender: EmailSender) -> None:
    mails = [replace(MAIL, code=f"d{number}", html="") for number in range(40)]

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda mail: post(sender, mail), mails))

    assert outcomes == [Accepted(POSTMARK.message_id(mail.code)) for mail in mails]
    assert len({mail.message["Message-ID"] for mail in mailbox.mails}) == len(mailbox.mails) == 40
    assert mailbox.connections <= 4


# --- the relay of the settings ---


@pytest.mark.parametrize("starttls", [True, False], ids=["starttls", "tls"])
def test_mail_goes_out_protected_and_logged_in(trusted: Authority, clock: HandClock, starttls: bool) -> None:
    with Mailbox(context=trusted.server, starttls=starttls, login=("circle", "p@ss/w:rd")) as box:
        outcome = post_once(f"{box.url}?cafile={trusted.cafile}", clock)

        assert outcome == Accepted(MESSAGE_ID)
        assert [mail.secure for mail in box.mails] == [True]


@pytest.mark.parametrize("starttls", [True, False], ids=["starttls", "tls"])
def test_a_certificate_of_strangers_stops_the_channel(trusted: Authority, clock: HandClock, starttls: bool) -> None:
    with Mailbox(context=trusted.server, starttls=starttls) as box:
        outcome = post_once(box.url, clock)

        assert outcome == NotSent("certificate", "the mail relay's certificate is not trusted", stop_channel=True)
        assert box.mails == []


def test_a_certificate_for_another_host_stops_the_channel(tmp_path: Path, clock: HandClock) -> None:
    other = authority(tmp_path, host="127.0.0.2")

    with Mailbox(context=other.server) as box:
        outcome = post_once(f"{box.url}?cafile={other.cafile}", clock)

        assert outcome == NotSent("certificate", "the mail relay's certificate is not trusted", stop_channel=True)


@pytest.mark.parametrize(("scheme", "code"), [("smtp+starttls", "no-tls"), ("smtps", "tls")], ids=["starttls", "tls"])
def test_nothing_is_said_in_clear_to_a_relay_without_tls(
    mailbox: Mailbox, clock: HandClock, scheme: str, code: str
) -> None:
    outcome = post_once(f"{scheme}://circle:secret@127.0.0.1:{mailbox.port}", clock)

    assert isinstance(outcome, NotSent)
    assert (outcome.code, outcome.stop_channel) == (code, True)
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("stage", "reply", "ending"),
    [
        (Stage.STARTTLS, "454 4.7.0 no TLS now", ("454", False)),
        (Stage.AUTH, "454 4.7.0 too many log-ins", ("454", False)),
        (Stage.AUTH, "421 4.7.0 closing", ("421", False)),
        (Stage.AUTH, "534 5.7.9 stronger", ("534", True)),
    ],
)
def test_trouble_at_the_door_is_never_answered_in_clear(
    trusted: Authority, clock: HandClock, stage: Stage, reply: str, ending: tuple[str, bool]
) -> None:
    with Mailbox(context=trusted.server, starttls=True, login=("circle", "secret")) as box:
        box.answer(stage, reply)
        outcome = post_once(f"{box.url}?cafile={trusted.cafile}", clock)

        assert isinstance(outcome, NotSent)
        assert (outcome.code, outcome.stop_channel) == ending
        assert (box.mails, box.connections) == ([], 1)


def test_a_wrong_password_stops_the_channel(clock: HandClock) -> None:
    with Mailbox(login=("circle", "secret")) as box:
        outcome = post_once(box.url.replace("secret", "guess"), clock)

        expected = "the mail relay does not accept our user and password (535)"
        assert outcome == NotSent("535", expected, stop_channel=True)
        assert box.mails == []


def test_a_relay_without_a_way_to_log_in_stops_the_channel(clock: HandClock) -> None:
    with Mailbox(login=("circle", "secret")) as box:
        box.answer(Stage.EHLO, "250-mailbox\r\n250 AUTH XOAUTH2")
        outcome = post_once(box.url, clock)

    expected = "the mail relay offers no way to log in that we know"
    assert outcome == NotSent("no-login", expected, stop_channel=True)


def test_a_relay_that_wants_a_log_in_stops_the_channel(clock: HandClock) -> None:
    with Mailbox(login=("circle", "secret")) as box:
        outcome = post_once(f"smtp://127.0.0.1:{box.port}", clock)

    assert outcome == NotSent("5.7.0", "530 5.7.0 Authentication required", stop_channel=True)


def test_a_missing_authority_file_stops_the_channel(mailbox: Mailbox, clock: HandClock) -> None:
    outcome = post_once(f"smtps://127.0.0.1:{mailbox.port}?cafile=/nowhere/ca.pem", clock)

    assert outcome == NotSent("cafile", "the mail relay's cafile cannot be read", stop_channel=True)


def test_the_doctor_learns_whether_the_relay_lets_us_in(clock: HandClock) -> None:
    with Mailbox(login=("circle", "secret")) as box:
        EmailSender(Relay.parse(box.url), POSTMARK, clock).check()

        wrong = EmailSender(Relay.parse(box.url.replace("secret", "guess")), POSTMARK, clock)
        with pytest.raises(Unavailable, match="does not accept our user and password") as trouble:
            wrong.check()

    assert trouble.value.permanent
    assert box.mails == []
