"""Days that are left out, as they stand in a phrase: `except 24 December and 31 December`."""

from dataclasses import replace
from datetime import date

from meetup.schedule.moments import Day, day_ahead, read_day, read_year, same_month
from meetup.schedule.tokens import Reader, Token
from meetup.schedule.vocabulary import Kind

_FIGURES = (Kind.NUMBER, Kind.ORDINAL)


def read_excepted(reader: Reader, today: date) -> list[Day]:
    """Read `except 24 December and 31 December` or `except 24 and 31 December 2026`."""
    reader.take(Kind.EXCEPT, "“except”")
    reader.accept(Kind.ON)
    found = _days(reader, today)
    while _another_day(reader):
        reader.skip(Kind.COMMA, Kind.AND, Kind.ON)
        found += _days(reader, today)
    return found


def _another_day(reader: Reader) -> bool:
    ahead = 0
    for kind in (Kind.COMMA, Kind.AND, Kind.ON):
        ahead += reader.peek(ahead).kind is kind
    return ahead > 0 and (day_ahead(reader, ahead) or _listed(reader, ahead))


def _listed(reader: Reader, ahead: int) -> bool:
    """Tell whether `24, 25 and 31 December` follows, whose month is said once."""
    if reader.peek(ahead + (reader.peek(ahead).kind is Kind.THE)).kind not in _FIGURES:
        return False
    while reader.peek(ahead).kind in {*_FIGURES, Kind.COMMA, Kind.AND, Kind.THE, Kind.OF}:
        ahead += 1
    return reader.peek(ahead).kind is Kind.MONTH


def _days(reader: Reader, today: date) -> list[Day]:
    """Read one day, or several of one month: `24, 25 and 31 December`, `December 24 and 31`."""
    figures = []
    while not day_ahead(reader) and _listed(reader, 0):
        figures.append(_figure(reader))
        reader.skip(Kind.COMMA, Kind.AND)
    leads = reader.at(Kind.MONTH)
    day = read_day(reader, today)
    while leads and _another_figure(reader):
        reader.skip(Kind.COMMA, Kind.AND)
        figures.append(_figure(reader))
    day = replace(day, year=day.year or read_year(reader))
    return [*(same_month(day, figure, reader.vocabulary) for figure in figures), day]


def _figure(reader: Reader) -> Token:
    reader.accept(Kind.THE)
    return reader.accept(Kind.NUMBER) or reader.take(Kind.ORDINAL, "the day of a month")


def _another_figure(reader: Reader) -> bool:
    ahead = reader.beyond_and()
    token, following = reader.peek(ahead), reader.peek(ahead + 1)
    year_or_length = len(token.text) == 4 or following.kind in {Kind.LENGTH, Kind.TIMES, Kind.MONTH, Kind.OF}
    return ahead > 0 and token.kind in _FIGURES and not year_or_length
