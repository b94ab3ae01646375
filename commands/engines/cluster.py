"""Procrastinate as an alarm clock for many machines: one worker starts a tick, any worker sends a batch.

No reminder is a job. A job says “send a batch of what is due”, and which batch that is, the outbox decides; so a job
that is lost, or run twice, loses and doubles nothing.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.tasks import Task
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from commands.service import Service, Tick, beat, plan_all, tidy_all
from commands.stopping import Stop
from meetup.storage.database import Database
from meetup.values import Channel
from notifications import queued
from notifications.deliver import BATCH, clear, deliver_batch
from notifications.reconcile import reconcile

logger = logging.getLogger(__name__)

# It tells of every job twice, and a tick is a job: what becomes of messages is in our own log.
logging.getLogger("procrastinate").setLevel(logging.WARNING)

QUEUE = "meetup"
MOST = 16  # batches of one channel that wait at once: more would only wait
STALLED = 60.0  # seconds without a sign of life, and a worker counts as dead
PATIENCE = 45.0  # seconds in which what is in flight may end
AGAIN = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between tries while the database is away
LOOK = 0.2
SCHEMA = 0x6D656574  # an advisory lock: any number, as long as it is ours


@dataclass(frozen=True, slots=True)
class Cluster:
    """What one worker of several works with."""

    service: Service
    concurrency: int = 2


def run(cluster: Cluster, stop: Stop) -> None:
    """Work until somebody asks to stop; a database that goes away is waited for."""
    asyncio.run(_run(cluster, stop))


def prepare(database: Database) -> None:
    """Make the tables of the job queue, once, whoever comes first."""
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SCHEMA})
        if connection.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar() is None:
            # By the driver itself: it takes many statements at once, and their signs of percent as they are.
            connection.connection.cursor().execute(App(connector=PsycopgConnector()).schema_manager.get_schema())
            connection.commit()
            logger.info("job_queue_made")


async def _run(cluster: Cluster, stop: Stop) -> None:
    tries = 0
    while not stop.asked:
        try:
            await asyncio.to_thread(prepare, cluster.service.database)
            await _work(cluster, stop)
            tries = 0
        except (ConnectorException, DBAPIError, OSError) as error:
            pause = AGAIN[min(tries, len(AGAIN) - 1)]
            tries += 1
            logger.warning("job_queue_away error=%s seconds=%s", type(error).__name__, pause)
            await _asleep(pause, stop)


async def _work(cluster: Cluster, stop: Stop) -> None:
    app = queue(cluster.service)
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=cluster.concurrency,
                delete_jobs=DeleteJobCondition.ALWAYS,
                shutdown_graceful_timeout=PATIENCE,
                stalled_worker_timeout=STALLED,
                install_signal_handlers=False,
            )
        )
        while not stop.asked and not working.done():  # noqa: ASYNC110 -- the wish comes from a signal, not from the loop
            await asyncio.sleep(LOOK)
        if stop.asked:
            cluster.service.post.stop.set()
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def _asleep(seconds: float, stop: Stop) -> None:
    for _ in range(math.ceil(seconds / LOOK)):
        if not stop.asked:
            await asyncio.sleep(LOOK)


def queue(service: Service) -> App:
    """Return the jobs and their ticks, bound to what they work with."""
    address = service.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=address))
    seconds = min(max(round(service.tick_seconds), 1), 30)
    batch = app.task(name="meetup.batch", queue=QUEUE)(_batch(service))
    _tick(app, "dispatch", seconds, _dispatch(app, service, seconds, batch))
    _tick(app, "plan", min(3 * seconds, 30), _ticking(service, "plan", 3 * seconds, lambda: plan_all(service)))
    app.periodic(cron="17 */6 * * *")(
        app.task(name="meetup.tidy", queue=QUEUE, queueing_lock="tidy")(
            _ticking(service, "tidy", 6 * 3600, lambda: tidy_all(service))
        )
    )
    return app


def _tick(app: App, name: str, seconds: int, work: Callable[[int], object]) -> None:
    # Croniter takes the sixth field for the seconds. A tick that still waits is not queued again.
    task = app.task(name=f"meetup.{name}", queue=QUEUE, queueing_lock=name)(work)
    app.periodic(cron=f"* * * * * */{seconds}")(task)


def _ticking(service: Service, name: str, seconds: int, work: Callable[[], object]) -> Callable[[int], None]:
    def ticked(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate names it
        beat(service, Tick(name, timedelta(seconds=seconds), work))

    return ticked


def _batch(service: Service) -> Callable[[str], None]:
    def batch(channel: str) -> None:
        deliver_batch(service.post, Channel(channel))

    return batch


def _dispatch(app: App, service: Service, seconds: int, batch: Task[[str], None, [str]]) -> Callable[[int], object]:
    async def dispatch(timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate names it
        waiting: dict[Channel, int] = {}
        tick = Tick("deliver", timedelta(seconds=seconds), lambda: waiting.update(_due(service)))
        await asyncio.to_thread(beat, service, tick)
        for channel, number in waiting.items():
            for place in range(min(math.ceil(number / BATCH), MOST)):
                await _defer(batch, channel, place)
        await _bury(app)

    return dispatch


async def _defer(batch: Task[[str], None, [str]], channel: Channel, place: int) -> None:
    # As many batches wait as there is work for; those that are at work do not count.
    with contextlib.suppress(AlreadyEnqueued):
        await batch.configure(queueing_lock=f"{channel}-{place}").defer_async(channel=channel.value)


async def _bury(app: App) -> None:
    """Forget the jobs of dead workers: what they held comes back by its lease, not by its job."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED, queue=QUEUE):
        if job.id is not None:
            await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
            logger.warning("job_of_a_dead_worker name=%s", job.task_name)


def _due(service: Service) -> dict[Channel, int]:
    """Settle what needs no wire, and return how much is due on each channel that can send."""
    clear(service.post)
    reconcile(service.post, service.grace)
    now = service.clock.now()
    with service.database.reading() as session:
        return {channel: queued.due(session, channel, now) for channel in service.post.senders}
