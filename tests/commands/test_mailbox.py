"""The rehearsal mail server keeps what it gets, and fails exactly as told."""

import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.rehearsal.mailbox import HOST, Mail, Mailbox, Stage
from tests.certificates import authority

ADA = "ada@example.org"
CIRCLE = "circle@example.org"
RAW = b"Subject: Thursday\r\n\r\nSeven o'clock.\r\n"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as box:
        yield box


def client(mailbox: Mailbox) -> smtplib.SMTP:
    return smtplib.SMTP(HOST, mailbox.port, local_hostname="meet.example.org", timeout=5)


def test_a_mail_is_kept_as_it_came(mailbox: Mailbox) -> None:
    with client(mailbox) as smtp:
        smtp.sendmail(CIRCLE, [ADA], RAW)

    assert mailbox.mails == [Mail(CIRCLE, ADA, RAW, "meet.example.org", secure=False)]
    assert mailbox.mails[0].message["Subject"] == "Thursday"
    assert mailbox.mails[0].text == "Seven o'clock.\n"


def test_everybody_has_an_inbox(mailbox: Mailbox) -> None:
    with client(mailbox) as smtp:
        smtp.sendmail(CIRCLE, [ADA, "ben@example.org"], RAW)

    assert [mail.to for mail in mailbox.inbox("Ada@example.org")] == [ADA]
    assert mailbox.inbox("cem@example.org") == []


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.CONTENT])
def test_a_planned_reply_is_given_as_often_as_asked_and_keeps_the_mail_out(mailbox: Mailbox, stage: Stage) -> None:
    mailbox.answer(stage, "451 4.7.1 try later", times=2)

    codes = [_attempt(mailbox) for _ in range(3)]

    assert codes == [451, 451, 250]
    assert len(mailbox.mails) == 1


def test_a_greeting_can_refuse(mailbox: Mailbox) -> None:
    mailbox.answer(Stage.GREETING, "421 4.3.2 closing")

    with pytest.raises(smtplib.SMTPConnectError) as refused:
        client(mailbox)

    assert refused.value.smtp_code == 421


def test_a_cut_after_the_final_dot_keeps_the_mail(mailbox: Mailbox) -> None:
    mailbox.cut(Stage.CONTENT)

    with client(mailbox) as smtp, pytest.raises(smtplib.SMTPServerDisconnected):
        smtp.sendmail(CIRCLE, [ADA], RAW)

    assert len(mailbox.mails) == 1


def test_a_cut_before_the_content_keeps_nothing(mailbox: Mailbox) -> None:
    mailbox.cut(Stage.DATA)

    with client(mailbox) as smtp, pytest.raises(smtplib.SMTPServerDisconnected):
        smtp.sendmail(CIRCLE, [ADA], RAW)

    assert mailbox.mails == []


@pytest.mark.parametrize(("password", "code"), [("secret", 235), ("guess", 535)])
def test_only_the_right_password_is_let_in(password: str, code: int) -> None:
    with Mailbox(login=("circle", "secret")) as box, client(box) as smtp:
        smtp.ehlo()
        smtp.user, smtp.password = "circle", password
        try:
            answer = smtp.auth("PLAIN", smtp.auth_plain)[0]
        except smtplib.SMTPAuthenticationError as refused:
            answer = refused.smtp_code

        assert answer == code
        assert smtp.mail(CIRCLE)[0] == (250 if code == 235 else 530)


@pytest.mark.parametrize("starttls", [True, False], ids=["starttls", "implicit"])
def test_mail_over_tls_is_marked_secure(tmp_path: Path, starttls: bool) -> None:
    trusted = authority(tmp_path)
    context = ssl.create_default_context(cafile=str(trusted.cafile))

    with Mailbox(context=trusted.server, starttls=starttls) as box:
        smtp = client(box) if starttls else smtplib.SMTP_SSL(HOST, box.port, "meet.example.org", context=context)
        with smtp:
            if starttls:
                smtp.starttls(context=context)
            smtp.sendmail(CIRCLE, [ADA], RAW)

        assert [mail.secure for mail in box.mails] == [True]
        assert box.connections == 1


def test_a_server_that_wants_tls_takes_nothing_in_clear(tmp_path: Path) -> None:
    with Mailbox(context=authority(tmp_path).server, starttls=True) as box, client(box) as smtp:
        smtp.ehlo()

        assert smtp.mail(CIRCLE)[0] == 530


def test_clients_that_stay_do_not_keep_the_server_from_stopping() -> None:
    with Mailbox() as box:
        smtp = client(box)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        smtp.docmd("NOOP")


def test_the_address_tells_scheme_login_and_port(tmp_path: Path) -> None:
    with Mailbox(context=authority(tmp_path).server, login=("circle", "p@ss")) as box:
        assert box.url == f"smtps://circle:p%40ss@127.0.0.1:{box.port}"


def _attempt(mailbox: Mailbox) -> int:
    with client(mailbox) as smtp:
        try:
            smtp.sendmail(CIRCLE, [ADA], RAW)
        except smtplib.SMTPResponseException as refused:
            return refused.smtp_code
        except smtplib.SMTPRecipientsRefused as refused:
            return refused.recipients[ADA][0]
    return 250
