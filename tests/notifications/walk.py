"""The Thursday circle with everything that a reminder needs, for the tests of the walk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from sqlalchemy import insert
from sqlmodel import SQLModel, col, select

from meetup import dates, groups, meetings, reminders
from meetup.clock import HandClock
from meetup.feeds.addresses import Addresses
from meetup.people import consent, contacts, members, subscriptions
from meetup.people.consent import Wording
from meetup.people.members import MemberDraft
from meetup.places import closures
from meetup.places.closures import ClosureDraft, Site
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
from meetup.values import Channel, Door, Preference, Source, State
from notifications import planning
from notifications.deliver import Post, deliver_due
from notifications.inbound import Text, take_text
from notifications.reconcile import reconcile
from notifications.reports import Report, take_report
from tests.conftest import join
from tests.fakes import FakeSender

THURSDAY = date(2026, 11, 26)
SLOT = datetime(2026, 11, 26, 19)  # noqa: DTZ001 -- a wall time
ADA = "+12025550123"
BEN = "+12025550124"
Instead = Callable[[Session], Site] | None  # where people go while something is shut


@dataclass(frozen=True)
class Walk:
    """A database, a clock and two fake wires."""

    database: Database
    clock: HandClock
    phone: FakeSender
    mail: FakeSender
    meeting_id: int = 1
    group_id: int = 1

    @cached_property
    def post(self) -> Post:
        senders: Mapping[Channel, FakeSender] = {Channel.SMS: self.phone, Channel.EMAIL: self.mail}
        return Post(self.database, dict(senders), self.clock, Addresses(self.database.vault, "https://meet.example"))

    # What the service does

    def plan(self) -> int:
        now = self.clock.now()
        with self.database.writing() as session:
            return sum(step(session, now) for step in planning.STEPS)

    def deliver(self) -> dict[State, int]:
        return dict(deliver_due(self.post))

    def tick(self) -> dict[State, int]:
        self.plan()
        return self.deliver()

    def until(self, **length: float) -> dict[State, int]:
        """Let time pass, then plan and deliver."""
        self.clock.pass_(**length)
        return self.tick()

    def reconcile(self, **length: float) -> dict[State, int]:
        """Let time pass, then ask about every doubt."""
        self.clock.pass_(**length)
        return dict(reconcile(self.post))

    # What can be seen

    def rows(self, **only: str) -> list[DeliveryRow]:
        with self.database.reading() as session:
            query = select(DeliveryRow).order_by(col(DeliveryRow.id))
            for name, value in only.items():
                query = query.where(getattr(DeliveryRow, name) == value)
            return list(session.exec(query).all())

    def row(self, **only: str) -> DeliveryRow:
        [row] = self.rows(**only)
        return row

    def states(self, **only: str) -> list[str]:
        return [row.state for row in self.rows(**only)]

    def attempts(self) -> list[AttemptRow]:
        with self.database.reading() as session:
            return list(session.exec(select(AttemptRow).order_by(col(AttemptRow.id))).all())

    def contact(self, alias: str = "Ada", channel: Channel = Channel.SMS) -> ContactPoint:
        with self.database.reading() as session:
            return contacts.of_member(session, members.find(session, alias).id or 0)[channel]

    # What people do

    def add(self, alias: str, phone: str = "", email: str = "", **more: str) -> int:
        """Let somebody join who agreed on paper; return their number."""
        with self.database.writing() as session:
            draft = MemberDraft(
                alias, phone, email, zone=more.get("zone", ""), hours_end=more.get("hours_end", "20:00")
            )
            return join(session, session.get_one(Group, self.group_id), draft, self.clock.now()).id or 0

    def another_circle(self) -> int:
        """Let Ada be in a second circle too, in the hall only, with the same times; return its meeting."""
        with self.database.writing() as session:
            other = groups.add(session, groups.GroupDraft("Other circle", cover_label="Other"), self.clock.now())
            ada = members.find(session, "Ada")
            for point in contacts.of_member(session, ada.id or 0).values():
                consent.on_paper(session, point, other.id or 0, date(2026, 11, 1), self.clock.now())
            subscriptions.subscribe(session, ada, other, Preference.EITHER, list(Channel), self.clock.now())
            return begin(session, other, session.get_one(Venue, 1), None, self.clock)

    def sign_up(self, alias: str, phone: str = "", email: str = "") -> int:
        """Let somebody join who has not agreed to anything yet; return their number."""
        with self.database.writing() as session:
            member = members.add(session, MemberDraft(alias, phone, email), self.clock.now())
            circle = session.get_one(Group, self.group_id)
            subscriptions.subscribe(session, member, circle, Preference.EITHER, list(Channel), self.clock.now())
            return member.id or 0

    def ask(self, alias: str, channel: Channel = Channel.SMS, group_id: int = 1) -> int:
        """Note that somebody wants to be asked for consent; return the entry's number."""
        with self.database.writing() as session:
            point = contacts.of_member(session, members.find(session, alias).id or 0)[channel]
            words = Wording("reply YES", "sms/en/1", "en")
            entry = consent.request(session, point, group_id, words, source=Source.ORGANIZER, now=self.clock.now())
            return entry.id or 0

    def stop(self, alias: str = "Ada", channel: Channel = Channel.SMS) -> None:
        with self.database.writing() as session:
            point = contacts.of_member(session, members.find(session, alias).id or 0)[channel]
            consent.stop(session, point, Source.TEXT, self.clock.now())

    def text(self, body: str, sender: str = ADA, *, number: str = "", answered_by_provider: str = "") -> str:
        """Let somebody text us; return our answer."""
        name = number or f"SM{self.clock.now().isoformat()}{body}{sender}"
        with self.database.writing() as session:
            return take_text(session, Text(name, sender, body, answered_by_provider), self.clock.now())

    def report(self, code: str, status: str, error_code: str = "", provider_id: str = "") -> State | None:
        """Let the provider report on a delivery, under the number that it gave to it."""
        known = provider_id or f"SM{1:032d}"
        with self.database.writing() as session:
            return take_report(session, Report(code, known, status, error_code), self.clock.now())

    def meeting(self, session: Session) -> Meeting:
        return session.get_one(Meeting, self.meeting_id)

    def cancel(self, on: date = THURSDAY) -> None:
        with self.database.writing() as session:
            meeting = self.meeting(session)
            dates.cancel(session, meeting, dates.slot_on(session, meeting, on), self.clock.now())

    def skip(self, on: date = THURSDAY) -> None:
        with self.database.writing() as session:
            meeting = self.meeting(session)
            dates.skip(session, meeting, dates.slot_on(session, meeting, on), self.clock.now())

    def restore(self, on: date = THURSDAY) -> None:
        with self.database.writing() as session:
            meeting = self.meeting(session)
            dates.restore(session, meeting, dates.slot_on(session, meeting, on), self.clock.now())

    def move(self, to: datetime, on: date = THURSDAY) -> None:
        with self.database.writing() as session:
            meeting = self.meeting(session)
            slot = dates.slot_on(session, meeting, on)
            dates.move(session, meeting, slot, dates.Move(start=to), self.clock.now())

    def close_door(self, door: Door, on: date = THURSDAY) -> None:
        with self.database.writing() as session:
            meeting = self.meeting(session)
            dates.close_door(session, meeting, dates.slot_on(session, meeting, on), door, self.clock.now())

    def close_hall(self, start: datetime, end: datetime, instead: Instead = None) -> None:
        with self.database.writing() as session:
            self._close(session, session.get_one(Venue, 1), (start, end), instead)

    def close_room(self, start: datetime, end: datetime, instead: Instead = None, *, number: int = 1) -> None:
        with self.database.writing() as session:
            self._close(session, session.get_one(OnlineRoom, number), (start, end), instead)

    def _close(self, session: Session, site: Site, span: tuple[datetime, datetime], instead: Instead) -> None:
        there = instead(session) if instead else None
        closures.close(session, site, ClosureDraft(*span, "a burst pipe", there), self.clock.now())

    def reopen_hall(self, at: datetime) -> None:
        with self.database.writing() as session:
            self._reopen(session, session.get_one(Venue, 1), at)

    def reopen_room(self, at: datetime, *, number: int = 1) -> None:
        with self.database.writing() as session:
            self._reopen(session, session.get_one(OnlineRoom, number), at)

    def _reopen(self, session: Session, site: Site, at: datetime) -> None:
        closures.reopen(session, site, closures.listing(session, site), at, self.clock.now())


def the_hall(session: Session) -> Venue:
    """Return the hall of the circle."""
    return session.get_one(Venue, 1)


def the_room(session: Session) -> OnlineRoom:
    """Return the room of the circle."""
    return session.get_one(OnlineRoom, 1)


def begin(session: Session, group: Group, venue: Venue | None, room: OnlineRoom | None, clock: HandClock) -> int:
    """Let the circle meet every Thursday at seven, by both doors, reminded a day and two hours before."""
    parsed = parse("every Thursday 19:00-20:30", clock.now().date())
    timing = meetings.Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, group.zone)
    meeting = meetings.add(session, group, [timing], clock.now())
    meetings.hold(session, meeting, clock.now(), venue=venue, room=room)
    for rule in ("24h by email", "2h by sms"):
        add_rule(session, group, rule, clock)
    return meeting.id or 0


def crowd(session: Session, number: int, zones: Sequence[str] = ("",)) -> None:
    """Put many members into the circle, with a phone and a mail address each, as quickly as can be."""
    rows = _crowd(session, number, zones)
    for table, values in rows.items():
        session.execute(insert(table), values)


def _crowd(session: Session, number: int, zones: Sequence[str]) -> dict[type[SQLModel], list[dict[str, object]]]:
    vault, start = session.vault, datetime(2026, 11, 1, tzinfo=UTC)
    rows: dict[type[SQLModel], list[dict[str, object]]] = {
        Member: [], ContactPoint: [], ConsentRow: [], SubscriptionRow: [],
    }  # fmt: skip
    for one in range(1000, 1000 + number):
        rows[Member].append({
            "id": one, "public_id": f"m{one}", "alias_sealed": vault.seal(f"members.alias:m{one}", f"Member {one}"),
            "alias_index": f"m{one}".encode(), "language": "en", "zone": zones[one % len(zones)], "created_at": start,
            "cover_label": "", "hours_start": "09:00", "hours_end": "20:00", "phone_shared": False, "version": 0,
        })  # fmt: skip
        rows[SubscriptionRow].append({
            "member_id": one, "group_id": 1, "state": "active", "preference": "either", "channels": "sms,email",
            "since": start, "changed_at": start,
        })  # fmt: skip
        for channel, address in (("sms", f"+1202555{one:05d}"), ("email", f"m{one}@example.org")):
            point = 2 * one + (channel == "email")
            rows[ContactPoint].append({
                "id": point, "public_id": f"c{point}", "member_id": one, "channel": channel,
                "address_sealed": vault.seal(f"contact_points.address:c{point}", address),
                "address_index": f"c{point}".encode(), "state": "verified", "created_at": start, "changed_at": start,
            })  # fmt: skip
            rows[ConsentRow].append({
                "member_id": one, "contact_id": point, "channel": channel, "group_id": 1, "action": "confirmed",
                "wording": "", "wording_version": "", "language": "", "source": "paper", "note": "", "at": start,
            })  # fmt: skip
    return rows


def add_rule(session: Session, group: Group, rule: str, clock: HandClock) -> None:
    """Let a group be reminded."""
    wanted = reminders.parse_rule(rule)
    reminders.add_rule(session, group, wanted.lead, wanted.channel, clock.now())


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026 by the clocks of New York."""
    return datetime.fromisoformat(f"2026-11-{day:02d}T{hour:02d}:{minute:02d}:00-05:00")


def wall(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a wall time of November 2026."""
    return datetime(2026, 11, day, hour, minute)  # noqa: DTZ001 -- a wall time


def at(walk: Walk, day: int, hour: int, minute: int = 0) -> dict[State, int]:
    """Plan and deliver at a moment of November 2026 in New York, having planned two days before."""
    target = moment(day, hour, minute)
    while walk.clock.now() + timedelta(hours=36) < target:
        walk.until(hours=36)
    walk.clock.turn_to(target)
    return walk.tick()
