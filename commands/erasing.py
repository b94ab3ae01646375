"""A member's data: handed out as a file, or erased. The commands of `meetup member` that a member has a right to."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from commands import context, output
from commands.options import DryRun, Yes
from meetup.errors import AlreadyExists, MeetupError, NotFound
from meetup.people import members, privacy
from meetup.people.privacy import Erasure
from meetup.values import Source

MemberName = Annotated[str, typer.Argument(metavar="MEMBER", help="Their alias or number")]


def export(
    ctx: typer.Context,
    member: MemberName,
    *,
    file: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="A new file; - prints it")] = "",
) -> None:
    """Write all that is known of a member into a file, for them to have."""
    with context.of(ctx).reading() as session:
        found = members.find(session, member)
        known, number = privacy.export(session, found), found.id
    text = json.dumps(known, ensure_ascii=False, indent=2)
    if file == "-":
        output.write(text)
        return
    target = Path(file or f"member-{number}.json").expanduser()
    _write(target, text)
    output.say(
        f"All that is known of member {number} is in {target}, for you alone to read: hand it over, then delete it"
    )


def forget(ctx: typer.Context, member: MemberName, *, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Erase a member: everything goes but a keyed hash that keeps us from writing to them again."""
    here = context.of(ctx)
    with here.reading() as session:
        found = members.find(session, member)
        number, going = found.id or 0, privacy.holdings(session, found)
    _explain(number, going)
    if dry_run:
        return
    if not output.confirm(f"Erase member {number}? Nobody can take that back.", yes=yes):
        raise MeetupError("Nothing was changed")
    with here.writing() as session:
        # By number: whoever has been given that alias in between is somebody else.
        gone = privacy.forget(session, members.find(session, str(number)), Source.ORGANIZER, here.clock.now())
    here.database.scrub()
    output.say(f"Member {number} is erased: {gone.total} rows are gone, and their calendar is empty from now on")


def _explain(number: int, going: Erasure) -> None:
    rows = [(name.replace("_", " "), count) for name, count in sorted(going.rows.items()) if count]
    output.table(["what is known", "rows"], rows)
    output.say(f"All of that goes. What stays of member {number} here:")
    output.say(f"  {privacy.KEPT}")
    output.say("What stays elsewhere, and is not ours to delete:")
    for place in privacy.ELSEWHERE:
        output.say(f"  {place}")


def _write(target: Path, text: str) -> None:
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise AlreadyExists(f"There is a file {target} already", "Name another one with -o") from error
    except FileNotFoundError as error:
        raise NotFound(f"There is no directory {target.parent}") from error
    except OSError as error:
        raise MeetupError(f"{target} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(f"{text}\n")
