"""When a group is reminded: the commands of `meetup remind` that change it."""

from collections.abc import Callable
from typing import Annotated

import typer

from commands import context, output
from meetup import groups, naming, reminders

Json = Annotated[bool, typer.Option("--json", help="Print JSON")]
RULE_HELP = "Such as “24h by email”, “2h by sms” or “18:00 the evening before by email”"


def rules(
    ctx: typer.Context, group: Annotated[str, typer.Argument(help="Its name or slug")], as_json: Json = False
) -> None:
    """List the reminders of a group."""
    with context.of(ctx).reading() as session:
        found = [str(rule) for rule in reminders.rules(session, naming.key(groups.find(session, group)))]
    if as_json:
        output.emit_json({"rules": found})
        return
    output.table(
        ("reminder",), [(rule,) for rule in found], empty="Nobody is reminded; add one with `meetup remind add`"
    )


def add(
    ctx: typer.Context,
    group: Annotated[str, typer.Argument(help="Its name or slug")],
    rule: Annotated[str, typer.Argument(help=RULE_HELP)],
) -> None:
    """Add a reminder to a group."""
    here = context.of(ctx)
    wanted = reminders.parse_rule(rule)
    with here.writing() as session:
        found = groups.find(session, group)
        reminders.add_rule(session, found, wanted.lead, wanted.channel, here.clock.now())
    output.say(f"“{found.name}” is now reminded {wanted}")


def remove(
    ctx: typer.Context,
    group: Annotated[str, typer.Argument(help="Its name or slug")],
    rule: Annotated[str, typer.Argument(help=RULE_HELP)],
) -> None:
    """Remove a reminder from a group; what is planned by it is not sent."""
    wanted = reminders.parse_rule(rule)
    with context.of(ctx).writing() as session:
        found = groups.find(session, group)
        reminders.remove_rule(session, found, wanted.lead, wanted.channel)
    output.say(f"“{found.name}” is no longer reminded {wanted}")


COMMANDS: dict[str, Callable[..., None]] = {"rules": rules, "add": add, "remove": remove}
