"""A race: our way and the least that could do the same, in turns; what counts is how many times longer ours takes."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run took, in seconds: by the clock on the wall, and of the processor."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Race:
    """Two runners over the same distance."""

    key: str  # in the table of bounds
    what: str
    ours: Callable[[], Spent]
    limit: Callable[[], Spent]


@dataclass(frozen=True, slots=True)
class Standing:
    """Medians over all rounds. The ratio is the median of each round's own: a busy machine slows both of its runs."""

    key: str
    what: str
    ours: float
    limit: float
    ratio: float
    unit: str = "s"


def run(race: Race, rounds: int) -> Standing:
    """Compare what the clock on the wall says."""
    pairs = _pairs(race, rounds)
    return _standing(race.key, race.what, [(ours.wall, limit.wall) for ours, limit in pairs])


def run_both(race: Race, rounds: int) -> Iterator[Standing]:
    """Compare by the wall and by the processor, from the same runs."""
    pairs = _pairs(race, rounds)
    yield _standing(f"{race.key} wall", f"{race.what}, wall", [(ours.wall, limit.wall) for ours, limit in pairs])
    yield _standing(f"{race.key} cpu", f"{race.what}, CPU", [(ours.cpu, limit.cpu) for ours, limit in pairs])


def timed(work: Callable[[], object]) -> Spent:
    """Time some work of this process, all its threads included."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def _pairs(race: Race, rounds: int) -> list[tuple[Spent, Spent]]:
    return [_round(race, ours_first=number % 2 == 0) for number in range(rounds)]


def _round(race: Race, *, ours_first: bool) -> tuple[Spent, Spent]:
    if ours_first:
        return race.ours(), race.limit()
    limit = race.limit()
    return race.ours(), limit


def _standing(key: str, what: str, pairs: Sequence[tuple[float, float]]) -> Standing:
    return Standing(
        key,
        what,
        median(ours for ours, _ in pairs),
        median(limit for _, limit in pairs),
        median(ours / limit for ours, limit in pairs),
    )
