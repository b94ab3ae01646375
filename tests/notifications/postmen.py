"""Reports as mail servers write them: of Postfix, Exchange, Gmail and Exim, and complaints as they are passed on."""

from textwrap import dedent

ADA = "ada@example.org"
OURS = """\
Return-Path: <{envelope}>
From: Thursday <hello@example.org>
To: ada@example.org
Subject: Thursday: Thursday 26 November, 19:00
Message-ID: <r.abcdefghijklmnopqrstuvwxyz@example.org>
List-Unsubscribe: <https://meet.example/u/secret>
"""


def postfix(envelope: str, status: str = "5.1.1", diagnostic: str = "", action: str = "failed", to: str = ADA) -> bytes:
    """Return what Postfix says to the sender of a mail."""
    said = diagnostic or f"smtp; 550 {status} <{to}>: Recipient address rejected: User\n    unknown in mailbox table"
    return _wire(f"""\
        Return-Path: <>
        Delivered-To: {envelope}
        Received: by mail.example.org (Postfix) id 4XyZ0f1; Thu, 26 Nov 2026 17:00:03 -0500 (EST)
        Date: Thu, 26 Nov 2026 17:00:03 -0500 (EST)
        From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        To: {envelope}
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
            boundary="4XyZ0f1.1764194403/mail.example.org"
        Message-Id: <20261126220003.4XyZ0f1@mail.example.org>

        This is a MIME-encapsulated message.

        --4XyZ0f1.1764194403/mail.example.org
        Content-Description: Notification
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        I'm sorry to have to inform you that your message could not
        be delivered to one or more recipients. It's attached below.

        --4XyZ0f1.1764194403/mail.example.org
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.example.org
        X-Postfix-Queue-ID: 4XyZ0f1
        X-Postfix-Sender: rfc822; {envelope}
        Arrival-Date: Thu, 26 Nov 2026 17:00:01 -0500 (EST)

        Final-Recipient: rfc822; {to}
        Original-Recipient: rfc822;{to}
        Action: {action}
        Status: {status}
        Remote-MTA: dns; mx.example.net
        Diagnostic-Code: {{said}}

        --4XyZ0f1.1764194403/mail.example.org
        Content-Description: Undelivered Message
        Content-Type: message/rfc822

        {{ours}}

        At seven.

        --4XyZ0f1.1764194403/mail.example.org--
        """, said, envelope)  # fmt: skip


def international(envelope: str, status: str = "5.1.1") -> bytes:
    """Return what Postfix says of an address in other letters: another kind of part (RFC 6533)."""
    report = postfix(envelope, status, to="zoë@example.org").replace(b"rfc822; zo", b"utf-8; zo")
    return report.replace(b"message/delivery-status", b"message/global-delivery-status")


def exchange(envelope: str, status: str = "5.1.10", diagnostic: str = "") -> bytes:
    """Return what Exchange Online says: CRLF, no blank after the semicolons, and HTML for people."""
    said = diagnostic or f"smtp;550 {status} RESOLVER.ADR.RecipientNotFound; Recipient {ADA} not found"
    return _wire(f"""\
        From: <postmaster@outlook.example>
        To: <{envelope}>
        Date: Thu, 26 Nov 2026 22:00:04 +0000
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="6ecd1b2c-9e1f-4c2b-8d0e-000000000001"
        X-MS-Exchange-Message-Is-Ndr:
        Content-Language: en-US
        Message-ID: <0f1e@DB8PR01MB.eurprd01.prod.exchangelabs.example>
        Subject: Undeliverable: Thursday: Thursday 26 November, 19:00
        Auto-Submitted: auto-replied

        --6ecd1b2c-9e1f-4c2b-8d0e-000000000001
        Content-Type: multipart/alternative; differences=Content-Type;
        \tboundary="6ecd1b2c-9e1f-4c2b-8d0e-000000000002"

        --6ecd1b2c-9e1f-4c2b-8d0e-000000000002
        Content-Type: text/html; charset="us-ascii"
        Content-Transfer-Encoding: quoted-printable

        <html><p>Your message to ada couldn't be delivered.</p></html>

        --6ecd1b2c-9e1f-4c2b-8d0e-000000000002--

        --6ecd1b2c-9e1f-4c2b-8d0e-000000000001
        Content-Type: message/delivery-status

        Reporting-MTA: dns;DB8PR01MB.eurprd01.prod.exchangelabs.example
        Received-From-MTA: dns;mail.example.org
        Arrival-Date: Thu, 26 Nov 2026 22:00:03 +0000

        Final-Recipient: rfc822;{ADA}
        Action: failed
        Status: {status}
        Diagnostic-Code: {{said}}

        --6ecd1b2c-9e1f-4c2b-8d0e-000000000001
        Content-Type: message/rfc822

        {{ours}}
        --6ecd1b2c-9e1f-4c2b-8d0e-000000000001--
        """, said, envelope).replace(b"\n", b"\r\n")  # fmt: skip


def gmail(envelope: str, status: str = "5.1.1", diagnostic: str = "") -> bytes:
    """Return what Gmail says: a picture, a diagnosis of several lines, and our headers as a mail without a body."""
    said = diagnostic or (
        f"smtp; 550-{status} The email account that you tried to reach does not exist. Please try\n"
        f" 550-{status} double-checking the recipient's email address for typos.\n"
        f" 550 {status}  https://support.example/mail/?p=NoSuchUser 4fb4d7f45d1cf-6451 - gsmtp"
    )
    return _wire(f"""\
        Delivered-To: {envelope}
        Return-Path: <>
        From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
        To: {envelope}
        Auto-Submitted: auto-replied
        Subject: Delivery Status Notification (Failure)
        Content-Type: multipart/report; boundary="000000000000d1cf"; report-type=delivery-status

        --000000000000d1cf
        Content-Type: multipart/related; boundary="000000000000d1ce"

        --000000000000d1ce
        Content-Type: text/plain; charset="UTF-8"

        ** Address not found **

        --000000000000d1ce
        Content-Type: image/png; name="icon.png"
        Content-Transfer-Encoding: base64

        iVBORw0KGgo=

        --000000000000d1ce--
        --000000000000d1cf
        Content-Type: message/delivery-status

        Reporting-MTA: dns; googlemail.example
        Arrival-Date: Thu, 26 Nov 2026 14:00:03 -0800 (PST)
        X-Original-Message-ID: <r.abcdefghijklmnopqrstuvwxyz@example.org>

        Final-Recipient: rfc822; {ADA}
        Action: failed
        Status: {status}
        Remote-MTA: dns; gmail-smtp-in.l.google.example. (192.0.2.26, the server for the
         domain example.org.)
        Diagnostic-Code: {{said}}
        Last-Attempt-Date: Thu, 26 Nov 2026 14:00:04 -0800 (PST)

        --000000000000d1cf
        Content-Type: text/rfc822-headers

        {{ours}}
        --000000000000d1cf--
        """, said, envelope)  # fmt: skip


def exim(envelope: str, diagnostic: str = "smtp; 550 5.1.1 <ada@example.org>: User unknown") -> bytes:
    """Return what Exim says, whose every failure is 5.0.0."""
    return postfix(envelope, "5.0.0", diagnostic)


def complaint(envelope: str, kind: str = "abuse", *, named: bool = True, headers_only: bool = False) -> bytes:
    """Return a complaint as a feedback loop passes it on, to an address that says nothing about our mail."""
    original = f"Original-Mail-From: <{envelope}>" if named else "Original-Rcpt-To: redacted"
    enclosed = "text/rfc822-headers" if headers_only else "message/rfc822"
    return _wire(f"""\
        From: <feedback@provider.example>
        To: <abuse@example.org>
        Date: Thu, 26 Nov 2026 23:00:00 +0000
        Subject: FW: Thursday: Thursday 26 November, 19:00
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report;
             boundary="part1_13d.2e68ed54_boundary"

        --part1_13d.2e68ed54_boundary
        Content-Type: text/plain; charset="US-ASCII"
        Content-Transfer-Encoding: 7bit

        This is an email abuse report for an email message received from IP 192.0.2.1.

        --part1_13d.2e68ed54_boundary
        Content-Type: message/feedback-report

        Feedback-Type: {kind}
        User-Agent: SomeGenerator/1.0
        Version: 1
        {original}
        Source-IP: 192.0.2.1

        --part1_13d.2e68ed54_boundary
        Content-Type: {enclosed}
        Content-Disposition: inline

        {{ours}}

        At seven.

        --part1_13d.2e68ed54_boundary--
        """, "", envelope)  # fmt: skip


def _wire(text: str, said: str, envelope: str) -> bytes:
    plain = dedent(text).replace("{said}", said).replace("{ours}", OURS.format(envelope=envelope).rstrip())
    return plain.encode()
