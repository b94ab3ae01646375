"""Consent: ask for it, note it from paper, take it back, and read the ledger. Nothing is sent without it."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from commands import context, output
from commands.options import DryRun, Json, day
from meetup import groups, naming, organization
from meetup.errors import MeetupError, NotFound
from meetup.people import consent, contacts, grounds, members, subscriptions
from meetup.people.consent import Wording
from meetup.people.grounds import Ground, Standing
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, ContactPoint, Group, Member
from meetup.values import Action, Channel, Source
from notifications.words.compose import Voice, opt_in_wording

app = typer.Typer(help="Who agreed to what; nothing is sent without it.", no_args_is_help=True)

MemberName = Annotated[str, typer.Argument(metavar="MEMBER", help="Their alias or number")]
By = Annotated[Channel, typer.Option("--channel", help="sms or email")]
InGroup = Annotated[str, typer.Option("--group", metavar="GROUP", help="All of theirs when left out")]

NOUNS = {Channel.SMS: "phone number", Channel.EMAIL: "mail address"}
FLAGS = {Channel.SMS: "--phone", Channel.EMAIL: "--email"}


@app.command()
def grant(
    ctx: typer.Context,
    member: MemberName,
    *,
    channel: By,
    group: InGroup = "",
    on_paper: Annotated[str, typer.Option(metavar="DATE", help="They signed on this day: 2026-12-24")] = "",
) -> None:
    """Note that a member agreed to be written to; they are asked to confirm, unless they signed on paper."""
    here = context.of(ctx)
    now = here.clock.now()
    signed = day(on_paper) if on_paper else None
    with here.writing() as session:
        found = members.find(session, member)
        contact = _contact(session, found, channel)
        into = _groups(session, found, group)
        wording = _wording(session, found, channel)
        entries = [
            consent.on_paper(session, contact, naming.key(one), signed, now)
            if signed
            else consent.grant(session, contact, naming.key(one), wording, now)
            for one in into
        ]
        name = members.alias(session, found)
    for one, entry in zip(into, entries, strict=True):
        output.say(f"“{one.name}”: {_next_step(name, channel, entry)}")


@app.command()
def revoke(
    ctx: typer.Context,
    member: MemberName,
    *,
    channel: By,
    group: InGroup = "",
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Take consent back: for one group, or for everything that the channel carries, which asks first."""
    here = context.of(ctx)
    with here.trying() as session:
        tried = _revoke(here, session, member, channel, group)
    if dry_run:
        output.say(f"Would be: {tried}")
        return
    if not group and not output.confirm(f"{tried}. Go on?", yes=yes):
        raise MeetupError("Nothing was changed")
    with here.writing() as session:
        said = _revoke(here, session, member, channel, group)
    output.say(said)


def _revoke(here: context.Context, session: Session, member: str, channel: Channel, group: str) -> str:
    """Take consent back, and say of whom and for which groups."""
    found = members.find(session, member)
    contact, name = _contact(session, found, channel), members.alias(session, found)
    if not group:
        ended = consent.stop(session, contact, Source.ORGANIZER, here.clock.now())
        names = sorted(f"“{session.get_one(Group, number).name}”" for number in ended)
        had = f"that ends {', '.join(names)}" if names else f"they had not agreed to {channel}"
        return f"“{name}” gets no more {channel} at all, and only they can change that; {had}"
    into = groups.find(session, group)
    entry = consent.revoke(session, contact, naming.key(into), Source.ORGANIZER, here.clock.now())
    said = f"“{name}” gets no more {channel} about “{into.name}”"
    return said if entry else f"“{name}” had not agreed to {channel}; {said}"


@app.command()
def log(ctx: typer.Context, member: MemberName, *, json: Json = False) -> None:
    """Show the ledger of a member: who agreed to what, when, how, and every withdrawal."""
    with context.of(ctx).reading() as session:
        found = members.find(session, member)
        zone = organization.the(session).zone
        entries = [_entry(session, row) for row in consent.history(session, naming.key(found))]
    if json:
        output.emit_json({"member": naming.key(found), "consents": entries})
        return
    rows = [[_local(one["at"], zone), *(one[name] for name in COLUMNS)] for one in entries]
    output.table(
        ["at", "channel", "group", "action", "source", "wording", "note"],
        rows,
        empty="Nobody has asked them, and they have said nothing",
    )


@app.command()
def audit(
    ctx: typer.Context,
    *,
    group: Annotated[str, typer.Option("--group", metavar="GROUP", help="Of one group only")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for other programs, without aliases")] = False,
    json: Json = False,
) -> None:
    """Show who would get what, and on what grounds; who was asked; and what somebody should look at."""
    here = context.of(ctx)
    with here.reading() as session:
        zone = organization.the(session).zone
        which = naming.key(groups.find(session, group)) if group else None
        found = list(grounds.grounds(session, here.clock.now(), which))
    if json:
        output.emit_json({"grounds": [one.row for one in found]})
    elif as_csv:
        _csv(found)
    else:
        _show(found, zone)


def _csv(found: Sequence[Ground]) -> None:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(AUDITED)
    writer.writerows([[_cell(one.row[name]) for name in AUDITED] for one in found])
    output.write(lines.getvalue().rstrip("\n"))


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _show(found: Sequence[Ground], zone: str) -> None:
    rows = [_line(one, zone) for one in found]
    headers = ["member", "channel", "group", "stands", "since", "by", "wording", "look at"]
    output.table(headers, rows, empty="Nobody is in a group yet")
    counted = Counter(one.standing for one in found)
    told = ", ".join(f"{counted[standing]} {standing}" for standing in Standing if counted[standing])
    if told:
        output.say(f"Counted by member, channel and group: {told}")


def _line(one: Ground, zone: str) -> list[object]:
    entry = one.entry
    since, source, wording = (_local(entry.at, zone)[:10], entry.source, entry.wording_version) if entry else ("",) * 3
    return [f"{one.member} {one.alias}", one.channel, one.group, one.standing, since, source, wording, one.look]


AUDITED = ("member", "channel", "group", "standing", "since", "source", "wording_version", "language", "entry", "look")
COLUMNS = ("channel", "group", "action", "source", "wording_version", "note")


def _contact(session: Session, member: Member, channel: Channel) -> ContactPoint:
    contact = contacts.of_member(session, naming.key(member)).get(channel)
    if contact is None:
        name = members.alias(session, member)
        hint = f"meetup member edit {naming.key(member)} {FLAGS[channel]} …"
        raise NotFound(f"“{name}” has no {NOUNS[channel]}", f"Add it with `{hint}`")
    return contact


def _groups(session: Session, member: Member, group: str) -> list[Group]:
    if group:
        return [groups.find(session, group)]
    rows = subscriptions.of_member(session, member)
    if not rows:
        name = members.alias(session, member)
        hint = f"Subscribe them first: `meetup subscribe {naming.key(member)} GROUP`"
        raise NotFound(f"“{name}” is in no group yet, and consent is for a group", hint)
    return [session.get_one(Group, row.group_id) for row in rows]


def _wording(session: Session, member: Member, channel: Channel) -> Wording:
    own = organization.the(session)
    voice = Voice.of(own)
    text, version = opt_in_wording(channel, member.language, voice)
    return Wording(text, version, member.language)


def _next_step(name: str, channel: Channel, entry: ConsentRow) -> str:
    if entry.action == Action.CONFIRMED:
        return f"“{name}” has agreed to {channel}; reminders may go out"
    if channel is Channel.SMS:
        return f"an opt-in text will ask “{name}” for YES; no reminder goes out before that"
    return f"a mail will ask “{name}” to confirm; no reminder goes out before that"


def _entry(session: Session, row: ConsentRow) -> dict[str, object]:
    group = session.get(Group, row.group_id) if row.group_id is not None else None
    return {
        "at": row.at,
        "channel": row.channel,
        "group": group.slug if group else "all groups",
        "action": row.action,
        "source": row.source,
        "wording_version": row.wording_version,
        "wording": row.wording,
        "language": row.language,
        "note": row.note,
    }


def _local(moment: object, zone: str) -> str:
    return f"{zones.wall(moment, zone):%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else ""
