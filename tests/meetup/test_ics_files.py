"""Calendars as they are found on the web, where they lie beside the repository: the same dates come out again."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import recurring_ical_events
from icalendar import Calendar
from sqlmodel import select

from meetup import agenda, reminders
from meetup.clock import HandClock
from meetup.feeds import collect
from meetup.feeds.addresses import Addresses
from meetup.places import rooms
from meetup.storage.database import Session
from meetup.storage.tables import Group, Organization
from meetup.transfer.ics import calendar, courses, intake
from meetup.transfer.ics.calendar import Wishes
from meetup.transfer.ics.intake import Wanted
from meetup.transfer.ics.programme import Reading
from tests.conftest import START
from tests.meetup.foreign import EASTERN, NEW_YORK, event, file, weekly

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("MEETUP_TEST_DATA") or ROOT.parent / "shared" / "data")
FILES = {path.name: path for path in (*DATA.glob("ics/*.ics"), *DATA.parent.glob("facts/*.ics"))}
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(weeks=60)

# Our own, so that the comparison runs everywhere: every way of saying when that calendar programs agree about.
OWN = file(
    weekly(f"EXDATE;TZID={NEW_YORK}:20261215T190000\nRDATE;TZID={NEW_YORK}:20261203T190000", uid="a"),
    event(
        f"RECURRENCE-ID;TZID={NEW_YORK}:20261208T190000",
        f"DTSTART;TZID={NEW_YORK}:20261209T183000",
        "DURATION:PT1H",
        uid="a",
    ),
    event(
        f"RECURRENCE-ID;TZID={NEW_YORK}:20261222T190000",
        f"DTSTART;TZID={NEW_YORK}:20261222T190000",
        "STATUS:CANCELLED",
        uid="a",
    ),
    EASTERN.format(name="Eastern Standard Time"),
    event(
        "DTSTART;TZID=Eastern Standard Time:20261206T100000",
        "RRULE:FREQ=MONTHLY;BYDAY=1SU;COUNT=9",
        "SUMMARY:B",
        uid="b",
    ),
    event("DTSTART:20260302T233000Z", "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261130T233000Z", "SUMMARY:C", uid="c"),
    event("DTSTART:20260307T020000Z", "SUMMARY:D", uid="d"),
    event(
        "DTSTART;TZID=Europe/Berlin:20260310T190000",
        "RRULE:FREQ=WEEKLY;BYDAY=WE,FR;UNTIL=20260901",
        "SUMMARY:E",
        uid="e",
    ),
    event(
        "DTSTART;TZID=Europe/Berlin:20260316T190000",
        *("RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "SUMMARY:F"),
        uid="f",
    ),
)
SOURCES = ["our own", *sorted(FILES)]

Date = tuple[datetime, datetime, bool]


def source(name: str) -> bytes:
    if name == "our own":
        return OWN
    # A template of its makers, with a date left to be filled in.
    return FILES[name].read_bytes().replace(b"%EXDATE%", b"20260304T140000Z")


def dates(written: bytes) -> Iterator[tuple[str, Date]]:
    """Yield what another program makes of a calendar: whose date, from when, to when, and whether it is cancelled."""
    for one in recurring_ical_events.of(Calendar.from_ical(written)).between(NOW, UNTIL):
        start, end = (one[key].dt.astimezone(UTC) for key in ("DTSTART", "DTEND"))
        if start >= NOW:
            yield str(one["UID"]), (start, end, str(one.get("STATUS")) == "CANCELLED")


def read(name: str) -> Reading:
    return calendar.read(source(name), Wishes(NEW_YORK, NOW))


def exported(session: Session, name: str) -> bytes:
    wanted = Wanted(group=name, room="Chat")
    take(session, name, wanted)
    group = session.exec(select(Group)).one()
    return collect.write(collect.of_group(session, group, Addresses(session.vault), NOW))


def take(session: Session, name: str, wanted: Wanted) -> None:
    planned = intake.survey_of(session, read(name), wanted, NOW)
    intake.take(session, planned, [reminders.parse_rule("24h by email")], NOW, keep_going=True)


@pytest.fixture
def chat(session: Session, home: Organization, clock: HandClock) -> None:
    rooms.add(session, rooms.RoomDraft("Chat", "https://meet.jit.si/chat"), clock.now())


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("name", SOURCES)
def test_the_same_dates_come_out(session: Session, name: str) -> None:
    reading = read(name)
    told = Counter(one.reason for one in (*reading.rejected, *reading.left))
    print(f"{name}: {reading.entries} entries, {len(reading.programmes)} meetings, {dict(told)}")
    lost = uids_of(reading, name)

    original = Counter(date for uid, date in dates(source(name)) if uid not in lost)
    ours = Counter(date for uid, date in dates(exported(session, name)) if not uid.startswith(tuple(lost) or "\0"))

    assert ours == original
    assert sum(original.values()) > 0
    assert reading.rejected == ()


def uids_of(reading: Reading, name: str) -> set[str]:
    """Return the UIDs of which the report says that something is otherwise: entries that share one."""
    rows = {remark.row for remark in reading.remarks if remark.text == courses.ONE_UID}
    found = list(Calendar.from_ical(source(name)).walk("VEVENT"))
    return {str(found[row - 1]["UID"]) for row in rows}


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("name", SOURCES)
def test_what_came_out_is_known_when_it_comes_back(session: Session, name: str) -> None:
    written = exported(session, name)
    before = [repr(one) for one in agenda.all_series(session)]

    for data in (written, source(name)):
        planned = intake.survey_of(session, calendar.read(data, Wishes(NEW_YORK, NOW)), Wanted(room="Chat"), NOW)
        assert {seat.fate.value for seat in planned.seats} == {"known"}
        assert (planned.rejected, planned.changes) == ((), False)
    assert [repr(one) for one in agenda.all_series(session)] == before


def test_every_stored_calendar_is_read_whole() -> None:
    if not FILES:
        pytest.skip("no calendars: set MEETUP_TEST_DATA to the folder that holds them")
    for name in FILES:
        reading = read(name)
        rows = {row for programme in reading.programmes for row in programme.rows}
        rows |= {one.row for one in (*reading.rejected, *reading.left)}
        assert rows == set(range(1, reading.entries + 1)), name
    assert START > NOW
