"""`meetup remind`: what will be said, saying it, and how it went; `meetup why`: one message explained."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy import func, select
from sqlmodel import col

from commands import context, house, output, sending, service
from commands.context import Context
from meetup import groups, naming, organization, reminders
from meetup.errors import Forbidden, MeetupError, NotFound, NotUnderstood
from meetup.people import members
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Member
from meetup.values import Channel, State
from notifications import explain, outbox, preview
from notifications.deliver import recover
from notifications.outbox import Settlement
from notifications.preview import Coming

app = typer.Typer(help="Reminders: what will be said, saying it, and how it went.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON")]
RULE_HELP = "Such as “24h by email”, “2h by sms” or “18:00 the evening before by email”"


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
        numbers = {channel: outbox.due(session, channel, now) for channel in silent}
    return {channel: (numbers[channel], reason) for channel, reason in silent.items() if numbers[channel]}


def _show_due(here: Context) -> None:
    due = [one for one in _coming(here, 1, "") if one.due_at <= here.clock.now() + timedelta(seconds=1)]
    output.table(("due", "zone", "by", "to", "segments", "why"), [_line(one) for one in due], empty="Nothing is due")


@app.command()
def status(
    ctx: typer.Context,
    listing: Annotated[int, typer.Option("--list", metavar="N", help="Also list the last N deliveries")] = 0,
    as_json: Json = False,
) -> None:
    """Count the deliveries by state, and name what needs a look."""
    here = context.of(ctx)
    with here.reading() as session:
        counts = outbox.counts(session)
        oldest = session.execute(
            select(func.min(col(DeliveryRow.due_at))).where(col(DeliveryRow.state) == State.PLANNED.value)
        ).scalar()
        latest = select(DeliveryRow).order_by(col(DeliveryRow.id).desc()).limit(listing)
        rows = list(session.execute(latest).scalars()) if listing else []
        lines = [_told(session, row) for row in rows]
    if as_json:
        output.emit_json({"counts": counts, "oldest_due": oldest, "deliveries": [_delivery(row) for row in rows]})
        return
    output.table(("state", "deliveries"), [(state, counts[state]) for state in State if state in counts])
    if paused := house.paused(here):
        output.warn(paused)
    if rows:
        output.write("")
        output.table(("code", "due", "by", "to", "kind", "state", "reason"), lines)
    _point_out(here, counts, oldest)


def _told(session: Session, row: DeliveryRow) -> tuple[str, ...]:
    due = zones.wall(row.due_at, explain.zone_of(session, row))
    to = members.alias(session, session.get_one(Member, row.member_id))
    return (row.code[:8], f"{due:%a %Y-%m-%d %H:%M}", row.channel, to, row.kind, row.state, row.reason)


def _point_out(here: Context, counts: dict[State, int], oldest: object) -> None:
    if counts.get(State.HELD):
        output.say("\nHELD: nobody can say whether these left; look at `meetup remind held`")
    if oldest is not None and oldest < here.clock.now() - timedelta(minutes=15):  # type: ignore[operator]  # a moment
        output.say("\nSomething has been due for a while: is `meetup serve` running? `meetup doctor` knows")


def _delivery(row: DeliveryRow) -> dict[str, object]:
    names = ("code", "member_id", "subject", "slot", "lead", "channel", "kind", "revision", "due_at", "expires_at")
    more = ("state", "reason", "attempts", "segments", "error_code")
    return {name: getattr(row, name) for name in (*names, *more)}


@app.command()
def held(ctx: typer.Context, as_json: Json = False) -> None:
    """List what nobody can say of whether it left."""
    here = context.of(ctx)
    with here.reading() as session:
        rows = _held(session)
    if as_json:
        output.emit_json({"deliveries": [_delivery(row) for row in rows]})
        return
    lines = [(row.code[:8], row.channel, f"#{row.member_id}", row.subject, row.slot) for row in rows]
    output.table(("code", "by", "to", "about", "date"), lines, empty="Nothing is held")


EVERY_ONE = "all"
RESOLUTIONS = {"sent": State.SENT, "resend": State.PLANNED, "drop": State.SUPPRESSED}


@app.command()
def resolve(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(help="Its code, or the beginning of it; all takes every one")],
    how: Annotated[str, typer.Argument(help="sent, resend or drop")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, with all")] = False,
) -> None:
    """Settle a held delivery: it was sent, send it again, or drop it."""
    here = context.of(ctx)
    if how not in RESOLUTIONS:
        raise NotUnderstood(f"“{how}” is no way to settle a delivery", "Say sent, resend or drop")
    if delivery == EVERY_ONE:
        _resolve_all(here, how, yes=yes)
        return
    with here.writing() as session:
        row = explain.find(session, delivery)
        if not _resolved(session, row, how, here.clock.now()):
            raise NotFound(f"Delivery {row.code[:8]} is not held, but {row.state}")
    output.say(f"Delivery {row.code[:8]}: {how}")


def _resolve_all(here: Context, how: str, *, yes: bool) -> None:
    with here.reading() as session:
        number = outbox.counts(session, [State.HELD]).get(State.HELD, 0)
    if not number:
        raise NotFound("Nothing is held")
    if not output.confirm(f"Settle all {number} that are held as “{how}”?", yes=yes):
        raise Forbidden("Nothing was changed")
    with here.writing() as session:
        settled = sum(_resolved(session, row, how, here.clock.now()) for row in _held(session))
    output.say(f"{settled} deliveries: {how}")


def _resolved(session: Session, row: DeliveryRow, how: str, now: datetime) -> bool:
    settlement = Settlement(row.id or 0, RESOLUTIONS[how], f"settled by an organizer: {how}")
    return outbox.resolve(session, settlement, now, among=[State.HELD])


def _held(session: Session) -> list[DeliveryRow]:
    query = select(DeliveryRow).where(col(DeliveryRow.state) == State.HELD.value).order_by(col(DeliveryRow.id))
    return list(session.execute(query).scalars())


@app.command()
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


@app.command()
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


@app.command()
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


def why(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(help="Its code, the beginning of it, or its number")],
    as_json: Json = False,
) -> None:
    """Explain one message: what it is, on what grounds, and how it went."""
    here = context.of(ctx)
    with here.reading() as session:
        told = explain.explain(session, explain.find(session, delivery), here.clock.now())
    if as_json:
        output.emit_json({"code": told.code, "state": told.state, "lines": list(told.lines)})
        return
    output.write(f"Delivery {told.code[:8]}")
    for line in told.lines:
        output.write(f"  {line}")
