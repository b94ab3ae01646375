"""Rows → which series a feed shows, to whom, and how."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import func
from sqlmodel import col, select

from meetup import agenda, naming, organization
from meetup.feeds import calendar
from meetup.feeds.addresses import Addresses
from meetup.feeds.calendar import Fragment, Look
from meetup.feeds.views import Reader, sayable
from meetup.schedule import recurrence, zones
from meetup.schedule.series import Schedule, Series
from meetup.storage.database import Session
from meetup.storage.tables import FeedLink, Group, Member, Organization, SubscriptionRow
from meetup.values import Preference
from meetup.wording.languages import DEFAULT

KEPT = timedelta(days=90)  # how long an ended schedule stays
NOTHING = calendar.empty(Look(uid="calendar"))

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar is made of; its bytes depend on nothing else."""

    look: Look
    parts: tuple[tuple[Series, Reader | None], ...]


def stamp(session: Session) -> Stamp:
    """Return what every feed is cached by: it differs whenever a schedule, a subscription or a link has changed."""
    alive = select(func.count()).select_from(FeedLink).where(col(FeedLink.revoked_at).is_(None)).scalar_subquery()
    newest = select(func.coalesce(func.max(FeedLink.id), 0)).scalar_subquery()
    revision, links, last = session.execute(select(Organization.revision, alive, newest)).one()
    return int(revision), int(links), int(last)


def open_group(session: Session, slug: str) -> Group | None:
    """Return the group of a public feed; closed groups have none."""
    return session.exec(select(Group).where(Group.slug == slug, Group.audience == "open")).first()


def of_group(session: Session, group: Group, addresses: Addresses, now: datetime) -> Feed:
    """Return what everybody may see of a group."""
    found = agenda.of_group(session, naming.key(group))
    # Read beside all of the group's rooms at once: the entries of one meeting may not tell the code of another.
    said = "\n".join(sayable(group.description, found))
    look = Look(
        uid=group.public_id,
        name=group.name,
        description=said,
        url=addresses.group_feed(group.slug),
        zone=group.zone,
        changed_at=group.created_at,
    )
    return Feed(look, tuple((replace(recent(one, now), description=said), None) for one in found))


def of_member(session: Session, member: Member, addresses: Addresses, now: datetime) -> Feed:
    """Return a member's own calendar: every group that she belongs to, in the words that she chose."""
    home = organization.the(session)
    rows = session.exec(select(SubscriptionRow).where(SubscriptionRow.member_id == member.id)).all()
    look = Look(
        uid=member.public_id,
        name=member.cover_label or home.cover_label,
        zone=member.zone or home.zone,
        changed_at=max((row.changed_at for row in rows), default=member.created_at),
    )
    active = sorted((row for row in rows if row.state == "active"), key=lambda row: row.group_id)
    return Feed(look, tuple(part for row in active for part in _subscribed(session, member, row, addresses, now)))


def write(feed: Feed) -> bytes:
    """Write a calendar."""
    return calendar.assemble(feed.look, [_fragment(series, reader) for series, reader in feed.parts])


def recent(series: Series, now: datetime) -> Series:
    """Drop the schedules that ended long ago."""
    kept = tuple(schedule for schedule in series.schedules if not _long_ended(schedule, now))
    return series if len(kept) == len(series.schedules) else replace(series, schedules=kept)


def _long_ended(schedule: Schedule, now: datetime) -> bool:
    last = recurrence.last_slot(schedule)
    return last is not None and zones.localize(last, schedule.zone) < now - KEPT


def _subscribed(
    session: Session, member: Member, row: SubscriptionRow, addresses: Addresses, now: datetime
) -> Sequence[tuple[Series, Reader]]:
    found = agenda.of_group(session, row.group_id)
    links = {one.key: addresses.join(naming.key(member), one.meeting_id) for one in found}
    reader = Reader(member.cover_label, Preference(row.preference), member.phone_shared, links)
    return [(_spoken(recent(one, now), member), reader) for one in found]


def _spoken(series: Series, member: Member) -> Series:
    # The lint reads English besides the entry's own language: a group that wrote Spanish must be read in Spanish.
    return replace(series, language=member.language) if series.language == DEFAULT else series


def _fragment(series: Series, reader: Reader | None) -> Fragment:
    return _public(series) if reader is None else calendar.fragment(series, reader)


@lru_cache(maxsize=2048)
def _public(series: Series) -> Fragment:
    return calendar.fragment(series)
