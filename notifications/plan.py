"""Facts → deliveries: reminders of what happens soon, notices of what changed, requests for consent.

Planning twice changes nothing. What is personal (address, hours apart) is read when a delivery is claimed.
A meeting that cannot be read is logged and left out: it must not keep the others from being told.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, literal, select
from sqlmodel import col

from meetup import agenda, reminders
from meetup.errors import MeetupError
from meetup.people import consent
from meetup.schedule.series import Occurrence, Series
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, ContactPoint, Meeting, Member, SubscriptionRow
from meetup.values import Channel, Kind, Lead, Window
from notifications import intake
from notifications.intake import Intent
from notifications.rules import timing
from notifications.rules.quiet_hours import Hours

logger = logging.getLogger(__name__)

HORIZON = timedelta(hours=48)
# What a row raises that cannot be read: another key, bytes that were damaged, a zone or a rule that is none.
UNREADABLE = (MeetupError, LookupError, ValueError)
LONGEST_LEAD = timedelta(days=15)  # the evening before counts as a day


@dataclass(frozen=True, slots=True)
class Habit:
    """What some members of a group have in common: zone (empty: the meeting's), hours, and reminders they do not want.

    Mail waits for no hours: there a habit has none, and no zone.
    """

    zone: str = ""
    hours: Hours | None = None
    unwanted: str = ""

    def wants(self, lead: Lead) -> bool:
        """Tell whether members with this habit want a reminder that long before."""
        return str(lead) not in self.unwanted.split(",")


@dataclass(frozen=True, slots=True)
class Planned:
    """An intent, and those members it is for."""

    intent: Intent
    habit: Habit
    occurrence: Occurrence


def plan(session: Session, now: datetime, horizon: timedelta = HORIZON) -> int:
    """Plan every reminder that is due within the horizon; return how many rows were added or moved."""
    return sum(
        intake.enqueue(session, one.intent, recipients(one.intent, one.habit), now)
        for one in intents(session, Window(now, now + horizon))
    )


def intents(session: Session, window: Window) -> Iterator[Planned]:
    """Yield every reminder that is still of use in the window, soonest date first; nobody's name is in it yet."""
    habits = _habits(session)
    rules = _leads(session, habits)
    coming = Window(window.start, window.end + LONGEST_LEAD)
    for occurrence in _coming(session, coming, rules):
        for channel, leads in rules[occurrence.series.group_id].items():
            for one in _of_date(occurrence, channel, leads, habits[occurrence.series.group_id]):
                if one.intent.due_at < window.end and one.intent.expires_at > window.start:
                    yield one


def recipients(intent: Intent, habit: Habit | None = None) -> Select[int, int, int, str]:
    """Select who is to get an intent: active, reachable on its channel, and confirmed; of a habit, if one is given."""
    last_word = consent.last_word(col(ContactPoint.id), intent.group_id or 0)
    query: Select[int, int, int, str] = (
        select(
            col(Member.id).label("member_id"),
            col(ContactPoint.id).label("contact_id"),
            col(ConsentRow.id).label("consent_id"),
            col(ConsentRow.action).label("consent_action"),
        )
        .select_from(SubscriptionRow)
        .join(Member, col(Member.id) == col(SubscriptionRow.member_id))
        .join(ContactPoint, col(ContactPoint.member_id) == col(Member.id))
        .join(ConsentRow, col(ConsentRow.id) == last_word)
        .where(*_chosen(intent), col(ContactPoint.state) == "verified", col(ConsentRow.action) == "confirmed")
    )
    return query if habit is None else query.where(*_keeping(habit))


def _chosen(intent: Intent) -> Iterator[ColumnElement[bool]]:
    yield col(SubscriptionRow.group_id) == intent.group_id
    yield col(SubscriptionRow.state) == "active"
    yield (literal(",") + col(SubscriptionRow.channels) + ",").contains(f",{intent.channel.value},")
    yield col(ContactPoint.channel) == intent.channel.value


def _keeping(habit: Habit) -> Iterator[ColumnElement[bool]]:
    yield col(SubscriptionRow.unwanted) == habit.unwanted
    if habit.hours is not None:
        yield col(Member.zone) == habit.zone
        yield col(Member.hours_start) == f"{habit.hours.start:%H:%M}"
        yield col(Member.hours_end) == f"{habit.hours.end:%H:%M}"


def _of_date(
    occurrence: Occurrence, channel: Channel, leads: Iterable[Lead], habits: Iterable[Habit]
) -> Iterator[Planned]:
    if not occurrence.happening:
        return
    beginning = timing.Beginning(occurrence.start, occurrence.start_local, occurrence.zone)
    if channel is Channel.EMAIL:
        habits = sorted({Habit(unwanted=habit.unwanted) for habit in habits}, key=lambda habit: habit.unwanted)
    for habit in habits:
        wanted = [lead for lead in leads if habit.wants(lead)]
        for due in timing.dues(beginning, wanted, channel, habit.zone or occurrence.zone, habit.hours or Hours()):
            yield Planned(_intent(occurrence, channel, due), habit, occurrence)


def _intent(occurrence: Occurrence, channel: Channel, due: timing.Due) -> Intent:
    series = occurrence.series
    return Intent(
        subject=f"meeting:{series.meeting_id}",
        slot=occurrence.slot,
        lead=str(due.lead),
        channel=channel,
        kind=Kind.REMINDER,
        revision=0,
        due_at=due.due_at,
        expires_at=due.expires_at,
        group_id=series.group_id,
        meeting_id=series.meeting_id,
    )


def _habits(session: Session) -> dict[int, list[Habit]]:
    """Return the habits of each group with anybody in it."""
    query: Select[int, str, str, str, str] = (
        select(SubscriptionRow.group_id, SubscriptionRow.unwanted, Member.zone, Member.hours_start, Member.hours_end)  # type: ignore[call-overload]  # SQLModel types columns by their values
        .join(Member, col(Member.id) == col(SubscriptionRow.member_id))
        .where(col(SubscriptionRow.state) == "active")
        .distinct()
    )
    found: dict[int, list[Habit]] = defaultdict(list)
    for group_id, unwanted, zone, start, end in session.execute(query):
        found[group_id].append(Habit(zone, Hours(time.fromisoformat(start), time.fromisoformat(end)), unwanted))
    return found


def _leads(session: Session, group_ids: Iterable[int]) -> dict[int, dict[Channel, list[Lead]]]:
    found: dict[int, dict[Channel, list[Lead]]] = {}
    for group_id in group_ids:
        by_channel: dict[Channel, list[Lead]] = defaultdict(list)
        for rule in reminders.rules(session, group_id):
            by_channel[rule.channel].append(rule.lead)
        if by_channel:
            found[group_id] = by_channel
    return found


def _coming(session: Session, window: Window, group_ids: Iterable[int]) -> list[Occurrence]:
    query = select(col(Meeting.id)).where(col(Meeting.group_id).in_(list(group_ids)))
    found = [one for series in readable(session, session.execute(query).scalars()) for one in dates(series, window)]
    return sorted(found, key=lambda one: (one.start, one.series.key))


def readable(session: Session, meeting_ids: Iterable[int | None]) -> list[Series]:
    """Return meetings as frozen series, without those that cannot be read."""
    ids = sorted({one for one in meeting_ids if one is not None})
    try:
        return agenda.all_series(session, ids)
    except UNREADABLE:
        return [series for one in ids for series in _alone(session, one)]


def _alone(session: Session, meeting_id: int) -> list[Series]:
    try:
        return agenda.all_series(session, [meeting_id])
    except UNREADABLE as error:
        logger.error("meeting_unreadable id=%s error=%s", meeting_id, type(error).__name__)  # noqa: TRY400 -- keys only
        return []


def dates(series: Series, window: Window) -> list[Occurrence]:
    """Return the dates of a series in a window; none when they cannot be told."""
    try:
        return list(agenda.expand(series, window))
    except UNREADABLE as error:
        logger.error("dates_unreadable meeting=%s error=%s", series.meeting_id, type(error).__name__)  # noqa: TRY400 -- keys only
        return []
