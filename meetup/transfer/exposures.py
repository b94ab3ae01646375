"""What a published text gives away that no listing should: what opens a room, and who somebody is. Pure.

It is a search by likeness: it shows what a person should look at, and cannot promise that nothing else is there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher

from meetup.feeds.views import holds_secret
from meetup.wording.masks import HIDDEN, mask


class Leak(StrEnum):
    """What is given away."""

    OPENER = "link that opens the room"
    PASSCODE = "passcode"
    PHONE = "phone number"
    MAIL = "mail address"
    SURNAME = "surname"


class Sort(StrEnum):
    """What a text is there for."""

    WORDS = "words"
    ROOM = "room"  # numbers in it are those that a room is reached by
    PERSON = "person"  # all of it names somebody
    PLACE = "place"  # streets are called after people
    MACHINE = "machine"  # coordinates, keys, moments


@dataclass(frozen=True, slots=True)
class Exposure:
    """One find, shown so that whoever wrote it recognizes it, and nobody else learns it."""

    leak: Leak
    shown: str


LONGEST = 50_000  # characters of one text; who writes more in one field hides nothing better
LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# A mailbox of a role is meant to be read by everybody.
ROLES = frozenset({
    "info", "contact", "contacto", "hello", "hola", "office", "admin", "secretary", "secretaria", "help", "support",
    "webmaster", "web", "chair", "meetings", "ayuda", "correo", "mail", "noreply", "no-reply",
})  # fmt: skip
WORD = r"pass\s?codes?|passwords?|passwd|pwd|pass|pw|pin|contraseñas?|claves?|c[oó]digo de acceso"
PASSCODE = re.compile(
    rf"\b(?P<word>{WORD})\b(?P<sign>\s*(?:is\b|es\b|[:=#])\s*|\s+)[\"“'(]?(?P<code>[^\s\"”'),;.]{{3,}})", re.IGNORECASE
)
SAYING_NOTHING = frozenset({
    "required", "needed", "necessary", "protected", "not", "none", "the", "and", "for", "from", "will", "please", "has",
    "have", "can", "may", "only", "same", "members", "requerida", "necesaria", "para", "los", "las", "por",
})  # fmt: skip
# What a phone dials after the meeting's number: `…,,81857579351#,,,,*268153#`.
DIALLED = re.compile(r",+\d{6,}#[,#*\d]*?,[,#]*\*?(\d{3,})#")
BEFORE_A_NUMBER = re.compile(
    r"(?:\bids?\b|\bdial[- ]?in\b|\bmarcar\b|\bn[uú]mero de reuni[oó]n\b)[^\n\d+(]{0,20}$", re.IGNORECASE
)
FIRST = r"(?<!\w)(?P<first>[A-ZÁÉÍÓÚÑ][a-záéíóúñü]+)"
LAST = r"(?P<last>(?:[OD]['’]|Ma?c)?[A-ZÁÉÍÓÚÑ][a-záéíóúñü'’]*[a-záéíóúñü](?:-[A-Z][a-z]+)?)\b"
NAME = rf"{FIRST}\s+(?:[A-Z]\.?\s+)?{LAST}"
ASKED_FOR = re.compile(
    r"\b(?:(?i:contact|call|text|ask for|hosts?|hosted by|chair(?:person)?|secretary|treasurer|led by|leader|sponsor|"
    r"questions|facilitators?|contacto|llamar? a|preguntar? por|anfitri[oó]na?|coordinad?[oa]r?a?(?: por)?))"
    rf"\b[\s:?–-]{{1,3}}(?:(?:is|es|to|a|with|con)\s+)?{NAME}"
)
WHOLE_NAME = re.compile(rf"\s*{NAME}\s*")
HANDLE = re.compile(r"@(?P<first>[A-Z][a-z]+)[-_.]?(?P<last>[A-Z][a-z]+)\b")
NO_SURNAMES = frozenset({
    "Group", "Church", "Room", "Hall", "Street", "Avenue", "Road", "Meeting", "Center", "Centre", "House", "Zoom",
    "Line", "Office", "Library", "School", "Phone", "Club", "Big", "Book", "Step", "Study", "Conference", "Call",
    "Dial", "For", "Password", "Info", "Team", "Email", "Route", "Between", "Main", "St", "Ave", "Rd", "Building",
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Grupo", "Iglesia", "Sala",
    "Calle",
})  # fmt: skip


def exposures(text: str, sort: Sort, country: str = "US") -> Iterator[Exposure]:
    """Yield what a text gives away; `country` is where numbers without a code are dialled."""
    text = text[:LONGEST]
    bare = LINK.sub(" ", text)
    yield from _openers(text)
    if sort is Sort.MACHINE:
        return
    yield from _passcodes(bare)
    if sort is not Sort.ROOM:
        yield from _numbers(bare, country)
    yield from _mails(bare)
    if sort is not Sort.PLACE:
        yield from _surnames(bare, names=sort is Sort.PERSON)


def _openers(text: str) -> Iterator[Exposure]:
    for link in LINK.findall(text):
        if holds_secret(link):
            yield Exposure(Leak.OPENER, f"{link.split('/')[2]}/{HIDDEN}")


def _passcodes(text: str) -> Iterator[Exposure]:
    for found in PASSCODE.finditer(text):
        code, said = found["code"], bool(found["sign"].strip())
        if code.lower() not in SAYING_NOTHING and (said or any(sign.isdigit() for sign in code)):
            yield Exposure(Leak.PASSCODE, f"{found['word']} {code[0]}{HIDDEN}")
    for found in DIALLED.finditer(text):
        yield Exposure(Leak.PASSCODE, f"…#,,{found[1][0]}{HIDDEN}")


def _numbers(text: str, country: str) -> Iterator[Exposure]:
    for found in PhoneNumberMatcher(text, country or None, leniency=Leniency.VALID, max_tries=1_000):
        if not BEFORE_A_NUMBER.search(text[max(0, found.start - 60) : found.start]):
            number = phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
            yield Exposure(Leak.PHONE, mask(number))


def _mails(text: str) -> Iterator[Exposure]:
    for address in MAIL.findall(text):
        if address.partition("@")[0].lower() not in ROLES:
            yield Exposure(Leak.MAIL, mask(address))


def _surnames(text: str, *, names: bool) -> Iterator[Exposure]:
    patterns = (ASKED_FOR, HANDLE, *((WHOLE_NAME,) if names else ()), *_beside())
    told = dict.fromkeys((one["first"], one["last"]) for pattern in patterns for one in pattern.finditer(text))
    for first, last in told:
        if not {first, last} & NO_SURNAMES:
            yield Exposure(Leak.SURNAME, f"{first} {last[0]}{HIDDEN}")


@cache
def _beside() -> tuple[re.Pattern[str], ...]:
    """Return what finds a name that stands before a number or a mail address."""
    return (re.compile(rf"{NAME}\s*[-–:,(]?\s*(?=\+?\(?\d{{3}}[)\s.-]|[\w.+-]+@)"),)
