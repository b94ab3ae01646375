"""Where people go while a door is shut: to another place or room, by the other door, or nowhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from meetup.schedule.series import Closure, Place, Room
from meetup.values import Door

_OTHER = {Door.IN_PERSON: Door.ONLINE, Door.ONLINE: Door.IN_PERSON}


@dataclass(frozen=True, slots=True)
class Held:
    """Where a date is held once every closure has had its say."""

    place: Place | None
    room: Room | None
    open_doors: frozenset[Door]
    closures: tuple[Closure, ...] = ()  # those that shut something of it
    lifted: tuple[Closure, ...] = ()  # those that would have, had they not been lifted


@dataclass(frozen=True, slots=True)
class _Way:
    """Where one door leads; `detour` is where its last closure sends people by the other door."""

    at: Place | Room | None
    closures: tuple[Closure, ...]
    lifted: tuple[Closure, ...]
    detour: Place | Room | None = None


def held(
    closures: Sequence[Closure], begins: datetime, usual: tuple[Place | None, Room | None], barred: frozenset[Door]
) -> Held:
    """Return where a date is held that begins at a wall time; `barred` doors stay shut whatever a closure says."""
    then = [one for one in closures if one.matters(begins)]
    if not then:
        return Held(*usual, doors(*usual) - barred)
    there: dict[Door, Place | Room] = {door: site for door, site in zip(Door, usual, strict=True) if site is not None}
    ways = {door: _follow(then, site, begins) for door, site in there.items()}
    reached = {door: way.at for door, way in ways.items() if way.at is not None and door not in barred}
    met = list(ways.values())
    if not reached:
        for door, way in _detours(then, begins, ways, barred):
            met.append(way)
            if way.at is not None:
                reached = {door: way.at}
                break
    shown = {**there, **reached}
    place, room = shown.get(Door.IN_PERSON), shown.get(Door.ONLINE)
    return Held(
        place if isinstance(place, Place) else None,
        room if isinstance(room, Room) else None,
        frozenset(reached),
        tuple(dict.fromkeys(closure for way in met for closure in way.closures)),
        tuple(dict.fromkeys(closure for way in met for closure in way.lifted)),
    )


def doors(place: Place | None, room: Room | None) -> frozenset[Door]:
    """Return the doors that a place and a room make."""
    return _SETS[place is not None, room is not None]


_SETS = {
    (False, False): frozenset[Door](),
    (True, False): frozenset({Door.IN_PERSON}),
    (False, True): frozenset({Door.ONLINE}),
    (True, True): frozenset(Door),
}


def _detours(
    closures: Sequence[Closure], begins: datetime, ways: Mapping[Door, _Way], barred: frozenset[Door]
) -> Iterator[tuple[Door, _Way]]:
    """Yield the ways by the other door, for a date that has no open door left."""
    for door, way in ways.items():
        if way.detour is not None and _OTHER[door] not in barred:
            yield _OTHER[door], _follow(closures, way.detour, begins)


def _follow(closures: Sequence[Closure], site: Place | Room, begins: datetime) -> _Way:
    """Go from one shut place to the next behind the same door, until one is open or none is left."""
    door = Door.IN_PERSON if isinstance(site, Place) else Door.ONLINE
    doing = [one for one in closures if one.door is door]
    at, seen = site, set[str]()
    met: list[Closure] = []
    lifted: list[Closure] = []
    while at.key not in seen:
        seen.add(at.key)
        shut = [one for one in doing if one.covers(at.key, begins)]
        met += shut
        lifted += [one for one in doing if one.covered(at.key, begins)]
        if not shut:
            return _Way(at, tuple(met), tuple(lifted))
        # They stand in the order in which they were said: the last word decides.
        instead = shut[-1].instead
        if instead is None or type(instead) is not type(site):
            return _Way(None, tuple(met), tuple(lifted), instead)
        at = instead
    return _Way(None, tuple(met), tuple(lifted))
