"""How a running service is asked to stop."""

import signal
import threading
from types import FrameType


def stopping() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set; a second one stops at once."""
    stop = threading.Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise SystemExit(128 + number)
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop
