"""When the bytes of a feed last changed: kept beside whom the feed belongs to, so that this date never goes back.

It is stored with a hash of the bytes, and not derived from the times of what they show: some programs ask by nothing
but this date, and would keep for ever what a change without a time of its own (a new version of this program, another
address) has made wrong.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from meetup.storage.database import Session
from meetup.storage.tables import Group, Member

SECOND = timedelta(seconds=1)

Owner = tuple[type[Group] | type[Member], int]


@dataclass(frozen=True, slots=True)
class Edition:
    """Which bytes a feed had, and since when."""

    tag: str = ""
    since: datetime | None = None


def settle(session: Session, owner: Owner, tag: str, now: datetime) -> Edition:
    """Return since when a feed has these bytes; when they are new, since now, and later than those before."""
    row = _row(session, owner)
    if row.feed_tag != tag or row.feed_changed_at is None:
        whole = now.replace(microsecond=0)
        row.feed_tag, row.feed_changed_at = tag, max(whole, (row.feed_changed_at or whole - SECOND) + SECOND)
        session.add(row)
    return Edition(tag, row.feed_changed_at)


def _row(session: Session, owner: Owner) -> Group | Member:
    table, key = owner
    if table is Group:
        return session.get_one(Group, key, with_for_update=True)
    return session.get_one(Member, key, with_for_update=True)
