"""Workers on one PostgreSQL server: how much sooner two of them have told everybody than one."""

import io
import time
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path

from tests.benchmarks.race import Standing
from tests.commands.serving import Home, Serving, eventually, logged, provider
from tests.postgres import Server

AWAY = 0.1  # seconds to the provider: the lines of a worker are waiting most of the time, as they are in real life
LONG = 180.0


def compare(folder: Path, members: int, server: Server) -> Iterator[Standing]:
    """Let one worker tell everybody, then two."""
    alone, together = (_told(folder, members, workers, server) for workers in (1, 2))
    what = f"two workers, {members:,} texts, {1000 * AWAY:.0f} ms away"
    yield Standing("two workers", what, together, alone, together / alone)


def _told(folder: Path, members: int, workers: int, server: Server) -> float:
    """Return how many seconds passed between the first and the last text that the provider took."""
    name, log = f"workers_{workers}", folder / f"texts_{workers}.jsonl"
    server.make(name)
    with ExitStack() as stack:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            home = Home.found(folder / name, {"MEETUP_DATABASE_URL": server.url(name)})
        home.join(members)
        home.texts_by(stack.enter_context(provider(log, distance=AWAY)))
        for _ in range(workers):
            stack.enter_context(Serving(home, "worker", "--jobs", "1", begins="Working, ")).listen()
        home.meet(timedelta(minutes=90), "2h by sms")
        if not eventually(lambda: bool(logged(log)), LONG):
            raise RuntimeError("no worker has sent anything")
        begun = time.perf_counter()
        if not eventually(lambda: len(logged(log)) >= members, LONG):
            raise RuntimeError("the workers have not told everybody")
        return time.perf_counter() - begun
