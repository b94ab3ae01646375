"""A message as the bytes of one mail: discreet headers, both texts, and a Message-ID that is the same on every try."""

import hmac
import re
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from hashlib import sha256

from email_validator import EmailNotValidError, validate_email

from meetup.errors import UsageError
from notifications.messages import Message, Refused

LONGEST_LINE = 998
LONGEST_LINKS = 900
# Folding would break an address: mail programs then show no way to unsubscribe.
WHOLE = frozenset({"to", "message-id", "list-id", "list-unsubscribe"})
_NOT_IN_HEADERS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_NOT_IN_TEXTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINK = re.compile(r"[!-;=?-~]*")
_LIST_ID = re.compile(r"[A-Za-z0-9.-]*")


class _Folding(EmailPolicy):
    """Lines of 78 characters, except where an address must stay whole."""

    def fold_binary(self, name: str, value: str) -> bytes:
        policy = self.clone(max_line_length=LONGEST_LINE) if name.lower() in WHOLE else self
        return EmailPolicy.fold_binary(policy, name, value)


PLAIN = _Folding(linesep="\r\n")
INTERNATIONAL = PLAIN.clone(utf8=True)


@dataclass(frozen=True, slots=True)
class Postmark:
    """Who writes: nothing in it tells what the group is about."""

    mail_from: str
    secret: bytes = field(repr=False)
    display_name: str = ""
    reply_to: str = ""
    domain: str = ""  # of Message-ID and List-Id; that of `mail_from` when empty

    def __post_init__(self) -> None:
        for address in (self.mail_from, self.reply_to or self.mail_from):
            if not address.isascii() or recipient(address) is None:
                raise UsageError(
                    f"“{address}” is not a mail address", "Set the sender of mail to one that people can answer"
                )
        if _NOT_IN_HEADERS.search(self.display_name) or not _LIST_ID.fullmatch(self.domain):
            raise UsageError("the sender's name or domain has characters that a mail cannot carry")
        if len(self.secret) < 16:
            raise ValueError("the secret of Message-IDs needs 16 bytes")

    @property
    def host(self) -> str:
        """Return the domain that our mail speaks for; never this machine's name."""
        return self.domain or self.mail_from.rpartition("@")[2]

    def message_id(self, code: str) -> str:
        """Return the Message-ID of a delivery: always the same, and telling nothing."""
        digest = hmac.digest(self.secret, code.encode(), sha256)
        return f"<r.{b32encode(digest).decode().lower()[:26]}@{self.host}>"


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address as the wire wants it: the domain in ASCII, and whether the part before the @ is not."""

    local: str
    domain: str
    international: bool

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, ready for the wire."""

    to: Recipient
    message_id: str
    raw: bytes

    @property
    def wire(self) -> bytes:
        """Return what follows DATA: dots at line starts doubled, and the final dot."""
        return re.sub(rb"(?m)^\.", b"..", self.raw) + b".\r\n"


def write(message: Message, postmark: Postmark, now: datetime) -> Letter | Refused:
    """Write the letter, or refuse what no mail can carry."""
    trouble = _trouble(message)
    if trouble:
        return Refused("our-fault", trouble)
    to = recipient(message.to)
    if to is None:
        return Refused("bad-address", "this is not a mail address", bad_address=True)
    mail = EmailMessage(policy=INTERNATIONAL if to.international else PLAIN)
    for name, value in _headers(message, postmark, now).items():
        mail[name] = value
    mail["To"] = Address(username=to.local, domain=to.domain)
    _fill(mail, message)
    mail["Content-Language"] = message.language.replace("_", "-")
    return Letter(to, postmark.message_id(message.code), mail.as_bytes())


def recipient(address: str) -> Recipient | None:
    """Read exactly one address; None when it is none."""
    try:
        valid = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return Recipient(valid.local_part, valid.ascii_domain, not valid.local_part.isascii())


def _headers(message: Message, postmark: Postmark, now: datetime) -> dict[str, str | Address]:
    headers: dict[str, str | Address] = {
        "From": Address(display_name=postmark.display_name, addr_spec=postmark.mail_from),
        "Reply-To": postmark.reply_to,
        "Subject": message.subject,
        "Date": format_datetime(now),
        "Message-ID": postmark.message_id(message.code),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Id": _list_id(message.list_id, postmark.host),
        "List-Unsubscribe": ", ".join(f"<{link}>" for link in _ways_out(message)),
        # One click needs https (RFC 8058).
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if message.unsubscribe_url.startswith("https://") else "",
    }
    return {name: value for name, value in headers.items() if value}


def _list_id(list_id: str, host: str) -> str:
    full = list_id if "." in list_id or not list_id else f"{list_id}.{host}"
    return full and f"<{full}>"


def _ways_out(message: Message) -> list[str]:
    mailto = message.unsubscribe_mail
    if mailto and not mailto.startswith("mailto:"):
        mailto = f"mailto:{mailto}"
    return [link for link in (message.unsubscribe_url, mailto) if link]


def _fill(mail: EmailMessage, message: Message) -> None:
    # Quoted-printable, so that no relay needs to know 8BITMIME and no line is too long.
    mail.set_content(_unix(message.body), cte="quoted-printable")
    if message.html:
        mail.add_alternative(_unix(message.html), subtype="html", cte="quoted-printable")


def _trouble(message: Message) -> str:
    for what in ("code", "to", "subject", "language"):
        if _NOT_IN_HEADERS.search(getattr(message, what)):
            return f"there is a control character in the {what}"
    for what in ("body", "html"):
        if _NOT_IN_TEXTS.search(_unix(getattr(message, what))):
            return f"there is a control character in the {what}"
    links = message.unsubscribe_url + message.unsubscribe_mail
    if not _LINK.fullmatch(links) or len(links) > LONGEST_LINKS or not _LIST_ID.fullmatch(message.list_id):
        return "the list's name or its links cannot stand in a header"
    return ""


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")
