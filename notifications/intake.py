"""The way into the delivery table: one INSERT … SELECT tells many people one thing; doing it again adds nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow
from meetup.values import Channel, Kind, State
from notifications.rules.verdict import LASTING

UNIQUE = ("member_id", "subject", "slot", "lead", "channel", "kind", "revision")
_T = DeliveryRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be said about one date under one rule, whoever it is said to."""

    subject: str
    slot: datetime
    lead: str
    channel: Channel
    kind: Kind
    revision: int
    due_at: datetime
    expires_at: datetime
    group_id: int | None = None
    meeting_id: int | None = None


class _Code(FunctionElement[str]):
    """A random public code, made where the rows are made."""

    type = String()
    inherit_cache = True


@compiles(_Code, "sqlite")
def _sqlite_code(_element: _Code, _compiler: SQLCompiler, **_options: object) -> str:
    return "lower(hex(randomblob(10)))"


@compiles(_Code, "postgresql")
def _postgresql_code(_element: _Code, _compiler: SQLCompiler, **_options: object) -> str:
    return "substr(replace(gen_random_uuid()::text, '-', ''), 1, 20)"


def enqueue(session: Session, intent: Intent, recipients: Select[int, int, int, str], now: datetime) -> int:
    """Insert one delivery a recipient, once; what is planned already only learns its new time. Return the rows touched.

    What was held back or missed, and may be said now after all, is planned again: nothing of it was handed over.
    `recipients` selects member_id, contact_id, consent_id and consent_action.
    """
    constants = _constants(intent, now)
    named = recipients.subquery()
    # SQLite cannot tell `SELECT … ON CONFLICT` from a join's ON: the WHERE that looks idle settles it.
    told: list[ColumnElement[object]] = [_typed(name, constants[name]) for name in constants]
    rows = select(*named.c, *told, _Code()).where(literal(1) == 1)
    columns = ["member_id", "contact_id", "consent_id", "consent_action", *constants, "code"]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    planning = dialect.insert(_T).from_select(columns, rows)
    new = planning.excluded
    fresh = ("due_at", "expires_at", "contact_id", "consent_id", "consent_action", "state", "reason")
    statement = planning.on_conflict_do_update(
        index_elements=UNIQUE,
        set_={**{name: new[name] for name in fresh}, "not_before": None, "settled_at": None},
        where=or_(*_renewed(new, now)),
    )
    session.flush()
    counted = statement.execution_options(preserve_rowcount=True)  # PostgreSQL does not count an INSERT unasked
    return session.connection().execute(counted).rowcount


def _renewed(
    new: ReadOnlyColumnCollection[str, KeyedColumnElement[object]], now: datetime
) -> Iterator[ColumnElement[bool]]:
    """Yield when a delivery that is there already is to be planned anew."""
    moved = or_(_T.c.due_at != new.due_at, _T.c.expires_at != new.expires_at)
    yield and_(_T.c.state == State.PLANNED.value, moved)
    untouched = _T.c.attempts == 0
    yield and_(_T.c.state == State.SUPPRESSED.value, untouched, _T.c.reason.not_in(LASTING))
    # Written off at a moment that has not come yet: the clock ran ahead, and was set right since.
    by_mistake = _T.c.settled_at > now
    yield and_(_T.c.state == State.MISSED.value, untouched, or_(_T.c.expires_at < new.expires_at, by_mistake))


def _constants(intent: Intent, now: datetime) -> dict[str, object]:
    return {
        "subject": intent.subject,
        "slot": intent.slot,
        "lead": intent.lead,
        "channel": intent.channel.value,
        "kind": intent.kind.value,
        "revision": intent.revision,
        "group_id": intent.group_id,
        "meeting_id": intent.meeting_id,
        "due_at": intent.due_at,
        "expires_at": intent.expires_at,
        "state": State.PLANNED.value,
        "reason": "",
        "attempts": 0,
        "claim_token": "",
        "provider_id": "",
        "error_code": "",
        "segments": 0,
        "looks": 0,
        "created_at": now,
    }


def _typed(name: str, constant: object) -> ColumnElement[object]:
    return literal(constant, type_=_T.c[name].type).label(name)
