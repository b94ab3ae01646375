"""Claimed deliveries with all that is true about them now."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from meetup import agenda, announcements
from meetup.feeds.addresses import Addresses
from meetup.people import consent, contacts, subscriptions
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow
from meetup.values import Channel, Kind, Lead, Preference, State
from notifications import batch, budget, facts, notices, still_fine, subjects
from notifications.batch import Batch, Yes
from notifications.notices import Said
from notifications.plan import UNREADABLE
from notifications.rules import timing
from notifications.rules.quiet_hours import Hours
from notifications.rules.verdict import (
    CHANGES,
    NO_RULE,
    PENDING,
    QUESTIONS,
    UNWANTED,
    Case,
    Person,
)
from notifications.subjects import Subject
from notifications.words.compose import Facts

logger = logging.getLogger(__name__)

ARRIVED = frozenset({State.SENT, State.DELIVERED})
MINUTE = timedelta(minutes=1)
WAITING = frozenset({State.PLANNED, State.CLAIMED})


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery, ready to be judged and worded. About a date that is gone there is nothing to say."""

    row: DeliveryRow
    case: Case
    facts: Facts | None
    address: str
    contact_id: int
    consent_id: int
    free_at: datetime  # when it could leave first: when it was due, and not before the yes that it rests on
    member_version: int
    meeting_version: int | None
    list_id: str = ""
    stop_url: str = ""
    told_hash: str = ""  # of the words in which this person heard of a change of the date last


def load(session: Session, rows: Sequence[DeliveryRow], addresses: Addresses, now: datetime) -> list[Claimed]:
    """Read everything that decides about some deliveries; those that cannot be read are logged and left out."""
    if not rows:
        return []
    common = batch.read(session, rows)
    return [one for row in rows for one in _readable(session, row, common, addresses, now)]


def _readable(session: Session, row: DeliveryRow, common: Batch, addresses: Addresses, now: datetime) -> list[Claimed]:
    try:
        return [_claimed(session, row, common, addresses, now)]
    except UNREADABLE as error:
        # The words of the error could name what could not be read.
        logger.error("delivery_unreadable id=%s error=%s", row.id, type(error).__name__)  # noqa: TRY400 -- no words
        return []


def _claimed(session: Session, row: DeliveryRow, common: Batch, addresses: Addresses, now: datetime) -> Claimed:
    one = subjects.read(session, row, common)
    yes = _yes(one, common)
    consent_id = _consent(session, one, common, now)
    return Claimed(
        row=row,
        case=_case(one, _person(one, common, consent_id), common, now),
        facts=facts.read(one, common, addresses, now),
        address=contacts.address(session, one.contact),
        contact_id=one.contact.id or 0,
        consent_id=consent_id or row.consent_id,
        free_at=max(row.due_at, yes.at) if yes else row.due_at,
        member_version=one.member.version,
        meeting_version=one.series.version if one.series else None,
        list_id=one.group.public_id if one.group else "",
        stop_url=facts.stop_url(one, addresses) if row.group_id is not None and row.channel == Channel.EMAIL else "",
        told_hash=_told_hash(one),
    )


def _consent(session: Session, one: Subject, common: Batch, now: datetime) -> int | None:
    """Return the entry of the ledger that this delivery may rely on now."""
    if one.row.kind == Kind.OPT_IN:
        pending = {entry.id for entry in consent.pending(session, one.contact.id or 0, now)}
        return one.row.consent_id if one.row.consent_id in pending else None
    if one.row.kind == Kind.KEY or one.row.kind in QUESTIONS:
        standing = consent.standing_of(session, one.row.contact_id)
        return standing.id if standing and one.contact.id == one.row.contact_id else None
    yes = _yes(one, common)
    return yes.consent_id if yes else None


def _yes(one: Subject, common: Batch) -> Yes | None:
    return common.allowed.get((one.contact.id or 0, one.row.group_id or 0))


def _person(one: Subject, common: Batch, consent_id: int | None) -> Person:
    row, member = one.row, one.member
    subscription = common.subscriptions.get((row.member_id, row.group_id or 0))
    agreed = PENDING if row.kind == Kind.OPT_IN else "confirmed"
    return Person(
        consent=agreed if consent_id else "consent was withdrawn",
        contact=one.contact.state,
        subscribed=bool(subscription and subscription.state == "active" and row.channel in subscription.channels),
        preference=Preference(subscription.preference) if subscription else Preference.EITHER,
        declined=(row.member_id, row.meeting_id or 0, row.slot) in common.declined,
        phone_shared=member.phone_shared,
        quiet_until=member.quiet_until,
        zone=member.zone or (one.occurrence.zone if one.occurrence else common.organization.zone),
        hours=Hours(time.fromisoformat(member.hours_start), time.fromisoformat(member.hours_end)),
        hours_chosen=member.hours_chosen,
    )


def _case(one: Subject, person: Person, common: Batch, now: datetime) -> Case:
    due, undue = _due(one, person, common)
    return Case(
        kind=Kind(one.row.kind),
        channel=Channel(one.row.channel),
        expires_at=one.row.expires_at,
        revision=one.row.revision,
        person=person,
        occurrence=one.occurrence,
        now_kind=_now_kind(one, common),
        due=due,
        undue=undue,
        told_that_day=_told_that_day(one, common),
        beside=common.telling.get(one.row.id or 0),
        waits_until=_waits_until(one, now),
        notice_at=max((said.at for said in one.said if _says_when(said) and said.at), default=None),
    )


def _now_kind(one: Subject, common: Batch) -> Kind | None:
    """Return what there is to tell by now about the date or the announcement, or to ask; None: nothing."""
    if one.row.kind == Kind.ANNOUNCEMENT:
        return Kind.ANNOUNCEMENT if announcements.stands(one.announced) else None
    if one.row.kind in QUESTIONS:
        theirs = [row for (member, _), row in common.subscriptions.items() if member == one.member.id]
        used = {channel for row in theirs if row.state == "active" for channel in row.channels.split(",")}
        return still_fine.question(one.contact, one.member, used)
    return notices.kind_of(one.occurrence) if one.occurrence else None


def _due(one: Subject, person: Person, common: Batch) -> tuple[timing.Due | None, str]:
    """Return when this reminder is due by the rules of now, or why it is not."""
    row, occurrence = one.row, one.occurrence
    if occurrence is None or row.kind != Kind.REMINDER:
        return None, NO_RULE
    lead = Lead.parse(row.lead)
    leads = _leads(row, common)
    if lead not in leads:
        return None, NO_RULE
    subscription = common.subscriptions.get((row.member_id, row.group_id or 0))
    leads = [one for one in leads if subscription is None or subscriptions.wants(subscription, one)]
    if lead not in leads:
        return None, UNWANTED
    dues = _dues(occurrence, tuple(leads), Channel(row.channel), person, common)
    return next((due for due in dues if due.lead == lead), None), "another reminder comes at the same moment"


def _dues(
    date: Occurrence, leads: tuple[Lead, ...], channel: Channel, person: Person, common: Batch
) -> list[timing.Due]:
    """Return when a date's reminders are due, worked out once for all who live alike."""
    key = date.series.meeting_id, date.slot, leads, channel, person.zone, person.hours
    if key not in common.dues:
        beginning = timing.Beginning(date.start, date.start_local, date.zone)
        common.dues[key] = timing.dues(beginning, leads, channel, person.zone, person.hours)
    return common.dues[key]


def _leads(row: DeliveryRow, common: Batch) -> list[Lead]:
    """Return when a group reminds by the channel of a delivery; of a mail instead of a text, as its texts would."""
    channel = Channel.SMS if budget.same(row) in common.instead else row.channel
    return [rule.lead for rule in common.rules.get(row.group_id or 0, []) if rule.channel == channel]


def _told_that_day(one: Subject, common: Batch) -> bool:
    """Tell whether a split gave this day another time after the same reminder had gone out for the old one."""
    series, slot = one.series, one.row.slot
    if one.row.kind != Kind.REMINDER or series is None:
        return False
    others = common.reminded.get(batch.day_of(one.row), set()) - {slot}
    return any(agenda.on_slot(series, other) is None for other in others)


def _waits_until(one: Subject, now: datetime) -> datetime | None:
    """Return until when a reminder waits because a change of its date is about to be told."""
    date = one.occurrence
    if date is None or date.revised_at is None or notices.kind_of(date) is None:
        return None
    soon = now + timing.DEBOUNCE
    if any(said.state in WAITING and said.revision == date.revision and said.due_at <= soon for said in one.said):
        return now + MINUTE
    return timing.notice_due(date.revised_at, date.start)


def _says_when(said: Said) -> bool:
    return said.state in ARRIVED and said.kind is not Kind.CANCELLED


def _told_hash(one: Subject) -> str:
    if one.row.kind not in CHANGES:
        return ""
    return next((said.body_hash for said in reversed(one.said) if said.state in ARRIVED), "")
