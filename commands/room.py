"""Online rooms: the link and who may see it."""

from typing import Annotated

import typer

from commands import context, output
from commands.options import Json, Reveal, day
from meetup.places import rooms
from meetup.storage.database import Session
from meetup.storage.tables import OnlineRoom

HIDDEN = "•••"

app = typer.Typer(help="Video rooms: the link, how to dial in, who may see it.", no_args_is_help=True)

RoomName = Annotated[str, typer.Argument(metavar="ROOM", help="Its name or short name")]
Link = Annotated[str, typer.Argument(metavar="LINK", help="The invitation link, https://…")]
Passcode = Annotated[str, typer.Option(help="Kept encrypted, for members only")]


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
def rotate(ctx: typer.Context, room: RoomName, url: Link, *, passcode: Passcode = "") -> None:
    """Give a room another link and passcode; the old ones are forgotten."""
    here = context.of(ctx)
    with here.writing() as session:
        found = rooms.rotate(session, rooms.find(session, room), url, passcode, here.clock.now())
    output.say(f"“{found.name}” has another link; calendars and reminders use it from now on")


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
