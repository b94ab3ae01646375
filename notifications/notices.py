"""Facts without deliveries → deliveries: what changed on a date, and who still has to be asked for consent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, exists, func, literal, or_, select
from sqlmodel import col

from meetup import agenda
from meetup.schedule import zones
from meetup.schedule.series import Occurrence, Series
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, ContactPoint, DeliveryRow, Meeting, Member, ReminderRule, SubscriptionRow
from meetup.values import NO_DATE, Action, Channel, Kind, Window
from notifications import intake, plan
from notifications.intake import Intent
from notifications.outbox import HANDED_OVER
from notifications.rules import timing

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


def plan_notices(session: Session, now: datetime) -> int:
    """Plan what has to be told of changed dates; return how many rows were added or moved."""
    return sum(
        intake.enqueue(session, intent, _audience(notice, intent, now), now)
        for notice in changed_dates(session, now)
        for intent in _intents(session, notice)
    )


def changed_dates(session: Session, now: datetime) -> Iterator[Notice]:
    """Yield the dates to come that are not as usual, and those that were taken back after somebody was told."""
    told = _told_slots(session, now)
    for series in agenda.all_series(session, _with_members(session)):
        dates = {one.slot: one for one in _touched(series, now)}
        for one in dates.values():
            kind = kind_of(one)
            if kind is not None and one.revised_at is not None:
                yield Notice(kind, one, one.revision, one.revised_at)
        for slot, revision in told.get(series.meeting_id, {}).items():
            one_again = dates.get(slot) or agenda.on_slot(series, slot)
            if one_again is not None and one_again.start > now and kind_of(one_again) is None:
                yield Notice(Kind.REOPENED, one_again, revision, one_again.revised_at or now, told=True)


def _touched(series: Series, now: datetime) -> Iterator[Occurrence]:
    """Yield the dates to come that a change names, and the near ones that a closure covers."""
    named = (agenda.on_slot(series, change.slot) for change in series.changes)
    yield from (one for one in named if one is not None and one.start > now)
    if series.closures:
        yield from (one for one in agenda.expand(series, Window(now, now + NEAR)) if one.revision)


def _with_members(session: Session) -> list[int]:
    query = (
        select(col(Meeting.id))
        .join(SubscriptionRow, col(SubscriptionRow.group_id) == col(Meeting.group_id))
        .where(col(SubscriptionRow.state) == "active")
        .distinct()
    )
    return [found for found in session.execute(query).scalars() if found is not None]


def _told_slots(session: Session, now: datetime) -> dict[int, dict[datetime, int]]:
    """Return the slots of which somebody was told a change, with the newest number told."""
    query = (
        select(col(DeliveryRow.meeting_id), col(DeliveryRow.slot), func.max(col(DeliveryRow.revision)))
        .where(
            col(DeliveryRow.kind).in_([kind.value for kind in CHANGES]),
            col(DeliveryRow.state).in_([state.value for state in HANDED_OVER]),
            col(DeliveryRow.expires_at) > now,
        )
        .group_by(col(DeliveryRow.meeting_id), col(DeliveryRow.slot))
    )
    found: dict[int, dict[datetime, int]] = {}
    for meeting_id, slot, revision in session.execute(query):
        found.setdefault(meeting_id, {})[slot] = revision
    return found


def _intents(session: Session, notice: Notice) -> Iterator[Intent]:
    """Yield one intent a channel that the group's members are reminded by."""
    series = notice.occurrence.series
    channels = session.execute(
        select(col(ReminderRule.channel)).where(col(ReminderRule.group_id) == series.group_id).distinct()
    ).scalars()
    usual_start = zones.localize(notice.occurrence.slot, notice.occurrence.zone)
    for channel in sorted(channels):
        yield Intent(
            subject=f"meeting:{series.meeting_id}",
            slot=notice.occurrence.slot,
            lead="",
            channel=Channel(channel),
            kind=notice.kind,
            revision=notice.revision,
            due_at=timing.notice_due(notice.revised_at, min(usual_start, notice.occurrence.start)),
            expires_at=max(usual_start, notice.occurrence.start),
            group_id=series.group_id,
            meeting_id=series.meeting_id,
        )


def _audience(notice: Notice, intent: Intent, now: datetime) -> Select[int, int, int, str]:
    everybody = plan.recipients(plan.Planned(intent, None, notice.occurrence))
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
    if notice.occurrence.start - now <= NEAR:
        return everybody
    return everybody.where(col(SubscriptionRow.since) <= notice.revised_at)


def plan_requests(session: Session, now: datetime) -> int:
    """Plan the one question that everybody gets who was signed up but has not agreed yet."""
    return sum(_ask(session, consent_id, now) for consent_id in _unasked(session, now))


def _unasked(session: Session, now: datetime) -> list[int]:
    """Return the newest pending request of each contact point that was not asked yet."""
    newer = ConsentRow.__table__.alias()  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
    settled = exists().where(newer.c.contact_id == col(ConsentRow.contact_id), newer.c.id > col(ConsentRow.id))
    asked = exists().where(
        col(DeliveryRow.contact_id) == col(ConsentRow.contact_id),
        col(DeliveryRow.kind) == Kind.OPT_IN.value,
        or_(
            col(DeliveryRow.consent_id) == col(ConsentRow.id),
            and_(col(DeliveryRow.state) == "PLANNED", col(DeliveryRow.created_at) > now - KEPT),
        ),
    )
    pending = col(ConsentRow.action).in_([Action.REQUESTED.value, Action.GRANTED.value])
    query = select(col(ConsentRow.id)).where(pending, col(ConsentRow.at) > now - KEPT, ~settled, ~asked)
    return [found for found in session.execute(query).scalars() if found is not None]


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
    ).where(exists().where(col(ContactPoint.id) == entry.contact_id, col(ContactPoint.state) != "replaced"))
    return intake.enqueue(session, intent, one, now)
