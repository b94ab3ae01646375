"""`meetup check`: what is wrong with the calendar to come, and what to do about it."""

from dataclasses import asdict
from typing import Annotated

import typer

from commands import context, output
from commands.checkup import calendar, findings
from commands.options import Json


def check(
    ctx: typer.Context,
    *,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How far to look")] = calendar.LOOKED_AT,
    json: Json = False,
) -> None:
    """Look for what is wrong with the dates to come: clashes, links that end, meetings without a place.

    Exit code 1 when something is.
    """
    here = context.of(ctx)
    with here.reading() as session:
        view = calendar.look(session, here.clock.now(), days)
        found = list(calendar.everything(session, view))
    if json:
        output.emit_json({"healthy": not found, "dates": len(view.dates), "findings": [asdict(one) for one in found]})
    elif found:
        findings.show(found)
    else:
        output.say(f"All is well with {findings.count(len(view.dates), 'date')} in the next {days} days")
    if found:
        raise typer.Exit(1)
