"""Dates of meetings as organizers see them: a row of a table, a JSON object, a sentence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from commands import output
from meetup import agenda
from meetup.difference import Difference
from meetup.people.answers import Counts
from meetup.schedule import zones
from meetup.schedule.series import Occurrence, Series
from meetup.values import Door, Window
from meetup.wording import languages

WORDS = {Door.IN_PERSON: "in person", Door.ONLINE: "online"}
HEADERS = ("date", "time", "zone", "meeting", "doors", "place", "remark", "answers")
TIME, ZONE, MEETING, PLACE, REMARK, SAID = (
    HEADERS.index(name) for name in ("time", "zone", "meeting", "place", "remark", "answers")
)
Answers = Mapping[tuple[int, datetime], Counts]
REACH = (60, 800, 8000)  # days: most meetings have their next dates soon


def table(dates: Iterable[Occurrence], *, empty: str, reader_zone: str = "", answers: Answers | None = None) -> None:
    """Print dates, one a line; a zone that is everywhere the same heads the times, and the reader's stands beside."""
    found, narrow = list(dates), output.narrow()
    headers, rows = list(HEADERS), [_row(one) for one in found]
    said = [told(one, answers or {}) for one in found]
    hidden = {column for column, shown in ((REMARK, any(row[REMARK] for row in rows)), (SAID, any(said))) if not shown}
    if len({row[ZONE] for row in rows}) == 1:
        headers[TIME] = rows[0][ZONE]
        hidden.add(ZONE)
    if narrow:
        rows = [_narrow_row(one) for one in found]
    rows = [(*row, words) for row, words in zip(rows, said, strict=True)]
    there = [_elsewhere(one, reader_zone) for one in found]
    if any(there):
        hidden.update({PLACE} if narrow else set())  # the doors say more
        headers.insert(MEETING, zones.city(reader_zone) if narrow else languages.zone_words(reader_zone, "en"))
        rows = [(*row[:MEETING], other, *row[MEETING:]) for row, other in zip(rows, there, strict=True)]
        hidden = {column + (column >= MEETING) for column in hidden}
    shown = [column for column in range(len(headers)) if column not in hidden]
    output.table(
        [headers[column] for column in shown], [[row[column] for column in shown] for row in rows], empty=empty
    )


def told(one: Occurrence, answers: Answers) -> str:
    """Say how many have answered what about a date; nothing while nobody has."""
    counts = answers.get((one.series.meeting_id, one.slot), Counts())
    numbers = ((counts.in_person, "in person"), (counts.online, "online"), (counts.not_coming, "not coming"))
    return ", ".join(f"{number} {words}" for number, words in numbers if number)


def _elsewhere(one: Occurrence, zone: str) -> str:
    """Write when a date begins by other clocks, with its day where that is another one; nothing where they agree."""
    there = zones.wall(one.start, zone) if zone else one.start_local
    if there == one.start_local:
        return ""
    return f"{there:%H:%M}" if there.date() == one.start_local.date() else f"{there:%a %H:%M}"


def table_of_differences(found: Sequence[Difference], *, empty: str) -> None:
    """Print dates as they were to be, beside what they will be."""
    narrow = output.narrow()
    rows = [compared(one, narrow=narrow) for one in found]
    headers = ["date", "meeting", "now", "then"]
    if len({row[1] for row in rows}) == 1:
        rows = [(row[0], *row[2:]) for row in rows]
        del headers[1]
    output.table(headers, rows, empty=empty)


def compared(one: Difference, *, narrow: bool = False) -> tuple[str, ...]:
    """Return one line of the agenda before and after a change: of both, what differs."""
    shown = one.shown
    was, will_be = one.before, one.after
    if was is None or will_be is None or not (was.happening and will_be.happening):
        before, after = (_whole(date, narrow=narrow) for date in (was, will_be))
    else:
        aspects = [_aspects(date, shown, narrow=narrow) for date in (was, will_be)]
        differing = [pair for pair in zip(*aspects, strict=True) if pair[0] != pair[1]]
        before, after = (", ".join(pair[side] for pair in differing if pair[side]) for side in (0, 1))
        after = ", ".join(text for text in (after, *_unseen(was, will_be)) if text)
    return (f"{shown.start_local:%a %Y-%m-%d}", shown.series.title, before or "as usual", after or "as usual")


def _unseen(was: Occurrence, will_be: Occurrence) -> Iterator[str]:
    """Name what has another value under the same name; a link is never shown."""
    if was.place and will_be.place and was.place.name == will_be.place.name and was.place != will_be.place:
        yield "other facts about the venue"
    if was.room and will_be.room and was.room.name == will_be.room.name and was.room != will_be.room:
        yield "another link or other ways to dial in"


def _whole(one: Occurrence | None, *, narrow: bool) -> str:
    if one is None:
        return "no meeting"
    remark = f" ({_remark(one)})" if _remark(one) else ""
    state = brief(one) if narrow else _state(one)
    return f"{state}{remark}" if not one.happening else f"{_times(one)}, {state}{remark}"


def _aspects(one: Occurrence, shown: Occurrence, *, narrow: bool) -> tuple[str, ...]:
    """Return what may differ: time, doors, where, and remark."""
    day_too = f"{one.start_local:%a %Y-%m-%d}, " if one.start_local.date() != shown.start_local.date() else ""
    zone = f" {zones.city(one.zone)} time" if one.zone != shown.zone else ""
    state = brief(one) if narrow else _state(one)
    remark = "; ".join(text for text in (one.reason, one.note) if text)
    return (f"{day_too}{_times(one)}{zone}", state, _at(one), remark and f"“{remark}”")


def facts(one: Occurrence, slug: str) -> dict[str, object]:
    """Return a date for JSON."""
    return {
        "meeting": slug,
        "title": one.series.title,
        "slot": one.slot,
        "starts_local": one.start_local,
        "zone": one.zone,
        "start": one.start,
        "end": one.end,
        "status": one.status.value,
        "moved": one.moved,
        "doors": {door.value: "open" if door in one.open_doors else "closed" for door in _doors(one)},
        "venue": one.place.name if one.place else None,
        "room": one.room.name if one.room else None,
        "reason": one.reason,
        "note": one.note,
    }


def coming(series: Sequence[Series], now: datetime, number: int) -> list[Occurrence]:
    """Return the next dates, cancelled ones included."""
    found: list[Occurrence] = []
    for days in REACH:
        found = agenda.upcoming(series, Window(now, now + timedelta(days=days)))[:number]
        if len(found) == number:
            break
    return found


def sentence(one: Occurrence) -> str:
    """Say all about one date."""
    what = ", ".join(text for text in (_state(one), _at(one)) if text)
    remark = f" ({_remark(one)})" if _remark(one) else ""
    return f"{day(one.start_local)}, {_times(one)} ({languages.zone_words(one.zone, 'en')}): {what}{remark}"


def day(moment: datetime) -> str:
    """Write a day so that nobody takes it for another: with its weekday."""
    return f"{moment:%A %Y-%m-%d}"


def _row(one: Occurrence) -> tuple[str, ...]:
    zone = languages.zone_words(one.zone, "en")
    return (f"{one.start_local:%a %Y-%m-%d}", _times(one), zone, one.series.title, _state(one), _at(one), _remark(one))


def _narrow_row(one: Occurrence) -> tuple[str, ...]:
    date, time, _, title, _, *rest = _row(one)
    return (date, time, zones.city(one.zone), title, brief(one), *rest)


def _times(one: Occurrence) -> str:
    end = zones.wall(one.end, one.zone)
    later = (end.date() - one.start_local.date()).days
    return f"{one.start_local:%H:%M}–{end:%H:%M}" + (f" (+{later})" if later > 0 else "")


def _doors(one: Occurrence) -> list[Door]:
    return [door for door in Door if door in one.usual_doors | one.open_doors]


def _state(one: Occurrence) -> str:
    if not _doors(one):
        return "no venue or room yet"
    if not one.happening:
        return "cancelled"
    opened = " and ".join(WORDS[door] for door in _doors(one) if door in one.open_doors)
    closed = " and ".join(WORDS[door] for door in _doors(one) if door not in one.open_doors)
    return f"{opened} only ({closed} closed)" if closed else opened


def _at(one: Occurrence) -> str:
    held = {Door.IN_PERSON: one.place, Door.ONLINE: one.room}
    return " + ".join(place.name for door, place in held.items() if place and (door in one.open_doors))


def brief(one: Occurrence) -> str:
    """Say in a word or two which doors are open, for where a longer text would be cut off."""
    if not _doors(one):
        return "no place yet"
    if not one.happening:
        return "cancelled"
    opened = [WORDS[door] for door in _doors(one) if door in one.open_doors]
    if len(opened) > 1:
        return "both"
    return opened[0] if len(_doors(one)) == 1 else f"{opened[0]} only"


def _remark(one: Occurrence) -> str:
    moved = f"moved from {day(one.slot)} {one.slot:%H:%M}" if one.moved else ""
    return "; ".join(text for text in (moved, one.reason, one.note) if text)
