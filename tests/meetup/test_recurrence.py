from datetime import date, datetime, time, timedelta
from itertools import takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meetup.errors import NotUnderstood
from meetup.schedule.recurrence import Settled, check, following, last_slot, settle, slots
from meetup.schedule.series import Schedule

BEGIN = datetime.fromisoformat("2026-01-01T19:00")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def schedule(rule: str, start: datetime = BEGIN, until: date | None = None) -> Schedule:
    return Schedule("u", "Europe/Berlin", start, timedelta(hours=1), rule, until)


def days(found: list[datetime]) -> list[str]:
    return [f"{slot:%Y-%m-%d}" for slot in found]


@pytest.mark.parametrize(
    ("given_", "canonical"),
    [
        ("RRULE:FREQ=WEEKLY;BYDAY=TH", "FREQ=WEEKLY;BYDAY=TH"),
        ("freq=monthly;wkst=su;byday=4tu,+2tu;interval=1", "FREQ=MONTHLY;BYDAY=2TU,4TU;WKST=SU"),
        ("BYDAY=FR,MO;INTERVAL=02;FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,15,1", "FREQ=MONTHLY;BYMONTHDAY=1,15,-1"),
        ("FREQ=MONTHLY;BYDAY=-1FR,1MO", "FREQ=MONTHLY;BYDAY=1MO,-1FR"),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630T220000Z", "FREQ=WEEKLY;UNTIL=20270630T220000Z;BYDAY=TU"),
        ("FREQ=YEARLY;BYMONTHDAY=29;BYMONTH=2", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
    ],
)
def test_a_rule_is_written_in_one_canonical_form(given_: str, canonical: str) -> None:
    assert check(given_) == canonical
    assert check(canonical) == canonical


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("", "“” is not a part of a rule"),
        ("every Thursday", "“EVERY THURSDAY” is not a part of a rule"),
        ("BYDAY=TH", "“BYDAY=TH” is not a rule: FREQ is missing"),
        ("FREQ=WEEKLY;", "“” is not a part of a rule"),
        ("FREQ=WEEKLY;FREQ=DAILY", "FREQ is given twice"),
        ("FREQ=HOURLY", "FREQ=HOURLY is too often: a meeting repeats at most once a day"),
        ("FREQ=SECONDLY", "FREQ=SECONDLY is too often: a meeting repeats at most once a day"),
        ("FREQ=FORTNIGHTLY", "FREQ=FORTNIGHTLY is not understood"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR has no place in a rule: the time belongs to the start"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is not a number from 1 to 9999"),
        ("FREQ=DAILY;COUNT=-3", "COUNT=-3 is not a number from 1 to 9999"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "COUNT and UNTIL are two ends: a rule has one"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL=20270230 is not a date"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS chooses among days that another part must name"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0MO is not a day of the week"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY=6MO never happens: there are not so many"),
        ("FREQ=WEEKLY;BYDAY=2MO", "BYDAY=2MO needs FREQ=MONTHLY or FREQ=YEARLY without BYWEEKNO"),
        ("FREQ=MONTHLY;BYDAY=MO,2TU", "BYDAY=MO,2TU mixes every week with certain weeks"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY cannot stand beside FREQ=WEEKLY"),
        ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO does not say which day of the week is meant"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13 is out of range"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH=-1 is out of range"),
        ("FREQ=MONTHLY;BYMONTHDAY=x", "BYMONTHDAY=X is not a number"),
        ("FREQ=DAILY;X-NAME=1", "X-NAME=1 is not understood"),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "The rule FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30 never gives a date",
        ),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "BYSETPOS=2 never happens: there are not so many days"),
    ],
)
def test_what_is_no_rule_is_refused_with_a_sentence(rule: str, sentence: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        check(rule)

    assert refusal.value.message == sentence
    assert refusal.value.hint


def test_the_start_moves_to_the_first_real_date() -> None:
    assert settle("FREQ=MONTHLY;BYDAY=2TU", BEGIN) == Settled(
        "FREQ=MONTHLY;BYDAY=2TU", moment("2026-01-13T19:00"), None
    )


def test_a_single_date_needs_no_settling() -> None:
    assert settle("", BEGIN) == Settled("", BEGIN, None)


def test_moving_the_start_keeps_the_rhythm() -> None:
    settled = settle("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", BEGIN, after=date(2026, 6, 1))

    # 22 weeks after New Year, not 21.
    assert settled.start == moment("2026-06-04T19:00")
    assert (settled.start - BEGIN).days % 14 == 0


@pytest.mark.parametrize(
    ("rule", "zone", "until"),
    [
        ("FREQ=WEEKLY;BYDAY=TH;COUNT=8", "", date(2026, 2, 19)),
        ("FREQ=WEEKLY;BYDAY=TH;UNTIL=20260210", "", date(2026, 2, 5)),
        ("FREQ=WEEKLY;BYDAY=TH;UNTIL=20260205", "", date(2026, 2, 5)),
        ("FREQ=WEEKLY;BYDAY=TH;UNTIL=20260205T185959", "", date(2026, 1, 29)),
        ("FREQ=WEEKLY;BYDAY=TH;UNTIL=20260205T190000", "", date(2026, 2, 5)),
        ("FREQ=WEEKLY;BYDAY=TH;UNTIL=20260205T180000Z", "Europe/Berlin", date(2026, 2, 5)),
        ("FREQ=WEEKLY;BYDAY=TH;UNTIL=20260205T175959Z", "Europe/Berlin", date(2026, 1, 29)),
        ("FREQ=WEEKLY;BYDAY=TH;UNTIL=20260206T030000Z", "America/New_York", date(2026, 2, 5)),
        ("FREQ=WEEKLY;BYDAY=TH;UNTIL=99991231T235959Z", "UTC", date(8999, 12, 26)),
    ],
)
def test_an_end_becomes_the_last_local_day(rule: str, zone: str, until: date) -> None:
    assert settle(rule, BEGIN, zone=zone) == Settled("FREQ=WEEKLY;BYDAY=TH", BEGIN, until)


@pytest.mark.parametrize(
    ("rule", "zone", "sentence"),
    [
        ("FREQ=DAILY;UNTIL=20260205T180000Z", "", "UNTIL is given in UTC, and the zone of the meeting is not known"),
        ("FREQ=DAILY;UNTIL=20260205T180000Z", "Mars/Olympus", "“Mars/Olympus” is not a time zone"),
        ("FREQ=DAILY;UNTIL=20251231", "", "The rule FREQ=DAILY;UNTIL=20251231 ends before its first date"),
        ("FREQ=YEARLY;COUNT=102", "", "COUNT=102 leads further than a hundred years"),
        (
            "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
            "",
            "The rule FREQ=DAILY;INTERVAL=7;BYDAY=MO gives no date in the hundred years after 2026-01-01",
        ),
    ],
)
def test_what_cannot_be_settled_is_refused(rule: str, zone: str, sentence: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        settle(rule, BEGIN, zone=zone)

    assert refusal.value.message == sentence


def test_a_rule_that_has_ended_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="has ended before 2026-06-01"):
        settle("FREQ=DAILY;COUNT=3", BEGIN, after=date(2026, 6, 1))


def test_impossible_days_are_skipped() -> None:
    assert days(following(schedule("FREQ=MONTHLY;BYMONTHDAY=31"), BEGIN, 4)) == [
        "2026-01-31",
        "2026-03-31",
        "2026-05-31",
        "2026-07-31",
    ]
    leap = schedule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    assert days(following(leap, moment("2095-01-01"), 2)) == ["2096-02-29", "2104-02-29"]


def test_a_window_is_half_open() -> None:
    weekly = schedule("FREQ=WEEKLY;BYDAY=TH")

    assert list(slots(weekly, moment("2026-01-08T19:00"), moment("2026-01-15T19:00"))) == [moment("2026-01-08T19:00")]
    assert list(slots(weekly, moment("2026-01-08T19:01"), moment("2026-01-15T19:00"))) == []


def test_nothing_happens_before_the_start_or_after_the_last_day() -> None:
    weekly = schedule("FREQ=WEEKLY;BYDAY=TH", until=date(2026, 1, 15))

    found = list(slots(weekly, moment("2020-01-01"), moment("2030-01-01")))

    assert days(found) == ["2026-01-01", "2026-01-08", "2026-01-15"]
    assert last_slot(weekly) == moment("2026-01-15T19:00")


def test_a_single_date_is_its_own_only_slot() -> None:
    single = schedule("")

    assert list(slots(single, BEGIN, BEGIN + timedelta(seconds=1))) == [BEGIN]
    assert list(slots(single, BEGIN - timedelta(days=1), BEGIN)) == []
    assert following(single, BEGIN + timedelta(seconds=1), 3) == []
    assert last_slot(single) == BEGIN


def test_an_endless_schedule_has_no_last_slot() -> None:
    assert last_slot(schedule("FREQ=DAILY")) is None


def test_the_first_week_counts_whole_for_bysetpos() -> None:
    # RFC 5545 counts positions in the whole week; the week of Wednesday 7 January began on Monday.
    first_of_week = schedule("FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1", moment("2026-01-07T19:00"))

    assert days(following(first_of_week, BEGIN, 2)) == ["2026-01-12", "2026-01-19"]


def test_a_window_far_away_is_reached_at_once() -> None:
    every_third_day = schedule("FREQ=DAILY;INTERVAL=3;BYMONTH=1", moment("1970-01-01T07:00"))

    found = list(slots(every_third_day, moment("8990-01-01"), moment("8990-01-07")))

    assert [(slot - every_third_day.start).days % 3 for slot in found] == [0, 0]


def test_a_schedule_without_an_end_in_sight_ends_before_the_calendar_does() -> None:
    assert last_slot(schedule("FREQ=DAILY", until=date.max)) == moment("8999-12-31T19:00")


WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3).map(",".join)
nth = st.lists(
    st.builds("{}{}".format, st.sampled_from((1, 2, 3, 4, 5, -1, -2)), st.sampled_from(WEEKDAYS)),
    min_size=1,
    max_size=3,
).map(",".join)
month_days = st.lists(st.sampled_from((*range(1, 32), -1, -2)), min_size=1, max_size=3).map(
    lambda found: ",".join(map(str, found))
)
months = st.lists(st.integers(1, 12), min_size=1, max_size=3).map(lambda found: ",".join(map(str, found)))
tails = st.one_of(
    st.just("FREQ=DAILY"),
    st.builds("FREQ=DAILY;BYMONTH={};BYMONTHDAY={}".format, months, month_days),
    st.builds("FREQ=DAILY;BYDAY={}".format, weekdays),
    st.just("FREQ=WEEKLY"),
    st.builds("FREQ=WEEKLY;BYDAY={}".format, weekdays),
    st.builds("FREQ=WEEKLY;BYDAY={};BYMONTH={}".format, weekdays, months),
    st.just("FREQ=MONTHLY"),
    st.builds("FREQ=MONTHLY;BYDAY={}".format, st.one_of(nth, weekdays)),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, month_days),
    st.just("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    st.just("FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=14,15,16,17,18,19,20"),
    st.just("FREQ=YEARLY"),
    st.builds("FREQ=YEARLY;BYMONTH={}".format, months),
    st.builds("FREQ=YEARLY;BYMONTH={};BYDAY={}".format, months, nth),
    st.builds("FREQ=YEARLY;BYYEARDAY={}".format, st.sampled_from((1, 100, 366, -1))),
    st.builds("FREQ=YEARLY;BYWEEKNO={};BYDAY={}".format, st.sampled_from((1, 20, 53, -1)), weekdays),
)
generated = st.builds("{};INTERVAL={};WKST={}".format, tails, st.integers(1, 5), st.sampled_from(WEEKDAYS))
starts = st.builds(
    datetime.combine, st.dates(date(2019, 12, 20), date(2025, 1, 10)), st.sampled_from((time(19), time(0)))
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(generated, starts, st.integers(-400, 2500), st.integers(1, 500))
@example("FREQ=WEEKLY;BYDAY=SU,MO;INTERVAL=2;WKST=SU", moment("2024-12-31T19:00"), 5, 60)
@example("FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=5;WKST=MO", moment("2024-01-31T19:00"), 29, 400)
def test_a_window_holds_what_the_full_expansion_holds(rule: str, start: datetime, skip: int, length: int) -> None:
    begin = start + timedelta(days=skip)
    end = begin + timedelta(days=length)

    found = list(slots(schedule(check(rule), start), begin, end))

    everything = takewhile(lambda slot: slot < end, rrulestr(rule, dtstart=start))
    assert found == [slot for slot in everything if slot >= begin]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(generated, starts, st.integers(1, 12))
def test_a_count_ends_where_the_full_expansion_ends(rule: str, start: datetime, count: int) -> None:
    try:
        settled = settle(f"{rule};COUNT={count}", start)
    except NotUnderstood:
        assert len(list(takewhile(lambda slot: slot.year < start.year + 99, rrulestr(rule, dtstart=start)))) < count
        return

    expanded = list(rrulestr(f"{rule};COUNT={count}", dtstart=start))
    assert (settled.start, settled.until) == (expanded[0], expanded[-1].date())
    assert last_slot(schedule(settled.rule, settled.start, settled.until)) == expanded[-1]
