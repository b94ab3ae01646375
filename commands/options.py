"""Options that several commands share, and how organizers write dates: as ISO 8601, never day and month by guessing."""

import calendar
import re
import sys
from datetime import date, datetime
from typing import Annotated

import typer

from commands import output
from meetup.errors import UsageError
from meetup.schedule import likely
from meetup.values import clean

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Show numbers, addresses and codes in full")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask")]
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def typed(param: typer.CallbackParam, value: str | None) -> str | None:
    """Read what “-” stands for from the keyboard, or from a line that comes in.

    So it is seen in no list of processes and in no history of a shell.
    """
    if value != "-":
        return value
    what = (param.name or "value").replace("_", " ")
    if output.somebody_is_there():
        return output.ask_quietly(what.capitalize())
    line = clean(sys.stdin.readline()) if sys.stdin is not None else ""
    if not line:
        hint = "Send a line for each “-”, those of options first; or run it where somebody can type"
        raise UsageError(f"No {what} came in", hint)
    return line


def day(text: str, today: date | None = None) -> date:
    """Read `2026-12-24`; the hint of a refusal names the likely date, as it is counted from today."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        _refuse_missing_day(text)
        meant = " or ".join(str(one) for one in likely.days(text, today)) or "2026-12-24"
        raise UsageError(f"“{text}” is not a date", f"Write it as year-month-day: {meant}") from error


def wall_time(text: str, today: date | None = None) -> datetime:
    """Read `2026-12-24` (its first minute) or `2026-12-24 18:00` as a wall time."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        _refuse_missing_day(text)
        meant = [str(one) for one in likely.days(text, today)] or ["2026-12-24"]
        hint = f"Write it as {' or '.join(meant)}, or with a time as “{meant[0]} 18:00”"
        raise UsageError(f"“{text}” is not a date or a time", hint) from error
    if found.tzinfo is not None:
        raise UsageError(f"“{text}” names a time zone", "Write the time as the clocks there show it, without a zone")
    return found


def names_a_time(text: str) -> bool:
    """Tell whether a text says more than a day."""
    return len(text.strip()) > len("2026-12-24")


def _refuse_missing_day(text: str) -> None:
    """Refuse a day that its month does not have, and say how many it has."""
    found = _DAY.match(text.strip())
    if not found:
        return
    year, month, number = (int(part) for part in found.groups())
    if year and 1 <= month <= 12 and number > calendar.monthrange(year, month)[1]:
        length = calendar.monthrange(year, month)[1]
        raise UsageError(f"{date(year, month, 1):%B %Y} has {length} days", "Choose another day")
