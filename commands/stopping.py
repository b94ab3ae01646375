"""How a running service is asked to stop."""

import os
import queue
import signal
from types import FrameType

AT_ONCE = b"Stopped at once; what was being handed over is looked into at the next start\n"


class Stop:
    """A wish to stop. A signal handler may fill a simple queue at any moment; an event could lock itself out."""

    def __init__(self) -> None:
        self.asked = False
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()

    def ask(self) -> None:
        """Ask to stop."""
        self.asked = True
        self._bell.put(None)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until somebody asks, or for so long; return whether somebody has asked."""
        if self.asked:
            return True
        try:
            self._bell.get(timeout=seconds)
        except queue.Empty:
            return False
        return True


def stopping() -> Stop:
    """Return a wish that SIGTERM and Ctrl-C express; a second one stops at once."""
    stop = Stop()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.asked:
            # Nothing less would do: threads that wait for the wire are joined by every softer way out.
            os.write(2, AT_ONCE)
            os._exit(128 + number)
        stop.ask()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop
