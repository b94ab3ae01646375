"""A change: shown before it is made, asked about, and made. What is shown is the change itself, taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from commands import occurrences, output, telling
from commands.context import Context
from commands.report import Report
from meetup import agenda, difference, told
from meetup.difference import Difference
from meetup.errors import MeetupError
from meetup.feeds import links
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Group, Meeting
from meetup.values import State
from notifications import notices, plan
from notifications.rules import timing

SHOWN = 8  # dates; the others are counted
SOON = timedelta(minutes=15)

Deed = Callable[[Session, datetime], Report]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a change concerns: whom it will be told from when on, who was reminded, and whose calendar shows it."""

    told: int
    due_at: datetime | None
    reminded: int
    calendars: int
    public: bool
    unsafe: int = 0  # of those who would be told: whom nothing can reach in hours that are safe for them


@dataclass(frozen=True, slots=True)
class Effect:
    """What a deed did: what it says of itself, the dates that differ, and whom they concern."""

    report: Report
    dates: Sequence[Difference]
    audience: Audience
    now: datetime

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """Return the lines of the agenda before and after."""
        return [occurrences.compared(one) for one in self.dates]


def carry_out(here: Context, deed: Deed, question: str, *, dry_run: bool, yes: bool) -> None:
    """Do a deed and show what it changes: once, or with a question in between, in which it is taken back.

    While a person thinks nobody has to wait for the database. If meanwhile something else has changed what they were
    shown, nothing is done.
    """
    if yes and not dry_run:
        with here.writing() as session:
            done = _attempt(here, session, deed)
        _show(done)
        _conclude(done.report)
        return
    with here.trying() as session:
        tried = _attempt(here, session, deed)
    if dry_run:
        output.say("Nothing is changed. Without --dry-run this would happen:")
    _show(tried)
    if dry_run:
        return
    if not output.confirm(question, yes=False):
        raise MeetupError("Nothing was changed")
    with here.writing() as session:
        done = _attempt(here, session, deed)
        if done.rows != tried.rows:
            raise MeetupError("Meanwhile something else was changed, so nothing was done", "Try again, and look anew")
    output.say("Done")
    _conclude(done.report)


def _attempt(here: Context, session: Session, deed: Deed) -> Effect:
    """Do it, and compare: others still see the agenda as it was before."""
    now = here.clock.now()
    report = deed(session, now)
    session.flush()
    with here.reading() as others:
        versions = _versions(others)
        touched = [one for one, version in _versions(session).items() if versions.get(one) != version]
        before = agenda.all_series(others, [one for one in touched if one in versions])
    dates = difference.between(before, agenda.all_series(session, touched), now)
    return Effect(report, dates, _audience(here, session, dates, touched, now), now)


def _versions(session: Session) -> dict[int, int]:
    return {row.id: row.version for row in session.execute(select(col(Meeting.id), col(Meeting.version)))}


def _audience(
    here: Context, session: Session, dates: Sequence[Difference], touched: Sequence[int], now: datetime
) -> Audience:
    slots: dict[int, set[datetime]] = {}
    for one in dates:
        shown = one.shown
        slots.setdefault(shown.series.meeting_id, set()).add(shown.slot)
    reminded = [told.reminded(session, number, found) for number, found in slots.items()]
    group_ids = set(session.execute(select(col(Meeting.group_id)).where(col(Meeting.id).in_(touched))).scalars())
    public = select(func.count(col(Group.id))).where(col(Group.id).in_(group_ids), col(Group.audience) == "open")
    notified = _telling(here, session, dates, now)
    return Audience(
        told=notified.number,
        due_at=notified.due_at,
        unsafe=notified.unsafe,
        reminded=len(set().union(*reminded)),
        calendars=links.showing(session, group_ids),
        public=bool(session.execute(public).scalar_one()),
    )


@dataclass(frozen=True, slots=True)
class Notified:
    """Whom notices are for, from when on, and how many of them none can reach safely."""

    number: int = 0
    due_at: datetime | None = None
    unsafe: int = 0


def _telling(here: Context, session: Session, dates: Sequence[Difference], now: datetime) -> Notified:
    """Plan the notices as the service will, in a savepoint that is taken back; count whom they are for."""
    ahead = [one.first.start - now for one in dates]
    if not ahead:
        return Notified()
    changed = {(one.after.series.meeting_id, one.after.slot) for one in dates if one.after is not None}
    meetings = {number for number, _ in changed}
    row = DeliveryRow
    with session.begin_nested() as savepoint:
        newest = session.execute(select(func.coalesce(func.max(col(row.id)), 0))).scalar_one()
        notices.plan_notices(session, now, max(plan.HORIZON, min(ahead)), meetings)
        query = select(col(row.id), col(row.meeting_id), col(row.slot), col(row.member_id), col(row.due_at)).where(
            col(row.id) > newest, col(row.state) == State.PLANNED.value, col(row.meeting_id).in_(meetings)
        )
        planned = [one for one in session.execute(query) if (one.meeting_id, one.slot) in changed]
        unsafe = telling.unsafe(session, [one.id for one in planned], here.addresses, now)
        savepoint.rollback()
    soonest = min((one.due_at for one in planned), default=None)
    return Notified(len({one.member_id for one in planned}), soonest, unsafe)


def _show(effect: Effect) -> None:
    """Show the dates before and after; they are data, the words are not."""
    for line in effect.report.lines:
        output.say(line)
    occurrences.table_of_differences(effect.dates[:SHOWN], empty="No date to come changes")
    hidden = len(effect.dates) - SHOWN
    if hidden > 0:
        output.say(f"… and {hidden} more {'date' if hidden == 1 else 'dates'} within a year")
    for line in _people(effect):
        output.say(line)
    for warning in (*effect.report.warnings, *telling.left_out(effect.dates)):
        output.warn(warning)


def _conclude(report: Report) -> None:
    for line in report.after:
        output.say(line)


def _people(effect: Effect) -> list[str]:
    audience = effect.audience
    if not effect.dates:
        return []
    reminded = f"{_members(audience.reminded)} {_was(audience.reminded)} reminded already" if audience.reminded else ""
    lines = [f"{_told(effect)}; {reminded}" if reminded else _told(effect)]
    if audience.unsafe:
        alone = f"{audience.unsafe} {'person' if audience.unsafe == 1 else 'people'}"
        lines.append(f"{alone} could not be told safely: no hour that is safe for them is left; call them if you can")
    shown = [
        f"{audience.calendars} of members" if audience.calendars else "",
        "the public one of the group" if audience.public else "",
    ]
    if any(shown):
        lines.append(f"Calendars that show it: {' and '.join(text for text in shown if text)}")
    return lines


def _told(effect: Effect) -> str:
    audience = effect.audience
    after = [one.after for one in effect.dates if one.after is not None]
    unusual = any(notices.kind_of(one) for one in after)
    if audience.told and audience.due_at is not None:
        who, when = _members(audience.told), _when(audience.due_at - effect.now)
        if unusual:
            return f"{who} will be told {when}"
        return f"{who} had been told otherwise, and will be told {when} that it is as usual"
    if unusual:
        return "Nobody will be told: no member of the group has agreed to messages yet"
    if any(one.restored for one in after):
        return "Nobody was told that it would be different, and nobody will be"
    return "Nobody is told: calendars show it, and reminders say what holds"


def _when(wait: timedelta) -> str:
    if wait < timing.DEBOUNCE:
        return "in about a minute"
    if wait < SOON:
        return "in about ten minutes"
    days = max(1, wait.days)
    return f"of each date in time, first in {days} {'day' if days == 1 else 'days'}"


def _members(number: int) -> str:
    return "1 member" if number == 1 else f"{number} members"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
