"""How long a command takes to start, compared with loading the library that reads its command line."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

from commands.app import main
from tests.benchmarks.processes import ended
from tests.benchmarks.race import Race, Spent, Standing, run_both

LIMIT = ["-c", "import typer"]
SETTING_UP = (
    ["init", "--name", "Riverside Peer Support", "--sender-name", "Riverside", "--zone", "America/New_York"],
    ["group", "add", "Thursday circle", "--label", "Thursday plan"],
    ["room", "add", "Video room", "https://meet.jit.si/riverside-7f3a"],
    ["meeting", "add", "Thursday circle", "every Thursday 19:00-20:30", "--room", "video-room"],
)


def compare(folder: Path, rounds: int) -> Iterator[Standing]:
    """Start the program to be helped, and to list what is in the database."""
    environ = {"MEETUP_HOME": str(folder / "home")}

    def start(args: Sequence[str]) -> Spent:
        return ended(["-m", "meetup", *args], environ)

    _set_up(environ)
    for key, args in (("help", ["--help"]), ("list", ["meeting", "list"])):
        race = Race(key, f"start `meetup {' '.join(args)}`", partial(start, args), partial(ended, LIMIT, {}))
        race.ours()  # whatever is loaded for the first time is compiled
        yield from run_both(race, rounds)


def _set_up(environ: Mapping[str, str]) -> None:
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        codes = [main(args, environ) for args in SETTING_UP]
    if any(codes):
        raise RuntimeError(said.getvalue())
