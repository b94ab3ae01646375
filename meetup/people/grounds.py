"""Who would get what, and on what grounds: the ledger read for everybody at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import col, select

from meetup.people import entries, members
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, ContactPoint, Group, Member, SubscriptionRow
from meetup.values import Action, Channel

OLD = timedelta(days=365)  # what was agreed to that long ago may be news to her
SOON = timedelta(days=7)


class Standing(StrEnum):
    """What the ledger says about one group on one channel."""

    GETS = "gets messages"
    WAITS = "waits for a host"
    PAUSED = "is paused: nobody answered whether it is still safe"
    ASKED = "was asked"
    SILENT = "never answered"
    NEVER_ASKED = "was never asked"
    STOPPED = "said stop"
    BOUNCED = "cannot be reached"


@dataclass(frozen=True, slots=True)
class Ground:
    """One member, one channel, one group: how it stands, and the entry that says so."""

    member: int
    alias: str
    channel: Channel
    group: str  # its slug
    standing: Standing
    entry: ConsentRow | None
    look: str = ""  # why somebody should look at it now

    @property
    def row(self) -> dict[str, object]:
        """Return it as flat facts; the alias is left to whoever may show it."""
        entry = self.entry
        return {
            "member": self.member,
            "channel": self.channel.value,
            "group": self.group,
            "standing": self.standing.value,
            "since": entry.at if entry else None,
            "source": entry.source if entry else "",
            "wording_version": entry.wording_version if entry else "",
            "language": entry.language if entry else "",
            "entry": entry.id if entry else None,
            "look": self.look,
        }


def grounds(session: Session, now: datetime, group_id: int | None = None) -> Iterator[Ground]:
    """Yield how it stands for every member of every group, or of one, on each channel that she wants and has."""
    newest = _newest(session)
    query = (
        select(SubscriptionRow, Member, Group, ContactPoint)
        .join(Member, col(Member.id) == col(SubscriptionRow.member_id))
        .join(Group, col(Group.id) == col(SubscriptionRow.group_id))
        .join(ContactPoint, col(ContactPoint.member_id) == col(Member.id))
        .where(SubscriptionRow.state != "left", ContactPoint.state != "replaced")
        .order_by(col(Member.id), col(Group.slug), col(ContactPoint.channel).desc())
    )
    if group_id is not None:
        query = query.where(SubscriptionRow.group_id == group_id)
    for subscription, member, group, point in session.exec(query).all():
        if point.channel in subscription.channels.split(","):
            of_contact = newest.get(point.id or 0, {})
            # A stop of everything speaks of groups as well that nobody had asked about yet.
            entry = of_contact.get(group.id, of_contact.get(None))
            standing = _standing(subscription, point, entry, now)
            alias, channel = members.alias(session, member), Channel(point.channel)
            yield Ground(member.id or 0, alias, channel, group.slug, standing, entry, _look(standing, entry, now))


def _newest(session: Session) -> dict[int, dict[int | None, ConsentRow]]:
    """Return the entry that decides, by contact point and group; one about all groups outweighs what was before it."""
    found: dict[int, dict[int | None, ConsentRow]] = {}
    for entry in session.exec(select(ConsentRow).order_by(col(ConsentRow.id))).all():
        of_contact = found.setdefault(entry.contact_id, {})
        if entry.group_id is None:
            of_contact.update(dict.fromkeys(of_contact, entry))
        of_contact[entry.group_id] = entry
    return found


def _standing(subscription: SubscriptionRow, point: ContactPoint, entry: ConsentRow | None, now: datetime) -> Standing:
    if point.state == "stopped" or (entry is not None and entry.action == Action.REVOKED):
        return Standing.STOPPED
    if point.state == "bounced":
        return Standing.BOUNCED
    if point.state == "paused":
        return Standing.PAUSED
    if entry is None:
        return Standing.NEVER_ASKED
    if entry.action == Action.CONFIRMED:
        return Standing.GETS if subscription.state == "active" else Standing.WAITS
    return Standing.ASKED if entries.answerable(entry, now) else Standing.SILENT


def _look(standing: Standing, entry: ConsentRow | None, now: datetime) -> str:
    if entry is None:
        return ""
    if standing is Standing.ASKED:
        ends = entry.at + entries.ANSWERABLE
        return f"the question ends on {ends:%Y-%m-%d}" if ends - now <= SOON else ""
    if standing is Standing.GETS and now - entry.at >= OLD - SOON:
        return "a year old: ask whether it is still right"
    return ""
