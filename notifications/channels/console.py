"""A channel that only shows what would be sent: for rehearsals and for a first look."""

import threading
from typing import TextIO

from meetup.values import clean
from meetup.wording.masks import mask
from notifications.messages import Accepted, Found, Message, Outcome, Trace, Unknown

WIDTH = 72


class ConsoleSender:
    """Writes each message to a stream; addresses are masked unless `reveal` is set."""

    def __init__(self, stream: TextIO, *, reveal: bool = False) -> None:
        self._stream = stream
        self._reveal = reveal
        self._shown: set[str] = set()
        self._lock = threading.Lock()

    def send(self, message: Message, deadline: float) -> Outcome:  # noqa: ARG002 -- a console is never late
        """Show the message."""
        with self._lock:
            try:
                self._stream.write(self._block(message))
                self._stream.flush()
            except OSError:
                return Unknown("the console went away while the message was shown")
            self._shown.add(message.code)
        return Accepted(_id(message.code))

    def find(self, trace: Trace) -> Found | None:
        """Return the message if this process has shown it."""
        with self._lock:
            return Found(_id(trace.code), "shown") if trace.code in self._shown else None

    def _block(self, message: Message) -> str:
        to = clean(message.to) if self._reveal else mask(message.to)
        head = f"── {message.channel} to {to} "
        subject = [f"Subject: {clean(message.subject)}", ""] if message.subject else []
        return "\n".join([head.ljust(WIDTH, "─"), *subject, clean(message.body), "", ""])


def _id(code: str) -> str:
    return f"console:{code}"
