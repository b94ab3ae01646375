"""`meetup serve` killed at random moments, again and again, and started anew until everything has an end."""

import atexit
import contextlib
import io
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, text

from commands import house
from commands.context import Context
from commands.service import plan_all
from tests import databases
from tests.commands.serving import Home, lasting_port
from tests.faults import bounds
from tests.faults.lives import CONTEXT, serve
from tests.faults.provider import Outside, outside
from tests.faults.tally import Tally
from tests.notifications.walk import crowd

MEANWHILE = timedelta(minutes=30)
PATIENCE = 240.0
KILLS_PER_TOWN = 25
WORKERS_OF_ONE = "kill -9 of one of three services on one PostgreSQL database"
RANDOM = "kill -9 of `meetup serve` at random moments"
SHORTEST_LEASE = "30"  # seconds; what a dead service held is with the others again after it
OPEN = ("PLANNED", "CLAIMED", "SUBMITTING", "UNCERTAIN")


@dataclass
class Town:
    """An installation whose members are all due a text and a mail, and what is around it."""

    home: Home
    around: Outside
    people: int
    channels: tuple[str, ...]
    sabotage: str = ""
    workers: int = 1
    most_marked: int = 0
    crashes: int = 0
    running: list[BaseProcess] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.home.environ.get("MEETUP_DATABASE_URL") or databases.address(self.home.path / "meetup.db")

    @property
    def due(self) -> int:
        return len(self.channels) * self.people

    def plan(self) -> None:
        """Plan what is due, without a service."""
        with contextlib.closing(Context(self.home.settings)) as here:
            plan_all(house.service(here))

    def states(self) -> Counter[str]:
        """Return how many deliveries stand in each state, as somebody from outside reads it."""
        found = self.query("SELECT state, count(*) FROM deliveries GROUP BY state")
        return Counter({str(state): int(str(number)) for state, number in found})

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Look into the database from outside."""
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    @cached_property
    def in_flight(self) -> int:
        """Return how many messages one kill may leave in doubt."""
        with contextlib.closing(Context(self.home.settings)) as here:
            return bounds.in_flight(here)

    def marked(self) -> int:
        """Return how many one process has marked at most: a claim, and so its token, belongs to one process only."""
        each = "SELECT channel, count(*) FROM deliveries WHERE state = 'SUBMITTING' GROUP BY channel, claim_token"
        most: dict[str, int] = {}
        for channel, number in self.query(each):
            most[str(channel)] = max(most.get(str(channel), 0), int(str(number)))
        return sum(most.values())

    def shown(self) -> set[str]:
        """Return the addresses of those whom an organizer sees as in doubt."""
        rows = self.query("SELECT member_id, channel FROM deliveries WHERE state IN ('HELD', 'UNCERTAIN')")
        return {address(int(str(member_id)), str(channel)) for member_id, channel in rows}

    def bytes_taken(self) -> int:
        """Return how much the provider has written down."""
        return sum(log.stat().st_size for log in (self.around.texts, self.around.mails) if log.exists())

    def start(self) -> None:
        """Start as many services as there should be, as a supervisor does: also in the place of one that gave up."""
        self.running = [process for process in self.running if process.is_alive()]
        while len(self.running) < self.workers:
            settings = self.home.settings | ({"MEETUP_BIND": "127.0.0.1:0"} if self.running else {})
            settings |= {"MEETUP_LEASE_SECONDS": SHORTEST_LEASE} if self.workers > 1 else {}
            process = CONTEXT.Process(target=serve, args=(settings, self.home.path / "serve.log", self.sabotage))
            process.start()
            self.running.append(process)

    def kill(self, dice: random.Random) -> None:
        """Kill one of them, and look at how much is in doubt through that."""
        self.start()
        victim = self.running.pop(dice.randrange(len(self.running)))
        victim.kill()
        victim.join()
        self.crashes += 1
        self.most_marked = max(self.most_marked, self.marked())

    def stop(self) -> None:
        """Kill whatever still runs."""
        for process in self.running:
            process.kill()
            process.join()

    @property
    def done(self) -> bool:
        """Tell whether everybody's two messages have come to an end."""
        states = self.states()
        return states.total() == self.due and not any(states[state] for state in OPEN)


@cache
def _founded(_on_postgres: bool) -> Home:
    """Set up an installation once on each database, for all towns to be copies of."""
    folder = tempfile.TemporaryDirectory(prefix="meetup-town-")
    atexit.register(folder.cleanup)
    with contextlib.redirect_stderr(io.StringIO()):
        home = Home.found(Path(folder.name) / "home")
    databases.keep(home.path)
    return home


@contextlib.contextmanager
def town(folder: Path, people: int, *, receipts: bool, mail: bool = True) -> Iterator[Town]:
    """Set up a town of so many members who are all due a text, and a mail as well."""
    with outside(folder / "outside", receipts=receipts) as around:
        home = _founded(databases.on_postgres()).copy(folder / "home")
        port = lasting_port()
        home.environ |= around.settings | {
            "MEETUP_BIND": f"127.0.0.1:{port}",
            "MEETUP_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "MEETUP_UNCERTAIN_GRACE_SECONDS": "0.3",
        }
        with contextlib.closing(Context(home.settings)) as here, here.writing() as session:
            crowd(session, people)
        channels = ("sms", "email") if mail else ("sms",)
        home.meet(MEANWHILE, *(f"1h by {channel}" for channel in channels))
        made = Town(home, around, people, channels)
        try:
            yield made
        finally:
            made.stop()


def rampage(made: Town, kills: int, dice: random.Random) -> bool:
    """Kill so many times, as long as there is something to do; then let it come to its end."""
    while made.crashes < kills and not made.done:
        made.start()
        _wait(made, dice)
        made.kill(dice)
    return until(lambda: _carried_on(made), PATIENCE)


def _carried_on(made: Town) -> bool:
    made.start()
    return made.done


def _wait(made: Town, dice: random.Random) -> None:
    """Wait for some time, or until some messages more are on the wire: most of the work is done in short bursts."""
    if dice.random() < 0.3:
        time.sleep(dice.uniform(0.0, 1.5))
        return
    enough = made.bytes_taken() + dice.randint(1, 60 * 200)
    until(lambda: made.bytes_taken() >= enough, 5.0, every=0.001)
    time.sleep(dice.uniform(0.0, 0.02))


def until(true: Callable[[], bool], within: float, every: float = 0.1) -> bool:
    ending = time.monotonic() + within
    while not true():
        if time.monotonic() > ending:
            return False
        time.sleep(every)
    return True


def doubled(made: Town) -> int:
    """Return how many texts, and mails under another Message-ID, somebody got beyond the first."""
    texts, mails = made.around.accepted()
    letters = {(one["to"], one["message_id"]) for one in mails}
    twice = Counter(one["to"] for one in texts), Counter(to for to, _ in letters)
    return sum(number - 1 for counted in twice for number in counted.values())


def missing(made: Town) -> set[str]:
    """Return the addresses to which nothing was sent, and that are not shown as in doubt either."""
    texts, mails = made.around.accepted()
    everybody = {address(one, channel) for one in range(1000, 1000 + made.people) for channel in made.channels}
    return everybody - {one["to"] for one in (*texts, *mails)} - made.shown()


def address(member_id: int, channel: str) -> str:
    """Return the address that the crowd's member has."""
    return f"+1202555{member_id:05d}" if channel == "sms" else f"m{member_id}@example.org"


def play_control(folder: Path, kills: int, people: int, dice: random.Random) -> Tally:
    """Kill a service that makes no mark before the wire: somebody has to get a text twice."""
    name = "the same without the mark before the wire (a control)"
    return play(folder, name, kills, people, dice, sabotage="unmarked")


def play_workers(folder: Path, kills: int, people: int, dice: random.Random) -> Tally:
    """Kill one of three services on one PostgreSQL database, again and again; leases tell the others."""
    return play(folder, WORKERS_OF_ONE, kills, people, dice, workers=3)


def play(folder: Path, name: str, kills: int, people: int, dice: random.Random, **how: Any) -> Tally:
    """Kill so many times, in as many towns as that takes."""
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    while counted["kills"] < kills and not wrong:
        with town(folder / f"town{counted['towns']}", people, receipts=dice.random() < 0.5) as made:
            for setting, value in how.items():
                setattr(made, setting, value)
            ended = rampage(made, min(KILLS_PER_TOWN, kills - counted["kills"]), dice)
            counted.update(_judged(made))
            wrong += [] if ended else [f"no end: {dict(made.states())}"]
            wrong += [f"{made.most_marked} in doubt by one kill"] if made.most_marked > made.in_flight else []
    return Tally(
        what=name,
        faults=counted["kills"],
        due=counted["due"],
        lost=counted["lost"],
        doubled=counted["doubled"],
        shown=counted["shown"],
        wrong=tuple(wrong),
        control=bool(how.get("sabotage")),
    )


def _judged(made: Town) -> Counter[str]:
    return Counter(
        towns=1,
        kills=made.crashes,
        due=made.due,
        lost=len(missing(made)),
        doubled=doubled(made),
        shown=made.states()["HELD"],
    )
