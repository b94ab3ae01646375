"""Setting up an organization, and keeping its database up to date."""

import typer

from commands import context, output


def upgrade(ctx: typer.Context) -> None:
    """Bring the database to the schema of this program."""
    here = context.of(ctx)
    from meetup.storage import schema  # noqa: PLC0415 -- slow import

    database = here.unchecked_database()
    with context.answering():
        before = schema.current(database)
        schema.upgrade(database)
        after = schema.current(database)
    output.say(f"The database stands at {after}" + (" already" if before == after else f", before at {before}"))
    database.close()
