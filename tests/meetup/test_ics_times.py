"""When the entries of a calendar happen: rules, single dates, what is left out, and what differs on one date."""

from datetime import date, timedelta

import pytest

from meetup.errors import UsageError
from meetup.schedule.series import ChangeStatus
from meetup.transfer.ics import courses, overrides, timings
from meetup.transfer.ics.programme import Differing, Left, Reading
from tests.meetup.foreign import NEW_YORK, event, only, read, reasons, said, wall, weekly

OVERRIDE = f"RECURRENCE-ID;TZID={NEW_YORK}:20261208T190000"


def test_a_master_is_one_schedule_that_keeps_its_uid() -> None:
    course = only(read(weekly("SEQUENCE:4", "CREATED:20250102T030405Z")))

    assert (course.uid, course.title, course.sequence) == ("walk@elsewhere", "Lantern walk", 4)
    assert str(course.created) == "2025-01-02 03:04:00+00:00"
    assert (
        course.timing.rule,
        course.timing.start,
        course.timing.duration,
        course.timing.until,
        course.timing.zone,
    ) == (
        "FREQ=WEEKLY;BYDAY=TU",
        wall("2026-12-01T19:00"),
        timedelta(minutes=90),
        None,
        NEW_YORK,
    )


@pytest.mark.parametrize(
    ("rule", "kept", "until"),
    [
        ("FREQ=WEEKLY", "FREQ=WEEKLY", None),
        ("freq=weekly;interval=2;wkst=mo;byday=tu", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", None),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU", None),
        ("FREQ=WEEKLY;BYHOUR=19;BYMINUTE=0;BYSECOND=0", "FREQ=WEEKLY", None),
        ("FREQ=WEEKLY;X-KIND=usual", "FREQ=WEEKLY", None),
        ("FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY", "2026-12-15"),
        ("FREQ=WEEKLY;UNTIL=20261222", "FREQ=WEEKLY", "2026-12-22"),
        # 19:00 in New York is midnight in UTC: an UNTIL at the very start of the last date includes it.
        ("FREQ=WEEKLY;UNTIL=20261223T000000Z", "FREQ=WEEKLY", "2026-12-22"),
        ("FREQ=WEEKLY;UNTIL=20261222T235959Z", "FREQ=WEEKLY", "2026-12-15"),
        ("FREQ=WEEKLY;UNTIL=20261222T190000", "FREQ=WEEKLY", "2026-12-22"),
        ("FREQ=WEEKLY;UNTIL=99991231T235959Z", "FREQ=WEEKLY", None),
        ("FREQ=MONTHLY;BYDAY=1TU", "FREQ=MONTHLY;BYDAY=1TU", None),
        ("FREQ=YEARLY;BYMONTH=12;BYDAY=1TU", "FREQ=YEARLY;BYMONTH=12;BYDAY=1TU", None),
    ],
)
def test_rules_are_kept_in_one_canonical_form(rule: str, kept: str, until: str | None) -> None:
    timing = only(read(event(f"RRULE:{rule}"))).timing

    assert (timing.rule, str(timing.until) if timing.until else None) == (kept, until)


def test_an_end_in_the_year_9999_is_no_end_and_said() -> None:
    assert said(read(event("RRULE:FREQ=WEEKLY;UNTIL=99991231T000000Z"))) == [timings.FAR_END]


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        (("DURATION:PT45M",), 45),
        (("DURATION:P1DT1H",), 1500),
        ((f"DTEND;TZID={NEW_YORK}:20261202T010000",), 360),
        (("DTEND:20261202T010000Z",), 60),
        (("DTEND;TZID=America/Chicago:20261201T190000",), 60),
        (("DURATION:PT44M30S",), 45),
        (("DTEND:-",), 60),
    ],
    ids=["duration", "days", "past midnight", "in UTC", "in another zone", "seconds", "none"],
)
def test_how_long_it_lasts(lines: tuple[str, ...], minutes: int) -> None:
    assert only(read(weekly(*lines))).timing.duration == timedelta(minutes=minutes)


def test_a_start_beside_its_rule_is_a_date_of_its_own() -> None:
    reading = read(event("RRULE:FREQ=WEEKLY;BYDAY=WE"))

    (programme,) = reading.programmes
    assert [(one.uid, one.timing.rule, f"{one.timing.start:%d %H:%M}") for one in programme.courses] == [
        ("walk@elsewhere-20261201T1900", "", "01 19:00"),
        ("walk@elsewhere", "FREQ=WEEKLY;BYDAY=WE", "02 19:00"),
    ]
    assert said(reading) == [timings.OFF_RULE]


def test_single_dates_beside_the_rule_are_courses_of_their_own() -> None:
    extra = f"RDATE;TZID={NEW_YORK}:20261203T190000,20261208T190000"
    period = "RDATE;VALUE=PERIOD:20261206T000000Z/PT2H"

    (programme,) = read(weekly(extra, period)).programmes

    assert [(one.uid, one.timing.rule, one.timing.duration) for one in programme.courses] == [
        ("walk@elsewhere", "FREQ=WEEKLY;BYDAY=TU", timedelta(minutes=90)),
        ("walk@elsewhere-20261203T1900", "", timedelta(minutes=90)),
        ("walk@elsewhere-20261205T1900", "", timedelta(hours=2)),
    ]


def test_two_rules_are_two_courses_of_one_meeting() -> None:
    (programme,) = read(weekly("RRULE:FREQ=MONTHLY;BYDAY=1TH")).programmes

    assert [(one.uid, one.timing.rule) for one in programme.courses[-2:]] == [
        ("walk@elsewhere", "FREQ=WEEKLY;BYDAY=TU"),
        ("walk@elsewhere-rule2", "FREQ=MONTHLY;BYDAY=1TH"),
    ]


def test_two_rules_with_a_date_in_common_are_rejected() -> None:
    assert reasons(read(weekly("RRULE:FREQ=MONTHLY;BYDAY=2TU"))) == [(1, "Two of its rules meet on 2026-12-08 19:00")]


def skipped(*slots: str) -> tuple[Differing, ...]:
    return tuple(Differing(wall(slot), ChangeStatus.SKIPPED) for slot in slots)


@pytest.mark.parametrize(
    "line",
    [
        f"EXDATE;TZID={NEW_YORK}:20261208T190000,20261215T190000",
        f"EXDATE;TZID={NEW_YORK}:20261208T190000\nEXDATE;TZID={NEW_YORK}:20261215T190000",
        "EXDATE:20261209T000000Z,20261216T000000Z",
        "EXDATE;VALUE=DATE:20261208,20261215",
    ],
    ids=["one list", "two lines", "in UTC", "as days"],
)
def test_what_is_left_out_is_skipped_however_it_is_written(line: str) -> None:
    assert only(read(weekly(line))).dates == skipped("2026-12-08T19:00", "2026-12-15T19:00")


def test_leaving_out_what_is_not_there_is_said_and_harmless() -> None:
    reading = read(weekly(f"EXDATE;TZID={NEW_YORK}:20261209T190000"))

    assert (only(reading).dates, said(reading)) == ((), [courses.NO_SUCH_DATE])


def override(*lines: str) -> Differing | None:
    return next(iter(only(read(weekly(), event(OVERRIDE, *lines))).dates), None)


def test_a_date_that_differs() -> None:
    slot = wall("2026-12-08T19:00")
    here = f"DTSTART;TZID={NEW_YORK}:20261208T190000"
    moved = f"DTSTART;TZID={NEW_YORK}:20261209T183000"

    assert override(moved, "DURATION:PT1H30M") == Differing(slot, ChangeStatus.CHANGED, wall("2026-12-09T18:30"))
    assert override(here, "DURATION:PT2H") == Differing(slot, ChangeStatus.CHANGED, length=timedelta(hours=2))
    assert override(here, "DURATION:PT2H", "STATUS:CANCELLED") == Differing(slot, ChangeStatus.CANCELLED)
    assert override("DTSTART:20261210T000000Z", "DURATION:PT1H30M") == Differing(
        slot, ChangeStatus.CHANGED, wall("2026-12-09T19:00")
    )
    assert override(here, "DURATION:PT1H30M") is None


def test_a_date_with_a_title_of_its_own_is_said() -> None:
    here = f"DTSTART;TZID={NEW_YORK}:20261208T190000"
    reading = read(weekly(), event(OVERRIDE, here, "DURATION:PT1H30M", "SUMMARY:With Bo"))

    assert (only(reading).dates, said(reading)) == ((), [overrides.OWN_TITLE])


def test_a_change_of_a_date_that_the_rule_does_not_give_is_a_date_of_its_own() -> None:
    stray = event(f"RECURRENCE-ID;TZID={NEW_YORK}:20261210T190000", f"DTSTART;TZID={NEW_YORK}:20261211T190000")
    reading = read(weekly(), stray)

    (programme,) = reading.programmes
    assert [(one.uid, f"{one.timing.start:%d}") for one in programme.courses] == [
        ("walk@elsewhere", "01"),
        ("walk@elsewhere-20261210T1900", "11"),
    ]
    assert said(reading) == [overrides.ORPHAN]


def test_what_is_left_out_and_changed_stays_left_out() -> None:
    changed = event(OVERRIDE, f"DTSTART;TZID={NEW_YORK}:20261209T190000")
    reading = read(weekly(f"EXDATE;TZID={NEW_YORK}:20261208T190000"), changed)

    assert only(reading).dates == skipped("2026-12-08T19:00")
    assert said(reading) == [overrides.LEFT_AND_CHANGED]


def test_this_and_all_following_dates_are_a_split() -> None:
    left_out = f"EXDATE;TZID={NEW_YORK}:20261201T190000,20261222T190000"
    ranged = f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID={NEW_YORK}:20261215T190000"
    later = event(ranged, f"DTSTART;TZID={NEW_YORK}:20261216T180000", "DURATION:PT1H")

    (programme,) = read(weekly(left_out), later).programmes

    old, new = programme.courses
    assert (old.uid, old.timing.until, old.dates) == (
        "walk@elsewhere",
        date(2026, 12, 14),
        skipped("2026-12-01T19:00"),
    )
    assert (new.uid, new.follows) == ("walk@elsewhere-20261215T1900", "walk@elsewhere")
    assert (new.timing.rule, new.timing.start, new.timing.duration) == (
        "FREQ=WEEKLY;BYDAY=WE",
        wall("2026-12-16T18:00"),
        timedelta(hours=1),
    )
    assert new.dates == skipped("2026-12-23T18:00")


def test_of_two_versions_the_newer_one_counts() -> None:
    old, new = weekly("SEQUENCE:1"), event("RRULE:FREQ=MONTHLY;BYDAY=1TU", "SEQUENCE:2")

    assert only(read(new, old)).timing.rule == "FREQ=MONTHLY;BYDAY=1TU"
    assert reasons(read(old, old)) == [
        (1, "Entries 1 and 2 have the same UID, and neither is the newer one"),
        (2, "Entries 1 and 2 have the same UID, and neither is the newer one"),
    ]


def test_two_times_of_one_day_that_share_a_uid_are_both_taken() -> None:
    reading = read(weekly(), weekly(f"DTSTART;TZID={NEW_YORK}:20261201T090000", "DURATION:PT1H"))

    (programme,) = reading.programmes
    assert sorted(one.uid for one in programme.courses) == ["walk@elsewhere", "walk@elsewhere-20261201T0900"]
    assert said(reading) == [courses.ONE_UID]


def uids(reading: Reading) -> list[list[str]]:
    return [[course.uid for course in programme.courses] for programme in reading.programmes]


def test_what_belongs_together_is_one_meeting() -> None:
    tuesday = weekly(uid="a")
    thursday = event(f"DTSTART;TZID={NEW_YORK}:20261203T190000", "RRULE:FREQ=WEEKLY", uid="b")
    elsewhere = event(f"DTSTART;TZID={NEW_YORK}:20261204T190000", "LOCATION:Boathouse\\, Quay 1", uid="c")
    split = event(
        f"DTSTART;TZID={NEW_YORK}:20261205T190000", "SUMMARY:Moonlight walk", "RELATED-TO;RELTYPE=SIBLING:b", uid="d"
    )

    assert uids(read(tuesday, thursday, elsewhere, split)) == [["a", "b", "d"], ["c"]]


def test_what_shares_a_uid_with_something_that_cannot_be_taken_is_not_taken_either() -> None:
    broken = event(OVERRIDE, "DTSTART:tomorrow")

    assert reasons(read(weekly(), broken, weekly("SUMMARY:Other", uid="b"))) == [
        (1, "Entry 2 belongs to it, and cannot be taken"),
        (2, "“tomorrow” is not a date or a time"),
    ]


def test_changes_of_what_was_left_out_are_left_out() -> None:
    private = weekly("CLASS:PRIVATE")
    changed = event(OVERRIDE, f"DTSTART;TZID={NEW_YORK}:20261209T190000")

    assert reasons(read(private, changed, weekly(uid="b"))) == [(1, Left.PRIVATE), (2, Left.PRIVATE)]


def test_what_another_entry_says_as_well_is_rejected() -> None:
    reading = read(weekly(uid="a"), event(f"DTSTART;TZID={NEW_YORK}:20261215T190000", uid="b"))

    assert reasons(reading) == [(2, "It has the title and a time of entry 1: members would be told twice")]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("DTSTART;VALUE=DATE:20261224", "DTEND:-"), Left.ALL_DAY),
        ((f"DTSTART;TZID={NEW_YORK}:20260801T190000", f"DTEND;TZID={NEW_YORK}:20260801T200000"), Left.OVER),
        (("RRULE:FREQ=WEEKLY;UNTIL=20260801", f"DTSTART;TZID={NEW_YORK}:20260101T190000", "DURATION:PT1H"), Left.OVER),
        (("STATUS:CANCELLED",), Left.CANCELLED),
        (("CLASS:PRIVATE",), Left.PRIVATE),
        (("CLASS:confidential",), Left.PRIVATE),
    ],
    ids=["all day", "long ago", "ended", "cancelled", "private", "confidential"],
)
def test_what_is_no_meeting_to_come_is_left_out_and_stops_nothing(lines: tuple[str, ...], reason: Left) -> None:
    reading = read(event(*lines), weekly(uid="other"))

    assert (reading.rejected, [(one.row, one.reason) for one in reading.left]) == ((), [(1, reason.value)])
    assert len(reading.programmes) == 1


def test_times_in_utc_stay_unless_the_clocks_of_a_place_are_wanted() -> None:
    early = weekly("DTSTART:20261202T003000Z", "DTEND:20261202T013000Z").replace("BYDAY=TU", "BYDAY=WE")
    left_out = early.replace("END:VEVENT", "EXDATE:20261209T003000Z\nEND:VEVENT")
    stays, follows = read(left_out), read(left_out, zone=NEW_YORK, wall_clock=True)

    assert (only(stays).timing.zone, only(stays).timing.rule) == ("UTC", "FREQ=WEEKLY;BYDAY=WE")
    assert said(stays) == [timings.IN_UTC]
    timing = only(follows).timing
    assert (timing.zone, timing.rule, timing.start) == (NEW_YORK, "FREQ=WEEKLY;BYDAY=TU", wall("2026-12-01T19:30"))
    assert only(follows).dates == skipped("2026-12-08T19:30")
    assert said(follows) == [timings.MOVED_CLOCKS]


def test_a_rule_that_cannot_follow_the_clocks_of_a_place_is_rejected() -> None:
    monthly = event("DTSTART:20261202T003000Z", "DTEND:20261202T013000Z", "RRULE:FREQ=MONTHLY;BYDAY=1WE")

    assert reasons(read(monthly, zone=NEW_YORK, wall_clock=True)) == [
        (1, "Its times fall on another day there, and its rule cannot be moved with them")
    ]


def test_the_clocks_to_follow_must_be_named() -> None:
    with pytest.raises(UsageError, match="By which clocks"):
        read(weekly(), wall_clock=True)


def test_a_single_moment_in_utc_is_shown_by_the_clocks_of_the_place() -> None:
    single = event("DTSTART:20261202T003000Z", "DTEND:20261202T013000Z")
    london = "X-WR-CALNAME:W\nX-WR-TIMEZONE:Europe/London\n"

    assert only(read(single)).timing.start == wall("2026-12-01T19:30")
    assert only(read(single, head=london)).timing.start == wall("2026-12-02T00:30")
    assert only(read(single, zone="Asia/Tokyo")).timing.zone == "Asia/Tokyo"
