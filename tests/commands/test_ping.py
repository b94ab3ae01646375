"""A call outside that stops when we do."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from commands.ping import EVERY, Ping
from meetup.clock import HandClock


class Called(http.server.BaseHTTPRequestHandler):
    """Counts who calls."""

    calls: list[str] = []  # noqa: RUF012 -- one server, one test

    def do_GET(self) -> None:
        self.calls.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it so
        """Stay silent."""


@pytest.fixture
def outside() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Called)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Called.calls.clear()
    yield f"http://127.0.0.1:{server.server_port}/ping/abc"
    server.shutdown()
    server.server_close()
    thread.join()


def test_good_deliveries_are_told_outside_once_a_minute(outside: str, clock: HandClock) -> None:
    ping = Ping(outside, clock)

    for name, well in (("plan", True), ("deliver", False), ("deliver", True), ("deliver", True)):
        ping.ticked(name, 0.1, well)
        ping.wait()
    clock.pass_(seconds=EVERY + 1)
    ping.ticked("deliver", 0.1, True)
    ping.wait()

    assert Called.calls == ["/ping/abc"] * 2


def test_a_call_that_nobody_answers_breaks_nothing(clock: HandClock, caplog: pytest.LogCaptureFixture) -> None:
    ping = Ping("http://127.0.0.1:9/secret-path", clock)

    ping.ticked("deliver", 0.1, True)
    ping.wait()

    assert "ping_failed" in caplog.text
    assert "secret-path" not in caplog.text
