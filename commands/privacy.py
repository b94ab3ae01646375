"""`meetup privacy`: what is kept about people, and when it goes."""

from dataclasses import asdict

import typer

from commands import context, output
from commands.options import Json
from meetup import organization
from meetup.schedule import zones
from meetup.storage import keys
from notifications import kept

app = typer.Typer(help="What is kept about people, and when it goes.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """Show what is kept about people, and when it goes."""


@app.command()
def status(ctx: typer.Context, *, json: Json = False) -> None:
    """Show what is kept, since when, by which rule it goes, and how much each key seals."""
    here = context.of(ctx)
    with here.reading() as session:
        found = list(kept.kept(session, here.clock.now()))
        zone = organization.the(session).zone
    sealed = keys.used(here.database)
    if json:
        output.emit_json(
            {"kept": [asdict(one) for one in found], "sealed_by_key": {str(k): n for k, n in sealed.items()}}
        )
        return
    rows = [
        (one.what, one.number, f"{zones.wall(one.oldest, zone):%Y-%m-%d}" if one.oldest else "", one.rule)
        for one in found
    ]
    output.table(["kept", "number", "oldest", "until"], rows)
    output.say(
        f"Sealed values by key: {', '.join(f'{key} {number}' for key, number in sorted(sealed.items())) or 'none'}"
    )
    for one in found:
        if one.overdue:
            output.warn(f"Some {one.what} should be gone by now: does `meetup serve` run?")
