"""Taking in what other programs know: their files become groups, venues, rooms and meetings."""

from collections.abc import Mapping
from typing import Annotated

import typer

from commands import context, download, loss, output, programme
from commands.options import DryRun, Json
from meetup import organization, reminders
from meetup.errors import NotUnderstood
from meetup.schedule import zones
from meetup.transfer import intake, meeting_guide
from meetup.transfer.ics import calendar, lines
from meetup.transfer.ics import intake as ics
from meetup.transfer.ics.calendar import Wishes
from meetup.transfer.ics.intake import Wanted
from meetup.transfer.survey import Fate, Plan

LARGEST_FEED = 100_000_000  # bytes
KeepGoing = Annotated[bool, typer.Option("--keep-going", help="Take what can be taken, not all or nothing")]
Remind = Annotated[list[str] | None, typer.Option(metavar="RULE", help="“24h by email”; may be given again")]

app = typer.Typer(help="Take in meetings from other programs' files.", no_args_is_help=True)


@app.callback()
def begin() -> None:
    """Take in meetings from other programs' files."""


@app.command("meeting-guide")
def meeting_guide_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A Meeting Guide feed as JSON; - reads from a pipe")],
    *,
    zone: Annotated[str, typer.Option(help="Of listings that name none, as in America/New_York")] = "",
    keep_going: KeepGoing = False,
    remind: Remind = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take in the weekly meetings of a Meeting Guide feed."""
    here = context.of(ctx)
    rules = [reminders.parse_rule(text) for text in remind or ()] or list(reminders.USUAL)
    reading = meeting_guide.read(_text(file), zone)
    with here.reading() if dry_run else here.writing() as session:
        planned = intake.plan(session, reading)
        refused = bool(planned.rejected) and not (keep_going and planned.households)
        if not (dry_run or refused):
            intake.take(session, planned, rules, here.clock.now())
    (_emit if json else _show)(planned, reading.rows, changed=not (dry_run or refused))
    if refused:
        _refuse(planned, reading.rows)


def _text(file: str) -> str:
    # A listing may be long, but nobody's directory fills a hundred megabytes.
    try:
        return download.content(file, LARGEST_FEED).decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUnderstood(f"{file} is not text in UTF-8", meeting_guide.FEED_HINT) from error


def _refuse(planned: Plan, rows: int) -> None:
    if not planned.households:
        raise NotUnderstood(f"None of the {rows} rows can be taken", meeting_guide.FEED_HINT)
    raise NotUnderstood(
        f"{len(planned.rejected)} of {rows} rows cannot be taken, so nothing was",
        "Mend them, or take the others with --keep-going",
    )


def _counts(planned: Plan, rows: int) -> Mapping[str, int]:
    fates = planned.fates
    return {
        "rows": rows,
        "added": fates[Fate.ADDED],
        "paused": fates[Fate.PAUSED],
        "unscheduled": fates[Fate.UNSCHEDULED],
        "known": fates[Fate.KNOWN],
        "rejected": len(planned.rejected),
        "groups": planned.new_groups,
        "venues": len(planned.venues),
        "rooms": len(planned.rooms),
    }


def _emit(planned: Plan, rows: int, *, changed: bool) -> None:
    output.emit_json(
        {
            "changed": changed,
            "counts": _counts(planned, rows),
            **loss.as_data(planned.rejected, planned.remarks),
        }
    )


_WORDS = {
    "rows": "rows in the file",
    "added": "meetings added",
    "paused": "meetings added, paused",
    "unscheduled": "groups without a schedule",
    "known": "there already",
    "rejected": "not taken",
    "groups": "new groups",
    "venues": "new venues",
    "rooms": "new rooms",
}


def _show(planned: Plan, rows: int, *, changed: bool) -> None:
    loss.show_rejected(planned.rejected)
    output.facts((_WORDS[name], count) for name, count in _counts(planned, rows).items())
    loss.show_grouped((one.text, one.row) for one in planned.remarks)
    if not changed:
        output.say("Nothing was changed")


@app.command("ics")
def ics_(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FILE|URL", help="An iCalendar file or its address; - reads from a pipe")
    ],
    *,
    group: Annotated[str, typer.Option(help="Whose meetings they are: a group, or the name of a new one")] = "",
    zone: Annotated[str, typer.Option(help="Of times that name none that is known, as in America/New_York")] = "",
    wall_clock: Annotated[
        bool, typer.Option("--wall-clock", help="Let recurring times in UTC keep to the clocks of --zone")
    ] = False,
    venue: Annotated[str, typer.Option(help="Where entries are held that name no place and no link")] = "",
    room: Annotated[str, typer.Option(help="In which room entries are held that name no place and no link")] = "",
    closed: Annotated[
        bool, typer.Option("--closed", help="A new group is closed: it has no public page and no public calendar")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Where the file differs from what is here, take its word")
    ] = False,
    keep_going: KeepGoing = False,
    remind: Remind = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take in the meetings of a calendar; taken again, it changes nothing."""
    here = context.of(ctx)
    rules = [reminders.parse_rule(text) for text in remind or ()] or list(reminders.USUAL)
    now = here.clock.now()
    with here.reading() as session:
        home = organization.the(session).zone
    wishes = Wishes(home, now, zones.place(zone) if zone else "", wall_clock)
    reading = calendar.read(download.content(source, lines.LARGEST), wishes)
    wanted = Wanted(group, venue, room, closed=closed, update=update)
    with here.trying() if dry_run else here.writing() as session:
        done = ics.take(session, ics.survey_of(session, reading, wanted, now), rules, now, keep_going=keep_going)
        refused = bool(done.rejected) and not (keep_going and done.seats)
        if refused:
            session.rollback()
    programme.show(done, json=json, changed=done.changes and not (dry_run or refused))
    if refused:
        programme.refuse(done)
