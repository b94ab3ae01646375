"""Run every benchmark, print a table, and end with 1 when a bound is broken."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import postgres
from tests.benchmarks import agendas, feeds, files, large, pages, planning, sending, startup, walking, workers
from tests.benchmarks.bounds import BOUNDS
from tests.benchmarks.race import Standing


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    light: int  # rounds of what is quick
    heavy: int  # rounds of what takes long
    planned_for: int  # members; each gets five deliveries
    planned_there: int  # the same, on a server
    mails: int
    texts: int
    series: int
    agenda: int  # series whose next three months are asked for
    requests: int
    fellowship: int  # series of one calendar
    members: int  # among whom one opens her page
    told: int  # by text, by workers


FULL = Size(
    light=7,
    heavy=3,
    planned_for=200_000,
    planned_there=20_000,
    mails=2_000,
    texts=1_000,
    series=100,
    agenda=1_000,
    requests=2_000,
    fellowship=1_000,
    members=100_000,
    told=1_000,
)
QUICK = Size(
    light=3,
    heavy=3,
    planned_for=2_000,
    planned_there=2_000,
    mails=100,
    texts=100,
    series=40,
    agenda=300,
    requests=400,
    fellowship=200,
    members=5_000,
    told=600,
)
AWAY = 0.05  # seconds to a provider over the network; Twilio takes longer
ROOMS = ("startup", "planning", "workers", "mail", "texts", "walk", "agenda", "pages", "feeds", "large", "files")
LINE = "{:<38} {:>9} {:>9} {:>7} {:>6}  {}"


def main() -> int:
    """Compare, print, and judge."""
    parser = argparse.ArgumentParser(prog="make bench", description="Time what we do with the least that could do it")
    parser.add_argument("--quick", action="store_true", help="less of everything, for every change")
    size = QUICK if parser.parse_args().quick else FULL
    _print(LINE.format("what", "ours", "limit", "ratio", "bound", ""))
    with tempfile.TemporaryDirectory(prefix="meetup-bench-") as folder:
        broken = sum([_shown(standing) for standing in _all(Path(folder), size)])
    _print(f"{broken} bounds are broken" if broken else "Every bound is kept")
    return 1 if broken else 0


def _all(folder: Path, size: Size) -> Iterator[Standing]:
    rooms = {name: folder / name for name in ROOMS}
    for room in rooms.values():
        room.mkdir()
    yield from startup.compare(rooms["startup"], size.light)
    yield from planning.compare(rooms["planning"], size.planned_for, size.heavy)
    try:
        with postgres.running() as server:
            yield from planning.compare(rooms["planning"], size.planned_there, size.heavy, server)
            yield from workers.compare(rooms["workers"], size.told, server)
    except postgres.Unable as reason:
        _print(f"nothing is compared on PostgreSQL: {reason}")
    yield from sending.compare_mail(rooms["mail"], size.mails, size.heavy)
    yield from sending.compare_texts(rooms["texts"], size.texts, size.heavy)
    yield from sending.compare_texts(rooms["texts"], size.texts, size.heavy, AWAY)
    yield from walking.compare(rooms["walk"], size.texts, size.heavy)
    yield from agendas.compare(rooms["agenda"], size.agenda, size.light)
    yield from pages.compare(rooms["pages"], size.members, size.requests, size.light)
    yield from feeds.compare(rooms["feeds"], size.series, size.requests, size.light)
    yield from large.compare(rooms["large"], size.fellowship, size.light)
    if files.missing():
        _print(f"calendars are not compared with files: install {files.missing()}")
    else:
        yield from files.compare(rooms["files"], 1.0, size.light)


def _shown(standing: Standing) -> bool:
    """Print one line; return whether its bound is broken."""
    bound = BOUNDS[standing.key]
    broken = standing.ratio > bound
    times = _amount(standing.ours, standing.unit), _amount(standing.limit, standing.unit)
    _print(LINE.format(standing.what, *times, f"{standing.ratio:.2f}", f"{bound:.2f}", "BROKEN" if broken else "ok"))
    return broken


def _amount(number: float, unit: str) -> str:
    return _time(number) if unit == "s" else f"{number:.1f} {unit}"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
