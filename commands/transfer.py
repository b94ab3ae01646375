"""Taking in what other programs know: their files become groups, venues, rooms and meetings."""

import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from commands import context, output
from commands.options import DryRun, Json
from meetup import reminders
from meetup.errors import MeetupError, NotFound, NotUnderstood
from meetup.transfer import intake, meeting_guide
from meetup.transfer.survey import Fate, Plan

ROWS_SHOWN = 5

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
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Take what can be taken, not all or nothing")
    ] = False,
    remind: Annotated[list[str] | None, typer.Option(metavar="RULE", help="“24h by email”; may be given again")] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take in the weekly meetings of a Meeting Guide feed."""
    here = context.of(ctx)
    rules = [reminders.parse_rule(text) for text in remind or ()] or list(reminders.USUAL)
    reading = meeting_guide.read(_content(file), zone)
    with here.reading() if dry_run else here.writing() as session:
        planned = intake.plan(session, reading)
        refused = bool(planned.rejected) and not (keep_going and planned.households)
        if not (dry_run or refused):
            intake.take(session, planned, rules, here.clock.now())
    (_emit if json else _show)(planned, reading.rows, changed=not (dry_run or refused))
    if refused:
        _refuse(planned, reading.rows)


def _content(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {file}") from error
    except OSError as error:
        raise MeetupError(f"{file} cannot be read: {error.strerror}") from error
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
            "rejected": [{"row": one.row, "name": one.name, "reason": one.reason} for one in planned.rejected],
            "remarks": [
                {"row": one.row, "name": one.name, "text": one.text, "about": one.about} for one in planned.remarks
            ],
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
    if planned.rejected:
        output.table(
            ["row", "name", "not taken because"], [[one.row, one.name, one.reason] for one in planned.rejected]
        )
        output.write("")
    output.facts((_WORDS[name], count) for name, count in _counts(planned, rows).items())
    _show_remarks(planned)
    if not changed:
        output.say("Nothing was changed")


def _show_remarks(planned: Plan) -> None:
    """Show each kind of remark once, with the first rows that it is about."""
    found: dict[str, list[int]] = defaultdict(list)
    for remark in planned.remarks:
        found[remark.text].append(remark.row)
    for text, numbers in found.items():
        shown = ", ".join(map(str, numbers[:ROWS_SHOWN])) + (", …" if len(numbers) > ROWS_SHOWN else "")
        output.warn(f"{text} ({len(numbers)} of the rows: {shown})")
