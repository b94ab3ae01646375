"""Answers that are ready before a request is one: given by the protocol itself, without a task of its own.

This is what makes a calendar from memory as cheap as a file from a web server. Whatever is not plain (a body, requests
sent before the last one was answered, a reader who does not read) takes the usual way through the application.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from commands.web.security import Header
from commands.web.sheets import Answer

AtOnce = Callable[[bytes, bytes, Iterable[Header]], Answer | None]  # method, target, headers
BODY = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})


def nothing_at_once(_method: bytes, _target: bytes, _headers: Iterable[Header]) -> Answer | None:
    """Leave everything to the application."""
    return None


class Express(HttpToolsProtocol):
    """The server's own protocol, with one question before each request becomes a task."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        *,
        at_once: AtOnce = nothing_at_once,
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._at_once = at_once
        self._answered = False
        self._given: list[Header] = []
        self._standing = b""

    def on_headers_complete(self) -> None:
        """Answer now, or let a task be made."""
        answer = self._at_once(self.parser.get_method(), self.url, self.headers) if self._plain() else None
        if answer is None:
            super().on_headers_complete()
            return
        self._answered = True
        self._send(answer)

    def on_message_complete(self) -> None:
        """Forget a request that was answered; there is no task that waits for its end."""
        if self._answered:
            self._answered = False
            return
        super().on_message_complete()

    def _plain(self) -> bool:
        cycle: object = self.cycle  # None before the first request, whatever its type says
        waiting = isinstance(cycle, RequestResponseCycle) and not cycle.response_complete
        closing = self.transport.is_closing() or self.flow.write_paused
        return not (waiting or closing) and not any(name in BODY for name, _ in self.headers)

    def _send(self, answer: Answer) -> None:
        lasting = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        if self._given is not self.server_state.default_headers:  # the server makes a new list every second
            self._given = self.server_state.default_headers
            self._standing = b"".join(b"%s: %s\r\n" % header for header in self._given)
        ending = b"\r\n" if lasting else b"connection: close\r\n\r\n"
        self.transport.writelines((answer.head, self._standing, ending, answer.body))
        if lasting:
            self.on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.transport.close()
