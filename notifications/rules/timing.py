"""When each reminder of a date is due, and when it has lost its use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from meetup.schedule import zones
from meetup.values import Channel, Lead
from notifications.rules import quiet_hours
from notifications.rules.quiet_hours import Hours

URGENT = timedelta(hours=3)
DEBOUNCE = timedelta(minutes=10)  # five edits in ten minutes are one message
DEBOUNCE_URGENT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Beginning:
    """When and where a date begins."""

    start: datetime  # aware
    start_local: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder of one date: `expires_at` is when the next nearer one is due, or the start."""

    lead: Lead
    due_at: datetime
    expires_at: datetime


def dues(beginning: Beginning, leads: Iterable[Lead], channel: Channel, zone: str, hours: Hours) -> list[Due]:
    """Return the reminders of one date on one channel, earliest first; hours are kept for texts only."""
    moments = ((_moment(beginning, lead), lead) for lead in leads)
    if channel is Channel.SMS:
        moments = ((_quiet(due, beginning.start, zone, hours), lead) for due, lead in moments)
    in_order = sorted((due, lead) for due, lead in moments if due is not None)
    ends = [*(due for due, _ in in_order), beginning.start][1:]
    # Two leads that the night has pushed to one moment are one message.
    return [Due(lead, due, end) for (due, lead), end in zip(in_order, ends, strict=True) if due < end]


def notice_due(revised_at: datetime, start: datetime) -> datetime:
    """Return when a change is told: after a while in which more edits may come, sooner when it starts soon."""
    return revised_at + (DEBOUNCE_URGENT if start - revised_at <= URGENT else DEBOUNCE)


def _moment(beginning: Beginning, lead: Lead) -> datetime | None:
    if lead.evening is None:
        return beginning.start - lead.before
    evening = datetime.combine(beginning.start_local.date() - timedelta(days=1), lead.evening)
    return zones.localize(evening, beginning.zone)


def _quiet(due: datetime | None, start: datetime, zone: str, hours: Hours) -> datetime | None:
    return None if due is None else quiet_hours.shift(due, start, zone, hours)
