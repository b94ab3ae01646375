"""What cannot be undone: a wire that has every message in a file before anybody hears that it was taken."""

import json
import os
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from meetup.clock import Clock
from meetup.values import Channel
from notifications.messages import Accepted, Found, Message, NotSent, Outcome, Trace
from tests.faults.trap import Trap

Line = dict[str, str]


def append(log: Path, line: Line) -> None:
    """Write a line in one go, past every buffer of ours: whoever is killed after it cannot take it back."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, (json.dumps(line) + "\n").encode())
    finally:
        os.close(file)


def read(log: Path) -> list[Line]:
    """Return what was accepted, in order."""
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def per_person(log: Path) -> Counter[str]:
    """Return how many texts each number was sent."""
    return Counter(line["to"] for line in read(log))


@dataclass(frozen=True)
class FileWire:
    """A provider in a file. It offers what Twilio offers: a list by number, and no look-up by our code."""

    log: Path
    clock: Clock
    hash_body: Callable[[str], str]
    trap: Trap

    def send(self, message: Message, deadline: float) -> Outcome:
        """Take a message."""
        self.trap.at("before the wire")
        if self.clock.monotonic() >= deadline:
            return NotSent("deadline", "our claim on it has run out")
        sid = f"SM{uuid.uuid4().hex}"
        line = {"sid": sid, "to": message.to, "body": message.body, "code": message.code}
        append(self.log, line | {"at": self.clock.now().isoformat()})
        self.trap.at("after the wire")
        return Accepted(sid, 1)

    def find(self, trace: Trace) -> Found | None:
        """Look for a text to that number with those words that belongs to nothing else."""
        self.trap.at("before asking")
        found = [
            line
            for line in read(self.log)
            if line["to"] == trace.to
            and line["sid"] not in trace.known_ids
            and self.hash_body(line["body"]) == trace.body_hash
        ]
        self.trap.at("after asking")
        return Found(found[0]["sid"], "sent") if found else None

    def senders(self) -> dict[Channel, "FileWire"]:
        """Return the channels of a post that sends texts only."""
        return {Channel.SMS: self}
