"""The telephone network of a rehearsal: which texts it took, who left, and how each text ends."""

import json
import re
import threading
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from meetup.clock import Clock
from notifications.rules.segments import segments

NUMBER = "+15005550006"
SERVICE = "MG" + "5e" * 16
LONGEST = 1600
VALID_FOR = 36_000

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})

# The numbers that the provider keeps for tests, and what it says about them.
REFUSALS = {"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550009": 21614}
NEVER_LEFT = frozenset({21610, 30001, 30002, 30032, 30036, 30450})


@dataclass(frozen=True, slots=True)
class Text:
    """One text as the provider keeps it."""

    sid: str
    to: str
    from_: str
    body: str
    status: str
    accepted_at: datetime
    callback_url: str = ""
    service: str = ""
    valid_for: int = VALID_FOR
    direction: str = "outbound-api"
    error_code: int = 0
    sent_at: datetime | None = None

    @property
    def segments(self) -> int:
        """Count the parts; a messaging service does not say so before it has chosen a number."""
        return 0 if self.status == "accepted" else segments(self.body).segments


def new_sid() -> str:
    """Return a fresh id of a text."""
    return f"SM{uuid.uuid4().hex}"


class Carrier:
    """What the provider remembers, and the script of what goes wrong. Two threads may use it at once."""

    def __init__(self, clock: Clock, log: Path | None = None) -> None:
        self.clock = clock
        self.refusals: dict[str, int] = dict(REFUSALS)  # number → code of the answer
        self.outcomes: dict[str, int] = {}  # number → code of the receipt; 0 when no final receipt ever comes
        self.lag = timedelta(0)  # a new text is not listed for so long
        self.lag_looks = 0  # nor in so many looks
        self._log = log
        self._texts: dict[str, Text] = {}
        self._left: set[str] = set()
        self._looks: Counter[str] = Counter()
        self._unsettled: list[str] = []
        self._lock = threading.RLock()

    def texts(self) -> tuple[Text, ...]:
        """Return everything, oldest first."""
        with self._lock:
            return tuple(self._texts.values())

    def get(self, sid: str) -> Text | None:
        """Return one text."""
        with self._lock:
            return self._texts.get(sid)

    def has_left(self, number: str) -> bool:
        """Tell whether that phone said STOP."""
        with self._lock:
            return number in self._left

    def accept(self, form: Mapping[str, str]) -> Text:
        """Take a text that was asked for, and write it to the log before anybody is told."""
        service = form.get("MessagingServiceSid", "")
        text = Text(
            sid=new_sid(),
            to=form["To"],
            from_="" if service else form["From"],
            body=form["Body"],
            status="accepted" if service else "queued",
            accepted_at=self.clock.now(),
            callback_url=form.get("StatusCallback", ""),
            service=service,
            valid_for=int(form.get("ValidityPeriod", VALID_FOR)),
        )
        with self._lock:
            self._write(text)
            self.keep(text)
            self._unsettled.append(text.sid)
        return text

    def keep(self, text: Text) -> None:
        """Remember a text, a new one or a changed one."""
        with self._lock:
            self._texts[text.sid] = text

    def forget(self, sid: str) -> None:
        """Delete a text."""
        with self._lock:
            self._texts.pop(sid, None)

    def listed(self) -> list[Text]:
        """Return what a look shows, newest first: new texts come late when a lag is set."""
        now = self.clock.now()
        with self._lock:
            self._looks.update(list(self._texts))
            seen = [t for t in self._texts.values() if self._looks[t.sid] > self.lag_looks]
        return [t for t in reversed(seen) if t.accepted_at + self.lag <= now]

    def hear(self, number: str, body: str) -> str:
        """Obey the provider's own keywords; return STOP, START, HELP or nothing."""
        word = body.strip().upper()
        with self._lock:
            if word in STOP_WORDS:
                self._left.add(number)
                return "STOP"
            if word in START_WORDS and number in self._left:
                self._left.discard(number)
                return "START"
        return "HELP" if word in HELP_WORDS else ""

    def settle(self) -> list[Text]:
        """Let every open text go its way; return each text once for every step."""
        with self._lock:
            waiting, self._unsettled = self._unsettled, []
            return [step for sid in waiting if sid in self._texts for step in self._steps(self._texts[sid])]

    def _steps(self, text: Text) -> list[Text]:
        now = self.clock.now()
        text = replace(text, from_=text.from_ or NUMBER)
        steps = [replace(text, status=status, error_code=code) for status, code in self._course(text)]
        if steps[0].status == "sent":
            steps = [replace(step, sent_at=now) for step in steps]
        self.keep(steps[-1])
        return steps

    def _course(self, text: Text) -> list[tuple[str, int]]:
        if self.clock.now() >= text.accepted_at + timedelta(seconds=text.valid_for):
            return [("failed", 30036)]
        if text.to not in self.outcomes:
            return [("sent", 0), ("delivered", 0)]
        code = self.outcomes[text.to]
        if code in NEVER_LEFT:
            return [("failed", code)]
        return [("sent", 0), ("undelivered", code)] if code else [("sent", 0)]

    def _write(self, text: Text) -> None:
        if self._log is None:
            return
        line = {
            "sid": text.sid,
            "to": text.to,
            "body": text.body,
            "callback_url": text.callback_url,
            "accepted_at": text.accepted_at.isoformat(),
        }
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")


def objection(form: Mapping[str, str], carrier: Carrier) -> int:
    """Return the code with which the provider refuses a form, or 0."""
    return _sender_objection(form) or _text_objection(form) or _recipient_objection(form["To"], form, carrier)


def _sender_objection(form: Mapping[str, str]) -> int:
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return 21603
    if form.get("From", NUMBER) != NUMBER:
        return 21606
    return 0 if form.get("MessagingServiceSid", SERVICE) == SERVICE else 21701


def _text_objection(form: Mapping[str, str]) -> int:
    if not form.get("To"):
        return 21604
    if not form.get("Body"):
        return 21602
    if len(form["Body"]) > LONGEST:
        return 21617
    if not _callable(form.get("StatusCallback")):
        return 21609
    validity = form.get("ValidityPeriod", str(VALID_FOR))
    return 0 if validity.isdecimal() and 1 <= int(validity) <= VALID_FOR else 20001


def _recipient_objection(number: str, form: Mapping[str, str], carrier: Carrier) -> int:
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        return 21211
    if number == form.get("From"):
        return 21266
    return 21610 if carrier.has_left(number) else carrier.refusals.get(number, 0)


def _callable(url: str | None) -> bool:
    """Tell whether receipts can be posted there; the provider knows no host with an underscore."""
    if url is None:
        return True
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "_" not in (parts.hostname or "")
