"""`meetup worker`: one of as many as wanted that send from one PostgreSQL database."""

import importlib.util
from typing import Annotated

import typer

from commands import context, house, logs, output
from commands.stopping import stopping
from meetup.errors import MeetupError, UsageError


def worker(
    ctx: typer.Context,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=32, help="How many batches at once")] = 2,
) -> None:
    """Plan and send together with other workers, on as many machines as wanted."""
    here = context.of(ctx)
    if here.database.is_sqlite:
        raise UsageError(
            "Several workers need PostgreSQL, and this database is an SQLite file",
            "Use `meetup serve`, or set MEETUP_DATABASE_URL and see docs/guide/operators.md",
        )
    if importlib.util.find_spec("procrastinate") is None:
        raise MeetupError("This meetup was installed without its cluster", "Run: pip install 'meetup[cluster]'")
    from commands.engines import cluster  # noqa: PLC0415 -- only where the extra is installed

    logs.begin("INFO")
    ours, stop = house.service(here), stopping()
    if paused := house.paused(here):
        output.warn(paused)
    with context.answering(), here.database.delivering():
        output.say(f"Working, {jobs} batches at once; Ctrl-C stops")
        cluster.run(cluster.Cluster(ours, jobs), stop)
    house.hang_up(ours)
    output.say("Stopped; nothing is half done")
