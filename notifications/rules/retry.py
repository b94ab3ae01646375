"""How long to wait before a message that surely did not leave is tried again."""

from dataclasses import dataclass
from datetime import timedelta
from math import isfinite

from meetup.values import Channel

LONGEST = timedelta(days=1)  # a provider that asks for more is out of order; what is sent expires long before


@dataclass(frozen=True, slots=True)
class Pace:
    """Waits that grow by `factor` from `first` up to `cap`; after `tries` failures there are none."""

    first: timedelta
    factor: float
    cap: timedelta
    tries: int

    def wait(self, failures: int) -> timedelta:
        """Return the wait after so many failures, before any jitter."""
        return min(self.cap, self.first * self.factor ** min(failures - 1, 20))


PACES = {
    # One number sends about one text a second: a full queue empties in minutes, not hours.
    Channel.SMS: Pace(timedelta(seconds=15), 2, timedelta(minutes=15), 12),
    # Greylisting opens after five minutes or more: 5, 15, 45.
    Channel.EMAIL: Pace(timedelta(minutes=5), 3, timedelta(hours=2), 8),
}


# When a whole line is out of order nobody is to blame: messages wait for it until they expire.
LINE = Pace(timedelta(seconds=30), 2, timedelta(minutes=15), 1_000_000)


def wait_after(failures: int, retry_after: float | None, pace: Pace, fraction: float = 0.5) -> timedelta | None:
    """Return how long to wait after so many failures, or None to give up.

    `fraction` (0 to 1, from the delivery's code) spreads deliveries that failed together by a fifth to either side.
    """
    if failures < 1:
        raise ValueError("nothing has failed yet")
    if not 0 <= fraction <= 1:
        raise ValueError("a fraction lies between 0 and 1")
    if failures >= pace.tries:
        return None
    return max(pace.wait(failures) * (0.8 + 0.4 * fraction), asked(retry_after) * (1 + 0.2 * fraction))


def asked(retry_after: float | None) -> timedelta:
    """Read the provider's wish; nonsense counts as none."""
    if retry_after is None or not isfinite(retry_after) or retry_after < 0:
        return timedelta(0)
    return timedelta(seconds=min(retry_after, LONGEST.total_seconds()))
