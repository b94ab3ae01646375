"""Reminder rules: how long before a meeting of a group its members are told, and by which channel."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from meetup import naming
from meetup.errors import AlreadyExists, NotFound, NotUnderstood
from meetup.storage.database import Session
from meetup.storage.tables import Group, ReminderRule
from meetup.values import Channel, Lead

_CHANNELS = {
    "sms": Channel.SMS,
    "text": Channel.SMS,
    "email": Channel.EMAIL,
    "e-mail": Channel.EMAIL,
    "mail": Channel.EMAIL,
}
_HINT = "Write “24h by email”, “2h by sms” or “18:00 the evening before by email”"
_UNITS = {"minutes": "m", "minute": "m", "mins": "m", "hours": "h", "hour": "h", "days": "d", "day": "d"}


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One reminder before every meeting of a group."""

    lead: Lead
    channel: Channel

    def __str__(self) -> str:
        """Return the words that are read as this rule."""
        when = str(self.lead) if self.lead.evening is None else f"{self.lead.evening:%H:%M} the evening before"
        return f"{when} by {self.channel}"


USUAL = (Rule(Lead(timedelta(hours=24)), Channel.EMAIL), Rule(Lead(timedelta(hours=2)), Channel.SMS))


def add_rule(session: Session, group: Group, lead: Lead, channel: Channel, now: datetime) -> Rule:
    """Add a rule to a group; the same one twice is refused."""
    rule = Rule(lead, channel)
    if rule in rules(session, naming.key(group)):
        raise AlreadyExists(f"“{group.name}” is reminded {rule} already")
    session.add(ReminderRule(group_id=naming.key(group), lead=str(lead), channel=channel.value, created_at=now))
    session.flush()
    return rule


def remove_rule(session: Session, group: Group, lead: Lead, channel: Channel) -> None:
    """Remove a rule from a group."""
    this = delete(ReminderRule).where(
        col(ReminderRule.group_id) == naming.key(group),
        col(ReminderRule.lead) == str(lead),
        col(ReminderRule.channel) == channel.value,
    )
    session.flush()
    if not session.connection().execute(this).rowcount:
        known = ", ".join(str(rule) for rule in rules(session, naming.key(group)))
        raise NotFound(
            f"“{group.name}” is not reminded {Rule(lead, channel)}", f"Its reminders: {known}" if known else ""
        )


def rules(session: Session, group_id: int) -> list[Rule]:
    """Return the rules of a group, in the order in which they were added."""
    query = select(ReminderRule).where(ReminderRule.group_id == group_id).order_by(col(ReminderRule.id))
    return [Rule(Lead.parse(row.lead), Channel(row.channel)) for row in session.exec(query).all()]


def parse_rule(text: str) -> Rule:
    """Read `24h by email`, `2 hours before by sms` or `18:00 the evening before by email`."""
    lead, by, channel = " ".join(text.lower().split()).rpartition(" by ")
    if not by or channel not in _CHANNELS:
        raise NotUnderstood(f"“{text}” does not say by which channel", _HINT)
    try:
        return Rule(Lead.parse(_canonical(lead)), _CHANNELS[channel])
    except ValueError as error:
        raise NotUnderstood(f"“{text}” does not say when, between one minute and 14 days before", _HINT) from error


def _canonical(words: str) -> str:
    evening = re.fullmatch(r"(?:at )?(\d?\d:\d\d) (?:on )?the evening before", words)
    if evening:
        return f"eve{evening[1]:0>5}"
    length = words.removesuffix(" before")
    for unit, letter in _UNITS.items():
        length = length.replace(f" {unit}", letter).replace(unit, letter)
    return length.replace(" and ", "").replace(" ", "")
