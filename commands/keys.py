"""The keys that members' data is sealed with: which there are, a new one, and the old ones gone."""

import contextlib
from typing import Annotated

import typer

from commands import context, output
from commands.context import Context
from commands.options import Json, Yes
from meetup.errors import MeetupError
from meetup.storage import keys

app = typer.Typer(help="The keys that members' data is sealed with.", no_args_is_help=True)


@app.command()
def show(ctx: typer.Context, *, json: Json = False) -> None:
    """Show the ids of the keys, and how many values need each; never a key."""
    here = context.of(ctx)
    needed, there = keys.used(here.database), sorted(here.database.vault.seal_keys)
    rows = [(key_id, needed[key_id], "seals" if key_id == there[-1] else "opens") for key_id in there]
    if json:
        output.emit_json({"keys": [{"key": key_id, "values": count, "job": job} for key_id, count, job in rows]})
        return
    output.table(["key", "values", "job"], rows)


@app.command()
def rotate(
    ctx: typer.Context,
    *,
    yes: Yes = False,
    go_on: Annotated[bool, typer.Option("--continue", help="Only finish what was begun, without another key")] = False,
) -> None:
    """Make a new key and seal everything anew with it; nothing may run meanwhile, since it would not know the key.

    It may be interrupted at any moment: every value stays readable, and --continue finishes it.
    """
    here = context.of(ctx)
    with here.database.still():
        if not output.confirm("Stop every `meetup serve` and `meetup worker` first. Go on?", yes=yes):
            raise MeetupError("Nothing was changed")
        if not go_on:
            keys.add(here.settings.key_file)
        done = _resealed(here)
    output.say(f"{done} values are sealed anew; start the service again")
    output.say(f"Copy {here.settings.key_file} to wherever else it is kept: workers on other machines need it, too")
    output.say("When no backup from before is needed any more: meetup keys retire")


@app.command()
def retire(ctx: typer.Context, *, yes: Yes = False) -> None:
    """Take the old keys out of the key file; a backup that was made before can then be read no more."""
    here = context.of(ctx)
    question = "Backups from before the last rotation cannot be read without the old keys. Take them out?"
    if not output.confirm(question, yes=yes):
        raise MeetupError("Nothing was changed")
    gone = keys.retire(here.settings.key_file, here.database)
    output.say(f"Retired: {', '.join(map(str, gone))}" if gone else "There is no old key")


def _resealed(here: Context) -> int:
    """Seal with the newest key of the file, which the database at hand does not know yet."""
    with contextlib.closing(context.any_database(here.settings)) as database:
        return sum(keys.reseal(database))
