"""Online rooms: the link and who may see it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from commands import closing, context, output
from commands.options import DryRun, Json, Reveal, Yes, day, typed
from meetup import naming, told
from meetup.errors import UsageError
from meetup.places import rooms, venues
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, OnlineRoom

HIDDEN = "•••"

ONE_DAY = timedelta(days=1)
app = typer.Typer(help="Video rooms: the link, how to dial in, who may see it.", no_args_is_help=True)

RoomName = Annotated[str, typer.Argument(metavar="ROOM", help="Its name or short name")]
Link = Annotated[
    str, typer.Argument(metavar="LINK", help="The invitation link, https://…; - asks for it", callback=typed)
]
Passcode = Annotated[str, typer.Option(help="Kept encrypted, for members only; - asks for it", callback=typed)]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What organizers call it")],
    url: Link,
    *,
    passcode: Passcode = "",
    code: Annotated[str, typer.Option(help="The meeting id that people type on a phone")] = "",
    dial_in: Annotated[list[str] | None, typer.Option(metavar="NUMBER", help="May be given again")] = None,
    public: Annotated[bool, typer.Option("--public", help="Everybody may read the link")] = False,
    capacity: Annotated[int | None, typer.Option(help="How many people fit in")] = None,
    expires: Annotated[str, typer.Option(metavar="DATE", help="When the link ends: 2026-12-24")] = "",
    json: Json = False,
) -> None:
    """Add a room."""
    here = context.of(ctx)
    draft = rooms.RoomDraft(
        name,
        url,
        passcode=passcode,
        meeting_code=code,
        dial_in=tuple(dial_in or ()),
        public=public,
        capacity=capacity,
        expires_on=day(expires) if expires else None,
    )
    with here.writing() as session:
        naming.refuse_taken(session, OnlineRoom, name)
        room = rooms.add(session, draft, here.clock.now())
        facts = _facts(session, room, reveal=False)
    who = "everybody may read its link" if public else "only members get its link"
    output.say(f"Added “{room.name}” as {room.slug} ({room.provider or 'provider not known'}); {who}")
    if json:
        output.emit_json({"room": facts})


@app.command("list")
def list_(ctx: typer.Context, *, json: Json = False, reveal: Reveal = False) -> None:
    """List the rooms."""
    with context.of(ctx).reading() as session:
        found = [_facts(session, room, reveal=reveal) for room in rooms.listing(session)]
    if json:
        output.emit_json({"rooms": found})
        return
    columns = ["slug", "name", "provider", "visibility", "url", "expires_on"]
    rows = [[room[column] for column in columns] for room in found]
    headers = ["room", "name", "provider", "who sees it", "link", "expires"]
    output.table(headers, rows, empty="No rooms yet: see `meetup room add --help`")


@app.command()
def show(ctx: typer.Context, room: RoomName, *, json: Json = False, reveal: Reveal = False) -> None:
    """Show one room and its closures; its link and codes only when asked for."""
    with context.of(ctx).reading() as session:
        found = rooms.find(session, room)
        facts, shut = _facts(session, found, reveal=reveal), closing.facts(session, found)
    if json:
        output.emit_json({"room": {**facts, "closures": shut}})
        return
    output.facts([*((name.replace("_", " "), value) for name, value in facts.items()), *closing.lines(shut)])


@app.command()
def edit(
    ctx: typer.Context,
    room: RoomName,
    *,
    name: Annotated[str | None, typer.Option(help="Another name; the short name stays")] = None,
    passcode: Annotated[
        str | None, typer.Option(help="Another passcode; “” removes it, - asks for it", callback=typed)
    ] = None,
    code: Annotated[str | None, typer.Option(help="Another meeting id; “” removes it")] = None,
    dial_in: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER", help="Instead of those there; may be given again; “” removes")
    ] = None,
    public: Annotated[bool | None, typer.Option("--public/--members-only", help="Who may read the link")] = None,
    capacity: Annotated[int | None, typer.Option(help="How many people fit in")] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="When the link ends; “” when it does not")] = None,
    json: Json = False,
) -> None:
    """Change what was said about a room; `meetup room rotate` gives it another link."""
    told: dict[str, object] = {
        "name": name,
        "passcode": passcode,
        "meeting_code": code,
        "dial_in": tuple(dial_in) if dial_in else None,
        "public": public,
        "capacity": capacity,
    }
    changes = {field: value for field, value in told.items() if value is not None}
    if expires is not None:
        changes["expires_on"] = day(expires) if expires else None
    if not changes:
        raise UsageError("Nothing was to be changed", "Name what to change, such as --dial-in NUMBER")
    here = context.of(ctx)
    with here.writing() as session:
        found = rooms.find(session, room)
        naming.refuse_taken(session, OnlineRoom, name or found.name, found)
        draft = replace(rooms.draft_of(session, found), **changes)  # type: ignore[arg-type]  # named as the draft does
        rooms.edit(session, found, draft, here.clock.now())
        facts = _facts(session, found, reveal=False)
    output.say(f"“{facts['name']}” is up to date; calendars and reminders use it from now on")
    if json:
        output.emit_json({"room": facts})


@app.command()
def close(
    ctx: typer.Context,
    room: RoomName,
    *,
    start: closing.From,
    until: closing.Until = "",
    reason: closing.Reason = "",
    to_venue: Annotated[
        str, typer.Option("--move-to", metavar="VENUE", help="What is online only is held in person there")
    ] = "",
    to_room: Annotated[
        str, typer.Option("--move-to-room", metavar="ROOM", help="Everything goes to this room instead")
    ] = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Shut a room for a time.

    Members are told to come in person or to stay away, and it opens again by itself.
    """
    instead: list[closing.Finder] = []
    if to_venue:
        instead.append(lambda session: venues.find(session, to_venue))
    if to_room:
        instead.append(lambda session: rooms.find(session, to_room))
    span = closing.Span(start, until, reason)
    closing.close(context.of(ctx), _finder(room), span, instead, dry_run=dry_run, yes=yes)


@app.command()
def reopen(
    ctx: typer.Context,
    room: RoomName,
    *,
    on: closing.On = "",
    at: closing.At = "",
    everything: closing.All = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Open a room again before its closure ends, or take back one to come."""
    choice = closing.Choice(on, at, everything)
    closing.reopen(context.of(ctx), _finder(room), choice, dry_run=dry_run, yes=yes)


def _finder(name: str) -> closing.Finder:
    return lambda session: rooms.find(session, name)


@app.command()
def rotate(ctx: typer.Context, room: RoomName, url: Link, *, passcode: Passcode = "") -> None:
    """Give a room another link and passcode; the old ones are forgotten."""
    here = context.of(ctx)
    with here.writing() as session:
        found = rooms.rotate(session, rooms.find(session, room), url, passcode, here.clock.now())
        stale = [] if here.addresses.base else list(_stale(session, found, here.clock.now()))
    output.say(f"“{found.name}” has another link; calendars and reminders use it from now on")
    for warning in stale:
        output.warn(warning)


def _stale(session: Session, room: OnlineRoom, now: datetime) -> Iterator[str]:
    """Say who holds a message with the old link: without an address of our own, messages carry the room's."""
    for number in revisions.held_in(session, set(), {naming.key(room)}):
        meeting = session.get_one(Meeting, number)
        dates = told.expected(session, meeting, datetime.combine(now.date() - ONE_DAY, time.min), now)
        if dates:
            days = " and ".join(f"{one.start_local:%A %Y-%m-%d}" for one in dates)
            group = session.get_one(Group, meeting.group_id).slug
            yield (
                f"Members were reminded of {days} with the old link; tell them:"
                f' meetup announce {group} "The link has changed; your calendar has the new one."'
            )


def _facts(session: Session, row: OnlineRoom, *, reveal: bool) -> dict[str, object]:

    room = rooms.value(session, row)
    shown = reveal or room.public
    return {
        "slug": row.slug,
        "name": row.name,
        "provider": row.provider,
        "visibility": row.visibility,
        "url": room.url if shown else HIDDEN,
        "passcode": room.passcode if shown or not room.passcode else HIDDEN,
        "meeting_code": room.meeting_code if shown or not room.meeting_code else HIDDEN,
        "dial_in": list(room.dial_in) if shown else [HIDDEN for _ in room.dial_in],
        "capacity": row.capacity,
        "expires_on": row.expires_on,
    }
