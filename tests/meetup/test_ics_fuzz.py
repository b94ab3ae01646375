"""Calendars that nobody meant: whatever comes in, it is refused in words or becomes a feed whose lines are right."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from sqlmodel import select

from meetup import organization
from meetup.errors import MeetupError
from meetup.feeds import collect
from meetup.feeds.addresses import Addresses
from meetup.storage.database import Database, Session
from meetup.storage.tables import Group
from meetup.transfer.ics import calendar, intake
from meetup.transfer.ics.calendar import Wishes
from meetup.transfer.ics.intake import Wanted
from meetup.transfer.ics.survey import Plan
from tests import databases
from tests.conftest import START
from tests.meetup.foreign import EASTERN, NEW_YORK, event, file, weekly
from tests.meetup.test_ics_files import FILES, OWN

PARAMETER = rb";[A-Z-]+=(?:\"[^\"\x00-\x1f]*\"|[^\";:,\x00-\x1f]*)(?:,[^\";:,\x00-\x1f]*)*"
LINE = re.compile(rb"[A-Z-]+(?:" + PARAMETER + rb")*:[^\x00-\x08\x0a-\x1f\x7f]*")
LONGEST = 75  # octets of a line before it is folded
PATIENCE = 5.0  # seconds of this process; usual are a few milliseconds

NASTY = (
    *("", ":", ";", '"', "\\", "\\n", ",", "\x07", "\x00", "\u2028", "\ufeff", "é", "😀" * 40, "BEGIN:VEVENT"),
    *("END:VCALENDAR", "20261201T190000", "20261201", "20261201T190000Z", "00000000T000000", "99991231T235959Z"),
    *("20261101T013000", "PT0S", "-PT5M", "P7D", "P8D", "P99999W", "FREQ=SECONDLY", "FREQ=DAILY;COUNT=9999"),
    *("FREQ=WEEKLY;UNTIL=99991231", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "FREQ=MONTHLY;BYDAY=-5SU", "FREQ=DAILY"),
    *("FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=9999;WKST=SU", "javascript:alert(1)", "https://zoom.us/j/1?pwd=x"),
    *("https://[::1", "tel:+12025550123", "<script>alert(1)</script>", "Walk\\nBEGIN:VEVENT\\nUID:x", "a@b", "x" * 300),
    *("CANCELLED", "PRIVATE", "THISANDFUTURE", "52;13", "nan;inf", "1;1e9", "20261201T190000Z/PT2H"),
)
NAMES = (
    *("DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID", "UID", "SUMMARY", "LOCATION", "URL"),
    *("DESCRIPTION", "STATUS", "CLASS", "GEO", "CONFERENCE", "SEQUENCE", "CREATED", "RELATED-TO", "TZID", "EXRULE"),
    *("DTSTART;TZID=Mine", f"DTSTART;TZID={NEW_YORK}", "EXDATE;VALUE=DATE", "RDATE;VALUE=PERIOD", "BEGIN", "END"),
    *("X-ODD", "METHOD", f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID={NEW_YORK}"),
)
BASES = (
    OWN,
    file(
        EASTERN.format(name="Mine"),
        weekly("DTSTART;TZID=Mine:20261201T190000"),
        event(
            f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID={NEW_YORK}:20261215T190000",
            f"DTSTART;TZID={NEW_YORK}:20261216T180000",
        ),
    ),
    *(path.read_bytes() for path in FILES.values() if path.stat().st_size < 20_000),
)
names, values = st.sampled_from(NAMES), st.sampled_from(NASTY) | st.text(max_size=30)
edits = st.lists(
    st.tuples(st.sampled_from(("drop", "double", "swap", "set", "add", "cut")), st.integers(0, 400), names, values),
    min_size=1,
    max_size=8,
)
EXAMPLES = int(os.environ.get("MEETUP_FUZZ", "25"))
bounded = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path: Path = tmp_path_factory.mktemp("fuzz") / "meetup.db"
    database = databases.with_tables(path)
    with database.writing() as session:
        organization.found(session, organization.Founding("Elm Trust", "Elm", "Elm plans", NEW_YORK), START)
    yield database
    database.close()


def edited(base: bytes, changes: list[tuple[str, int, str, str]]) -> bytes:
    lines = base.decode().splitlines()
    for kind, number, name, value in changes:
        at = number % len(lines)
        match kind:
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[number * 7 % len(lines)])
            case "swap":
                other = number * 7 % len(lines)
                lines[at], lines[other] = lines[other], lines[at]
            case "set":
                lines[at] = f"{lines[at].partition(':')[0]}:{value}"
            case "add":
                lines.insert(at, f"{name}:{value}")
            case _:
                lines[at] = lines[at][: number % 11]
        lines = lines or [""]
    return "\r\n".join(lines).encode("utf-8", errors="surrogatepass")


def taken(database: Database, data: bytes) -> bytes | None:
    """Return the feed that a calendar becomes, or None when it was refused in words."""
    began = time.process_time()
    try:
        reading = calendar.read(data, Wishes(NEW_YORK, START, "Europe/Berlin"))
        with database.trying() as session:
            return written(session, intake.survey_of(session, reading, Wanted(group="Walkers"), START))
    except MeetupError:
        return None
    finally:
        assert time.process_time() - began < PATIENCE


def written(session: Session, planned: Plan) -> bytes:
    intake.take(session, planned, [], START, keep_going=True)
    found = session.exec(select(Group)).all()
    addresses = Addresses(session.vault)
    return b"".join(collect.write(collect.of_group(session, group, addresses, START)) for group in found)


def check(feed: bytes) -> None:
    """Check every line of a feed, and that other programs read as many entries as were meant."""
    lines = feed.split(b"\r\n")
    assert lines.pop() == b""
    assert [line for line in lines if len(line) > LONGEST or b"\n" in line or b"\r" in line] == []
    unfolded = feed.replace(b"\r\n ", b"").split(b"\r\n")[:-1]
    assert [line for line in unfolded if not LINE.fullmatch(line)] == []
    parsed = Calendar.from_ical(feed)
    assert len(parsed.walk("VEVENT")) == sum(line == b"BEGIN:VEVENT" for line in unfolded)
    assert parsed.errors == []


@bounded
@given(base=st.sampled_from(BASES), changes=edits)
def test_real_calendars_with_a_few_lines_changed(
    database: Database, base: bytes, changes: list[tuple[str, int, str, str]]
) -> None:
    feed = taken(database, edited(base, changes))

    if feed:
        check(feed)


@bounded
@given(base=st.sampled_from(BASES), at=st.integers(0, 3000), noise=st.binary(min_size=1, max_size=6))
def test_real_calendars_with_a_few_bytes_changed(database: Database, base: bytes, at: int, noise: bytes) -> None:
    at %= len(base)
    feed = taken(database, base[:at] + noise + base[at + len(noise) :])

    if feed:
        check(feed)


# Some of it is right, so that the rest is looked at.
PLAIN = ("DTSTART:20261201T190000Z", "RRULE:FREQ=WEEKLY", "SUMMARY:Walk", "LOCATION:Hall")
component = st.sampled_from(("VEVENT", "VEVENT", "VTIMEZONE", "STANDARD", "VALARM", "VTODO", "X-ODD"))
content = st.lists(st.tuples(names, values).map(":".join), max_size=4).map(lambda lines: [*PLAIN, *lines])
trees = st.recursive(
    content,
    lambda inner: st.tuples(component, content, st.lists(inner, max_size=3)).map(
        lambda one: [f"BEGIN:{one[0]}", *one[1], *(line for part in one[2] for line in part), f"END:{one[0]}"]
    ),
    max_leaves=8,
)


@bounded
@given(parts=st.lists(trees, max_size=4))
def test_components_at_random(database: Database, parts: list[list[str]]) -> None:
    lines = ["BEGIN:VCALENDAR", *(line for part in parts for line in part), "END:VCALENDAR", ""]
    feed = taken(database, "\r\n".join(lines).encode("utf-8", errors="surrogatepass"))

    if feed:
        check(feed)


def test_what_a_series_follows_is_a_name_or_nothing(database: Database) -> None:
    named, unnamed = (taken(database, file(weekly(f"RELATED-TO:{told}"))) for told in ("\x1bone\\ntwo", "\x1b"))

    assert named is not None
    assert unnamed is not None
    check(named)
    check(unnamed)
    assert b"RELATED-TO;RELTYPE=SIBLING:one two\r\n" in named
    assert b"RELATED-TO" not in unnamed


@bounded
@given(value=st.text(max_size=200), name=st.sampled_from(("SUMMARY", "LOCATION", "UID", "X-WR-CALNAME")))
def test_no_text_breaks_a_line_of_a_feed(database: Database, value: str, name: str) -> None:
    text = re.sub(r"[\r\n]", "\\\\n", value)
    line = f"{name}:{text}"
    data = file(weekly(line), head=line + "\n") if name == "X-WR-CALNAME" else file(weekly(line))

    feed = taken(database, data.decode().encode("utf-8", errors="surrogatepass"))

    if feed:
        check(feed)


def test_an_entry_cannot_smuggle_another_one_into_a_feed(database: Database) -> None:
    sneaky = "SUMMARY:Walk\\nEND:VEVENT\\nBEGIN:VEVENT\\nUID:x\\nSUMMARY:<script>alert(1)</script>\\r\\nATTACH:x"
    hall = 'LOCATION:Hall";X-ODD="\\, 8 Weir Lane\\nATTENDEE:mailto:a.b'

    feed = taken(database, file(weekly(sneaky, hall, "GEO:42;-73")))

    assert feed
    check(feed)
    (entry,) = Calendar.from_ical(feed).walk("VEVENT")
    assert str(entry["SUMMARY"]) == "Walk END:VEVENT BEGIN:VEVENT UID:x SUMMARY:<script>alert(1)</script>r ATTACH:x"
    assert [name for name in ("ATTACH", "ATTENDEE", "X-ODD") if name in entry] == []
