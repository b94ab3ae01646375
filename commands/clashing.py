"""Clashes in words: who gets into whose way, where, how often, and what to do."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from commands import occurrences
from meetup import sharing
from meetup.schedule import clashes
from meetup.schedule.clashes import Clash, Recurring
from meetup.schedule.series import Place
from meetup.storage.database import Session
from meetup.storage.tables import Meeting

SHOWN = 3


def warnings(session: Session, meeting: Meeting, now: datetime, slot: datetime | None = None) -> Iterator[str]:
    """Yield what a meeting, or one date of it, gets in the way of within a year.

    A warning and no refusal, since a house may have two rooms.
    """
    every = sharing.clashes_of(session, meeting, now)
    found = clashes.recurring(one for one in every if slot is None or slot in {one.first.slot, one.second.slot})
    yield from (sentence(one) for one in found[:SHOWN])
    if len(found) > SHOWN:
        yield f"And with {len(found) - SHOWN} more meetings: see `meetup check --days 366`"


def sentence(one: Recurring) -> str:
    """Say who clashes where, and when first."""
    clash = one.clash
    when = f"{occurrences.day(clash.second.start_local)} at {clash.second.start_local:%H:%M}"
    often = f"on {one.count} dates, first {when}" if one.count > 1 else f"on {when}"
    return f"“{clash.site.name}” is needed twice at once, by {_users(clash)}, {often}"


def advice(one: Recurring, slugs: dict[int, str]) -> str:
    """Say what to do about it."""
    slug = slugs[one.clash.second.series.meeting_id]
    noun, other = ("--venue VENUE", "venue") if isinstance(one.clash.site, Place) else ("--room ROOM", "room")
    many = f"Move one of them: `meetup meeting edit {slug} {noun}`"
    single = f"Move one of them: `meetup meeting move {slug} --on {one.clash.second.slot:%Y-%m-%d} {noun}`"
    way = many if one.count > 1 else single
    return f"{way}. When the house has several rooms, add each as a {other} of its own" if other == "venue" else way


def _users(clash: Clash) -> str:
    titles: Iterable[str] = (clash.first.series.title, clash.second.series.title)
    first, second = titles
    if clash.first.series.key == clash.second.series.key:
        return f"two dates of “{first}”"
    groups = (clash.first.series.group, clash.second.series.group)
    if first == second:
        return f"“{first}” ({groups[0]}) and “{second}” ({groups[1]})"
    return f"“{first}” and “{second}”"
