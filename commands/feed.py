"""Calendars: write one to a file, and give a member a link of their own."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from commands import context, output
from commands.context import Context
from meetup import groups, organization
from meetup.errors import Forbidden, MeetupError, NotFound, UsageError
from meetup.feeds import collect, links, subscribing
from meetup.people import members
from meetup.storage.database import Session
from meetup.storage.tables import Group, Member

app = typer.Typer(name="feed", help="Calendars: as a file, as a link, as a card to scan.", no_args_is_help=True)

MemberName = Annotated[str, typer.Argument(metavar="MEMBER", help="Their alias or number")]
Make = Callable[[Session, Member, datetime], str]
STDOUT = "-"
QUESTION = (
    "Can anyone else see this calendar? It shows when, where, and a link to go in;\n"
    "for a member with --shared-phone it shows label and time only"
)


@dataclass(frozen=True, slots=True)
class Made:
    """A new link to a member's own calendar, a harmless name for it, and whether it shows label and time only."""

    url: str
    name: str
    shared: bool


@app.command()
def export(
    ctx: typer.Context,
    whose: Annotated[str, typer.Argument(metavar="GROUP|MEMBER", help="A group, or a member's alias or number")],
    file: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is the terminal")] = STDOUT,
) -> None:
    """Write a calendar to a file: a group's public one, or a member's own."""
    here = context.of(ctx)
    with here.reading() as session:
        group = _open_group(session, whose)
        now = here.clock.now()
        feed = (
            collect.of_group(session, group, here.addresses, now)
            if group
            else collect.of_member(session, members.find(session, whose), here.addresses, now)
        )
        body = collect.write(feed)
    if file == STDOUT:
        output.write(body.decode().removesuffix("\n"))
    else:
        _save(Path(file), body)
        output.say(f"Written to {file}")
    if group:
        output.say(f"This is the public calendar: everybody who reads it sees “{group.name}”")
        output.say(f"A member's own says “{group.cover_label}”: meetup feed export MEMBER")


@app.command()
def public(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="GROUP", help="Its name or short name")],
    file: Annotated[
        str, typer.Option("--qr", metavar="FILE", help="Draw the calendar's address too, as in poster.svg")
    ] = "",
) -> None:
    """Show where everybody finds an open group's page and calendar, and the links that subscribe."""
    here = context.of(ctx)
    with here.reading() as session:
        group = groups.find(session, name)
        title, slug = _open(group).name, group.slug
    feed = here.addresses.group_feed(slug)
    if not feed:
        raise UsageError(
            "Nobody could open it: this service has no address yet",
            "Set MEETUP_PUBLIC_URL to where `meetup serve` is reached, or write files with `meetup publish`",
        )
    if file:
        _draw(feed, file)
    output.facts(
        (
            ("page", here.addresses.group_page(slug)),
            ("calendar", feed),
            ("Apple, Outlook, Thunderbird", subscribing.webcal(feed)),
            ("Google Calendar", subscribing.google(feed)),
            ("Outlook.com", subscribing.outlook(feed, title)),
            ("Microsoft 365", subscribing.microsoft_365(feed, title)),
        )
    )


@app.command()
def link(ctx: typer.Context, member: MemberName) -> None:
    """Make a link to a member's own calendar; it is shown once."""
    _show(_made(context.of(ctx), member, links.make))


@app.command()
def rotate(ctx: typer.Context, member: MemberName) -> None:
    """Make a new link and empty every calendar that uses an older one."""
    _show(_made(context.of(ctx), member, links.rotate))
    output.say("Older links show an empty calendar from now on")


@app.command()
def revoke(ctx: typer.Context, member: MemberName) -> None:
    """Empty every calendar that uses one of a member's links."""
    here = context.of(ctx)
    with here.writing() as session:
        found = members.find(session, member)
        name, ended = members.alias(session, found), links.revoke(session, found, here.clock.now())
    if ended:
        output.say(f"“{name}”: {ended} revoked; calendars show nothing once they look again, which may take a day")
    else:
        output.say(f"“{name}” has no link")


@app.command()
def qr(
    ctx: typer.Context,
    member: MemberName,
    file: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to, as in card.svg")],
) -> None:
    """Make a link to a member's own calendar and draw it as a QR code."""
    _check_picture(file)
    here = context.of(ctx)

    def drawn(session: Session, found: Member, now: datetime) -> str:
        # Within the transaction: a card that cannot be written leaves no link behind.
        token = links.make(session, found, now)
        _draw(here.addresses.feed(token), file)
        return token

    _ask(_made(here, member, drawn))
    output.say("The card holds a new link, which works from now on; `meetup feed revoke` ends it again")
    output.say(f"Drawn in {file}: whoever photographs it can read the calendar")


def _draw(url: str, file: str) -> None:
    """Draw the address that subscribes: the plain one is opened as a file, whose dates are copied and never change."""
    import segno  # noqa: PLC0415 -- slow import

    _check_picture(file)
    picture = io.BytesIO()
    code = segno.make(subscribing.webcal(url), error="m", micro=False)
    code.save(picture, kind=Path(file).suffix[1:].lower(), scale=8, border=4)
    _save(Path(file), picture.getvalue())


def _check_picture(file: str) -> None:
    if Path(file).suffix.lower() not in {".svg", ".png"}:
        raise UsageError(f"A QR code is drawn as SVG or PNG, not as “{file}”", "For example: card.svg")


def _made(here: Context, member: str, make: Make) -> Made:
    """Make a link of a member's own."""
    if not here.addresses.base:
        raise UsageError(
            "Nobody could open a link: this service has no address yet",
            "Set MEETUP_PUBLIC_URL to where `meetup serve` is reached, or write a file with `meetup feed export`",
        )
    with here.writing() as session:
        found = _member(session, member)
        token = make(session, found, here.clock.now())
        name = found.cover_label or organization.the(session).cover_label
        return Made(here.addresses.feed(token), name, shared=found.phone_shared)


def _member(session: Session, name: str) -> Member:
    """Return a member; whoever names a group is told where its calendar is found."""
    try:
        return members.find(session, name)
    except NotFound as unknown:
        try:
            group = groups.find(session, name)
        except NotFound:
            raise unknown from None
        hint = f"Its public calendar: meetup feed public {group.slug}"
        raise NotFound(f"“{group.name}” is a group, and links belong to members", hint) from None


def _show(made: Made) -> None:
    _ask(made)
    output.write(made.url)
    output.say("It is not shown again, and whoever has it can read the calendar")
    output.say(f"iPhone, Mac, Thunderbird, Outlook on a computer: open {subscribing.webcal(made.url)}")
    output.say("Google (Android too), on a computer: “Other calendars”, “+”, “From URL”, and the link; or open")
    output.say(f"  {subscribing.google(made.url)}")
    output.say(f"Outlook.com: open {subscribing.outlook(made.url, made.name)}")
    output.say(f"Microsoft 365: open {subscribing.microsoft_365(made.url, made.name)}")
    output.say("Google looks again once a day or so, others within hours: what changes late is sent as a message")


def _ask(made: Made) -> None:
    output.say("It shows label and time only" if made.shared else QUESTION)


def _open_group(session: Session, whose: str) -> Group | None:
    """Return the group of that name, or None when a member has it; refuse a closed group, and what nobody is called."""
    try:
        group = groups.find(session, whose)
    except NotFound as unknown:
        _refuse_nobody(session, whose, unknown)
        return None
    return _open(group)


def _open(group: Group) -> Group:
    if group.audience == "closed":
        raise Forbidden(f"“{group.name}” is closed and has no public calendar", "Name one of its members instead")
    return group


def _refuse_nobody(session: Session, whose: str, unknown: NotFound) -> None:
    try:
        members.find(session, whose)
    except NotFound:
        hint = unknown.hint or "`meetup group list` and `meetup member list` show them all"
        raise NotFound(f"There is no group or member “{whose}”", hint) from None


def _save(path: Path, body: bytes) -> None:
    """Write a file that only its owner can read: it tells where somebody is, and when."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(body)
    except OSError as error:
        raise MeetupError(f"{path} cannot be written: {error.strerror}") from error
