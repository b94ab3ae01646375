"""What a check-up finds: a line that is fine, worth a look or wrong, and what to do about it."""

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from commands import output
from meetup.errors import MeetupError, Unavailable


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check-up."""

    level: Level
    check: str  # stable: programs look for it
    text: str
    advice: str = ""


def ok(check: str, text: str, advice: str = "") -> Finding:
    """Note that something is as it should be."""
    return Finding(Level.OK, check, text, advice)


def warn(check: str, text: str, advice: str = "") -> Finding:
    """Note something that works, but not as well as it could."""
    return Finding(Level.WARN, check, text, advice)


def fail(check: str, text: str, advice: str = "") -> Finding:
    """Note something that keeps messages from arriving, or members from being safe."""
    return Finding(Level.FAIL, check, text, advice)


def refused(check: str, error: MeetupError) -> Finding:
    """Note a refusal."""
    return fail(check, error.message, error.hint)


def answers(asked: Mapping[str, Callable[[], None]], patience: float) -> dict[str, MeetupError | None]:
    """Ask all at once and return what each refused, or None; whoever takes longer than our patience is unavailable."""
    waiting = {name: _asking(ask) for name, ask in asked.items()}
    return {name: _answer(came, patience) for name, came in waiting.items()}


Answer = queue.SimpleQueue[MeetupError | None]


def _asking(ask: Callable[[], None]) -> Answer:
    came: Answer = queue.SimpleQueue()

    def run() -> None:
        try:
            ask()
        except MeetupError as error:
            came.put(error)
        else:
            came.put(None)

    # No pool: a process waits for the threads of one, and names that are not found take half a minute.
    threading.Thread(target=run, daemon=True).start()
    return came


def _answer(came: Answer, patience: float) -> MeetupError | None:
    try:
        return came.get(timeout=patience)
    except queue.Empty:
        return Unavailable(f"no answer within {patience:g} seconds", "Look at the network and the firewall")


def count(number: int, one: str, many: str = "") -> str:
    """Return `1 message` or `3 messages`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def show(findings: Sequence[Finding]) -> None:
    """Print findings with what to do about each, and how many there are."""
    width = max(len(one.check) for one in findings)
    for one in findings:
        output.write(f"{one.level:<4}  {one.check:<{width}}  {one.text}")
        for line in one.advice.splitlines():
            output.write(f"{'':<{width + 8}}→ {line}")
    wrong, odd = (sum(one.level is level for one in findings) for level in (Level.FAIL, Level.WARN))
    output.say(f"\n{count(wrong, 'failure')}, {count(odd, 'warning')}" if wrong or odd else "\nAll is well")
