"""What is not needed any more is deleted: deliveries after 90 days, answers after a day, texts by their age."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select
from sqlmodel import col

from meetup.people import joining
from meetup.storage.database import Session
from meetup.storage.tables import AnswerRow, AttemptRow, DeliveryRow, InboundText, JoinCode, PageKey, Visit
from meetup.values import State

DELIVERIES = timedelta(days=90)
ANSWERS = timedelta(hours=24)
TEXTS_READ = timedelta(days=14)
TEXTS = timedelta(days=90)
KEYS = timedelta(hours=24)
UNSETTLED = (State.PLANNED, State.CLAIMED, State.SUBMITTING, State.UNCERTAIN)  # on their way to an end


def tidy(session: Session, now: datetime) -> int:
    """Delete what SAFETY's retention rules no longer allow to keep; return how many rows went."""
    old = and_(
        col(DeliveryRow.expires_at) < now - DELIVERIES,
        col(DeliveryRow.state).not_in([state.value for state in UNSETTLED]),
    )
    texts = or_(col(InboundText.read_at) < now - TEXTS_READ, col(InboundText.received_at) < now - TEXTS)
    statements = (
        delete(AttemptRow).where(col(AttemptRow.delivery_id).in_(select(col(DeliveryRow.id)).where(old))),
        delete(DeliveryRow).where(old),
        delete(AnswerRow).where(col(AnswerRow.ends_at) < now - ANSWERS),
        delete(InboundText).where(texts),
        delete(PageKey).where(col(PageKey.expires_at) <= now - KEYS),
        delete(Visit).where(col(Visit.ends_at) <= now),
        delete(JoinCode).where(col(JoinCode.expires_at) <= now),
    )
    session.flush()
    gone = sum(session.connection().execute(statement).rowcount for statement in statements)
    return gone + joining.let_go(session, now)
