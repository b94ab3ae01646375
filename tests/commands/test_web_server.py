"""The server in its thread: it starts, finishes what it began, and lets the port go."""

import asyncio
import contextlib
import http.client
import logging
import threading
import time

import pytest
from starlette.types import Receive, Scope, Send

from commands.web.server import Server
from meetup.errors import Unavailable


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/slow":
        await asyncio.sleep(0.3)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def read(server: Server, path: str = "/") -> tuple[bytes, set[str]]:
    """Ask for a path; return the body and the names of the headers."""
    with contextlib.closing(http.client.HTTPConnection(server.host, server.port, timeout=5)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read(), {name.lower() for name, _ in answer.getheaders()}


def test_a_server_answers_at_any_free_port_and_says_nothing_about_itself() -> None:
    with Server(hello) as server:
        body, headers = read(server)

        assert body == b"hello"
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert "server" not in headers


def test_what_is_in_flight_is_finished_before_the_server_stops() -> None:
    server = Server(hello)
    server.start()
    bodies: list[bytes] = []
    asking = threading.Thread(target=lambda: bodies.append(read(server, "/slow")[0]))
    asking.start()
    time.sleep(0.1)

    server.stop()
    asking.join()

    assert bodies == [b"hello"]
    assert not server.alive


def test_a_stopped_server_frees_its_port() -> None:
    first = Server(hello)
    first.start()
    port = first.port
    first.stop()

    with Server(hello, port=port) as second:
        assert read(second)[0] == b"hello"


def test_a_port_that_is_taken_is_refused_with_a_hint() -> None:
    with Server(hello) as server, pytest.raises(Unavailable) as refusal:
        Server(hello, port=server.port)

    assert "MEETUP_BIND" in refusal.value.hint


def test_no_request_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    with Server(hello) as server:
        read(server, "/f/secret-token.ics")

    assert "secret-token" not in caplog.text
