from datetime import date, datetime, timedelta

import pytest

from meetup.errors import NotUnderstood
from meetup.schedule.english import ENGLISH
from meetup.schedule.phrases import Parsed, parse, understand

TODAY = date(2026, 11, 23)  # a Monday


def parsed(rule: str, start: str, minutes: int = 60, until: date | None = None) -> Parsed:
    return Parsed(rule, datetime.fromisoformat(start), timedelta(minutes=minutes), until)


@pytest.mark.parametrize(
    ("phrase", "rule", "start", "minutes"),
    [
        ("every Thursday 19:00-20:30", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 90),
        ("EVERY THURSDAY 19:00 – 20:30.", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 90),
        ("19:00-20:30 every Thurs.", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 90),
        ("Thursdays at 7pm", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 60),
        ("weekly on Thursday at 7 p.m.", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 60),
        ("Mondays and Wednesdays 18:00", "FREQ=WEEKLY;BYDAY=MO,WE", "2026-11-23T18:00", 60),
        ("every Fri, Mon, and Wed, 07:00", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "2026-11-23T07:00", 60),
        ("weekdays at noon", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23T12:00", 60),
        ("Monday to Friday at 08:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23T08:00", 60),
        ("every Friday-Sunday 10:00", "FREQ=WEEKLY;BYDAY=FR,SA,SU", "2026-11-27T10:00", 60),
        ("every weekend 10:00", "FREQ=WEEKLY;BYDAY=SA,SU", "2026-11-28T10:00", 60),
        ("every other Wednesday 18:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "2026-11-25T18:00", 60),
        ("fortnightly on Wednesday 18:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "2026-11-25T18:00", 60),
        (
            "every 2 weeks on Monday and Thursday at 19:00",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
            "2026-11-23T19:00",
            60,
        ),
        ("every second week on Tuesday 19h", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-11-24T19:00", 60),
        ("every day at 07:00", "FREQ=DAILY", "2026-11-23T07:00", 60),
        ("every third day at midnight", "FREQ=DAILY;INTERVAL=3", "2026-11-23T00:00", 60),
        ("second and fourth Tuesday at 7pm", "FREQ=MONTHLY;BYDAY=2TU,4TU", "2026-11-24T19:00", 60),
        ("2nd and 4th Tuesday of the month 19h30", "FREQ=MONTHLY;BYDAY=2TU,4TU", "2026-11-24T19:30", 60),
        ("every second and fourth Tuesday 19:00", "FREQ=MONTHLY;BYDAY=2TU,4TU", "2026-11-24T19:00", 60),
        ("every second Tuesday of the month 19:00", "FREQ=MONTHLY;BYDAY=2TU", "2026-12-08T19:00", 60),
        ("first Monday of each month 18:00 for 90 minutes", "FREQ=MONTHLY;BYDAY=1MO", "2026-12-07T18:00", 90),
        ("every first Monday 18:00", "FREQ=MONTHLY;BYDAY=1MO", "2026-12-07T18:00", 60),
        ("first Monday and third Wednesday 18:00", "FREQ=MONTHLY;BYDAY=1MO,3WE", "2026-12-07T18:00", 60),
        ("last Friday 19:30", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27T19:30", 60),
        ("second-to-last Friday 19:30", "FREQ=MONTHLY;BYDAY=-2FR", "2026-12-18T19:30", 60),
        ("fifth Saturday 10:00-12:00", "FREQ=MONTHLY;BYDAY=5SA", "2027-01-30T10:00", 120),
        ("first Monday of every other month 18:00", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO", "2026-12-07T18:00", 60),
        ("quarterly on the first Monday 18:00", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", "2026-12-07T18:00", 60),
        ("every 3 months on the first Monday 18:00", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", "2026-12-07T18:00", 60),
        ("Tuesday after the second Tuesday 19:00", "FREQ=MONTHLY;BYDAY=3TU", "2026-12-15T19:00", 60),
        ("the 15th of every month at 18:00", "FREQ=MONTHLY;BYMONTHDAY=15", "2026-12-15T18:00", 60),
        ("1st and 15th of the month 18:00", "FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-12-01T18:00", 60),
        ("every month on the 1st 18:00", "FREQ=MONTHLY;BYMONTHDAY=1", "2026-12-01T18:00", 60),
        ("last day of the month 18:00", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30T18:00", 60),
        ("every month from 31 January at 18:00", "FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-31T18:00", 60),
        ("yearly on 24 December 18:00", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "2026-12-24T18:00", 60),
        ("every December 24th 18:00", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "2026-12-24T18:00", 60),
        ("every year on the first Monday of May 18:00", "FREQ=YEARLY;BYMONTH=5;BYDAY=1MO", "2027-05-03T18:00", 60),
        ("once on 2026-12-24 18:00", "", "2026-12-24T18:00", 60),
        ("once on 24 December 18:00", "", "2026-12-24T18:00", 60),
        ("on 24 December 2026 at 6pm", "", "2026-12-24T18:00", 60),
        ("Thursday, December 24th, 2026 at 6pm", "", "2026-12-24T18:00", 60),
        ("tomorrow 18:00 to 19:00", "", "2026-11-24T18:00", 60),
        ("RRULE:FREQ=WEEKLY;BYDAY=TH at 19:00", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 60),
    ],
)
def test_a_phrase_is_understood_whole(phrase: str, rule: str, start: str, minutes: int) -> None:
    assert parse(phrase, TODAY) == parsed(rule, start, minutes)


@pytest.mark.parametrize(
    ("phrase", "start", "minutes"),
    [
        ("7-8:30pm", "19:00", 90),
        ("11-1pm", "11:00", 120),
        ("7:30-9pm", "19:30", 90),
        ("10pm-2am", "22:00", 240),
        ("from 10 to 11am", "10:00", 60),
        ("12-2pm", "12:00", 120),
        ("9:00-17:00", "09:00", 480),
        ("22:00-01:00", "22:00", 180),
        ("22:00-24:00", "22:00", 120),
        ("19:00 until 20:30", "19:00", 90),
        ("7.30pm for 1 hour and 30 minutes", "19:30", 90),
        ("12am", "00:00", 60),
        ("12:15 pm for 1h30", "12:15", 90),
        ("19:00 for an hour", "19:00", 60),
        ("19:00 for 1.5 hours", "19:00", 90),
        ("19:00 for 24 hours", "19:00", 1440),
    ],
)
def test_times_are_read_as_people_write_them(phrase: str, start: str, minutes: int) -> None:
    assert parse(f"every Thursday {phrase}", TODAY) == parsed("FREQ=WEEKLY;BYDAY=TH", f"2026-11-26T{start}", minutes)


@pytest.mark.parametrize(
    ("suffix", "start", "until"),
    [
        ("until 30 June", "2026-11-26", date(2027, 6, 30)),
        ("until November 26", "2026-11-26", date(2026, 11, 26)),
        ("until 25 November", "2026-11-26", date(2027, 11, 25)),
        ("until 2027-06-30", "2026-11-26", date(2027, 6, 30)),
        ("for 8 times", "2026-11-26", date(2027, 1, 14)),
        ("from 3 September", "2027-09-09", None),
        ("starting 2026-12-03", "2026-12-03", None),
        ("starting 2026-12-04 until the 31st of December", "2026-12-10", date(2026, 12, 31)),
        ("from 3 September for 2 times", "2027-09-09", date(2027, 9, 16)),
        ("until 29 February", "2026-11-26", date(2028, 2, 29)),
    ],
)
def test_beginning_and_end_are_understood(suffix: str, start: str, until: date | None) -> None:
    expected = parsed("FREQ=WEEKLY;BYDAY=TH", f"{start}T19:00", until=until)

    assert parse(f"every Thursday 19:00 {suffix}", TODAY) == expected
    assert parse(f"{suffix}, every Thursday at 19:00", TODAY) == expected


def test_a_rhythm_begins_with_its_next_date() -> None:
    # Said on a Tuesday: the Monday of this week is past, and the next one sets the rhythm.
    assert parse("every other Monday 19:00", date(2026, 11, 24)).start == datetime.fromisoformat("2026-11-30T19:00")


@pytest.mark.parametrize(
    ("phrase", "by"),
    [
        ("Monday before the third Tuesday", "BYDAY=MO;BYMONTHDAY=14,15,16,17,18,19,20"),
        ("the Wednesday after the first Monday of each month", "BYDAY=WE;BYMONTHDAY=3,4,5,6,7,8,9"),
        ("every Sunday before the fourth Monday", "BYDAY=SU;BYMONTHDAY=21,22,23,24,25,26,27"),
        ("every month on the Friday after the second Saturday", "BYDAY=FR;BYMONTHDAY=14,15,16,17,18,19,20"),
    ],
)
def test_a_day_beside_another_day_becomes_seven_days(phrase: str, by: str) -> None:
    assert parse(f"{phrase} at 19:00", TODAY).rule == f"FREQ=MONTHLY;{by}"


@pytest.mark.parametrize(
    ("phrase", "message", "hint"),
    [
        (
            "every second Tuesday",
            "“every second Tuesday” has two meanings",
            "Write “every other Tuesday” or “the second Tuesday of the month”",
        ),
        (
            "every 3rd Friday 19:00",
            "“every 3rd Friday” has two meanings",
            "Write “every 3 weeks on Friday” or “the 3rd Friday of the month”",
        ),
        (
            "biweekly on Monday 19:00",
            "“biweekly” has two meanings",
            "Write “every 2 weeks on Monday” or “every Monday and Thursday”",
        ),
        (
            "Thursday 19:00",
            "“Thursday” may be one date or every week's",
            "Write “every Thursday” or “once on 2026-12-24”",
        ),
        (
            "on 24 December 18:00",
            "A date without a year may be meant once or every year",
            "Write “every year on 24 December” or “once on 24 December 2026”",
        ),
        (
            "every Thursday at 7",
            "“7” may be in the morning or in the evening",
            "Write 07:00 or 19:00",
        ),
        (
            "every Thursday 7:30-9:00",
            "“7:30” may be in the morning or in the evening",
            "Write 07:30 or 19:30",
        ),
        (
            "every Thursday 19:00-8:30",
            "“8:30” may be in the morning or in the evening",
            "Write 08:30 or 20:30",
        ),
        (
            "once on 12/24/2026 18:00",
            "“12/24/2026” can be read in more than one way",
            "Write a date as 2026-12-24",
        ),
        ("the 15th at 18:00", "It is not clear of which month", "Write “the 15th of every month”"),
        (
            "first Monday of May 18:00",
            "It is not clear in which year",
            "Write “every year on the first Monday of May”",
        ),
    ],
)
def test_what_has_two_meanings_is_asked_back(phrase: str, message: str, hint: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        parse(phrase, TODAY)

    assert (refusal.value.message, refusal.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("phrase", "message", "hint"),
    [
        ("every Thursday", "A time is missing", "Add one: every Thursday at 19:00"),
        (
            "2nd Tuesday until 30 June",
            "A time is missing",
            "Add one: 2nd Tuesday until 30 June at 19:00",
        ),
        ("at 19:00", "It is not said on which days", "Add them: every Thursday at 19:00"),
        (
            "quarterly at 18:00",
            "It is not said on which day",
            "Write for example “every month on the first Monday”, or “from 3 September”",
        ),
    ],
)
def test_what_is_missing_is_named_and_the_hint_works(phrase: str, message: str, hint: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        parse(phrase, TODAY)

    assert (refusal.value.message, refusal.value.hint) == (message, hint)
    if ": " in hint:
        assert parse(hint.partition(": ")[2], TODAY).rule


@pytest.mark.parametrize(
    ("phrase", "message", "meant"),
    [
        ("evry thrusday 19:00", "“evry” and “thrusday” are not understood", "every Thursday 19:00"),
        ("evry thrusday", "“evry” and “thrusday” are not understood", "every Thursday at 19:00"),
        ("every Wendesday at 7pm", "“Wendesday” is not understood", "every Wednesday at 7pm"),
    ],
)
def test_a_slip_of_the_pen_is_named_and_put_right(phrase: str, message: str, meant: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        parse(phrase, TODAY)

    assert (refusal.value.message, refusal.value.hint) == (message, f"Did you mean: {meant}")
    assert parse(meant, TODAY).rule


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("", "The phrase is empty"),
        ("every Thursday " * 40, "The phrase is too long"),
        ("jeudi 19:00", "“jeudi” is not understood"),
        ("every Thursday 25:00", "“25:00” is not a time of day"),
        ("every Thursday 24:00", "A meeting cannot start at 24:00"),
        ("every Thursday 19:60", "“19:60” is not a time of day"),
        ("every Thursday 13pm", "“13pm” is not a time of day"),
        ("every Thursday 19.30", "“19.30” is not a time of day"),
        ("every Thursday 19:00-19:00", "It cannot start and end at 19:00"),
        ("every Thursday 19:00 20:30", "The time is given twice"),
        ("every Thursday 19:00 every Friday", "The day is given twice"),
        ("every Thursday 19:00-20:30 for 90 minutes", "The length is given twice: by an end and by “for”"),
        ("every Thursday 19:00 for 0 minutes", "A meeting lasts whole minutes, at least one, and at most seven days"),
        ("every Thursday 19:00 for 200 hours", "A meeting lasts whole minutes, at least one, and at most seven days"),
        ("every Thursday 19:00 for 0 times", "“0 times” is not possible"),
        (
            "every Thursday 19:00 for 8 times until 30 June",
            "The end is given twice: by “times” and by “until”",
        ),
        ("every Thursday 19:00 until 2026-01-01", "It ends on 2026-01-01, before its first date, 2026-11-26"),
        ("once on 2026-12-24 18:00 until 30 June", "A single date has no other first date and no end"),
        ("once on Friday 24 December 2026 18:00", "2026-12-24 is a Thursday"),
        ("once on 31 June 2027 18:00", "There is no such day as 31 June"),
        ("once on 2026-02-29 18:00", "There is no such day as 2026-02-29"),
        ("once on 0000-01-01 18:00", "There is no such day as 0000-01-01"),
        ("yearly on 24 December 2026 18:00", "A yearly date has neither a year nor a day of the week"),
        ("sixth Monday 19:00", "No month has a sixth Monday"),
        ("the 32nd of every month 19:00", "A month has no 32nd"),
        ("every 0 weeks on Monday 19:00", "“0” is not a whole number"),
        ("every 1.5 weeks on Monday 19:00", "“1.5” is not a whole number"),
        ("every Thursday and 19:00", "“and” is not understood here, where a day or a time is expected"),
        (
            "every until 30 June 19:00",
            "“until” is not understood here, where a day, a week, a month or a year is expected",
        ),
        ("every 2 weeks on", "The phrase ends too early: a day of the week is missing"),
        ("RRULE:FREQ=HOURLY 19:00", "FREQ=HOURLY is too often: a meeting repeats at most once a day"),
        ("RRULE:FREQ=DAILY;COUNT=3 19:00", "The end stands inside the rule"),
        ("Friday after the sixth Tuesday 19:00", "No month has a sixth Tuesday"),
    ],
)
def test_nonsense_is_refused_with_a_sentence_and_a_way_out(phrase: str, message: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        parse(phrase, TODAY)

    assert refusal.value.message == message
    assert refusal.value.hint


@pytest.mark.parametrize("example", ENGLISH.examples)
def test_every_example_is_understood(example: str) -> None:
    assert understand(example, TODAY)[0].start.date() >= TODAY


def test_a_range_over_most_of_a_day_is_taken_for_a_slip() -> None:
    with pytest.raises(NotUnderstood) as refusal:
        parse("every Thursday 20:30-19:00", date(2026, 11, 23))

    assert refusal.value.message == "From 20:30 to 19:00 would be 22 hours 30 min"
    assert "19:00-20:30" in refusal.value.hint


def test_the_length_that_such_a_refusal_offers_is_understood() -> None:
    parsed = parse("every Thursday at 20:30 for 22 hours 30 min", date(2026, 11, 23))

    assert parsed.duration == timedelta(hours=22, minutes=30)


def test_a_night_of_twelve_hours_is_no_slip() -> None:
    assert parse("every Friday 20:00-08:00", date(2026, 11, 23)).duration == timedelta(hours=12)
