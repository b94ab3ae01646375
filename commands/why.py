"""`meetup why`: one message explained, or the silence about one date."""

from collections.abc import Iterator
from typing import Annotated

import typer
from sqlmodel import col, select

from commands import asking, context, occurrences, output
from commands.context import Context
from meetup import agenda, meetings, naming
from meetup.errors import UsageError
from meetup.people import members
from meetup.schedule.series import Occurrence
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Group, Meeting, Member
from notifications import explain, preview, silence
from notifications.preview import Coming
from notifications.rules import kinds

Json = Annotated[bool, typer.Option("--json", help="Print JSON")]
FURTHEST = 60  # days


def why(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="CODE|MEMBER", help="A message's code, or who was (not) told")],
    meeting: Annotated[str, typer.Argument(metavar="[MEETING]", help="With a member: of which meeting")] = "",
    on: Annotated[str, typer.Argument(metavar="[DATE]", help="With a member: of which date, as 2026-12-24")] = "",
    as_json: Json = False,
) -> None:
    """Explain one message, or what a member is told of one date."""
    here = context.of(ctx)
    if meeting and not on:
        raise UsageError("It is not said which date", f'As in: meetup why {what} "{meeting}" 2026-12-24')
    lines = _of_date(here, what, meeting, on) if meeting else _of_message(here, what)
    if as_json:
        output.emit_json(lines)
        return
    output.write(str(lines["about"]))
    for line in lines["lines"]:  # type: ignore[attr-defined]  # what both return
        output.write(f"  {line}")


def _of_message(here: Context, code: str) -> dict[str, object]:
    with here.reading() as session:
        told = explain.explain(session, explain.find(session, code), here.clock.now())
    return {"about": f"Delivery {told.code[:8]}", "code": told.code, "state": told.state, "lines": list(told.lines)}


def _of_date(here: Context, who: str, which: str, on: str) -> dict[str, object]:
    now = here.clock.now()
    with here.trying() as session:
        member, meeting = members.find(session, who), meetings.find(session, which)
        slot = asking.slot(session, meeting, on, now).at
        date = agenda.on_slot(agenda.one_series(session, naming.key(meeting)), slot)
        group = session.get_one(Group, meeting.group_id)
        past = [_past(session, row, here) for row in _rows(session, member, meeting, slot)]
        days = min(FURTHEST, max(1, ((date.start - now).days + 2) if date else 1))
        coming = preview.coming(session, here.addresses, now, days, member_id=naming.key(member))
        future = [_future(one) for one in coming if one.subject_key == f"meeting:{meeting.id}" and one.slot == slot]
        standing = occurrences.sentence(date) if date else f"{occurrences.day(slot)} is left out"
        lines = [standing, *_placeless(date, meeting), *past, *future, *silence.reasons(session, member, group)]
        about = f"“{meeting.title}” and “{members.alias(session, member)}”"
    return {"about": about, "lines": lines}


def _placeless(date: Occurrence | None, meeting: Meeting) -> Iterator[str]:
    if date is not None and not date.usual_doors | date.open_doors:
        yield f"Nobody is reminded of it before it has a place: `meetup meeting edit {meeting.slug} --venue VENUE`."


def _rows(session: Session, member: Member, meeting: Meeting, slot: object) -> list[DeliveryRow]:
    theirs = (col(DeliveryRow.member_id) == member.id, col(DeliveryRow.meeting_id) == meeting.id)
    query = select(DeliveryRow).where(*theirs, col(DeliveryRow.slot) == slot).order_by(col(DeliveryRow.id))
    return [row for row in session.exec(query).all() if row.state != "PLANNED"]


def _past(session: Session, row: DeliveryRow, here: Context) -> str:
    told = explain.explain(session, row, here.clock.now())
    return f"{row.code[:8]}: {kinds.notice(row.kind)} by {row.channel}. {told.meaning}"


def _future(one: Coming) -> str:
    when = f"{one.due_local:%a %Y-%m-%d %H:%M} ({one.zone})"
    kind = f"{kinds.notice(one.kind)} by {one.channel}"
    return f"Next: {kind} on {when}." if one.will_send else f"Held back: {kind} on {when}: {one.reason}."
