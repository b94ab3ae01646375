"""The mail relay of the settings: how its address is written, and how it is reached without ever speaking in clear."""

import smtplib
import socket
import ssl
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from meetup.errors import Forbidden, Unavailable, UsageError

EXAMPLE = (
    "Write it as `smtps://user:password@mail.example.org`, with / : @ # ? % in a password as %2F %3A %40 %23 %3F %25"
)


class Security(StrEnum):
    """How the line to the relay is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


SCHEMES = {
    "smtp": (Security.NONE, 25),
    "smtp+starttls": (Security.STARTTLS, 587),
    "smtps": (Security.TLS, 465),
}


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mail is handed over. In clear only on this very machine."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    cafile: str = ""
    timeout: float = 60.0
    ehlo: str = ""  # how we introduce ourselves; the domain of our mail when empty

    def __post_init__(self) -> None:
        if not self.host or not self.host.isprintable() or " " in self.host:
            raise UsageError("the mail relay has no host name", EXAMPLE)
        if not 0 < self.port < 65536 or self.timeout <= 0:
            raise UsageError("the mail relay's port or timeout is out of range", EXAMPLE)
        if bool(self.user) != bool(self.password) or not (self.user + self.password).isascii():
            raise UsageError("the mail relay needs a user and a password of plain letters, or neither", EXAMPLE)
        if not self.ehlo.isascii() or not self.ehlo.isprintable() or " " in self.ehlo:
            raise UsageError("the name for EHLO is not a host name")
        if self.security is Security.NONE and not _is_loopback(self.host):
            raise Forbidden(
                "mail would leave this machine in clear text",
                "Use smtps:// (port 465) or smtp+starttls:// (port 587)",
            )

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `smtps://user:password@host:port?cafile=…&timeout=…&ehlo=…`; what is said never shows the password."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port
            options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
            timeout = float(options.pop("timeout", "60"))
        except ValueError:
            # The cause would show pieces of the address, and so perhaps of the password.
            raise UsageError("the address of the mail relay cannot be read", EXAMPLE) from None
        security, usual_port = SCHEMES.get(parts.scheme, (None, 0))
        if security is None or parts.path.strip("/") or parts.fragment or options.keys() - {"cafile", "ehlo"}:
            raise UsageError("the address of the mail relay cannot be read", EXAMPLE)
        user, password = _login(parts)
        return cls(parts.hostname or "", port or usual_port, security, user, password, timeout=timeout, **options)


class NoRelay(Unavailable):
    """The relay cannot be used; `code` says why in one word, or in the relay's own number."""

    def __init__(self, code: str, message: str, hint: str = "", *, permanent: bool = False) -> None:
        super().__init__(message, hint, permanent=permanent)
        self.code = code


def dial(relay: Relay, name: str) -> smtplib.SMTP:
    """Open a line to the relay, protected and logged in; raise NoRelay for whatever stands in the way."""
    try:
        with ExitStack() as stack:
            smtp = _connect(relay, relay.ehlo or name)
            stack.callback(smtp.close)
            _enter(relay, smtp)
            stack.pop_all()
    except (OSError, UnicodeError) as error:
        raise _why(error) from error
    return smtp


def _connect(relay: Relay, name: str) -> smtplib.SMTP:
    if relay.security is Security.TLS:
        return smtplib.SMTP_SSL(relay.host, relay.port, name, timeout=relay.timeout, context=_context(relay))
    return smtplib.SMTP(relay.host, relay.port, name, timeout=relay.timeout)


def _enter(relay: Relay, smtp: smtplib.SMTP) -> None:
    _greet(smtp)
    if relay.security is Security.STARTTLS:
        if not smtp.has_extn("starttls"):
            raise NoRelay("no-tls", "the mail relay does not offer STARTTLS", "Try smtps://", permanent=True)
        smtp.starttls(context=_context(relay))
        _greet(smtp)
    if relay.user:
        _log_in(relay, smtp)


def _log_in(relay: Relay, smtp: smtplib.SMTP) -> None:
    # One try only: smtplib's login() goes on to the next mechanism after a refusal, and relays lock us out for that.
    smtp.user, smtp.password = relay.user, relay.password
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        smtp.auth("PLAIN", smtp.auth_plain)
    elif "LOGIN" in offered:
        smtp.auth("LOGIN", smtp.auth_login)
    else:
        raise NoRelay("no-login", "the mail relay offers no way to log in that we know", permanent=True)


def _greet(smtp: smtplib.SMTP) -> None:
    code, text = smtp.ehlo()
    if code != 250:
        raise smtplib.SMTPHeloError(code, text)


def _context(relay: Relay) -> ssl.SSLContext:
    try:
        # Without a context of our own, smtplib would trust any certificate.
        return ssl.create_default_context(cafile=relay.cafile or None)
    except OSError as error:
        raise NoRelay("cafile", "the mail relay's cafile cannot be read", permanent=True) from error


# The first that fits: the more special ones stand above those that they are kinds of.
_TROUBLES: tuple[tuple[type[Exception], str, str, bool], ...] = (
    (ssl.SSLCertVerificationError, "certificate", "the mail relay's certificate is not trusted", True),
    (ssl.SSLEOFError, "lost", "the mail relay cut the connection", False),
    (ssl.SSLError, "tls", "the mail relay does not speak TLS on this port", True),
    (smtplib.SMTPServerDisconnected, "lost", "the mail relay cut the connection", False),
    (smtplib.SMTPException, "protocol", "the mail relay does not speak SMTP as we do", False),
    (TimeoutError, "timeout", "the mail relay does not answer in time", False),
    (ConnectionRefusedError, "refused", "the mail relay refuses the connection", False),
    (socket.gaierror, "dns", "the mail relay's name is not found", False),
    (UnicodeError, "dns", "the mail relay's name is not found", True),
    (OSError, "unreachable", "the mail relay cannot be reached", False),
)


def _why(error: OSError | UnicodeError) -> NoRelay:
    if isinstance(error, smtplib.SMTPResponseException):
        return _turned_away(error)
    code, sentence, permanent = next(rest for kind, *rest in _TROUBLES if isinstance(error, kind))
    hint = "Name the authority's file with ?cafile=…" if code == "certificate" else ""
    return NoRelay(str(code), str(sentence), hint, permanent=bool(permanent))


def _turned_away(error: smtplib.SMTPResponseException) -> NoRelay:
    code = error.smtp_code
    if not 500 <= code < 600:
        return NoRelay(str(code), f"the mail relay is not ready ({code})")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return NoRelay(str(code), f"the mail relay does not accept our user and password ({code})", permanent=True)
    return NoRelay(str(code), f"the mail relay turns us away ({code})", permanent=True)


def _login(parts: SplitResult) -> tuple[str, str]:
    return unquote(parts.username or ""), unquote(parts.password or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
