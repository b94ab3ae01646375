"""Reading what lies in a file, in a pipe or at an address: never more than was agreed, and never for ever."""

import http.client
import re
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlsplit, urlunsplit

from meetup.errors import MeetupError, NotFound, Unavailable, UsageError

PATIENCE = 20  # seconds until an answer, and between two pieces of it
LONGEST = 60.0  # seconds for the whole
MOST_REDIRECTS = 5
PIECE = 65_536

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_SCHEMES = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}
_LOGIN_HINT = "It may ask for a login: look for the secret or public address of the calendar in its settings"


def content(source: str, most: int) -> bytes:
    """Return the bytes of a file, an address, or (with -) a pipe: at most one more than `most`."""
    if source == "-":
        return sys.stdin.buffer.read(most + 1)
    if _ADDRESS.match(source):
        return fetch(source, most)
    try:
        with Path(source).open("rb") as file:
            return file.read(most + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {source}") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "that is no name of a file"
        raise MeetupError(f"{source} cannot be read: {reason}") from error


def fetch(address: str, most: int, longest: float = LONGEST) -> bytes:
    """Return what lies at an address. No refusal repeats more than its host: the rest may be a secret."""
    url = plain(address)
    host = urlsplit(url).hostname or ""
    try:
        with _opener().open(urllib.request.Request(url, headers=_HEADERS), timeout=PATIENCE) as answer:  # noqa: S310 -- checked above
            return _whole(answer, host, most, longest)
    except urllib.error.HTTPError as error:
        with error:
            raise _answered(host, error.code) from error
    except (urllib.error.URLError, TimeoutError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        raise Unavailable(
            f"{host} does not answer: {_words(reason)}", "Try again later, or save the file first"
        ) from error


_HEADERS = {"User-Agent": "meetup (calendar import)", "Accept": "text/calendar, */*;q=0.1"}


def plain(address: str) -> str:
    """Return an address that can be asked for, or refuse."""
    scheme = _SCHEMES.get(address.partition(":")[0].lower())
    if scheme is None:
        raise UsageError("An address begins with https://, http:// or webcal://", "A file is named by its path alone")
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except (ValueError, UnicodeError) as error:
        raise UsageError("That is not an address", "Copy it whole, as in https://example.org/calendar.ics") from error
    if not _HOST.fullmatch(host) or parts.username is not None:
        raise UsageError("That is not an address without a name and a password", "Save the file first, and name it")
    where = f"[{host}]" if ":" in host else host
    where += f":{port}" if port else ""
    path, query = quote(parts.path, safe="/%:@!$&'()*+,;=~"), quote(parts.query, safe="/?%:@!$&'()*+,;=~")
    return urlunsplit((scheme, where, path or "/", query, ""))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to other pages of the web only, and never from an encrypted address to one that is not."""

    max_redirections = MOST_REDIRECTS

    def redirect_request(  # noqa: PLR0917 -- as the standard library calls it
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        scheme = urlsplit(newurl).scheme
        if scheme != "https" and (scheme != "http" or req.type == "https"):
            raise urllib.error.HTTPError(req.full_url, code, msg, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    # Put together by hand: the usual one also opens files, FTP and data: addresses.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        _Redirects,
    ):
        opener.add_handler(handler())
    return opener


def _whole(answer: http.client.HTTPResponse, host: str, most: int, longest: float) -> bytes:
    until = time.monotonic() + longest
    found = bytearray()
    while piece := answer.read1(PIECE):
        found += piece
        if len(found) > most:
            return bytes(found[: most + 1])
        if time.monotonic() > until:
            raise Unavailable(
                f"{host} takes longer than {longest:.0f} seconds", "Save the file with a browser first, and name it"
            )
    if answer.length:
        raise Unavailable(f"What {host} sends breaks off", "Try again")
    return bytes(found)


def _answered(host: str, code: int) -> MeetupError:
    if code in {404, 410}:
        return NotFound(f"{host} has nothing at that address ({code})", "Copy the address of the calendar anew")
    if code < 400:
        return Unavailable(f"{host} leads on to an address that nobody should follow ({code})", _LOGIN_HINT)
    hint = _LOGIN_HINT if code in {401, 403} else "Try again later, or save the file first"
    return Unavailable(f"{host} refuses ({code})" if code < 500 else f"{host} is in trouble ({code})", hint)


def _words(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return "it took too long"
    told = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
    return " ".join(told.split())[:120]
