"""Mail instead of texts: for whoever is not texted because a month's texts are used up."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Member
from meetup.values import Channel, Kind, State
from notifications import intake, plan
from notifications.intake import Intent
from notifications.queued import stands
from notifications.rules import budget

_KEY = ("subject", "slot", "lead", "kind", "revision")


def plan_instead(session: Session, now: datetime) -> int:
    """Plan a mail where a text was held back for the budget and no mail says the same; return how many were added."""
    return sum(
        intake.enqueue(session, one, plan.recipients(one).where(_lacking(one)), now) for one in _held(session, now)
    )


def _held(session: Session, now: datetime) -> Iterator[Intent]:
    """Yield what texts that were held back and are still of use were to say, each with its own hours once."""
    row = DeliveryRow
    columns = [getattr(row, name) for name in (*_KEY, "due_at", "expires_at", "group_id", "meeting_id")]
    query = select(*columns).where(_for_budget(row), col(row.expires_at) > now).distinct()
    for found in session.execute(query):
        yield Intent(
            subject=found.subject,
            slot=found.slot,
            lead=found.lead,
            channel=Channel.EMAIL,
            kind=Kind(found.kind),
            revision=found.revision,
            due_at=found.due_at,
            expires_at=found.expires_at,
            group_id=found.group_id,
            meeting_id=found.meeting_id,
        )


def _lacking(intent: Intent) -> ColumnElement[bool]:
    """Say that a member was to have a text of an intent, and has no mail of it."""
    text, mail = aliased(DeliveryRow), aliased(DeliveryRow)
    held = and_(_saying(text, intent), _for_budget(text), col(text.due_at) == intent.due_at)
    mailed = and_(_saying(mail, intent), col(mail.channel) == Channel.EMAIL.value)
    return and_(select(col(text.id)).where(held).exists(), ~select(col(mail.id)).where(mailed).exists())


def _saying(row: type[DeliveryRow], intent: Intent) -> ColumnElement[bool]:
    same = [getattr(row, name) == getattr(intent, name) for name in _KEY]
    return and_(col(row.member_id) == Member.id, *same)


def _for_budget(row: type[DeliveryRow]) -> ColumnElement[bool]:
    held = col(row.state) == State.SUPPRESSED.value if row is not DeliveryRow else stands(State.SUPPRESSED)
    return and_(held, col(row.channel) == Channel.SMS.value, col(row.reason).in_(budget.REASONS))
