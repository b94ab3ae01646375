"""APScheduler as an alarm clock: three interval jobs in memory, and no reminder in any of them."""

import logging
import threading
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from commands.service import Service, Tick, beat, ticks

logger = logging.getLogger(__name__)

JUMP = timedelta(seconds=30)


class Alarm:
    """Runs the ticks of a service until it is stopped."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            # The defaults drop a job that is a second late, and pile up those of a machine that slept.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin to tick, at once."""
        for tick in ticks(self._service):
            self._add(tick)
        self._scheduler.start()

    def stop(self) -> None:
        """Let a running tick finish what is in flight, and begin none."""
        self._service.post.stop.set()
        self._scheduler.shutdown(wait=True)

    def watch(self, stop: threading.Event, every: float = 5.0) -> None:
        """Wait for `stop`; when the wall clock jumps, set the alarms anew, since the scheduler does not notice."""
        clock = self._service.clock
        wall, steady = clock.now(), clock.monotonic()
        while not stop.wait(every):
            drift = (clock.now() - wall) - timedelta(seconds=clock.monotonic() - steady)
            if abs(drift) > JUMP:
                logger.warning("clock_jumped seconds=%.0f", drift.total_seconds())
                for tick in ticks(self._service):
                    self._add(tick)
            wall, steady = clock.now(), clock.monotonic()

    def _add(self, tick: Tick) -> None:
        self._scheduler.add_job(
            beat,
            "interval",
            args=[self._service, tick],
            seconds=tick.every.total_seconds(),
            next_run_time=self._service.clock.now(),
            id=tick.name,
            replace_existing=True,
        )
