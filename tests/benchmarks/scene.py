"""A group with as many members as a benchmark wants, in a database of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, insert
from sqlmodel import SQLModel

from meetup import groups, meetings, organization, reminders
from meetup.clock import HandClock
from meetup.feeds.addresses import Addresses
from meetup.places import rooms, venues
from meetup.schedule.phrases import parse
from meetup.storage.database import Database, Session
from meetup.storage.tables import (
    AttemptRow,
    ConsentRow,
    ContactPoint,
    DeliveryRow,
    Group,
    Meeting,
    Member,
    OnlineRoom,
    SubscriptionRow,
    Venue,
)
from meetup.storage.vault import Vault, new_id
from meetup.values import Channel
from notifications import plan

VAULT = Vault({1: b"s" * 32}, {1: b"i" * 32}, b"g" * 32)
FOUNDING = organization.Founding(
    "Riverside Peer Support", "Riverside", "Thursday group", "America/New_York", contact_mail="jo@riverside.example"
)
HALL = venues.VenueDraft(
    "St. Mark's Hall", street="12 Elm Street", locality="Troy", region="NY", postal_code="12180", country="US"
)
PARLOUR = rooms.RoomDraft("Parlour", "https://zoom.us/j/98765432100?pwd=c2VjcmV0", passcode="271828")
EARLIER = datetime(2026, 11, 1, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)  # seven in the morning, in New York
Line = dict[str, object]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a benchmark plays."""

    database: Database
    clock: HandClock
    addresses: Addresses
    group: Group
    venue: Venue
    room: OnlineRoom

    def meet(self, phrase: str, title: str = "") -> Meeting:
        """Let the group meet, by both doors."""
        now = self.clock.now()
        parsed = parse(phrase, now.date())
        timing = meetings.Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, self.group.zone)
        with self.database.writing() as session:
            meeting = meetings.add(session, self.group, [timing], now, title=title)
            meetings.hold(session, meeting, now, venue=self.venue, room=self.room)
        return meeting

    def remind(self, *rules: str) -> None:
        """Remind the group by these rules."""
        with self.database.writing() as session:
            for words in rules:
                rule = reminders.parse_rule(words)
                reminders.add_rule(session, self.group, rule.lead, rule.channel, EARLIER)

    def plan(self) -> int:
        """Plan what is due soon; return how many deliveries that made or moved."""
        with self.database.writing() as session:
            return plan.plan(session, self.clock.now())

    def clear(self) -> None:
        """Forget every delivery."""
        with self.database.writing() as session:
            session.execute(delete(AttemptRow))
            session.execute(delete(DeliveryRow))


@contextmanager
def scene(folder: Path, members: int, now: datetime = MONDAY, url: str = "") -> Iterator[Scene]:
    """Set a scene whose members agreed to both channels, in a file of the folder or in another database."""
    database = Database(url or address(folder), VAULT)
    with database.engine.execution_options(writes=True).begin() as connection:
        SQLModel.metadata.create_all(connection)
    with database.writing() as session:
        organization.found(session, FOUNDING, EARLIER)
        group = groups.add(session, groups.GroupDraft("Thursday circle", cover_label="Thursday group"), EARLIER)
        hall, parlour = venues.add(session, HALL, EARLIER), rooms.add(session, PARLOUR, EARLIER)
        _crowd(session, group.id or 0, range(1, members + 1))
    try:
        yield Scene(database, HandClock(now), Addresses(VAULT, "https://meet.example"), group, hall, parlour)
    finally:
        database.close()


def address(folder: Path) -> str:
    """Return the address of the database in a folder."""
    return f"sqlite:///{folder / 'bench.db'}"


def _crowd(session: Session, group_id: int, numbers: Sequence[int]) -> None:
    """Write the members as rows: one by one they would take longer than what is measured."""
    points = [point for number in numbers for point in _points(session.vault, number)]
    write(session, Member, [_member(session.vault, number) for number in numbers])
    write(session, ContactPoint, points)
    write(session, ConsentRow, [_consent(point, group_id) for point in points])
    write(session, SubscriptionRow, [_subscription(number, group_id) for number in numbers])


def write(session: Session, table: type[SQLModel], lines: Sequence[Line]) -> None:
    """Write rows as they are."""
    session.connection().execute(insert(table), lines)


def _member(vault: Vault, number: int) -> Line:
    public_id, alias = new_id(), f"Ada {number}"
    return {
        "id": number,
        "public_id": public_id,
        "alias_sealed": vault.seal(f"members.alias:{public_id}", alias),
        "alias_index": vault.index("alias", alias),
        "language": "en",
        "zone": "",
        "cover_label": "",
        "hours_start": "09:00",
        "hours_end": "20:00",
        "phone_shared": False,
        "version": 1,
        "created_at": EARLIER,
    }


def _points(vault: Vault, number: int) -> Iterator[Line]:
    found = ((Channel.SMS, f"+1518{5550000 + number}"), (Channel.EMAIL, f"ada{number}@mail.example"))
    for offset, (channel, clear) in enumerate(found):
        public_id = new_id()
        yield {
            "id": 2 * number + offset,
            "public_id": public_id,
            "member_id": number,
            "channel": channel.value,
            "address_sealed": vault.seal(f"contact_points.address:{public_id}", clear),
            "address_index": vault.index("address", clear),
            "state": "verified",
            "created_at": EARLIER,
            "changed_at": EARLIER,
        }


def _consent(point: Line, group_id: int) -> Line:
    return {
        "member_id": point["member_id"],
        "contact_id": point["id"],
        "channel": point["channel"],
        "group_id": group_id,
        "action": "confirmed",
        "wording": "Signed on paper",
        "wording_version": "paper",
        "language": "",
        "source": "paper",
        "note": "",
        "at": EARLIER,
    }


def _subscription(number: int, group_id: int) -> Line:
    return {
        "member_id": number,
        "group_id": group_id,
        "state": "active",
        "preference": "either",
        "channels": "sms,email",
        "since": EARLIER,
        "changed_at": EARLIER,
    }
