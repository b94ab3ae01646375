"""A calendar as it goes over the wire: its codings, its validators, and who has it already (RFC 9110)."""

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

from commands.web.security import Header, completed

WORTH_PACKING = 500
DECISIVE = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body; `head` is the status line and the headers as they go over the wire."""

    status: int
    headers: Sequence[Header]
    head: bytes
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Variant:
    """A calendar in one coding, with all that can be answered about it."""

    tag: str
    whole: Answer
    bare: Answer  # the same for a HEAD
    unchanged: Answer


@dataclass(frozen=True, slots=True)
class Sheet:
    """A calendar, ready to be sent. Without `modified` only its tag can tell whether it has changed."""

    body: bytes
    modified: datetime | None
    plain: Variant
    packed: Variant

    @property
    def size(self) -> int:
        """Return about how many bytes it takes in memory."""
        return len(self.plain.whole.body) + len(self.packed.whole.body) + 6_000


def tag_of(body: bytes) -> str:
    """Return a hash of a calendar: equal tags are equal bytes."""
    return hashlib.sha256(body).hexdigest()[:32]


def sheet(body: bytes, modified: datetime | None, defaults: Sequence[Header]) -> Sheet:
    """Make a calendar ready."""
    tag = tag_of(body)
    common = completed(_headers(modified), defaults)
    plain = _variant(body, f'"{tag}"', common)
    if len(body) < WORTH_PACKING:
        return Sheet(body, modified, plain, plain)
    packed = gzip.compress(body, 6, mtime=0)
    return Sheet(body, modified, plain, _variant(packed, f'"{tag}-gzip"', [*common, (b"content-encoding", b"gzip")]))


def answer(found: Sheet, method: str, headers: Iterable[Header]) -> Answer:
    """Return what whoever asks for a calendar gets."""
    asked = _asked(headers)
    variant = found.packed if takes_gzip(asked.get(b"accept-encoding", "")) else found.plain
    if _knows(asked, found):
        return variant.unchanged
    return variant.bare if method == "HEAD" else variant.whole


@lru_cache(maxsize=256)
def takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding takes gzip."""
    weights = {
        name.strip().lower(): _weight(rest) for name, _, rest in (one.partition(";") for one in accepted.split(","))
    }
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _headers(modified: datetime | None) -> list[Header]:
    return [
        (b"content-type", b"text/calendar; charset=utf-8"),
        (b"content-disposition", b'inline; filename="calendar.ics"'),
        *([(b"last-modified", format_datetime(modified, usegmt=True).encode())] if modified else []),
        (b"cache-control", b"private, max-age=300"),
        (b"vary", b"Accept-Encoding"),
    ]


def _variant(body: bytes, tag: str, headers: Sequence[Header]) -> Variant:
    with_tag = [*headers, (b"etag", tag.encode())]
    of_body = {b"content-type", b"content-encoding", b"content-disposition"}
    whole = [*with_tag, (b"content-length", str(len(body)).encode())]
    return Variant(
        tag,
        _answer(200, b"OK", whole, body),
        _answer(200, b"OK", whole),
        _answer(304, b"Not Modified", [one for one in with_tag if one[0] not in of_body]),
    )


def _answer(status: int, phrase: bytes, headers: Sequence[Header], body: bytes = b"") -> Answer:
    lines = [b"HTTP/1.1 %d %s" % (status, phrase), *(b"%s: %s" % header for header in headers)]
    return Answer(status, headers, b"\r\n".join([*lines, b""]), body)


def _asked(headers: Iterable[Header]) -> dict[bytes, str]:
    """Return the headers that decide, those sent twice joined as one list."""
    found: dict[bytes, str] = {}
    for name, value in headers:
        if name in DECISIVE:
            text = value.decode("latin-1")
            found[name] = f"{found[name]},{text}" if name in found else text
    return found


def _knows(asked: dict[bytes, str], found: Sheet) -> bool:
    """Tell whether somebody has this very calendar already (RFC 9110, 13.2.2)."""
    tags = asked.get(b"if-none-match")
    if tags is None:
        return b"if-modified-since" in asked and _same_moment(asked[b"if-modified-since"], found.modified)
    given = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    # Either coding will do: proxies pack and unpack as they like.
    return not given.isdisjoint({"*", found.plain.tag, found.packed.tag})


def _same_moment(text: str, modified: datetime | None) -> bool:
    # Equal, not “not newer”: whoever has a date that we never gave has something else.
    try:
        return parsedate_to_datetime(text).astimezone(UTC) == modified
    except (ValueError, OverflowError):
        return False


def _weight(parameters: str) -> float:
    name, _, value = parameters.replace(" ", "").partition("=")
    try:
        return float(value) if name.lower() == "q" else 1.0
    except ValueError:
        return 0.0
