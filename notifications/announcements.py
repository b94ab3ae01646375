"""Announcements → deliveries: once to everybody who was in the group when it was announced."""

from datetime import datetime

from sqlmodel import col

from meetup import announcements, reminders
from meetup.storage.database import Session
from meetup.storage.tables import AnnouncementRow, SubscriptionRow
from meetup.values import NO_DATE, Channel, Kind
from notifications import intake, plan
from notifications.intake import Intent


def plan_announcements(session: Session, now: datetime) -> int:
    """Plan what is to be announced; return how many rows were added or moved."""
    return sum(_plan(session, row, channel, now) for row, channel in _to_tell(session, now))


def number_of(subject: str) -> int | None:
    """Return the number of the announcement that a delivery is about."""
    kind, _, number = subject.partition(":")
    return int(number) if kind == "announcement" else None


def _to_tell(session: Session, now: datetime) -> list[tuple[AnnouncementRow, Channel]]:
    return [
        (row, channel)
        for row in announcements.standing(session, now)
        for channel in sorted({rule.channel for rule in reminders.rules(session, row.group_id)})
    ]


def _plan(session: Session, row: AnnouncementRow, channel: Channel, now: datetime) -> int:
    intent = Intent(
        subject=f"announcement:{row.id}",
        slot=NO_DATE,
        lead="",
        channel=channel,
        kind=Kind.ANNOUNCEMENT,
        revision=0,
        due_at=row.created_at + announcements.REGRET,
        expires_at=row.expires_at,
        group_id=row.group_id,
    )
    audience = plan.recipients(intent).where(col(SubscriptionRow.since) <= row.created_at)
    return intake.enqueue(session, intent, audience, now)
