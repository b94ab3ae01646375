"""Options that several commands share, and how organizers write dates: as ISO 8601, never day and month by guessing."""

from datetime import date, datetime
from typing import Annotated

import typer

from meetup.errors import UsageError

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Show numbers, addresses and codes in full")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing")]


def day(text: str) -> date:
    """Read `2026-12-24`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"“{text}” is not a date", "Write it as year-month-day: 2026-12-24") from error


def wall_time(text: str) -> datetime:
    """Read `2026-12-24` (its first minute) or `2026-12-24 18:00` as a wall time."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"“{text}” is not a date or a time", "Write it as 2026-12-24 or “2026-12-24 18:00”") from error
    if found.tzinfo is not None:
        raise UsageError(f"“{text}” names a time zone", "Write the time as the clocks there show it, without a zone")
    return found


def names_a_time(text: str) -> bool:
    """Tell whether a text says more than a day."""
    return len(text.strip()) > len("2026-12-24")
