"""A circle with as many members as a fault wants, each of whom is due one text."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import col

from meetup import groups, organization, reminders
from meetup.clock import HandClock
from meetup.feeds.addresses import Addresses
from meetup.places import venues
from meetup.storage.database import Database
from meetup.storage.tables import AttemptRow, DeliveryRow
from meetup.values import State
from notifications.deliver import Post, deliver_due, recover
from notifications.reconcile import reconcile
from notifications.tidy import UNSETTLED
from tests import databases
from tests.conftest import START
from tests.databases import VAULT, closed
from tests.faults.trap import Trap
from tests.faults.wire import FileWire, per_person, read
from tests.notifications.conftest import opened
from tests.notifications.walk import begin, crowd, moment

MORNING = moment(26, 16)
DUE = moment(26, 17)
ROUNDS = 20
OPEN = {state.value for state in UNSETTLED}
SHOWN = [State.HELD.value, State.UNCERTAIN.value]
FOUNDING = organization.Founding("Riverside Peer Support", "Riverside", "Thursday group", "America/New_York")


def empty(path: Path) -> Path:
    """Make a database with its tables."""
    path.parent.mkdir(parents=True, exist_ok=True)
    closed(databases.with_tables(path))
    return path


def found(path: Path, members: int) -> Path:
    """Make a database in which so many people have agreed to texts two hours before."""
    database, clock = opened(empty(path)), HandClock(START)
    with database.writing() as session:
        organization.found(session, FOUNDING, START)
        circle = groups.add(session, groups.GroupDraft("Thursday circle", cover_label="Thursday group"), START)
        hall = venues.add(session, venues.VenueDraft("St. Mark's Hall", "12 Elm Street, Troy, NY 12180"), START)
        begin(session, circle, hall, None, clock)
        by_mail = reminders.parse_rule("24h by email")
        reminders.remove_rule(session, circle, by_mail.lead, by_mail.channel)
        crowd(session, members)
    closed(database)
    return path


@dataclass(frozen=True)
class Scene:
    """A database file, a wire in a file, and the moment."""

    path: Path
    log: Path
    clock: HandClock

    @classmethod
    def copy(cls, original: Path, folder: Path, at: datetime = DUE) -> "Scene":
        """Begin anew from a closed database."""
        folder.mkdir(parents=True)
        path = folder / "meetup.db"
        databases.copy(original, path)
        return cls(path, folder / "wire.jsonl", HandClock(at))

    @property
    def url(self) -> str:
        return databases.address(self.path)

    @cached_property
    def database(self) -> Database:
        return opened(self.path)

    @cached_property
    def wire(self) -> FileWire:
        return FileWire(self.log, self.clock, VAULT.fingerprint, Trap())

    @cached_property
    def post(self) -> Post:
        return Post(self.database, self.wire.senders(), self.clock, Addresses(VAULT, "https://meet.example"))

    def states(self, slot: datetime | None = None) -> dict[str, int]:
        """Return how many deliveries stand in each state, perhaps of one date only."""
        with self.database.reading() as session:
            query = select(col(DeliveryRow.state), func.count()).group_by(col(DeliveryRow.state))
            query = query if slot is None else query.where(col(DeliveryRow.slot) == slot)
            return {str(state): int(number) for state, number in session.execute(query)}

    def attempts(self) -> int:
        """Return how many hand-overs are on record."""
        with self.database.reading() as session:
            return int(session.execute(select(func.count()).select_from(AttemptRow)).scalar_one())

    def taken(self) -> int:
        """Return how many texts the provider took."""
        return len(read(self.log))

    def doubled(self) -> int:
        """Return how many texts somebody got who had one already."""
        return sum(number - 1 for number in per_person(self.log).values())

    def finish(self, post: Post | None = None) -> dict[str, int]:
        """Start again after a crash, as the only deliverer of a file does, and go on until everything has an end."""
        post = post or self.post
        recover(post, sole=True)
        return self.end(post=post)

    def revive(self) -> None:
        """Start again after a crash, as the only deliverer of a file does."""
        recover(self.post, sole=True)

    def end(self, slot: datetime | None = None, post: Post | None = None) -> dict[str, int]:
        """Go on until everything has an end, perhaps about one date only."""
        post = post or self.post
        for _ in range(ROUNDS):
            deliver_due(post)
            reconcile(post)
            if not OPEN & self.states(slot).keys():
                break
            self.clock.pass_(seconds=121)
        return self.states(slot)

    def lost(self, expected: int) -> int:
        """Return how many people were neither sent their text nor are shown as in doubt."""
        with self.database.reading() as session:
            query = select(col(DeliveryRow.code)).where(col(DeliveryRow.state).in_(SHOWN))
            shown = set(session.execute(query).scalars())
        silent = shown - {line["code"] for line in read(self.log)}
        return expected - len(per_person(self.log)) - len(silent)

    def close(self) -> None:
        self.database.close()
