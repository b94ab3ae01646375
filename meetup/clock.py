"""The only reader of time. Everybody else receives a moment or a clock."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the rest of the house needs to know about time."""

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""

    def monotonic(self) -> float:
        """Return seconds that only grow, whatever happens to the wall clock."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class HandClock:
    """A clock turned by hand: the demo runs a week in seconds with it, and so do the tests."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware moment to start from")
        self._now = start.astimezone(UTC)
        self._passed = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._passed

    def pass_(self, **length: float) -> None:
        """Let time go by: `clock.pass_(days=2, hours=6)`."""
        step = timedelta(**length)
        self._now += step
        self._passed += step.total_seconds()

    def turn_to(self, moment: datetime) -> None:
        """Turn the wall clock to a moment, forwards or back; the monotonic clock never goes back."""
        self._passed += max(0.0, (moment - self._now).total_seconds())
        self._now = moment.astimezone(UTC)
