"""Calendars of other programs, made line by line, and what they come to: for the tests of the import."""

from datetime import UTC, datetime

from meetup.transfer.ics import calendar
from meetup.transfer.ics.calendar import Wishes
from meetup.transfer.ics.programme import Course, Reading
from tests.conftest import START

NEW_YORK = "America/New_York"
HALL = "LOCATION:Parish hall\\, 8 Weir Lane\\, Troy"
EASTERN = """\
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16011104T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010311T020000
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
"""


def event(*lines: str, uid: str = "walk@elsewhere") -> str:
    """Return an entry: a Tuesday walk on the first of December, unless the lines say otherwise; `X:-` takes X out."""
    usual = {
        "UID": f"UID:{uid}",
        "DTSTART": f"DTSTART;TZID={NEW_YORK}:20261201T190000",
        "DURATION": "DURATION:PT1H30M",
        "SUMMARY": "SUMMARY:Lantern walk",
        "LOCATION": HALL,
    }
    named = {name(line).replace("DTEND", "DURATION") for line in lines}
    kept = (line for key, line in usual.items() if key not in named)
    return "\n".join(("BEGIN:VEVENT", *kept, *(line for line in lines if not line.endswith(":-")), "END:VEVENT", ""))


def name(line: str) -> str:
    return line.partition(":")[0].partition(";")[0]


def weekly(*lines: str, uid: str = "walk@elsewhere") -> str:
    return event("RRULE:FREQ=WEEKLY;BYDAY=TU", *lines, uid=uid)


def file(*parts: str, head: str = "X-WR-CALNAME:Walkers\n") -> bytes:
    """Return a whole calendar with the line ends that the RFC wants."""
    body = "".join(("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n", head, *parts, "END:VCALENDAR\n"))
    return body.replace("\n", "\r\n").encode()


def read(*parts: str, head: str = "X-WR-CALNAME:Walkers\n", zone: str = "", wall_clock: bool = False) -> Reading:
    return calendar.read(file(*parts, head=head), Wishes(NEW_YORK, START, zone, wall_clock))


def only(reading: Reading) -> Course:
    """Return the one course of a calendar that was taken without a loss."""
    assert (reading.rejected, reading.left) == ((), ())
    (programme,) = reading.programmes
    (course,) = programme.courses
    return course


def said(reading: Reading) -> list[str]:
    return [remark.text for remark in reading.remarks]


def reasons(reading: Reading) -> list[tuple[int, str]]:
    return [(one.row, one.reason) for one in (*reading.rejected, *reading.left)]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
