"""Why is there no message? For one member and one meeting: what stands between them, channel by channel."""

from collections.abc import Iterator

from sqlmodel import col, select

from meetup import naming, reminders
from meetup.people import consent, contacts
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, Group, Member, SubscriptionRow
from meetup.values import Channel

_STATES = {
    "unverified": "nobody has asked them yet whether they want it",
    "pending": "they have not answered the question yet",
    "paused": "nobody answered whether texts are still safe; a YES from that phone, or their own page, lets them go on",
    "stopped": "they said stop",
    "bounced": "messages to that address came back",
}
_NO_SUBSCRIPTION = {
    "left": "They left the group",
    "awaiting_host": "They asked to join, and no host has approved it yet",
}


def reasons(session: Session, member: Member, group: Group) -> Iterator[str]:
    """Yield why a member hears nothing of a group, or nothing by one of its channels."""
    subscription = session.exec(
        select(SubscriptionRow).where(
            col(SubscriptionRow.member_id) == member.id, col(SubscriptionRow.group_id) == group.id
        )
    ).first()
    if subscription is None or subscription.state != "active":
        state = subscription.state if subscription else ""
        yield f"{_NO_SUBSCRIPTION.get(state, 'They do not belong to the group')} (“{group.name}”)."
        return
    channels = sorted({rule.channel for rule in reminders.rules(session, naming.key(group))})
    if not channels:
        yield f"“{group.name}” has no reminders: `meetup remind add {group.slug} “24h by email”`."
    points = contacts.of_member(session, naming.key(member))
    for channel in channels:
        reason = _reason(session, subscription, points.get(channel), channel, group)
        if reason:
            yield f"Nothing by {channel}: {reason}."


def _reason(
    session: Session, subscription: SubscriptionRow, point: ContactPoint | None, channel: Channel, group: Group
) -> str:
    if channel not in subscription.channels.split(","):
        return "they chose to be told otherwise"
    if point is None:
        return "they have no address there"
    if point.state != "verified":
        return _STATES.get(point.state, f"the address is {point.state}")
    if consent.allows(session, naming.key(point), naming.key(group)) is None:
        return f"they have not agreed to it for “{group.name}”"
    return ""
