"""Do everything at full length, print a table, and end with 1 when a promise is broken or a control sees nothing."""

import argparse
import logging
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults import kills, points
from tests.faults.tally import Tally

LINE = "{:<58} {:>7} {:>7} {:>5} {:>8} {:>6} {:>7}  {}"
Play = Callable[[Path, random.Random], Tally]


@dataclass(frozen=True, slots=True)
class Length:
    """How often everything is done."""

    kills: int
    people: int
    points: int


FULL = Length(kills=200, people=1500, points=20)
QUICK = Length(kills=8, people=300, points=2)


def main() -> int:
    """Play, print, and judge."""
    parser = argparse.ArgumentParser(prog="make faults", description="Break everything around the program, and count")
    parser.add_argument("--quick", action="store_true", help="less of everything, for every change")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="play the same again")
    parser.add_argument("--only", default="", help="plays whose name holds this word")
    given = parser.parse_args()
    logging.disable()
    _print(f"seed {given.seed}")
    _print(LINE.format("what", "faults", "due", "lost", "doubled", "shown", "took", ""))
    with tempfile.TemporaryDirectory(prefix="meetup-faults-") as folder:
        chosen = [one for one in plays(QUICK if given.quick else FULL) if given.only in one[0]]
        broken = sum([_shown(Path(folder) / str(n), play, given.seed) for n, (_, play) in enumerate(chosen)])
    _print(f"{broken} promises are broken" if broken else "Every promise is kept")
    return 1 if broken else 0


def plays(length: Length) -> Iterator[tuple[str, Play]]:
    """Yield what is played, in order."""
    few = max(4, length.kills // 10)
    yield "points", lambda folder, dice: points.play(folder, length.points, dice)
    yield "points", lambda folder, dice: points.play_control(folder, length.points, dice)
    yield "kills", lambda folder, dice: kills.play(folder, kills.RANDOM, length.kills, length.people, dice)
    yield "kills", lambda folder, dice: kills.play_control(folder, few, length.people, dice)


def _shown(folder: Path, play: Play, seed: int) -> bool:
    """Print one line; return whether its promise is broken."""
    folder.mkdir()
    begun = time.monotonic()
    one = play(folder, random.Random(seed))
    took = f"{time.monotonic() - begun:.0f} s"
    judged = ("seen" if one.control else "ok") if one.holds else "BROKEN"
    _print(LINE.format(one.what, one.faults, one.due, one.lost, one.doubled, one.shown, took, judged))
    for line in () if one.control else one.wrong[:9]:
        _print(f"    {line}")
    return not one.holds


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
