"""The menu loads a command when it runs, and a refusal becomes words and an exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import context, menu, settings
from commands.app import main
from commands.context import Context
from meetup import __version__
from meetup.storage import schema

HEAVY = {"sqlmodel", "sqlalchemy", "alembic", "twilio", "starlette", "icalendar", "pydantic", "rich", "babel"}
SHOW_MODULES = "import sys; from commands.app import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"


def loaded_by(*args: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", SHOW_MODULES, *args], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize("name", menu.COMMANDS)
def test_every_command_is_there_and_says_what_the_menu_says(name: str) -> None:
    command = menu.load(name)

    assert command.get_short_help_str(limit=200).startswith(menu.COMMANDS[name][1].removesuffix("."))


@pytest.mark.parametrize("name", menu.COMMANDS)
def test_every_line_of_the_menu_fits_a_terminal(name: str) -> None:
    assert len(menu.COMMANDS[name][1]) <= 64


def test_help_loads_nothing_heavy() -> None:
    loaded = loaded_by("--help")

    assert "typer" in loaded
    assert loaded & HEAVY == set()


def test_the_version_loads_not_even_the_menu() -> None:
    assert loaded_by("--version") & {*HEAVY, "typer"} == set()


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr() == (f"meetup {__version__}\n", "")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    shown = capsys.readouterr().out
    assert [name for name, (_, line) in menu.COMMANDS.items() if f"{name} " not in shown or line not in shown] == []


def test_a_command_that_does_not_exist_is_refused_with_a_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upgrad"]) == 2
    assert (
        capsys.readouterr().err
        == "error: No such command 'upgrad'. Did you mean 'upgrade'?\n\nhint: See `meetup --help`\n"
    )


def test_an_option_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upgrade", "--colour"]) == 2
    assert "hint: See `meetup upgrade --help`" in capsys.readouterr().err


def test_a_refusal_has_its_hint_and_its_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["upgrade"], {"MEETUP_HOME": str(tmp_path)})

    assert code == 3
    assert capsys.readouterr() == (
        "",
        f"error: Nothing has been set up in {tmp_path} yet\n\nhint: Run `meetup init` first\n",
    )


def test_debug_shows_where_a_refusal_came_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--debug", "upgrade"], {"MEETUP_HOME": str(tmp_path)}) == 3
    assert "Traceback" in capsys.readouterr().err


def test_a_flag_wins_over_the_environment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path / "flag"), "upgrade"], {"MEETUP_HOME": str(tmp_path)}) == 3
    assert f"set up in {tmp_path / 'flag'} yet" in capsys.readouterr().err


@pytest.mark.parametrize("name", [name for name in settings.NAMES if name not in settings.SECRETS])
def test_every_setting_but_a_secret_has_a_flag(name: str, tmp_path: Path) -> None:
    here = Context({})
    flag = f"--{name.replace('_', '-')}"

    menu.run([flag, str(tmp_path), "config", "path"] if name == "home" else [flag, "x", "group", "--help"], here)

    assert here.flags[name] == (str(tmp_path) if name == "home" else "x")


@pytest.mark.parametrize("name", ["twilio_auth_token", "smtp_url"])
def test_a_secret_has_a_flag_for_its_file_only(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    flag = f"--{name.replace('_', '-')}"

    assert main([flag, "x", "config", "path"]) == 2
    assert f"No such option: {flag}" in capsys.readouterr().err
    assert main([f"{flag}-file", "x", "group", "--help"]) == 0


def test_a_reader_that_leaves_early_hears_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "meetup", "--help"], stdout=nobody, stderr=subprocess.PIPE, check=False
        )

    assert done.stderr == b""


def test_the_program_expects_the_newest_schema() -> None:
    assert schema.newest() == context.SCHEMA_REVISION


def test_a_context_opens_nothing_by_itself(tmp_path: Path) -> None:
    Context({"MEETUP_HOME": str(tmp_path)}).close()

    assert list(tmp_path.iterdir()) == []
