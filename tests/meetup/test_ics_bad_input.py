"""What a calendar from outside may do: be refused with the reason, or be taken within bounds. Nothing else."""

import resource
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from meetup.errors import NotUnderstood
from meetup.transfer.ics import calendar, events, lines, values
from meetup.transfer.ics.calendar import GUESSED, Wishes
from tests.conftest import START
from tests.meetup.foreign import HALL, NEW_YORK, event, file, only, read, reasons, said, weekly

WISHES = Wishes(NEW_YORK, START)
EMPTY = file()


def refused(data: bytes) -> str:
    with pytest.raises(NotUnderstood) as refusal:
        calendar.read(data, WISHES)
    assert refusal.value.hint or "calendar" in refusal.value.message
    return refusal.value.message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty"),
        (b" \r\n\r\n", "The file is empty"),
        (b"<!DOCTYPE html><title>Sign in</title>", "That is a web page, not a calendar"),
        (b'["vcalendar",[],[]]', "The file is not a calendar"),
        (b"PK\x03\x04\x00\x00", "The file is not a calendar"),
        (bytes(range(256)) * 40, "The file is not a calendar"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "The file is not a calendar"),
        (EMPTY, "The calendar holds no events"),
        (EMPTY[:-15], "The calendar breaks off: the end of its VCALENDAR is missing"),
        (file(weekly())[:-40], "The calendar breaks off: the end of its VEVENT is missing"),
        (
            EMPTY.replace(b"END:VCALENDAR", b"END:VEVENT"),
            "The calendar is broken: it says END:VEVENT, where END:VCALENDAR was to come",
        ),
        (EMPTY + b"END:VCALENDAR\r\n", "The calendar is broken: it says END:VCALENDAR"),
        (file(head="METHOD:CANCEL\n"), "The file takes dates back (METHOD:CANCEL)"),
        (
            b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 9,
            "The calendar holds components within components within components",
        ),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\nEND:X\r\n" * 40_001, "The calendar has more than 40000 parts"),
        (b"BEGIN:VCALENDAR\r\nX:" + b"x" * 100_001, "The calendar has a line of more than 100000 characters"),
        (b"BEGIN:VCALENDAR\r\nX:" + b"x\r\n y" * 50_001, "The calendar has a line of more than 100000 characters"),
        (b"BEGIN:VCALENDAR\r\n" + b"X:y\n" * 800_001, "The calendar has more than 400000 lines"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 100_000, "The calendar holds more than 10000 entries"),
        (b"BEGIN:VCALENDAR\r\n" + b"x" * 10_000_000, "The calendar is larger than 10 MB"),
        (
            file(*(f"BEGIN:VTIMEZONE\nTZID:{n}\nEND:VTIMEZONE\n" for n in range(101)), weekly()),
            "The calendar spells out more than 100 time zones",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else f"{len(one)} bytes",
)
def test_what_is_no_calendar_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    began = time.process_time()

    assert refused(data) == reason
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("lines_", "reason"),
    [
        (("DTSTART:-",), "It has no start (DTSTART)"),
        (("DTSTART:tomorrow",), "“tomorrow” is not a date or a time"),
        (("DTSTART:20260230T190000Z",), "“20260230T190000Z” is not a time"),
        (("DTSTART:20261201T250000Z",), "“20261201T250000Z” is not a time"),
        (("DTSTART:00011201T190000Z",), "It names the year 1; taken are 1970 to 2199"),
        (("DTSTART:99991201T190000Z",), "It names the year 9999; taken are 1970 to 2199"),
        (("DTSTART:٢٠٢٦1201T190000Z",), "“٢٠٢٦1201T190000Z” is not a date or a time"),
        (("DURATION:-PT1H",), "It ends before it begins"),
        (("DURATION:PT",), "“PT” is not a length of time"),
        (("DURATION:P9999999999999D",), "“P9999999999999D” is not a length of time"),
        (("DURATION:P8D",), "A meeting lasts at least one minute, and at most seven days"),
        (("RRULE:FREQ=SECONDLY",), "FREQ=SECONDLY is too often: a meeting repeats at most once a day"),
        (("RRULE:FREQ=HOURLY;INTERVAL=24",), "FREQ=HOURLY is too often: a meeting repeats at most once a day"),
        (("RRULE:FREQ=WEEKLY;BYHOUR=9,19",), "BYHOUR has no place in a rule: the time belongs to the start"),
        (("RRULE:FREQ=WEEKLY;COUNT=99999999999",), "COUNT=99999999999 is not a number from 1 to 9999"),
        (("RRULE:FREQ=WEEKLY;INTERVAL=0",), "INTERVAL=0 is not a number from 1 to 9999"),
        (
            ("RRULE:FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2",),
            "The rule FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31 never gives a date",
        ),
        (("RRULE:FREQ=WEEKLY;BYDAY=" + ",".join(["MO", "XX"] * 5000),), "BYDAY=XX is not a day of the week"),
        (("RRULE:COUNT=3",), "“COUNT=3” is not a rule: FREQ is missing"),
        (("EXRULE:FREQ=WEEKLY",), "It leaves dates out by a rule of their own (EXRULE)"),
        (
            ("RDATE:" + ",".join(["20261203T190000Z"] * 1000),),
            "It lists 1000 single dates (RDATE): at most 500 can be taken",
        ),
        (
            ("RRULE:FREQ=DAILY", "EXDATE:" + ",".join(["20261203T190000Z"] * 1000)),
            "It lists 1000 single dates (EXDATE): at most 500 can be taken",
        ),
        (("RDATE;VALUE=DATE:20261203",), "It names days besides its rule (RDATE), and no time"),
        (tuple(f"RRULE:FREQ=DAILY;INTERVAL={n}" for n in range(2, 9)), "It has more than 5 rules"),
    ],
    ids=lambda one: one[0][:40] if isinstance(one, tuple) else "",
)
def test_an_entry_that_cannot_be_meant_is_rejected_with_the_reason(lines_: tuple[str, ...], reason: str) -> None:
    assert reasons(read(event(*lines_), weekly("SUMMARY:Other", uid="b"))) == [(1, reason)]


def test_many_rules_that_give_no_date_end_the_search() -> None:
    never = (
        event(f"RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;INTERVAL={n}", f"SUMMARY:{n}", uid=str(n))
        for n in range(1, 40)
    )

    assert refused(file(*never)) == "More than 5 of its rules give no date"


def test_so_many_single_dates_nobody_means() -> None:
    many = (event("RDATE:" + ",".join(["20261203T190000Z"] * 500), f"SUMMARY:{n}", uid=str(n)) for n in range(41))

    assert refused(file(*many)) == "The calendar lists more than 20000 single dates"


def test_so_many_meetings_nobody_holds() -> None:
    many = (event(f"SUMMARY:{n}", uid=str(n)) for n in range(1001))

    assert refused(file(*many)) == "The calendar holds more than 1000 meetings to come"


def encoded(text: str, how: str) -> bytes:
    return text.encode(how)


TEXT = file(weekly("SUMMARY:Café – Größe ✨", "DESCRIPTION:-")).decode()
LATIN = TEXT.replace(" ✨", "")


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (TEXT.encode(), "Café – Größe ✨"),
        (TEXT.encode("utf-8-sig"), "Café – Größe ✨"),
        (TEXT.encode("utf-16"), "Café – Größe ✨"),
        (TEXT.encode("utf-16-le"), "Café – Größe ✨"),
        (TEXT.encode("utf-16-be"), "Café – Größe ✨"),
        (TEXT.replace("\r\n", "\n").encode(), "Café – Größe ✨"),
        (TEXT.replace("\r\n", "\r").encode(), "Café – Größe ✨"),
        (LATIN.encode("cp1252"), "Café – Größe"),
        (TEXT.replace("SUMMARY", "summary").encode(), "Café – Größe ✨"),
        # Folded in the middle of a character, as RFC 5545 allows when it counts octets.
        (TEXT.encode().replace("é".encode(), b"\xc3\r\n \xa9"), "Café – Größe ✨"),
        (TEXT.encode().replace("é".encode(), b"\xc3\n\t\xa9"), "Café – Größe ✨"),
    ],
    ids=["utf-8", "bom", "utf-16", "le", "be", "lf", "cr", "windows", "lower case", "folded", "folded by a tab"],
)
def test_texts_are_read_however_they_are_encoded(data: bytes, title: str) -> None:
    reading = calendar.read(data, WISHES)

    assert only(reading).title == title
    assert said(reading) == ([GUESSED] if data == LATIN.encode("cp1252") else [])


def test_a_line_is_not_broken_where_no_line_ends() -> None:
    """Python breaks lines at U+2028 and others, and calendars do not: an entry could be smuggled in."""
    sneaky = "SUMMARY:Walk\u2028BEGIN:VEVENT\x0bSTATUS:CANCELLED\x85\x1cUID:other"

    course = only(read(weekly(sneaky)))

    assert (course.uid, course.title) == ("walk@elsewhere", "Walk BEGIN:VEVENTSTATUS:CANCELLEDUID:other")


def test_control_characters_are_dropped() -> None:
    assert only(read(weekly("SUMMARY:Lan\x07tern\x1b[31m \x00walk", "UID:a\x08b"))).title == "Lantern[31m walk"


def test_a_parameter_cannot_hide_what_follows() -> None:
    found = lines._property('DTSTART;TZID="a:b;c";X=1:20261201T190000')

    assert found is not None
    assert (found.parameter("TZID"), found.value) == ("a:b;c", "20261201T190000")
    assert lines._property('DTSTART;TZID="America/New_York:20261201T190000') is None


@pytest.mark.parametrize(
    "value",
    [
        '"' * 50_000,
        ";a=" * 30_000,
        ";" * 90_000,
        "\\" * 90_000,
        "a.b" * 30_000,
        "x" * 90_000,
        "(" * 90_000,
        "\\n" * 45_000,
    ],
    ids=lambda one: one[:3],
)
def test_no_value_makes_the_reader_slow(value: str) -> None:
    names = ("DTSTART", "SUMMARY", "LOCATION", "DESCRIPTION", "RRULE", "URL", "GEO", "EXDATE", "UID", "CONFERENCE;X")
    began = time.process_time()

    for name in names:
        read(weekly(f"{name}:{value}", f"X-ODD;{value}:1"), weekly("SUMMARY:Other", uid="b"))

    assert time.process_time() - began < 4


def test_fifty_megabytes_are_refused_without_being_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.ics"
    entry = file(weekly(f"DESCRIPTION:{'x' * 500}"))
    with path.open("wb") as large:
        for _ in range(50_000_000 // len(entry) + 1):
            large.write(entry)
    script = """
        import resource, sys, time
        from commands import download
        from meetup.errors import NotUnderstood
        from meetup.transfer.ics import lines
        resource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            lines.read(download.content(sys.argv[1], lines.LARGEST))
        except NotUnderstood as error:
            print(error.message)
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(used < 40_000 and time.process_time() < 10 or used)
    """

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )

    assert path.stat().st_size > 50_000_000
    assert done.stdout == "The calendar is larger than 10 MB\nTrue\n"


def test_the_largest_calendar_that_is_taken_stays_within_time_and_memory() -> None:
    """Ten megabytes and ten thousand entries: all of it over but one, as in an export of many years."""
    old = (
        event(f"DTSTART;TZID={NEW_YORK}:2019{n % 12 + 1:02}01T190000", f"DESCRIPTION:{'x' * 760}", uid=str(n))
        for n in range(9_999)
    )
    data = file(*old, weekly())
    assert 9_000_000 < len(data) < lines.LARGEST
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()

    reading = calendar.read(data, WISHES)

    assert (reading.entries, len(reading.programmes), len(reading.left)) == (10_000, 1, 9_999)
    assert time.process_time() - began < 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


def test_what_was_said_of_an_entry_never_repeats_a_secret() -> None:
    reading = read(weekly(HALL, "DESCRIPTION:Passcode: tulip77", "URL:https://zoom.us/j/1?pwd=S3cret"))

    assert said(reading) == [events.NOTES]
    assert [secret for secret in ("tulip77", "S3cret") if secret in repr(reading.remarks)] == []
    assert values.LONGEST_TEXT == 20_000
