"""What stands in the delivery table: asked without moving anything, each question by an index."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, literal_column, or_, select
from sqlmodel import col

from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow
from meetup.values import Channel, Kind, State

LONGEST_LEASE = timedelta(hours=1)
CHANNELS = [channel.value for channel in Channel]  # all of them: what is due is found by channel
_T = DeliveryRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
_TOGETHER = ((State.CLAIMED, State.SUBMITTING), (State.UNCERTAIN, State.HELD))  # by one index


def stands(state: State) -> ColumnElement[bool]:
    """Say that a delivery is in a state, as the index of that state says it: a parameter would hide it from SQLite."""
    named = _T.c.state == _spelt(state)
    indexed = (_T.c.state.in_([_spelt(one) for one in group]) for group in _TOGETHER if state in group)
    return and_(named, *indexed)


def _spelt(state: State) -> ColumnElement[str]:
    return literal_column(f"'{state.value}'")


def dead(now: datetime | BindParameter[datetime], ahead: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Say that nobody holds a claim any more. A lease that ends days ahead was written while the clock ran ahead."""
    return or_(_T.c.lease_until <= now, _T.c.lease_until > ahead)


# Asked at every tick: it is put together once.
_NOW, _AHEAD = (bindparam(name, type_=_T.c.due_at.type) for name in ("now", "ahead"))
_CALLS = select(
    or_(
        select(_T.c.id).where(stands(State.PLANNED), _T.c.channel.in_(CHANNELS), _T.c.due_at <= _NOW).exists(),
        select(_T.c.id).where(stands(State.CLAIMED), dead(_NOW, _AHEAD)).exists(),
        select(_T.c.id).where(stands(State.SUBMITTING), dead(_NOW, _AHEAD)).exists(),
    )
)


def calls(session: Session, now: datetime) -> bool:
    """Tell whether anything is there to be sent, written off, or taken over from the dead: mostly there is not."""
    return bool(session.execute(_CALLS, {"now": now, "ahead": now + LONGEST_LEASE}).scalar())


def claimed(session: Session, token: str) -> list[DeliveryRow]:
    """Return what was claimed under a token, oldest first."""
    query = (
        select(DeliveryRow)
        .where(col(DeliveryRow.claim_token) == token, stands(State.CLAIMED))
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
    )
    return list(session.execute(query).scalars())


def reminds_by_text(row: DeliveryRow) -> bool:
    """Tell whether a delivery is a text that reminds: two of those may be told as one."""
    return (row.kind, row.channel) == (Kind.REMINDER, Channel.SMS)


def soon(session: Session, rows: Sequence[DeliveryRow], now: datetime, until: datetime) -> list[DeliveryRow]:
    """Return the texts that remind the same members until a moment that is near."""
    members = {row.member_id for row in rows if reminds_by_text(row)}
    if not members:
        return []
    # What says “planned” is put so that no index of what is due can answer: very many are due, few of them theirs.
    planned = func.coalesce(col(DeliveryRow.state), "") == State.PLANNED.value
    query = select(DeliveryRow).where(
        *(col(DeliveryRow.member_id).in_(members), planned, col(DeliveryRow.kind) == Kind.REMINDER.value),
        *(
            col(DeliveryRow.channel) == Channel.SMS.value,
            col(DeliveryRow.due_at) > now,
            col(DeliveryRow.due_at) <= until,
        ),
    )
    return list(session.execute(query.order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))).scalars())


def counts(session: Session, states: Sequence[State] = tuple(State)) -> dict[State, int]:
    """Return how many deliveries stand in each state."""
    query = select(_T.c.state, func.count()).where(_T.c.state.in_([s.value for s in states])).group_by(_T.c.state)
    return {State(state): number for state, number in session.execute(query)}


def due(session: Session, channel: Channel, now: datetime) -> int:
    """Return how many deliveries are due by a channel and wait for somebody to send them."""
    waiting = and_(stands(State.PLANNED), _T.c.channel == channel.value, _T.c.due_at <= now)
    return int(session.execute(select(func.count()).where(waiting, _T.c.expires_at > now)).scalar_one())
