"""`meetup budget`: what texts cost, month by month, and how many may be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from commands import asking, context, output, sending
from commands.options import Json
from meetup import organization
from meetup.errors import NotUnderstood
from meetup.people import members
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import Member
from meetup.values import State
from notifications import budget
from notifications.budget import Skipped, Spent
from notifications.rules.budget import PER_MEMBER, WARN_AT, Account, month_of

app = typer.Typer(help="What texts cost, month by month, and how many may be sent.", no_args_is_help=True)

NO_CAP = "none"
MOST = 10_000_000
ON_THE_WAY = (State.PLANNED, State.CLAIMED, State.SUBMITTING)
ARRIVING = (State.SENT, State.DELIVERED, *ON_THE_WAY)


@dataclass(frozen=True, slots=True)
class _Told:
    """One text that was not sent, and what became of it."""

    member: int
    alias: str
    day: str
    reason: str
    instead: str

    @property
    def reached(self) -> bool:
        return self.instead != ""


@app.command()
def show(
    ctx: typer.Context,
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="Another month than this one")] = "",
    *,
    json: Json = False,
) -> None:
    """Show what each group's texts came to, what is left, and whom a full budget kept from being texted."""
    here = context.of(ctx)
    now = here.clock.now()
    wanted = _month(month) if month else month_of(now)
    with here.reading() as session:
        found = budget.spending(session, wanted)
        together = budget.whole(session, found)
        skipped = [_skipped(session, one) for one in budget.skipped(session, now)] if wanted == month_of(now) else []
    if json:
        output.emit_json({
            "month": wanted,
            "groups": [{"group": one.group, "texts": one.texts, **_figures(one.account)} for one in found],
            "all": {"texts": sum(one.texts for one in found), **_figures(together)},
            "skipped": [{"member": one.member, "reason": one.reason, "instead": one.instead} for one in skipped],
        })  # fmt: skip
        return
    price = here.settings.sms_price
    headers = ("group", "texts", "segments", "reminders may use", "cost")
    lines = [(one.group, one.texts, *_line(one.account, price)) for one in found]
    lines.append(("all", sum(one.texts for one in found), *_line(together, price)))
    output.table(headers, lines)
    promised = f"A member gets {PER_MEMBER} texts a month at most, changes on top."
    output.say(f"\n{wanted}, as the provider bills it: by UTC. {promised}")
    _warn(found, together)
    _tell(skipped)


@app.command()
def cap(
    ctx: typer.Context,
    segments: Annotated[str, typer.Argument(metavar="N", help="Segments a month, or none")],
    group: Annotated[str, typer.Option(metavar="GROUP", help="Only for this group")] = "",
) -> None:
    """Say how many segments of texts a month may cost; what does not fit goes by mail, and changes go all the same."""
    here = context.of(ctx)
    number = _number(segments)
    with here.writing() as session:
        row = asking.group(session, group) if group else organization.the(session)
        row.monthly_segments = number
        session.add(row)
        released = budget.release(session, here.clock.now())
    whose = f"“{row.name}”" if group else "All groups together"
    if number is None:
        output.say(f"{whose}: as many texts as are needed")
    else:
        share = Account(0, number, "").for_reminders
        kept = f"reminders may use {share} of them, changes are never held back"
        output.say(f"{whose}: {number} segments a month; {kept}")
    if released:
        output.say(f"Held back before, and tried again: {released} {'text' if released == 1 else 'texts'}")


def _month(text: str) -> str:
    try:
        return month_of(datetime.strptime(text, "%Y-%m"))  # noqa: DTZ007 -- a month, no moment
    except ValueError as error:
        raise NotUnderstood(f"“{text}” is no month", "Write it as 2026-11") from error


def _number(text: str) -> int | None:
    if text.strip().lower() == NO_CAP:
        return None
    if not text.strip().isdecimal() or int(text) > MOST:
        raise NotUnderstood(f"“{text}” is no number of segments", "As in: meetup budget cap 500, or none")
    return int(text)


def _figures(account: Account) -> dict[str, object]:
    return {"segments": account.used, "cap": account.cap, "for_reminders": account.for_reminders}


def _line(account: Account, price: str) -> tuple[object, ...]:
    share = account.for_reminders
    allowed = "no limit" if share is None else f"{share} of {account.cap} ({account.percent} % used)"
    return (account.used, allowed, sending.cost(account.used, price))


def _warn(found: Sequence[Spent], together: Account) -> None:
    for name, account in [*((f"“{one.group}”", one.account) for one in found), ("All groups together", together)]:
        if account.percent >= 100:
            output.warn(f"{name}: this month's texts are used up; reminders go by mail where there is one")
        elif account.percent >= WARN_AT:
            output.warn(f"{name}: {account.percent} % of what reminders may use is gone")


def _tell(skipped: Sequence[_Told]) -> None:
    if not skipped:
        return
    lost = [one for one in skipped if not one.reached]
    output.say(f"\nNot texted for the budget: {len(skipped)}, of them {len(skipped) - len(lost)} by mail instead")
    for one in lost:
        output.say(f"  told in no other way: {one.alias} (#{one.member}) of {one.day}: {one.reason}")


def _skipped(session: Session, one: Skipped) -> _Told:
    member = session.get_one(Member, one.text.member_id)
    zone = member.zone or organization.the(session).zone
    instead = "by mail" if one.mail is not None and one.mail.state in ARRIVING else ""
    day = f"{zones.wall(one.text.due_at, zone):%Y-%m-%d}"
    return _Told(one.text.member_id, members.alias(session, member), day, one.text.reason, instead)
