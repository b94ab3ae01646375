"""Groups: the people who meet, what calendars call them, and when they are reminded."""

from collections.abc import Sequence
from typing import Annotated

import typer

from commands import context, output
from commands.options import Json
from meetup import groups, naming, reminders
from meetup.storage.database import Session
from meetup.storage.tables import Group

app = typer.Typer(help="The people who meet, and when they are reminded.", no_args_is_help=True)

GroupName = Annotated[str, typer.Argument(metavar="GROUP", help="Its name or short name")]
Remind = Annotated[list[str] | None, typer.Option(metavar="RULE", help="“24h by email”; may be given again")]
Label = Annotated[str, typer.Option(help="Harmless words for calendars and mail subjects")]
Topics = Annotated[list[str] | None, typer.Option("--topic", help="Kept out of every text; may be given again")]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What the group is called in public")],
    *,
    label: Label = "",
    description: Annotated[str, typer.Option(help="For the public page")] = "",
    topic: Topics = None,
    closed: Annotated[bool, typer.Option("--closed", help="A host approves whoever wants to come")] = False,
    language: Annotated[str, typer.Option(help="en or es; the organization's when left out")] = "",
    zone: Annotated[str, typer.Option(help="As in America/New_York; the organization's when left out")] = "",
    remind: Remind = None,
    json: Json = False,
) -> None:
    """Add a group."""
    here = context.of(ctx)
    rules = [reminders.parse_rule(text) for text in remind or ()] or list(reminders.USUAL)
    draft = groups.GroupDraft(
        name,
        cover_label=label,
        description=description,
        topics=tuple(topic or ()),
        audience="closed" if closed else "open",
        language=language,
        zone=zone,
    )
    now = here.clock.now()
    with here.writing() as session:
        naming.refuse_taken(session, Group, name)
        group = groups.add(session, draft, now)
        for rule in rules:
            reminders.add_rule(session, group, rule.lead, rule.channel, now)
        facts = _facts(here, session, group)
    output.say(f"Added “{group.name}” as {group.slug}")
    output.say(f"Members' own calendars and subjects say “{group.cover_label}”; {_in_public(group)}")
    output.say(f"Members are reminded {' and '.join(map(str, rules))} before each meeting")
    if json:
        output.emit_json({"group": facts})


@app.command("list")
def list_(ctx: typer.Context, *, json: Json = False) -> None:
    """List the groups."""
    here = context.of(ctx)
    with here.reading() as session:
        found = [_facts(here, session, group) for group in groups.listing(session)]
    if json:
        output.emit_json({"groups": found})
        return
    rows = [[group["slug"], group["name"], group["cover_label"], group["reminders"]] for group in found]
    output.table(
        ["group", "name", "cover label", "reminders"], rows, empty="No groups yet: see `meetup group add --help`"
    )


@app.command()
def show(ctx: typer.Context, group: GroupName, *, json: Json = False) -> None:
    """Show one group, and where its public calendar is."""
    here = context.of(ctx)
    with here.reading() as session:
        facts = _facts(here, session, groups.find(session, group))
    if json:
        output.emit_json({"group": facts})
        return
    shown = {**facts, "public_calendar": facts["public_calendar"] or _nowhere(facts["audience"])}
    output.facts((PUBLIC.get(name, name.replace("_", " ")), value) for name, value in shown.items())


@app.command()
def edit(
    ctx: typer.Context,
    group: GroupName,
    *,
    name: Annotated[str | None, typer.Option(help="Another public name; the short name stays")] = None,
    label: Annotated[str | None, typer.Option(help="Other harmless words")] = None,
    description: Annotated[str | None, typer.Option(help="Another description")] = None,
    topic: Topics = None,
    audience: Annotated[str | None, typer.Option(help="open or closed")] = None,
    language: Annotated[str | None, typer.Option(help="en or es")] = None,
    zone: Annotated[str | None, typer.Option(help="As in America/New_York")] = None,
    remind: Remind = None,
    no_remind: Annotated[list[str] | None, typer.Option(metavar="RULE", help="A reminder to remove")] = None,
) -> None:
    """Change what a group says of itself, or its reminders."""
    told = {
        "name": name,
        "cover_label": label,
        "description": description,
        "topics": tuple(topic) if topic else None,
        "audience": audience,
        "language": language,
        "zone": zone,
    }
    changes = {field: value for field, value in told.items() if value is not None}
    here = context.of(ctx)
    with here.writing() as session:
        found = groups.find(session, group)
        if changes:
            naming.refuse_taken(session, Group, name or found.name, found)
            groups.edit(session, found, changes, here.clock.now())
        _edit_rules(here, session, found, remind or (), no_remind or ())
        rules = ", ".join(str(rule) for rule in reminders.rules(session, naming.key(found)))
        called = found.name
    output.say(f"“{called}” is up to date; reminders: {rules or 'none'}")


def _edit_rules(
    here: context.Context, session: Session, group: Group, more: Sequence[str], fewer: Sequence[str]
) -> None:

    for rule in map(reminders.parse_rule, fewer):
        reminders.remove_rule(session, group, rule.lead, rule.channel)
    for rule in map(reminders.parse_rule, more):
        reminders.add_rule(session, group, rule.lead, rule.channel, here.clock.now())


PUBLIC = {"name": "public name", "cover_label": "label for members"}


def _in_public(group: Group) -> str:
    if group.audience == "closed":
        return "it is closed and has no public calendar"
    return f"the public calendar says “{group.name}”"


def _nowhere(audience: object) -> str:
    return "none: the group is closed" if audience == "closed" else "set MEETUP_PUBLIC_URL, and it has an address"


def _facts(here: context.Context, session: Session, group: Group) -> dict[str, object]:

    return {
        "slug": group.slug,
        "name": group.name,
        "cover_label": group.cover_label,
        "public_calendar": here.addresses.group_feed(group.slug) if group.audience == "open" else "",
        "description": group.description,
        "topics": [topic for topic in group.topics.split(",") if topic],
        "audience": group.audience,
        "language": group.language,
        "zone": group.zone,
        "reminders": [str(rule) for rule in reminders.rules(session, naming.key(group))],
    }
