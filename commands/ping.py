"""Addresses outside that are asked: a dead man's switch after good ticks, and whoever is on call."""

import logging
import threading
import urllib.request
from collections.abc import Callable

from meetup.clock import Clock

logger = logging.getLogger(__name__)

EVERY = 60.0  # seconds
PATIENCE = 10.0


def ask(url: str) -> None:
    """Ask for an address, and take any answer."""
    request = urllib.request.Request(url, headers={"User-Agent": "meetup"})  # noqa: S310 -- settings take http(s) only
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 -- the same
        answer.read(1024)


class Ping:
    """Asks at most once a minute, beside the ticks: a slow network must not delay a reminder."""

    def __init__(self, url: str, clock: Clock, asking: Callable[[str], None] = ask) -> None:
        self._url = url
        self._clock = clock
        self._asking = asking
        self._next = float("-inf")
        self._running: threading.Thread | None = None

    def ticked(self, name: str, _seconds: float, well: bool) -> None:
        """Ask after a delivery tick that went well."""
        if name == "deliver" and well:
            self.ring()

    def ring(self) -> None:
        """Ask now, unless that was done within the last minute."""
        busy = self._running is not None and self._running.is_alive()
        if busy or self._clock.monotonic() < self._next:
            return
        self._next = self._clock.monotonic() + EVERY
        self._running = threading.Thread(target=self._ping, name="ping", daemon=True)
        self._running.start()

    def wait(self) -> None:
        """Wait until the call that is under way has ended."""
        if self._running is not None:
            self._running.join()

    def _ping(self) -> None:
        try:
            self._asking(self._url)
        except (OSError, ValueError) as error:
            # The address is a secret of its own: it is not logged.
            logger.warning("ping_failed error=%s", type(error).__name__)
