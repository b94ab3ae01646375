"""How a change reaches people: what of it their mails leave out, and who cannot be told without a risk to them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import col

from meetup.difference import Difference
from meetup.feeds.addresses import Addresses
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Member
from meetup.wording import discreet
from notifications import cases
from notifications.rules.verdict import UNSAFE, verdict


def left_out(dates: Iterable[Difference]) -> Iterator[str]:
    """Say which remarks give away what a group is about: members' mails leave them out."""
    after = [one.after for one in dates if one.after is not None]
    said = [(text, one.series) for one in after for text in (one.note, one.reason) if text]
    remarks = {(text, (series.title, *series.secrets)): None for text, series in said}
    for text, secrets in remarks:
        told = discreet.leaks_to_all(text, secrets)
        if told:
            yield f"“{text}” says “{told[0].rstrip('*')}”: members' mails leave it out, where others may read them"


def unsafe(session: Session, planned: Sequence[int], addresses: Addresses, now: datetime) -> int:
    """Return how many people none of these planned notices can reach in hours that are safe for them.

    Only who has named their own hours, or whose phone somebody else may see, is ever kept from the news for that.
    """
    guarded = or_(col(Member.phone_shared), col(Member.hours_chosen))
    query = (
        select(DeliveryRow)
        .join(Member, col(Member.id) == col(DeliveryRow.member_id))
        .where(col(DeliveryRow.id).in_(planned), guarded)
    )
    rows = list(session.execute(query).scalars())
    told: dict[int, bool] = {}
    for one in cases.load(session, rows, addresses, now):
        reached = verdict(one.case, max(now, one.row.due_at)).reason != UNSAFE
        told[one.row.member_id] = told.get(one.row.member_id, False) or reached
    for row in rows:
        session.expunge(row)  # planned for a look alone, and taken back
    return sum(not reached for reached in told.values())
