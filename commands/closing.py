"""Shutting a venue or a room for a time, and opening it again: the same for both, each with its own way out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from commands import change, clashing, occurrences
from commands.context import Context
from commands.options import day, names_a_time, wall_time
from commands.report import Report
from meetup import agenda, feasts, organization, sharing
from meetup.errors import NotFound, UsageError
from meetup.places import closures, venues
from meetup.places.closures import ClosureDraft, Site
from meetup.schedule import clashes, public_holidays, zones
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import ClosureRow, Meeting, Venue
from meetup.values import Door, Window

YEAR = timedelta(days=366)
LONGEST = timedelta(days=7)  # no meeting lasts longer: one that began before that is over
ONE_DAY = timedelta(days=1)
LOCAL = "local"

Finder = Callable[[Session], Site]

FROM = "It is not said from when it is shut"
From = Annotated[str, typer.Option("--from", metavar="DATE", help="2026-12-24, or “2026-12-24 18:00”")]
OnHolidays = Annotated[
    str, typer.Option(metavar="REGION", help="On each public holiday of US-MA, DE, …; of where it lies with “local”")
]
Years = Annotated[int, typer.Option(min=1, max=10, help="Of how many years the holidays are taken, this one included")]
Until = Annotated[str, typer.Option(metavar="DATE", help="Its last day, or a time; that day when left out")]
Reason = Annotated[str, typer.Option(help="Shown to members: “heating”, “holidays”")]
On = Annotated[str, typer.Option("--on", metavar="DATE", help="Which closure: the one that holds on this day")]
At = Annotated[
    str, typer.Option(metavar="DATE", help="From when it is open: 2026-12-24, or “2026-12-24 18:00”; now when left out")
]
All = Annotated[bool, typer.Option("--all", help="Every closure, those to come too")]


@dataclass(frozen=True, slots=True)
class Span:
    """When and why something is shut, as it was typed."""

    start: str
    until: str
    reason: str

    def draft(self, instead: Site | None) -> ClosureDraft:
        """Read it; without an end the day on which it begins is the last one."""
        if not self.start:
            raise UsageError(FROM, "Add --from 2026-12-24")
        begins = wall_time(self.start)
        return ClosureDraft(begins, end_of(self.until or f"{begins.date()}"), self.reason, instead)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose holidays, and for how many years, as it was typed."""

    region: str
    years: int

    def wish(self, venue: Venue) -> feasts.Wish:
        """Read it; `local` is where the venue lies."""
        local = self.region.casefold() == LOCAL
        found = public_holidays.where(venue.country, venue.region) if local else public_holidays.region(self.region)
        return feasts.Wish(found, self.years)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which closures are to end, and when, as it was typed."""

    on: str
    at: str
    everything: bool

    def __post_init__(self) -> None:
        if self.on and self.everything:
            raise UsageError("One closure and every closure are named at once", "Choose --on or --all")


def close(
    here: Context, find: Finder, span: Span, instead: Sequence[Finder], *, dry_run: bool = False, yes: bool = False
) -> None:
    """Shut a venue or a room, having shown what becomes of every date in it."""
    _refuse_two(instead)

    def deed(session: Session, now: datetime) -> Report:
        site = find(session)
        draft = span.draft(next((there(session) for there in instead), None))
        known = closures.overlapping(closures.listing(session, site), (draft.start, draft.end))
        row = closures.close(session, site, draft, now)
        report = Report([f"“{site.name}” is to be shut {closures.span(row)}; it opens again by itself"])
        report.lines += _elsewhere(session, row)
        report.warnings += _doubts(session, site, row, known, now)
        report.after.append(f"“{site.name}” is shut {closures.span(row)}")
        return report

    change.carry_out(here, deed, "Shut it?", dry_run=dry_run, yes=yes)


def keep_holidays(
    here: Context, name: str, wanted: Wanted, instead: Sequence[Finder], *, dry_run: bool = False, yes: bool = False
) -> None:
    """Shut a venue on the public holidays of a region."""
    _refuse_two(instead)

    def deed(session: Session, now: datetime) -> Report:
        venue = venues.find(session, name)
        there = next((find(session) for find in instead), None)
        kept = feasts.close_venue(session, venue, wanted.wish(venue), there, now)
        if not kept.fresh:
            known = f"Every public holiday of {kept.region} until {kept.until}"
            return Report([f"{known} is written down for “{venue.name}” already"])
        many = f"{len(kept.fresh)} public {'holiday' if len(kept.fresh) == 1 else 'holidays'} of {kept.region}"
        report = Report([f"“{venue.name}” is to be shut on {many} until {kept.until}"])
        report.after.append(f"“{venue.name}” is shut on {feasts.named(kept.fresh)}")
        report.after.append("`meetup check` says when the next years have to be taken")
        return report

    change.carry_out(here, deed, "Shut it on these days?", dry_run=dry_run, yes=yes)


def reopen(here: Context, find: Finder, choice: Choice, *, dry_run: bool = False, yes: bool = False) -> None:
    """Open a venue or a room before its closure ends, having shown which dates are as usual again."""

    def deed(session: Session, now: datetime) -> Report:
        site = find(session)
        moment = _moment(session, choice, now)
        rows = [row for row in closures.listing(session, site) if row.end_local > moment]
        chosen = _chosen(site, rows, choice, moment)
        kept = [row for row in rows if row not in chosen]
        shortened = closures.reopen(session, site, chosen, moment, now)
        report = Report([_reopened(site, row) for row in shortened])
        report.warnings += [f"It is still to be shut {closures.span(row)}" for row in kept]
        report.after.append(f"“{site.name}” is open again")
        return report

    change.carry_out(here, deed, "Open it again?", dry_run=dry_run, yes=yes)


def _refuse_two(instead: Sequence[Finder]) -> None:
    if len(instead) > 1:
        raise UsageError("Two places to go to are named at once", "Choose one of the two")


def facts(session: Session, site: Site) -> list[dict[str, str]]:
    """Return the closures of a venue or a room for JSON."""
    return [
        {
            "from": f"{row.start_local:%Y-%m-%d %H:%M}",
            "until": f"{row.end_local:%Y-%m-%d %H:%M}",
            "reason": row.reason,
            "instead": there.slug if (there := closures.instead(session, row)) else "",
        }
        for row in closures.listing(session, site)
    ]


def lines(shut: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    """Return closures as lines of a card."""
    return [("shut", _line(one)) for one in shut]


def _line(one: dict[str, str]) -> str:
    reason = f" ({one['reason']})" if one["reason"] else ""
    way = f"; people go to {one['instead']}" if one["instead"] else ""
    return f"{one['from']} to {one['until']}{reason}{way}"


def end_of(text: str) -> datetime:
    """Return the end of what a text names: a time is the end itself, a day is shut until its last minute."""
    named = wall_time(text)
    return named if names_a_time(text) else datetime.combine(named.date() + ONE_DAY, time.min)


def _elsewhere(session: Session, row: ClosureRow) -> Iterator[str]:
    """Say where people go meanwhile."""
    there = closures.instead(session, row)
    if there is None:
        return
    same_door = isinstance(there, Venue) == (row.venue_id is not None)
    where = "in person at" if isinstance(there, Venue) else "online in"
    who = "Everything that is held there" if same_door else "What has no other way in"
    yield f"{who} goes on {where} “{there.name}” meanwhile"


def _doubts(session: Session, site: Site, row: ClosureRow, known: Sequence[ClosureRow], now: datetime) -> Iterator[str]:
    """Say what somebody may not have meant."""
    for other in known:
        yield f"It is shut {closures.span(other)} as well; on days that both cover, what is said now holds"
    there = closures.instead(session, row)
    window = _window(session, row, now)
    if there is not None and window is not None:
        found = clashes.recurring(sharing.clashes_at(session, there, window))
        yield from (clashing.sentence(one) for one in found)
    dates = _dates(session, site, row, now)
    lost = [one for one in dates if not one.happening and one.start_local >= row.start_local]
    yield from _losses(session, site, lost, helped=there is not None)
    running = [one for one in dates if one.start_local < row.start_local < zones.wall(one.end, one.zone)]
    for one in running:
        begins = f"{occurrences.day(one.start_local)} {one.start_local:%H:%M}"
        yield f"“{one.series.title}” begins on {begins} and is not over when it is shut; nobody is told of that"


def _losses(session: Session, site: Site, lost: Sequence[Occurrence], *, helped: bool) -> Iterator[str]:
    """Say what is cancelled, and what would help: another place does not, where the other door was shut by hand."""
    there, other = (Door.IN_PERSON, Door.ONLINE) if isinstance(site, Venue) else (Door.ONLINE, Door.IN_PERSON)
    shut = [one for one in lost if other in one.usual_doors]
    for one in shut:
        slug = session.get_one(Meeting, one.series.meeting_id).slug
        command = f"meetup meeting open-door {slug} --on {one.slot:%Y-%m-%d} --door {other.replace('_', '-')}"
        yield f"“{one.series.title}” is cancelled on {one.start_local.date()}: its other door is shut too; `{command}`"
    rest = [one for one in lost if one not in shut]
    if rest and not helped:
        way = "--move-to ROOM puts it online" if there is Door.IN_PERSON else "--move-to VENUE holds it in person"
        yield f"What has no other way in is cancelled on {_days(rest)}; {way} instead"


def _days(dates: Sequence[Occurrence]) -> str:
    days = sorted({one.start_local.date() for one in dates})
    return f"{days[0]}" if len(days) == 1 else f"{len(days)} days"


def _dates(session: Session, site: Site, row: ClosureRow, now: datetime) -> list[Occurrence]:
    """Return the dates to come, within a year, of what is held there, around a closure."""
    window = _window(session, row, now)
    if window is None:
        return []
    series = agenda.all_series(session, closures.affected(session, site))
    dates = sorted(agenda.upcoming(series, window), key=lambda one: (one.start, one.series.title))
    return [one for one in dates if one.end > now and one.start_local < row.end_local and _at(one, site)]


def _window(session: Session, row: ClosureRow, now: datetime) -> Window | None:
    """Return the time around a closure in which dates are looked at, within a year; None when it is over."""
    zone = organization.the(session).zone
    begin = max(row.start_local, zones.wall(now, zone)) - LONGEST
    last = min(row.end_local, zones.wall(now, zone) + YEAR)
    return Window(zones.localize(begin, zone), zones.localize(last, zone) + LONGEST) if begin < last else None


def _at(one: Occurrence, site: Site) -> bool:
    there = one.place if isinstance(site, Venue) else one.room
    return there is not None and there.key == site.public_id


def _moment(session: Session, choice: Choice, now: datetime) -> datetime:
    if choice.at:
        return wall_time(choice.at)
    return zones.wall(now, organization.the(session).zone).replace(second=0, microsecond=0)


def _chosen(site: Site, rows: Sequence[ClosureRow], choice: Choice, moment: datetime) -> Sequence[ClosureRow]:
    """Return the closures that are meant: those that hold then, the one of a day, or all; or refuse and list them."""
    if choice.everything and rows:
        return rows
    if choice.on:
        midnight = datetime.combine(day(choice.on, moment.date()), time.min)
        found = closures.overlapping(rows, (midnight, midnight + ONE_DAY))
        # Several may hold on that day: the one that begins then is the one that is meant.
        found = [row for row in found if row.start_local >= midnight] or found
    else:
        found = closures.holding(rows, moment)
    if found:
        return found
    when = choice.on or f"{moment:%Y-%m-%d %H:%M}"
    if not rows:
        raise NotFound(f"“{site.name}” is not shut on {when} or later", "Nothing was changed")
    listed = "; ".join(closures.span(row) for row in rows)
    hint = f"Name the closure by one of its days, as --on {rows[0].start_local:%Y-%m-%d}, or take all back with --all"
    raise NotFound(f"“{site.name}” is not shut on {when}, but {listed}", hint)


def _reopened(site: Site, row: ClosureRow) -> str:
    if row.start_local < row.end_local:
        return f"“{site.name}” is to be open again from {row.end_local:%Y-%m-%d %H:%M}"
    reason = f" ({row.reason})" if row.reason else ""
    begins = f"{row.start_local:%Y-%m-%d %H:%M}"
    return f"The closure from {begins} on{reason} is to be taken back: “{site.name}” stays open"
