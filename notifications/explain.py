"""Why was this sent, or not? One delivery in plain words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from meetup import agenda, organization
from meetup.errors import NotFound
from meetup.people import members
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import AttemptRow, ConsentRow, DeliveryRow, Group, Meeting, Member
from meetup.values import NO_DATE, State
from notifications.rules import kinds

MEANINGS = {
    State.PLANNED: "It waits for its time.",
    State.CLAIMED: "It is being checked at this moment.",
    State.SUBMITTING: "It is being handed over at this moment.",
    State.SENT: "The provider has taken it; no word yet whether it arrived.",
    State.DELIVERED: "It arrived.",
    State.UNDELIVERED: "The provider took it, but it did not arrive.",
    State.FAILED: "The provider refused it for good.",
    State.UNCERTAIN: "It may have left or not: the connection broke at the worst moment. The provider will be asked.",
    State.HELD: "Nobody can say whether it left, so it is not sent again by itself.",
    State.SUPPRESSED: "It was held back on purpose.",
    State.MISSED: "It could not be sent in time, so it was not sent at all.",
}


PRINTED = "It was printed on a console instead of being sent, and counts as sent."


@dataclass(frozen=True, slots=True)
class Explanation:
    """One delivery, told."""

    code: str
    state: State
    lines: tuple[str, ...]
    meaning: str


def find(session: Session, text: str) -> DeliveryRow:
    """Return the delivery of that code (or the beginning of one) or number."""
    wanted = text.strip().lower().removeprefix("#")
    query = select(DeliveryRow).where(col(DeliveryRow.code).startswith(wanted, autoescape=True)).limit(2)
    found = list(session.execute(query).scalars()) if len(wanted) >= 4 else []
    if not found and wanted.isdigit():
        found = [row for row in [session.get(DeliveryRow, int(wanted))] if row]
    if len(found) != 1:
        raise NotFound(f"There is no delivery “{text}”", "`meetup remind status --list` shows their codes.")
    row: DeliveryRow = found[0]
    return row


def explain(session: Session, row: DeliveryRow, now: datetime) -> Explanation:
    """Tell what a delivery is, on what grounds, when it was due, and how it went."""
    state = State(row.state)
    also = f"Its text tells delivery #{row.also_id} as well." if row.also_id is not None else ""
    lines = [_what(session, row), also, _times(session, row, now), _grounds(session, row)]
    meaning = PRINTED if row.provider_id.startswith("console:") else MEANINGS[state]
    told = f"{meaning} ({state}{f': {row.reason}' if row.reason else ''})"
    lines.append(told)
    lines += [_attempt(attempt) for attempt in _attempts(session, row)]
    return Explanation(row.code, state, tuple(line for line in lines if line), told)


def zone_of(session: Session, row: DeliveryRow) -> str:
    """Return the zone in which a delivery's date is told: the meeting's."""
    series = agenda.one_series(session, row.meeting_id) if row.meeting_id is not None else None
    occurrence = agenda.on_slot(series, row.slot) if series else None
    if occurrence is not None:
        return occurrence.zone
    return series.schedules[-1].zone if series and series.schedules else organization.the(session).zone


def _what(session: Session, row: DeliveryRow) -> str:
    kind = kinds.notice(row.kind)
    who = members.alias(session, session.get_one(Member, row.member_id))
    to = f"by {row.channel} to {who} (#{row.member_id})"
    if row.meeting_id is None or row.slot == NO_DATE:
        return f"{kind.capitalize()} {to}."
    meeting = session.get_one(Meeting, row.meeting_id)
    group = session.get_one(Group, meeting.group_id)
    lead = f", {row.lead} ahead" if row.lead else ""
    return f"{kind.capitalize()} {to}{lead}, about “{meeting.title}” ({group.slug}) on {row.slot:%A %Y-%m-%d %H:%M}."


def _times(session: Session, row: DeliveryRow, now: datetime) -> str:
    zone = zone_of(session, row)
    due, expires = zones.wall(row.due_at, zone), zones.wall(row.expires_at, zone)
    tense = "was" if row.due_at <= now else "is"
    told = f"It {tense} due {due:%a %Y-%m-%d %H:%M} and of use until {expires:%a %Y-%m-%d %H:%M} ({zone})."
    rests = row.not_before if row.state == State.PLANNED else None
    if rests is None or rests <= max(now, row.due_at):
        return told
    return f"{told} It rests until {zones.wall(rests, zone):%a %Y-%m-%d %H:%M}."


def _grounds(session: Session, row: DeliveryRow) -> str:
    entry = session.get_one(ConsentRow, row.consent_id)
    day = zones.wall(entry.at, zone_of(session, row))
    note = f", {entry.note}" if entry.note else ""
    return f"It relied on consent #{entry.id}: {entry.action} by {entry.source} on {day:%Y-%m-%d}{note}."


def _attempts(session: Session, row: DeliveryRow) -> list[AttemptRow]:
    query = select(AttemptRow).where(col(AttemptRow.delivery_id) == row.id).order_by(col(AttemptRow.number))
    return list(session.execute(query).scalars())


def _attempt(attempt: AttemptRow) -> str:
    outcome = attempt.outcome or "no outcome written"
    code = f", code {attempt.error_code}" if attempt.error_code else ""
    return f"Attempt {attempt.number} on {attempt.submitted_at:%Y-%m-%d %H:%M:%S} UTC: {outcome}{code}."
