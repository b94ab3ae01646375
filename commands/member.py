"""Members: people known by an alias, how they are reached, and what they agreed to."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, time
from pathlib import Path
from typing import Annotated

import typer

from commands import context, erasing, output
from commands.context import Context
from commands.options import DryRun, Json, Reveal, day, typed
from meetup import groups, naming, organization
from meetup.errors import MeetupError, NotFound, NotUnderstood, UsageError
from meetup.people import consent, contacts, joining, members, subscriptions
from meetup.people.consent import Wording
from meetup.people.members import MemberCard, MemberDraft
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import Group, Member
from meetup.transfer import members_csv
from meetup.values import Channel
from meetup.wording.masks import mask
from notifications.words.compose import Voice, opt_in_wording

app = typer.Typer(help="People known by an alias, and how they are reached.", no_args_is_help=True)
app.command()(erasing.export)
app.command()(erasing.forget)

USUAL = "09:00-20:00"
ASK_YEARLY = "They want to be asked once a year whether it is still fine to write to them"
MemberName = Annotated[str, typer.Argument(metavar="MEMBER", help="Their alias or number")]
Phone = Annotated[str, typer.Option(help="With + and the country code; kept encrypted; - asks for it", callback=typed)]
Email = Annotated[str, typer.Option(help="Kept encrypted; - asks for it", callback=typed)]


@app.command()
def add(
    ctx: typer.Context,
    alias: Annotated[str, typer.Argument(help="Any name; never ask for the legal one")],
    *,
    phone: Phone = "",
    email: Email = "",
    language: Annotated[str, typer.Option(help="en or es; the organization's when left out")] = "",
    zone: Annotated[str, typer.Option(help="Where they live; the meeting's when left out")] = "",
    label: Annotated[str, typer.Option(help="Harmless words of their own for calendar and mail")] = "",
    shared_phone: Annotated[bool, typer.Option("--shared-phone", help="Someone else may see their phone")] = False,
    hours: Annotated[
        str, typer.Option(help="When texts may come, in their zone; 09:00-20:00 when nobody says so")
    ] = "",
    ask_yearly: Annotated[bool, typer.Option("--ask-yearly", help=ASK_YEARLY)] = False,
    json: Json = False,
) -> None:
    """Add a member. Nothing is sent to them before they agreed."""
    here = context.of(ctx)
    draft = MemberDraft(alias, phone, email, language, zone, label, shared_phone, *_hours(hours or USUAL))
    draft = replace(draft, hours_chosen=bool(hours), ask_yearly=ask_yearly)
    with here.writing() as session:
        member = members.add(session, draft, here.clock.now())
        facts = _facts(session, member, reveal=False)
    output.say(f"Added “{facts['alias']}” as member {facts['number']}; nothing is sent before they agree")
    output.say(f"Next: meetup subscribe {facts['number']} GROUP")
    if json:
        output.emit_json({"member": facts})


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    new: Annotated[
        bool, typer.Option("--new", help="Only who came by themselves and have no alias of yours yet")
    ] = False,
    json: Json = False,
    reveal: Reveal = False,
) -> None:
    """List the members; numbers and addresses are masked."""
    with context.of(ctx).reading() as session:
        cards = [card for card in members.listing(session) if not new or joining.GUEST.fullmatch(card.alias)]
        found = [_card(session, card, reveal=reveal) for card in cards]
    if json:
        output.emit_json({"members": found})
        return
    rows = [[card[name] for name in ("number", "alias", "phone", "email", "groups")] for card in found]
    headers = ["member", "alias", "phone", "e-mail", "groups"]
    nobody = "Nobody is new" if new else "No members yet: see `meetup member add --help`"
    output.table(headers, rows, empty=nobody)


@app.command()
def show(ctx: typer.Context, member: MemberName, *, json: Json = False, reveal: Reveal = False) -> None:
    """Show one member, their groups, and what they agreed to."""
    with context.of(ctx).reading() as session:
        found = members.find(session, member)
        facts, subscribed = _facts(session, found, reveal=reveal), _subscriptions(session, found)
    if json:
        output.emit_json({"member": {**facts, "subscriptions": subscribed}})
        return
    lines = [("in", f"{one['group']} ({one['state']}, {one['door']}); {_agreed(one)}") for one in subscribed]
    output.facts([*((name.replace("_", " "), value) for name, value in facts.items()), *lines])


@app.command()
def edit(
    ctx: typer.Context,
    member: MemberName,
    *,
    alias: Annotated[str, typer.Option(help="Another alias")] = "",
    phone: Phone = "",
    email: Email = "",
    language: Annotated[str | None, typer.Option(help="en or es")] = None,
    zone: Annotated[str | None, typer.Option(help="Where they live; “” when it is the meeting's")] = None,
    label: Annotated[str | None, typer.Option(help="Harmless words of their own; “” when it is the group's")] = None,
    shared_phone: Annotated[bool | None, typer.Option(help="Someone else may see their phone")] = None,
    plain_words: Annotated[
        bool | None, typer.Option("--plain-words/--discreet", help="They chose to read what it is really called")
    ] = None,
    quiet_until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Send nothing before that day; “” ends it")
    ] = None,
    hours: Annotated[str | None, typer.Option(help="When texts may come, as in 09:00-20:00")] = None,
    ask_yearly: Annotated[bool | None, typer.Option(help=ASK_YEARLY)] = None,
) -> None:
    """Change what is known of a member, and how they are told; a new number or address has to be agreed to again."""
    start, end = _hours(hours) if hours is not None else (None, None)
    told = {
        "language": language,
        "zone": zone,
        "cover_label": label,
        "phone_shared": shared_phone,
        "plain_words": plain_words,
        "ask_yearly": ask_yearly,
        "hours_start": start,
        "hours_end": end,
    }
    changes: dict[str, object] = {name: value for name, value in told.items() if value is not None}
    if quiet_until is not None:
        changes["quiet_until"] = _morning(context.of(ctx), quiet_until)
    if not (changes or alias or phone or email):
        raise UsageError("Nothing was to be changed", "Name what to change, such as --hours 09:00-20:00")
    here = context.of(ctx)
    with here.writing() as session:
        found = members.find(session, member)
        if alias:
            members.rename(session, found, alias)
        for channel, text in ((Channel.SMS, phone), (Channel.EMAIL, email)):
            if text:
                contacts.add(session, found, channel, text, here.clock.now())
        if changes:
            members.edit(session, found, changes, here.clock.now())
        name = members.alias(session, found)
    output.say(f"“{name}” is up to date")


def _morning(here: Context, text: str) -> datetime | None:
    """Return the first minute of a day, where the organization is; None when the quiet is to end."""
    if not text:
        return None
    with here.reading() as session:
        zone = organization.the(session).zone
    return zones.localize(datetime.combine(day(text), time.min), zone)


def _hours(text: str) -> tuple[str, str]:
    start, _, end = text.partition("-")
    return start.strip(), end.strip()


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8; its first row names the columns")],
    *,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Take the good rows and leave the others")] = False,
    dry_run: DryRun = False,
) -> None:
    """Add members from a spreadsheet: all rows or none, unless told otherwise. An import is no consent.

    Columns, of which only alias is needed, in any order: alias, phone, email, language (en or es), zone (as in
    America/New_York), groups (their names, with ; between them), preference (in_person, online, either or
    only_in_person), phone_shared (yes or no) and consent (“paper 2026-01-05” when they signed on that day, “ask” to
    ask them, or nothing).
    """
    here = context.of(ctx)
    rows, unclear = members_csv.read(_text(file))
    with here.trying() if dry_run else here.writing() as session:
        report = members_csv.take(session, rows, _words(session), here.clock.now())
        rejected = sorted([*unclear, *report.rejected], key=lambda reject: reject.number)
        for reject in rejected:
            output.say(f"row {reject.number}: {reject.reason}")
        if rejected and not keep_going:
            raise MeetupError(f"{_rows(len(rejected))} cannot be taken, so none was", _IMPORT_HINT)
    left_out = f", {len(rejected)} left out" if rejected else ""
    would = "would be taken" if dry_run else "taken"
    output.say(f"{_rows(len(report.taken))} {would}{left_out}; nothing is sent before they agree")


_IMPORT_HINT = "Correct them and import again, or take only the others with --keep-going"


@app.command()
def approve(
    ctx: typer.Context, member: MemberName, group: Annotated[str, typer.Argument(help="A closed group")]
) -> None:
    """Let a member into a closed group."""
    here = context.of(ctx)
    with here.writing() as session:
        found, into = members.find(session, member), groups.find(session, group)
        subscriptions.approve(session, found, into, here.clock.now())
        name = members.alias(session, found)
    output.say(f"“{name}” is in “{into.name}” now")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NotUnderstood(f"{file} is not text in UTF-8", "Save the sheet as “CSV UTF-8”") from error


def _words(session: Session) -> Callable[[str], Wording]:
    """Return what a request will say in a language; the ledger keeps the words of both channels."""
    own = organization.the(session)
    voice = Voice.of(own)

    def words(language: str) -> Wording:
        texts, versions = zip(*(opt_in_wording(channel, language, voice) for channel in Channel), strict=True)
        return Wording("\n\n".join(texts), " ".join(versions), language)

    return words


def _card(session: Session, card: MemberCard, *, reveal: bool) -> dict[str, object]:
    shown: dict[str, object] = {**asdict(card), "groups": list(card.groups)}
    if reveal:
        for channel, contact in contacts.of_member(session, card.number).items():
            shown["phone" if channel is Channel.SMS else "email"] = contacts.address(session, contact)
    return shown


def _facts(session: Session, member: Member, *, reveal: bool) -> dict[str, object]:
    points = contacts.of_member(session, naming.key(member))
    addresses = {channel: contacts.address(session, point) for channel, point in points.items()}
    shown = addresses if reveal else {channel: mask(address) for channel, address in addresses.items()}
    states = {channel: point.state for channel, point in points.items()}
    return {
        "number": naming.key(member),
        "alias": members.alias(session, member),
        "phone": shown.get(Channel.SMS, ""),
        "phone_state": states.get(Channel.SMS, ""),
        "email": shown.get(Channel.EMAIL, ""),
        "email_state": states.get(Channel.EMAIL, ""),
        "language": member.language,
        "zone": member.zone,
        "cover_label": member.cover_label,
        "hours": f"{member.hours_start}-{member.hours_end}",
        "phone_shared": member.phone_shared,
        "plain_words": member.plain_words,
        "ask_yearly": member.ask_yearly,
        "quiet_until": member.quiet_until,
    }


def _agreed(subscription: dict[str, object]) -> str:
    by, agreed = subscription["by"], subscription["agreed"]
    return f"wants {by}, agreed to {', '.join(agreed) or 'nothing yet'}" if isinstance(agreed, list) else ""


def _subscriptions(session: Session, member: Member) -> list[dict[str, object]]:
    points = contacts.of_member(session, naming.key(member))
    found: list[dict[str, object]] = []
    for row in subscriptions.of_member(session, member):
        agreed = [c for c, point in points.items() if consent.allows(session, naming.key(point), row.group_id)]
        group = session.get_one(Group, row.group_id)
        found.append(
            {
                "group": group.slug,
                "state": row.state,
                "door": row.preference.replace("_", "-"),
                "by": row.channels,
                "agreed": [channel.value for channel in agreed],
            }
        )
    return found
