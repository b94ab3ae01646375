"""Do everything at full length, print a table, and end with 1 when a promise is broken or a control sees nothing."""

import argparse
import contextlib
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

from tests import databases, postgres
from tests.faults import chance, clocks, frozen, kills, points, races, storage, weather, withdrawn
from tests.faults.tally import Tally
from tests.pool import pool
from tests.postgres import VARIABLE

LINE = "{:<66} {:<10} {:>7} {:>7} {:>5} {:>8} {:>6} {:>7}  {}"
FILE, SERVER = "SQLite", "PostgreSQL"
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
    withdrawn: int
    steps: int  # of the play of chance


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
    withdrawn=200,
    steps=50_000,
)
QUICK = Length(
    kills=8,
    people=150,
    points=2,
    weather=16,
    frozen=2,
    full=3,
    locked=5,
    jumps=10,
    zones=1,
    races=300,
    withdrawn=10,
    steps=10_000,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One play, by name, and the databases it is played on."""

    name: str
    play: Play
    on: tuple[str, ...] = (FILE,)


def main() -> int:
    """Play, print, and judge."""
    parser = argparse.ArgumentParser(prog="make faults", description="Break everything around the program, and count")
    parser.add_argument("--quick", action="store_true", help="less of everything, for every change")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="play the same again")
    parser.add_argument("--only", default="", help="plays whose name holds one of these words, with commas in between")
    parser.add_argument("--postgres", default=os.environ.pop(VARIABLE, ""), help="a server's address instead of ours")
    parser.add_argument("--sqlite", action="store_true", help="leave out whatever is played on PostgreSQL")
    given = parser.parse_args()
    logging.disable()
    _print(f"seed {given.seed}")
    _print(LINE.format("what", "on", "faults", "due", "lost", "doubled", "shown", "took", ""))
    words = given.only.split(",")
    chosen = [part for part in parts(QUICK if given.quick else FULL) if any(word in part.name for word in words)]
    played = [(part, on) for part in chosen for on in part.on if on == FILE or not given.sqlite]
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meetup-faults-")))
        server = stack.enter_context(_server(given.postgres, needed=SERVER in {on for _, on in played}))
        broken = sum([_played(folder / str(n), part, server if on == SERVER else "", given.seed)
                      for n, (part, on) in enumerate(played)])  # fmt: skip
    _print(f"{broken} promises are broken" if broken else "Every promise is kept")
    return 1 if broken else 0


def parts(length: Length) -> Iterator[Part]:
    """Yield what is played, in order."""
    few, both, server = max(4, length.kills // 10), (FILE, SERVER), (SERVER,)
    yield Part("points", lambda folder, dice: [points.play(folder, length.points, dice)], both)
    yield Part("points", lambda folder, dice: [points.play_control(folder, length.points, dice)])
    yield Part("points", lambda folder, dice: [points.play_look_up(folder, length.points, dice)])
    yield Part("points", lambda folder, dice: [points.play_look_up(folder, length.points, dice, blind=True)])
    yield Part("kills", lambda folder, dice: [kills.play(folder, kills.RANDOM, length.kills, length.people, dice)])
    yield Part("kills", lambda folder, dice: [kills.play_control(folder, few, length.people, dice)])
    yield Part("workers", lambda folder, dice: [kills.play_workers(folder, length.kills, length.people, dice)], server)
    yield Part("weather", lambda folder, dice: weather.play(folder, length.weather, dice), both)
    yield Part("frozen", lambda folder, dice: [frozen.play(folder, length.frozen, dice)])
    yield Part("frozen", lambda folder, dice: [frozen.play(folder, 1, dice, fenced=False)])
    yield Part("full", lambda folder, dice: [storage.full(folder, length.full, dice)])
    yield Part("locked", lambda folder, dice: [storage.locked(folder, length.locked, length.people, dice)])
    yield Part("jumps", lambda folder, dice: [clocks.jumps(folder, length.jumps, dice)])
    yield Part("seasons", lambda folder, dice: [clocks.seasons(folder, length.zones, dice)])
    yield Part("withdrawn", lambda folder, dice: [withdrawn.play(folder, length.withdrawn, dice)], both)
    yield Part("chance", lambda folder, dice: [chance.play(folder, length.steps, dice)])
    yield Part("chance", lambda folder, dice: [chance.play_control(folder, length.steps, dice)])
    yield Part("races", lambda folder, dice: [races.play(folder, length.races, dice)])


@contextlib.contextmanager
def _server(named: str, *, needed: bool) -> Iterator[str]:
    """Yield the address of the PostgreSQL server that was named, or of one that is started for this."""
    if not needed:
        yield ""
        return
    with contextlib.ExitStack() as stack:
        if not named:
            try:
                named = stack.enter_context(postgres.running()).url()
            except postgres.Unable as error:
                sys.exit(f"error: {error}\n\nhint: make faults FAULTS=--sqlite leaves PostgreSQL out")
        yield named
        if pool.cache_info().currsize:  # leave nothing on a server that was there before us
            pool().close()


@contextlib.contextmanager
def _on(server: str) -> Iterator[None]:
    """Let databases be made on a server, or as files when there is none; give back what was made."""
    if server:
        os.environ[VARIABLE] = server
    try:
        with databases.leaving_nothing():
            yield
    finally:
        os.environ.pop(VARIABLE, None)


def _played(folder: Path, part: Part, server: str, seed: int) -> int:
    """Print what came of one play on one database; return how many promises are broken."""
    folder.mkdir()
    begun, broken = time.monotonic(), 0
    with _on(server):
        for one in part.play(folder, random.Random(seed)):
            took = f"{time.monotonic() - begun:.0f} s"
            judged = ("seen" if one.control else "ok") if one.holds else "BROKEN"
            on = SERVER if server else FILE
            _print(LINE.format(one.what, on, one.faults, one.due, one.lost, one.doubled, one.shown, took, judged))
            for line in () if one.control else one.wrong[:9]:
                _print(f"    {line}")
            begun, broken = time.monotonic(), broken + (not one.holds)
    return broken


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
