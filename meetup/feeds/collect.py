"""Rows → which series a feed shows, to whom, and how; asked by one query, so that whoever asks again pays little."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Row, func
from sqlmodel import col, select

from meetup import agenda
from meetup.feeds import calendar, words
from meetup.feeds.addresses import Addresses
from meetup.feeds.calendar import Look
from meetup.feeds.editions import Edition, Owner
from meetup.feeds.entries import YEARS_AHEAD
from meetup.feeds.views import Reader, sayable
from meetup.schedule import recurrence, zones
from meetup.schedule.series import Schedule, Series
from meetup.storage.database import Session
from meetup.storage.tables import FeedLink, Group, Meeting, Member, Organization, SubscriptionRow
from meetup.storage.vault import hash_token
from meetup.values import Preference
from meetup.wording.discreet import leaks_to_all
from meetup.wording.languages import DEFAULT

KEPT = timedelta(days=90)  # how long an ended schedule stays
NOTHING = calendar.empty(Look(uid="calendar"))

Stamp = tuple[int, int, int, date]


@dataclass(frozen=True, slots=True)
class Part:
    """One series of a feed: which version of it, for whom, and in which language the lint has to read it."""

    meeting_id: int
    version: int
    reader: Reader | None = None
    language: str = DEFAULT


@dataclass(frozen=True, slots=True)
class Outline:
    """What the bytes of a feed depend on, and nothing else: equal outlines are equal feeds."""

    owner: Owner
    day: date  # ended schedules leave with time
    look: Look
    parts: tuple[Part, ...] = ()
    edition: Edition = field(default=Edition(), compare=False)  # when its bytes last changed, as far as anybody knows

    def ringing(self, ahead: timedelta) -> "Outline":
        """Return the same feed with an alarm before every date."""
        parts = (replace(part, reader=replace(part.reader, alarm=ahead)) for part in self.parts if part.reader)
        return replace(self, parts=tuple(parts))


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar is made of; its bytes depend on nothing else."""

    look: Look
    parts: tuple[tuple[Series, Reader | None], ...]


def stamp(session: Session, now: datetime) -> Stamp:
    """Return what every feed is cached by: it differs whenever anything that a feed shows may have changed."""
    alive = select(func.count()).select_from(FeedLink).where(col(FeedLink.revoked_at).is_(None)).scalar_subquery()
    newest = select(func.coalesce(func.max(FeedLink.id), 0)).scalar_subquery()
    revision, links, last = session.execute(select(Organization.revision, alive, newest)).one()
    return int(revision), int(links), int(last), _day(now)


def open_group(session: Session, slug: str) -> Group | None:
    """Return the group of a public feed; closed groups have none."""
    if not _is_slug(slug):
        return None
    return session.exec(select(Group).where(Group.slug == slug, Group.audience == "open")).first()


def public(session: Session, slug: str, addresses: Addresses, now: datetime) -> Outline | None:
    """Return the feed of an open group; closed groups have none."""
    return _of_group(session, col(Group.slug) == slug, addresses, now) if _is_slug(slug) else None


def private(session: Session, token: str, addresses: Addresses, now: datetime) -> Outline | None:
    """Return the feed that a token opens; None when it is unknown, revoked or of somebody erased, all alike."""
    return _of_member(session, Asked(_by_link(), {"token_hash": hash_token(token)}), addresses, now)


def _is_slug(text: str) -> bool:
    """Tell whether a text from an address may be asked for: a NUL is refused by PostgreSQL, and names no group."""
    return "\0" not in text


def of_group(session: Session, group: Group, addresses: Addresses, now: datetime) -> Feed:
    """Return what everybody may see of a group."""
    return _resolved(session, _of_group(session, col(Group.id) == group.id, addresses, now))


def of_member(session: Session, member: Member, addresses: Addresses, now: datetime) -> Feed:
    """Return a member's own calendar: every group that she belongs to, in the words that she chose."""
    return _resolved(session, hers(session, member.id or 0, addresses, now))


def hers(session: Session, member_id: int, addresses: Addresses, now: datetime) -> Outline:
    """Return what is in the calendar of a member who is there: which meetings, in which versions, as she reads them."""
    found = _of_member(session, Asked(_by_number(), {"member_id": member_id}), addresses, now)
    if found is None:
        raise LookupError("that member is gone")
    return found


def write(feed: Feed) -> bytes:
    """Write a calendar."""
    return calendar.assemble(feed.look, [calendar.fragment(series, reader) for series, reader in feed.parts])


def dressed(outline: Outline, found: Mapping[int, Series]) -> Feed:
    """Return a feed with its series, each as this feed shows it."""
    there = [(found[part.meeting_id], part) for part in outline.parts if part.meeting_id in found]
    midnight = datetime.combine(outline.day, time.min, UTC)
    if outline.owner[0] is Member:
        parts = ((recent(_spoken(one, part), midnight), part.reader) for one, part in there)
        return Feed(_harmless(outline, [one for one, _ in there]), tuple(parts))
    # Read beside all of the group's rooms at once: the entries of one meeting may not tell the code of another.
    said = "\n".join(sayable(outline.look.description, [one for one, _ in there]))
    look = replace(outline.look, description=said)
    return Feed(look, tuple((recent(_saying(one, said), midnight), None) for one, _ in there))


def _harmless(outline: Outline, told: Sequence[Series]) -> Look:
    """Return how a member's calendar is called: her own word, or one that says nothing of any group of hers."""
    readers = [part.reader for part in outline.parts if part.reader]
    if any(reader.label or (reader.plain_words and not reader.phone_shared) for reader in readers):
        return outline.look
    secrets = tuple(dict.fromkeys(secret for one in told for secret in (one.title, *one.secrets)))
    if not leaks_to_all(outline.look.name, secrets):
        return outline.look
    language = outline.parts[0].language if outline.parts else DEFAULT
    return replace(outline.look, name=words.of(language).appointment)


def recent(series: Series, now: datetime) -> Series:
    """Drop the schedules that ended long ago, and say up to when dates that no rule can say are listed."""
    kept = tuple(schedule for schedule in series.schedules if not _long_ended(schedule, now))
    if any(recurrence.shifted(schedule) for schedule in kept):
        series = replace(series, horizon=date(now.year + YEARS_AHEAD, 12, 31))
    return series if len(kept) == len(series.schedules) else replace(series, schedules=kept)


def _spoken(series: Series, part: Part) -> Series:
    # The lint reads English besides the entry's own language: a group that wrote Spanish must be read in Spanish.
    return replace(series, language=part.language) if series.language == DEFAULT != part.language else series


def _saying(series: Series, description: str) -> Series:
    return series if series.description == description else replace(series, description=description)


def _long_ended(schedule: Schedule, now: datetime) -> bool:
    last = _last_start(schedule)
    return last is not None and last < now - KEPT


@lru_cache(maxsize=8192)
def _last_start(schedule: Schedule) -> datetime | None:
    last = recurrence.last_slot(schedule)
    return None if last is None else zones.localize(last, schedule.zone)


def _resolved(session: Session, outline: Outline | None) -> Feed:
    if outline is None:
        return Feed(Look(uid="calendar"), ())
    found = agenda.all_series(session, [part.meeting_id for part in outline.parts])
    return dressed(outline, {one.meeting_id: one for one in found})


def _of_group(session: Session, which: ColumnElement[bool], addresses: Addresses, now: datetime) -> Outline | None:
    rows = session.execute(_held().where(which)).all()
    if not rows:
        return None
    group = rows[0]
    look = Look(
        uid=group.public_id,
        name=group.name,
        description=group.description,
        url=addresses.group_feed(group.slug),
        zone=group.zone,
        changed_at=group.created_at,
    )
    parts = tuple(Part(row.meeting_id, row.version) for row in rows if row.meeting_id is not None)
    return Outline((Group, group.id), _day(now), look, parts, Edition(group.feed_tag or "", group.feed_changed_at))


def _held() -> sqlalchemy.Select[*tuple[Any, ...]]:
    """Return the query for an open group with each of its meetings; by columns, since there may be very many rows."""
    said = ("id", "public_id", "slug", "name", "description", "zone", "created_at", "feed_tag", "feed_changed_at")
    asked: sqlalchemy.Select[*tuple[Any, ...]] = sqlalchemy.select(
        *(getattr(Group, name) for name in said),
        col(Meeting.id).label("meeting_id"),
        col(Meeting.version).label("version"),
    )
    return (
        asked.select_from(Group)
        .outerjoin(Meeting, col(Meeting.group_id) == col(Group.id))
        .where(col(Group.audience) == "open")
        .order_by(col(Meeting.id))
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose calendar is asked for: a statement that is put together once, and what it is asked with."""

    statement: sqlalchemy.Select[*tuple[Any, ...]]
    given: Mapping[str, object]


@lru_cache(maxsize=1)
def _by_number() -> sqlalchemy.Select[*tuple[Any, ...]]:
    return _subscribed().where(col(Member.id) == sqlalchemy.bindparam("member_id"))


@lru_cache(maxsize=1)
def _by_link() -> sqlalchemy.Select[*tuple[Any, ...]]:
    opened = select(FeedLink.member_id).where(
        col(FeedLink.token_hash) == sqlalchemy.bindparam("token_hash"), col(FeedLink.revoked_at).is_(None)
    )
    return _subscribed().where(col(Member.id).in_(opened))


def _of_member(session: Session, asked: Asked, addresses: Addresses, now: datetime) -> Outline | None:
    rows = session.execute(asked.statement, asked.given).all()
    if not rows:
        return None
    first = rows[0]
    member: Member = first.Member
    look = Look(
        uid=member.public_id,
        name=member.cover_label or first.home_label,
        zone=member.zone or first.home_zone,
        changed_at=first.changed_at or member.created_at,
    )
    parts = tuple(_part(member, row, addresses) for row in rows if row.meeting_id is not None)
    return Outline(
        (Member, member.id or 0), _day(now), look, parts, Edition(member.feed_tag or "", member.feed_changed_at)
    )


def _subscribed() -> sqlalchemy.Select[*tuple[Any, ...]]:
    """Return the query for a member with each meeting of every group to which she belongs."""
    of_hers = col(SubscriptionRow.member_id) == col(Member.id)
    changed = sqlalchemy.select(func.max(SubscriptionRow.changed_at)).where(of_hers).correlate(Member)
    asked: sqlalchemy.Select[*tuple[Any, ...]] = sqlalchemy.select(
        Member,
        col(Organization.cover_label).label("home_label"),
        col(Organization.zone).label("home_zone"),
        changed.scalar_subquery().label("changed_at"),
        col(SubscriptionRow.preference).label("preference"),
        col(Meeting.id).label("meeting_id"),
        col(Meeting.public_id).label("key"),
        col(Meeting.version).label("version"),
    )
    return (
        asked.select_from(Member)
        .join(Organization, sqlalchemy.true())
        .outerjoin(SubscriptionRow, of_hers & (col(SubscriptionRow.state) == "active"))
        .outerjoin(Meeting, col(Meeting.group_id) == col(SubscriptionRow.group_id))
        .order_by(col(SubscriptionRow.group_id), col(Meeting.id))
    )


def _part(member: Member, row: Row[Any], addresses: Addresses) -> Part:
    links = {row.key: addresses.join(member.id or 0, row.meeting_id)}
    reader = Reader(
        member.cover_label, Preference(row.preference), member.phone_shared, member.plain_words, join_links=links
    )
    return Part(row.meeting_id, row.version, reader, member.language)


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()
