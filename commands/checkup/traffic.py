"""Does anything stand still: the service, messages, groups that nobody is reminded of, members who get nothing?"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import col

from commands.checkup.findings import Finding, count, fail, ok, warn
from commands.service import Service, late
from meetup import naming, organization, reminders
from meetup.people import consent
from meetup.schedule import zones
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, DeliveryRow, Group, Heartbeat, Member
from meetup.values import Channel, State
from notifications import budget, inbox, queued
from notifications.rules.budget import WARN_AT, month_of

RECENTLY = timedelta(days=7)


def heart(service: Service, session: Session, zone: str) -> Iterator[Finding]:
    """Look at the heartbeats of the service."""
    beats = {row.name: row for row in session.execute(select(Heartbeat)).scalars()}
    if not beats:
        yield warn("service", "The service has never run here", "Run `meetup serve`")
        return
    overdue = late(service)
    for name, row in sorted(beats.items()):
        if row.note:
            yield fail("service", f"The last tick “{name}” went wrong: {row.note}", "Look at the log of `meetup serve`")
    if overdue:
        seen = _local(max(row.started_at for row in beats.values()), zone)
        text = f"These ticks are late: {', '.join(sorted(overdue))}; the service was last seen at {seen}"
        yield fail("service", text, "Is `meetup serve` running?")
    if not overdue and not any(row.note for row in beats.values()):
        yield ok("service", "Its ticks come in time")


def paused(session: Session, zone: str) -> Iterator[Finding]:
    """Say when somebody paused sending, and why."""
    home = organization.the(session)
    if home.paused_at is not None:
        why = f": {home.paused_reason}" if home.paused_reason else ""
        since = _local(home.paused_at, zone)
        yield fail("paused", f"Sending is paused since {since}{why}", "When all is well again: `meetup remind resume`")


def standing_still(service: Service, session: Session, zone: str) -> Iterator[Finding]:
    """Look for messages that should have left, that nobody knows about, or that came to nothing."""
    now = service.clock.now()
    waiting, oldest = _overdue(session, now - timedelta(seconds=max(60.0, 6 * service.tick_seconds)), now)
    if waiting:
        text = f"{count(waiting, 'message')} should have left by now, the oldest at {_local(oldest, zone)}"
        yield fail("overdue", text, "Run `meetup serve`; when it runs, see `meetup remind status`")
    counts = queued.counts(session, [State.HELD, State.UNCERTAIN])
    if held := counts.get(State.HELD, 0):
        text = f"{count(held, 'message')} of which nobody can say whether it arrived"
        yield warn("held", text, "See `meetup remind held`; settle each with `meetup remind resolve`")
    if uncertain := counts.get(State.UNCERTAIN, 0):
        yield warn("uncertain", f"{count(uncertain, 'message')} in doubt", "`meetup serve` asks the provider by itself")
    yield from _lost(session, now)
    if not waiting and not counts:
        yield ok("messages", "None is overdue, none in doubt")


def unread(session: Session) -> Iterator[Finding]:
    """Say when texts wait for an organizer."""
    number, urgent = inbox.waiting(session), inbox.urgent(session)
    if urgent:
        text = f"{count(urgent, 'text')} whose words suggest that somebody may be in danger"
        yield fail("inbox", text, "Read it now: `meetup inbox list`")
    elif number:
        yield warn("inbox", f"{count(number, 'text')} that nobody has read", "`meetup inbox list`")


def spending(session: Session, now: datetime) -> Iterator[Finding]:
    """Say when the texts of a month are nearly used up."""
    found = budget.spending(session, month_of(now))
    named = [*((f"of “{one.group}”", one.account) for one in found), ("of all groups", budget.whole(session, found))]
    for whose, account in named:
        if account.percent >= WARN_AT:
            text = f"{account.percent} % of this month's texts {whose} that reminders may use are used"
            yield warn("budget", text, "See `meetup budget show`; `meetup budget cap` changes it")


def _local(moment: datetime, zone: str) -> str:
    return f"{zones.wall(moment, zone):%Y-%m-%d %H:%M} ({zones.city(zone)})"


def _overdue(session: Session, before: datetime, now: datetime) -> tuple[int, datetime]:
    row = DeliveryRow
    query = select(func.count(), func.min(col(row.due_at))).where(
        col(row.state) == State.PLANNED.value,
        col(row.due_at) <= before,
        col(row.expires_at) > now,
        or_(col(row.not_before).is_(None), col(row.not_before) <= before),
    )
    number, oldest = session.execute(query).one()
    return int(number), oldest or now


def _lost(session: Session, now: datetime) -> Iterator[Finding]:
    lost = [State.MISSED.value, State.FAILED.value, State.UNDELIVERED.value]
    query = (
        select(col(DeliveryRow.state), func.count())
        .where(col(DeliveryRow.state).in_(lost), col(DeliveryRow.settled_at) >= now - RECENTLY)
        .group_by(col(DeliveryRow.state))
    )
    for state, number in session.execute(query.order_by(col(DeliveryRow.state))):
        why = _most_often(session, str(state), now)
        text = f"{count(number, 'message')} of the last week ended {state}{f', most of them: {why}' if why else ''}"
        yield warn(state.lower(), text, "See `meetup remind status --list 20`, and `meetup why` for one of them")


def _most_often(session: Session, state: str, now: datetime) -> str:
    """Return why messages of the last week ended so, in most cases; nothing when one word says it already."""
    number = func.count()
    reasons = (
        select(col(DeliveryRow.reason), col(DeliveryRow.error_code))
        .where(col(DeliveryRow.state) == state, col(DeliveryRow.settled_at) >= now - RECENTLY)
        .group_by(col(DeliveryRow.reason), col(DeliveryRow.error_code))
        .order_by(number.desc(), col(DeliveryRow.reason))
    )
    found = session.execute(reasons.limit(1)).first()
    if found is None or not found.error_code:
        return ""
    return f"{found.reason} ({found.error_code})"


def expecting(session: Session, found: Sequence[Group]) -> dict[Channel, int]:
    """Return how many members wait for reminders on each channel: their group has some, and they agreed to them."""
    waiting = {
        (member, rule.channel)
        for group in found
        for rule in reminders.rules(session, naming.key(group))
        for member, channel in _agreed(session, naming.key(group))
        if channel == rule.channel
    }
    return {channel: sum(one is channel for _, one in waiting) for channel in Channel}


def unreminded(session: Session, found: Sequence[Group]) -> Iterator[Finding]:
    """Look for groups whose members are never reminded."""
    without = [group.name for group in found if not reminders.rules(session, naming.key(group))]
    if without:
        names = ", ".join(f"“{name}”" for name in without)
        advice = f'Run `meetup remind add "{without[0]}" "24h by email"`'
        yield warn("reminders", f"Nobody is ever reminded of {names}", advice)
    elif found:
        yield ok("reminders", f"{count(len(found), 'group')}, each with reminders")
    else:
        yield warn("reminders", "There is no group yet", 'Run `meetup group add "Thursday circle"`')


def unasked(session: Session, found: Sequence[Group]) -> Iterator[Finding]:
    """Count the members who have not agreed to anything: nothing is ever sent to them."""
    everybody = set(session.execute(select(col(Member.id))).scalars())
    agreed = {member for group in found for member, _ in _agreed(session, naming.key(group))}
    silent = len(everybody - agreed)
    if silent:
        text = f"{silent} of {count(len(everybody), 'member')} agreed to no message, so none is sent to them"
        yield warn("consent", text, "`meetup member list` shows who; `meetup consent grant` asks them")
    elif everybody:
        yield ok("consent", f"{count(len(everybody), 'member')}, each agreed to something")


def unanswered(session: Session) -> Iterator[Finding]:
    """Count the phones that get nothing since nobody answered whether texts are still safe there."""
    query = select(func.count()).where(col(ContactPoint.state) == "paused")
    number = int(session.execute(query).scalar_one())
    if number:
        text = f"{count(number, 'phone')} that somebody else may see: nobody answered whether texts are still safe"
        advice = "`meetup consent audit` shows whose; a YES from there, or their own page, lets texts go on"
        yield warn("still-safe", text, advice)


def _agreed(session: Session, group_id: int) -> set[tuple[int, str]]:
    """Return who may be written to by a group, and on which channel."""
    standing = consent.standing(group_id).subquery()
    reachable = select(col(ContactPoint.member_id), col(ContactPoint.channel)).where(
        col(ContactPoint.id).in_(select(standing.c.contact_id)), col(ContactPoint.state) == "verified"
    )
    return {(row[0], row[1]) for row in session.execute(reachable)}
