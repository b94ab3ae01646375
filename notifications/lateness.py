"""How late messages leave: the time from when each could leave to when it was handed over first.

Who joins late gets the nearest reminder at once. It was due before she had said yes: it is late from her yes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from meetup.storage.database import Session
from meetup.storage.tables import AttemptRow, ConsentRow, DeliveryRow

MOST = 20_000  # of the newest ones: enough for a percentile, whatever the size of the database


@dataclass(frozen=True, slots=True)
class Lateness:
    """Seconds, in percentiles of so many messages."""

    number: int
    median: float
    p95: float
    p99: float


def since(session: Session, begin: datetime) -> Lateness | None:
    """Return how late those left that were handed over since a moment; None when none was."""
    query = (
        select(col(AttemptRow.submitted_at), col(DeliveryRow.due_at), col(ConsentRow.at))
        .join(DeliveryRow, col(DeliveryRow.id) == col(AttemptRow.delivery_id))
        .join(ConsentRow, col(ConsentRow.id) == col(DeliveryRow.consent_id))
        .where(col(AttemptRow.number) == 1, col(AttemptRow.submitted_at) >= begin)
        .order_by(col(AttemptRow.id).desc())
        .limit(MOST)
    )
    return of([(submitted - max(due, yes)).total_seconds() for submitted, due, yes in session.execute(query)])


def of(seconds: Sequence[float]) -> Lateness | None:
    """Return the percentiles of some delays."""
    ordered = sorted(max(one, 0.0) for one in seconds)
    if not ordered:
        return None
    return Lateness(len(ordered), *(_percentile(ordered, share) for share in (0.5, 0.95, 0.99)))


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest delay that so large a share does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
