"""The way out of one sender: how fast, how many at once, and whether it is worth trying at the moment."""

import logging
import threading
from dataclasses import dataclass

from meetup.clock import Clock
from notifications.messages import NotSent, Outcome
from notifications.rules.breaker import Breaker, stops
from notifications.rules.bucket import Bucket
from notifications.rules.grouping import next_size

logger = logging.getLogger(__name__)

RESTING = "resting"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a sender may do: on so many lines at once, and so many units a second (segments of texts, or mails)."""

    lines: int
    rate: float | None = None  # None: as fast as it goes


class Gate:
    """Shared by all threads that send by one sender, and kept from pass to pass."""

    def __init__(self, name: str, limit: Limit, clock: Clock, largest: int) -> None:
        self.limit = limit
        self.group = min(limit.lines, largest)  # how many are marked at once
        self._largest = largest
        self._name = name
        self._clock = clock
        self._bucket = Bucket.full(limit.rate, clock.monotonic()) if limit.rate else None
        self._breaker = Breaker()
        self._lock = threading.Lock()

    @property
    def resting(self) -> bool:
        """Tell whether nothing should be tried now."""
        return self._breaker.resting(self._clock.monotonic())

    def room(self, most: int, seconds: float) -> int:
        """Return how many messages to claim: what may leave soon, and only one when it is to find out the way."""
        if self._breaker.probing:
            return 1
        return most if self._bucket is None else min(most, self._bucket.within(seconds, self._clock.monotonic()))

    def wait(self, cost: float) -> float:
        """Return in how many seconds a message of that size may leave; 0 when it may now."""
        with self._lock:
            return self._bucket.wait(cost, self._clock.monotonic()) if self._bucket else 0.0

    def take(self, cost: float) -> None:
        """Let a message of that size leave."""
        with self._lock:
            if self._bucket is not None:
                self._bucket = self._bucket.take(cost, self._clock.monotonic())

    def paced(self, size: int, took: float) -> None:
        """Remember how long a group took: the next one is as large as that allows."""
        if size == self.group:
            self.group = next_size(size, took, min(self.limit.lines, self._largest), self._largest)

    def hindrance(self) -> NotSent | None:
        """Return what comes of a message while the line rests; None when it may be tried."""
        rest = self._breaker.until - self._clock.monotonic()
        return NotSent(RESTING, "others had failed just before", rest, whole_line=True) if rest > 0 else None

    def learn(self, outcome: Outcome, spread: float) -> None:
        """Remember what the outcome of one message says about the line."""
        with self._lock:
            before, self._breaker = self._breaker, self._breaker.after(outcome, self._clock.monotonic(), spread)
            opened = self._breaker.rests > before.rests
        if opened and stops(outcome):
            logger.error("channel_stopped channel=%s", self._name)
        elif opened:
            logger.warning("channel_rests channel=%s rests=%s", self._name, self._breaker.rests)
        elif before.probing and not self._breaker.probing:
            logger.info("channel_works_again channel=%s", self._name)
