"""A directory that we publish into: what in it is ours, what has to change, and changing only that.

What is ours is noted beside it, as hashes of names: the note may be served to everybody, and a group that was closed
since must not be listed there.
"""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from meetup.errors import MeetupError, UsageError

NOTE = ".meetup-publish"
SCHEMA = 1
HINT = "Move it away, and publish again with --yes"


class Deed(StrEnum):
    """What becomes of a file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    EMPTIED = "emptied"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Step:
    """One file, and what becomes of it. What is removed has no body."""

    name: str
    deed: Deed
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory as it was found: the names in it, and which of them we wrote."""

    path: Path
    names: frozenset[str]
    ours: frozenset[str]  # hashes of names
    noted: bool  # we have published here before

    def strangers(self, wanted: Iterable[str]) -> list[str]:
        """Return what stands in the way: files of others by the same names; all of them before the first time."""
        foreign = {name for name in self.names if _hash(name) not in self.ours}
        return sorted(foreign & set(wanted) if self.noted else foreign)

    def plan(self, files: Mapping[str, bytes], emptied: Callable[[str], bytes | None]) -> list[Step]:
        """Say what becomes of each file. `emptied` tells what is left of one of ours that is no longer wanted."""
        stale = sorted(name for name in self.names - files.keys() if _hash(name) in self.ours)
        wanted = [self._step(name, body, Deed.WRITTEN) for name, body in sorted(files.items())]
        return wanted + [self._left(name, emptied(name)) for name in stale]

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Change what has to be changed, each file whole or not at all."""
        kept = frozenset(_hash(step.name) for step in steps if step.deed is not Deed.REMOVED)
        with _explained(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            # First say what is ours: what a crash leaves behind is then not taken for somebody else's.
            self._note(self.ours | kept)
            for step in steps:
                _carry_out(self.path / step.name, step)
            self._note(kept)

    def _step(self, name: str, body: bytes, deed: Deed) -> Step:
        same = name in self.names and _read(self.path / name) == body
        return Step(name, Deed.UNCHANGED if same else deed, body)

    def _left(self, name: str, body: bytes | None) -> Step:
        return Step(name, Deed.REMOVED) if body is None else self._step(name, body, Deed.EMPTIED)

    def _note(self, ours: frozenset[str]) -> None:
        body = f"{json.dumps({'schema': SCHEMA, 'files': sorted(ours)}, indent=0)}\n".encode()
        if _read(self.path / NOTE) != body:
            _replace(self.path / NOTE, body)


def look(path: Path) -> Folder:
    """Look at a directory, which need not be there yet."""
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file, not a directory", "Name a directory; it is made when it is not there")
    with _explained(path):
        names = frozenset(one.name for one in path.iterdir()) if path.exists() else frozenset()
    return Folder(path, names - {NOTE}, _ours(path / NOTE), NOTE in names)


def _ours(note: Path) -> frozenset[str]:
    body = _read(note)
    if body is None:
        return frozenset()
    try:
        return frozenset(json.loads(body)["files"])
    except (ValueError, KeyError, TypeError) as error:
        hint = "Remove it, and publish again with --yes"
        raise MeetupError(f"{note}, which says what was published, cannot be read", hint) from error


def _carry_out(path: Path, step: Step) -> None:
    if step.deed is Deed.REMOVED:
        path.unlink(missing_ok=True)
    elif step.deed is not Deed.UNCHANGED:
        _replace(path, step.body)


def _replace(path: Path, body: bytes) -> None:
    """Write a file beside and move it into place: whoever reads meanwhile gets the old one or the new one."""
    beside = path.with_name(f".meetup-{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise MeetupError(f"{path} cannot be read: {error.strerror}", HINT) from error


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise MeetupError(f"{error.filename or path} cannot be written: {error.strerror}") from error


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()
