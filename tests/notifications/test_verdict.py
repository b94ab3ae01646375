"""The last look before the wire, rule by rule."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from meetup.schedule.series import Occurrence, Place, Room, Schedule, Series, Status
from meetup.values import Channel, Door, Kind, Lead, Preference, State
from notifications.rules.quiet_hours import Hours
from notifications.rules.timing import Due
from notifications.rules.verdict import PENDING, Case, Person, Verdict, verdict

ZONE = "America/New_York"
SLOT = datetime(2026, 11, 26, 19)  # noqa: DTZ001 -- a wall time
HALL, ROOM = Place("hall", "Hall", "12 Elm Street"), Room("room", "Room", "https://video.example/1")
BOTH, ONLINE, NONE = frozenset(Door), frozenset({Door.ONLINE}), frozenset[Door]()
ADA = Person(zone=ZONE)


def moment(text: str) -> datetime:
    """Read `26 17:00` by the clocks of New York."""
    return datetime.fromisoformat(f"2026-11-{text}:00").replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


START = moment("26 19:00")


def date(
    start: str = "26 19:00", *, open_: frozenset[Door] = BOTH, usual: frozenset[Door] = BOTH, revision: int = 0
) -> Occurrence:
    schedule = Schedule("u", ZONE, SLOT, timedelta(minutes=90), "FREQ=WEEKLY")
    begins = moment(start)
    return Occurrence(
        series=Series("m", "Circle", "Thursday", "circle", (schedule,), HALL, ROOM),
        schedule=schedule,
        slot=SLOT,
        start_local=begins.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None),
        start=begins,
        end=begins + schedule.duration,
        status=Status.CONFIRMED if open_ else Status.CANCELLED,
        open_doors=open_,
        usual_doors=usual,
        place=HALL,
        room=ROOM,
        revision=revision,
    )


def reminder(channel: Channel = Channel.SMS, due: str = "26 17:00", expires: str = "26 19:00") -> Case:
    return Case(
        kind=Kind.REMINDER,
        channel=channel,
        expires_at=START,
        revision=0,
        person=ADA,
        occurrence=date(),
        due=Due(Lead.parse("2h"), moment(due), moment(expires)),
    )


def notice(kind: Kind = Kind.CANCELLED, start: str = "26 19:00", channel: Channel = Channel.SMS) -> Case:
    occurrence = date(start, open_=NONE if kind is Kind.CANCELLED else BOTH, revision=7)
    return Case(kind, channel, moment(start), 7, ADA, occurrence, kind)


SENDS = Verdict()


def held(reason: str) -> Verdict:
    return Verdict(State.SUPPRESSED, reason)


def test_what_is_due_true_and_allowed_is_sent() -> None:
    assert verdict(reminder(), moment("26 17:00")) == SENDS


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (replace(ADA, consent="consent was withdrawn"), "consent was withdrawn"),
        (replace(ADA, contact="stopped"), "the address is stopped"),
        (replace(ADA, contact="bounced"), "the address is bounced"),
        (replace(ADA, contact="pending", consent="consent was withdrawn"), "the address is pending"),
        (replace(ADA, subscribed=False), "left the group"),
        (replace(ADA, declined=True), "said that they are not coming"),
    ],
    ids=["no consent", "stopped", "bounced", "new number", "left", "declined"],
)
def test_whoever_may_not_or_need_not_be_told_is_not(person: Person, reason: str) -> None:
    # F20 and F24: the opt-out is ours to keep, and so is a “no”.
    assert verdict(replace(reminder(), person=person), moment("26 17:00")) == held(reason)


def test_whoever_declined_still_hears_of_a_change() -> None:
    case = replace(notice(), person=replace(ADA, declined=True))

    assert verdict(case, moment("26 12:00")) == SENDS


def test_a_cancelled_date_is_never_reminded_of() -> None:
    # F1 and F14: cancelled is a fact, not a label.
    assert verdict(replace(reminder(), occurrence=date(open_=NONE)), moment("26 17:00")) == held("cancelled")


def test_a_date_that_is_gone_is_not_spoken_of() -> None:
    assert verdict(replace(reminder(), occurrence=None), moment("26 17:00")) == held("the date is not planned any more")


def test_in_person_only_is_not_sent_online() -> None:
    picky = replace(ADA, preference=Preference.ONLY_IN_PERSON)
    closed = replace(reminder(), person=picky, occurrence=date(open_=ONLINE))
    never = replace(reminder(), person=picky, occurrence=date(open_=ONLINE, usual=ONLINE))
    for_once = replace(reminder(), person=picky, occurrence=date(usual=ONLINE))

    assert verdict(closed, moment("26 17:00")) == held("comes in person only, and that door is closed")
    assert verdict(never, moment("26 17:00")) == held("comes in person only, and this is online")
    assert verdict(for_once, moment("26 17:00")) == SENDS


def test_in_person_only_is_told_that_the_door_is_closed() -> None:
    case = replace(
        notice(Kind.HALF_CANCELLED),
        person=replace(ADA, preference=Preference.ONLY_IN_PERSON),
        occurrence=date(open_=ONLINE, revision=7),
    )

    assert verdict(case, moment("26 12:00")) == SENDS


def test_a_reminder_that_became_early_waits_for_its_new_time() -> None:
    # F3 and F8: a moved meeting moves its reminder.
    assert verdict(reminder(due="26 18:00"), moment("26 17:00")) == Verdict(State.PLANNED, later=moment("26 18:00"))


def test_a_reminder_is_missed_when_the_nearer_one_is_due() -> None:
    assert verdict(reminder(expires="26 18:00"), moment("26 18:00")) == Verdict(State.MISSED, "too late")
    assert verdict(reminder(), moment("26 19:00")) == Verdict(State.MISSED, "too late")


def test_a_reminder_that_no_rule_asks_for_says_why() -> None:
    gone = replace(reminder(), due=None)
    merged = replace(gone, undue="another reminder comes at the same moment")

    assert verdict(gone, moment("26 17:00")) == held("the reminder rule was removed")
    assert verdict(merged, moment("26 17:00")) == held("another reminder comes at the same moment")


def test_nobody_is_reminded_twice_of_a_day_that_a_split_gave_another_time() -> None:
    assert verdict(replace(reminder(), told_that_day=True), moment("26 17:00")) == held("reminded of that day already")


def test_a_reminder_lets_the_notice_of_a_change_go_first() -> None:
    waiting = replace(reminder(), waits_until=moment("26 17:01"))
    told = replace(reminder(), notice_at=moment("26 17:01"))
    told_long_ago = replace(reminder(), notice_at=moment("26 16:59"))

    assert verdict(waiting, moment("26 17:00")) == Verdict(State.PLANNED, later=moment("26 17:01"))
    assert verdict(waiting, moment("26 17:01")) == SENDS
    assert verdict(told, moment("26 17:02")) == held("the notice of the change said it already")
    assert verdict(told_long_ago, moment("26 17:02")) == SENDS


@pytest.mark.parametrize(
    ("now_kind", "revision", "reason"),
    [(None, 7, "taken back"), (Kind.MOVED, 7, "changed again since"), (Kind.CANCELLED, 8, "changed again since")],
    ids=["taken back", "another kind", "another change"],
)
def test_a_notice_is_only_said_while_it_is_the_newest_truth(now_kind: Kind | None, revision: int, reason: str) -> None:
    case = replace(notice(), now_kind=now_kind, occurrence=date(open_=NONE, revision=revision))

    assert verdict(case, moment("26 12:00")) == held(reason)


def test_a_date_is_on_again_only_while_it_is() -> None:
    again = replace(notice(Kind.REOPENED), now_kind=None)

    assert verdict(again, moment("26 12:00")) == SENDS
    assert verdict(replace(again, now_kind=Kind.CANCELLED), moment("26 12:00")) == held("changed again since")


@pytest.mark.parametrize(
    ("case", "now", "expected"),
    [
        (notice(start="27 19:00"), "26 20:30", Verdict(State.PLANNED, later=moment("27 09:00"))),
        (notice(start="27 08:30"), "26 20:30", SENDS),
        (notice(start="27 08:30"), "26 21:00", Verdict(State.PLANNED, later=moment("27 08:00"))),
        (notice(start="27 09:00"), "26 20:50", SENDS),
        (notice(start="27 07:30"), "27 06:30", Verdict(State.MISSED, "no safe hour was left before the start")),
        (notice(start="27 07:30", channel=Channel.EMAIL), "27 06:30", SENDS),
    ],
    ids=["not pressing", "pressing", "pressing at night", "nothing else is left", "too early", "a mail"],
)
def test_a_pressing_change_may_stretch_the_evening_but_not_the_night(case: Case, now: str, expected: Verdict) -> None:
    assert verdict(case, moment(now)) == expected


@pytest.mark.parametrize(
    "person",
    [replace(ADA, phone_shared=True), replace(ADA, hours=Hours(time(10), time(18)))],
    ids=["somebody else may read it", "hours of her own"],
)
def test_no_change_is_pressing_enough_for_hours_that_somebody_chose(person: Person) -> None:
    missed = Verdict(State.MISSED, "no safe hour was left before the start")

    assert verdict(replace(notice(start="27 08:30"), person=person), moment("26 20:30")) == missed


def test_hours_are_read_by_the_members_own_clocks() -> None:
    # F19: 17:00 in New York is 23:00 in Berlin.
    case = replace(reminder(), person=replace(ADA, zone="Europe/Berlin"))

    assert verdict(case, moment("26 17:00")) == Verdict(State.MISSED, "no safe hour was left before the start")


def test_a_question_goes_out_once_in_safe_hours_and_never_to_a_stopped_number() -> None:
    question = Case(Kind.OPT_IN, Channel.SMS, moment("30 12:00"), 0, Person(PENDING, "pending", zone=ZONE))
    stopped = replace(question, person=Person(PENDING, "stopped", zone=ZONE))
    answered = replace(question, person=Person("confirmed", "verified", zone=ZONE))

    assert verdict(question, moment("26 12:00")) == SENDS
    assert verdict(question, moment("26 23:00")) == Verdict(State.PLANNED, later=moment("27 09:00"))
    assert verdict(stopped, moment("26 12:00")) == held("nothing is left to ask")
    assert verdict(answered, moment("26 12:00")) == held("nothing is left to ask")
