"""Bytes → components: content lines of RFC 5545 as they are found, and never more of them than somebody can mean.

The `icalendar` package takes a millisecond an event and reads whatever it is given; a file from outside is measured
first and then read by these few lines, which know nothing of what a property means.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from meetup.errors import NotUnderstood

LARGEST = 10_000_000  # bytes
MOST_LINES = 400_000
LONGEST_LINE = 100_000  # characters, unfolded
MOST_EVENTS = 10_000
MOST_COMPONENTS = 40_000
DEEPEST = 4  # VCALENDAR, VTIMEZONE, STANDARD, and one to spare

HINT = "A calendar is a file that begins with BEGIN:VCALENDAR and often ends in .ics"
PAGE_HINT = (
    "The address may ask for a login first: look for the address of the calendar itself, which often ends in .ics"
)

_FOLD = re.compile(rb"\r?\n[ \t]")
_BREAK = re.compile(r"\r\n|\n|\r")  # not splitlines(), which breaks texts at U+2028 as well
_EVENT = re.compile(rb"^BEGIN:VEVENT\b", re.MULTILINE | re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9-]++")
# Possessive: what does not fit is given up at once, whatever stands in it.
_PARAMETER = re.compile(r";([A-Za-z0-9-]++)=((?:\"[^\"]*+\"|[^\";:])*+)")


@dataclass(frozen=True, slots=True)
class Property:
    """One content line, its value as it stands there."""

    name: str
    value: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def parameter(self, name: str) -> str:
        """Return a parameter without its quotes; empty when it is not there."""
        return self.parameters.get(name, "").strip('"')


@dataclass(slots=True)
class Component:
    """What stands between a BEGIN and its END."""

    name: str
    properties: list[Property] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)
    strange: int = 0  # lines that are no properties

    def all(self, *names: str) -> list[Property]:
        """Return the properties of some names, in the order of the file."""
        return [one for one in self.properties if one.name in names]

    def first(self, *names: str) -> Property | None:
        """Return the first property of the first name that is there."""
        return next((one for name in names for one in self.properties if one.name == name), None)

    def value(self, *names: str) -> str:
        """Return the value of that property, or nothing."""
        found = self.first(*names)
        return found.value if found else ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file."""

    calendars: tuple[Component, ...]
    guessed: bool = False  # it was not text in UTF-8 or UTF-16


def read(data: bytes) -> Document:
    """Read a file, or refuse it with the reason."""
    if len(data) > LARGEST:
        raise NotUnderstood(f"The calendar is larger than {LARGEST // 1_000_000} MB", SPLIT)
    text, guessed = _text(data)
    _refuse_others(text)
    calendars = tuple(_components(text))
    if not calendars:
        raise NotUnderstood("The file is not a calendar", HINT)
    return Document(calendars, guessed)


SPLIT = "Export only the calendar that you need, or only its dates to come"


def _text(data: bytes) -> tuple[str, bool]:
    """Return the unfolded text, and whether its encoding had to be guessed."""
    wide = _wide(data)
    if wide:
        data = data.decode(wide, errors="replace").encode("utf-8", errors="replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if len(_EVENT.findall(data)) > MOST_EVENTS:
        raise NotUnderstood(f"The calendar holds more than {MOST_EVENTS} entries", SPLIT)
    # Unfolded as bytes: a line may be folded in the middle of a character.
    unfolded = _FOLD.sub(b"", data)
    try:
        return unfolded.decode("utf-8"), False
    except UnicodeDecodeError:
        return unfolded.decode("cp1252", errors="replace"), True


def _wide(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    return {b"B\0E\0": "utf-16-le", b"\0B\0E": "utf-16-be"}.get(data[:4], "")


def _refuse_others(text: str) -> None:
    start = text[:500].lstrip()
    if not start:
        raise NotUnderstood("The file is empty", HINT)
    if start.startswith("<"):
        raise NotUnderstood("That is a web page, not a calendar", PAGE_HINT)
    if not start.upper().startswith("BEGIN:VCALENDAR"):
        raise NotUnderstood("The file is not a calendar", HINT)


def _components(text: str) -> Iterator[Component]:
    """Yield the calendars of a text; what stands between two of them is passed over."""
    open_ones: list[Component] = []
    made = count(1)
    for line in _lines(text):
        name, _, value = line.partition(":")
        match name.upper():
            case "BEGIN":
                _begin(open_ones, value, next(made))
            case "END":
                closed = _end(open_ones, value)
                if not open_ones:
                    yield closed
            case _ if open_ones:
                _add(open_ones[-1], line)
    if open_ones:
        raise NotUnderstood(
            f"The calendar breaks off: the end of its {open_ones[-1].name} is missing", "Download or export it again"
        )


def _lines(text: str) -> Iterator[str]:
    if text.count("\n") + text.count("\r") > 2 * MOST_LINES:
        raise NotUnderstood(f"The calendar has more than {MOST_LINES} lines", SPLIT)
    for line in _BREAK.split(text):
        if len(line) > LONGEST_LINE:
            raise NotUnderstood(f"The calendar has a line of more than {LONGEST_LINE} characters", SPLIT)
        if line.strip():
            yield line


def _begin(open_ones: list[Component], value: str, number: int) -> None:
    if len(open_ones) >= DEEPEST:
        raise NotUnderstood("The calendar holds components within components within components", HINT)
    if number > MOST_COMPONENTS:
        raise NotUnderstood(f"The calendar has more than {MOST_COMPONENTS} parts", SPLIT)
    fresh = Component(value.strip().upper()[:40])
    if open_ones:
        open_ones[-1].parts.append(fresh)
    open_ones.append(fresh)


def _end(open_ones: list[Component], value: str) -> Component:
    name = value.strip().upper()[:40]
    if not open_ones or open_ones[-1].name != name:
        expected = f", where END:{open_ones[-1].name} was to come" if open_ones else ""
        raise NotUnderstood(f"The calendar is broken: it says END:{name}{expected}", "Download or export it again")
    return open_ones.pop()


def _add(component: Component, line: str) -> None:
    found = _property(line)
    if found:
        component.properties.append(found)
    else:
        component.strange += 1


def _property(line: str) -> Property | None:
    name = _NAME.match(line)
    if name is None:
        return None
    at = name.end()
    parameters: dict[str, str] = {}
    while parameter := _PARAMETER.match(line, at):
        parameters[parameter[1].upper()] = parameter[2]
        at = parameter.end()
    return Property(name[0].upper(), line[at + 1 :], parameters) if line[at : at + 1] == ":" else None
