"""How many text segments a message costs, and how to keep it in one."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

# 3GPP TS 23.038, 6.2.1: the default alphabet and its extension, without the escape itself.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[]~|€\f")

# What no decomposition finds. Blanks come from Babel, quotes and dashes from word processors.
SPELLINGS = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "´": "'", "`": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"', "‹": "'", "›": "'",
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "•": "-", "·": "-",
        "…": "...", "№": "No", "×": "x",
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "ð": "d", "Ð": "D",
        "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ŋ": "n", "Ŋ": "N", "ẞ": "SS",
        "\u200b": "", "\u200c": "", "\u200d": "", "\u200e": "", "\u200f": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
    }
)  # fmt: skip


# Signs that turn the direction of writing, join letters or mean nothing to anybody: none may reach a phone.
UNSEEN = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})


class Encoding(StrEnum):
    """How the network writes a text."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


# Units that fit into a single text, and into each part of a longer one.
ROOM = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}


@dataclass(frozen=True, slots=True)
class Count:
    """What a text costs."""

    encoding: Encoding
    units: int
    segments: int


def segments(text: str) -> Count:
    """Count a text as the carriers do."""
    sizes = _sizes(text)
    encoding = Encoding.UCS2 if 0 in sizes else Encoding.GSM7
    if encoding is Encoding.UCS2:
        sizes = [len(letter.encode("utf-16-le")) // 2 for letter in text]
    single, part = ROOM[encoding]
    units = sum(sizes)
    return Count(encoding, units, 1 if units <= single else _parts(sizes, part))


def _sizes(text: str) -> list[int]:
    """Return each letter's septets; 0 for a letter that GSM-7 does not have."""
    return [1 if letter in BASIC else 2 if letter in EXTENSION else 0 for letter in text]


def _parts(sizes: list[int], room: int) -> int:
    """Fill part after part; an escaped letter or a surrogate pair is never torn apart."""
    parts, used = 1, 0
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts


def plain(text: str) -> str:
    """Write a text with GSM-7 letters where a near one exists; letters of other scripts stay as they are."""
    spelled = unicodedata.normalize("NFC", text).translate(SPELLINGS)
    return "".join(_plain_letter(letter) for letter in spelled)


def _plain_letter(letter: str) -> str:
    if letter in BASIC or letter in EXTENSION:
        return letter
    if letter.isspace():
        return " "
    if unicodedata.category(letter) in UNSEEN:
        return ""
    bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return bare if all(c in BASIC or c in EXTENSION for c in bare) else letter
