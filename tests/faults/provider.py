"""Twilio and a mail relay as one process, outside of what is killed: what it takes is in a file before it answers.

It is told what goes wrong by lines of JSON on its standard input, and ends when that ends: nothing is left behind.
"""

import argparse
import json
import logging
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from starlette.requests import Request
from starlette.responses import Response

from commands.rehearsal.carrier import NUMBER
from commands.rehearsal.mailbox import Mail, Mailbox, Stage
from commands.rehearsal.twilio import ACCOUNT_SID, AUTH_TOKEN, Fault, RehearsalTwilio
from tests.faults.wire import Line, append, read


class Twilio(RehearsalTwilio):
    """The provider of texts; a share of the requests goes wrong, in a way that the dice choose."""

    share = 0.0
    kinds: tuple[Fault, ...] = ()
    dice = random.Random(0)

    async def _create(self, request: Request) -> Response:
        if self.dice.random() >= self.share:
            return await super()._create(request)
        return await self._fail(self.dice.choice(self.kinds), request, super()._create)


class Relay(Mailbox):
    """A mail relay that writes every mail down before it says that it has it."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def keep(self, mails: list[Mail]) -> None:
        """Write mails down; nobody here reads them again."""
        for mail in mails:
            append(self._log, {"to": mail.to, "message_id": _message_id(mail.raw)})


def _message_id(raw: bytes) -> str:
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    lines = (line.partition(":") for line in head.split("\r\n"))
    return next(value.strip() for name, _, value in lines if name.lower() == "message-id")


@dataclass(frozen=True)
class Outside:
    """The provider as its judge sees it: an address, two files, and somebody to tell."""

    base_url: str
    smtp_url: str
    texts: Path
    mails: Path
    ears: IO[str]
    mouth: IO[str]

    @property
    def settings(self) -> dict[str, str]:
        """Return what a service has to be told to send by it."""
        return {
            "MEETUP_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "MEETUP_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "MEETUP_TWILIO_FROM": NUMBER,
            "MEETUP_TWILIO_BASE_URL": self.base_url,
            "MEETUP_SMTP_URL": self.smtp_url,
            "MEETUP_MAIL_FROM": "plan@northside.example",
        }

    def tell(self, **what: object) -> None:
        """Change how it behaves, and wait until it does."""
        self.ears.write(json.dumps(what) + "\n")
        self.ears.flush()
        self.mouth.readline()

    def accepted(self) -> tuple[list[Line], list[Line]]:
        """Return the texts and the mails that were taken."""
        return read(self.texts), read(self.mails)


@contextmanager
def outside(folder: Path, *, receipts: bool = False) -> Iterator[Outside]:
    """Run the provider as a process of its own until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    texts, mails = folder / "texts.jsonl", folder / "mails.jsonl"
    command = [sys.executable, "-m", "tests.faults.provider", str(texts), str(mails)]
    command += ["--receipts"] if receipts else []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        facts: Mapping[str, str] = json.loads(process.stdout.readline())
        yield Outside(facts["base_url"], facts["smtp_url"], texts, mails, process.stdin, process.stdout)


def obey(told: Mapping[str, object], twilio: Twilio, relay: Relay) -> None:
    """Do what one line says."""
    for method in ("POST", "GET"):
        twilio.script(*(Fault(str(one)) for one in _list(told.get(method))), method=method)
    for stage, reply, times in (one for one in _list(told.get("smtp")) if isinstance(one, list)):
        _plan(relay, Stage(stage), str(reply), int(times))
    if "lag" in told:
        twilio.carrier.lag = timedelta(seconds=float(str(told["lag"])))
    if "share" in told:
        twilio.share, twilio.dice = float(str(told["share"])), random.Random(int(str(told["seed"])))
        twilio.kinds = tuple(Fault(str(one)) for one in _list(told["kinds"]))


def _plan(relay: Relay, stage: Stage, reply: str, times: int) -> None:
    if reply:
        relay.answer(stage, reply, times)
    else:
        relay.cut(stage, times)


def _list(given: object) -> list[object]:
    return given if isinstance(given, list) else []


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description="Take texts and mails on this machine, and write down every one")
    parser.add_argument("texts", type=Path)
    parser.add_argument("mails", type=Path)
    parser.add_argument("--receipts", action="store_true", help="post delivery receipts")
    given = parser.parse_args()
    logging.disable()  # clients that are killed in the middle of a request are what this is about
    with Twilio(log=given.texts, automatic=given.receipts) as twilio, Relay(given.mails) as relay:
        _say({"base_url": twilio.base_url, "smtp_url": relay.url})
        for line in sys.stdin:
            obey(json.loads(line), twilio, relay)
            _say({"done": True})


def _say(what: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
