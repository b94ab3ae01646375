"""The inbox: what members texted that no rule could settle. Nobody else reads it."""

from typing import Annotated

import typer

from commands import context, output
from commands.options import Json, Reveal
from meetup import organization
from meetup.errors import UsageError
from meetup.schedule import zones
from notifications import inbox
from notifications.inbox import Letter

app = typer.Typer(help="What members texted that nobody has answered yet.", no_args_is_help=True)

Numbers = Annotated[list[int], typer.Argument(metavar="NUMBER…", help="As `meetup inbox list` shows them")]
SAID = {
    "crisis": "may be in danger",
    "stop_and_crisis": "stopped, and may be in danger",
    "revocation": "stopped, in words of their own",
    "join": "a code that opens nothing",
    "other": "no answer that we know",
}
HINT = "meetup inbox show NUMBER"


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also what was read, as long as it is kept")] = False,
    json: Json = False,
) -> None:
    """List what waits, without its words: urgent ones first, then the newest."""
    with context.of(ctx).reading() as session:
        zone = organization.the(session).zone
        found = inbox.listing(session, everything=everything)
    if json:
        output.emit_json({"texts": [_facts(letter) for letter in found]})
        return
    rows = [
        [letter.number, f"{zones.wall(letter.received_at, zone):%Y-%m-%d %H:%M}", *_said(letter)] for letter in found
    ]
    output.table(["text", "came at", "from", "it is about", "read"], rows, empty="Nothing waits")
    if any(letter.read_at is None for letter in found):
        output.say(f"Read one with `{HINT}`; an answer of yours goes by your own phone or mail, not by this program")


@app.command()
def show(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="As `meetup inbox list` shows it")],
    *,
    json: Json = False,
    reveal: Reveal = False,
) -> None:
    """Show the words of a text, and note that it was read."""
    here = context.of(ctx)
    if json and not reveal:
        raise UsageError("A file would keep these words", "Add --reveal when you want that")
    with here.writing() as session:
        letter, words, sender = inbox.one(session, number)
        inbox.read(session, [number], here.clock.now())
        zone = organization.the(session).zone
    if json:
        output.emit_json({"text": {**_facts(letter), "words": words, "number": sender}})
        return
    output.facts(
        [
            ("from", f"{letter.sender} ({sender})" if reveal else letter.sender),
            ("came at", f"{zones.wall(letter.received_at, zone):%Y-%m-%d %H:%M}"),
            ("words", words or "nothing"),
            ("answered", letter.answer or "not by us"),
        ]
    )
    if letter.urgent:
        output.warn(
            "Somebody may be in danger: our answer named the crisis line, and cannot take the place of a person"
        )


@app.command()
def read(ctx: typer.Context, numbers: Numbers) -> None:
    """Note that some texts were read, without showing them."""
    here = context.of(ctx)
    with here.writing() as session:
        new = inbox.read(session, numbers, here.clock.now())
    output.say(f"{new} noted as read; what was read is deleted after 14 days")


def _said(letter: Letter) -> tuple[str, str, str]:
    return letter.sender, SAID.get(letter.intent, letter.intent), "yes" if letter.read_at else "no"


def _facts(letter: Letter) -> dict[str, object]:
    return {
        "number": letter.number,
        "received_at": letter.received_at,
        "sender": letter.sender,
        "intent": letter.intent,
        "urgent": letter.urgent,
        "answered": bool(letter.answer),
        "read": letter.read_at is not None,
    }
