"""The web server: the only module that knows which one it is. It runs in a thread, beside the ticks."""

import functools
import socket
import threading
import time
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from commands.web.express import AtOnce, Express, nothing_at_once
from meetup.errors import Unavailable

PATIENCE = 10.0  # seconds: for a start, and for answers in flight at the end
BACKLOG = 2048


class Server:
    """An application that answers at a bound port from `start` to `stop`; also a context manager.

    Before it becomes a request of the application, `at_once` may answer whatever is asked. Of `proxies` (addresses or
    networks, with commas between them) we believe whom they speak for; of nobody else.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        at_once: AtOnce = nothing_at_once,
        proxies: str = "",
    ) -> None:
        self.host = host
        self._socket = _bound(host, port)
        self._server = uvicorn.Server(_config(app, at_once, proxies))
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """Return the port that we listen on, also when any free one was asked for."""
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        """Return where it answers on this machine, without a slash at the end."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def alive(self) -> bool:
        """Tell whether it answers."""
        return self._thread.is_alive() and self._server.started

    def start(self) -> None:
        """Begin to answer; return when the first request can come."""
        self._thread.start()
        ending = time.monotonic() + PATIENCE
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > ending:
                self.stop()
                raise Unavailable("The web server did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Take no more requests, finish those in flight, and free the port."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(2 * PATIENCE)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _config(app: ASGIApp, at_once: AtOnce, proxies: str) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=functools.partial(Express, at_once=at_once),  # type: ignore[arg-type]  # it is called, as a class would be
        lifespan="off",
        ws="none",
        log_config=None,  # the logs of this process are set up already
        log_level="warning",
        access_log=False,  # addresses hold tokens
        server_header=False,
        proxy_headers=bool(proxies),  # only limits depend on who asks
        forwarded_allow_ips=proxies,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=int(PATIENCE),
        limit_concurrency=1000,
    )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once only when the protocol is named.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Unavailable(f"Nobody can listen on {host}:{port}: {error.strerror}", _PORT_HINT) from error
    listening.listen(BACKLOG)
    return listening


_PORT_HINT = "Another program may have that port; choose one with MEETUP_BIND"
