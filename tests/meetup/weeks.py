"""What the tests of meetings share: a Thursday circle by both doors, and what its members were told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sqlmodel import col, select

from meetup import agenda, dates, meetings
from meetup.meetings import Timing
from meetup.schedule.phrases import parse
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, DeliveryRow, Group, Meeting, Member
from meetup.values import Kind, State, Window

NEW_YORK = "America/New_York"
TODAY = date(2026, 11, 23)

Deed = Callable[[Session, Meeting, dates.Slot, datetime], Occurrence | None]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def timing(phrase: str, zone: str = NEW_YORK, today: date = TODAY) -> Timing:
    parsed = parse(phrase, today)
    return Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, zone, parsed.skipped)


def add(session: Session, group: Group, *spoken: str, now: datetime, title: str = "") -> Meeting:
    return meetings.add(session, group, [timing(phrase) for phrase in spoken], now, title=title)


def on(session: Session, meeting: Meeting, day: str) -> dates.Slot:
    return dates.slot_on(session, meeting, date.fromisoformat(day))


def coming(session: Session, meeting: Meeting, now: datetime, days: int = 40) -> list[str]:
    """Return the dates of the next weeks, as the clocks there show them; cancelled ones say so."""
    found = agenda.occurrences(session, Window(now, now + timedelta(days=days)), [meeting.id or 0])
    return [f"{one.start_local:%Y-%m-%d %H:%M}{'' if one.happening else ' cancelled'}" for one in found]


def tell(  # noqa: PLR0917 -- who was told what, about which date
    session: Session,
    meeting: Meeting,
    member: Member,
    slot: str,
    kind: Kind = Kind.REMINDER,
    state: State = State.DELIVERED,
    revision: int = 0,
) -> DeliveryRow:
    """Write into the outbox that a member was told something."""
    entry = session.exec(
        select(ConsentRow).where(ConsentRow.member_id == member.id).order_by(col(ConsentRow.id))
    ).first()
    assert entry is not None
    number = len(session.exec(select(DeliveryRow)).all())
    row = DeliveryRow(
        code=f"D{number}",
        member_id=entry.member_id,
        subject=f"meeting:{meeting.id}",
        slot=datetime.fromisoformat(slot),
        lead="24h" if kind is Kind.REMINDER else "",
        channel=entry.channel,
        kind=kind.value,
        revision=revision,
        group_id=meeting.group_id,
        meeting_id=meeting.id,
        contact_id=entry.contact_id,
        consent_id=entry.id or 0,
        consent_action="confirmed",
        due_at=datetime(2026, 11, 23, tzinfo=UTC),
        expires_at=datetime(2027, 11, 23, tzinfo=UTC),
        state=state.value,
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    session.add(row)
    session.flush()
    return row
