"""Which date somebody may have meant who did not write it as ISO 8601: for hints only, never to act on."""

import re
from datetime import date, timedelta

from meetup.errors import NotUnderstood
from meetup.schedule import reading
from meetup.schedule.moments import day_ahead, read_day
from meetup.schedule.tokens import Reader
from meetup.schedule.vocabulary import Kind

_FIGURES = re.compile(r"(\d{1,4})([./-])(\d{1,2})[./-](\d{1,4})")


def days(text: str, today: date | None) -> list[date]:
    """Return the days that a text can mean; words such as “friday” only count from a known today."""
    figures = _FIGURES.fullmatch(text.strip())
    if figures:
        first, mark, second, third = figures.groups()
        return _of_figures(int(first), int(second), int(third), mark)
    try:
        return _of_words(text, today) if today else []
    except NotUnderstood:
        return []


def _of_figures(first: int, second: int, third: int, mark: str) -> list[date]:
    """Read 2026/11/27, 27.11.2026 in one way, and 11/12/2026 in both of its ways."""
    if first > 31:
        return _real((first, second, third))
    year = third + 2000 if third < 100 else third
    both = [(year, second, first)] if mark == "." else [(year, first, second), (year, second, first)]
    return _real(*both)


def _real(*candidates: tuple[int, int, int]) -> list[date]:
    found = []
    for candidate in dict.fromkeys(candidates):
        try:
            found.append(date(*candidate))
        except ValueError:
            continue
    return found


def _of_words(text: str, today: date) -> list[date]:
    read = reading.read(text)
    reader = Reader(read.tokens, read.vocabulary)
    if reader.at(Kind.WEEKDAY, Kind.END):
        return [today + timedelta(days=(reader.peek().value - today.weekday()) % 7)]
    if not day_ahead(reader):
        return []
    found = read_day(reader, today).on_or_after(today)
    return [found] if reader.at(Kind.END) else []
