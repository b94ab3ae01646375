"""APScheduler as an alarm clock: three jobs in memory, and no reminder in any of them."""

import logging
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from commands.service import Service, Tick, beat, ticks
from commands.stopping import Stop
from meetup.clock import Clock, SystemClock

logger = logging.getLogger(__name__)

JUMP = timedelta(seconds=30)

# It warns of every tick that takes longer than its interval; the next one begins when that one has ended.
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Rings so long after now. Its own interval would count what was missed: a million rings after a jump of weeks."""

    __slots__ = ("length",)

    def __init__(self, length: timedelta) -> None:
        self.length = length

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self.length


class Alarm:
    """Runs the ticks of a service until it is stopped."""

    def __init__(self, service: Service, machine: Clock | None = None) -> None:
        self._service = service
        # The scheduler reads the clock of this machine, whatever clock the service goes by.
        self._machine = machine or SystemClock()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            # The defaults drop a job that is a second late, and pile up those of a machine that slept.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin to tick, at once."""
        self._set()
        self._scheduler.start()

    def stop(self) -> None:
        """Let a running tick finish what is in flight, and begin none."""
        self._service.post.stop.set()
        # The scheduler looks at its jobs once more after its end; it must find none.
        self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=True)

    def watch(self, stop: Stop, every: float = 5.0) -> None:
        """Wait for `stop`; when the wall clock jumps, set the alarms anew, since the scheduler does not notice."""
        wall, steady = self._machine.now(), self._machine.monotonic()
        while not stop.wait(every):
            drift = (self._machine.now() - wall) - timedelta(seconds=self._machine.monotonic() - steady)
            if abs(drift) > JUMP:
                logger.warning("clock_jumped seconds=%.0f", drift.total_seconds())
                self._set()
            wall, steady = self._machine.now(), self._machine.monotonic()

    def _set(self) -> None:
        for tick in ticks(self._service):
            self._add(tick)

    def _add(self, tick: Tick) -> None:
        self._scheduler.add_job(
            beat,
            Every(tick.every),
            args=[self._service, tick],
            next_run_time=SystemClock().now(),
            id=tick.name,
            replace_existing=True,
        )
