"""Every row of the table of encodings, byte by byte, and read alike by every program at hand."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

import pytest

from meetup.feeds.views import Reader
from meetup.schedule import recurrence
from meetup.schedule.series import Change, ChangeStatus
from meetup.values import Door, Preference
from tests.meetup import programs
from tests.meetup.calendars import ANNEX, HEATING, TOUCHED, wall
from tests.meetup.rows import ENDLESS, FOLDER, ROWS, WEEKLY, Row

# What is known to be read otherwise, and why nothing can be done about it here.
NIGHT = "hours-that-clocks-skip-or-repeat"  # everybody has an own idea of them: `meetup` warns of such times
KNOWN: Mapping[str, set[str]] = {
    "recurring-ical-events": {NIGHT},
    "ical": {NIGHT},
    "dateutil": set(),
    "vobject": {NIGHT},
    "ical.js": {NIGHT},
    # A backslash before an "n" is read as a line end; and the runtime has zone data of its own, which may be old.
    "node-ical": {"special-characters", "zone-that-changed-its-rule"},
    # Compares UNTIL, which is UTC, with wall times: the last date is lost far east of Greenwich.
    "rrule.js": {NIGHT, "ended-east-of-greenwich", "zone-that-changed-its-rule"},
}
ZONES = ("Europe/Berlin", "America/New_York", "America/Phoenix", "Asia/Kolkata", "Australia/Sydney")
RULES = (
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
    "FREQ=MONTHLY;BYDAY=2TU,-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=15",
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=1SA",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
)


def generated(seed: int) -> Row:
    """Return a calendar that chance made, the same one for the same seed."""
    chance = random.Random(seed)
    start = wall("2026-01-01T08:00") + timedelta(days=chance.randrange(20), hours=chance.randrange(12))
    settled = recurrence.settle(chance.choice(RULES), start)
    schedule = replace(ENDLESS, zone=chance.choice(ZONES), start=settled.start, rule=settled.rule)
    slots = list(recurrence.slots(schedule, wall("2026-01-01"), wall("2026-12-01")))
    changes = tuple(_changed(chance, slot) for slot in chance.sample(slots, min(4, len(slots))))
    closures = (HEATING,) if chance.random() < 0.5 else ()
    series = replace(WEEKLY, schedules=(schedule,), changes=changes, closures=closures)
    reader = Reader(preference=chance.choice(list(Preference))) if chance.random() < 0.5 else None
    return Row((series,), reader)


def _changed(chance: random.Random, slot: datetime) -> Change:
    made = Change(slot, chance.choice(list(ChangeStatus)), 1, TOUCHED)
    start = made.slot.replace(hour=chance.randrange(9, 22)) + timedelta(days=chance.randrange(-2, 3))
    return replace(
        made,
        start=chance.choice([None, start]),
        duration=chance.choice([None, timedelta(hours=3)]),
        place=chance.choice([None, ANNEX]),
        closed=frozenset(chance.sample(list(Door), chance.randrange(2))),
    )


ALL: Mapping[str, Row] = ROWS | {f"generated-{seed}": generated(seed) for seed in range(20)}


@lru_cache(maxsize=1)
def agreed() -> dict[str, programs.Dates]:
    """Return the dates of our own agenda."""
    return {name: programs.meant(row) for name, row in ALL.items()}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_written_as_agreed(name: str) -> None:
    assert ROWS[name].bytes == (FOLDER / f"{name}.ics").read_bytes()


def test_every_golden_file_belongs_to_a_row() -> None:
    assert {file.stem for file in FOLDER.glob("*.ics")} == ROWS.keys()


def test_the_rows_hold_dates_to_compare() -> None:
    counted = {name: sum(dates.values()) for name, dates in agreed().items()}

    assert [name for name, count in counted.items() if count == 0] == ["empty"]
    assert sum(counted.values()) > 2000


@pytest.mark.parametrize("program", programs.PYTHON)
def test_a_program_reads_the_dates_that_we_mean(program: str) -> None:
    read = programs.PYTHON[program]

    different = {name for name, row in ALL.items() if read(row) != agreed()[name]}

    assert different == KNOWN[program]


@pytest.mark.skipif(
    programs.NODE is None or not programs.PACKAGES.is_dir(), reason="needs Node and npm install --prefix tests/readers"
)
@pytest.mark.parametrize("program", programs.SCRIPTS)
def test_a_program_of_another_language_reads_the_dates_that_we_mean(program: str) -> None:
    found = programs.by_node(program, ALL)

    different = {name for name, dates in agreed().items() if found[name] != dates}

    # Which version of it is here, and how old the zone data of Node are, is not ours to say.
    assert different <= KNOWN[program]
