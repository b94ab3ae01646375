"""One venue or one room that is needed twice at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st

from meetup.schedule import clashes
from meetup.schedule.series import Occurrence, Place, Room, Schedule, Series, Status
from meetup.values import Door

BEGIN = datetime(2026, 12, 3, 19, tzinfo=UTC)
WALL = BEGIN.replace(tzinfo=None)
HALLS = [Place("hall", "Hall", "1 Elm Street"), Place("barn", "Barn", "2 Elm Street")]
ROOMS = [Room("zoom", "Zoom", "https://zoom.us/j/1"), Room("attic", "Attic", "https://zoom.us/j/2")]


def date(key: str, minutes: int, length: int, place: Place | None, room: Room | None) -> Occurrence:
    schedule = Schedule(f"{key}@example.org", "UTC", WALL, timedelta(minutes=length))
    wall = WALL + timedelta(minutes=minutes)
    doors = frozenset(door for door, site in ((Door.IN_PERSON, place), (Door.ONLINE, room)) if site)
    return Occurrence(
        series=Series(key, f"Circle {key}", "Plan", "circle", (schedule,), place, room),
        schedule=schedule,
        slot=wall,
        start_local=wall,
        start=wall.replace(tzinfo=UTC),
        end=wall.replace(tzinfo=UTC) + schedule.duration,
        status=Status.CONFIRMED,
        open_doors=doors,
        usual_doors=doors,
        place=place,
        room=room,
    )


def pairs(found: list[clashes.Clash]) -> list[tuple[str, str, str]]:
    return [(one.site.name, one.first.series.key, one.second.series.key) for one in found]


def test_two_dates_in_one_hall_at_the_same_time_clash() -> None:
    first, second = date("a", 0, 90, HALLS[0], None), date("b", 60, 90, HALLS[0], ROOMS[0])

    assert clashes.find([second, first]) == [clashes.Clash(HALLS[0], first, second)]


def test_one_that_begins_when_the_other_ends_does_not_clash() -> None:
    assert clashes.find([date("a", 0, 90, HALLS[0], None), date("b", 90, 90, HALLS[0], None)]) == []


def test_a_door_that_is_closed_needs_no_room() -> None:
    elsewhere = replace(date("a", 0, 90, HALLS[0], ROOMS[0]), open_doors=frozenset({Door.ONLINE}))
    cancelled = replace(date("c", 0, 90, HALLS[0], None), open_doors=frozenset())

    assert clashes.find([elsewhere, cancelled, date("b", 0, 90, HALLS[0], None)]) == []


def test_a_date_that_is_moved_onto_the_next_one_of_its_own_clashes_with_it() -> None:
    [clash] = clashes.find([date("a", 0, 90, HALLS[0], None), date("a", 30, 90, HALLS[0], None)])

    assert (clash.first.slot, clash.second.slot) == (WALL, WALL + timedelta(minutes=30))


def test_clashes_of_the_same_two_meetings_are_said_once_a_place() -> None:
    weeks = [date(key, week * 10080, 90, HALLS[0], ROOMS[0]) for week in range(3) for key in "ab"]

    found = clashes.recurring(clashes.find(weeks))

    assert [(one.clash.site.name, one.count) for one in found] == [("Hall", 3), ("Zoom", 3)]


DATES = st.builds(
    date,
    key=st.sampled_from("abcd"),
    minutes=st.integers(0, 300),
    length=st.integers(1, 200),
    place=st.sampled_from([None, *HALLS]),
    room=st.sampled_from([None, *ROOMS]),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(DATES, max_size=12, unique_by=lambda one: (one.series.key, one.slot)))
def test_the_sweep_finds_what_comparing_every_pair_finds(dates: list[Occurrence]) -> None:
    found = {(one.site.key, frozenset({id(one.first), id(one.second)})) for one in clashes.find(dates)}

    assert found == set(_naively(dates))
    assert len(clashes.find(dates)) == len(found)


def _naively(dates: list[Occurrence]) -> list[tuple[str, frozenset[int]]]:
    return [
        (key, frozenset({id(one), id(other)}))
        for one, other in combinations(dates, 2)
        if one.start < other.end and other.start < one.end
        for key in {site.key for site in (one.place, one.room) if site}
        & {site.key for site in (other.place, other.room) if site}
    ]


def test_a_thousand_meetings_of_three_months_are_searched_in_no_time() -> None:
    dates = [
        date(f"m{number}", week * 10080 + number % 400, 60, replace(HALLS[0], key=f"h{number % 250}"), None)
        for number in range(1000)
        for week in range(13)
    ]
    begin = process_time()

    found = clashes.find(dates)

    # Comparing every pair would take minutes.
    assert process_time() - begin < 5
    assert len(found) > 1000
