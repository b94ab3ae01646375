"""A message as the bytes of one mail: discreet headers, both texts, and a Message-ID that is the same on every try."""

import hmac
import re
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from email_validator import EmailNotValidError, validate_email

from meetup.errors import UsageError
from notifications.channels import bodies
from notifications.messages import Message, Refused
from notifications.rules import envelopes

LONGEST_LINE = 998
LONGEST_LINKS = 900
LONGEST_ADDRESS = 254
# Folding would break an address: mail programs then show no way to unsubscribe.
WHOLE = frozenset({"to", "list-id"})
_NOT_IN_HEADERS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_PLAIN_LOCAL = re.compile(r"(?=.{1,64}$)[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
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
    bounce_address: str = ""  # where reports come back to, about which mail; to `mail_from` when empty

    def __post_init__(self) -> None:
        for address in (self.mail_from, self.reply_to or self.mail_from):
            if not address.isascii() or recipient(address) is None:
                raise UsageError(
                    f"“{address}” is not a mail address",
                    "Write the address alone, without a name, and one that people can answer",
                )
        if _NOT_IN_HEADERS.search(self.display_name) or not _LIST_ID.fullmatch(self.domain):
            raise UsageError("the sender's name or domain has characters that a mail cannot carry")
        if len(self.secret) < 16:
            raise ValueError("the secret of Message-IDs needs 16 bytes")
        envelopes.checked(self.bounce_address)

    @property
    def host(self) -> str:
        """Return the domain that our mail speaks for; never this machine's name."""
        return self.domain or self.mail_from.rpartition("@")[2]

    def message_id(self, code: str) -> str:
        """Return the Message-ID of a delivery: always the same, and telling nothing."""
        digest = hmac.digest(self.secret, code.encode(), sha256)
        return f"<r.{b32encode(digest).decode().lower()[:26]}@{self.host}>"

    def return_path(self, code: str) -> str:
        """Return the envelope sender of a delivery: greylisting wants it to be the same on every try."""
        return envelopes.sender(self.bounce_address, self.secret, code) if self.bounce_address else self.mail_from


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
    return_path: str
    message_id: str
    raw: bytes

    @property
    def wire(self) -> bytes:
        """Return what follows DATA: dots at line starts doubled, and the final dot."""
        return self.raw.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def write(message: Message, postmark: Postmark, now: datetime) -> Letter | Refused:
    """Write the letter, or refuse what no mail can carry."""
    trouble = _trouble(message)
    if trouble:
        return Refused("our-fault", trouble)
    to = recipient(message.to)
    if to is None:
        return Refused("bad-address", "this is not a mail address", bad_address=True)
    text = bodies.content(message.body, message.html, message.own_addresses)
    if text is None:
        return Refused("our-fault", "there is a control character in the text")
    common = _Common(
        postmark,
        message.subject,
        message.language.replace("_", "-"),
        _list_id(message.list_id, postmark.host),
        one_click=message.unsubscribe_url.startswith("https://"),
        international=to.international,
    )
    message_id = postmark.message_id(message.code)
    own = f"Date: {format_datetime(now)}\r\nMessage-ID: {message_id}\r\n{_ways_out(message)}".encode()
    return Letter(to, postmark.return_path(message.code), message_id, b"".join((_headers(common), own, _to(to), text)))


def recipient(address: str) -> Recipient | None:
    """Read exactly one address; None when it is none."""
    local, _, domain = address.rpartition("@")
    if _PLAIN_LOCAL.fullmatch(local) and len(address) <= LONGEST_ADDRESS and domain.isascii():
        known = _domain(domain)
        return Recipient(local, known, international=False) if known else None
    return _any_recipient(address)


@lru_cache(maxsize=256)
def _domain(domain: str) -> str:
    """Return a domain as the wire wants it; nothing when it is none. Most members share a few."""
    found = _any_recipient(f"a@{domain}")
    return found.domain if found else ""


def _any_recipient(address: str) -> Recipient | None:
    try:
        valid = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return Recipient(valid.local_part, valid.ascii_domain, not valid.local_part.isascii())


@dataclass(frozen=True, slots=True)
class _Common:
    """What decides the headers that everybody gets who gets the same words."""

    postmark: Postmark
    subject: str
    language: str
    list_id: str
    one_click: bool
    international: bool


@lru_cache(maxsize=64)
def _headers(common: _Common) -> bytes:
    postmark, policy = common.postmark, INTERNATIONAL if common.international else PLAIN
    headers: dict[str, str | Address] = {
        "From": Address(display_name=postmark.display_name, addr_spec=postmark.mail_from),
        "Reply-To": postmark.reply_to,
        "Subject": common.subject if policy.utf8 or common.subject.isascii() else "",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Id": common.list_id,
        # One click needs https (RFC 8058).
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if common.one_click else "",
        "Content-Language": common.language,
        "MIME-Version": "1.0",
    }
    lines = [_header(name, value, policy) for name, value in headers.items() if value]
    return b"".join(lines) + (b"" if headers["Subject"] else _encoded_subject(common.subject))


def _header(name: str, value: str | Address, policy: EmailPolicy) -> bytes:
    mail = EmailMessage(policy=policy)
    mail[name] = value
    return policy.fold_binary(name, mail[name])


def _encoded_subject(subject: str) -> bytes:
    """Encode all of it: of a subject encoded in parts, mail programs show the blanks between them twice or never."""
    words = Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {words}\r\n".encode("ascii") if subject else b""


def _to(to: Recipient) -> bytes:
    if _ATOMS.fullmatch(to.local):
        return f"To: {to}\r\n".encode("ascii")
    return _header("To", Address(username=to.local, domain=to.domain), INTERNATIONAL if to.international else PLAIN)


def _list_id(list_id: str, host: str) -> str:
    full = list_id if "." in list_id or not list_id else f"{list_id}.{host}"
    return full and f"<{full}>"


def _ways_out(message: Message) -> str:
    mailto = message.unsubscribe_mail
    if mailto and not mailto.startswith("mailto:"):
        mailto = f"mailto:{mailto}"
    links = ", ".join(f"<{link}>" for link in (message.unsubscribe_url, mailto) if link)
    return links and f"List-Unsubscribe: {links}\r\n"


def _trouble(message: Message) -> str:
    for what in ("code", "to", "subject", "language"):
        if _NOT_IN_HEADERS.search(getattr(message, what)):
            return f"there is a control character in the {what}"
    links = message.unsubscribe_url + message.unsubscribe_mail
    if not _LINK.fullmatch(links) or len(links) > LONGEST_LINKS or not _LIST_ID.fullmatch(message.list_id):
        return "the list's name or its links cannot stand in a header"
    return ""
