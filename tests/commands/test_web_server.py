"""The server in its thread: it starts, finishes what it began, and lets the port go."""

import asyncio
import contextlib
import http.client
import logging
import socket
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from starlette.types import Receive, Scope, Send

from commands.web import sheets
from commands.web.security import Header
from commands.web.server import Server
from commands.web.sheets import Answer
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


READY = sheets.sheet(b"BEGIN:VCALENDAR", datetime(2026, 11, 25, 12, tzinfo=UTC), [])


def ready(method: bytes, target: bytes, headers: Iterable[Header]) -> Answer | None:
    return (
        sheets.answer(READY, method.decode(), headers) if target == b"/ready" and method in {b"GET", b"HEAD"} else None
    )


def told(server: Server, request: str) -> bytes:
    """Send a request, and return everything that comes until the server closes."""
    with socket.create_connection((server.host, server.port), timeout=5) as line:
        line.sendall(request.encode())
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_what_is_ready_is_answered_as_the_application_would() -> None:
    asked: list[tuple[str, dict[str, str], int, bytes]] = [
        ("GET", {}, 200, b"BEGIN:VCALENDAR"),
        ("HEAD", {}, 200, b""),
        ("GET", {"If-None-Match": READY.plain.tag}, 304, b""),
        ("GET", {"If-Modified-Since": "Wed, 25 Nov 2026 12:00:00 GMT"}, 304, b""),
        ("POST", {}, 200, b"hello"),
    ]
    with Server(hello, at_once=ready) as server:
        browser = http.client.HTTPConnection(server.host, server.port, timeout=5)
        with contextlib.closing(browser):
            for method, headers, status, body in asked:
                browser.request(method, "/ready", headers=headers)
                answer = browser.getresponse()

                assert (method, answer.status, answer.read()) == (method, status, body)
                assert (answer.getheader("server"), bool(answer.getheader("date"))) == (None, True)


@pytest.mark.parametrize(
    ("version", "headers", "lasts"),
    [
        ("1.1", "", True),
        ("1.1", "Connection: close\r\n", False),
        ("1.0", "", False),
        ("1.0", "Connection: keep-alive\r\n", False),
    ],
)
def test_whoever_wants_to_end_is_told_so(version: str, headers: str, lasts: bool) -> None:
    with Server(hello, at_once=ready) as server:
        heard = told(server, f"GET /ready HTTP/{version}\r\nHost: x\r\n{headers}\r\n")

    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
    assert heard.endswith(b"\r\n\r\nBEGIN:VCALENDAR")
    assert (b"connection: close" in heard) is not lasts


def test_requests_sent_in_one_go_are_answered_in_their_order() -> None:
    paths = ("ready", "slow", "ready", "other", "ready")
    asked = "".join(f"GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths)
    with Server(hello, at_once=ready) as server, socket.create_connection((server.host, server.port), 5) as line:
        line.sendall(asked.encode())
        heard = b""
        while heard.count(b"\r\n\r\n") < 5 or not heard.endswith(b"hello"):
            heard += line.recv(65536)

    # What came while the application was busy is the application's, too.
    bodies = [part.rpartition(b"\r\n\r\n")[2] for part in heard.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert bodies == [b"BEGIN:VCALENDAR", b"hello", b"hello", b"hello", b"hello"]


def test_a_body_goes_to_the_application() -> None:
    with Server(hello, at_once=ready) as server:
        heard = told(server, "GET /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")

    assert heard.endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize("text", ["\x16\x03\x01", "GET\r\n\r\n", "GET /ready HTTP/9.9\r\n\r\n"])
def test_what_is_no_request_is_refused(text: str) -> None:
    with Server(hello, at_once=ready) as server:
        assert told(server, text).startswith(b"HTTP/1.1 400 Bad Request\r\n")
