"""Fill in the templates: texts for the wire, mails in two shapes with the same facts, and crisis lines."""

import re
import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from meetup.wording.languages import language
from notifications.rules.segments import Count, Encoding, plain, segments

HERE = Path(__file__).parent
LONGEST = 158  # septets; two stay free for what a network adds
LINK = re.compile(r"=> (?P<text>[^|]+) \| (?P<url>(?:https?|mailto):\S+)")
WIDTH = 72

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    undefined=StrictUndefined,
    autoescape=select_autoescape(("html",)),
    trim_blocks=True,
    lstrip_blocks=True,
)
# A text is one line in the end: here the newline after a block separates words.
_texts = _templates.overlay(trim_blocks=False, lstrip_blocks=False)


@dataclass(frozen=True, slots=True)
class Crisis:
    """Where a person answers, day and night; worded for the middle of a sentence and for its beginning."""

    inline: str
    alone: str
    emergency: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a mail; with an address it is a link that says where it goes."""

    text: str
    url: str = ""


def sms(name: str, wanted: str, values: Mapping[str, object]) -> str:
    """Fill in a text for SMS, in plain letters; the brief wording when the full one costs a second segment."""
    full = _sms(name, wanted, {**values, "brief": False})
    return full if fits(full) else _sms(name, wanted, {**values, "brief": True})


def fits(text: str) -> bool:
    """Tell whether a text stays in one segment."""
    count: Count = segments(text)
    return count.encoding is Encoding.GSM7 and count.units <= LONGEST


def _sms(name: str, wanted: str, values: Mapping[str, object]) -> str:
    filled = _texts.get_template(f"{language(wanted)}/{name}.txt").render(values)
    return plain(" ".join(filled.split()))


def fill(name: str, wanted: str, values: Mapping[str, object]) -> str:
    """Fill in one template for a mail."""
    return _templates.get_template(f"{language(wanted)}/{name}.txt").render(values).strip()


def paragraphs(written: str) -> tuple[tuple[Line, ...], ...]:
    """Read the lines and links of a filled-in mail."""
    blocks = re.split(r"\n\s*\n", written.strip())
    return tuple(tuple(_line(line.strip()) for line in block.splitlines() if line.strip()) for block in blocks)


def _line(line: str) -> Line:
    link = LINK.fullmatch(line)
    return Line(link["text"], link["url"]) if link else Line(line.removeprefix("=> "))


def text_mail(blocks: tuple[tuple[Line, ...], ...]) -> str:
    """Write a mail as plain text: narrow lines, and each address on a line of its own."""
    return "\n\n".join("\n".join(_text_line(line) for line in block) for block in blocks) + "\n"


def _text_line(line: Line) -> str:
    if line.url:
        return f"{line.text}:\n{line.url}"
    return textwrap.fill(line.text, WIDTH, break_long_words=False, break_on_hyphens=False)


def html_mail(blocks: tuple[tuple[Line, ...], ...], title: str, wanted: str) -> str:
    """Write a mail as HTML: nothing is fetched from anywhere."""
    values = {"paragraphs": blocks, "title": title, "language": language(wanted)}
    return _templates.get_template("mail.html").render(values)


@lru_cache(maxsize=64)
def crisis_line(country: str, wanted: str) -> Crisis:
    """Return a country's verified crisis line; else the emergency number and where lines are listed."""
    code = country.strip().upper()
    generic = tomllib.loads((HERE / "crisis" / "generic.toml").read_text(encoding="utf-8"))
    file = HERE / "crisis" / f"{code}.toml"
    known = re.fullmatch("[A-Z]{2}", code) and file.exists()
    region = tomllib.loads(file.read_text(encoding="utf-8")) if known else generic
    emergency = generic["emergency_by_country"].get(code, region["emergency"])
    words = region[language(wanted)]
    return Crisis(words["inline"], words["alone"], emergency)
