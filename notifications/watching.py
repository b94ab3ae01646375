"""Who wants to know how messages fare while they are delivered: numbers only, never people."""

from typing import Protocol

from meetup.values import Channel, State


class Watcher(Protocol):
    """Is told of every message that was handed over, and what came of it."""

    def settled(self, channel: Channel, state: State, late: float, took: float) -> None:
        """Note an outcome, how many seconds after it was due it left, and how many it was in our hands."""


class Nobody:
    """Watches nothing."""

    def settled(self, channel: Channel, state: State, late: float, took: float) -> None:
        """Note nothing."""
