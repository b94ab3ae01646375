"""The menu: which commands there are and where they live. A module is loaded when its command runs, not before."""

import importlib
from functools import cache
from typing import Annotated, Any

import typer
from typer._click import Command
from typer._click import Context as ClickContext
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from commands import context, logs, output
from commands.context import Context
from meetup import __version__

# Name → where it lives, and one line of help: the beginning of the real one (a test compares them).
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("commands.setup:init", "Set up an organization: home directory, keys, database."),
    "upgrade": ("commands.setup:upgrade", "Bring the database to the schema of this program."),
    "organization": ("commands.organization:app", "Who runs this installation, and how they are named."),
    "group": ("commands.group:app", "The people who meet, and when they are reminded."),
    "venue": ("commands.venue:app", "Where people meet, how they get in, and when it is shut."),
    "room": ("commands.room:app", "Video rooms: the link, how to dial in, who may see it."),
    "meeting": ("commands.meeting:app", "When and where a group meets, and what differs on one date."),
    "agenda": ("commands.agenda:show", "Show what happens when, cancelled dates too."),
    "check": ("commands.check:check", "Look for what is wrong with the dates to come"),
    "member": ("commands.member:app", "People known by an alias, and how they are reached."),
    "consent": ("commands.consent:app", "Who agreed to what; nothing is sent without it."),
    "subscribe": ("commands.subscription:subscribe", "Subscribe a member to a group, or change how."),
    "unsubscribe": (
        "commands.subscription:unsubscribe",
        "Unsubscribe a member",
    ),
    "remind": ("commands.remind:app", "Reminders: what will be said, saying it, and how it went."),
    "announce": ("commands.announce:announce", "Tell everybody in a group something, once."),
    "budget": ("commands.budget:app", "What texts cost, month by month, and how many may be sent."),
    "inbox": ("commands.inbox:app", "What members texted that nobody has answered yet."),
    "bounce": ("commands.bounce:app", "Mail that came back."),
    "why": ("commands.why:why", "Explain one message, or what a member is told of one date."),
    "demo": ("commands.demo:demo", "Play one week with a dozen members"),
    "serve": ("commands.serve:serve", "Run the service: send what is due, and serve feeds"),
    "worker": ("commands.worker:worker", "Plan and send together with other workers"),
    "doctor": ("commands.doctor:doctor", "Look for what keeps reminders from arriving"),
    "backup": ("commands.backup:backup", "Copy the database into a file, while everything runs."),
    "restore": ("commands.backup:restore", "Put a backup in the place of the database"),
    "privacy": ("commands.privacy:app", "What is kept about people, and when it goes."),
    "keys": ("commands.keys:app", "The keys that members' data is sealed with."),
    "config": ("commands.config:app", "Which settings hold, and where they came from."),
    "import": ("commands.transfer:app", "Take in meetings from other programs' files."),
    "publish": ("commands.publish:publish", "Write the public pages and calendars into a directory"),
    "audit": ("commands.audit:audit", "List what a published listing gives away"),
    "feed": ("commands.feed:app", "Calendars: as a file, as a link, as a card to scan."),
}

FLAGS = ("home", "database-url", "key-file", "public-url", "private-url", "bind", "mail-from", "tick-seconds", "debug")
Text = Annotated[str, typer.Option(hidden=True)]  # a setting that is rarely given on a command line
EPILOG = (
    "Every setting has a flag of its name before the command; secrets have one that ends in -file. "
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 forbidden by a rule, 5 not understood, "
    "130 interrupted."
)


class LazyGroup(TyperGroup):
    """A group of commands that are known by name and help, and loaded when somebody runs one."""

    def __init__(self, **attrs: Any) -> None:  # noqa: ANN401 -- whatever Typer passes is passed on
        super().__init__(**attrs)
        for name, (_, line) in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=line, rich_markup_mode=None)

    def resolve_command(self, ctx: ClickContext, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = load(args[0])
        return super().resolve_command(ctx, args)


@cache
def load(name: str) -> Command:
    """Import a command's module and return the command."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if isinstance(found, typer.Typer):
        # Plain help: it is read by screen readers, and rich would triple the time it takes.
        found.rich_markup_mode = None
        return typer.main.get_group(found)
    single = typer.Typer(rich_markup_mode=None, add_completion=False)
    single.command(name)(found)
    return typer.main.get_command(single)


app = typer.Typer(
    name="meetup",
    cls=LazyGroup,
    help="Recurring hybrid meetings: calendars, reminders, and nobody told twice.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def show_version(wanted: bool) -> None:
    """Show the version and stop."""
    if wanted:
        output.write(f"meetup {__version__}")
        raise typer.Exit


@app.callback()
def begin(
    ctx: typer.Context,
    *,
    home: Annotated[str, typer.Option(metavar="DIR", help="Where everything lies [MEETUP_HOME]")] = "",
    database_url: Annotated[str, typer.Option(metavar="URL", help="The database [MEETUP_DATABASE_URL]")] = "",
    key_file: Annotated[str, typer.Option(metavar="FILE", help="The keys [MEETUP_KEY_FILE]")] = "",
    public_url: Annotated[str, typer.Option(metavar="URL", help="Where pages are seen [MEETUP_PUBLIC_URL]")] = "",
    private_url: Annotated[str, typer.Option(metavar="URL", help="A neutral address [MEETUP_PRIVATE_URL]")] = "",
    bind: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to listen [MEETUP_BIND]")] = "",
    mail_from: Annotated[str, typer.Option(metavar="ADDRESS", help="Who mails [MEETUP_MAIL_FROM]")] = "",
    tick_seconds: Annotated[str, typer.Option(metavar="N", help="How often to look [MEETUP_TICK_SECONDS]")] = "",
    lease_seconds: Text = "",
    uncertain_grace_seconds: Text = "",
    uncertain_texts: Text = "",
    sms_price: Text = "",
    bounce_address: Text = "",
    proxies: Text = "",
    sms_rate: Text = "",
    mail_rate: Text = "",
    mail_connections: Text = "",
    twilio_account_sid: Text = "",
    twilio_from: Text = "",
    twilio_messaging_service_sid: Text = "",
    twilio_base_url: Text = "",
    twilio_auth_token_file: Text = "",
    smtp_url_file: Text = "",
    twilio_shared_keys_file: Text = "",
    metrics_token_file: Text = "",
    ping_url_file: Text = "",
    on_call_url_file: Text = "",
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a refusal")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version", is_eager=True, callback=show_version)
    ] = False,
) -> None:
    # A secret has a flag for its file only: everybody on the machine can read a command line.
    here = context.of(ctx)
    here.debug = debug
    here.flags = {
        "home": home,
        "database_url": database_url,
        "key_file": key_file,
        "public_url": public_url,
        "private_url": private_url,
        "bind": bind,
        "proxies": proxies,
        "mail_from": mail_from,
        "bounce_address": bounce_address,
        "tick_seconds": tick_seconds,
        "lease_seconds": lease_seconds,
        "uncertain_grace_seconds": uncertain_grace_seconds,
        "uncertain_texts": uncertain_texts,
        "sms_price": sms_price,
        "sms_rate": sms_rate,
        "mail_rate": mail_rate,
        "mail_connections": mail_connections,
        "twilio_account_sid": twilio_account_sid,
        "twilio_from": twilio_from,
        "twilio_messaging_service_sid": twilio_messaging_service_sid,
        "twilio_base_url": twilio_base_url,
        "twilio_auth_token_file": twilio_auth_token_file,
        "smtp_url_file": smtp_url_file,
        "twilio_shared_keys_file": twilio_shared_keys_file,
        "metrics_token_file": metrics_token_file,
        "ping_url_file": ping_url_file,
        "on_call_url_file": on_call_url_file,
    }
    logs.begin()


def run(args: list[str], here: Context) -> int:
    """Run one command line in a context, and return the exit code."""
    try:
        code = _root().main(args, prog_name="meetup", standalone_mode=False, obj=here)
    except TyperException as error:
        return _misused(error)
    return code if isinstance(code, int) else 0


@cache
def _root() -> Command:
    return typer.main.get_command(app)


def _misused(error: TyperException) -> int:
    message = error.format_message()
    if message.startswith("Usage:"):
        output.say(message)
        return error.exit_code
    output.refuse(message.strip().removesuffix(".").replace("Value error, ", ""), _hint(error))
    return error.exit_code


def _hint(error: TyperException) -> str:
    command = getattr(getattr(error, "ctx", None), "command_path", "meetup")
    option = getattr(error, "option_name", "")
    if option in {f"--{flag}" for flag in FLAGS} and command != "meetup":
        return f"It stands before the command: meetup {option} … {command.removeprefix('meetup ')}"
    return f"See `{command} --help`"
