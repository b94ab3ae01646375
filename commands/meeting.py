"""Meetings: when and where a group meets."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Annotated, TypeVar

import typer

from commands import asking, change, clashing, context, meeting_dates, occurrences, output, portrait
from commands.options import DryRun, Json, Yes, day
from commands.report import SHOWN, Report
from meetup import agenda, feasts, groups, meetings, naming, timetable
from meetup.errors import Forbidden, NotFound, NotUnderstood, UsageError
from meetup.schedule import phrases, zones
from meetup.schedule.series import Series
from meetup.storage.database import Session
from meetup.storage.tables import Meeting, OnlineRoom, Venue
from meetup.values import clean

app = typer.Typer(help="When and where a group meets, and what differs on one date.", no_args_is_help=True)

Place = TypeVar("Place", Venue, OnlineRoom)
Phrases = Annotated[
    list[str] | None, typer.Argument(metavar="PHRASE", help="“every Thursday 19:00-20:30”; may be given again")
]
VenueName = Annotated[str, typer.Option("--venue", metavar="VENUE", help="Where people meet in person")]
RoomName = Annotated[str, typer.Option("--room", metavar="ROOM", help="Where people meet online")]


@app.command()
def add(
    ctx: typer.Context,
    group: Annotated[str, typer.Argument(metavar="GROUP", help="Its name or short name")],
    phrase: Phrases = None,
    *,
    title: Annotated[str, typer.Option(help="What it is called in public; the group's name when left out")] = "",
    venue: VenueName = "",
    room: RoomName = "",
    zone: Annotated[str, typer.Option(help="As in America/New_York; the group's when left out")] = "",
    rrule: Annotated[str, typer.Option(metavar="RULE", help="Instead of words: an RFC 5545 rule")] = "",
    start: Annotated[str, typer.Option(metavar="TIME", help="First date of that rule: 2026-12-03T19:00")] = "",
    minutes: Annotated[int, typer.Option(min=1, max=10080, help="How long, with a rule")] = phrases.USUAL_LENGTH,
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="Not before this day: 2026-12-03")] = "",
    closed_on_holidays: meeting_dates.HolidaysOf = "",
    dry_run: DryRun = False,
) -> None:
    """Add a meeting to a group."""
    here, now = context.of(ctx), context.of(ctx).clock.now()
    if not phrase and not rrule:
        raise UsageError("It is not said when it meets", f'As in: meetup meeting add "{group}" "every Thursday 19:00"')
    with asking.attempt(here, dry_run=dry_run) as session:
        found = asking.group(session, group)
        there = zones.place(zone) if zone else found.zone
        held = asking.venue(session, venue), asking.room(session, room)
        floor = day(since, zones.wall(now, there).date()) if since else None
        times = asking.timings(phrase or (), there, floor, now)
        if rrule:
            times.append(asking.RuleText(rrule, start, minutes).timing(there, floor))
        meeting = meetings.add(session, found, times, now, title=title)
        told = Report(
            [f"Added “{meeting.title}” as {meeting.slug}"], f"“{meeting.title}” would be added as {meeting.slug}"
        )
        _house(session, meeting, held, told, now)
        told.lines.append(f"It meets {asking.said(*times)}")
        told.warn_of(surprise for timing in times for surprise in asking.surprises(timing, now))
        if closed_on_holidays:
            wish = feasts.Wish(meeting_dates.region_of(session, meeting, closed_on_holidays))
            meeting_dates.leave_out(session, meeting, wish, told, now)
        told.warnings += clashing.warnings(session, meeting, now)
        told.look(session, meeting, now)
    told.show(dry_run=dry_run)


@app.command("list")
def list_(
    ctx: typer.Context,
    group: Annotated[str, typer.Argument(metavar="[GROUP]", help="Only the meetings of this group")] = "",
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too")] = False,
    json: Json = False,
) -> None:
    """List the meetings with their next date."""
    here, now = context.of(ctx), context.of(ctx).clock.now()
    with here.reading() as session:
        chosen = groups.find(session, group) if group else None
        known = meetings.listing(session, chosen)
        all_facts = [(one, portrait.facts(session, one, now)) for one in known]
        found = [(one, facts) for one, facts in all_facts if everything or facts["next"] or one.state == "paused"]
        lines = [portrait.line(session, one, facts, now) for one, facts in found]
    if json:
        output.emit_json({"meetings": [facts for _, facts in found]})
        return
    hidden = len(known) - len(found)
    portrait.table(
        lines, empty="No meetings are to come" if hidden else "No meetings yet: see `meetup meeting add --help`"
    )
    if hidden:
        output.say(
            f"{hidden} more {'is' if hidden == 1 else 'are'} over: --all shows {'it' if hidden == 1 else 'them'} too"
        )


@app.command()
def show(ctx: typer.Context, meeting: meeting_dates.MeetingName, *, json: Json = False) -> None:
    """Show one meeting with its next dates.

    And where it is held, what changes later, and what is different on single dates.
    """
    here = context.of(ctx)
    now = here.clock.now()
    with here.reading() as session:
        found = meetings.find(session, meeting)
        facts = portrait.facts(session, found, now)
        coming = occurrences.coming([agenda.one_series(session, naming.key(found))], now, SHOWN)
        changes = portrait.changes(session, found, now)
        plans = portrait.plans(session, found, now)
        slug = found.slug
    if json:
        dates = [occurrences.facts(one, slug) for one in coming]
        output.emit_json({"meeting": {**facts, "later": plans, "dates": dates, "changes": changes}})
        return
    shown = [(name.replace("_", " "), facts[name]) for name in portrait.SHOWN]
    output.facts([*shown, *(("later", plan) for plan in plans)])
    output.write("")
    occurrences.table(coming, empty="It has no dates to come")
    if changes:
        output.write("")
        output.table(["changed", "how"], [[one["date"], one["change"]] for one in changes])


@app.command("next")
def next_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[MEETING|GROUP]", help="Of which; of all when left out")] = "",
    *,
    group: Annotated[str, typer.Option(metavar="GROUP", help="Of all meetings of this group")] = "",
    number: Annotated[int, typer.Option("-n", min=1, max=500, help="How many dates")] = SHOWN,
    json: Json = False,
) -> None:
    """Show the next dates, cancelled ones too."""
    here = context.of(ctx)
    with here.reading() as session:
        chosen, whose = _series(session, name, group)
        coming = occurrences.coming(chosen, here.clock.now(), number)
        slugs = portrait.slugs(session)
    if whose:
        output.say(f"The dates of the {whose}")
    if json:
        output.emit_json({"dates": [occurrences.facts(one, slugs[one.series.meeting_id]) for one in coming]})
        return
    occurrences.table(coming, empty="There are no dates to come")


@app.command()
def edit(
    ctx: typer.Context,
    meeting: meeting_dates.MeetingName,
    *,
    title: Annotated[str, typer.Option(help="Another public title; the short name stays")] = "",
    venue: VenueName = "",
    no_venue: Annotated[bool, typer.Option("--no-venue", help="Online only from now on")] = False,
    room: RoomName = "",
    no_room: Annotated[bool, typer.Option("--no-room", help="In person only from now on")] = False,
    schedule: Annotated[str, typer.Option(metavar="PHRASE", help="Other times: “every Thursday 18:00-19:30”")] = "",
    zone: Annotated[str, typer.Option(help="Another time zone; the clock times stay")] = "",
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="From when; its next date when left out")] = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Change its title, its place, or its times.

    Times change from a day on; a title and a place change at once. For a single date see move and close-door.
    """
    _refuse_muddle(places=(venue, no_venue, room, no_room), times=(schedule, zone), title=title, since=since)

    def deed(session: Session, now: datetime) -> Report:
        found = meetings.find(session, meeting)
        told = Report([])
        if title:
            told.lines.append(f"“{found.title}” is to be called “{clean(title)}”; its short name stays {found.slug}")
            meetings.rename(session, found, title, now)
        if venue or no_venue or room or no_room:
            there = None if no_venue else asking.venue(session, venue) or _held(session, Venue, found.venue_id)
            online = None if no_room else asking.room(session, room) or _held(session, OnlineRoom, found.room_id)
            _house(session, found, (there, online), told, now)
        if schedule or zone:
            _reschedule(session, found, (schedule, zone, since), told, now)
        told.warnings += clashing.warnings(session, found, now)
        return told

    change.carry_out(context.of(ctx), deed, "Change it?", dry_run=dry_run, yes=yes)


for name, command in meeting_dates.COMMANDS.items():
    app.command(name)(command)


def _refuse_muddle(*, places: tuple[str, bool, str, bool], times: tuple[str, str], title: str, since: str) -> None:
    venue, no_venue, room, no_room = places
    if not (title or any(places) or any(times)):
        raise UsageError("Nothing was given to change", "See `meetup meeting edit --help`")
    if (venue and no_venue) or (room and no_room):
        raise UsageError("A venue or room is given and taken away at once", "Choose one of the two")
    if since and not any(times):
        raise UsageError("--from is about --schedule and --zone", _FROM_A_DAY_ON)


_FROM_A_DAY_ON = (
    "A title, a venue and a room change on all dates at once. To meet elsewhere from a day on, end the meeting the day"
    " before (`meetup meeting end`), and add it anew from that day (`meetup meeting add … --from DATE`);"
    " a few dates can be moved one by one (`meetup meeting move … --venue VENUE`)"
)


def _held(session: Session, table: type[Place], number: int | None) -> Place | None:
    return session.get_one(table, number) if number else None


def _house(
    session: Session, meeting: Meeting, held: tuple[Venue | None, OnlineRoom | None], told: Report, now: datetime
) -> None:
    """Set where a meeting is held and say so; a new one may still have no place at all."""
    venue, room = held
    if venue is None and room is None and meeting.venue_id is None and meeting.room_id is None:
        told.warnings.append(
            "It has no venue and no room yet, so nobody is reminded; add one:"
            f" `meetup meeting edit {meeting.slug} --venue VENUE --room ROOM`"
        )
        return
    changed = meetings.hold(session, meeting, now, venue=venue, room=room)
    where = [venue and f"in person at {venue.name}, {venue.address}", room and f"online in {room.name}"]
    told.lines.append(f"People meet {' and '.join(text for text in where if text)}")
    for one in changed:
        told.lines.append(f"Members were reminded of {occurrences.day(one.start_local)}: they are told of the change")


def _reschedule(session: Session, meeting: Meeting, wanted: tuple[str, str, str], told: Report, now: datetime) -> None:
    """Give a meeting other times from a day on, and say which changes of single dates that loses."""
    phrase, zone, since = wanted
    first = day(since, asking.today(session, meeting, now)) if since else asking.next_day(session, meeting, now)
    if first is None:
        raise Forbidden(f"“{meeting.title}” has no dates to come", "Use `meetup meeting resume`, or add it anew")
    old = [meetings.timing_of(row) for row in timetable.ruling(session, meeting, first)]
    timings = asking.changed(old, phrase, zone, first)
    split = timetable.reschedule_all(session, meeting, timings, first, now)
    begun = [meetings.timing_of(row) for row in split.schedules]
    saying = [replace(one, skipped=timing.skipped) for one, timing in zip(begun, timings, strict=True)]
    begins = min(timing.start for timing in begun)
    told.lines.append(
        f"From {occurrences.day(max(begins, datetime.combine(first, time.min)))} on it meets {asking.said(*saying)}"
    )
    told.warnings += _other_lengths(old, begun)
    if len(begun) < len(old):
        told.warnings.append(f"That takes the place of all its times: {asking.said(*old)}")
    if split.lost:
        days = ", ".join(occurrences.day(slot) for slot in split.lost)
        told.warnings.append(f"What was changed on these dates fits no longer, and is forgotten: {days}")
    told.warn_of(surprise for timing in begun for surprise in asking.surprises(timing, now))


def _other_lengths(old: Sequence[meetings.Timing], new: Sequence[meetings.Timing]) -> list[str]:
    """Warn when a meeting lasts longer or shorter than before: a phrase without an end means an hour."""
    before, after = ({meetings.minutes(one.duration) for one in timings} for timings in (old, new))
    if before == after or len(before) > 1 or len(after) > 1:
        return []
    return [f"It lasts {after.pop()} minutes now, not {before.pop()}"]


def _series(session: Session, name: str, group: str) -> tuple[list[Series], str]:
    """Return the series of a meeting or of a group, all of them when none is named, and whose they are."""
    if name and group:
        raise UsageError("A meeting and a group are given at once", "Choose one of the two")
    if group:
        return _of_group(session, group)
    if not name:
        return agenda.all_series(session), ""
    try:
        meeting = meetings.find(session, name)
    except (NotFound, NotUnderstood) as refusal:
        # Several meetings may bear the name of their group: then it is the group's dates that are meant.
        with contextlib.suppress(NotFound):
            return _of_group(session, name)
        raise refusal from None
    return [agenda.one_series(session, naming.key(meeting))], f"meeting “{meeting.title}” ({meeting.slug})"


def _of_group(session: Session, name: str) -> tuple[list[Series], str]:
    found = groups.find(session, name)
    return agenda.of_group(session, naming.key(found)), f"group “{found.name}”"
