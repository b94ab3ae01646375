"""Zones: pinned data, gaps and folds, and what calendars are told about them."""

import zoneinfo
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import pytest
from dateutil.rrule import rrulestr

from meetup.errors import NotUnderstood
from meetup.schedule import zones
from meetup.schedule.observances import Observance, observances
from meetup.schedule.zones import Trouble

BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
WEEKS = tuple(BEGIN + timedelta(days=7 * n, hours=5) for n in range((END - BEGIN).days // 7))
SECOND = timedelta(seconds=1)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@lru_cache(maxsize=4096)
def onsets(part: Observance) -> tuple[datetime, ...]:
    """Read one sub-component as a calendar program does: local onsets in the old offset, given in UTC."""
    local = (
        list(rrulestr(part.rule, dtstart=part.start).between(part.start, wall("2038-01-02"), inc=True))
        if part.rule
        else [part.start]
    )
    return tuple((onset - part.offset_from).replace(tzinfo=UTC) for onset in local)


def offsets_of(parts: tuple[Observance, ...]) -> tuple[list[datetime], list[timedelta]]:
    turns = sorted((onset, part.offset_to) for part in parts for onset in onsets(part))
    return [onset for onset, _ in turns], [offset for _, offset in turns]


def disagreements(name: str, since: int) -> list[tuple[str, datetime]]:
    moments, offsets = offsets_of(observances(name, since))
    here, begin = zones.zone(name), BEGIN.replace(year=since)
    edges = [edge for onset in moments if begin < onset < END for edge in (onset - SECOND, onset)]
    samples = [moment for moment in (*WEEKS, *edges) if moment >= begin]
    return [
        (name, moment)
        for moment in samples
        if offsets[bisect_right(moments, moment) - 1] != moment.astimezone(here).utcoffset()
    ]


def test_calendars_and_our_clock_agree_in_every_zone_of_the_world_until_2037() -> None:
    wrong = [found for name in zones.known() for found in disagreements(name, 2020)]

    assert wrong == []


@pytest.mark.parametrize("since", [2021, 2024, 2026, 2027])
@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "America/Vancouver", "Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "America/Nuuk"]
)
def test_a_zone_is_right_from_whatever_year_a_meeting_begins(name: str, since: int) -> None:
    assert disagreements(name, since) == []


def test_every_offset_is_in_whole_minutes_and_every_onset_is_its_own_start() -> None:
    parts = [part for name in zones.known() for part in observances(name, 2020)]

    assert [
        part for part in parts if part.offset_to % timedelta(minutes=1) or part.offset_from % timedelta(minutes=1)
    ] == []
    assert [part for part in set(parts) if (part.start - part.offset_from).replace(tzinfo=UTC) != onsets(part)[0]] == []


def test_berlin_is_said_in_two_rules_since_1970() -> None:
    hour = timedelta(hours=1)

    assert observances("Europe/Berlin", 2026) == (
        Observance("DAYLIGHT", wall("1970-03-29T02:00"), "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "CEST", hour, 2 * hour),
        Observance("STANDARD", wall("1970-10-25T03:00"), "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "CET", 2 * hour, hour),
    )


def test_vancouver_which_stops_changing_its_clocks_is_said_turn_by_turn() -> None:
    parts = observances("America/Vancouver", 2026)

    assert [part.rule for part in parts] == [""] * len(parts)
    assert parts[-1].offset_to == timedelta(hours=-7)
    assert [later.offset_from == earlier.offset_to for earlier, later in pairwise(parts)] == [True] * (len(parts) - 1)


def test_a_change_after_midnight_may_need_the_first_of_the_next_month() -> None:
    rules = [part.rule for part in observances("Africa/Cairo", 2026)]

    assert "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=26,27,28,29,30,31;BYDAY=FR" in rules
    assert "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=1;BYDAY=FR" in rules


def test_irish_summer_is_daylight_though_ireland_calls_its_winter_the_exception() -> None:
    assert [(part.kind, part.name) for part in observances("Europe/Dublin", 2026)] == [
        ("DAYLIGHT", "IST"),
        ("STANDARD", "GMT"),
    ]


def test_the_data_of_the_host_is_not_asked() -> None:
    assert zoneinfo.TZPATH == ()
    assert zones.tzdata_version()[:2] == "20"


@pytest.mark.parametrize(
    ("name", "text", "moment", "trouble"),
    [
        ("Europe/Berlin", "2026-01-06T19:00", "2026-01-06T18:00Z", None),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30Z", Trouble.GAP),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z", Trouble.FOLD),
        ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:30Z", Trouble.GAP),
        ("America/New_York", "2027-11-07T01:30", "2027-11-07T05:30Z", Trouble.FOLD),
        ("Europe/Dublin", "2027-03-28T01:30", "2027-03-28T01:30Z", Trouble.GAP),
        ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:45Z", Trouble.GAP),
    ],
    ids=["plain", "Berlin gap", "Berlin fold", "New York gap", "New York fold", "Dublin gap", "half an hour"],
)
def test_wall_times_are_read_as_rfc_5545_says(name: str, text: str, moment: str, trouble: Trouble | None) -> None:
    assert zones.localize(wall(text), name) == datetime.fromisoformat(moment)
    assert zones.trouble(wall(text), name) == trouble


def test_a_moment_is_shown_by_the_clocks_of_its_zone() -> None:
    assert zones.wall(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin") == wall("2026-10-25T02:30")


def test_a_wall_time_is_naive_and_a_moment_is_not() -> None:
    with pytest.raises(ValueError, match="naive"):
        zones.localize(BEGIN, "Europe/Berlin")
    with pytest.raises(ValueError, match="aware"):
        zones.wall(wall("2026-01-06T19:00"), "Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("europe/berlin", "Europe/Berlin"),
        ("Europe/Berln", "Europe/Berlin"),
        ("Vancover", "America/Vancouver"),
    ],
)
def test_an_unknown_zone_is_refused_and_the_nearest_is_named(typed: str, meant: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        zones.zone(typed)

    assert meant in refusal.value.hint


@pytest.mark.parametrize("typed", ["", "../etc/passwd", "Europe", "Europe/Berlin\0"])
def test_what_is_no_zone_at_all_is_refused_too(typed: str) -> None:
    with pytest.raises(NotUnderstood):
        zones.zone(typed)


@pytest.mark.parametrize(
    ("name", "city"),
    [("Europe/Berlin", "Berlin"), ("America/New_York", "New York"), ("America/Argentina/Buenos_Aires", "Buenos Aires")],
)
def test_a_zone_is_spoken_of_by_its_city(name: str, city: str) -> None:
    assert zones.city(name) == city


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("EST", "America/New_York"),
        ("cet", "Europe/Berlin"),
        ("PST", "America/Los_Angeles"),
        ("GMT", "Europe/London"),
        ("Singapore", "Asia/Singapore"),
        ("new york", "America/New_York"),
    ],
)
def test_who_types_no_place_is_told_the_place_to_write(typed: str, meant: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        zones.place(typed)

    assert refusal.value.hint == f"Did you mean {meant}?"


def test_every_place_that_is_meant_by_a_short_name_exists() -> None:
    assert [name for name in zones._MEANT if name not in zones.known()] == []


@pytest.mark.parametrize("typed", ["UTC", "America/New_York", "Europe/Berlin"])
def test_a_place_and_utc_are_taken_as_typed(typed: str) -> None:
    assert zones.place(typed) == typed
