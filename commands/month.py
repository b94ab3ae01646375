"""A month as a grid of 76 columns, one cell a day, and below it what is not as usual."""

import calendar
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from commands import occurrences, output
from meetup.schedule.series import Occurrence
from meetup.wording import languages

WIDTH = 10
MOST = 4  # dates in one cell; the others are counted
CANCELLED, UNUSUAL = "✗", "~"


def draw(first: date, found: Sequence[Occurrence], place: str) -> Iterator[str]:
    """Yield the lines of a month: its name, the weekdays as the locale orders them, and a row a week."""
    zones = {one.zone for one in found}
    clocks = languages.zone_words(next(iter(zones)), place) if len(zones) == 1 else ""
    yield f"{languages.month(first, place)}{f' ({clocks})' if clocks else ''}"
    week = languages.weekdays(place)
    yield _line([name for _, name in week])
    days: dict[date, list[Occurrence]] = defaultdict(list)
    for one in found:
        days[one.start_local.date()].append(one)
    for row in calendar.Calendar(week[0][0]).monthdatescalendar(first.year, first.month):
        cells = [_cell(day, days[day], place) if day.month == first.month else [] for day in row]
        for number in range(max(len(cell) for cell in cells)):
            yield _line([cell[number] if number < len(cell) else "" for cell in cells])


def remarks(found: Sequence[Occurrence]) -> Iterator[str]:
    """Yield one sentence for each date that is not as usual."""
    if len({one.zone for one in found}) > 1:
        yield "The times are those of each place"
    for one in found:
        mark = _mark(one)
        if mark or one.note:
            yield f"{mark or ' '} {one.series.title}: {occurrences.sentence(one)}"


def _cell(day: date, found: Sequence[Occurrence], place: str) -> list[str]:
    lines = [str(day.day)]
    for one in found[:MOST]:
        lines += [f"{_mark(one)}{languages.clock(one.start_local, place)}", one.series.title]
    if len(found) > MOST:
        lines.append(f"+ {len(found) - MOST}")
    return lines


def _mark(one: Occurrence) -> str:
    if not one.happening:
        return CANCELLED
    return UNUSUAL if one.moved or one.half_cancelled else ""


def _line(cells: Sequence[str]) -> str:
    return " ".join(output.cell(text, WIDTH) for text in cells).rstrip()
