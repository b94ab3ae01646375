"""Processes that do one thing of the service's and die where they are told to."""

import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from commands.app import main
from commands.service import Service, plan_all, tidy_all
from meetup.clock import HandClock
from meetup.feeds.addresses import Addresses
from meetup.storage.database import Session
from notifications import deliver, outbox
from notifications.deliver import Post
from notifications.moves import Mark, Settlement
from notifications.reconcile import reconcile
from tests.databases import VAULT
from tests.faults.trap import Trap, Watched
from tests.faults.wire import FileWire

# Made from a server that has imported everything: a life costs hundredths of a second instead of seconds.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.lives", "commands.serve", "commands.house", "notifications.channels.sms"])
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Life:
    """What a process does, and at which point it dies."""

    url: str
    log: Path
    at: datetime
    does: str = "deliver"
    point: str = ""
    nth: int = 1
    sabotage: str = ""


DOES: dict[str, Callable[[Service], object]] = {
    "plan": plan_all,
    "recover": lambda service: deliver.recover(service.post, sole=True),
    "deliver": lambda service: deliver.deliver_due(service.post),
    "ask": lambda service: reconcile(service.post, timedelta(0)),
    "tidy": tidy_all,
}


def live(life: Life) -> None:
    """Do it; this is the process."""
    logging.disable()
    SABOTAGE[life.sabotage]()
    trap, clock = Trap(life.point, life.nth), HandClock(life.at)
    database = Watched(life.url, VAULT, trap)
    wire = FileWire(life.log, clock, VAULT.fingerprint, trap)
    DOES[life.does](Service(Post(database, wire.senders(), clock, Addresses(VAULT, "https://meet.example"))))


def lived(life: Life) -> int:
    """Let a process live, and return how it ended."""
    process = CONTEXT.Process(target=live, args=(life,))
    process.start()
    process.join(60)
    if process.is_alive():
        process.kill()
        process.join()
        raise RuntimeError("a life took too long")
    return process.exitcode or 0


def unmarked() -> None:
    """Take the mark before the wire away: nothing says any more that a message is being handed over."""
    settle = outbox.settle

    def mark(session: Session, token: str, marks: Iterable[Mark], now: datetime) -> set[int]:
        return {one.delivery_id for one in marks}

    def settle_claimed(session: Session, settlements: Iterable[Settlement], now: datetime, *, token: str) -> int:
        return settle(session, [replace(one, number=None) for one in settlements], now, token=token)

    outbox.mark, outbox.settle = mark, settle_claimed


@contextmanager
def without_mark() -> Iterator[None]:
    """Take the mark away in this process, until the block ends."""
    mark, settle = outbox.mark, outbox.settle
    unmarked()
    try:
        yield
    finally:
        outbox.mark, outbox.settle = mark, settle


SABOTAGE: dict[str, Callable[[], None]] = {"": lambda: None, "unmarked": unmarked}


def serve(environ: Mapping[str, str], log: Path, sabotage: str = "") -> None:
    """Be `meetup serve`, with these settings and no others."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    for name in [name for name in os.environ if name.startswith("MEETUP_")]:
        del os.environ[name]
    SABOTAGE[sabotage]()
    sys.exit(main(["serve"], environ))
