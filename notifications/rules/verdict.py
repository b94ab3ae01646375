"""The last look before the wire: may this still be said, now, to this person? Pure: facts in, verdict out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from meetup.schedule.series import Occurrence
from meetup.values import Channel, Door, Kind, Preference, State
from notifications.rules import budget, quiet_hours, timing
from notifications.rules.quiet_hours import DEFAULT, NOTICE, Hours

NEAR = timedelta(hours=12)  # a change of what starts within is told outside default hours, never outside chosen ones
PENDING = "pending"
DECLINED = "said that they are not coming"
NOT_ONLINE = "comes in person only, and this is online"
DOOR_CLOSED = "comes in person only, and that door is closed"
TOLD_THAT_DAY = "reminded of that day already"
TOLD_BY_NOTICE = "the notice of the change said it already"
TOLD_ALREADY = "told that already, in the same words"
BY_HAND = "held back by an organizer"
NO_RULE = "the reminder rule was removed"
UNWANTED = "asked not to get this one"
UNSAFE = "no safe hour was left before the start"
QUIET = "asked for quiet"
TOGETHER = "is told in one text with another date of that day"
PHONE_SHARED = "somebody else may see that phone"
ASKED_FOR = frozenset({Kind.OPT_IN, Kind.KEY})  # by the person, and about no date
QUESTIONS = frozenset({Kind.STILL_FINE, Kind.STILL_SAFE})  # asked by us from time to time, and about no date
NOTHING_TO_ASK = "nothing is left to ask"
# What else is about no date, and why it is not said any more.
WITHOUT_DATE = {Kind.ANNOUNCEMENT: "taken back", **dict.fromkeys(QUESTIONS, NOTHING_TO_ASK)}
TOLD = frozenset({State.SENT, State.DELIVERED})
IN_HAND = frozenset({State.SUBMITTING, State.UNCERTAIN})
A_MINUTE = timedelta(minutes=1)
CHANGES = frozenset({Kind.CANCELLED, Kind.MOVED, Kind.HALF_CANCELLED, Kind.CHANGED, Kind.REOPENED})
# What planning does not know of: planning again would not change these. Everything else may have passed.
LASTING = (
    DECLINED,
    NOT_ONLINE,
    DOOR_CLOSED,
    TOLD_THAT_DAY,
    TOLD_BY_NOTICE,
    TOLD_ALREADY,
    TOGETHER,
    BY_HAND,
    QUIET,
    *budget.REASONS,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a delivery: send it, or settle it in `state` for `reason`, or look again at `later`."""

    state: State | None = None
    reason: str = ""
    later: datetime | None = None

    @property
    def sends(self) -> bool:
        return self.state is None


SEND = Verdict()


@dataclass(frozen=True, slots=True)
class Person:
    """What decides whether somebody may be told."""

    consent: str = "confirmed"  # `confirmed`, `pending`, or why there is none
    contact: str = "verified"
    subscribed: bool = True
    preference: Preference = Preference.EITHER
    declined: bool = False
    phone_shared: bool = False
    quiet_until: datetime | None = None
    zone: str = "UTC"
    hours: Hours = field(default=DEFAULT)
    hours_chosen: bool = False  # they named these hours themselves, be they the usual ones


@dataclass(frozen=True, slots=True)
class Case:
    """A delivery, and what is true about its date now."""

    kind: Kind
    channel: Channel
    expires_at: datetime
    revision: int
    person: Person
    occurrence: Occurrence | None = None
    now_kind: Kind | None = None  # what there is to tell about the date now; None: it happens as usual
    due: timing.Due | None = None  # of a reminder: as the rules have it now
    undue: str = NO_RULE  # why it has no such time
    beside: State | None = None  # how the delivery stands whose text tells this one as well
    told_that_day: bool = False  # reminded of another time of the same day already (a split)
    waits_until: datetime | None = None  # the notice of a change has to leave before any reminder of that date
    notice_at: datetime | None = None  # when the last one that said when the date is had left


def verdict(case: Case, now: datetime) -> Verdict:
    """Decide about one delivery."""
    if now >= case.expires_at:
        return Verdict(State.MISSED, "too late")
    if case.kind in QUESTIONS and _quiet(case, now):
        return Verdict(State.PLANNED, QUIET, case.person.quiet_until)
    refusal = _not_allowed(case) or _not_true(case) or _quiet(case, now)
    if refusal:
        return Verdict(State.SUPPRESSED, refusal)
    if case.kind is Kind.REMINDER and case.due is not None:
        return _reminder(case, case.due, now)
    return _in_the_night(case, now)


def _reminder(case: Case, due: timing.Due, now: datetime) -> Verdict:
    """Decide about a reminder that is true and allowed: by its time, and after a notice of the same date."""
    if case.beside in TOLD:
        return Verdict(State.SUPPRESSED, TOGETHER)
    if case.beside in IN_HAND:
        return Verdict(State.PLANNED, TOGETHER, now + A_MINUTE)
    if now < due.due_at:
        return Verdict(State.PLANNED, later=due.due_at)
    if now >= due.expires_at:
        return Verdict(State.MISSED, "too late")
    if case.waits_until is not None and now < case.waits_until:
        return Verdict(State.PLANNED, later=case.waits_until)
    if case.notice_at is not None and case.notice_at >= due.due_at:
        return Verdict(State.SUPPRESSED, TOLD_BY_NOTICE)
    return _in_the_night(case, now)


def _not_allowed(case: Case) -> str:
    """Return why this person may not be told, or nothing."""
    person = case.person
    if case.kind is Kind.OPT_IN:
        stopped = person.contact in {"stopped", "replaced", "bounced"}
        return "" if person.consent == PENDING and not stopped else NOTHING_TO_ASK
    if case.kind is Kind.KEY:
        return "" if person.contact == "verified" and person.consent == "confirmed" else "nothing may be sent there"
    if case.kind is Kind.ANNOUNCEMENT and case.channel is Channel.SMS and person.phone_shared:
        return PHONE_SHARED
    if person.contact not in {"verified", "stopped"}:
        return f"the address is {person.contact}"
    if person.consent != "confirmed":
        return person.consent
    if person.contact != "verified":
        return f"the address is {person.contact}"
    return "" if person.subscribed or case.kind in QUESTIONS else "left the group"


def _not_true(case: Case) -> str:
    """Return why this is not to be said of the date any more, or nothing."""
    if case.kind in ASKED_FOR:
        return ""
    if case.kind in WITHOUT_DATE:
        return "" if case.now_kind is case.kind else WITHOUT_DATE[case.kind]
    if case.occurrence is None:
        return "the date is not planned any more"
    doors = case.occurrence.usual_doors | case.occurrence.open_doors
    if case.person.preference is Preference.ONLY_IN_PERSON and Door.IN_PERSON not in doors:
        return NOT_ONLINE
    if case.kind is Kind.REMINDER:
        return _no_reminder(case, case.occurrence)
    if case.kind is Kind.REOPENED:
        return "" if case.now_kind is None else "changed again since"
    if case.now_kind is not case.kind or case.revision != case.occurrence.revision:
        return "taken back" if case.now_kind is None else "changed again since"
    return ""


def _quiet(case: Case, now: datetime) -> str:
    """Return that somebody wants to hear nothing for a while; a question of theirs is answered all the same."""
    until = case.person.quiet_until
    return QUIET if until is not None and now < until and case.kind not in ASKED_FOR else ""


def _no_reminder(case: Case, occurrence: Occurrence) -> str:
    if not occurrence.happening:
        return occurrence.reason or "cancelled"
    if case.person.declined:
        return DECLINED
    if case.person.preference is Preference.ONLY_IN_PERSON and Door.IN_PERSON not in occurrence.open_doors:
        return DOOR_CLOSED
    if case.due is None:
        return case.undue
    return TOLD_THAT_DAY if case.told_that_day else ""


def _in_the_night(case: Case, now: datetime) -> Verdict:
    """Keep texts out of the night; mail waits for nobody's waking."""
    if case.channel is Channel.EMAIL:
        return SEND
    end = case.expires_at if case.occurrence is None else case.occurrence.start
    # A change of a date that was moved to an earlier time is worth telling until its old time, too.
    end = max(end, case.expires_at) if case.kind in CHANGES else end
    tried = (quiet_hours.shift(now, end, case.person.zone, hours, now=now) for hours in _hours(case, end - now))
    moment = next((moment for moment in tried if moment is not None), None)
    if moment is None:
        return Verdict(State.MISSED, UNSAFE)
    return SEND if moment <= now else Verdict(State.PLANNED, later=moment)


def _hours(case: Case, left: timedelta) -> Iterator[Hours]:
    """Yield the hours that count, best first: a change may stretch the default ones, never those that somebody chose.

    It stretches them when it is pressing, or when nothing else is left before the start.
    """
    person = case.person
    chosen = person.hours_chosen or person.hours != DEFAULT or person.phone_shared
    stretches = case.kind in CHANGES and not chosen
    if not stretches or left > NEAR:
        yield case.person.hours
    if stretches:
        yield NOTICE
