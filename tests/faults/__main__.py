"""Do everything at full length, print a table, and end with 1 when a promise is broken or a control sees nothing."""

import argparse
import logging
import os
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults import clocks, frozen, kills, machine, points, races, storage, weather
from tests.faults.tally import Tally

VARIABLE = "MEETUP_TEST_POSTGRES_URL"
LINE = "{:<66} {:>7} {:>7} {:>5} {:>8} {:>6} {:>7}  {}"
Play = Callable[[Path, random.Random], Iterable[Tally]]


@dataclass(frozen=True, slots=True)
class Length:
    """How often everything is done."""

    kills: int
    people: int
    points: int
    weather: int  # messages that each misbehaviour meets
    frozen: int
    full: int
    locked: float  # seconds
    jumps: int
    zones: int
    races: int
    plays: int  # of fifty steps each


FULL = Length(
    kills=200,
    people=400,
    points=20,
    weather=1000,
    frozen=20,
    full=50,
    locked=60,
    jumps=200,
    zones=10,
    races=10_000,
    plays=2_000,
)
QUICK = Length(
    kills=8, people=150, points=2, weather=16, frozen=2, full=3, locked=5, jumps=10, zones=1, races=300, plays=200
)


def main() -> int:
    """Play, print, and judge."""
    parser = argparse.ArgumentParser(prog="make faults", description="Break everything around the program, and count")
    parser.add_argument("--quick", action="store_true", help="less of everything, for every change")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="play the same again")
    parser.add_argument("--only", default="", help="plays whose name holds this word")
    parser.add_argument("--postgres", default=os.environ.get(VARIABLE, ""), help=f"a server's address [{VARIABLE}]")
    given = parser.parse_args()
    logging.disable()
    _print(f"seed {given.seed}")
    _print(LINE.format("what", "faults", "due", "lost", "doubled", "shown", "took", ""))
    with tempfile.TemporaryDirectory(prefix="meetup-faults-") as folder:
        chosen = [one for one in plays(QUICK if given.quick else FULL, given.postgres) if given.only in one[0]]
        broken = sum([_played(Path(folder) / str(n), play, given.seed) for n, (_, play) in enumerate(chosen)])
    _print(f"{broken} promises are broken" if broken else "Every promise is kept")
    return 1 if broken else 0


def plays(length: Length, server: str) -> Iterator[tuple[str, Play]]:
    """Yield what is played, in order."""
    few = max(4, length.kills // 10)
    yield "points", lambda folder, dice: [points.play(folder, length.points, dice)]
    yield "points", lambda folder, dice: [points.play_control(folder, length.points, dice)]
    yield "points", lambda folder, dice: [points.play_look_up(folder, length.points, dice)]
    yield "points", lambda folder, dice: [points.play_look_up(folder, length.points, dice, blind=True)]
    yield "kills", lambda folder, dice: [kills.play(folder, kills.RANDOM, length.kills, length.people, dice)]
    yield "kills", lambda folder, dice: [kills.play_control(folder, few, length.people, dice)]
    if server:
        yield "workers", lambda folder, dice: [kills.play_workers(server, folder, length.kills, length.people, dice)]
    yield "weather", lambda folder, dice: weather.play(folder, length.weather, dice)
    yield "frozen", lambda folder, dice: [frozen.play(folder, length.frozen, dice)]
    yield "frozen", lambda folder, dice: [frozen.play(folder, 1, dice, fenced=False)]
    yield "full", lambda folder, dice: [storage.full(folder, length.full, dice)]
    yield "locked", lambda folder, dice: [storage.locked(folder, length.locked, length.people, dice)]
    yield "jumps", lambda folder, dice: [clocks.jumps(folder, length.jumps, dice)]
    yield "seasons", lambda folder, dice: [clocks.seasons(folder, length.zones, dice)]
    yield "chance", lambda folder, dice: [machine.play(folder, length.plays, dice)]
    yield "races", lambda folder, dice: [races.play(folder, length.races, dice)]


def _played(folder: Path, play: Play, seed: int) -> int:
    """Print what came of one play; return how many promises are broken."""
    folder.mkdir()
    begun, broken = time.monotonic(), 0
    for one in play(folder, random.Random(seed)):
        took = f"{time.monotonic() - begun:.0f} s"
        judged = ("seen" if one.control else "ok") if one.holds else "BROKEN"
        _print(LINE.format(one.what, one.faults, one.due, one.lost, one.doubled, one.shown, took, judged))
        for line in () if one.control else one.wrong[:9]:
            _print(f"    {line}")
        begun, broken = time.monotonic(), broken + (not one.holds)
    return broken


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
