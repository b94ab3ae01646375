"""Every message to come, without sending one: the real planning, in a transaction that is taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from meetup.feeds.addresses import Addresses
from meetup.people import members
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Member
from meetup.values import Channel, Kind, State
from notifications import announcements, budget, cases, notices, outbox, plan
from notifications.budget import Purse
from notifications.cases import Claimed
from notifications.judging import Judged, judge
from notifications.moves import Settlement
from notifications.rules.budget import month_of
from notifications.rules.kinds import NAMES
from notifications.rules.segments import segments
from notifications.rules.verdict import QUESTIONS

AT_ONCE = 500  # deliveries that are read together


@dataclass(frozen=True, slots=True)
class Coming:
    """One message to come: when by the clock of its place, to whom, and why it will or will not be sent."""

    due_at: datetime
    zone: str
    channel: Channel
    kind: Kind
    lead: str
    member_id: int
    member: str
    meeting: str
    slot: datetime
    segments: int
    will_send: bool
    reason: str
    text: str
    subject: str
    subject_key: str = ""  # what it is about: `meeting:12`, `announcement:7`

    @property
    def due_local(self) -> datetime:
        """Return when it is due, as the clocks of the meeting's place show it."""
        return zones.wall(self.due_at, self.zone)


def coming(
    session: Session, addresses: Addresses, now: datetime, days: int, *, member_id: int | None = None
) -> list[Coming]:
    """Plan some days ahead in a session that will be rolled back, and return what lies there, soonest first."""
    ahead = timedelta(days=days)
    plan.plan(session, now, ahead)
    notices.plan_notices(session, now, ahead)
    notices.plan_requests(session, now)
    announcements.plan_announcements(session, now)
    query = (
        select(DeliveryRow)
        .where(col(DeliveryRow.state) == State.PLANNED.value, col(DeliveryRow.due_at) < now + ahead)
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
    )
    if member_id is not None:
        query = query.where(col(DeliveryRow.member_id) == member_id)
    rows = list(session.execute(query).scalars())
    judging = Judging(session, addresses, now, rows)
    first = list(judging.judged([row for row in rows if row.kind != Kind.REMINDER]))
    for one in first:
        _pretend(session, one)
    then = list(judging.judged([row for row in rows if row.kind == Kind.REMINDER]))
    return sorted((_coming(session, one) for one in first + then), key=lambda one: one.due_at)


class Judging:
    """Judges what lies ahead, and counts along what it would cost."""

    def __init__(self, session: Session, addresses: Addresses, now: datetime, rows: Sequence[DeliveryRow]) -> None:
        self._session, self._addresses, self._now, self._rows = session, addresses, now, rows
        self._purses: dict[str, Purse] = {}

    def judged(self, rows: Sequence[DeliveryRow]) -> Iterator[Judged]:
        """Judge each delivery as of the moment when it will be due."""
        for begin in range(0, len(rows), AT_ONCE):
            for one in cases.load(self._session, rows[begin : begin + AT_ONCE], self._addresses, self._now):
                for judged in self._at(one, _due(one.row, self._now)):
                    later = judged.verdict.later
                    yield from self._at(one, later) if later else [judged]

    def _at(self, one: Claimed, moment: datetime) -> list[Judged]:
        return judge(self._session.vault, [one], moment, self._purse(moment))

    def _purse(self, moment: datetime) -> Purse:
        month = month_of(moment)
        if month not in self._purses:
            self._purses[month] = budget.purse(self._session, self._rows, moment)
        return self._purses[month]


def _pretend(session: Session, judged: Judged) -> None:
    """Let a notice have been sent when its time comes: some reminders depend on it."""
    if judged.text is not None:
        settlement = Settlement(judged.claimed.row.id or 0, State.SENT)
        outbox.resolve(session, settlement, judged.at, among=[State.PLANNED])


def _due(row: DeliveryRow, now: datetime) -> datetime:
    return max(row.due_at, now, row.not_before or now)


def _coming(session: Session, judged: Judged) -> Coming:
    one, decision, text = judged.claimed, judged.verdict, judged.text
    row, case = one.row, one.case
    occurrence = case.occurrence
    title = occurrence.series.title if occurrence else ""
    return Coming(
        due_at=decision.later or judged.at,
        zone=occurrence.zone if occurrence else case.person.zone,
        channel=case.channel,
        kind=case.kind,
        lead=row.lead,
        member_id=row.member_id,
        member=members.alias(session, session.get_one(Member, row.member_id)),
        meeting=title,
        slot=row.slot,
        segments=segments(text.body).segments if text and case.channel is Channel.SMS else 0,
        will_send=decision.sends or decision.state is State.PLANNED,
        reason=_reason(row, title) if decision.sends else decision.reason or "later",
        text=text.body if text else "",
        subject=text.subject if text else "",
        subject_key=row.subject,
    )


def _reason(row: DeliveryRow, title: str) -> str:
    if row.kind == Kind.OPT_IN:
        return "asks for consent"
    if row.kind in QUESTIONS:
        return "asks whether it is still fine"
    if row.kind == Kind.KEY:
        return "brings what she asked for on a page"
    if row.kind == Kind.ANNOUNCEMENT:
        return "announcement"
    about = f"“{title}” on {row.slot:%a %d %b %H:%M}"
    return f"{row.lead} before {about}" if row.lead else f"{NAMES[Kind(row.kind)]}: {about}"
