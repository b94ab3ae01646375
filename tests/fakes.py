"""What stands in for the world outside: senders that remember what they were given."""

from collections.abc import Iterable

from meetup.errors import Unavailable
from notifications.messages import Accepted, Found, Message, Outcome, Trace


class FakeSender:
    """A channel that keeps what it is given. Scripted outcomes come first, then everything is accepted."""

    def __init__(self, outcomes: Iterable[Outcome] = ()) -> None:
        self.sent: list[Message] = []
        self.deadlines: list[float] = []
        self.outcomes = list(outcomes)
        self.found: dict[str, Found] = {}
        self.traces: list[Trace] = []
        self.reachable = True

    def send(self, message: Message, deadline: float) -> Outcome:
        """Remember the message and answer the next scripted outcome."""
        self.sent.append(message)
        self.deadlines.append(deadline)
        return self.outcomes.pop(0) if self.outcomes else Accepted(f"SM{len(self.sent):032d}", segments=1)

    def find(self, trace: Trace) -> Found | None:
        """Look among what was put into `found` under the code of its delivery."""
        if not self.reachable:
            raise Unavailable("The provider does not answer")
        self.traces.append(trace)
        return self.found.get(trace.code)

    @property
    def bodies(self) -> list[str]:
        """Return the texts that were handed over."""
        return [message.body for message in self.sent]
