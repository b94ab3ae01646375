"""What the deliveries of one batch have in common, read at once: nothing here is asked for row by row."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlalchemy import select
from sqlmodel import col

from meetup import organization, reminders
from meetup.people import consent
from meetup.schedule.series import Occurrence, Series
from meetup.storage.database import Session
from meetup.storage.tables import (
    AnnouncementRow,
    AnswerRow,
    ContactPoint,
    DeliveryRow,
    Group,
    Member,
    Organization,
    SubscriptionRow,
)
from meetup.values import Channel, Kind, State
from notifications import budget, notices
from notifications.announcements import number_of
from notifications.moves import HANDED_OVER
from notifications.notices import Said
from notifications.plan import readable
from notifications.rules import timing
from notifications.rules.verdict import IN_HAND, TOLD

Day = tuple[int, int, str, str, date]  # whose, about which meeting, lead, channel and day


@dataclass(frozen=True, slots=True)
class Yes:
    """The entry of the ledger by which a group may write to somebody, and when it was made."""

    consent_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that decides about some deliveries, by its key."""

    organization: Organization
    members: dict[int, Member]
    series: dict[int, Series]
    groups: dict[int, Group]
    contacts: dict[tuple[int, str], ContactPoint]  # of a member, by channel
    subscriptions: dict[tuple[int, int], SubscriptionRow]  # of a member to a group
    declined: set[tuple[int, int, datetime]]  # by a member: meeting and slot
    rules: dict[int, list[reminders.Rule]]  # of a group
    allowed: dict[tuple[int, int], Yes]  # by contact and group
    said: dict[notices.Ear, list[Said]]
    reminded: dict[Day, set[datetime]]
    announced: dict[int, AnnouncementRow]
    instead: set[budget.Same]  # mails that stand in for texts
    telling: dict[int, State]  # how those stand whose texts tell another delivery as well, by that one
    dates: dict[tuple[int, datetime], Occurrence | None] = field(default_factory=dict)  # by meeting and slot
    dues: dict[Hashable, list[timing.Due]] = field(default_factory=dict)  # of what many have in common
    following: dict[tuple[int, datetime], Occurrence | None] = field(default_factory=dict)


def read(session: Session, rows: Sequence[DeliveryRow]) -> Batch:
    """Read what decides about some deliveries."""
    member_ids = {row.member_id for row in rows}
    group_ids = {row.group_id for row in rows if row.group_id is not None}
    meeting_ids = {row.meeting_id for row in rows if row.meeting_id is not None}
    # Versions are read before what they vouch for: a change in between makes the mark fail, not the check pass.
    members = _members(session, member_ids)
    series = readable(session, meeting_ids)
    contacts = _contacts(session, member_ids, {row.channel for row in rows})
    return Batch(
        organization=organization.the(session),
        members=members,
        series={one.meeting_id: one for one in series},
        groups=_groups(session, group_ids),
        contacts=contacts,
        subscriptions=_subscriptions(session, member_ids),
        declined=_declined(session, member_ids),
        rules={group_id: reminders.rules(session, group_id) for group_id in group_ids},
        allowed=_allowed(session, group_ids, {row.id or 0 for row in contacts.values()}),
        said=notices.said(session, member_ids, meeting_ids),
        reminded=_reminded(session, rows),
        announced=_announced(session, rows),
        instead=_instead(session, rows),
        telling=_telling(session, rows),
    )


def day_of(row: DeliveryRow) -> Day:
    """Return what a reminder has in common with one of another time of the same day."""
    return row.member_id, row.meeting_id or 0, row.lead, row.channel, row.slot.date()


def _members(session: Session, member_ids: set[int]) -> dict[int, Member]:
    rows = session.execute(select(Member).where(col(Member.id).in_(member_ids))).scalars()
    return {row.id: row for row in rows if row.id}


def _groups(session: Session, group_ids: set[int]) -> dict[int, Group]:
    rows = session.execute(select(Group).where(col(Group.id).in_(group_ids))).scalars()
    return {row.id: row for row in rows if row.id}


def _contacts(session: Session, member_ids: set[int], channels: set[str]) -> dict[tuple[int, str], ContactPoint]:
    theirs = col(ContactPoint.member_id).in_(member_ids), col(ContactPoint.channel).in_(channels)
    query = select(ContactPoint).where(*theirs, col(ContactPoint.state) != "replaced")
    return {(row.member_id, row.channel): row for row in session.execute(query).scalars()}


def _subscriptions(session: Session, member_ids: set[int]) -> dict[tuple[int, int], SubscriptionRow]:
    query = select(SubscriptionRow).where(col(SubscriptionRow.member_id).in_(member_ids))
    return {(row.member_id, row.group_id): row for row in session.execute(query).scalars()}


def _declined(session: Session, member_ids: set[int]) -> set[tuple[int, int, datetime]]:
    query = select(AnswerRow).where(col(AnswerRow.member_id).in_(member_ids), col(AnswerRow.answer) == "not_coming")
    return {(row.member_id, row.meeting_id, row.slot) for row in session.execute(query).scalars()}


def _allowed(session: Session, group_ids: set[int], contact_ids: set[int]) -> dict[tuple[int, int], Yes]:
    found: dict[tuple[int, int], Yes] = {}
    for group_id in group_ids:
        standing = consent.standing(group_id).subquery()
        query = select(standing).where(standing.c.contact_id.in_(contact_ids))
        found |= {(contact_id, group_id): Yes(consent_id, at) for contact_id, consent_id, at in session.execute(query)}
    return found


def _announced(session: Session, rows: Sequence[DeliveryRow]) -> dict[int, AnnouncementRow]:
    numbers = {number for row in rows if (number := number_of(row.subject)) is not None}
    if not numbers:
        return {}
    query = select(AnnouncementRow).where(col(AnnouncementRow.id).in_(numbers))
    return {row.id: row for row in session.execute(query).scalars() if row.id}


def _instead(session: Session, rows: Sequence[DeliveryRow]) -> set[budget.Same]:
    """Return what some mails have in common with texts that were held back for the budget."""
    mails = {row.member_id for row in rows if row.channel == Channel.EMAIL and row.kind == Kind.REMINDER}
    return budget.held_back(session, mails) if mails else set()


def _telling(session: Session, rows: Sequence[DeliveryRow]) -> dict[int, State]:
    """Return how those deliveries stand whose texts tell these reminders as well; of several the one that told most."""
    told = [row.id for row in rows if row.kind == Kind.REMINDER and row.channel == Channel.SMS]
    if not told:
        return {}
    query = select(col(DeliveryRow.also_id), col(DeliveryRow.state)).where(col(DeliveryRow.also_id).in_(told))
    found = [(also, State(state)) for also, state in session.execute(query)]
    return dict(sorted(found, key=lambda pair: (pair[1] in TOLD, pair[1] in IN_HAND)))


def _reminded(session: Session, rows: Sequence[DeliveryRow]) -> dict[Day, set[datetime]]:
    """Return the slots of which these members were reminded on the days that their deliveries are about."""
    slots = [row.slot for row in rows if row.kind == Kind.REMINDER]
    found: dict[Day, set[datetime]] = defaultdict(set)
    if not slots:
        return found
    days = datetime.combine(min(slots).date(), time.min), datetime.combine(max(slots).date(), time.max)
    query = select(DeliveryRow).where(
        col(DeliveryRow.member_id).in_({row.member_id for row in rows}),
        col(DeliveryRow.kind) == Kind.REMINDER.value,
        col(DeliveryRow.slot).between(*days),
        col(DeliveryRow.state).in_([state.value for state in HANDED_OVER]),
    )
    for row in session.execute(query).scalars():
        found[day_of(row)].add(row.slot)
    return found
