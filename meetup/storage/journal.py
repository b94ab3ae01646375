"""Opt-outs and erasures outside the database: an append-only file of keyed hashes, which no restored backup undoes.

A stop says when, on which channel, the blind index of the address, the group (or `*`) and by whom; an erasure says when
and the keyed hash of who is gone. Each line ends with a signature. Nothing in it names anybody, and nothing in it is of
use without the key file.
"""

import contextlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from meetup.storage.vault import Vault

logger = logging.getLogger(__name__)

EVERY_GROUP = "*"


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody took consent back: for one group (its public id), or for all of them."""

    at: datetime
    channel: str
    address_index: bytes
    group: str
    source: str

    def line(self) -> str:
        return f"{self.at.isoformat()} stop {self.channel} {self.address_index.hex()} {self.group} {self.source}"


@dataclass(frozen=True, slots=True)
class Erased:
    """Everything about somebody was deleted."""

    at: datetime
    who: bytes  # `Vault.index("erased", …)` of the member's public id

    def line(self) -> str:
        return f"{self.at.isoformat()} erased {self.who.hex()}"


Entry = Stop | Erased


@dataclass(frozen=True, slots=True)
class Reading:
    """What a journal says: since when it was kept, all that is in it, and how many lines cannot be trusted."""

    begun_at: datetime | None
    stops: Sequence[Stop]
    damaged: int = 0
    erased: Sequence[Erased] = ()


@dataclass(frozen=True, slots=True)
class Journal:
    """One file, written by whoever takes consent back, read when a backup is restored."""

    path: Path
    vault: Vault

    def write(self, entries: Sequence[Entry], now: datetime) -> None:
        """Append stops and erasures, and return when they are on the disk.

        A disk that takes nothing more must not keep anybody from being heard: the ledger has it all the same.
        """
        try:
            self.begin(now)
            self._append("".join(self._signed(entry.line()) for entry in entries))
        except OSError as error:
            logger.error("journal_unwritable error=%s lost=%s", error.strerror, len(entries))  # noqa: TRY400 -- keys only

    def read(self) -> Reading:
        """Return what the journal says; one that is not there says nothing."""
        try:
            lines = self.path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return Reading(None, ())
        found = [self._read(line) for line in lines]
        moments = [one for one in found if isinstance(one, datetime)]
        stops = [one for one in found if isinstance(one, Stop)]
        erased = [one for one in found if isinstance(one, Erased)]
        return Reading(min(moments, default=None), stops, sum(one is None for one in found), erased)

    def begin(self, now: datetime) -> None:
        """Make the file, if it is not there: only stops from then on are in it."""
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))
            self._append(self._signed(f"{now.isoformat()} begun"))

    def _append(self, text: str) -> None:
        # One write to a file opened for appending: lines of several processes do not mix.
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND)
        try:
            # What a power failure cut off is one damaged line, and must not take the next one with it.
            if (size := os.fstat(handle).st_size) and os.pread(handle, 1, size - 1) != b"\n":
                text = f"\n{text}"
            os.write(handle, text.encode("ascii"))
            os.fsync(handle)
        finally:
            os.close(handle)

    def _signed(self, line: str) -> str:
        return f"{line} {self.vault.sign('journal', line)}\n"

    def _read(self, text: str) -> Entry | datetime | None:
        line, _, signature = text.rpartition(" ")
        if not self.vault.signed("journal", line, signature):
            return None
        moment, what, *rest = line.split(" ")
        at = datetime.fromisoformat(moment)
        if what == "begun":
            return at
        if what == "erased":
            return Erased(at, bytes.fromhex(rest[0]))
        channel, index, group, source = rest
        return Stop(at, channel, bytes.fromhex(index), group, source)
