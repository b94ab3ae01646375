"""What is different on one date of a meeting, and meetings that rest or end."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from commands import asking, change, clashing, closing, context, occurrences
from commands.options import DryRun, Yes, day
from commands.report import Report
from meetup import agenda, dates, feasts, meetings, naming, organization, timetable
from meetup.dates import Slot
from meetup.errors import UsageError
from meetup.schedule import public_holidays, recurrence, zones
from meetup.schedule.public_holidays import Region
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import Meeting, Venue
from meetup.values import Door
from notifications import notices

MeetingName = Annotated[str, typer.Argument(metavar="MEETING", help="Its title, short name or number")]
On = Annotated[str, typer.Option("--on", metavar="DATE", help="Its usual date: 2026-12-24, or “2026-12-24 19:00”")]
Since = Annotated[str, typer.Option("--from", metavar="DATE", help="The first day: 2026-12-24")]

HolidaysOf = Annotated[str, typer.Option(metavar="REGION", help="Those on each public holiday of US-MA, DE, …")]

Deed = Callable[[Session, Meeting, Slot, datetime], Occurrence | None]


class DoorName(StrEnum):
    """A way in, as one types it."""

    IN_PERSON = "in-person"
    ONLINE = "online"


DOORS = {DoorName.IN_PERSON: Door.IN_PERSON, DoorName.ONLINE: Door.ONLINE}


def skip(
    ctx: typer.Context,
    meeting: MeetingName,
    *,
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="Its usual date: 2026-12-24, or with a time")] = "",
    on_holidays: HolidaysOf = "",
    years: closing.Years = feasts.YEARS,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Leave a date out; nobody is told.

    For holidays that everybody knows: one date, or those on every public holiday of a region. A date of which members
    were reminded has to be cancelled.
    """
    if bool(on) == bool(on_holidays):
        raise UsageError("It is not said which dates are left out", "Add --on 2026-12-24, or --on-holidays US-MA")
    if on:
        _do(ctx, meeting, on, dates.skip, "Leave it out?", dry_run=dry_run, yes=yes)
        return

    def deed(session: Session, now: datetime) -> Report:
        found = meetings.find(session, meeting)
        report = Report([])
        wish = feasts.Wish(region_of(session, found, on_holidays), years)
        leave_out(session, found, wish, report, now)
        return report

    change.carry_out(context.of(ctx), deed, "Leave them out?", dry_run=dry_run, yes=yes)


def region_of(session: Session, meeting: Meeting, text: str) -> Region:
    """Read whose holidays are meant; `local` are those of where the meeting is held, else of the organization."""
    if text.casefold() != closing.LOCAL:
        return public_holidays.region(text)
    venue = session.get_one(Venue, meeting.venue_id) if meeting.venue_id else None
    country = organization.the(session).country
    return public_holidays.where(venue.country or country, venue.region) if venue else public_holidays.region(country)


def leave_out(session: Session, meeting: Meeting, wish: feasts.Wish, report: Report, now: datetime) -> None:
    """Leave a meeting's dates on public holidays out, and say which."""
    kept = feasts.skip_meeting(session, meeting, wish, now)
    if kept.fresh:
        report.lines.append(f"These public holidays of {kept.region} are left out: {feasts.named(kept.fresh)}")
    else:
        report.lines.append(f"No more dates fall on a public holiday of {kept.region} until {kept.until}")
    if kept.told:
        report.warnings.append(
            f"Members were reminded of {feasts.named(kept.told)}; cancel that date:"
            f" `meetup meeting cancel {meeting.slug} --on {kept.told[0].on}`"
        )


def cancel(
    ctx: typer.Context,
    meeting: MeetingName,
    *,
    on: On,
    note: Annotated[str, typer.Option(help="Why, for mails and the public page")] = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Cancel a date; members are told."""

    def deed(session: Session, found: Meeting, slot: Slot, now: datetime) -> Occurrence | None:
        return dates.cancel(session, found, slot, now, note=note)

    _do(ctx, meeting, on, deed, "Cancel it?", dry_run=dry_run, yes=yes)


def move(
    ctx: typer.Context,
    meeting: MeetingName,
    *,
    on: On,
    to: Annotated[str, typer.Option(metavar="TIME", help="“2026-12-26 18:00”, or only a day or a time")] = "",
    minutes: Annotated[int | None, typer.Option(min=1, max=10080, help="Another length")] = None,
    venue: Annotated[str, typer.Option(help="Another venue on that date")] = "",
    room: Annotated[str, typer.Option(help="Another room on that date")] = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Move a date; members are told.

    To another time, venue or room. `--on` goes on naming it by its usual date.
    """

    def deed(session: Session, found: Meeting, slot: Slot, now: datetime) -> Occurrence | None:
        start = asking.moment(to, slot.at) if to else None
        length = timedelta(minutes=minutes) if minutes else None
        where = asking.venue(session, venue), asking.room(session, room)
        return dates.move(session, found, slot, dates.Move(start, length, *where), now)

    _do(ctx, meeting, on, deed, "Move it?", dry_run=dry_run, yes=yes)


def close_door(
    ctx: typer.Context,
    meeting: MeetingName,
    *,
    on: On,
    door: Annotated[DoorName, typer.Option(help="Which way in is shut; the other stays open")],
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Shut one of two ways in on a date.

    Members are told to use the other.
    """

    def deed(session: Session, found: Meeting, slot: Slot, now: datetime) -> Occurrence | None:
        return dates.close_door(session, found, slot, DOORS[door], now)

    _do(ctx, meeting, on, deed, "Shut that door?", undo=f"open-door --door {door}", dry_run=dry_run, yes=yes)


def open_door(
    ctx: typer.Context,
    meeting: MeetingName,
    *,
    on: On,
    door: Annotated[DoorName, typer.Option(help="Which way in was shut")],
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Open a way in again that was shut on a date.

    Whatever else was changed on that date stays.
    """

    def deed(session: Session, found: Meeting, slot: Slot, now: datetime) -> Occurrence | None:
        return dates.open_door(session, found, slot, DOORS[door], now)

    _do(ctx, meeting, on, deed, "Open that door?", dry_run=dry_run, yes=yes)


def note(
    ctx: typer.Context,
    meeting: MeetingName,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="For mails, calendars and the page; empty takes it away")],
    *,
    on: On,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Say something about a date; nobody is told of it by itself.

    It stands in mails and calendars. Texts never carry it.
    """

    def deed(session: Session, found: Meeting, slot: Slot, now: datetime) -> Occurrence | None:
        return dates.note(session, found, slot, text, now)

    _do(ctx, meeting, on, deed, "Write that?", dry_run=dry_run, yes=yes)


def restore(ctx: typer.Context, meeting: MeetingName, *, on: On, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Take back what was changed on a date.

    Those who were told of the change are told that it is as usual.
    """
    _do(ctx, meeting, on, dates.restore, "Take it back?", dry_run=dry_run, yes=yes)


def pause(ctx: typer.Context, meeting: MeetingName, *, since: Since, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Let a meeting rest from a day on."""

    def deed(session: Session, now: datetime) -> Report:
        found = meetings.find(session, meeting)
        first = day(since, asking.today(session, found, now))
        timetable.pause(session, found, first, now)
        report = Report([f"“{found.title}” rests from {first:%A %Y-%m-%d} on"])
        report.lines += [_last(session, found, first - meetings.ONE_DAY, now)]
        report.after += [f"Go on with: meetup meeting resume {found.slug} --from DATE"]
        return report

    change.carry_out(context.of(ctx), deed, "Let it rest?", dry_run=dry_run, yes=yes)


def resume(
    ctx: typer.Context,
    meeting: MeetingName,
    *,
    since: Since,
    until: Annotated[str, typer.Option(metavar="DATE", help="Its last day: 2027-06-30; its own when left out")] = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Go on with a meeting that was paused or ended."""

    def deed(session: Session, now: datetime) -> Report:
        found = meetings.find(session, meeting)
        first = day(since, asking.today(session, found, now))
        rows = timetable.resume(session, found, first, now, until=day(until, first) if until else None)
        begun = [meetings.timing_of(row) for row in rows]
        report = Report([f"“{found.title}” goes on from {first:%A %Y-%m-%d}", f"It meets {asking.said(*begun)}"])
        report.warn_of(surprise for timing in begun for surprise in asking.surprises(timing, now))
        report.warnings += clashing.warnings(session, found, now)
        return report

    change.carry_out(context.of(ctx), deed, "Go on?", dry_run=dry_run, yes=yes)


def end(
    ctx: typer.Context,
    meeting: MeetingName,
    *,
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The last day on which it may meet: 2026-12-24")],
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """End a meeting after a day."""

    def deed(session: Session, now: datetime) -> Report:
        found = meetings.find(session, meeting)
        last = day(on, asking.today(session, found, now))
        timetable.end(session, found, last, now)
        return Report([f"“{found.title}” ends after {last:%A %Y-%m-%d}", _last(session, found, last, now)])

    change.carry_out(context.of(ctx), deed, "End it?", dry_run=dry_run, yes=yes)


COMMANDS: dict[str, Callable[..., None]] = {
    "skip": skip,
    "cancel": cancel,
    "move": move,
    "close-door": close_door,
    "open-door": open_door,
    "note": note,
    "restore": restore,
    "pause": pause,
    "resume": resume,
    "end": end,
}


def _do(
    ctx: typer.Context,
    name: str,
    on: str,
    deed: Deed,
    question: str,
    *,
    undo: str = "restore",
    dry_run: bool,
    yes: bool,
) -> None:
    """Change one date: say what it will be like, and afterwards how to take that back."""

    def change_date(session: Session, now: datetime) -> Report:
        meeting = meetings.find(session, name)
        slot = asking.slot(session, meeting, on, now)
        one = deed(session, meeting, slot, now)
        if one is None:
            return Report(
                [f"“{meeting.title}”: {occurrences.day(slot.at)} is left out"], after=[_undo(meeting, slot, undo)]
            )
        report = Report([f"“{meeting.title}”: {occurrences.sentence(one)}"])
        report.warn_of(filter(None, [asking.surprise(one.start_local, one.zone)]))
        report.warnings += clashing.warnings(session, meeting, now, slot.at)
        if notices.kind_of(one) is not None:
            report.after.append(_undo(meeting, slot, undo))
        return report

    change.carry_out(context.of(ctx), change_date, question, dry_run=dry_run, yes=yes)


def _undo(meeting: Meeting, slot: Slot, command: str) -> str:
    verb, _, option = command.partition(" ")
    return f"To take it back: meetup meeting {verb} {meeting.slug} --on {slot.at:%Y-%m-%d} {option}".rstrip()


def _last(session: Session, meeting: Meeting, bound: date, now: datetime) -> str:
    """Say which date is the last one before a rest or an end."""
    series = agenda.one_series(session, naming.key(meeting))
    ends = (slot for one in series.schedules if (slot := recurrence.last_slot(one)))
    ahead = (slot for slot in ends if zones.wall(now, series.schedules[-1].zone) < slot and slot.date() <= bound)
    last = max(ahead, default=None)
    return f"Its last date before that is {occurrences.day(last)}" if last else "It has no date left before that"
