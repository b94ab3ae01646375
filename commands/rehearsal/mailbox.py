"""A real mail server on the loopback address, for the demo and the tests: it keeps what it gets and fails as told."""

import asyncio
import logging
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import AnyStr, Self
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


class Stage(StrEnum):
    """A moment of the conversation at which the server can be told to fail."""

    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"  # after the final dot: the mail is kept unless the reply refuses it
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead of the usual answer: another reply, a cut connection when it is empty, or a long wait."""

    reply: str = ""
    seconds: float = 0.0
    usual: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it came, for one recipient."""

    envelope_from: str
    to: str
    raw: bytes
    greeted_as: str
    secure: bool

    @property
    def message(self) -> EmailMessage:
        """Return the mail parsed."""
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def text(self) -> str:
        """Return the plain text that a member reads."""
        part = self.message.get_body(("plain",))
        return part.get_content().replace("\r\n", "\n") if part else ""


class Mailbox:
    """A mail server that listens while its `with` block lasts."""

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        starttls: bool = False,
        login: tuple[str, str] | None = None,
        pipelining: bool = True,
    ) -> None:
        self.pipelining = pipelining  # several commands may be sent at once (RFC 2920)
        self.context = context
        self.starttls = starttls
        self.login = login
        self.port = 0
        self.connections = 0
        self.turned_away: dict[str, str] = {}
        self._mails: list[Mail] = []
        self._faults: defaultdict[Stage, deque[Fault]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._open: set[Conversation] = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="mailbox", daemon=True)

    def __enter__(self) -> Self:
        # The server library writes every recipient to this log.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """Return the address of this server, as the settings of a relay are written."""
        scheme = "smtp" if not self.context else "smtp+starttls" if self.starttls else "smtps"
        login = ":".join(quote(part, safe="") for part in self.login) + "@" if self.login else ""
        return f"{scheme}://{login}{HOST}:{self.port}"

    @property
    def mails(self) -> list[Mail]:
        """Return everything that came, in order."""
        with self._lock:
            return list(self._mails)

    def inbox(self, address: str) -> list[Mail]:
        """Return what came for one address."""
        return [mail for mail in self.mails if mail.to.lower() == address.lower()]

    def answer(self, stage: Stage, reply: str, times: int = 1) -> None:
        """Answer with this reply at that stage, the next few times."""
        self._plan(stage, Fault(reply), times)

    def turn_away(self, address: str, reply: str) -> None:
        """Refuse every mail to one address, as a mailbox that is gone does."""
        self.turned_away[address.lower()] = reply

    def cut(self, stage: Stage, times: int = 1) -> None:
        """Cut the connection instead of answering; after the final dot the mail is kept all the same."""
        self._plan(stage, Fault(), times)

    def dawdle(self, stage: Stage, seconds: float, times: int = 1) -> None:
        """Answer as usual, but late."""
        self._plan(stage, Fault(seconds=seconds, usual=True), times)

    def next_fault(self, stage: Stage) -> Fault | None:
        """Take the next fault that is planned for a stage."""
        with self._lock:
            planned = self._faults[stage]
            return planned.popleft() if planned else None

    def keep(self, mails: list[Mail]) -> None:
        """Put mails into the box."""
        with self._lock:
            self._mails.extend(mails)

    def arrived(self, conversation: "Conversation") -> None:
        """Count a client in."""
        self.connections += 1
        self._open.add(conversation)
        self._empty.clear()

    def left(self, conversation: "Conversation") -> None:
        """Count a client out."""
        self._open.discard(conversation)
        if not self._open:
            self._empty.set()

    def _plan(self, stage: Stage, fault: Fault, times: int) -> None:
        with self._lock:
            self._faults[stage].extend([fault] * times)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(_ignore_lost_clients)
        self._stop, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        implicit = None if self.starttls else self.context
        server = await self._loop.create_server(lambda: Conversation(self), HOST, 0, ssl=implicit)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()
        await self._send_everybody_home()

    async def _send_everybody_home(self) -> None:
        for conversation in list(self._open):
            conversation.hang_up()
        await self._empty.wait()
        # A closed socket is let go in the next turn of the loop.
        await asyncio.sleep(0)


Command = Callable[["Conversation", str], Awaitable[None]]


def _unless_told(stage: Stage, usual: Callable[..., Awaitable[None]]) -> Command:
    async def command(conversation: "Conversation", argument: str) -> None:
        if not await conversation.fails(stage):
            await usual(conversation, argument)

    return command


class Conversation(SMTP):
    """The server's side of one connection."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(
            _Keeper(mailbox),
            hostname="mailbox.invalid",
            ident="ready",
            enable_SMTPUTF8=True,
            tls_context=mailbox.context if mailbox.starttls else None,
            require_starttls=mailbox.starttls,
            auth_require_tls=mailbox.starttls,
            authenticator=_Porter(mailbox.login),
        )
        self._mailbox = mailbox
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note a client; after STARTTLS the same one arrives a second time."""
        if self.transport is None:
            self._mailbox.arrived(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Note that a client is gone."""
        super().connection_lost(error)
        self._mailbox.left(self)

    def hang_up(self) -> None:
        """Cut the line without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def push(self, status: AnyStr) -> None:
        """Send one line, unless the very first one was planned to fail."""
        greeting, self._greeted = not self._greeted, True
        if not (greeting and await self.fails(Stage.GREETING)):
            await super().push(status)

    async def fails(self, stage: Stage) -> bool:
        """Act out the fault that is planned for this stage, and tell whether it replaces the usual answer."""
        fault = self._mailbox.next_fault(stage)
        if fault is None:
            return False
        await asyncio.sleep(fault.seconds)
        if fault.usual:
            return False
        if not fault.reply:
            self.hang_up()
            return True
        await super().push(fault.reply)
        if fault.reply.startswith("421") and self.transport is not None:
            self.transport.close()
        return True

    # The library finds its commands by these names.
    smtp_EHLO = _unless_told(Stage.EHLO, SMTP.smtp_EHLO)  # noqa: N815
    smtp_STARTTLS = _unless_told(Stage.STARTTLS, SMTP.smtp_STARTTLS)  # noqa: N815
    smtp_AUTH = _unless_told(Stage.AUTH, SMTP.smtp_AUTH)  # noqa: N815
    smtp_MAIL = _unless_told(Stage.MAIL, SMTP.smtp_MAIL)  # noqa: N815
    smtp_RCPT = _unless_told(Stage.RCPT, SMTP.smtp_RCPT)  # noqa: N815
    smtp_DATA = _unless_told(Stage.DATA, SMTP.smtp_DATA)  # noqa: N815
    smtp_QUIT = _unless_told(Stage.QUIT, SMTP.smtp_QUIT)  # noqa: N815


class _Keeper:
    """What the library asks about each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_EHLO(  # noqa: N802 -- the library calls it so
        self, _server: Conversation, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(["250-PIPELINING"] if self._mailbox.pipelining else []), responses[-1]]

    async def handle_MAIL(  # noqa: N802 -- the library calls it so
        self, _server: Conversation, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._mailbox.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 -- the library calls it so
        self, _server: Conversation, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusal = self._mailbox.turned_away.get(address.lower())
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: Conversation, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self._mailbox.next_fault(Stage.CONTENT) or Fault(usual=True)
        if fault.reply[:1] not in {"4", "5"}:
            self._mailbox.keep(_mails(server, session, envelope))
        await asyncio.sleep(fault.seconds)
        if not fault.reply and not fault.usual:
            server.hang_up()
        return fault.reply or "250 2.0.0 OK"


class _Porter:
    """Lets in whoever knows the user and the password."""

    def __init__(self, login: tuple[str, str] | None) -> None:
        self._login = login

    def __call__(self, *asked: object) -> AuthResult:
        given = asked[-1]
        known = isinstance(given, LoginPassword) and self._login == (given.login.decode(), given.password.decode())
        return AuthResult(success=known, handled=False)


def _mails(server: Conversation, session: Session, envelope: Envelope) -> list[Mail]:
    raw = envelope.original_content or b""
    secure = server.transport is not None and server.transport.get_extra_info("sslcontext") is not None
    sender, name = envelope.mail_from or "", session.host_name or ""
    return [Mail(sender, to, raw, name, secure) for to in envelope.rcpt_tos]


def _ignore_lost_clients(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    # A client that goes away in the middle is what the tests are about, not an error of the server.
    if not isinstance(context.get("exception"), (ConnectionError, ssl.SSLError)):
        loop.default_exception_handler(context)
