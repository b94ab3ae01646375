"""The delivery table as a state machine, and the only writer of `state`. Each arrow is one conditional UPDATE.

PLANNED ── claim ──▶ CLAIMED ── mark ──▶ SUBMITTING ── settle ──▶ SENT ──▶ DELIVERED | UNDELIVERED
   ▲                    │ lease out, later      │ ▶ FAILED   ▶ PLANNED (surely not sent)
   ├────────────────────┘                       └ ▶ UNCERTAIN ──▶ SENT | PLANNED | HELD
   └─▶ MISSED (too late)      CLAIMED ──▶ SUPPRESSED | MISSED
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlmodel import col

from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Meeting, Member, Organization
from meetup.values import Channel, Kind, State
from notifications import attempts
from notifications.moves import Beside, Claim, Mark, Settlement
from notifications.queued import CHANNELS, LONGEST_LEASE, dead, stands

_T = DeliveryRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
_PAUSED = select(col(Organization.id)).where(col(Organization.paused_at).is_not(None)).exists()
Line = dict[str, object]  # of a table, or what a statement is given for one


def claim(session: Session, channel: Channel, mine: Claim, now: datetime) -> int:
    """Take the oldest due deliveries of a channel for oneself; return how many."""
    due = select(_T.c.id).where(stands(State.PLANNED), _ripe(channel, now)).order_by(_T.c.due_at, _T.c.id)
    return _take(session, due.limit(mine.limit), mine)


def claim_beside(session: Session, channel: Channel, mine: Claim, now: datetime) -> int:
    """Take also what is due for the members of a claim, so that two texts to one of them can be made one."""
    named = _T.alias("named")
    held = select(named.c.member_id).where(
        named.c.claim_token == mine.token, named.c.state == literal_column(f"'{State.CLAIMED.value}'")
    )
    # What says “planned” is put so that no index of what is due can answer: very many are due, few of them theirs.
    planned = func.coalesce(_T.c.state, "") == State.PLANNED.value
    theirs = _T.c.member_id.in_(held), planned, _T.c.kind == Kind.REMINDER.value
    return _take(session, select(_T.c.id).where(*theirs, _ripe(channel, now)), mine)


def _ripe(channel: Channel, now: datetime) -> ColumnElement[bool]:
    """Say that a delivery's time has come and not gone, and that nothing keeps it back."""
    rested = or_(_T.c.not_before.is_(None), _T.c.not_before <= now)
    return and_(_T.c.channel == channel.value, _T.c.due_at <= now, _T.c.expires_at > now, rested, ~_PAUSED)


def _take(session: Session, rows: Select[int], mine: Claim) -> int:
    taking = {"state": State.CLAIMED.value, "claim_token": mine.token, "lease_until": mine.lease_until}
    return _count(session, update(_T).where(_free(session, rows), stands(State.PLANNED)).values(taking))


def _free(session: Session, rows: Select[int]) -> ColumnElement[bool]:
    """Say that a delivery is among some; on PostgreSQL those that somebody else is just moving are left to them."""
    if session.get_bind().dialect.name != "postgresql":
        among: ColumnElement[bool] = _T.c.id.in_(rows.scalar_subquery())
        return among
    # An array is made once. A subquery may be run again for each row, and then lock more than its limit.
    locked: ColumnElement[bool] = _T.c.id == func.any(
        func.array(rows.with_for_update(skip_locked=True).scalar_subquery())
    )
    return locked


def unclaim(session: Session, token: str) -> int:
    """Give back what was claimed and not handed over."""
    held = and_(_T.c.claim_token == token, stands(State.CLAIMED))
    return _count(session, update(_T).where(held).values(state=State.PLANNED.value, claim_token="", lease_until=None))


def mark(session: Session, token: str, marks: Iterable[Mark], now: datetime) -> set[int]:
    """Say, before the wire, that these are being handed over; return those for which it could still be said.

    It cannot when somebody else holds the row, or when the meeting or the member changed since the check.
    """
    coming = list(marks)
    if not coming:
        return set()
    _write(session, _MARK, [_marked(one, token, now) for one in coming])
    given = {"token": token, "ids": [one.delivery_id for one in coming]}
    found = set(session.connection().execute(_IN_HAND, given).scalars())
    begun = [attempts.Begun(one.delivery_id, one.number, one.body_hash) for one in coming if one.delivery_id in found]
    attempts.begin(session, begun, now)
    return found


# Built once: building them again for every message took longer than the database does.
_OURS = and_(_T.c.id == bindparam("one_id"), _T.c.claim_token == bindparam("token"))
_SAME_MEETING = and_(col(Meeting.id) == _T.c.meeting_id, col(Meeting.version) == bindparam("meeting_seen"))
_SAME_MEMBER = and_(_T.c.member_id == Member.id, col(Member.version) == bindparam("member_seen"), ~_PAUSED)
_B = _T.alias("beside")
_MARKED_AT = bindparam("now", type_=_T.c.due_at.type)
_WAITS = and_(
    _B.c.id == bindparam("also"),
    _B.c.state == State.PLANNED.value,
    or_(_B.c.not_before > _MARKED_AT, _B.c.due_at > _MARKED_AT),
)
_SAME_BESIDE = and_(col(Meeting.id) == bindparam("other_meeting"), col(Meeting.version) == bindparam("other_seen"))
_MARK = update(_T).where(
    _OURS,
    _T.c.state == State.CLAIMED.value,
    select(col(Member.id)).where(_SAME_MEMBER).correlate(_T).exists(),
    or_(
        bindparam("meeting_seen", type_=Integer).is_(None),
        select(col(Meeting.id)).where(_SAME_MEETING).correlate(_T).exists(),
    ),
    or_(
        bindparam("also", type_=Integer).is_(None),
        and_(select(_B.c.id).where(_WAITS).exists(), select(col(Meeting.id)).where(_SAME_BESIDE).exists()),
    ),
)
_IN_HAND = select(_T.c.id).where(
    _T.c.claim_token == bindparam("token"),
    _T.c.state == State.SUBMITTING.value,
    _T.c.id.in_(bindparam("ids", expanding=True)),
)


def _marked(one: Mark, token: str, now: datetime) -> Line:
    beside = one.beside or Beside(0, None, None)
    return {
        "also": beside.delivery_id or None,
        "also_id": beside.delivery_id or None,
        "other_meeting": beside.meeting_id,
        "other_seen": beside.meeting_version,
        "now": now,
        "one_id": one.delivery_id,
        "token": token,
        "member_seen": one.member_version,
        "meeting_seen": one.meeting_version,
        "state": State.SUBMITTING.value,
        "attempts": one.number,
        "looks": 0,
        "contact_id": one.contact_id,
        "consent_id": one.consent_id,
        "consent_action": one.consent_action,
    }


def settle(session: Session, settlements: Iterable[Settlement], now: datetime, *, token: str) -> int:
    """Write how claimed deliveries went on; return how many were still ours to write."""
    ended = list(settlements)
    tried = [one for one in ended if one.number is not None]
    held_back = [one for one in ended if one.number is None]
    doubtful = [one for one in tried if one.state is State.UNCERTAIN]
    sure = [one for one in tried if one.state is not State.UNCERTAIN]
    written = _settle(session, _LET_GO, held_back, now, token)
    written += _settle(session, _IN_DOUBT, doubtful, now, token) + _settle(session, _ENDED, sure, now, token)
    attempts.finish(session, [_ended(one) for one in tried], now)
    if written < len(ended):
        _add_segments(session, tried)
    return written


_LET_GO = update(_T).where(_OURS, _T.c.state == State.CLAIMED.value)
_IN_DOUBT = update(_T).where(_OURS, _T.c.state == State.SUBMITTING.value)
# The lease may have run out and somebody wrote UNCERTAIN, but now we know better.
_ENDED = update(_T).where(
    _T.c.id == bindparam("one_id"),
    or_(
        and_(_T.c.state == State.SUBMITTING.value, _T.c.claim_token == bindparam("token")),
        and_(_T.c.state == State.UNCERTAIN.value, _T.c.attempts == bindparam("try")),
    ),
)
_SIZE = update(_T).where(_T.c.id == bindparam("one_id"), _T.c.attempts == bindparam("try"), _T.c.segments == 0)


def _settle(session: Session, statement: Update, these: Sequence[Settlement], now: datetime, token: str) -> int:
    keys = [{"one_id": one.delivery_id, "token": token, "try": one.number} for one in these]
    return _write(session, statement, [{**key, **_settled(one, now)} for key, one in zip(keys, these, strict=True)])


def _add_segments(session: Session, tried: Sequence[Settlement]) -> None:
    """Keep the size of messages whose receipts were quicker than the answers to their requests."""
    sized = (one for one in tried if one.segments)
    _write(session, _SIZE, [{"one_id": one.delivery_id, "try": one.number, "segments": one.segments} for one in sized])


def _settled(one: Settlement, now: datetime) -> Line:
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


def _ended(one: Settlement) -> attempts.Ended:
    outcome = one.outcome or one.state.value
    return attempts.Ended(one.delivery_id, one.number or 0, outcome, one.error_code, one.provider_id)


def recover(session: Session, now: datetime, *, sole: bool = False) -> dict[State, int]:
    """Take over from the dead: what was only claimed is planned again, what was being handed over is UNCERTAIN.

    `sole` says that nobody else delivers from this database, so that no lease needs to run out first.
    """
    gone = literal(value=True) if sole else dead(now, now + LONGEST_LEASE)
    replanned = _count(
        session,
        update(_T)
        .where(_free(session, select(_T.c.id).where(stands(State.CLAIMED), gone)))
        .values(state=State.PLANNED.value, claim_token="", lease_until=None),
    )
    uncertain = _count(
        session,
        update(_T)
        .where(_free(session, select(_T.c.id).where(stands(State.SUBMITTING), gone)))
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
    # What is of no more use has been due: the index of what is due leads there, without a look at all the rest.
    late = select(_T.c.id).where(
        stands(State.PLANNED), _T.c.channel.in_(CHANNELS), _T.c.due_at <= now, _T.c.expires_at <= now
    )
    statement = (
        update(_T).where(_free(session, late)).values(state=State.MISSED.value, reason="too late", settled_at=now)
    )
    return _count(session, statement)


def resolve(
    session: Session, one: Settlement, now: datetime, *, among: Collection[State], tries: int | None = None
) -> bool:
    """Settle by later knowledge (a callback, a look at the provider, an organizer), from one of the given states.

    `tries` says which try that knowledge is about: somebody else may have settled it, and the next one be in doubt.
    """
    values = _settled(one, now)
    if not values["provider_id"] and one.state is not State.PLANNED:
        del values["provider_id"]
    if not one.segments:
        del values["segments"]
    these = and_(_T.c.id == one.delivery_id, _T.c.state.in_([state.value for state in among]))
    if tries is not None:
        these = and_(these, _T.c.attempts == tries)
    written = _count(session, update(_T).where(these).values(values))
    if written and one.number is not None:
        attempts.finish(session, [_ended(one)], now)
    return bool(written)


def looked(session: Session, delivery_id: int, now: datetime) -> None:
    """Remember that the provider was asked about an unknown outcome."""
    values = {"looks": _T.c.looks + 1, "settled_at": now}
    session.execute(update(_T).where(_T.c.id == delivery_id, _T.c.state == State.UNCERTAIN.value).values(values))


def _write(session: Session, statement: Update, lines: Sequence[Line]) -> int:
    """Write many rows by one statement; return how many were there to be written."""
    session.flush()
    return session.connection().execute(statement, lines).rowcount if lines else 0


def _count(session: Session, statement: Update) -> int:
    session.flush()
    return session.connection().execute(statement).rowcount
