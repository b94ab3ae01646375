"""Mail that comes back: what a delivery report (RFC 3464) or a complaint (RFC 5965) says. Anybody may write one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from enum import StrEnum
from typing import TypeAlias

from notifications.channels.replies import FULL, NOBODY_THERE

DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
COMPLAINT = "message/feedback-report"
ENCLOSED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
ARRIVED_AT = ("delivered-to", "x-original-to", "to")  # what relays say of the recipient, the surest first
VAGUE = "5.0.0"
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
_REPLY = re.compile(r"\b5\d\d[ -](5\.\d{1,3}\.\d{1,3})(?!\.?\d)")
# Policy, authentication, reputation; the mail's size and form: whoever it was for has nothing to do with that.
_OUR_FAULT = re.compile(r"(?<![\d.])5\.(?:7\.\d{1,3}|6\.\d{1,3}|3\.4|2\.3)(?!\.?\d)")
_BLANK = re.compile(r"\n[ \t\r]*\n")

Part: TypeAlias = "Message[str, str]"
Fields = dict[str, str]


class News(StrEnum):
    """What a mail that came back tells, in words for the organizer."""

    NOTHING = "nothing new"
    ARRIVED = "it arrived"
    NOBODY_THERE = "nobody is reached there"
    FULL = "the mailbox is full or shut"
    CAME_BACK = "it came back"
    GIVEN_UP = "given up after days, which says nothing about the address"
    TURNED_AWAY = "turned away for what it is or where it comes from"
    UNWANTED = "reported as unwanted"


@dataclass(frozen=True, slots=True)
class Returned:
    """A report: what it says, and the texts in which the envelope address of our mail may stand."""

    news: News
    status: str  # an enhanced code (RFC 3463), or nothing
    addresses: tuple[str, ...]


def read(raw: bytes, recipient: str = "") -> Returned | None:
    """Read a message as a report about one mail; return None when it is none, or cannot be read."""
    try:
        # Not the newer policy: for a header of 20,000 semicolons it takes as long as this one for a megabyte of them.
        message = message_from_bytes(raw)
    except RecursionError:
        return None
    if message.get_content_type() != "multipart/report":
        return None
    arrived_at = (recipient, *(value for name in ARRIVED_AT for value in _values(message, name)))
    for part in _inside(message):
        kind = part.get_content_type()
        if kind in DELIVERY:
            news, status = _fate(list(_blocks(part)))
            return Returned(news, status, arrived_at)
        if kind == COMPLAINT:
            return Returned(_complaint(part), "", (*arrived_at, *_sent_from(message)))
    return None


def _fate(blocks: Sequence[Fields]) -> tuple[News, str]:
    """Say what became of the mail: a block for each recipient. Ours has one, who may have it passed on to more."""
    failed = [block for block in blocks if _word(block, "action") == "failed"]
    if failed:
        return _failure(failed[0])
    arrived = any(_word(block, "action") == "delivered" for block in blocks)
    return (News.ARRIVED if arrived else News.NOTHING), ""


def _failure(block: Fields) -> tuple[News, str]:
    status, diagnostic = block.get("status", ""), block.get("diagnostic-code", "")
    # Wherever it says so: behind the status of an unknown mailbox may stand that it is us who are not wanted.
    ours = _OUR_FAULT.search(f"{status} {diagnostic}")
    if ours:
        return News.TURNED_AWAY, ours[0]
    code = _code(status, diagnostic)
    if not code.startswith("5"):
        return News.GIVEN_UP, code
    if code in NOBODY_THERE:
        return News.NOBODY_THERE, code
    return (News.FULL if code in FULL else News.CAME_BACK), code


def _code(status: str, diagnostic: str) -> str:
    """Return the enhanced code. Exim calls every failure 5.0.0, and what the other side said stands beside it."""
    found = _STATUS.match(status)
    if found and found[0] != VAGUE:
        return found[0]
    said = _REPLY.search(diagnostic)
    return said[1] if said else VAGUE


def _complaint(part: Part) -> News:
    kinds = [_word(_fields(one), "feedback-type") for one in _inside(part)]
    return News.UNWANTED if kinds == ["abuse"] else News.NOTHING


def _sent_from(message: Part) -> Iterator[str]:
    """Yield what a complaint says of the envelope that our mail came in."""
    for part in _inside(message):
        if part.get_content_type() == COMPLAINT:
            yield from (value for one in _inside(part) for value in _values(one, "original-mail-from"))
        elif part.get_content_type() in ENCLOSED:
            yield from (value for one in _enclosed(part) for value in _values(one, "return-path"))


def _enclosed(part: Part) -> list[Part]:
    """Return the mail that a part holds, or its headers."""
    return _inside(part) or [HeaderParser().parsestr(_text(part))]


def _blocks(part: Part) -> Iterator[Fields]:
    for one in _inside(part):
        yield _fields(one)
        # That of an international mail (RFC 6533) is read as one message: its other blocks are its text.
        for block in _BLANK.split(_text(one)):
            yield _fields(HeaderParser().parsestr(block.lstrip()))


def _inside(part: Part) -> list[Part]:
    payload = part.get_payload() if part.is_multipart() else []
    return [one for one in payload if isinstance(one, Message)]


def _text(part: Part) -> str:
    """Return the text of a part in ASCII: its charset is not believed, the library stumbles over some."""
    payload = part.get_payload(decode=True)
    return payload.decode("ascii", "replace") if isinstance(payload, bytes) else ""


def _fields(part: Part) -> Fields:
    """Return the fields of a block by their names; of two with one name the first counts."""
    return {name.lower(): " ".join(str(value).split()) for name, value in reversed(list(part.raw_items()))}


def _values(part: Part, name: str) -> list[str]:
    return [str(value) for found, value in part.raw_items() if found.lower() == name]


def _word(block: Fields, name: str) -> str:
    """Return the first word of a field: a comment may follow it."""
    return block.get(name, "").lower().partition(" ")[0].partition("(")[0].strip(";")
