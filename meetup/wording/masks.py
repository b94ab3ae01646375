"""Addresses as they may be shown: enough to recognize one's own, too little to reach somebody else."""

import re

HIDDEN = "•••"
# The country codes of one and of two digits; all others have three (ITU-T E.164).
_COUNTRY = re.compile(r"\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})\d{3,}(\d{4})")


def mask(address: str) -> str:
    """Return `+1 ••• ••• 0123` for a number, `a•••@example.org` for a mail address, dots for anything else."""
    local, at, domain = address.rpartition("@")
    if local and at and domain:
        return f"{local[0]}{HIDDEN}@{domain}"
    number = _COUNTRY.fullmatch(address)
    return f"+{number[1]} {HIDDEN} {HIDDEN} {number[2]}" if number else HIDDEN
