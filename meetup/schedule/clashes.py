"""Two dates that need one venue or one room at the same time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from meetup.schedule.series import Occurrence, Place, Room
from meetup.values import Door

Site = Place | Room


@dataclass(frozen=True, slots=True)
class Clash:
    """One venue or room, and the two dates that share it for a while; the earlier one first."""

    site: Site
    first: Occurrence
    second: Occurrence


@dataclass(frozen=True, slots=True)
class Recurring:
    """The clashes of two meetings in one place: the first of them, and how many there are."""

    clash: Clash
    count: int


def find(dates: Iterable[Occurrence]) -> list[Clash]:
    """Return every clash among some dates, in order: sorted by start, each date meets only those not yet over."""
    used: dict[str, list[tuple[Occurrence, Site]]] = defaultdict(list)
    for date in dates:
        for site in _sites(date):
            used[site.key].append((date, site))
    found = [clash for users in used.values() for clash in _sweep(users)]
    return sorted(found, key=_order)


def recurring(clashes: Iterable[Clash]) -> list[Recurring]:
    """Gather the clashes of the same two meetings in the same place, in the order of the first of each."""
    gathered: dict[tuple[str, frozenset[str]], list[Clash]] = defaultdict(list)
    for clash in clashes:
        pair = frozenset({clash.first.series.key, clash.second.series.key})
        gathered[clash.site.key, pair].append(clash)
    return [Recurring(found[0], len(found)) for found in gathered.values()]


def _sites(date: Occurrence) -> Iterator[Site]:
    """Yield what a date needs: the places behind its open doors."""
    if date.place is not None and Door.IN_PERSON in date.open_doors:
        yield date.place
    if date.room is not None and Door.ONLINE in date.open_doors:
        yield date.room


def _sweep(users: Iterable[tuple[Occurrence, Site]]) -> Iterator[Clash]:
    running: list[Occurrence] = []
    for date, site in sorted(users, key=_by_start):
        running = [one for one in running if one.end > date.start]
        yield from (Clash(site, one, date) for one in running)
        running.append(date)


def _by_start(user: tuple[Occurrence, Site]) -> tuple[object, ...]:
    date, _ = user
    return date.start, date.series.meeting_id, date.series.key, date.slot


def _order(clash: Clash) -> tuple[object, ...]:
    return clash.second.start, clash.first.start, clash.site.key, clash.first.series.key, clash.second.series.key
