"""Logs: facts with keys, one a line, on stderr; the last line of defence masks what should never have been there."""

import contextlib
import logging
import re
import sys
import time
from typing import TextIO

QUIET = ("twilio", "twilio.http_client", "sqlalchemy", "sqlalchemy.engine", "alembic", "apscheduler", "urllib3")

_MAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.:-])\+?\d(?:[\d ().-]{5,}\d)(?![\w:])|\+\d{7,15}")
_LINK = re.compile(r"/([cfjmu])/[^\s\"'?#/]+")
_HARMLESS = re.compile(r"\d{4}-\d\d-\d\d|\d+\.\d+")  # a date, a length in seconds


def masked(text: str) -> str:
    """Hide mail addresses, phone numbers and the secrets of links."""
    text = _LINK.sub(r"/\1/…", _MAIL.sub("…@…", text))
    return _PHONE.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    digits = sum(character.isdigit() for character in found[0])
    return found[0] if digits < 7 or _HARMLESS.fullmatch(found[0]) else "+…"


class Line(logging.Formatter):
    """One event as `time=… level=… logger=… event key=value`, masked whole, traceback included."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("time=%(asctime)s level=%(levelname)s logger=%(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class Stderr(logging.Handler):
    """Writes to whatever stderr is at that moment; a stderr that went away harms nobody."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"{self.format(record)}\n")


def begin(level: str = "WARNING", stream: TextIO | None = None) -> None:
    """Send the logs of this process to stderr; beginning again changes the level only."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler.formatter, Line)]:
        root.removeHandler(handler)
    handler = logging.StreamHandler(stream) if stream else Stderr()
    handler.setFormatter(Line())
    root.addHandler(handler)
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
