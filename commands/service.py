"""The background service: three ticks over the database. A tick that fails is logged, and time goes on."""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError
from sqlmodel import select

from meetup.clock import Clock
from meetup.storage.database import Database
from meetup.storage.tables import Heartbeat
from meetup.values import State
from notifications import planning, tidy
from notifications.deliver import Post, deliver_due
from notifications.elsewhere import erase_elsewhere
from notifications.reconcile import GRACE, reconcile

logger = logging.getLogger(__name__)

PLAN_EVERY = 3  # every third tick plans: plans lie 48 hours ahead, and only changes are in a hurry
TIDY_EVERY = timedelta(hours=6)
LONGEST_TICK = timedelta(minutes=15)


Ear = Callable[[str, float, bool], None]  # which tick, how many seconds it took, and whether it went well


@dataclass(frozen=True, slots=True)
class Service:
    """What the ticks work with."""

    post: Post
    tick_seconds: float = 10.0
    grace: timedelta = GRACE
    ears: tuple[Ear, ...] = ()  # who is told of every tick

    @property
    def database(self) -> Database:
        return self.post.database

    @property
    def clock(self) -> Clock:
        return self.post.clock


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that is done again and again."""

    name: str
    every: timedelta
    run: Callable[[], object]


def ticks(service: Service) -> tuple[Tick, ...]:
    """Return what has to be done, and how often."""
    second = timedelta(seconds=service.tick_seconds)
    return (
        Tick("plan", PLAN_EVERY * second, lambda: plan_all(service)),
        Tick("deliver", second, lambda: deliver_all(service)),
        Tick("tidy", TIDY_EVERY, lambda: tidy_all(service)),
    )


def plan_all(service: Service) -> int:
    """Turn facts into deliveries: what changed, what happens soon, and who has still to be asked for consent."""
    now = service.clock.now()
    planned: list[int] = []
    with contextlib.ExitStack() as steps:
        # What stands on the stack is done even when one before it fails: no step keeps another from being taken.
        for step in planning.STEPS:
            steps.callback(_take, service, step, now, planned)
    return sum(planned)


def _take(service: Service, step: planning.Step, now: datetime, planned: list[int]) -> None:
    """Take one step of planning in a transaction of its own: nobody who writes waits for all of them."""
    with service.database.planning() as session:
        planned.append(step(session, now))


def deliver_all(service: Service) -> Counter[State]:
    """Send what is due, and ask about what nobody knows."""
    return deliver_due(service.post) + reconcile(service.post, service.grace)


def tidy_all(service: Service) -> int:
    """Delete what is not to be kept, here and at the provider."""
    with service.database.writing() as session:
        gone = tidy.tidy(session, service.clock.now())
    return gone + erase_elsewhere(service.post)


def beat(service: Service, tick: Tick) -> None:
    """Run one tick between two heartbeats; whatever goes wrong is logged and tried again at the next."""
    began = service.clock.monotonic()
    try:
        _write(service, tick.name, finished=None)
        tick.run()
        _write(service, tick.name, finished=service.clock.now())
    except OperationalError as error:
        # A database that is down, or busy: no bug of ours, and it says so at every tick.
        logger.error("tick_failed name=%s error=%s", tick.name, type(error.orig).__name__)  # noqa: TRY400 -- keys only
        _fail(service, tick, began, error)
    except Exception as error:
        # The only place that catches everything: a tick that died would be a service that looks alive and does nothing.
        logger.exception("tick_failed name=%s", tick.name)
        _fail(service, tick, began, error)
    else:
        _tell(service, tick, began, well=True)


def _fail(service: Service, tick: Tick, began: float, error: Exception) -> None:
    # It cannot be written down where nothing can be written.
    with contextlib.suppress(OperationalError):
        _write(service, tick.name, finished=None, note=type(error).__name__)
    _tell(service, tick, began, well=False)


def _tell(service: Service, tick: Tick, began: float, *, well: bool) -> None:
    for ear in service.ears:
        ear(tick.name, service.clock.monotonic() - began, well)


def _write(service: Service, name: str, *, finished: datetime | None, note: str = "") -> None:
    with service.database.writing() as session:
        row = session.get(Heartbeat, name) or Heartbeat(name=name, started_at=service.clock.now())
        if finished is None:
            row.started_at = service.clock.now()
        else:
            row.finished_at = finished
        # What went wrong stays until a tick ends well: one that has only begun says nothing about that.
        row.note = note if note or finished else row.note
        session.add(row)


def late(service: Service) -> dict[str, float]:
    """Return the ticks that are overdue, and by how many seconds: infinitely when one has never come."""
    now = service.clock.now()
    with service.database.reading() as session:
        beats = {row.name: row for row in session.exec(select(Heartbeat)).all()}
    overdue = {tick.name: _overdue(tick, beats.get(tick.name), now) for tick in ticks(service)}
    return {name: seconds for name, seconds in overdue.items() if seconds > 0}


def _overdue(tick: Tick, row: Heartbeat | None, now: datetime) -> float:
    if row is None:
        return float("inf")
    ended, allowed = row.finished_at, 3 * tick.every + timedelta(seconds=30)
    if not row.note and (ended is None or row.started_at > ended):
        # It is at work. Sending to thousands takes its time, and whoever is restarted for it never ends.
        return (now - row.started_at - max(allowed, LONGEST_TICK)).total_seconds()
    return (now - ended - allowed).total_seconds() if ended else float("inf")
