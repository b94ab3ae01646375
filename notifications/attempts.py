"""The table of attempts: a row for each time that a delivery was handed over, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, or_, update

from meetup.storage.database import Session
from meetup.storage.tables import AttemptRow
from meetup.values import State

_A = AttemptRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
_OPEN = ("", State.UNCERTAIN.value, State.HELD.value, State.SENT.value)  # a receipt may still say more
_BEGIN = insert(_A)
_FINISH = update(_A).where(
    _A.c.delivery_id == bindparam("one_id"),
    _A.c.number == bindparam("try"),
    or_(*(_A.c.outcome == word for word in _OPEN)),
)


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that is about to be made."""

    delivery_id: int
    number: int
    body_hash: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of an attempt; without a provider's id it keeps the one that it has."""

    delivery_id: int
    number: int
    outcome: str
    error_code: str
    provider_id: str


def begin(session: Session, begun: Sequence[Begun], now: datetime) -> None:
    """Write attempts down before they are made."""
    unknown = {"submitted_at": now, "outcome": "", "provider_id": "", "error_code": ""}
    lines = [
        {"delivery_id": one.delivery_id, "number": one.number, "body_hash": one.body_hash, **unknown} for one in begun
    ]
    if lines:
        session.connection().execute(_BEGIN, lines)


def finish(session: Session, ended: Sequence[Ended], now: datetime) -> None:
    """Write down what came of them."""
    nameless = [_finished(one, now) for one in ended if not one.provider_id]
    named = [{**_finished(one, now), "provider_id": one.provider_id} for one in ended if one.provider_id]
    for lines in (nameless, named):
        if lines:
            session.connection().execute(_FINISH, lines)


def _finished(one: Ended, now: datetime) -> dict[str, object]:
    return {
        "one_id": one.delivery_id,
        "try": one.number,
        "outcome": one.outcome,
        "error_code": one.error_code,
        "finished_at": now,
    }
