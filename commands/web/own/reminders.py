"""What she gets of each group: by text or mail, how long before, for which door; and the way out of one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy
from sqlmodel import col
from starlette.responses import Response

from commands.web.own import terms
from commands.web.own.desk import Caller, Wrong, done
from meetup.clock import Clock
from meetup.people import consent, subscriptions
from meetup.schedule.describe import describe
from meetup.schedule.series import Series
from meetup.storage.tables import Group, ReminderRule, SubscriptionRow
from meetup.values import Channel, Lead, Preference, Source
from meetup.wording import languages
from meetup.wording.discreet import leaks_to_all

PAGE = "reminders"
UNREACHABLE = frozenset({"unverified", "pending", "paused", "stopped", "bounced"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One group as she may set it."""

    number: int
    label: str
    usual: Sequence[str]  # when it meets: labels are alike, times are not
    waiting: bool
    channels: Sequence[tuple[Channel, bool, str]]  # whether it is chosen, and why it cannot be
    leads: Sequence[tuple[Lead, Sequence[Channel], bool]]
    preference: Preference


@dataclass(frozen=True, slots=True)
class Reminders:
    """The page of reminders."""

    clock: Clock

    def show(self, caller: Caller) -> Response:
        """Show every group that she is in."""
        series = caller.diary.series(caller.session, caller.member.id or 0, self.clock.now())
        choices = [_choice(caller, found, _usual(caller, found[1], series)) for found in _held(caller)]
        agreed = {
            channel.value: terms.beside_the_box(caller.home, channel, caller.language).text for channel in Channel
        }
        paused = _state(caller, Channel.SMS) == "paused"
        return caller.page("reminders", choices=choices, preferences=list(Preference), terms=agreed, paused=paused)

    def save(self, caller: Caller) -> Response:
        """Keep how she wants to hear of a group; a channel that she adds she agrees to by this."""
        now, session = self.clock.now(), caller.session
        row, group, leads = _chosen(caller)
        channels = [channel for channel in Channel if channel in caller.all("by") and _open(caller, channel)]
        waiting = [channel for channel in subscriptions.channels_of(row) if _state(caller, channel) == "paused"]
        if not channels + waiting:
            raise Wrong("no_channel", PAGE)
        preference = next((one for one in Preference if one == caller.one("door")), Preference(row.preference))
        subscriptions.subscribe(session, caller.member, group, preference, channels + waiting, now)
        for channel in channels:
            wording = terms.beside_the_box(caller.home, channel, caller.language)
            consent.agree(session, caller.here.points[channel], row.group_id, wording, now)
        unwanted = [lead for lead in leads if str(lead) not in caller.all("lead")]
        subscriptions.choose_reminders(session, row, unwanted, now)
        return done("saved", PAGE)

    def resume(self, caller: Caller) -> Response:
        """Let texts go on that were paused since nobody had answered whether they are still safe."""
        point = caller.here.points.get(Channel.SMS)
        if point is None or point.state != "paused":
            raise Wrong("not_done", PAGE)
        consent.reaffirm(caller.session, point, self.clock.now(), Source.PAGE)
        return done("texts_go_on", PAGE)

    def leave(self, caller: Caller) -> Response:
        """Leave a group, for good; a second button is asked for."""
        _, group, _ = _chosen(caller)
        if caller.one("sure") != "yes":
            return caller.page("leaving", number=group.id, label=_label(caller, group))
        subscriptions.leave(caller.session, caller.member, group, self.clock.now(), Source.PAGE)
        return done("left", PAGE)


Leads = Mapping[Lead, Sequence[Channel]]  # when a group reminds, and by what
Held = tuple[SubscriptionRow, Group, Leads]


def _held(caller: Caller) -> list[Held]:
    """Return her groups with the reminders that each sends, by one question."""
    query = (
        sqlalchemy.select(SubscriptionRow, Group, col(ReminderRule.lead), col(ReminderRule.channel))
        .join(Group, col(Group.id) == col(SubscriptionRow.group_id))
        .outerjoin(ReminderRule, col(ReminderRule.group_id) == col(Group.id))
        .where(col(SubscriptionRow.member_id) == caller.member.id, col(SubscriptionRow.state) != "left")
        .order_by(col(SubscriptionRow.id), col(ReminderRule.channel))
    )
    found: dict[int, tuple[SubscriptionRow, Group, dict[Lead, list[Channel]]]] = {}
    for row, group, lead, channel in caller.session.execute(query):
        leads = found.setdefault(group.id, (row, group, {}))[2]
        if lead:
            leads.setdefault(Lead.parse(lead), []).append(Channel(channel))
    return list(found.values())


def _chosen(caller: Caller) -> Held:
    """Return the group that a form is about; it must be one of hers."""
    held = next((found for found in _held(caller) if str(found[1].id) == caller.one("group")), None)
    if held is None:
        raise Wrong("not_done", PAGE)
    return held


def _choice(caller: Caller, held: Held, usual: Sequence[str]) -> Choice:
    row, group, leads = held
    return Choice(
        number=row.group_id,
        label=_label(caller, group),
        usual=usual,
        waiting=row.state == "awaiting_host",
        channels=[(channel, channel in subscriptions.channels_of(row), _why(caller, channel)) for channel in Channel],
        leads=[(lead, leads[lead], subscriptions.wants(row, lead)) for lead in sorted(leads, reverse=True)],
        preference=Preference(row.preference),
    )


def _usual(caller: Caller, group: Group, series: Iterable[Series]) -> list[str]:
    """Say when a group usually meets."""
    return [
        describe(schedule, caller.language, lambda moment: languages.clock(moment, caller.place))
        for one in series
        if one.group_id == group.id
        for schedule in one.schedules
        if not schedule.until
    ]


def _label(caller: Caller, group: Group) -> str:
    """Name a group so that a glance over her shoulder learns nothing, unless she chose plain words."""
    if caller.member.plain_words and not caller.member.phone_shared:
        return caller.member.cover_label or group.name
    label = caller.member.cover_label or group.cover_label
    return caller.words.appointment if leaks_to_all(label, (group.name,)) else label


def _open(caller: Caller, channel: Channel) -> bool:
    return _state(caller, channel) == "verified"


def _state(caller: Caller, channel: Channel) -> str:
    """Return the state of her address on a channel; nothing when she has none."""
    point = caller.here.points.get(channel)
    return point.state if point is not None else ""


def _why(caller: Caller, channel: Channel) -> str:
    """Return why a channel cannot be chosen, as a word of ours; nothing when it can."""
    state = _state(caller, channel) or "none"
    return state if state in UNREACHABLE | {"none"} else ""
