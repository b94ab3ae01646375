"""How much a sender may say by now: an allowance that fills up as time goes by."""

from dataclasses import dataclass, replace
from math import isfinite
from typing import Self


@dataclass(frozen=True, slots=True)
class Bucket:
    """`rate` units come in each second, and no more than one second's worth (at least one unit) is saved up.

    Time is monotonic and handed in. What costs more than the bucket holds leaves when it is full, and what it owes is
    waited for by the next one: a text of three segments leaves, even at one segment a second.
    """

    rate: float
    level: float
    at: float

    def __post_init__(self) -> None:
        if not (isfinite(self.rate) and self.rate > 0):
            raise ValueError("a rate is more than nothing a second")

    @classmethod
    def full(cls, rate: float, now: float) -> Self:
        """Return one that nothing has been taken from."""
        return cls(rate, max(1.0, rate), now)

    @property
    def size(self) -> float:
        """Return how much is saved up at most."""
        return max(1.0, self.rate)

    def wait(self, cost: float, now: float) -> float:
        """Return in how many seconds so much may leave; 0 when it may leave now."""
        return max(0.0, (min(cost, self.size) - self._level(now)) / self.rate)

    def take(self, cost: float, now: float) -> Self:
        """Return what is left when so much leaves."""
        return replace(self, level=self._level(now) - cost, at=max(self.at, now))

    def within(self, seconds: float, now: float) -> int:
        """Return how many units may leave within some seconds; never less than one."""
        return max(1, int(self._level(now) + self.rate * seconds))

    def _level(self, now: float) -> float:
        return min(self.size, self.level + self.rate * max(0.0, now - self.at))
