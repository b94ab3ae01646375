"""`meetup serve` as a process of its own, in a home of its own, with a meeting that is about to begin."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

import httpx2

from commands.app import main
from commands.context import Context
from commands.rehearsal.carrier import NUMBER
from commands.rehearsal.twilio import ACCOUNT_SID, AUTH_TOKEN
from meetup import groups, meetings, reminders
from meetup.clock import SystemClock
from meetup.people import consent, contacts, members, subscriptions
from meetup.places import rooms
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import Group, Member
from meetup.values import Channel, Preference
from tests import databases

SLUG = "thursday-circle"
PATIENCE = 20.0


def midday(now: datetime) -> str:
    """Return a zone in which it is early afternoon: nothing is sent at night, whenever the tests run."""
    ahead = 13 - now.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@dataclass
class Home:
    """An installation: its settings, the organizer's hands, and what its database says."""

    path: Path
    environ: dict[str, str] = field(default_factory=dict)

    @classmethod
    def found(cls, path: Path, environ: Mapping[str, str] | None = None) -> Self:
        """Set up an organization with one group."""
        home = cls(path, databases.environ(path) | dict(environ or {}))
        zone = midday(SystemClock().now())
        assert main(["init", "--name", "Northside", "--zone", zone, "--country", "US"], home.settings) == 0
        with home.writing() as (session, now):
            groups.add(session, groups.GroupDraft("Thursday circle", SLUG, "Thursday plan"), now)
            rooms.add(session, rooms.RoomDraft("Parlour", "https://meet.jit.si/parlour-7f3a"), now)
        return home

    def copy(self, path: Path) -> "Home":
        """Return an installation that was set up alike."""
        databases.copy_home(self.path, path)
        return Home(path, databases.environ(path))

    @property
    def settings(self) -> dict[str, str]:
        given = {"MEETUP_HOME": str(self.path), "MEETUP_BIND": "127.0.0.1:0", "MEETUP_TICK_SECONDS": "0.2"}
        return {**given, **self.environ}

    def texts_by(self, base_url: str) -> None:
        """Send texts by the provider at an address."""
        self.environ |= {
            "MEETUP_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "MEETUP_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "MEETUP_TWILIO_FROM": NUMBER,
            "MEETUP_TWILIO_BASE_URL": base_url,
        }

    @contextmanager
    def writing(self) -> Iterator[tuple[Session, datetime]]:
        with closing(Context(self.settings)) as here, here.writing() as session:
            yield session, here.clock.now()

    def join(self, count: int, mail: str = "") -> list[str]:
        """Add members who agreed to texts, and the first to mail as well; return their numbers."""
        phones = [f"+1202555{number:04d}" for number in range(100, 100 + count)]
        with self.writing() as (session, now):
            circle = groups.find(session, SLUG)
            for place, phone in enumerate(phones):
                draft = members.MemberDraft(f"Member {place}", phone, mail if place == 0 else "")
                _agree(session, circle, members.add(session, draft, now), now)
        return phones

    def meet(self, in_: timedelta, *rules: str) -> datetime:
        """Let the group meet once, so long from now, and be reminded of it; return when."""
        with self.writing() as (session, now):
            circle = groups.find(session, SLUG)
            for rule in rules:
                wanted = reminders.parse_rule(rule)
                reminders.add_rule(session, circle, wanted.lead, wanted.channel, now)
            start = (now + in_).replace(microsecond=0)
            once = meetings.Timing("", zones.wall(start, circle.zone), timedelta(hours=1), None, circle.zone)
            meeting = meetings.add(session, circle, [once], now)
            meetings.hold(session, meeting, now, venue=None, room=rooms.find(session, "Parlour"))
        return start

    def states(self) -> Counter[str]:
        """Return how many deliveries stand in each state."""
        return Counter(str(state) for (state,) in self.sql("SELECT state FROM deliveries"))

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Look into the database from outside, or do what no command would."""
        return databases.ask(self.path / "meetup.db", statement)


def _agree(session: Session, circle: Group, member: Member, now: datetime) -> None:
    points = contacts.of_member(session, member.id or 0)
    for point in points.values():
        consent.on_paper(session, point, circle.id or 0, date(2026, 1, 1), now)
    subscriptions.subscribe(session, member, circle, Preference.EITHER, list(points) or list(Channel), now)


class Serving:
    """A service that runs; killed at the end of its block if it still does."""

    def __init__(self, home: Home, *words: str, begins: str = "Serving on ") -> None:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("MEETUP_")}
        command = [sys.executable, "-m", "meetup", *(words or ("serve",))]
        self.process = subprocess.Popen(command, env={**bare, **home.settings}, stderr=subprocess.PIPE, text=True)
        self.said = self.says(begins)
        self.url = self.said.removeprefix(begins).partition(",")[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self) -> None:
        """Ask it to stop, as a supervisor does."""
        self.process.send_signal(signal.SIGTERM)

    def listen(self) -> None:
        """Read on what it says, for whoever says very much: a full pipe would make it wait."""
        threading.Thread(target=lambda: deque(iter(self._line, ""), maxlen=0), daemon=True).start()

    def says(self, beginning: str) -> str:
        """Read on until it says something that begins so, and return that line; empty when it never did."""
        return next((line for line in iter(self._line, "") if line.startswith(beginning)), "")

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return its exit code and its last words."""
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def _line(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline()


def health(url: str) -> httpx2.Response:
    """Ask a service how it is."""
    return httpx2.get(f"{url}/healthz", trust_env=False)


def healthy(url: str) -> bool:
    return health(url).status_code == 200


def lasting_port() -> int:
    """Return a free port that nobody is given by chance while a service is down: it lies below those."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("every port is taken")


@contextmanager
def provider(log: Path, distance: float = 0.0) -> Iterator[str]:
    """Run the rehearsal provider as a process of its own, so many seconds away; yield its address."""
    far = ["--distance", str(distance)]
    command = [sys.executable, "-m", "commands.rehearsal.twilio", "--receipts", "--log", str(log), *far]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        facts: Mapping[str, str] = json.loads(process.stdout.readline())
        yield facts["base_url"]
    finally:
        process.kill()
        process.communicate()


def logged(log: Path) -> list[dict[str, str]]:
    """Return what the provider accepted."""
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def eventually(true: Callable[[], bool], within: float = PATIENCE) -> bool:
    """Wait until something becomes true, and return whether it did."""
    ending = time.monotonic() + within
    while not true():
        if time.monotonic() > ending:
            return False
        time.sleep(0.02)
    return True
