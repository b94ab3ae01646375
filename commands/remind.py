"""`meetup remind`: what will be said, saying it, and how it went."""

from collections import Counter
from datetime import timedelta
from typing import Annotated

import typer

from commands import context, house, output, reminder_rules, sending, service, standing
from commands.context import Context
from meetup import naming, organization
from meetup.errors import Forbidden, MeetupError
from meetup.people import members
from meetup.values import Channel, State
from notifications import preview, queued
from notifications.deliver import recover
from notifications.preview import Coming

app = typer.Typer(help="Reminders: what will be said, saying it, and how it went.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON")]


@app.command()
def plan(
    ctx: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=60, help="How far ahead to look")] = 7,
    member: Annotated[str, typer.Option(help="Only what this member gets")] = "",
    text: Annotated[bool, typer.Option("--text", help="Show the words of each message, too")] = False,
    as_json: Json = False,
) -> None:
    """Show every message to come: when, to whom, how, and why. Nothing is sent or written."""
    here = context.of(ctx)
    found = _coming(here, days, member)
    if as_json:
        output.emit_json({"messages": [_message(one) for one in found]})
        return
    headers = ("due", "zone", "by", "to", "segments", "why")
    output.table(headers, [_line(one) for one in found], empty=f"No message is to go out in the next {days} days")
    if text:
        _show_texts(found)
    if found:
        held = sum(sending.held_back(found).values())
        told = sending.summary(found, here.settings.sms_price)
        output.say(f"\n{told}; {held} held back" if held else f"\n{told}")


def _coming(here: Context, days: int, member: str) -> list[Coming]:
    with context.answering(), here.database.trying() as session:
        wanted = naming.key(members.find(session, member)) if member else None
        return preview.coming(session, here.addresses, here.clock.now(), days, member_id=wanted)


def _line(one: Coming) -> tuple[object, ...]:
    why = one.reason if one.will_send else f"NOT SENT: {one.reason}"
    return (f"{one.due_local:%a %Y-%m-%d %H:%M}", one.zone, one.channel, one.member, one.segments or "-", why)


def _show_texts(found: list[Coming]) -> None:
    for one in found:
        if one.text:
            output.write(f"\n── {one.due_local:%a %Y-%m-%d %H:%M} by {one.channel} to {one.member}")
            output.write("\n".join(part for part in (one.subject, one.text) if part))


def _message(one: Coming) -> dict[str, object]:
    return {
        "due_at": one.due_at,
        "due_local": one.due_local,
        "zone": one.zone,
        "channel": one.channel,
        "kind": one.kind,
        "lead": one.lead,
        "member": one.member_id,
        "meeting": one.meeting,
        "slot": one.slot,
        "segments": one.segments,
        "will_send": one.will_send,
        "reason": one.reason,
    }


@app.command()
def send(
    ctx: typer.Context,
    console: Annotated[bool, typer.Option("--console", help="Print the messages here instead of sending them")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what is due now")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Send what is due now, once, without the service."""
    here = context.of(ctx)
    if dry_run:
        _show_due(here)
        return
    if paused := house.paused(here):
        raise Forbidden(paused)
    question = "Print what is due now, and count it as sent?" if console else "Send what is due now?"
    if not output.confirm(question, yes=yes):
        raise MeetupError("Nothing was sent")
    with context.answering(), here.database.delivering():
        running = house.service(here, console=console)
        recover(running.post, sole=True)
        service.plan_all(running)
        ended = service.deliver_all(running)
    waiting = {} if console else _waiting(here)
    output.say(_ended(ended) or ("Nothing was sent" if waiting else "Nothing was due"))
    if waiting:
        told = "; ".join(f"{number} by {channel}: {reason}" for channel, (number, reason) in waiting.items())
        raise MeetupError(f"Due, but not sent: {told}")


def _ended(ended: Counter[State]) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(ended.items()))


def _waiting(here: Context) -> dict[Channel, tuple[int, str]]:
    """Return how many are due by each channel that cannot send, and what is missing."""
    silent, now = house.silent(here), here.clock.now()
    with here.reading() as session:
        numbers = {channel: queued.due(session, channel, now) for channel in silent}
    return {channel: (numbers[channel], reason) for channel, reason in silent.items() if numbers[channel]}


def _show_due(here: Context) -> None:
    due = [one for one in _coming(here, 1, "") if one.due_at <= here.clock.now() + timedelta(seconds=1)]
    output.table(("due", "zone", "by", "to", "segments", "why"), [_line(one) for one in due], empty="Nothing is due")


@app.command()
def pause(
    ctx: typer.Context,
    reason: Annotated[str, typer.Argument(help="Why, for whoever looks later")] = "",
) -> None:
    """Let nothing be sent any more, at once, until it is resumed."""
    here = context.of(ctx)
    with here.writing() as session:
        organization.pause(session, reason, here.clock.now())
    output.say("Nothing is sent from now on; what is due meanwhile waits, and is missed when it comes too late")
    output.say("It goes on with: meetup remind resume")


@app.command()
def resume(ctx: typer.Context) -> None:
    """Let messages be sent again."""
    with context.of(ctx).writing() as session:
        was_paused = organization.resume(session)
    output.say("Messages are sent again" if was_paused else "Nothing was paused")


for name, command in {**standing.COMMANDS, **reminder_rules.COMMANDS}.items():
    app.command(name)(command)
