"""What an import did not take, or took otherwise: row by row as JSON, each reason once for people."""

from collections import defaultdict
from collections.abc import Iterable

from commands import output
from meetup.transfer.listings import Rejected, Remark

ROWS_SHOWN = 5


def as_data(rejected: Iterable[Rejected], remarks: Iterable[Remark]) -> dict[str, object]:
    """Return what was rejected and remarked, for JSON."""
    return {
        "rejected": reasons(rejected),
        "remarks": [{"row": one.row, "name": one.name, "text": one.text, "about": one.about} for one in remarks],
    }


def reasons(rows: Iterable[Rejected]) -> list[dict[str, object]]:
    """Return rows with their reasons, for JSON."""
    return [{"row": one.row, "name": one.name, "reason": one.reason} for one in rows]


def show_rejected(rejected: Iterable[Rejected]) -> None:
    """Show each row that was not taken."""
    rows = [[one.row, one.name, one.reason] for one in rejected]
    if rows:
        output.table(["row", "name", "not taken because"], rows)
        output.write("")


def show_grouped(pairs: Iterable[tuple[str, int]], what: str = "rows") -> None:
    """Show each kind of remark once, with the first rows that it is about; row 0 is the whole file."""
    found: dict[str, list[int]] = defaultdict(list)
    for text, row in pairs:
        found[text].append(row)
    for text, numbers in found.items():
        rows = list(dict.fromkeys(number for number in numbers if number))
        shown = ", ".join(map(str, rows[:ROWS_SHOWN])) + (", …" if len(rows) > ROWS_SHOWN else "")
        output.warn(f"{text} ({len(rows)} of the {what}: {shown})" if rows else text)
