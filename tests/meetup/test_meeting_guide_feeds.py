"""Feeds as they are found on the web, where they lie beside the repository: taken in whole, and right in calendars."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import recurring_ical_events
from icalendar import Calendar
from sqlmodel import select

from meetup import agenda, organization, reminders
from meetup.errors import NotUnderstood
from meetup.feeds import calendar
from meetup.feeds.calendar import Look
from meetup.schedule import zones
from meetup.schedule.series import Occurrence
from meetup.storage.database import Database, Session
from meetup.storage.tables import Group
from meetup.transfer import intake
from meetup.transfer.listings import Mode
from meetup.transfer.meeting_guide import read
from meetup.transfer.survey import Fate, Plan
from meetup.values import Window
from tests import databases
from tests.conftest import START

ZONE = "America/New_York"
ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("MEETUP_TEST_DATA") or ROOT.parent / "shared" / "data") / "meeting_guide"
BROKEN = "tsml-ui__invalid.json"
LARGEST = "tsml-ui__aasepia.json"
FEEDS = sorted(
    path.name
    for pattern in ("tsml-ui__*", "pdf__*", "oiaa-*")
    for path in FOLDER.glob(f"{pattern}.json")
    if path.name != BROKEN
)
SMALL = [name for name in FEEDS if (FOLDER / name).stat().st_size < 10_000]
EIGHT_WEEKS = Window(START, START + timedelta(weeks=8))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FEEDS, reason="no feeds: set MEETUP_TEST_DATA to the folder that holds them"),
]


def source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def take(session: Session, name: str) -> Plan:
    planned = intake.plan(session, read(source(name), ZONE))
    intake.take(session, planned, [reminders.parse_rule("24h by email")], START)
    return planned


def new_database(path: Path) -> Database:
    database = databases.with_tables(path / "meetup.db")
    with database.writing() as session:
        organization.found(session, organization.Founding("Elm Trust", "Elm", "Elm plans", ZONE), START)
    return database


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, dict[str, Plan]]]:
    """The largest feed and all small ones in one database."""
    database = new_database(tmp_path_factory.mktemp("feeds"))
    plans = {}
    for name in [LARGEST, *SMALL]:
        with database.writing() as session:
            plans[name] = take(session, name)
    yield database, plans
    database.close()


def taken(planned: Plan) -> int:
    return sum(planned.fates.values())


@pytest.mark.parametrize("name", FEEDS)
def test_every_row_is_a_listing_or_rejected(name: str) -> None:
    reading = read(source(name), ZONE)

    modes = Counter(listing.mode.value for listing in reading.listings)
    print(f"{name}: {len(reading.listings)} read, {len(reading.rejected)} rejected, {dict(modes)}")
    assert reading.rows == len(json.loads(source(name)))
    rows = [*(one.row for one in reading.listings), *(one.row for one in reading.rejected)]
    assert sorted(rows) == list(range(1, reading.rows + 1))


def test_all_feeds_together_have_so_many_of_each_mode() -> None:
    read_feeds = [read(source(name), ZONE) for name in FEEDS if name.startswith("tsml-ui")]
    modes = Counter(listing.mode for reading in read_feeds for listing in reading.listings)

    if len(read_feeds) != 15:
        pytest.skip("other feeds than those that were counted")
    assert modes == {Mode.IN_PERSON: 4485, Mode.ONLINE: 1618, Mode.HYBRID: 646, Mode.INACTIVE: 441}


def test_the_broken_one_is_refused() -> None:
    with pytest.raises(NotUnderstood) as refusal:
        read(source(BROKEN), ZONE)

    assert refusal.value.message == "The file is not JSON: extra data in line 80, column 3"


def test_the_largest_and_the_small_ones_go_in_whole(everything: tuple[Database, dict[str, Plan]]) -> None:
    _, plans = everything

    counts = {name: (taken(planned), len(planned.rejected)) for name, planned in plans.items()}
    print(counts)
    assert counts[LARGEST] == (2036, 2)
    assert {name: sum(count) for name, count in counts.items()} == {
        name: len(json.loads(source(name))) for name in counts
    }


def test_once_more_everything_is_there_already(everything: tuple[Database, dict[str, Plan]]) -> None:
    database, _ = everything
    with database.reading() as session:
        again = intake.plan(session, read(source(LARGEST), ZONE))

    assert (again.fates[Fate.KNOWN], again.new_groups, again.venues, again.rooms) == (2036, 0, {}, {})


def test_nothing_of_a_link_is_in_public_calendars(everything: tuple[Database, dict[str, Plan]]) -> None:
    database, _ = everything
    with database.reading() as session:
        written = calendar.render(agenda.all_series(session), Look("all@example")).decode()

    assert written.count("BEGIN:VEVENT") > 1800
    assert [secret for secret in ("pwd=", "zoom.us", "assword: ") if secret in written.replace("\r\n ", "")] == []


def test_calendar_programs_show_the_dates_of_the_agenda(everything: tuple[Database, dict[str, Plan]]) -> None:
    database, _ = everything
    with database.reading() as session:
        group_ids = [found for found in session.exec(select(Group.id).order_by(Group.slug)).all() if found]
        chosen = [agenda.of_group(session, group_id) for group_id in group_ids[::20]]

    compared = 0
    for series in chosen:
        expected = sorted(shown(one) for one in agenda.upcoming(series, EIGHT_WEEKS) if one.usual_doors)
        assert expanded(calendar.render(series, Look("group@example"))) == expected
        compared += len(expected)
    print(f"{len(chosen)} groups, {compared} dates")
    assert compared > 500


def shown(one: Occurrence) -> tuple[str, datetime, datetime]:
    return one.schedule.uid, one.start, one.end


def expanded(written: bytes) -> list[tuple[str, datetime, datetime]]:
    """Return what another program makes of a calendar: who, from when, to when."""
    events = recurring_ical_events.of(Calendar.from_ical(written)).between(EIGHT_WEEKS.start, EIGHT_WEEKS.end)
    found = ((str(event["UID"]), moment(event["DTSTART"].dt), moment(event["DTEND"].dt)) for event in events)
    # A date that has begun is not among those that begin.
    return sorted(one for one in found if one[1] in EIGHT_WEEKS)


def moment(local: datetime) -> datetime:
    assert local.tzinfo is not None
    return zones.localize(local.replace(tzinfo=None), str(local.tzinfo))
