"""Claimed deliveries with all that is true about them now: read at once for a whole batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select, tuple_
from sqlmodel import col

from meetup import agenda, organization, reminders
from meetup.feeds.addresses import Addresses
from meetup.people import consent, contacts
from meetup.schedule.series import Occurrence, Series
from meetup.storage.database import Session
from meetup.storage.tables import (
    AnswerRow,
    ConsentRow,
    ContactPoint,
    DeliveryRow,
    Group,
    Member,
    Organization,
    SubscriptionRow,
)
from meetup.values import Action, Channel, Kind, Lead, Preference
from notifications import notices
from notifications.outbox import HANDED_OVER
from notifications.rules import timing
from notifications.rules.quiet_hours import Hours
from notifications.rules.verdict import PENDING, Case, Person
from notifications.words.compose import Facts, Links, Recipient, Voice


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery, ready to be judged and worded."""

    row: DeliveryRow
    case: Case
    facts: Facts
    address: str
    contact_id: int
    consent_id: int
    member_version: int
    meeting_version: int | None
    list_id: str = ""
    stop_url: str = ""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What many deliveries have in common, read once."""

    organization: Organization
    series: dict[int, Series]
    members: dict[int, Member]
    groups: dict[int, Group]
    contacts: dict[tuple[int, str], ContactPoint]
    subscriptions: dict[tuple[int, int], SubscriptionRow]
    declined: set[tuple[int, int, datetime]]
    leads: dict[int, list[reminders.Rule]]


def load(session: Session, rows: Sequence[DeliveryRow], addresses: Addresses, now: datetime) -> list[Claimed]:
    """Read everything that decides about some deliveries."""
    if not rows:
        return []
    batch = _batch(session, rows)
    return [_claimed(session, row, batch, addresses, now) for row in rows]


def _batch(session: Session, rows: Sequence[DeliveryRow]) -> _Batch:
    member_ids = {row.member_id for row in rows}
    group_ids = {row.group_id for row in rows if row.group_id is not None}
    members = session.execute(select(Member).where(col(Member.id).in_(member_ids))).scalars()
    groups = session.execute(select(Group).where(col(Group.id).in_(group_ids))).scalars()
    points = session.execute(
        select(ContactPoint).where(col(ContactPoint.member_id).in_(member_ids), col(ContactPoint.state) != "replaced")
    ).scalars()
    subscribed = session.execute(
        select(SubscriptionRow).where(col(SubscriptionRow.member_id).in_(member_ids))
    ).scalars()
    return _Batch(
        organization=organization.the(session),
        series={one.meeting_id: one for one in agenda.all_series(session, {row.meeting_id or 0 for row in rows})},
        members={row.id: row for row in members if row.id},
        groups={row.id: row for row in groups if row.id},
        contacts={(row.member_id, row.channel): row for row in points},
        subscriptions={(row.member_id, row.group_id): row for row in subscribed},
        declined=_declined(session, member_ids),
        leads={group_id: reminders.rules(session, group_id) for group_id in group_ids},
    )


def _declined(session: Session, member_ids: set[int]) -> set[tuple[int, int, datetime]]:
    query = select(AnswerRow).where(col(AnswerRow.member_id).in_(member_ids), col(AnswerRow.answer) == "not_coming")
    return {(row.member_id, row.meeting_id, row.slot) for row in session.execute(query).scalars()}


def _claimed(session: Session, row: DeliveryRow, batch: _Batch, addresses: Addresses, now: datetime) -> Claimed:
    member = batch.members[row.member_id]
    contact = batch.contacts.get((row.member_id, row.channel)) or session.get_one(ContactPoint, row.contact_id)
    series = batch.series.get(row.meeting_id or 0)
    occurrence = agenda.on_slot(series, row.slot) if series else None
    entry = _entry(session, row, contact)
    person = _person(row, member, contact, batch, occurrence, entry)
    group = batch.groups.get(row.group_id or 0)
    stop_url = addresses.stop(contact.id or 0, row.group_id) if row.group_id else ""
    return Claimed(
        row=row,
        case=Case(
            kind=Kind(row.kind),
            channel=Channel(row.channel),
            expires_at=row.expires_at,
            revision=row.revision,
            person=person,
            occurrence=occurrence,
            now_kind=notices.kind_of(occurrence) if occurrence else None,
            due=_due(row, occurrence, person, batch),
            told_that_day=_told_that_day(session, row),
        ),
        facts=_facts(row, member, occurrence, series, batch, addresses, now),
        address=contacts.address(session, contact),
        contact_id=contact.id or 0,
        consent_id=entry.id or 0 if entry else row.consent_id,
        member_version=member.version,
        meeting_version=series.version if series else None,
        list_id=group.public_id if group else "",
        stop_url=stop_url,
    )


def _entry(session: Session, row: DeliveryRow, contact: ContactPoint) -> ConsentRow | None:
    """Return the entry of the ledger that this delivery may rely on now."""
    if row.kind == Kind.OPT_IN:
        asked = session.get_one(ConsentRow, row.consent_id)
        pending = {entry.id for entry in consent.pending(session, asked.contact_id)}
        return asked if asked.id in pending else None
    return consent.allows(session, contact.id or 0, row.group_id)


def _person(  # noqa: PLR0913, PLR0917 -- everything that decides about one person
    row: DeliveryRow,
    member: Member,
    contact: ContactPoint,
    batch: _Batch,
    occurrence: Occurrence | None,
    entry: ConsentRow | None,
) -> Person:
    subscription = batch.subscriptions.get((row.member_id, row.group_id or 0))
    asked = PENDING if entry and entry.action in {Action.REQUESTED, Action.GRANTED} else "confirmed"
    return Person(
        consent=asked if entry else "consent was withdrawn",
        contact=contact.state,
        subscribed=bool(subscription and subscription.state == "active" and row.channel in subscription.channels),
        preference=Preference(subscription.preference) if subscription else Preference.EITHER,
        declined=(row.member_id, row.meeting_id or 0, row.slot) in batch.declined,
        phone_shared=member.phone_shared,
        zone=member.zone or (occurrence.zone if occurrence else batch.organization.zone),
        hours=Hours(time.fromisoformat(member.hours_start), time.fromisoformat(member.hours_end)),
    )


def _due(row: DeliveryRow, occurrence: Occurrence | None, person: Person, batch: _Batch) -> timing.Due | None:
    """Return when this reminder is due by the rules of now; None when no rule asks for it any more."""
    if occurrence is None or row.kind != Kind.REMINDER:
        return None
    leads = [rule.lead for rule in batch.leads.get(row.group_id or 0, []) if rule.channel == row.channel]
    beginning = timing.Beginning(occurrence.start, occurrence.start_local, occurrence.zone)
    dues = timing.dues(beginning, leads, Channel(row.channel), person.zone, person.hours)
    return next((due for due in dues if due.lead == Lead.parse(row.lead)), None)


def _told_that_day(session: Session, row: DeliveryRow) -> bool:
    """Tell whether a split gave this day another time after the same reminder had gone out for the old one."""
    if row.kind != Kind.REMINDER:
        return False
    day = datetime.combine(row.slot.date(), time.min), datetime.combine(row.slot.date(), time.max)
    same = (row.member_id, row.subject, row.lead, row.channel, row.kind)
    query = select(col(DeliveryRow.id)).where(
        tuple_(
            col(DeliveryRow.member_id),
            col(DeliveryRow.subject),
            col(DeliveryRow.lead),
            col(DeliveryRow.channel),
            col(DeliveryRow.kind),
        )
        == same,
        col(DeliveryRow.slot).between(*day),
        col(DeliveryRow.slot) != row.slot,
        col(DeliveryRow.state).in_([state.value for state in HANDED_OVER]),
    )
    return session.execute(query.limit(1)).first() is not None


def _facts(  # noqa: PLR0913, PLR0917 -- everything that a text may speak of
    row: DeliveryRow,
    member: Member,
    occurrence: Occurrence | None,
    series: Series | None,
    batch: _Batch,
    addresses: Addresses,
    now: datetime,
) -> Facts:
    own = batch.organization
    group = batch.groups.get(row.group_id or 0)
    subscription = batch.subscriptions.get((row.member_id, row.group_id or 0))
    after = occurrence.start if occurrence else now
    return Facts(
        kind=Kind(row.kind),
        channel=Channel(row.channel),
        occurrence=occurrence,
        following=agenda.next_happening([series], after, days=100) if series and row.kind == Kind.CANCELLED else None,
        recipient=Recipient(
            language=member.language,
            zone=member.zone,
            country=own.country,
            label=member.cover_label or (group.cover_label if group else own.cover_label),
            phone_shared=member.phone_shared,
            preference=Preference(subscription.preference) if subscription else Preference.EITHER,
        ),
        voice=Voice(own.sender_name, own.name, own.contact_mail, own.country, own.cover_label),
        links=_links(row, occurrence, addresses),
        secrets=_secrets(group, series),
    )


def _secrets(group: Group | None, series: Series | None) -> tuple[str, ...]:
    """Return what the lint must not find where others may read: names and topics."""
    if group is None:
        return ()
    topics = [topic.strip() for topic in group.topics.split(",") if topic.strip()]
    return (group.name, *([series.title] if series else []), *topics)


def _links(row: DeliveryRow, occurrence: Occurrence | None, addresses: Addresses) -> Links:
    if row.kind == Kind.OPT_IN:
        return Links(confirm_url=addresses.agree(row.consent_id))
    room = occurrence.room.url if occurrence and occurrence.room else ""
    return Links(
        join_url=(addresses.join(row.member_id, row.meeting_id or 0) or room) if room else "",
        stop_url=addresses.stop(row.contact_id, row.group_id or 0),
    )
