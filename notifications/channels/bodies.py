"""The bodies of mails as bytes: encoded once for everybody who gets the same words.

What is each person's own (the addresses of their links) stands on lines of its own in the encoded bytes, between soft
line breaks that no reader sees, and is put in there.
"""

import re
from collections.abc import Iterator, Sequence
from email import quoprimime
from functools import lru_cache
from hashlib import sha256

from markupsafe import escape

LONGEST_LINE = 75  # one fewer than RFC 2045 allows, for a soft line break after it
SOFT_BREAK = b"=\r\n"
_NOT_IN_TEXTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_STAND_IN = re.compile("\x00(\\d+)\x00")
_PLAIN = re.compile(rf"[!-<>-~]{{1,{LONGEST_LINE}}}")
Piece = bytes | int  # what all have in common, or which address stands here


def content(body: str, html: str, own: Sequence[str]) -> bytes | None:
    """Return the content of a mail with the headers about it; None when a character stands in it that no mail carries.

    `own` are the addresses that only this person gets.
    """
    if "\x00" in body or "\x00" in html:
        return None
    in_html = [str(escape(address)) for address in own] if html else []
    shape = _shape(_common(body, own), _common(html, in_html), len(own))
    if shape is None:
        return None
    addresses = [_quoted(address) for address in (*own, *in_html)]
    return b"".join([piece if isinstance(piece, bytes) else addresses[piece] for piece in shape])


def _common(text: str, own: Sequence[str]) -> str:
    """Return what all who get these words have in common: instead of each address its number."""
    common = text.replace("\r\n", "\n")
    for number, address in enumerate(own):
        common = common.replace(address, f"\x00{number}\x00")
    return common if common.endswith("\n") or not common else f"{common}\n"


@lru_cache(maxsize=64)
def _shape(body: str, html: str, addresses: int) -> tuple[Piece, ...] | None:
    if any(_NOT_IN_TEXTS.search(_STAND_IN.sub("", text)) for text in (body, html)):
        return None
    plain = tuple(_part("plain", body, 0))
    if not html:
        return plain
    # No quoted-printable text has "=_" in it.
    boundary = f"=_{sha256(f'{body}{html}'.encode()).hexdigest()[:32]}"
    head = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n--{boundary}\r\n'.encode()
    between, end = f"\r\n--{boundary}\r\n".encode(), f"\r\n--{boundary}--\r\n".encode()
    return (head, *plain, between, *_part("html", html, addresses), end)


def _part(kind: str, text: str, first: int) -> Iterator[Piece]:
    yield f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode()
    words = _STAND_IN.split(text)
    yield _quoted(words[0])
    for number, before, after in zip(words[1::2], words[::2], words[2::2], strict=False):
        if not before.endswith("\n") and before:
            yield SOFT_BREAK
        yield first + int(number)
        if not after.startswith("\n") and after:
            yield SOFT_BREAK
        yield _quoted(after)


def _quoted(text: str) -> bytes:
    """Write a text as quoted-printable, so that no relay needs to know 8BITMIME and no line is too long."""
    if _PLAIN.fullmatch(text):
        return text.encode()
    letters = text.encode().decode("latin-1")
    return quoprimime.body_encode(letters, LONGEST_LINE).replace("\n", "\r\n").encode("ascii")
