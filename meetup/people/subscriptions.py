"""Subscriptions: who belongs to which group, by which door and which channels."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, select

from meetup import naming
from meetup.errors import Forbidden, NotFound, NotUnderstood
from meetup.people import answers, consent, contacts
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import Group, Member, SubscriptionRow
from meetup.values import Channel, Lead, Preference, Source


def subscribe(  # noqa: PLR0913, PLR0917 -- who, to what, how and when
    session: Session, member: Member, group: Group, preference: Preference, channels: Iterable[Channel], now: datetime
) -> SubscriptionRow:
    """Subscribe a member to a group, or change how; a closed group's host has to approve whoever is new."""
    chosen = _chosen(channels)
    row = _row(session, member, group)
    if row is None:
        row = SubscriptionRow(
            member_id=naming.key(member), group_id=naming.key(group), state="left", since=now, changed_at=now
        )
    if row.state == "left":
        row.state = "awaiting_host" if group.audience == "closed" else "active"
        row.since = now
    row.preference, row.channels, row.changed_at = preference.value, chosen, now
    return _written(session, row)


def approve(session: Session, member: Member, group: Group, now: datetime) -> SubscriptionRow:
    """Let a member into a closed group."""
    row = _existing(session, member, group)
    if row.state != "awaiting_host":
        raise Forbidden("Nobody has to approve that any more")
    row.state, row.since, row.changed_at = "active", now, now
    return _written(session, row)


def leave(
    session: Session, member: Member, group: Group, now: datetime, source: Source = Source.ORGANIZER
) -> SubscriptionRow:
    """End a subscription, and with it what was agreed for this group."""
    row = _existing(session, member, group)
    row.state, row.changed_at = "left", now
    for contact in contacts.of_member(session, naming.key(member)).values():
        consent.revoke(session, contact, naming.key(group), source, now)
    answers.forget_group(session, naming.key(member), naming.key(group))
    return _written(session, row)


def of_member(session: Session, member: Member) -> list[SubscriptionRow]:
    """Return the subscriptions of a member that have not ended, oldest first."""
    query = select(SubscriptionRow).where(
        SubscriptionRow.member_id == naming.key(member), SubscriptionRow.state != "left"
    )
    return list(session.exec(query.order_by(col(SubscriptionRow.id))).all())


def of_group(session: Session, group: Group) -> list[SubscriptionRow]:
    """Return the subscriptions to a group that have not ended, oldest first."""
    query = select(SubscriptionRow).where(
        SubscriptionRow.group_id == naming.key(group), SubscriptionRow.state != "left"
    )
    return list(session.exec(query.order_by(col(SubscriptionRow.id))).all())


def channels_of(row: SubscriptionRow) -> tuple[Channel, ...]:
    """Return the channels of a subscription."""
    return tuple(Channel(name) for name in row.channels.split(","))


def wants(row: SubscriptionRow, lead: Lead) -> bool:
    """Tell whether a member wants to be reminded that long before a meeting, where the group reminds then."""
    return str(lead) not in row.unwanted.split(",")


def choose_reminders(session: Session, row: SubscriptionRow, unwanted: Iterable[Lead], now: datetime) -> None:
    """Note which of a group's reminders a member does not want; those that the group adds later she gets."""
    row.unwanted, row.changed_at = ",".join(sorted(str(lead) for lead in set(unwanted))), now
    _written(session, row)


def _chosen(channels: Iterable[Channel]) -> str:
    wanted = set(channels)
    if not wanted:
        raise NotUnderstood("A subscription needs a channel", "Choose sms, email or both")
    return ",".join(channel.value for channel in Channel if channel in wanted)


def _row(session: Session, member: Member, group: Group) -> SubscriptionRow | None:
    query = select(SubscriptionRow).where(
        SubscriptionRow.member_id == naming.key(member), SubscriptionRow.group_id == naming.key(group)
    )
    return session.exec(query).first()


def _existing(session: Session, member: Member, group: Group) -> SubscriptionRow:
    row = _row(session, member, group)
    if row is None or row.state == "left":
        raise NotFound(f"That member is not in “{group.name}”")
    return row


def _written(session: Session, row: SubscriptionRow) -> SubscriptionRow:
    session.add(row)
    revisions.touch_member(session, row.member_id)
    return row
