"""Who belongs to which group, by which door they would rather come, and how they are told."""

from typing import Annotated

import typer

from commands import context, output
from meetup import groups, naming
from meetup.errors import UsageError
from meetup.people import consent, contacts, members, subscriptions
from meetup.storage.database import Session
from meetup.storage.tables import SubscriptionRow
from meetup.values import Channel, Preference

MemberName = Annotated[str, typer.Argument(metavar="MEMBER", help="Their alias or number")]
GroupName = Annotated[str, typer.Argument(metavar="GROUP", help="Its name or short name")]
DOORS = {preference.value.replace("_", "-"): preference for preference in Preference}


def subscribe(
    ctx: typer.Context,
    member: MemberName,
    group: GroupName,
    *,
    door: Annotated[str, typer.Option(help="either, in-person, online or only-in-person")] = "either",
    by: Annotated[str, typer.Option(help="sms, email or both")] = "sms,email",
) -> None:
    """Subscribe a member to a group, or change how."""
    here = context.of(ctx)
    preference, channels = _preference(door), _channels(by)
    with here.writing() as session:
        found, into = members.find(session, member), groups.find(session, group)
        row = subscriptions.subscribe(session, found, into, preference, channels, here.clock.now())
        name, missing = members.alias(session, found), _not_agreed(session, row)
    if row.state == "awaiting_host":
        output.say(f"“{name}” waits for a host: meetup member approve {row.member_id} {into.slug}")
    else:
        output.say(f"“{name}” is in “{into.name}” (door: {door}), told by {row.channels.replace(',', ' and ')}")
    for channel, step in missing:
        output.say(f"No {channel} goes out yet: {step}")


def unsubscribe(ctx: typer.Context, member: MemberName, group: GroupName) -> None:
    """Unsubscribe a member, and end what was agreed for that group."""
    here = context.of(ctx)
    with here.writing() as session:
        found, into = members.find(session, member), groups.find(session, group)
        subscriptions.leave(session, found, into, here.clock.now())
        name = members.alias(session, found)
    output.say(f"“{name}” has left “{into.name}”; nothing more is sent about it")


def _preference(door: str) -> Preference:
    if door not in DOORS:
        raise UsageError(f"“{door}” is not a door", f"Choose one of {', '.join(DOORS)}")
    return DOORS[door]


def _channels(text: str) -> list[Channel]:
    names = [name.strip().lower() for name in text.replace("both", "sms,email").split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Channel)]
    if unknown or not names:
        raise UsageError(f"“{text}” names no way to reach somebody", "Choose sms, email or sms,email")
    return [Channel(name) for name in names]


def _not_agreed(session: Session, row: SubscriptionRow) -> list[tuple[Channel, str]]:
    """Return the channels that the member has not agreed to, and what is to be done about each."""
    points = contacts.of_member(session, row.member_id)
    missing: list[tuple[Channel, str]] = []
    for channel in subscriptions.channels_of(row):
        contact = points.get(channel)
        if contact is None:
            flag = "--phone" if channel is Channel.SMS else "--email"
            missing.append((channel, f"meetup member edit {row.member_id} {flag} …"))
        elif consent.allows(session, naming.key(contact), row.group_id) is None:
            missing.append((channel, f"meetup consent grant {row.member_id} --channel {channel}"))
    return missing
