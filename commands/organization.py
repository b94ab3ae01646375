"""`meetup organization`: who runs this installation, and how they are named."""

from typing import Annotated

import typer

from commands import context, output
from commands.options import Json
from meetup import organization
from meetup.errors import UsageError
from meetup.storage.tables import Organization

app = typer.Typer(help="Who runs this installation, and how they are named.", no_args_is_help=True)

SHOWN = ("name", "sender_name", "cover_label", "zone", "language", "country", "contact_mail", "words")


@app.command()
def show(ctx: typer.Context, as_json: Json = False) -> None:
    """Show what was said when this installation was set up."""
    with context.of(ctx).reading() as session:
        _print(organization.the(session), as_json=as_json)


@app.command()
def edit(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Option(help="What the organization is called")] = "",
    sender_name: Annotated[str, typer.Option(help="The only name a text ever says, at most 14 plain letters")] = "",
    cover_label: Annotated[str, typer.Option(help="Harmless words for calendars and mail subjects")] = "",
    contact_mail: Annotated[str, typer.Option(help="A mailbox that somebody reads")] = "",
    zone: Annotated[str, typer.Option(help="For new groups; those there are keep theirs")] = "",
    language: Annotated[str, typer.Option(help="For new groups and members: en or es")] = "",
    country: Annotated[str, typer.Option(help="Two letters: for phone numbers and crisis lines")] = "",
    words: Annotated[str, typer.Option(help="What no message may say, parted by commas; * for any ending")] = "",
    as_json: Json = False,
) -> None:
    """Change what was said when this installation was set up."""
    told = (name, sender_name, cover_label, zone, language, country, contact_mail, words)
    given = dict(zip(SHOWN, told, strict=True))
    changes = {key: value for key, value in given.items() if value}
    if not changes:
        raise UsageError("Nothing was to be changed", "Name what to change, such as --contact-mail ADDRESS")
    here = context.of(ctx)
    with here.writing() as session:
        row = organization.edit(session, changes, here.clock.now())
    _print(row, as_json=as_json)


def _print(row: Organization, *, as_json: bool) -> None:
    facts = {name: getattr(row, name) for name in SHOWN}
    if as_json:
        output.emit_json({"organization": facts})
        return
    output.facts((name.replace("_", " "), value) for name, value in facts.items())
