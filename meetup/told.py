"""What members were told of dates to come: nothing that somebody counts on may vanish without a word."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from meetup import agenda
from meetup.errors import Forbidden
from meetup.people import consent
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, DeliveryRow, Meeting, ReminderRule, SubscriptionRow
from meetup.values import Kind, State

OUT = (State.SUBMITTING, State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNCERTAIN, State.HELD)
IT_HAPPENS = (Kind.REMINDER, Kind.MOVED, Kind.HALF_CANCELLED, Kind.CHANGED, Kind.REOPENED)
CHANGES = (Kind.CANCELLED, Kind.MOVED, Kind.HALF_CANCELLED, Kind.CHANGED)
_WAITING = (State.PLANNED, State.CLAIMED)


def expected(session: Session, meeting: Meeting, since: datetime, now: datetime) -> list[Occurrence]:
    """Return the dates to come, from a slot on, that members were told of and still believe in."""
    said, unsaid = aliased(DeliveryRow), aliased(DeliveryRow)
    taken_back = (
        select(col(unsaid.id))
        .where(
            col(unsaid.member_id) == col(said.member_id),
            col(unsaid.meeting_id) == col(said.meeting_id),
            col(unsaid.slot) == col(said.slot),
            col(unsaid.kind) == Kind.CANCELLED.value,
            col(unsaid.id) > col(said.id),
            col(unsaid.state).not_in([state.value for state in _WAITING]),
        )
        .exists()
    )
    query = (
        select(col(said.slot))
        .where(
            col(said.meeting_id) == meeting.id,
            col(said.slot) >= since,
            col(said.kind).in_([kind.value for kind in IT_HAPPENS]),
            _is_out(said),
            # Whom no message can reach any more nobody has to wait for.
            col(said.member_id).in_(_reachable(meeting.group_id)),
            ~taken_back,
        )
        .distinct()
    )
    slots = sorted(session.execute(query).scalars())
    series = agenda.one_series(session, meeting.id or 0) if slots else None
    dates = (agenda.on_slot(series, slot) for slot in slots if series)
    return [one for one in dates if one is not None and one.start > now]


def refuse_vanishing(session: Session, meeting: Meeting, since: date, now: datetime) -> None:
    """Refuse when dates from a day on would vanish that members were told of."""
    dates = expected(session, meeting, datetime.combine(since, datetime.min.time()), now)
    if dates:
        raise refusal(meeting, dates)


def refusal(meeting: Meeting, dates: Sequence[Occurrence]) -> Forbidden:
    """Return the refusal that names the dates and says how members get to know."""
    named = " and ".join(f"{one.start_local:%A %Y-%m-%d}" for one in dates)
    if not any(one.happening for one in dates):
        return Forbidden(
            f"Members were reminded of {named}, and are just being told that it is cancelled",
            "Try again when they have been told, in about a quarter of an hour",
        )
    on = next(one.slot for one in dates if one.happening)
    return Forbidden(
        f"Members were reminded of {named} already",
        f"Cancel that date first, so that they are told: `meetup meeting cancel {meeting.slug} --on {on:%Y-%m-%d}`",
    )


def reminded(session: Session, meeting_id: int, slots: Collection[datetime]) -> set[int]:
    """Return the members who were told that one of these dates happens."""
    query = select(col(DeliveryRow.member_id)).where(
        col(DeliveryRow.meeting_id) == meeting_id,
        col(DeliveryRow.slot).in_(slots),
        col(DeliveryRow.kind).in_([kind.value for kind in IT_HAPPENS]),
        _is_out(DeliveryRow),
    )
    return set(session.execute(query).scalars())


def follow(session: Session, meeting_id: int, slot: datetime, new: datetime, revision: int) -> None:
    """Let what was told of a change follow it to the slot that a split gave its date: nobody is told again."""
    session.flush()
    moved = update(DeliveryRow).where(
        col(DeliveryRow.meeting_id) == meeting_id,
        col(DeliveryRow.slot) == slot,
        col(DeliveryRow.revision) == revision,
        col(DeliveryRow.kind).in_([kind.value for kind in CHANGES]),
    )
    session.execute(moved.values(slot=new))


def _is_out(said: type[DeliveryRow]) -> ColumnElement[bool]:
    """Say that a message may have been read: it was handed over, or another one was whose text tells it as well."""
    beside, out = aliased(DeliveryRow), [state.value for state in OUT]
    by_another = select(col(beside.id)).where(col(beside.also_id) == col(said.id), col(beside.state).in_(out))
    return or_(col(said.state).in_(out), by_another.exists())


def _reachable(group_id: int) -> Select[int]:
    """Select the members whom a group can tell something: active, with an address that agreed on a channel in use."""
    agreed = consent.standing(group_id).subquery()
    in_use = select(col(ReminderRule.channel)).where(col(ReminderRule.group_id) == group_id)
    chosen = (literal(",") + col(SubscriptionRow.channels) + ",").contains(
        literal(",") + col(ContactPoint.channel) + ","
    )
    return (
        select(col(SubscriptionRow.member_id).label("member_id"))
        .join(ContactPoint, col(ContactPoint.member_id) == col(SubscriptionRow.member_id))
        .join(agreed, agreed.c.contact_id == col(ContactPoint.id))
        .where(
            col(SubscriptionRow.group_id) == group_id,
            col(SubscriptionRow.state) == "active",
            col(ContactPoint.state) == "verified",
            col(ContactPoint.channel).in_(in_use),
            chosen,
        )
    )
