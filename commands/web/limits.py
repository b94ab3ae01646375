"""How often one visitor may fill in a form, and all of them together: a public form is an invitation to pumps."""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_VISITORS = 10_000  # whoever came longest ago is forgotten first
Times = tuple[float, ...]  # on a monotonic clock, oldest first


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within so many seconds."""

    number: int
    seconds: float

    def recent(self, times: Times, now: float) -> Times:
        """Return those that still count."""
        return tuple(time for time in times if time > now - self.seconds)

    def wait(self, times: Times, now: float) -> float:
        """Return in how many seconds another one may come, after those that count; 0: now."""
        return times[-self.number] + self.seconds - now if len(times) >= self.number else 0.0


class Limits:
    """Counts forms by visitor and in all, for any thread; nothing of it is kept on disk."""

    def __init__(self, each: Rate, together: Rate, clock: Callable[[], float]) -> None:
        self._each, self._together, self._clock = each, together, clock
        self._visitors: OrderedDict[str, Times] = OrderedDict()
        self._all: Times = ()
        self._lock = threading.Lock()

    def wait(self, visitor: str) -> float:
        """Count one form, and return 0; or count none, and return after how many seconds another one may come."""
        with self._lock:
            now, who = self._clock(), network(visitor)
            theirs = self._each.recent(self._visitors.pop(who, ()), now)
            everybodys = self._together.recent(self._all, now)
            waiting = max(self._each.wait(theirs, now), self._together.wait(everybodys, now))
            if not waiting:
                theirs, everybodys = (*theirs, now), (*everybodys, now)
            self._visitors[who], self._all = theirs, everybodys
            if len(self._visitors) > MOST_VISITORS:
                self._visitors.popitem(last=False)
            return waiting


def network(visitor: str) -> str:
    """Return the address of a visitor; of IPv6 the network, since one line has more addresses than there are people."""
    try:
        address = ipaddress.ip_address(visitor)
    except ValueError:
        return visitor
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else visitor
