"""The envelope address of a mail: whoever answers it with a report says which delivery it is about, and proves it."""

import hmac
import re
from base64 import b32encode
from hashlib import sha256

LONGEST_LOCAL = 16  # a code and its mac take 48 of the 64 octets before the @ (RFC 5321 section 4.5.3.1)
LONGEST = 200
_BASE = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST_LOCAL - 1}}}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_SIGNED = re.compile(r"(?<![0-9a-z])([0-9a-z]{1,64})-([a-z2-7]{26})(?![0-9a-z])")


def checked(base: str) -> str:
    """Return the address that all of them are made from, in lower case; raise ValueError when none can be."""
    folded = base.strip().lower()
    if folded and (not _BASE.fullmatch(folded) or len(folded) > LONGEST):
        raise ValueError(f"it must look like bounce@example.org, with up to {LONGEST_LOCAL} plain letters before the @")
    return folded


def sender(base: str, secret: bytes, code: str) -> str:
    """Return the envelope address of a delivery: the same on every try, and in lower case, since relays fold it."""
    local, _, domain = base.partition("@")
    return f"{local}+{code}-{_mac(secret, code)}@{domain}"


def read(secret: bytes, text: str) -> str | None:
    """Return the code that an address proves; what relays have put around it (SRS, BATV, angle brackets) is no matter.

    Without the proof anybody could silence anybody. No domain is compared: the mac is what counts.
    """
    proven = [found for found, mac in _SIGNED.findall(text.lower()) if hmac.compare_digest(_mac(secret, found), mac)]
    return proven[0] if proven else None


def _mac(secret: bytes, delivery: str) -> str:
    digest = hmac.digest(secret, f"bounce\0{delivery}".encode(), sha256)
    return b32encode(digest).decode().lower()[:26]
