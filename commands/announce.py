"""`meetup announce`: tell everybody in a group something, once, after a look at whom it reaches and what it costs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from commands import asking, context, output, sending
from commands.context import Context
from commands.options import DryRun
from meetup import announcements
from meetup.errors import Forbidden, UsageError
from meetup.storage.database import Session
from meetup.storage.tables import Group
from meetup.values import Channel, Kind
from notifications import preview
from notifications.preview import Coming

MANY = 10  # from so many people on a y is too quickly typed
WORDS = {Channel.SMS: "The text", Channel.EMAIL: "The mail"}


def announce(
    ctx: typer.Context,
    group: Annotated[str, typer.Argument(metavar="GROUP", help="Its name or short name")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to tell, in quotes")] = "",
    *,
    take_back: Annotated[bool, typer.Option("--take-back", help="Stop the newest; who was told was told")] = False,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Tell everybody in a group something, once."""
    here = context.of(ctx)
    if take_back:
        _take_back(here, group)
        return
    if not text:
        raise UsageError("It is not said what to announce", f'As in: meetup announce "{group}" "Bring a cup tonight."')
    now = here.clock.now()
    with here.trying() as session:
        coming = _coming(here, session, asking.group(session, group), text, now)
    _show(coming, here.settings.sms_price)
    if dry_run:
        output.say("Nothing is changed; without --dry-run it would be announced")
        return
    _agree(coming, yes=yes)
    with here.writing() as session:
        found = asking.group(session, group)
        announcements.add(session, found, text, now)
    output.say(f"It leaves in a minute; until then `meetup announce {found.slug} --take-back` stops it")


def _take_back(here: Context, group: str) -> None:
    with here.writing() as session:
        found = asking.group(session, group)
        announcements.take_back(session, found, here.clock.now())
    output.say(f"“{found.name}”: nobody is told any more; who was told already was told")


def _coming(here: Context, session: Session, group: Group, text: str, now: datetime) -> list[Coming]:
    """Announce in a session that is taken back, and return what would be sent."""
    row = announcements.add(session, group, text, now)
    subject = f"announcement:{row.id}"
    found = preview.coming(session, here.addresses, now, announcements.KEPT.days + 1)
    return [one for one in found if one.kind is Kind.ANNOUNCEMENT and one.subject_key == subject]


def _show(coming: Sequence[Coming], price: str) -> None:
    if not any(one.will_send for one in coming):
        raise Forbidden("It would reach nobody", "Nobody in the group has agreed to be told; see `meetup member list`")
    for channel in Channel:
        first = next((one for one in coming if one.channel is channel and one.will_send), None)
        if first is not None:
            output.write(f"── {WORDS[channel]} {'─' * 40}")
            output.write(first.text.strip())
            output.write("")
    output.say(f"{sending.summary(coming, price)}, to {_people(coming)}")
    for (channel, reason), number in sorted(sending.held_back(coming).items()):
        output.say(f"{number} by {channel} not sent: {reason}")


def _people(coming: Sequence[Coming]) -> str:
    number = len({one.member_id for one in coming if one.will_send})
    return "1 person" if number == 1 else f"{number} people"


def _agree(coming: Sequence[Coming], *, yes: bool) -> None:
    people = len({one.member_id for one in coming if one.will_send})
    if yes or people < MANY or not output.somebody_is_there():
        agreed = output.confirm("Announce it?", yes=yes)
    else:
        agreed = output.ask(f"Announce it to {people} people? Type {people} to go on") == str(people)
    if not agreed:
        raise Forbidden("Nothing was announced")
