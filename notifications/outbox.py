"""The delivery table as a state machine, and the only writer of `state`. Each arrow is one conditional UPDATE.

PLANNED ── claim ──▶ CLAIMED ── mark ──▶ SUBMITTING ── settle ──▶ SENT ──▶ DELIVERED | UNDELIVERED
   ▲                    │ lease out, later      │ ▶ FAILED   ▶ PLANNED (surely not sent)
   ├────────────────────┘                       └ ▶ UNCERTAIN ──▶ SENT | PLANNED | HELD
   └─▶ MISSED (too late)      CLAIMED ──▶ SUPPRESSED | MISSED
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, and_, func, insert, literal, or_, select, update
from sqlmodel import col

from meetup.storage.database import Session
from meetup.storage.tables import AttemptRow, DeliveryRow, Meeting, Member, Organization
from meetup.values import Channel, State

LONGEST_LEASE = timedelta(hours=1)
NOT_SENT = "NOT_SENT"  # how an attempt ended that surely did not leave
HANDED_OVER = (State.SUBMITTING, State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNCERTAIN, State.HELD)
_T = DeliveryRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
_PAUSED = select(col(Organization.id)).where(col(Organization.paused_at).is_not(None)).exists()


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of one pass to some deliveries, until its lease runs out."""

    token: str
    lease_until: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A delivery that is about to be handed over, and the versions that the check before it has read."""

    delivery_id: int
    number: int
    body_hash: str
    contact_id: int
    consent_id: int
    consent_action: str
    member_version: int
    meeting_version: int | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How it went on with one delivery."""

    delivery_id: int
    state: State
    reason: str = ""
    provider_id: str = ""
    error_code: str = ""
    segments: int = 0
    not_before: datetime | None = None
    number: int | None = None  # of the attempt that ended; None when none was made
    outcome: str = ""  # what that attempt came to, where the state does not say it


def claim(session: Session, channel: Channel, mine: Claim, now: datetime) -> int:
    """Take the oldest due deliveries of a channel for oneself; return how many."""
    due = (
        select(_T.c.id)
        .where(
            _T.c.state == State.PLANNED.value,
            _T.c.channel == channel.value,
            _T.c.due_at <= now,
            _T.c.expires_at > now,
            or_(_T.c.not_before.is_(None), _T.c.not_before <= now),
            ~_PAUSED,
        )
        .order_by(_T.c.due_at, _T.c.id)
        .limit(mine.limit)
    )
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    statement = (
        update(_T)
        .where(_T.c.id.in_(due.scalar_subquery()), _T.c.state == State.PLANNED.value)
        .values(state=State.CLAIMED.value, claim_token=mine.token, lease_until=mine.lease_until)
    )
    return _count(session, statement)


def claimed(session: Session, token: str) -> list[DeliveryRow]:
    """Return what was claimed under a token, oldest first."""
    query = (
        select(DeliveryRow)
        .where(col(DeliveryRow.claim_token) == token, col(DeliveryRow.state) == State.CLAIMED.value)
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
    )
    return list(session.execute(query).scalars())


def unclaim(session: Session, token: str) -> int:
    """Give back what was claimed and not handed over."""
    held = and_(_T.c.claim_token == token, _T.c.state == State.CLAIMED.value)
    return _count(session, update(_T).where(held).values(state=State.PLANNED.value, claim_token="", lease_until=None))


def mark(session: Session, token: str, marks: Iterable[Mark], now: datetime) -> set[int]:
    """Say, before the wire, that these are being handed over; return those for which it could still be said.

    It cannot when somebody else holds the row, or when the meeting or the member changed since the check.
    """
    return {one.delivery_id for one in marks if _mark(session, token, one, now)}


def _mark(session: Session, token: str, one: Mark, now: datetime) -> bool:
    unchanged = [_T.c.member_id == Member.id, col(Member.version) == one.member_version, ~_PAUSED]
    if one.meeting_version is not None:
        same = and_(col(Meeting.id) == _T.c.meeting_id, col(Meeting.version) == one.meeting_version)
        unchanged.append(select(col(Meeting.id)).where(same).correlate(_T).exists())
    statement = (
        update(_T)
        .where(
            _T.c.id == one.delivery_id,
            _T.c.state == State.CLAIMED.value,
            _T.c.claim_token == token,
            select(col(Member.id)).where(*unchanged).correlate(_T).exists(),
        )
        .values(
            state=State.SUBMITTING.value,
            attempts=one.number,
            looks=0,
            contact_id=one.contact_id,
            consent_id=one.consent_id,
            consent_action=one.consent_action,
        )
    )
    if not _count(session, statement):
        return False
    session.execute(
        insert(AttemptRow).values(
            delivery_id=one.delivery_id,
            number=one.number,
            body_hash=one.body_hash,
            submitted_at=now,
            outcome="",
            provider_id="",
            error_code="",
        )
    )
    return True


def settle(session: Session, settlements: Iterable[Settlement], now: datetime, *, token: str) -> int:
    """Write how claimed deliveries went on; return how many were still ours to write."""
    return sum(_settle(session, one, now, token) for one in settlements)


def _settle(session: Session, one: Settlement, now: datetime, token: str) -> int:
    start = State.SUBMITTING if one.number is not None else State.CLAIMED
    mine = and_(_T.c.state == start.value, _T.c.claim_token == token)
    # The lease ran out and somebody wrote UNCERTAIN, but now we know better.
    overdue = and_(_T.c.state == State.UNCERTAIN.value, _T.c.attempts == (one.number or -1))
    ours = mine if one.number is None or one.state is State.UNCERTAIN else or_(mine, overdue)
    written = _count(session, update(_T).where(_T.c.id == one.delivery_id, ours).values(_settled(one, now)))
    if one.number is not None:
        _finish_attempt(session, one, now)
    if not written and one.segments:
        _add_segments(session, one)
    return written


def _add_segments(session: Session, one: Settlement) -> None:
    """Keep the size of a message whose receipt was quicker than the answer to its request."""
    same = and_(_T.c.id == one.delivery_id, _T.c.attempts == one.number, _T.c.segments == 0)
    session.execute(update(_T).where(same).values(segments=one.segments))


def _settled(one: Settlement, now: datetime) -> dict[str, object]:
    again = one.state is State.PLANNED
    return {
        "state": one.state.value,
        "reason": one.reason,
        "provider_id": "" if again else one.provider_id,
        "error_code": one.error_code,
        "segments": one.segments,
        "not_before": one.not_before,
        "claim_token": "",
        "lease_until": None,
        "settled_at": None if again else now,
    }


def _finish_attempt(session: Session, one: Settlement, now: datetime) -> None:
    table = AttemptRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
    session.execute(
        update(table)
        .where(table.c.delivery_id == one.delivery_id, table.c.number == one.number, table.c.outcome.in_(_OPEN))
        .values(
            outcome=one.outcome or one.state.value,
            provider_id=one.provider_id or table.c.provider_id,
            error_code=one.error_code,
            finished_at=now,
        )
    )


_OPEN = ("", State.UNCERTAIN.value, State.HELD.value, State.SENT.value)  # a receipt may still say more


def recover(session: Session, now: datetime, *, sole: bool = False) -> dict[State, int]:
    """Take over from the dead: what was only claimed is planned again, what was being handed over is UNCERTAIN.

    `sole` says that nobody else delivers from this database, so that no lease needs to run out first.
    """
    # A lease that ends days ahead was written while the clock ran ahead: nobody holds it.
    dead = literal(value=True) if sole else or_(_T.c.lease_until <= now, _T.c.lease_until > now + LONGEST_LEASE)
    replanned = _count(
        session,
        update(_T)
        .where(_T.c.state == State.CLAIMED.value, dead)
        .values(state=State.PLANNED.value, claim_token="", lease_until=None),
    )
    uncertain = _count(
        session,
        update(_T)
        .where(_T.c.state == State.SUBMITTING.value, dead)
        .values(
            state=State.UNCERTAIN.value,
            reason="stopped while it was being handed over",
            claim_token="",
            lease_until=None,
            settled_at=now,
        ),
    )
    return {State.PLANNED: replanned, State.UNCERTAIN: uncertain}


def doubt(session: Session, reason: str, now: datetime) -> int:
    """Doubt everything that was due by now: an older database cannot say what left in the meantime."""
    open_states = [state.value for state in (State.PLANNED, State.CLAIMED, State.SUBMITTING)]
    due = and_(_T.c.state.in_(open_states), _T.c.due_at <= now)
    values = {"state": State.UNCERTAIN.value, "reason": reason, "claim_token": "", "lease_until": None}
    return _count(session, update(_T).where(due).values(**values, settled_at=now))


def miss(session: Session, now: datetime) -> int:
    """Write off what could not be sent in time; it stays visible."""
    late = and_(_T.c.state == State.PLANNED.value, _T.c.expires_at <= now)
    statement = update(_T).where(late).values(state=State.MISSED.value, reason="too late", settled_at=now)
    return _count(session, statement)


def resolve(session: Session, one: Settlement, now: datetime, *, among: Collection[State]) -> bool:
    """Settle by later knowledge (a callback, a look at the provider, an organizer), from one of the given states."""
    values = _settled(one, now)
    if not values["provider_id"] and one.state is not State.PLANNED:
        del values["provider_id"]
    if not one.segments:
        del values["segments"]
    these = and_(_T.c.id == one.delivery_id, _T.c.state.in_([state.value for state in among]))
    written = _count(session, update(_T).where(these).values(values))
    if written and one.number is not None:
        _finish_attempt(session, one, now)
    return bool(written)


def looked(session: Session, delivery_id: int, now: datetime) -> None:
    """Remember that the provider was asked about an unknown outcome."""
    values = {"looks": _T.c.looks + 1, "settled_at": now}
    session.execute(update(_T).where(_T.c.id == delivery_id, _T.c.state == State.UNCERTAIN.value).values(values))


def counts(session: Session, states: Sequence[State] = tuple(State)) -> dict[State, int]:
    """Return how many deliveries stand in each state."""
    query = select(_T.c.state, func.count()).where(_T.c.state.in_([s.value for s in states])).group_by(_T.c.state)
    return {State(state): number for state, number in session.execute(query)}


def due(session: Session, channel: Channel, now: datetime) -> int:
    """Return how many deliveries are due by a channel and wait for somebody to send them."""
    waiting = and_(_T.c.state == State.PLANNED.value, _T.c.channel == channel.value, _T.c.due_at <= now)
    return int(session.execute(select(func.count()).where(waiting, _T.c.expires_at > now)).scalar_one())


def _count(session: Session, statement: Update) -> int:
    session.flush()
    return session.connection().execute(statement).rowcount
