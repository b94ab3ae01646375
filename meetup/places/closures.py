"""Closures: a venue or a room is shut for a time, people go elsewhere or stay away, and it opens again by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, or_, select

from meetup import naming
from meetup.errors import AlreadyExists, Forbidden, NotUnderstood
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import ClosureRow, OnlineRoom, Venue
from meetup.values import clean

Site = Venue | OnlineRoom
LAST_ZONE = timedelta(hours=12)  # what is over there is over everywhere
LONGEST = timedelta(days=3 * 366)  # a calendar names every date that is shut
FURTHEST = timedelta(days=10 * 366)


@dataclass(frozen=True, slots=True)
class ClosureDraft:
    """What somebody says about a closure: half-open, in wall time, and where people go meanwhile."""

    start: datetime
    end: datetime
    reason: str = ""
    instead: Site | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("a closure lies between wall times")
        if self.start >= self.end:
            raise NotUnderstood("A closure must end after it starts")
        if self.end - self.start > LONGEST:
            hint = "What is gone for good is taken from its meetings: `meetup meeting edit`"
            raise NotUnderstood("A closure lasts three years at most", hint)


def close(session: Session, site: Site, draft: ClosureDraft, now: datetime) -> ClosureRow:
    """Shut a venue or a room for a time; every meeting in it is raised, and it reopens by itself."""
    if draft.instead is site:
        raise Forbidden(f"“{site.name}” is what is shut: nobody can go there instead", "Name another one")
    if draft.end <= now.replace(tzinfo=None) - LAST_ZONE:
        raise Forbidden(f"{draft.end:%A %Y-%m-%d %H:%M} is over", "Only what is to come can be shut")
    if draft.start > now.replace(tzinfo=None) + FURTHEST:
        raise NotUnderstood(f"{draft.start:%Y-%m-%d} is more than ten years ahead", "Is the year right?")
    row = ClosureRow(
        **_columns(site, ""),
        **_columns(draft.instead, "to_"),
        start_local=draft.start,
        end_local=draft.end,
        planned_end_local=draft.end,
        reason=clean(draft.reason),
        revision=0,
        created_at=now,
        changed_at=now,
    )
    _refuse_the_same(site, row, listing(session, site))
    row.revision = touch(session, site, now)
    session.add(row)
    session.flush()
    return row


def reopen(session: Session, site: Site, rows: Iterable[ClosureRow], at: datetime, now: datetime) -> list[ClosureRow]:
    """Let some closures end at a wall time, those that begin later at once; return those that this shortened."""
    shortened = [row for row in rows if row.end_local > at]
    if not shortened:
        return []
    revision = touch(session, site, now)
    for row in shortened:
        row.end_local = max(at, row.start_local)
        row.revision, row.changed_at = revision, now
        session.add(row)
    session.flush()
    return shortened


def listing(session: Session, site: Site) -> list[ClosureRow]:
    """Return the closures of a venue or a room, earliest first; those taken back before they began are left out."""
    return [row for row in everything(session, site) if row.start_local < row.end_local]


def everything(session: Session, site: Site) -> list[ClosureRow]:
    """Return the closures of a venue or a room, earliest first, those that were taken back included."""
    column = col(ClosureRow.venue_id) if isinstance(site, Venue) else col(ClosureRow.room_id)
    query = select(ClosureRow).where(column == naming.key(site))
    return list(session.exec(query.order_by(col(ClosureRow.start_local), col(ClosureRow.id))).all())


def holding(rows: Iterable[ClosureRow], at: datetime) -> list[ClosureRow]:
    """Return those that hold at a wall time."""
    return [row for row in rows if row.start_local <= at < row.end_local]


def overlapping(rows: Iterable[ClosureRow], span: tuple[datetime, datetime]) -> list[ClosureRow]:
    """Return those that share some time with a span."""
    start, end = span
    return [row for row in rows if row.start_local < end and start < row.end_local]


def touch(session: Session, site: Site, now: datetime) -> int:
    """Raise every meeting that is held there; return the new revision."""
    raised = revisions.touch_venue if isinstance(site, Venue) else revisions.touch_room
    return raised(session, naming.key(site), now)


def affected(session: Session, site: Site) -> list[int]:
    """Return the numbers of the meetings that are held there, if only on one date or while another place is shut."""
    key = naming.key(site)
    return revisions.held_in(session, *(({key}, set[int]()) if isinstance(site, Venue) else (set[int](), {key})))


def instead(session: Session, row: ClosureRow) -> Site | None:
    """Return where people go meanwhile."""
    if row.to_venue_id is not None:
        return session.get_one(Venue, row.to_venue_id)
    return session.get_one(OnlineRoom, row.to_room_id) if row.to_room_id is not None else None


def span(row: ClosureRow) -> str:
    """Say when a closure holds, and why."""
    reason = f" ({row.reason})" if row.reason else ""
    return f"from {row.start_local:%Y-%m-%d %H:%M} until {row.end_local:%Y-%m-%d %H:%M}{reason}"


@dataclass(frozen=True, slots=True)
class Closed:
    """The closures of many venues and rooms, and those of wherever people go meanwhile."""

    venue_ids: frozenset[int]
    room_ids: frozenset[int]
    rows: tuple[ClosureRow, ...]  # in the order in which they were said

    def of(self, venue_ids: set[int], room_ids: set[int]) -> list[ClosureRow]:
        """Return those that matter to what is held there."""
        reached = _reach(self.rows, venue_ids, room_ids)
        return [row for row in self.rows if row.venue_id in reached[0] or row.room_id in reached[1]]


def read(session: Session, venue_ids: set[int], room_ids: set[int]) -> Closed:
    """Read the closures of some venues and rooms, and those of wherever people go meanwhile."""
    rows: list[ClosureRow] = []
    reached, asked = (venue_ids, room_ids), (set[int](), set[int]())
    while reached != asked:
        fresh = or_(
            col(ClosureRow.venue_id).in_(reached[0] - asked[0]), col(ClosureRow.room_id).in_(reached[1] - asked[1])
        )
        rows += session.exec(select(ClosureRow).where(fresh)).all()
        asked, reached = reached, _reach(rows, *reached)
    return Closed(frozenset(reached[0]), frozenset(reached[1]), tuple(sorted(rows, key=naming.key)))


def _reach(rows: Sequence[ClosureRow], venue_ids: set[int], room_ids: set[int]) -> tuple[set[int], set[int]]:
    """Add where closures lead from some venues and rooms, step by step."""
    leading = [row for row in rows if row.to_venue_id or row.to_room_id]
    venue_ids, room_ids, before = set(venue_ids), set(room_ids), -1
    while leading and before != len(venue_ids) + len(room_ids):
        before = len(venue_ids) + len(room_ids)
        met = [row for row in leading if row.venue_id in venue_ids or row.room_id in room_ids]
        venue_ids |= {row.to_venue_id for row in met if row.to_venue_id}
        room_ids |= {row.to_room_id for row in met if row.to_room_id}
    return venue_ids, room_ids


def _columns(site: Site | None, prefix: str) -> dict[str, int | None]:
    key = naming.key(site) if site is not None else None
    at_venue = isinstance(site, Venue)
    return {f"{prefix}venue_id": key if at_venue else None, f"{prefix}room_id": None if at_venue else key}


def _refuse_the_same(site: Site, new: ClosureRow, known: Sequence[ClosureRow]) -> None:
    """Refuse a closure that is there already; one with another way out is the last word for its days."""
    there = (new.to_venue_id, new.to_room_id)
    same = [row for row in known if row.start_local <= new.start_local and new.end_local <= row.end_local]
    twin = next((row for row in reversed(same) if (row.to_venue_id, row.to_room_id) == there), None)
    if twin is not None:
        raise AlreadyExists(f"“{site.name}” is shut {span(twin)} already", "Nothing was changed, and nobody is told")
