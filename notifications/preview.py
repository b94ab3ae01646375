"""Every message to come, without sending one: the real planning, in a transaction that is taken back."""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
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
from notifications import announcements, budget, cases, instead, notices, outbox, plan, still_fine
from notifications.budget import Purse
from notifications.cases import Claimed
from notifications.judging import SOON, Judged, judge
from notifications.moves import Settlement
from notifications.queued import reminds_by_text
from notifications.rules.budget import REASONS, month_of
from notifications.rules.kinds import NAMES
from notifications.rules.segments import segments
from notifications.rules.verdict import QUESTIONS, TOGETHER, Verdict

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
    still_fine.plan_questions(session, now)
    announcements.plan_announcements(session, now)
    rows = _planned(session, now + ahead, member_id)
    judging = Judging(session, addresses, now, rows)
    first = list(judging.judged([row for row in rows if row.kind != Kind.REMINDER]))
    for one in first:
        _pretend(session, one)
    then = list(judging.judged([row for row in rows if row.kind == Kind.REMINDER]))
    for one in then:
        _hold_back(session, one)
    instead.plan_instead(session, now)
    known = {row.id for row in rows}
    mails = list(judging.judged([row for row in _planned(session, now + ahead, member_id) if row.id not in known]))
    return sorted((_coming(session, one) for one in first + then + mails), key=lambda one: one.due_at)


def _planned(session: Session, until: datetime, member_id: int | None) -> list[DeliveryRow]:
    query = (
        select(DeliveryRow)
        .where(col(DeliveryRow.state) == State.PLANNED.value, col(DeliveryRow.due_at) < until)
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
    )
    if member_id is not None:
        query = query.where(col(DeliveryRow.member_id) == member_id)
    return list(session.execute(query).scalars())


class Judging:
    """Judges what lies ahead, and counts along what it would cost."""

    def __init__(self, session: Session, addresses: Addresses, now: datetime, rows: Sequence[DeliveryRow]) -> None:
        self._session, self._addresses, self._now, self._rows = session, addresses, now, rows
        self._purses: dict[str, Purse] = {}

    def judged(self, rows: Sequence[DeliveryRow]) -> Iterator[Judged]:
        """Judge each delivery as of the moment when it will be due; what another text has told by then is not sent."""
        told: set[int] = set()
        for one, soon in self._with_what_follows(rows):
            row_id = one.row.id or 0
            if row_id in told:
                yield Judged(one, Verdict(State.SUPPRESSED, TOGETHER), one.row.due_at)
                continue
            judged = self._at(one, _due(one.row, self._now), soon)
            if judged and judged[0].verdict.later:
                judged = self._at(one, judged[0].verdict.later, soon)
            told |= {each.beside.row.id or 0 for each in judged if each.beside}
            yield from judged

    def _with_what_follows(self, rows: Sequence[DeliveryRow]) -> Iterator[tuple[Claimed, list[Claimed]]]:
        """Yield every delivery with those of the same member that come soon after it."""
        ahead: deque[Claimed] = deque()
        unread = deque(rows)
        while unread or ahead:
            while unread and (not ahead or unread[0].due_at <= ahead[0].row.due_at + SOON):
                batch = [unread.popleft() for _ in range(min(AT_ONCE, len(unread)))]
                ahead.extend(cases.load(self._session, batch, self._addresses, self._now))
            if ahead:
                one = ahead.popleft()
                yield one, _following(one, ahead)

    def _at(self, one: Claimed, moment: datetime, soon: Sequence[Claimed]) -> list[Judged]:
        return judge(self._session.vault, [one], moment, self._purse(moment), soon)

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


def _following(one: Claimed, ahead: Iterable[Claimed]) -> list[Claimed]:
    """Return which of those ahead remind the same member by text, soon after one."""
    near = itertools.takewhile(lambda other: other.row.due_at <= one.row.due_at + SOON, ahead)
    return [other for other in near if other.row.member_id == one.row.member_id and reminds_by_text(other.row)]


def _hold_back(session: Session, judged: Judged) -> None:
    """Let a text be held back for the budget when its time comes: a mail may go instead."""
    if judged.verdict.reason in REASONS:
        settlement = Settlement(judged.claimed.row.id or 0, State.SUPPRESSED, judged.verdict.reason)
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
