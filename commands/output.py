"""What commands say: data to stdout as a table or JSON, words to stderr, questions only to somebody who is there."""

import getpass
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from meetup.errors import UsageError
from meetup.values import clean

SCHEMA = 1
NARROW = 14  # columns up to this width stay whole
WIDE = 100  # a terminal that takes most tables as they are
LEAST = 6  # wider ones keep at least so much
_KEPT = re.compile(r"((\w{2,3} )?\d{4}-\d\d-\d\d)?([ T]?\d\d:\d\d.*)?|[0-9a-f]{8,}")  # dates, times and codes


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str = "") -> None:
    """Print aligned columns: whole into a pipe, fitted into a terminal. With no rows, say so on stderr."""
    lines = [[_cell(value) for value in row] for row in rows]
    if not lines:
        say(empty or "Nothing yet")
        return
    lines.insert(0, [header.upper() for header in headers])
    room = _terminal_width()
    fitted = fit(lines, room) if room else lines
    widths = _widths(fitted)
    for line in fitted:
        padded = (text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True))
        write("  ".join(padded).rstrip())


def fit(lines: Sequence[Sequence[str]], room: int) -> list[list[str]]:
    """Return a table, its headers first, without empty columns, and with the widest ones shortened until it fits.

    The first column, dates, codes and narrow columns stay whole.
    """
    kept = [column for column in range(len(lines[0])) if column == 0 or any(line[column] for line in lines[1:])]
    shown = [[line[column] for column in kept] for line in lines]
    widths = _widths(shown)
    loose = [column for column in range(1, len(widths)) if widths[column] > NARROW and not _held(shown, column)]
    while loose and sum(widths) + 2 * (len(widths) - 1) > room:
        widest = max(loose, key=lambda column: widths[column])
        if widths[widest] <= LEAST:
            break
        widths[widest] -= 1
    return [[_shortened(text, width) for text, width in zip(line, widths, strict=True)] for line in shown]


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Print one thing, a line for each fact that is known."""
    known = [(name, _cell(value)) for name, value in pairs if value not in (None, "")]
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        write(f"{name:<{width}}  {value}")


def emit_json(payload: Mapping[str, object]) -> None:
    """Print a versioned JSON document."""
    write(json.dumps({"schema": SCHEMA, **payload}, ensure_ascii=False, indent=2, default=_plain))


def write(line: str) -> None:
    """Print a line of data."""
    sys.stdout.write(f"{line}\n")


def say(text: str) -> None:
    """Tell the person at the terminal something that is not data."""
    sys.stderr.write(f"{text}\n")


def warn(text: str) -> None:
    """Tell the person at the terminal about something that may be wrong."""
    say(f"warning: {text}")


def refuse(message: str, hint: str = "") -> None:
    """Say why not, and after an empty line what to do instead."""
    say(f"error: {message}\n\nhint: {hint}" if hint else f"error: {message}")


def somebody_is_there() -> bool:
    """Tell whether a person sits at the terminal and can answer."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def on_a_terminal() -> bool:
    """Tell whether data goes to a terminal, where somebody may be watching."""
    return sys.stdout is not None and sys.stdout.isatty()


def ask(question: str, default: str = "") -> str:
    """Ask a person for a line of text; Enter alone takes the default."""
    offer = f" [{default}]" if default else ""
    sys.stderr.write(f"{question}{offer}: ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return clean(line) or default


def ask_quietly(question: str) -> str:
    """Ask a person for a line that nobody else is to read: it is not shown."""
    return clean(getpass.getpass(f"{question}: ", sys.stderr))


def confirm(question: str, *, yes: bool) -> bool:
    """Ask before something that cannot be taken back; without a person or --yes, refuse instead of waiting for ever."""
    if yes:
        return True
    if not somebody_is_there():
        raise UsageError(f"{question} Nobody is here to answer", "Add --yes when you are sure")
    return ask(f"{question} (y/N)").casefold() in {"y", "yes"}


def _cell(value: object) -> str:
    return " ".join(clean(str(_plain(value))).split())


def _plain(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(str(_plain(one)) for one in value)
    if isinstance(value, timedelta):
        return f"{int(value.total_seconds()) // 60} min"
    return str(value)


def cell(text: str, width: int) -> str:
    """Return a text in exactly so many columns: shortened, or filled up with blanks."""
    short = _shortened(text, width)
    return short + " " * (width - _width(short))


def narrow() -> bool:
    """Tell whether a table is shown in a terminal that has no room for many words."""
    return (_terminal_width() or WIDE) < WIDE


def _terminal_width() -> int | None:
    """Return how many columns the terminal has; None when stdout is no terminal."""
    if not sys.stdout.isatty():
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    return [max(_width(line[column]) for line in lines) for column in range(len(lines[0]))]


def _held(lines: Sequence[Sequence[str]], column: int) -> bool:
    return all(_KEPT.fullmatch(line[column]) for line in lines[1:])


def _shortened(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while _width(text) > width - 1:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _width(text: str) -> int:
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
