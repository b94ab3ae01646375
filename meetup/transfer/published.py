"""A published listing as named texts, whatever it is made of: Meeting Guide JSON, a calendar, a table, a web page."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from meetup.errors import NotUnderstood
from meetup.transfer.exposures import Sort
from meetup.transfer.ics import lines
from meetup.transfer.ics.lines import Component
from meetup.transfer.ics.values import unescaped

LARGEST = 20_000_000  # bytes
DEEPEST = 20
NAMES = ("name", "title", "summary", "alias", "meeting", "slug")
SORTS = {
    Sort.ROOM: r"conference_phone|dial|^conference$",
    Sort.PERSON: r"contact.*name|^contact$|name.*contact|contact_?\d*$|host|sponsor|secretary|attendee|organizer",
    Sort.MACHINE: r"lat|lon|geo|distance|slug|uid|(?:^|_)id(?:_|$)|updated|created|modified|stamp|key|hash|tz|rule|dt",
    Sort.PLACE: r"^(?:name|title|summary)$|address|street|location|city|region|venue",
}
PATTERNS = {sort: re.compile(pattern, re.IGNORECASE) for sort, pattern in SORTS.items()}


@dataclass(frozen=True, slots=True)
class Field:
    """One text, and where it stands."""

    entry: str
    name: str
    text: str

    @property
    def sort(self) -> Sort:
        """Return what it is there for, as its name tells."""
        return next((sort for sort, pattern in PATTERNS.items() if pattern.search(self.name)), Sort.WORDS)


def fields(data: bytes) -> Iterator[Field]:
    """Yield every text of a listing; refuse what nobody could read in it."""
    if len(data) > LARGEST:
        raise NotUnderstood(f"The listing is larger than {LARGEST // 1_000_000} MB", "Take a part of it")
    text = data.decode("utf-8-sig", errors="replace")
    start = text[:1000].lstrip().lower()
    if not start:
        raise NotUnderstood("The listing is empty")
    if start.startswith("begin:vcalendar"):
        yield from _of_calendar(lines.read(data).calendars)
    elif start.startswith(("[", "{")):
        yield from _of_json(text)
    elif start.startswith("<"):
        yield from _of_page(text)
    else:
        yield from _of_table(text)


def _of_calendar(components: Iterable[Component]) -> Iterator[Field]:
    for component in components:
        name = unescaped(component.value("SUMMARY")) or component.name.lower()
        for one in component.properties:
            value = one.value
            if one.name in {"ATTENDEE", "ORGANIZER", "CONTACT"}:
                value = f"{one.parameter('CN')} {value}".strip()
            yield Field(name, one.name.lower(), unescaped(value).removeprefix("mailto:"))
        yield from _of_calendar(component.parts)


def _of_json(text: str) -> Iterator[Field]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("The file begins as JSON, but it is none", "Look at its end: it may be cut off") from error
    yield from _of_value(found, "", "")


def _of_value(value: object, entry: str, name: str, depth: int = 0) -> Iterator[Field]:
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        entry = next((str(value[key]) for key in NAMES if isinstance(value.get(key), str)), entry)
        for key, inner in value.items():
            yield from _of_value(inner, entry, str(key), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_value(inner, entry, name, depth + 1)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield Field(entry, name, str(value))


def _of_page(text: str) -> Iterator[Field]:
    page = _Page()
    page.feed(text)
    page.close()
    for where, said in page.found:
        yield Field(page.title, where, said)


class _Page(HTMLParser):
    """Everything that a page says, and everywhere it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.found: list[tuple[str, str]] = []
        self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        for name, value in attrs:
            if value and name in {"href", "content", "alt", "title", "aria-label", "value"}:
                self.found.append((f"{tag} {name}", re.sub("^(?:mailto|tel|sms):", "", value)))

    def handle_endtag(self, _tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag == "title":
            self.title = " ".join(data.split())
        if data.strip() and self._tag != "style":
            self.found.append((self._tag or "text", data))


def _of_table(text: str) -> Iterator[Field]:
    """Yield the cells of a table, or the lines of anything else."""
    rows = list(csv.reader(io.StringIO(text.replace("\0", ""))))
    head = rows[0] if rows else []
    if len(head) < 2 or len(rows) < 2:
        yield from (
            Field(f"line {number}", "", line) for number, line in enumerate(text.splitlines(), 1) if line.strip()
        )
        return
    names = [name.strip().lower() for name in head]
    naming = next((names.index(name) for name in NAMES if name in names), 0)
    for row in rows[1:]:
        entry = row[naming] if len(row) > naming else ""
        yield from (Field(entry, name, cell) for name, cell in zip(names, row, strict=False) if cell.strip())
