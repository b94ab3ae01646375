"""The way in: run a command; a refusal becomes words on stderr and an exit code, and only a bug a traceback."""

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence

from commands import output
from commands.context import Context
from meetup import __version__
from meetup.errors import MeetupError


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    _never_choke()
    if args == ["--version"]:
        output.write(f"meetup {__version__}")
        return 0
    here = Context(environ)
    with contextlib.closing(here):
        code = _run(args, here)
    return code if _flushed() else 1


def _run(args: list[str], here: Context) -> int:
    # Typer is slow to import: `--version` has been answered already.
    from commands import menu  # noqa: PLC0415 -- slow import

    try:
        return menu.run(args, here)
    except MeetupError as error:
        if here.debug:
            traceback.print_exc()
        output.refuse(error.message, error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        output.say("\nInterrupted")
        return 130
    except BrokenPipeError:
        return 1


def _never_choke() -> None:
    """Show a question mark where a terminal cannot show a character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _flushed() -> bool:
    """Write out what is left; when the reader has gone (`| head`), leave without a word."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
