"""Venues: where people meet, how they get in, and when the house is shut."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Annotated

import typer

from commands import closing, context, output
from commands.options import DryRun, Json, Reveal, Yes, typed
from meetup import feasts, groups, naming, organization
from meetup.errors import UsageError
from meetup.places import rooms, venues
from meetup.places.venues import VenueDraft
from meetup.schedule.series import Access
from meetup.storage.database import Session
from meetup.storage.tables import Venue
from meetup.wording import discreet

HIDDEN = "•••"
TWO_YEARS = timedelta(days=731)
LONGEST = timedelta(days=7)  # no meeting lasts longer: one that began before that is over

app = typer.Typer(help="Where people meet, how they get in, and when it is shut.", no_args_is_help=True)

VenueName = Annotated[str, typer.Argument(metavar="VENUE", help="Its name or short name")]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What people call it")],
    *,
    address: Annotated[str, typer.Option(help="One line, as people there write it")] = "",
    street: Annotated[str, typer.Option(help="Or in parts: street and number")] = "",
    locality: Annotated[str, typer.Option(help="Town")] = "",
    region: Annotated[str, typer.Option(help="State or province")] = "",
    postal_code: Annotated[str, typer.Option(help="Postal code")] = "",
    country: Annotated[str, typer.Option(help="Two letters")] = "",
    latitude: Annotated[float | None, typer.Option(help="As in 40.7128")] = None,
    longitude: Annotated[float | None, typer.Option(help="As in -74.0060")] = None,
    directions: Annotated[str, typer.Option(help="How to find the door")] = "",
    capacity: Annotated[int | None, typer.Option(help="How many people fit in")] = None,
    step_free: Annotated[bool | None, typer.Option(help="A way in without steps")] = None,
    accessible_toilet: Annotated[bool | None, typer.Option(help="A toilet for wheelchairs")] = None,
    hearing_loop: Annotated[bool | None, typer.Option(help="A loop for hearing aids")] = None,
    id_required: Annotated[bool | None, typer.Option(help="Somebody asks who comes in")] = None,
    cameras: Annotated[bool | None, typer.Option(help="Cameras film who comes in")] = None,
    parking: Annotated[str, typer.Option(help="Where to park")] = "",
    transit: Annotated[str, typer.Option(help="Which bus or train")] = "",
    door_code: Annotated[
        str, typer.Option(help="Kept encrypted, for members only; - asks for it", callback=typed)
    ] = "",
    json: Json = False,
) -> None:
    """Add a venue."""
    here = context.of(ctx)
    access = Access(
        step_free, accessible_toilet, hearing_loop, id_required, cameras, parking, transit, door_code=door_code
    )
    draft = venues.VenueDraft(
        name,
        address,
        street=street,
        locality=locality,
        region=region,
        postal_code=postal_code,
        country=venues.country(country),
        latitude=latitude,
        longitude=longitude,
        directions=directions,
        capacity=capacity,
        access=access,
    )
    with here.writing() as session:
        naming.refuse_taken(session, Venue, name)
        venue = venues.add(session, draft, here.clock.now())
        facts, warnings = _facts(session, venue, reveal=False), list(_telling(session, venue))
    output.say(f"Added “{venue.name}” as {venue.slug}, {venue.address}")
    if step_free is None:
        output.say("Nobody has said yet whether there is a way in without steps (--step-free or --no-step-free)")
    _warn(warnings)
    if json:
        output.emit_json({"venue": facts})


@app.command("list")
def list_(ctx: typer.Context, *, json: Json = False) -> None:
    """List the venues."""
    with context.of(ctx).reading() as session:
        found = [_facts(session, venue, reveal=False) for venue in venues.listing(session)]
    if json:
        output.emit_json({"venues": found})
        return
    rows = [[venue["slug"], venue["name"], venue["address"], _known(venue["step_free"])] for venue in found]
    output.table(["venue", "name", "address", "step-free"], rows, empty="No venues yet: see `meetup venue add --help`")


@app.command()
def show(ctx: typer.Context, venue: VenueName, *, json: Json = False, reveal: Reveal = False) -> None:
    """Show one venue and its closures."""
    with context.of(ctx).reading() as session:
        found = venues.find(session, venue)
        facts, shut = _facts(session, found, reveal=reveal), closing.facts(session, found)
    if json:
        output.emit_json({"venue": {**facts, "closures": shut}})
        return
    output.facts([*((name.replace("_", " "), value) for name, value in facts.items()), *closing.lines(shut)])


@app.command()
def edit(
    ctx: typer.Context,
    venue: VenueName,
    *,
    name: Annotated[str | None, typer.Option(help="Another name; the short name stays")] = None,
    address: Annotated[str | None, typer.Option(help="Another line; “” makes it of the parts")] = None,
    street: Annotated[str | None, typer.Option(help="Street and number")] = None,
    locality: Annotated[str | None, typer.Option(help="Town")] = None,
    region: Annotated[str | None, typer.Option(help="State or province")] = None,
    postal_code: Annotated[str | None, typer.Option(help="Postal code")] = None,
    country: Annotated[str | None, typer.Option(help="Two letters")] = None,
    latitude: Annotated[float | None, typer.Option(help="As in 40.7128")] = None,
    longitude: Annotated[float | None, typer.Option(help="As in -74.0060")] = None,
    directions: Annotated[str | None, typer.Option(help="How to find the door")] = None,
    capacity: Annotated[int | None, typer.Option(help="How many people fit in")] = None,
    step_free: Annotated[bool | None, typer.Option(help="A way in without steps")] = None,
    accessible_toilet: Annotated[bool | None, typer.Option(help="A toilet for wheelchairs")] = None,
    hearing_loop: Annotated[bool | None, typer.Option(help="A loop for hearing aids")] = None,
    id_required: Annotated[bool | None, typer.Option(help="Somebody asks who comes in")] = None,
    cameras: Annotated[bool | None, typer.Option(help="Cameras film who comes in")] = None,
    parking: Annotated[str | None, typer.Option(help="Where to park")] = None,
    transit: Annotated[str | None, typer.Option(help="Which bus or train")] = None,
    door_code: Annotated[
        str | None, typer.Option(help="Another code; “” removes it, - asks for it", callback=typed)
    ] = None,
    json: Json = False,
) -> None:
    """Change what was said about a venue; “” removes a text."""
    told = {
        "name": name,
        "address": address,
        "street": street,
        "locality": locality,
        "region": region,
        "postal_code": postal_code,
        "country": None if country is None else venues.country(country),
        "latitude": latitude,
        "longitude": longitude,
        "directions": directions,
        "capacity": capacity,
        "step_free": step_free,
        "accessible_toilet": accessible_toilet,
        "hearing_loop": hearing_loop,
        "id_required": id_required,
        "cameras": cameras,
        "parking": parking,
        "transit": transit,
        "door_code": door_code,
    }
    changes = {field: value for field, value in told.items() if value is not None}
    if not changes:
        raise UsageError("Nothing was to be changed", "Name what to change, such as --step-free")
    here = context.of(ctx)
    with here.writing() as session:
        found = venues.find(session, venue)
        naming.refuse_taken(session, Venue, name or found.name, found)
        venues.edit(session, found, _changed(venues.draft_of(session, found), changes), here.clock.now())
        facts, warnings = _facts(session, found, reveal=False), list(_telling(session, found))
    output.say(f"“{facts['name']}”, {facts['address']}, is up to date; calendars and reminders use it from now on")
    _warn(warnings)
    if json:
        output.emit_json({"venue": facts})


def _telling(session: Session, venue: Venue) -> Iterator[str]:
    """Say what of a venue gives away what a group is about, and where others would read it."""
    own = organization.the(session)
    secrets = [secret for group in groups.listing(session) for secret in groups.secrets(group, own)]
    for what, text, follows in (
        ("name", venue.name, "members' calendars leave it out"),
        ("directions", venue.directions, "members' calendars leave them out"),
        ("address", venue.address, "it stands in members' calendars, where others may read it"),
    ):
        told = discreet.leaks_to_all(text, secrets)
        if told:
            yield f"The {what} of “{venue.name}” say{'' if what == 'directions' else 's'} “{told[0]}”: {follows}"


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        output.warn(warning)


def _changed(draft: VenueDraft, changes: Mapping[str, object]) -> VenueDraft:
    of_access = {one.name for one in fields(Access)}
    access = {name: told for name, told in changes.items() if name in of_access}
    others = {name: told for name, told in changes.items() if name not in of_access}
    inside = replace(draft.access, **access)  # type: ignore[arg-type]  # options are named and typed as the fields are
    return replace(draft, access=inside, **others)  # type: ignore[arg-type]  # likewise


@app.command()
def close(
    ctx: typer.Context,
    venue: VenueName,
    *,
    start: closing.From = "",
    until: closing.Until = "",
    reason: closing.Reason = "",
    on_holidays: closing.OnHolidays = "",
    years: closing.Years = feasts.YEARS,
    to_room: Annotated[
        str, typer.Option("--move-to", metavar="ROOM", help="What is in person only goes online in this room")
    ] = "",
    to_venue: Annotated[
        str, typer.Option("--move-to-venue", metavar="VENUE", help="Everything goes to this venue instead")
    ] = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Shut a venue for a time.

    Members are told to join online or to stay away, and it opens again by itself. Public holidays are taken from a
    list; running it again adds what is new.
    """
    instead: list[closing.Finder] = []
    if to_room:
        instead.append(lambda session: rooms.find(session, to_room))
    if to_venue:
        instead.append(lambda session: venues.find(session, to_venue))
    if on_holidays:
        if start or until or reason:
            raise UsageError("Holidays have days and names of their own", "Leave --from, --until and --reason out")
        wanted = closing.Wanted(on_holidays, years)
        closing.keep_holidays(context.of(ctx), venue, wanted, instead, dry_run=dry_run, yes=yes)
        return
    span = closing.Span(start, until, reason)
    closing.close(context.of(ctx), _finder(venue), span, instead, dry_run=dry_run, yes=yes)


@app.command()
def reopen(
    ctx: typer.Context,
    venue: VenueName,
    *,
    on: closing.On = "",
    at: closing.At = "",
    everything: closing.All = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Open a venue again before its closure ends, or take back one to come."""
    choice = closing.Choice(on, at, everything)
    closing.reopen(context.of(ctx), _finder(venue), choice, dry_run=dry_run, yes=yes)


def _finder(name: str) -> closing.Finder:
    return lambda session: venues.find(session, name)


def _facts(session: Session, venue: Venue, *, reveal: bool) -> dict[str, object]:

    place = venues.value(session, venue)
    code = place.access.door_code
    return {
        "slug": venue.slug,
        "name": venue.name,
        "address": venue.address,
        "locality": venue.locality,
        "country": venue.country,
        "latitude": venue.latitude,
        "longitude": venue.longitude,
        "directions": venue.directions,
        "capacity": venue.capacity,
        "step_free": venue.step_free,
        "accessible_toilet": venue.accessible_toilet,
        "hearing_loop": venue.hearing_loop,
        "id_required": venue.id_required,
        "cameras": venue.cameras,
        "parking": venue.parking,
        "transit": venue.transit,
        "door_code": code if reveal or not code else HIDDEN,
    }


def _known(value: object) -> object:
    return "unknown" if value is None else value
