"""Facts without deliveries → deliveries: what changed on a date, and who still has to be asked for consent."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from meetup import agenda
from meetup.schedule import zones
from meetup.schedule.series import ChangeStatus, Occurrence, Series
from meetup.storage.database import Session
from meetup.storage.tables import (
    AttemptRow,
    ConsentRow,
    ContactPoint,
    DeliveryRow,
    Meeting,
    Member,
    ReminderRule,
    SubscriptionRow,
)
from meetup.values import NO_DATE, Action, Channel, Kind, State, Window
from notifications import intake, plan
from notifications.intake import Intent
from notifications.moves import HANDED_OVER
from notifications.rules import timing

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
NEAR = timedelta(days=7)  # a closure is told a week ahead, and so is a change to those who joined after it
KEPT = timedelta(days=7)  # how long a request for consent waits to be asked
CHANGES = (Kind.CANCELLED, Kind.MOVED, Kind.HALF_CANCELLED, Kind.CHANGED)


@dataclass(frozen=True, slots=True)
class Notice:
    """One date whose members are to be told something; `told` asks for those who were told otherwise before."""

    kind: Kind
    occurrence: Occurrence
    revision: int
    revised_at: datetime
    told: bool = False
    named: bool = True  # by a change of its own; a closure names no date


@dataclass(frozen=True, slots=True)
class Said:
    """What one member was told of a date's change on one channel, or is about to be."""

    kind: Kind
    state: State
    revision: int
    due_at: datetime
    at: datetime | None
    body_hash: str = ""


Ear = tuple[int, int, datetime, str]  # whose, about which meeting and slot, by which channel


def kind_of(occurrence: Occurrence) -> Kind | None:
    """Return what there is to tell about a date, or None when it happens as usual."""
    if not occurrence.happening:
        return Kind.CANCELLED
    if occurrence.moved:
        return Kind.MOVED
    if occurrence.half_cancelled:
        return Kind.HALF_CANCELLED
    if occurrence.revision and not occurrence.restored:
        return Kind.CHANGED
    return None


def plan_notices(
    session: Session, now: datetime, horizon: timedelta = plan.HORIZON, only: Collection[int] | None = None
) -> int:
    """Plan what has to be told of changed dates; return how many rows were added or moved."""
    channels = _channels(session)
    return sum(
        intake.enqueue(session, intent, _audience(notice, intent, now), now)
        for notice in changed_dates(session, now, horizon, only)
        for intent in _intents(notice, channels.get(notice.occurrence.series.group_id, ()))
    )


def changed_dates(
    session: Session, now: datetime, horizon: timedelta = plan.HORIZON, only: Collection[int] | None = None
) -> Iterator[Notice]:
    """Yield the dates to come that are not as usual, and those that were taken back after somebody was told.

    Of every meeting with members, or of some of them only.
    """
    ids = _with_members(session)
    series = plan.readable(session, ids if only is None else set(only).intersection(ids))
    told = _told_slots(session, [one.meeting_id for one in series], now)
    for one in series:
        try:
            yield from _of_series(one, told.get(one.meeting_id, {}), Window(now, now + NEAR + horizon))
        except plan.UNREADABLE as error:
            logger.error("changes_unreadable meeting=%s error=%s", one.meeting_id, type(error).__name__)  # noqa: TRY400 -- keys only


def _of_series(series: Series, told: Mapping[datetime, int], window: Window) -> list[Notice]:
    dates = {one.slot: one for one in _touched(series, window)}
    named = {change.slot for change in series.changes if change.status is not ChangeStatus.RESTORED}
    found = [
        Notice(kind, one, one.revision, one.revised_at, named=one.slot in named)
        for one in dates.values()
        # Without a number it came with its series, from another program's calendar: nobody was told otherwise.
        if (kind := kind_of(one)) is not None and one.revised_at is not None and one.revision
    ]
    again = ((dates.get(slot) or agenda.on_slot(series, slot), revision) for slot, revision in told.items())
    return found + [
        # A closure that was lifted leaves no mark on the date, but every change leaves one on its schedule.
        Notice(Kind.REOPENED, one, revision, one.schedule.changed_at or window.start, told=True)
        for one, revision in again
        if one is not None and one.start > window.start and kind_of(one) is None
    ]


def _touched(series: Series, window: Window) -> Iterator[Occurrence]:
    """Yield the dates to come that a change names, and the near ones that a closure covers."""
    lately = window.start.replace(tzinfo=None) - 2 * DAY  # whatever the zone
    changes = (change for change in series.changes if max(change.slot, change.start or change.slot) > lately)
    named = (agenda.on_slot(series, change.slot) for change in changes)
    # A date that was moved to an earlier time is worth telling until its old one.
    yield from (one for one in named if one is not None and max(one.start, _usual_start(one)) > window.start)
    if series.closures:
        yield from (one for one in agenda.expand(series, window) if one.revision)


def _usual_start(occurrence: Occurrence) -> datetime:
    return zones.localize(occurrence.slot, occurrence.zone)


def _with_members(session: Session) -> list[int]:
    query = (
        select(col(Meeting.id))
        .join(SubscriptionRow, col(SubscriptionRow.group_id) == col(Meeting.group_id))
        .where(col(SubscriptionRow.state) == "active")
        .distinct()
    )
    return [found for found in session.execute(query).scalars() if found is not None]


def _told_slots(session: Session, meeting_ids: Iterable[int], now: datetime) -> dict[int, dict[datetime, int]]:
    """Return the slots to come of which somebody was told a change, with the newest number told."""
    query = (
        select(col(DeliveryRow.meeting_id), col(DeliveryRow.slot), func.max(col(DeliveryRow.revision)))
        .where(
            col(DeliveryRow.subject).in_([f"meeting:{one}" for one in meeting_ids]),
            col(DeliveryRow.slot) > now.replace(tzinfo=None) - 2 * DAY,  # whatever the zone
            col(DeliveryRow.kind).in_([kind.value for kind in CHANGES]),
            col(DeliveryRow.state).in_([state.value for state in HANDED_OVER]),
        )
        .group_by(col(DeliveryRow.meeting_id), col(DeliveryRow.slot))
    )
    found: dict[int, dict[datetime, int]] = {}
    for meeting_id, slot, revision in session.execute(query):
        found.setdefault(meeting_id, {})[slot] = revision
    return found


def said(session: Session, member_ids: Collection[int], meeting_ids: Collection[int]) -> dict[Ear, list[Said]]:
    """Return what these members were told of changes of these meetings, oldest first."""
    row, attempt = DeliveryRow, AttemptRow
    last = and_(col(attempt.delivery_id) == col(row.id), col(attempt.number) == col(row.attempts))
    query = (
        select(row, col(attempt.body_hash))
        .join(attempt, last, isouter=True)
        .where(
            col(row.member_id).in_(member_ids),
            # Not by its index: a planner without statistics would read all that a meeting ever sent.
            (col(row.meeting_id) + 0).in_(meeting_ids),
            col(row.kind).in_([kind.value for kind in (*CHANGES, Kind.REOPENED)]),
        )
        .order_by(col(row.id))
    )
    found: dict[Ear, list[Said]] = defaultdict(list)
    for one, body_hash in session.execute(query):
        told = Said(Kind(one.kind), State(one.state), one.revision, one.due_at, one.settled_at, body_hash or "")
        found[one.member_id, one.meeting_id or 0, one.slot, one.channel].append(told)
    return found


def _channels(session: Session) -> dict[int, list[str]]:
    """Return the channels that each group's members are reminded by."""
    query = select(col(ReminderRule.group_id), col(ReminderRule.channel)).distinct().order_by(col(ReminderRule.channel))
    found: dict[int, list[str]] = defaultdict(list)
    for group_id, channel in session.execute(query):
        found[group_id].append(channel)
    return found


def _intents(notice: Notice, channels: Iterable[str]) -> Iterator[Intent]:
    """Yield one intent a channel that the group's members are reminded by."""
    series = notice.occurrence.series
    usual_start = _usual_start(notice.occurrence)
    due_at = timing.notice_due(notice.revised_at, min(usual_start, notice.occurrence.start))
    for channel in channels:
        yield Intent(
            subject=f"meeting:{series.meeting_id}",
            slot=notice.occurrence.slot,
            lead="",
            channel=Channel(channel),
            kind=notice.kind,
            revision=notice.revision,
            due_at=due_at if notice.named or notice.told else max(due_at, notice.occurrence.start - NEAR),
            expires_at=max(usual_start, notice.occurrence.start),
            group_id=series.group_id,
            meeting_id=series.meeting_id,
        )


def _audience(notice: Notice, intent: Intent, now: datetime) -> Select[int, int, int, str]:
    everybody = plan.recipients(intent)
    if notice.told:
        told = exists().where(
            col(DeliveryRow.member_id) == col(Member.id),
            col(DeliveryRow.subject) == intent.subject,
            col(DeliveryRow.slot) == intent.slot,
            col(DeliveryRow.channel) == intent.channel.value,
            col(DeliveryRow.kind).in_([kind.value for kind in CHANGES]),
            col(DeliveryRow.state).in_([state.value for state in HANDED_OVER]),
        )
        return everybody.where(told)
    if not notice.named or notice.occurrence.start - now <= NEAR:
        return everybody
    return everybody.where(col(SubscriptionRow.since) <= notice.revised_at)


def plan_requests(session: Session, now: datetime) -> int:
    """Plan the one question that everybody gets who was signed up but has not agreed yet."""
    return sum(_ask(session, consent_id, now) for consent_id in _unasked(session, now))


def _unasked(session: Session, now: datetime) -> list[int]:
    """Return the newest pending request of each contact point that was not asked yet: one YES confirms them all."""
    newer = aliased(ConsentRow)
    same_group = or_(col(newer.group_id) == col(ConsentRow.group_id), col(newer.group_id).is_(None))
    settled = exists().where(
        col(newer.contact_id) == col(ConsentRow.contact_id), col(newer.id) > col(ConsentRow.id), same_group
    )
    asked = exists().where(
        col(DeliveryRow.contact_id) == col(ConsentRow.contact_id),
        col(DeliveryRow.kind) == Kind.OPT_IN.value,
        or_(
            col(DeliveryRow.consent_id) >= col(ConsentRow.id),
            and_(col(DeliveryRow.state) == State.PLANNED.value, col(DeliveryRow.created_at) > now - KEPT),
        ),
    )
    pending = col(ConsentRow.action).in_([Action.REQUESTED.value, Action.GRANTED.value])
    query = (
        select(func.max(col(ConsentRow.id)))
        .join(ContactPoint, col(ContactPoint.id) == col(ConsentRow.contact_id))
        .where(pending, col(ConsentRow.at) > now - KEPT, ~settled, ~asked)
        .where(col(ContactPoint.state).not_in(["stopped", "bounced", "replaced"]))
        .group_by(col(ConsentRow.contact_id))
    )
    return list(session.execute(query).scalars())


def _ask(session: Session, consent_id: int, now: datetime) -> int:
    entry = session.get_one(ConsentRow, consent_id)
    intent = Intent(
        subject=f"consent:{consent_id}",
        slot=NO_DATE,
        lead="",
        channel=Channel(entry.channel),
        kind=Kind.OPT_IN,
        revision=0,
        due_at=now,
        expires_at=now + KEPT,
        group_id=entry.group_id,
    )
    one = select(
        literal(entry.member_id).label("member_id"),
        literal(entry.contact_id).label("contact_id"),
        literal(consent_id).label("consent_id"),
        literal(entry.action).label("consent_action"),
    )
    return intake.enqueue(session, intent, one, now)
