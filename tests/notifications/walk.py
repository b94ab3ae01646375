"""The Thursday circle with everything that a reminder needs, for the tests of the walk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from meetup import dates, meetings, reminders
from meetup.clock import HandClock
from meetup.feeds.addresses import Addresses
from meetup.schedule.phrases import parse
from meetup.storage.database import Database, Session
from meetup.storage.tables import DeliveryRow, Group, Meeting, OnlineRoom, Venue
from meetup.values import Channel, State
from notifications import notices, plan
from notifications.deliver import Post, deliver_due
from tests.fakes import FakeSender

THURSDAY = date(2026, 11, 26)
SLOT = datetime(2026, 11, 26, 19)


@dataclass(frozen=True)
class Walk:
    """A database, a clock and two fake wires."""

    database: Database
    clock: HandClock
    phone: FakeSender
    mail: FakeSender
    meeting_id: int
    group_id: int

    @property
    def post(self) -> Post:
        senders: Mapping[Channel, FakeSender] = {Channel.SMS: self.phone, Channel.EMAIL: self.mail}
        return Post(self.database, dict(senders), self.clock, Addresses(self.database.vault, "https://meet.example"))

    def plan(self) -> None:
        with self.database.writing() as session:
            plan.plan(session, self.clock.now())
            notices.plan_notices(session, self.clock.now())
            notices.plan_requests(session, self.clock.now())

    def deliver(self) -> dict[State, int]:
        return dict(deliver_due(self.post))

    def tick(self) -> dict[State, int]:
        self.plan()
        return self.deliver()

    def until(self, **length: float) -> dict[State, int]:
        """Let time pass, then plan and deliver."""
        self.clock.pass_(**length)
        return self.tick()

    def rows(self, **only: str) -> list[DeliveryRow]:
        with self.database.reading() as session:
            query = select(DeliveryRow).order_by(col(DeliveryRow.id))
            for name, value in only.items():
                query = query.where(getattr(DeliveryRow, name) == value)
            return list(session.exec(query).all())

    def states(self, **only: str) -> list[str]:
        return [row.state for row in self.rows(**only)]

    def meeting(self, session: Session) -> Meeting:
        return session.get_one(Meeting, self.meeting_id)

    def cancel(self, on: date = THURSDAY) -> None:
        with self.database.writing() as session:
            meeting = self.meeting(session)
            dates.cancel(session, meeting, dates.slot_on(session, meeting, on), self.clock.now())

    def restore(self, on: date = THURSDAY) -> None:
        with self.database.writing() as session:
            meeting = self.meeting(session)
            dates.restore(session, meeting, dates.slot_on(session, meeting, on), self.clock.now())

    def move(self, to: datetime, on: date = THURSDAY) -> None:
        with self.database.writing() as session:
            meeting = self.meeting(session)
            slot = dates.slot_on(session, meeting, on)
            dates.move(session, meeting, slot, dates.Move(start=to), self.clock.now())


def begin(session: Session, group: Group, venue: Venue, room: OnlineRoom, clock: HandClock) -> int:
    """Let the circle meet every Thursday at seven, by both doors, reminded a day and two hours before."""
    parsed = parse("every Thursday 19:00-20:30", clock.now().date())
    timing = meetings.Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, group.zone)
    meeting = meetings.add(session, group, [timing], clock.now())
    meetings.hold(session, meeting, clock.now(), venue=venue, room=room)
    for rule in ("24h by email", "2h by sms"):
        wanted = reminders.parse_rule(rule)
        reminders.add_rule(session, group, wanted.lead, wanted.channel, clock.now())
    return meeting.id or 0


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026 by the clocks of New York."""
    return datetime.fromisoformat(f"2026-11-{day:02d}T{hour:02d}:{minute:02d}:00-05:00")


def at(walk: Walk, day: int, hour: int, minute: int = 0) -> dict[State, int]:
    """Plan and deliver at a moment of November 2026 in New York, having planned two days before."""
    target = moment(day, hour, minute)
    while walk.clock.now() + timedelta(hours=12) < target:
        walk.until(hours=12)
    walk.clock.turn_to(target)
    return walk.tick()
