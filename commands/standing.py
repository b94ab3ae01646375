"""How messages stand: the commands of `meetup remind` that look at the outbox, and settle what it cannot settle."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy import func, select
from sqlmodel import col

from commands import context, house, output
from commands.context import Context
from meetup.errors import Forbidden, NotFound, NotUnderstood, UsageError
from meetup.people import members
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Member
from meetup.values import State
from notifications import explain, inbox, lateness, outbox, queued
from notifications.lateness import Lateness
from notifications.moves import Settlement
from notifications.rules.verdict import BY_HAND

Json = Annotated[bool, typer.Option("--json", help="Print JSON")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="Its code, or the beginning of it")]
DAY = timedelta(days=1)
CLEAR = "\x1b[H\x1b[2J"  # to the upper left, and nothing left of what was there
EVERY_ONE = "all"
RESOLUTIONS = {"sent": State.SENT, "resend": State.PLANNED, "drop": State.SUPPRESSED}
OVER = {State.FAILED, State.UNDELIVERED, State.MISSED, State.SUPPRESSED}


def status(
    ctx: typer.Context,
    listing: Annotated[int, typer.Option("--list", metavar="N", help="Also list the last N deliveries")] = 0,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every few seconds, until Ctrl-C")] = False,
    as_json: Json = False,
) -> None:
    """Count the deliveries by state, say how late they leave, and name what needs a look."""
    here = context.of(ctx)
    if not watch:
        _look(here, listing, as_json=as_json)
        return
    if as_json or not output.on_a_terminal():
        raise UsageError("--watch is for a terminal", "Leave --json out, or ask again yourself")
    while True:
        output.write(f"{CLEAR}{here.clock.now():%Y-%m-%d %H:%M:%S} UTC; Ctrl-C ends it\n")
        _look(here, listing, as_json=False)
        time.sleep(here.settings.tick_seconds)


def _look(here: Context, listing: int, *, as_json: bool) -> None:
    now = here.clock.now()
    with here.reading() as session:
        counts = queued.counts(session)
        oldest = session.execute(
            select(func.min(col(DeliveryRow.due_at))).where(col(DeliveryRow.state) == State.PLANNED.value)
        ).scalar()
        late = lateness.since(session, now - DAY)
        letters = inbox.waiting(session)
        latest = select(DeliveryRow).order_by(col(DeliveryRow.id).desc()).limit(listing)
        rows = list(session.execute(latest).scalars()) if listing else []
        lines = [_told(session, row) for row in rows]
    if as_json:
        seconds = {name: getattr(late, name) for name in ("number", "median", "p95", "p99")} if late else None
        told = {"counts": counts, "oldest_due": oldest, "late_seconds": seconds, "unread_texts": letters}
        output.emit_json({**told, "deliveries": [_delivery(row) for row in rows]})
        return
    output.table(("state", "deliveries"), [(state, counts[state]) for state in State if state in counts])
    if late:
        output.write(f"\n{_late(late)}")
    if rows:
        output.write("")
        output.table(("code", "due", "by", "to", "kind", "state", "reason"), lines)
    _point_out(here, counts, oldest, letters)


def _late(late: Lateness) -> str:
    """Say how late messages left within a day."""
    sent = "1 message was" if late.number == 1 else f"{late.number} messages were"
    shares = zip(("half of them", "95 of 100", "99 of 100"), (late.median, late.p95, late.p99), strict=True)
    told = ", ".join(f"{share} at most {_length(seconds)}" for share, seconds in shares)
    return f"In the last 24 hours {sent} handed over, late by: {told}"


def _length(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _told(session: Session, row: DeliveryRow) -> tuple[str, ...]:
    due = zones.wall(row.due_at, explain.zone_of(session, row))
    to = members.alias(session, session.get_one(Member, row.member_id))
    return (row.code[:8], f"{due:%a %Y-%m-%d %H:%M}", row.channel, to, row.kind, row.state, row.reason)


def _point_out(here: Context, counts: dict[State, int], oldest: object, letters: int) -> None:
    if paused := house.paused(here):
        output.warn(paused)
    if letters:
        output.say(f"\n{letters} {'text waits' if letters == 1 else 'texts wait'} to be read: `meetup inbox list`")
    if counts.get(State.HELD):
        output.say("\nHELD: nobody can say whether these left; look at `meetup remind held`")
    if oldest is not None and oldest < here.clock.now() - timedelta(minutes=15):  # type: ignore[operator]  # a moment
        output.say("\nSomething has been due for a while: is `meetup serve` running? `meetup doctor` knows")


def _delivery(row: DeliveryRow) -> dict[str, object]:
    names = ("code", "member_id", "subject", "slot", "lead", "channel", "kind", "revision", "due_at", "expires_at")
    more = ("state", "reason", "attempts", "segments", "error_code")
    return {name: getattr(row, name) for name in (*names, *more)}


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
        number = queued.counts(session, [State.HELD]).get(State.HELD, 0)
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


def retry(ctx: typer.Context, delivery: Code) -> None:
    """Try a message again that failed or was held back, if it is still of use."""
    here = context.of(ctx)
    now = here.clock.now()
    with here.writing() as session:
        row = explain.find(session, delivery)
        if row.state not in OVER:
            raise Forbidden(f"Delivery {row.code[:8]} is {row.state}: there is nothing to try again")
        if row.expires_at <= now:
            raise Forbidden(f"Delivery {row.code[:8]} is of no use any more", "What it was about has begun or is over")
        again = Settlement(row.id or 0, State.PLANNED, "tried again by an organizer", not_before=now)
        outbox.resolve(session, again, now, among=[State(row.state)])
    output.say(f"Delivery {row.code[:8]} is tried again at the next tick; every check holds as before")


def cancel(ctx: typer.Context, delivery: Code) -> None:
    """Hold one message back that is planned."""
    here = context.of(ctx)
    with here.writing() as session:
        row = explain.find(session, delivery)
        settlement = Settlement(row.id or 0, State.SUPPRESSED, BY_HAND)
        if not outbox.resolve(session, settlement, here.clock.now(), among=[State.PLANNED]):
            raise Forbidden(f"Delivery {row.code[:8]} is {row.state}: only what is planned can be held back")
    output.say(f"Delivery {row.code[:8]} is not sent; `meetup remind retry {row.code[:8]}` brings it back")


COMMANDS: dict[str, Callable[..., None]] = {
    "status": status,
    "held": held,
    "resolve": resolve,
    "retry": retry,
    "cancel": cancel,
}
