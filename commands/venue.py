"""Venues: where people meet, how they get in, and when the house is shut."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from commands import context, occurrences, output
from commands.options import DryRun, Json, Reveal, names_a_time, wall_time
from meetup import agenda, naming, organization
from meetup.errors import UsageError
from meetup.places import closures, venues
from meetup.places.closures import ClosureDraft
from meetup.places.venues import VenueDraft
from meetup.schedule import zones
from meetup.schedule.series import Access, Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import ClosureRow, Venue
from meetup.values import Window

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
    door_code: Annotated[str, typer.Option(help="Kept encrypted, for members only")] = "",
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
        facts = _facts(session, venue, reveal=False)
    output.say(f"Added “{venue.name}” as {venue.slug}, {venue.address}")
    if step_free is None:
        output.say("Nobody has said yet whether there is a way in without steps (--step-free or --no-step-free)")
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
        facts, shut = _facts(session, found, reveal=reveal), _closures(session, found)
    if json:
        output.emit_json({"venue": {**facts, "closures": shut}})
        return
    told = [("shut", f"{one['from']} to {one['until']} {one['reason']}") for one in shut]
    output.facts([*((name.replace("_", " "), value) for name, value in facts.items()), *told])


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
    door_code: Annotated[str | None, typer.Option(help="Another code; “” removes it")] = None,
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
        facts = _facts(session, found, reveal=False)
    output.say(f"“{facts['name']}”, {facts['address']}, is up to date; calendars and reminders use it from now on")
    if json:
        output.emit_json({"venue": facts})


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
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="2026-12-24, or “2026-12-24 18:00”")],
    until: Annotated[str, typer.Option(metavar="DATE", help="Its last day, or a time; that day when left out")] = "",
    reason: Annotated[str, typer.Option(help="Shown to members: “heating”, “holidays”")] = "",
    dry_run: DryRun = False,
) -> None:
    """Shut a venue for a time; it opens again by itself, and members are told to join online or to stay away."""
    here = context.of(ctx)
    begins, ends = wall_time(start), end_of(until or start)
    with here.trying() if dry_run else here.writing() as session:
        found = venues.find(session, venue)
        name, now = found.name, here.clock.now()
        closure = closures.close(session, found, ClosureDraft(begins, ends, reason), now)
        hit = _hit(session, found, closure, now)
    would = "would be" if dry_run else "is"
    output.say(f"“{name}” {would} shut from {_minute(begins)} until {_minute(ends)}, then open again by itself")
    if hit:
        output.say(f"{len(hit)} {'date' if len(hit) == 1 else 'dates'} affected; whoever comes is told in time")
    occurrences.table(hit, empty="No date of a meeting falls into it")


@app.command()
def reopen(
    ctx: typer.Context,
    venue: VenueName,
    *,
    at: Annotated[str, typer.Option(metavar="DATE", help="2026-12-24, or “2026-12-24 18:00”; now when left out")] = "",
) -> None:
    """Open a venue again before its closure ends."""
    here = context.of(ctx)
    now = here.clock.now()
    with here.writing() as session:
        found = venues.find(session, venue)
        moment = (
            wall_time(at) if at else zones.wall(now, organization.the(session).zone).replace(second=0, microsecond=0)
        )
        shortened = closures.reopen(session, found, closures.listing(session, found), moment, now)
        told = [_reopened(found.name, closure, moment) for closure in shortened]
    for line in dict.fromkeys(told) or [f"“{found.name}” is not shut after {_minute(moment)}; nothing was changed"]:
        output.say(line)


def _reopened(name: str, closure: ClosureRow, moment: datetime) -> str:
    if closure.start_local < closure.end_local:
        return f"“{name}” is open again from {_minute(moment)}"
    reason = f" ({closure.reason})" if closure.reason else ""
    return f"The closure from {_minute(closure.start_local)} on{reason} is taken back: “{name}” stays open"


def _hit(session: Session, venue: Venue, closure: ClosureRow, now: datetime) -> list[Occurrence]:
    """Return the dates to come that a closure falls on, within two years, as they will be."""
    zone = organization.the(session).zone
    begin = max(closure.start_local, zones.wall(now, zone)) - LONGEST
    last = min(closure.end_local, zones.wall(now, zone) + TWO_YEARS)
    if last <= begin:
        return []
    window = Window(zones.localize(begin, zone), zones.localize(last, zone) + LONGEST)
    series = agenda.all_series(session, closures.affected(session, venue))
    found = [
        one
        for one in agenda.upcoming(series, window)
        if one.end > now
        and one.place is not None
        and one.place.key == venue.public_id
        and closure.start_local <= one.start_local < closure.end_local
    ]
    return sorted(found, key=lambda one: (one.start, one.series.title))


def end_of(text: str) -> datetime:
    """Return the end of what a text names: a time is the end itself, a day is shut until its last minute."""
    named = wall_time(text)
    return named if names_a_time(text) else datetime.combine(named.date() + timedelta(days=1), time.min)


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


def _closures(session: Session, venue: Venue) -> list[dict[str, str]]:
    return [
        {"from": _minute(one.start_local), "until": _minute(one.end_local), "reason": one.reason}
        for one in closures.listing(session, venue)
    ]


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _known(value: object) -> object:
    return "unknown" if value is None else value
