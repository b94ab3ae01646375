"""`meetup serve`: the ticks and the web in one process, until it is asked to stop."""

from typing import Annotated

import typer

from commands import context, house, logs, output
from commands.context import Context
from commands.stopping import stopping
from meetup.values import Channel

WORDS = {Channel.SMS: "texts", Channel.EMAIL: "mail"}


def serve(
    ctx: typer.Context,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Send reminders, or only show pages")] = True,
) -> None:
    """Run the service: send what is due, and serve feeds and pages."""
    here = context.of(ctx)
    logs.begin("INFO")  # whoever runs a service reads in its log what it does
    stop = stopping()
    with house.running(here, worker=worker) as running:
        _announce(here, running.url, worker=worker)
        running.watch(stop)
        output.say("Stopping: what is in flight is finished first; a second Ctrl-C stops at once")
    output.say("Stopped; nothing is half done")


def _announce(here: Context, url: str, *, worker: bool) -> None:
    if not worker:
        output.say(f"Showing pages on {url}; nothing is sent from here; Ctrl-C stops")
        return
    output.say(f"Serving on {url}, looking every {here.settings.tick_seconds:g} seconds; Ctrl-C stops")
    if paused := house.paused(here):
        output.warn(paused)
    for channel, reason in house.silent(here).items():
        output.warn(f"No {WORDS[channel]} will be sent: {reason}")
    if not here.settings.public_url:
        output.warn("MEETUP_PUBLIC_URL is not set: no one-click unsubscribe, no delivery reports, no texts coming in")
