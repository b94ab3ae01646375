"""`meetup bounce`: mail that came back, as a mail server pipes it in."""

import sys
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from commands import context, output
from commands.context import Context
from meetup.errors import MeetupError, UsageError
from notifications import bounces
from notifications.bounces import Heard
from notifications.channels import returned

MOST = 1_000_000  # octets: what a report says stands at its beginning, and our mails are small
PIECE = 65_536
TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the message, and comes again

app = typer.Typer(help="Mail that came back.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """Take in what comes back to MEETUP_BOUNCE_ADDRESS."""


@app.command()
def ingest(
    ctx: typer.Context,
    *,
    recipient: Annotated[str, typer.Option(metavar="ADDRESS", help="Where it arrived, as the mail server says")] = "",
) -> None:
    """Read one message from a pipe, and act on it when it is a delivery report or a complaint about a mail of ours.

    Exit codes: 0 whatever the message is, 75 when the mail server is to come again.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("No message is piped in", "Let a mail server do that: docs/guide/operators.md says how")
    try:
        heard = _take(context.of(ctx), _piped(), recipient)
    except (MeetupError, SQLAlchemyError) as error:
        _refuse(error)
        raise typer.Exit(TRY_AGAIN) from error
    if heard is None:
        output.say("Not a report about a mail of ours")
    else:
        output.write(_sentence(heard))


def _take(here: Context, raw: bytes, recipient: str) -> Heard | None:
    report = returned.read(raw, recipient)
    if report is None:
        return None
    with here.writing() as session:
        return bounces.take_back(session, report, here.clock.now())


def _piped() -> bytes:
    raw = sys.stdin.buffer.read(MOST)
    while sys.stdin.buffer.read(PIECE):
        pass  # to its end: a mail server takes a pipe that nobody reads for a failure
    return raw


def _refuse(error: MeetupError | SQLAlchemyError) -> None:
    if isinstance(error, MeetupError):
        output.refuse(error.message, error.hint)
    else:
        # Its words may hold a row.
        output.refuse(f"The database could not take it ({type(error).__name__})", "Look at it with `meetup doctor`")


def _sentence(heard: Heard) -> str:
    """Say what was learned, without saying about whom."""
    parts = [heard.state.lower() if heard.state else "as it was", heard.news]
    if heard.closed:
        parts.append("no more mail goes to that address")
    return f"Delivery {heard.code[:8]}…: {'; '.join(parts)}"
