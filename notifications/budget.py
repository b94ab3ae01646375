"""What was spent on texts, month by month, and what of it is left: read once for a batch, then counted along."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

from sqlalchemy import Executable, Integer, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from meetup import organization
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Group, SpentRow
from meetup.values import Channel, Kind, State
from notifications import outbox
from notifications.moves import HANDED_OVER, Settlement
from notifications.queued import stands
from notifications.rules import budget
from notifications.rules.budget import ALL_SPENT, GROUP_SPENT, Account

_T = SpentRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes


@dataclass(frozen=True, slots=True)
class Spent:
    """What one group's texts of one month came to."""

    group_id: int
    group: str
    texts: int
    account: Account


@dataclass(frozen=True, slots=True)
class Expense:
    """One text that is about to leave, or that did not after all."""

    group_id: int
    segments: int


@dataclass(frozen=True, slots=True)
class Purse:
    """What is left for the texts of one batch; whatever it lets out is counted along."""

    caps: dict[int, int | None]  # of groups, in segments
    cap: int | None  # of all together
    used: Counter[int]  # segments of a group
    had: Counter[int]  # texts of a member, apart from cancellations

    def take(self, row: DeliveryRow, segments: int) -> str:
        """Count a text that is about to leave; return why it must not, or nothing."""
        kind, group_id = Kind(row.kind), row.group_id or 0
        refusal = budget.refusal(kind, segments, self.had[row.member_id], self._accounts(group_id))
        if not refusal:
            self.used[group_id] += segments
            self.had[row.member_id] += kind not in budget.UNCOUNTED
        return refusal

    def _accounts(self, group_id: int) -> Iterator[Account]:
        yield Account(self.used[group_id], self.caps.get(group_id), GROUP_SPENT)
        yield Account(self.used.total(), self.cap, ALL_SPENT)


def purse(session: Session, rows: Sequence[DeliveryRow], now: datetime) -> Purse:
    """Read what is left this month for some deliveries."""
    member_ids = {row.member_id for row in rows if row.channel == Channel.SMS and row.kind in budget.LIMITED}
    caps = {row[0]: row[1] for row in session.execute(select(col(Group.id), col(Group.monthly_segments)))}
    used = Counter({number: segments for number, _, segments in _spent(session, budget.month_of(now))})
    had = _had(session, member_ids, now) if member_ids else Counter[int]()
    return Purse(caps, organization.the(session).monthly_segments, used, had)


def _had(session: Session, member_ids: Iterable[int], now: datetime) -> Counter[int]:
    """Return how many texts members had this month: handed over, whatever became of them, apart from cancellations."""
    row = DeliveryRow
    query = (
        select(col(row.member_id), func.count())
        .where(
            col(row.member_id).in_(list(member_ids)),
            col(row.channel) == Channel.SMS.value,
            col(row.kind).not_in([kind.value for kind in budget.UNCOUNTED]),
            col(row.state).in_([state.value for state in HANDED_OVER]),
            or_(col(row.settled_at).is_(None), col(row.settled_at) >= budget.month_start(now)),
        )
        .group_by(col(row.member_id))
    )
    return Counter({row[0]: row[1] for row in session.execute(query)})


def _spent(session: Session, month: str) -> list[tuple[int, int, int]]:
    query = select(_T.c.group_id, _T.c.texts, _T.c.segments).where(_T.c.month == month)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def book(session: Session, expenses: Iterable[Expense], now: datetime, *, back: bool = False) -> None:
    """Add what is about to leave to the month's books, or take back what surely did not leave."""
    texts, segments = Counter[int](), Counter[int]()
    sign = -1 if back else 1
    for one in expenses:
        texts[one.group_id] += sign
        segments[one.group_id] += sign * one.segments
    # In one order, so that two who book at once cannot wait for each other.
    for group_id in sorted(texts):
        _add(session, budget.month_of(now), group_id, texts[group_id], segments[group_id])


def _add(session: Session, month: str, group_id: int, texts: int, segments: int) -> None:
    begun = {"month": month, "group_id": group_id, "texts": max(0, texts), "segments": max(0, segments)}
    more = {"more_texts": texts, "more_segments": segments}
    session.connection().execute(_ADDING[session.get_bind().dialect.name], {**begun, **more})


def _adding(dialect: ModuleType) -> Executable:
    more = {
        "texts": _T.c.texts + bindparam("more_texts", type_=Integer),
        "segments": _T.c.segments + bindparam("more_segments", type_=Integer),
    }
    line = dialect.insert(_T).values({name: bindparam(name) for name in ("month", "group_id", "texts", "segments")})
    adding: Executable = line.on_conflict_do_update(index_elements=["month", "group_id"], set_=more)
    return adding


# Built once: it is run with every group of texts.
_ADDING = {"sqlite": _adding(sqlite), "postgresql": _adding(postgresql)}


def spending(session: Session, month: str) -> list[Spent]:
    """Return what each group's texts of a month came to, by name; groups without any as well."""
    spent = {number: (texts, segments) for number, texts, segments in _spent(session, month)}
    found = []
    for group in session.execute(select(Group).order_by(col(Group.slug))).scalars():
        texts, segments = spent.get(group.id or 0, (0, 0))
        account = Account(segments, group.monthly_segments, GROUP_SPENT)
        found.append(Spent(group.id or 0, group.slug, texts, account))
    return found


def whole(session: Session, found: Iterable[Spent]) -> Account:
    """Return what all groups' texts came to together."""
    used = sum(one.account.used for one in found)
    return Account(used, organization.the(session).monthly_segments, ALL_SPENT)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A text that was held back because a month's texts were used up, and what came of the mail instead of it."""

    text: DeliveryRow
    mail: DeliveryRow | None


def skipped(session: Session, now: datetime) -> list[Skipped]:
    """Return the texts of this month that were held back for the budget, newest first."""
    row = DeliveryRow
    query = (
        select(row)
        .where(
            stands(State.SUPPRESSED),
            col(row.reason).in_(budget.REASONS),
            col(row.settled_at) >= budget.month_start(now),
            col(row.channel) == Channel.SMS.value,
        )
        .order_by(col(row.id).desc())
    )
    texts = list(session.execute(query).scalars())
    mails = _mails(session, {text.member_id for text in texts}, now)
    return [Skipped(text, mails.get(same(text))) for text in texts]


def release(session: Session, now: datetime) -> int:
    """Plan again what was held back for the budget, is still of use and was told in no other way; return how many.

    When each is due it is paid for anew: what the budget does not hold even now is held back once more.
    """
    told = {state.value for state in HANDED_OVER}
    waiting = [
        one.text
        for one in skipped(session, now)
        if one.text.expires_at > now and (one.mail is None or one.mail.state not in told)
    ]
    for row in waiting:
        outbox.resolve(session, Settlement(row.id or 0, State.PLANNED), now, among=[State.SUPPRESSED])
    return len(waiting)


def held_back(session: Session, member_ids: Iterable[int]) -> set["Same"]:
    """Return which texts of some members were held back because a month's texts are used up."""
    row = DeliveryRow
    key = (col(row.member_id), col(row.subject), col(row.slot), col(row.lead), col(row.kind))
    query = select(*key).where(
        col(row.member_id).in_(list(member_ids)), stands(State.SUPPRESSED), col(row.reason).in_(budget.REASONS)
    )
    return {(found[0], found[1], found[2], found[3], found[4]) for found in session.execute(query)}


Same = tuple[int, str, datetime, str, str]


def same(row: DeliveryRow) -> Same:
    """Return what a text and the mail instead of it have in common."""
    return row.member_id, row.subject, row.slot, row.lead, row.kind


def _mails(session: Session, member_ids: Iterable[int], now: datetime) -> dict[Same, DeliveryRow]:
    row = DeliveryRow
    query = select(row).where(
        col(row.member_id).in_(list(member_ids)),
        col(row.channel) == Channel.EMAIL.value,
        col(row.expires_at) >= budget.month_start(now),
    )
    return {same(mail): mail for mail in session.execute(query).scalars()}
