"""Run a web application on the loopback address in a thread: for rehearsals and for tests of the web."""

import asyncio
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

import uvicorn

from meetup.errors import Unavailable

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOST = "127.0.0.1"
PATIENCE = 10.0


class Loopback:
    """A context manager: the application answers at `base_url` until the block ends."""

    def __init__(self, app: "ASGIApp", port: int = 0) -> None:
        self._port = port
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,  # addresses hold numbers and tokens
            timeout_graceful_shutdown=1,
            loop="asyncio",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="loopback", daemon=True)
        # asyncio sends small answers at once only when the protocol is named.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)

    def __enter__(self) -> Self:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((HOST, self._port))
        except OSError as error:
            self._socket.close()
            raise Unavailable(f"Port {self._port} is taken") from error
        self._port = self._socket.getsockname()[1]
        self._thread.start()
        self._wait_until_started()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._socket.close()

    @property
    def base_url(self) -> str:
        """Return the address without a slash at its end."""
        return f"http://{HOST}:{self._port}"

    async def cut(self, client: tuple[str, int] | None) -> None:
        """Reset the connection of a client, as a broken network does; call it from a handler."""
        for connection in list(self._server.server_state.connections):
            transport: asyncio.Transport | None = getattr(connection, "transport", None)
            if transport and tuple(transport.get_extra_info("peername") or ()) == client:
                transport.abort()
        await asyncio.sleep(0)  # the transport tells the server in the next round of the loop

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def _wait_until_started(self) -> None:
        ending = time.monotonic() + PATIENCE
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > ending:
                self.__exit__()
                raise Unavailable("The application on the loopback address did not start")
            time.sleep(0.005)
