"""Reading an address: only the web, never too much, never for ever; and no word about what is secret in it."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from commands import download
from meetup.errors import MeetupError, NotFound, Unavailable, UsageError

CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
LIMIT = 100_000


class Elsewhere(BaseHTTPRequestHandler):
    """Somebody else's web server, with all its habits."""

    def do_GET(self) -> None:
        getattr(self, f"_{self.path.partition('?')[0].strip('/').partition('-')[0]}")()

    def _calendar(self) -> None:
        self._answer(200, CALENDAR)

    def _large(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(1000):  # without a length: it goes on and on
            self.wfile.write(b"x" * 50_000)

    def _missing(self) -> None:
        self._answer(404, b"")

    def _login(self) -> None:
        self._answer(403, b"")

    def _broken(self) -> None:
        self._answer(500, b"")

    def _moved(self) -> None:
        self._answer(302, b"", "/calendar?token=S3cret")

    def _round(self) -> None:
        self._answer(302, b"", "/round")

    def _file(self) -> None:
        self._answer(302, b"", "file:///etc/passwd")

    def _ftp(self) -> None:
        self._answer(302, b"", "ftp://example.org/x")

    def _cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "500")
        self.end_headers()
        self.wfile.write(b"BEGIN:VCALENDAR")

    def _odd(self) -> None:
        self.wfile.write(b"\x00\x01 no HTTP at all\r\n\r\n")

    def _slow(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(40):
            self.wfile.write(b"x")
            time.sleep(0.1)

    def _answer(self, code: int, body: bytes, location: str = "") -> None:
        self.send_response(code)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- as the standard library calls it
        """Say nothing."""


class Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of readers that went away."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    server = Quiet(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("path", ["calendar", "moved", "calendar?x=ü&token=S3cret"])
def test_what_lies_at_an_address_is_read(elsewhere: str, path: str) -> None:
    assert download.content(f"{elsewhere}/{path}", LIMIT) == CALENDAR


def test_never_more_is_read_than_was_agreed(elsewhere: str, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 1_000_000)

    assert len(download.content(f"{elsewhere}/large", LIMIT)) == LIMIT + 1
    assert len(download.content(str(tmp_path / "large"), LIMIT)) == LIMIT + 1


@pytest.mark.parametrize(
    ("path", "kind", "sentence"),
    [
        ("missing-S3cret", NotFound, "127.0.0.1 has nothing at that address (404)"),
        ("login-S3cret", Unavailable, "127.0.0.1 refuses (403)"),
        ("broken-S3cret", Unavailable, "127.0.0.1 is in trouble (500)"),
        ("round-S3cret", Unavailable, "127.0.0.1 leads on to an address that nobody should follow (302)"),
        ("file-S3cret", Unavailable, "127.0.0.1 leads on to an address that nobody should follow (302)"),
        ("ftp-S3cret", Unavailable, "127.0.0.1 leads on to an address that nobody should follow (302)"),
        ("odd-S3cret", Unavailable, "127.0.0.1 does not answer"),
    ],
)
def test_trouble_is_told_without_the_secret(elsewhere: str, path: str, kind: type[MeetupError], sentence: str) -> None:
    with pytest.raises(kind) as refusal:
        download.content(f"{elsewhere}/{path}", LIMIT)

    assert sentence in refusal.value.message
    assert refusal.value.hint
    assert "S3cret" not in refusal.value.message + refusal.value.hint


def test_what_comes_in_drops_ends(elsewhere: str) -> None:
    with pytest.raises(Unavailable, match="takes longer"):
        download.fetch(f"{elsewhere}/slow", LIMIT, longest=0.3)


def test_what_breaks_off_is_not_taken_for_a_whole(elsewhere: str) -> None:
    with pytest.raises(Unavailable, match="breaks off"):
        download.content(f"{elsewhere}/cut", LIMIT)


def test_nobody_answers() -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 does not answer: Connection refused"):
        download.content("http://127.0.0.1:9/calendar", LIMIT)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://example.org/x",
        "gopher://example.org/x",
        "https://",
        "https://me:S3cret@example.org/x",
        "https://example.org:99999/x",
        "https://[::1/x",
        "https://exa mple.org/x",
        "https://example.org\r\nX: y/x",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(address: str) -> None:
    with pytest.raises(UsageError) as refusal:
        download.content(address, LIMIT)

    assert "S3cret" not in refusal.value.message + refusal.value.hint


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("webcal://example.org/a.ics", "https://example.org/a.ics"),
        ("WEBCAL://Example.org:8443/a b?x=ü#part", "https://example.org:8443/a%20b?x=%C3%BC"),
        ("webcals://example.org", "https://example.org/"),
        ("https://bücher.example/%C3%BC/a.ics", "https://xn--bcher-kva.example/%C3%BC/a.ics"),
        ("http://[::1]:80/a.ics", "http://[::1]:80/a.ics"),
    ],
)
def test_addresses_are_written_as_the_web_wants_them(address: str, asked: str) -> None:
    assert download.plain(address) == asked


def test_a_name_of_a_file_that_is_none_is_refused() -> None:
    with pytest.raises(MeetupError):
        download.content("a\0b", LIMIT)
