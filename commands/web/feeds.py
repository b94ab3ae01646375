"""Calendars over HTTP: written once, answered from memory until something has changed."""

import gzip
import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from commands.web.security import Header, completed
from meetup.clock import Clock
from meetup.feeds import collect, links
from meetup.feeds.addresses import Addresses
from meetup.feeds.collect import Stamp
from meetup.storage.database import Database, Session

FRESH_SECONDS = 1.0  # how long nobody asks whether anything has changed
SHELF = 4096  # calendars in memory: some 6 kB each, as members have them
WORTH_PACKING = 500
SECOND = timedelta(seconds=1)
# Google's importer obeys robots.txt, so nothing is forbidden here; X-Robots-Tag keeps everything out of the indexes.
ROBOTS = "User-agent: *\nDisallow:\n"


@dataclass(frozen=True, slots=True)
class Variant:
    """A calendar in one coding, with the headers of both answers."""

    tag: str
    body: bytes
    whole: Sequence[Header]  # of a 200
    unchanged: Sequence[Header]  # of a 304


@dataclass(frozen=True, slots=True)
class Sheet:
    """A calendar, ready to be sent."""

    stamp: Stamp
    modified: datetime
    plain: Variant
    packed: Variant


class Shelf:
    """Keeps calendars in memory. Whether they are still right is asked at most once a second."""

    def __init__(self, database: Database, clock: Clock, addresses: Addresses, defaults: Sequence[Header]) -> None:
        self._database = database
        self._clock = clock
        self._addresses = addresses
        self._defaults = defaults
        self._sheets: dict[str, Sheet] = {}
        self._nothing: Sheet | None = None
        self._stamp: Stamp | None = None
        self._asked_at = float("-inf")
        self._lock = threading.Lock()

    def ready(self, path: str) -> Sheet | None:
        """Return a calendar from memory, without a query; None when it has to be looked up."""
        if self._clock.monotonic() - self._asked_at >= FRESH_SECONDS:
            return None
        sheet = self._sheets.get(path)
        return sheet if sheet is not None and sheet.stamp == self._stamp else None

    def public(self, path: str, slug: str) -> Sheet:
        """Look up the calendar of a group; the empty one when it is closed (by now), or never was."""
        with self._lock, self._database.reading() as session:
            kept, stamp = self._kept(session, path), self._stamp
            if kept is not None:
                return kept
            group = collect.open_group(session, slug)
            if group is None or stamp is None:
                return self._empty(stamp or (0, 0, 0))
            feed = collect.of_group(session, group, self._addresses, self._clock.now())
            return self._keep(path, collect.write(feed), stamp)

    def private(self, path: str, token: str) -> Sheet:
        """Look up a member's calendar; the empty one for a token that opens nothing (any more)."""
        with self._lock, self._database.reading() as session:
            kept, stamp = self._kept(session, path), self._stamp
            if kept is not None:
                return kept
            member = links.reader(session, token)
            if member is None or stamp is None:
                return self._empty(stamp or (0, 0, 0))
            feed = collect.of_member(session, member, self._addresses, self._clock.now())
            return self._keep(path, collect.write(feed), stamp)

    def _kept(self, session: Session, path: str) -> Sheet | None:
        """Ask what the newest stamp is, unless somebody just did, and return what is still right."""
        asked_at = self._clock.monotonic()
        if asked_at - self._asked_at >= FRESH_SECONDS:
            self._stamp = collect.stamp(session)
            self._asked_at = asked_at
        return self.ready(path)

    def _keep(self, path: str, body: bytes, stamp: Stamp) -> Sheet:
        before = self._sheets.pop(path, None)
        same = before is not None and before.plain.body == body
        modified = before.modified if before is not None and same else self._later_than(before)
        if len(self._sheets) >= SHELF:
            del self._sheets[next(iter(self._sheets))]
        sheet = self._sheets[path] = self._sheet(body, stamp, modified)
        return sheet

    def _empty(self, stamp: Stamp) -> Sheet:
        # Its time goes on with every stamp: whoever held a calendar that was revoked since must not have a newer one.
        if self._nothing is None or self._nothing.stamp != stamp:
            modified = self._later_than(self._nothing)
            self._nothing = self._sheet(collect.NOTHING, stamp, modified)
        return self._nothing

    def _later_than(self, before: Sheet | None) -> datetime:
        """Return a time of change that never goes back: some programs compare nothing else."""
        now = self._clock.now().replace(microsecond=0)
        return max(now, before.modified + SECOND) if before else now

    def _sheet(self, body: bytes, stamp: Stamp, modified: datetime) -> Sheet:
        tag = hashlib.sha256(body).hexdigest()[:32]
        common = completed(_headers(modified), self._defaults)
        plain = _variant(body, f'"{tag}"', common)
        if len(body) < WORTH_PACKING:
            return Sheet(stamp, modified, plain, plain)
        packed = gzip.compress(body, 6, mtime=0)
        return Sheet(
            stamp, modified, plain, _variant(packed, f'"{tag}-gzip"', [*common, (b"content-encoding", b"gzip")])
        )


def _headers(modified: datetime) -> list[Header]:
    return [
        (b"content-type", b"text/calendar; charset=utf-8"),
        (b"content-disposition", b'inline; filename="calendar.ics"'),
        (b"last-modified", format_datetime(modified, usegmt=True).encode()),
        (b"cache-control", b"private, max-age=300"),
        (b"vary", b"Accept-Encoding"),
    ]


def _variant(body: bytes, tag: str, headers: Sequence[Header]) -> Variant:
    with_tag = [*headers, (b"etag", tag.encode())]
    of_body = {b"content-type", b"content-encoding", b"content-disposition"}
    return Variant(
        tag,
        body,
        [*with_tag, (b"content-length", str(len(body)).encode())],
        [one for one in with_tag if one[0] not in of_body],
    )


class FromMemory:
    """Answers for calendars that are ready, before anything else looks at the request."""

    def __init__(self, app: ASGIApp, shelf: Shelf) -> None:
        self._app = app
        self._shelf = shelf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sheet = None
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}:
            sheet = self._shelf.ready(scope["path"])
        if sheet is None:
            await self._app(scope, receive, send)
            return
        status, headers, body = answer(sheet, scope)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Feeds:
    """The pages of calendars."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def group(self, request: Request) -> Response:
        """Answer with what everybody may see of a group; closed groups are as unknown as others."""
        return _response(self._shelf.public(request.scope["path"], request.path_params["slug"]), request.scope)

    def member(self, request: Request) -> Response:
        """Answer with a member's calendar."""
        return _response(self._shelf.private(request.scope["path"], request.path_params["token"]), request.scope)


def robots(_request: Request) -> Response:
    """Let importers in."""
    return PlainTextResponse(ROBOTS)


def _response(sheet: Sheet, scope: Scope) -> Response:
    status, headers, body = answer(sheet, scope)
    response = Response(body, status)
    response.raw_headers = list(headers)
    return response


def answer(sheet: Sheet, scope: Scope) -> tuple[int, Sequence[Header], bytes]:
    """Return status, headers and body for whoever asks for a calendar."""
    asked = _asked(scope["headers"])
    variant = sheet.packed if takes_gzip(asked.get(b"accept-encoding", "")) else sheet.plain
    if _knows(asked, sheet):
        return 304, variant.unchanged, b""
    return 200, variant.whole, b"" if scope["method"] == "HEAD" else variant.body


def _asked(headers: Iterable[Header]) -> dict[bytes, str]:
    """Return the headers that decide, those sent twice joined as one list."""
    found: dict[bytes, str] = {}
    for name, value in headers:
        if name in {b"accept-encoding", b"if-none-match", b"if-modified-since"}:
            text = value.decode("latin-1")
            found[name] = f"{found[name]},{text}" if name in found else text
    return found


def _knows(asked: dict[bytes, str], sheet: Sheet) -> bool:
    """Tell whether somebody has this very calendar already (RFC 9110, 13.2.2)."""
    tags = asked.get(b"if-none-match")
    if tags is None:
        return _same_moment(asked.get(b"if-modified-since", ""), sheet.modified)
    given = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    # Either coding will do: proxies pack and unpack as they like.
    return not given.isdisjoint({"*", sheet.plain.tag, sheet.packed.tag})


def _same_moment(text: str, modified: datetime) -> bool:
    # Equal, not “not newer”: another process may have written its calendar at another second.
    try:
        return parsedate_to_datetime(text).astimezone(UTC) == modified
    except (ValueError, OverflowError):
        return False


def takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding takes gzip."""
    weights = {
        name.strip().lower(): _weight(rest) for name, _, rest in (one.partition(";") for one in accepted.split(","))
    }
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weight(parameters: str) -> float:
    name, _, value = parameters.replace(" ", "").partition("=")
    try:
        return float(value) if name.lower() == "q" else 1.0
    except ValueError:
        return 0.0
