"""A store of bounded size: what was not used for longest makes room."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Pile(Generic[K, V]):
    """Keeps values up to a sum of their sizes. One thread at a time puts; any may get."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """Return a value, and keep it longer."""
        found = self._kept.get(key)
        if found is None:
            return None
        try:  # noqa: SIM105 -- this is asked for every calendar, and a block of contextlib costs as much as all of it
            self._kept.move_to_end(key)
        except KeyError:  # another thread has just dropped it
            pass
        return found[0]

    def put(self, key: K, value: V, size: int = 1) -> None:
        """Keep a value, unless it is too large by itself, and drop the oldest ones beyond the bound."""
        self.drop(key)
        if size > self._most:
            return
        self._kept[key] = value, size
        self.size += size
        while self.size > self._most:
            self.drop(next(iter(self._kept)))

    def drop(self, key: K) -> None:
        """Forget a value."""
        _, size = self._kept.pop(key, (None, 0))
        self.size -= size
