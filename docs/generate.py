"""Write the reference: every command's help and every setting, from the code. `make docs` runs it, a test compares."""

import os
from collections.abc import Iterator
from pathlib import Path

from typer.testing import CliRunner

from commands import menu, settings
from commands.context import Context
from notifications.rules.arrows import ARROWS, moves

HERE = Path(__file__).parent / "reference"
WIDTH = "100"

# What each setting is for; a test fails when one is missing here.
MEANINGS = {
    "home": "The directory that holds everything; two of them on one machine know nothing of each other.",
    "database_url": "`sqlite:////path/to/meetup.db` or `postgresql+psycopg://user@host/name`.",
    "key_file": "The keys that addresses are encrypted with. Without it nobody can read them.",
    "public_url": "Where the service is seen from outside, as `https://meet.example.org`. "
    "Without it there is no one-click unsubscribe, no delivery report and no text coming in.",
    "private_url": "A neutral address for what is sent to members, when the public one says too much.",
    "bind": "The address and port that `meetup serve` listens on.",
    "proxies": "The proxies in front, as addresses or networks: of them alone we believe for whom they ask.",
    "twilio_account_sid": "The account that texts are sent by.",
    "twilio_auth_token": "Its token; it also checks that what comes in is Twilio's.",
    "twilio_from": "The number that texts come from.",
    "twilio_messaging_service_sid": "Or the Messaging Service that they come from.",
    "twilio_base_url": "Another endpoint that behaves as Twilio's, for rehearsals.",
    "smtp_url": "The mail relay: `smtps://user:password@host:465`, `smtp+starttls://…:587`, or `smtp://` on this "
    "machine; `?cafile=` names a certificate authority of your own.",
    "mail_from": "The address that mail comes from; the organization's contact address when left out.",
    "bounce_address": "Where mail that cannot be delivered comes back, as `bounce@example.org`; every mail then leaves "
    "from an address of its own, `bounce+…@example.org`, and `meetup bounce ingest` reads what comes back there.",
    "twilio_shared_keys": "Keys by which Twilio signs with SHA-256, as `SK…=secret`, parted by commas; with one "
    "of them a signature by SHA-1 counts no more.",
    "on_call_url": "An address that is asked, without any content, when a text suggests that somebody may be "
    "in danger: it wakes a person who accepted that duty.",
    "metrics_token": "The bearer token that `/metrics` asks for; without it nobody is shown any numbers.",
    "ping_url": "An address that is asked once a minute while reminders are delivered, and that raises the alarm when "
    "it is not asked, as healthchecks.io offers it.",
    "sms_price": "What one segment of a text costs, as `0.0083 USD`: then plans and announcements show their cost.",
    "sms_rate": "How many segments of texts leave in a second, as the carriers allow the number; 0 for no limit.",
    "mail_rate": "How many mails leave in a second, as the relay allows; 0 for no limit.",
    "mail_connections": "How many connections to the relay are open at the same time.",
    "tick_seconds": "How often the service looks for what is due.",
    "lease_seconds": "How long a claim lasts whose worker is not heard of: longer where a provider is very slow.",
    "uncertain_grace_seconds": "How long to wait before asking the provider about a message of unknown fate.",
    "uncertain_texts": "What to do with a text that three looks at the provider's list did not find: `hold` it for the "
    "organizer, or `resend` it and risk that somebody gets it twice.",
}


def commands() -> Iterator[tuple[str, ...]]:
    """Yield every command as words."""
    yield ()
    for name in menu.COMMANDS:
        yield (name,)
        yield from ((name, inner) for inner in getattr(menu.load(name), "commands", {}))


def help_of(words: tuple[str, ...]) -> str:
    """Return the help of a command, as a terminal of fixed width shows it."""
    answer = CliRunner(env={"COLUMNS": WIDTH, "TERMINAL_WIDTH": WIDTH}).invoke(
        menu.app, [*words, "--help"], obj=Context({})
    )
    lines = answer.output.replace("Usage: root ", "Usage: meetup ").rstrip().splitlines()
    return "\n".join(line.rstrip() for line in lines)


def command_page() -> str:
    """Return the page of commands."""
    helps = (f"## `{' '.join(('meetup', *words))}`\n\n```\n{help_of(words)}\n```" for words in commands())
    return "\n\n".join(["# Commands\n\nWritten from the program by `make docs`.", *helps]) + "\n"


def setting_page() -> str:
    """Return the page of settings."""
    lines = [
        "# Settings",
        "",
        "A flag before the command wins over the environment, and that over `config.toml` in the home directory.",
        "A secret can also be read from a file: add `_FILE` to its variable.",
        "`meetup config show` tells which ones hold and where they came from.",
        "",
        "| variable | in config.toml | default | what for |",
        "|---|---|---|---|",
    ]
    for name in settings.NAMES:
        default = settings.Settings.model_fields[name].default
        shown = (
            "" if default is None or name in {"home", "key_file", "database_url", *settings.SECRETS} else str(default)
        )
        secret = f" or `{settings.variable(name)}_FILE`" if name in settings.SECRETS else ""
        in_file = "–" if name == "home" else f"`{name}`"
        lines.append(f"| `{settings.variable(name)}`{secret} | {in_file} | {shown} | {MEANINGS[name]} |")
    return "\n".join(lines) + "\n"


def state_page() -> str:
    """Return the page of the states that a delivery goes through."""
    rows = [f"| {', '.join(arrow.start)} | {', '.join(arrow.end)} | `{arrow.by}` | {arrow.when} |" for arrow in ARROWS]
    head = [
        "# The states of a delivery",
        "",
        "Written from the program by `make docs`; a database of the tests refuses every",
    ]
    head += ["other move.", "", "```mermaid", "stateDiagram-v2", *_drawn(), "```", ""]
    return "\n".join([*head, "| from | to | by | when |", "|---|---|---|---|", *rows]) + "\n"


def _drawn() -> list[str]:
    return ["    [*] --> PLANNED", *(f"    {start} --> {end}" for start, end in sorted(moves()))]


# Their defaults depend on the machine, or are secrets.
PLACES = {"home", "key_file", "database_url", *settings.SECRETS}
PAGES = {"commands.md": command_page, "settings.md": setting_page, "states.md": state_page}


def main() -> None:
    """Write the pages."""
    HERE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    os.environ["COLUMNS"] = WIDTH
    main()
