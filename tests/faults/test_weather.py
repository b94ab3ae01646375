"""What the world outside can do: it misbehaves, and still nothing is lost and nothing doubled."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import clocks, frozen, points, races, storage, weather
from tests.faults.kills import town
from tests.faults.tally import Tally

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
Play = Callable[[Path, random.Random], Tally]
FEW = 10

PLAYS: dict[str, Play] = {
    "a full disk": lambda folder, dice: storage.full(folder, 1, dice),
    "a locked database": lambda folder, dice: storage.locked(folder, 2, 60, dice),
    "jumping clocks": lambda folder, dice: clocks.jumps(folder, 3, dice),
    "races": lambda folder, dice: races.play(folder, 25, dice),
    "a frozen deliverer": lambda folder, dice: frozen.play(folder, 1, dice),
    "doubts sent again": lambda folder, dice: points.play_look_up(folder, 1, dice),
}
CONTROLS: dict[str, Play] = {
    "without the deadline": lambda folder, dice: frozen.play(folder, 1, dice, fenced=False),
    "without the look-up": lambda folder, dice: points.play_look_up(folder, 1, dice, blind=True),
}


OF_A_FILE = {"a full disk", "a locked database"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.sqlite] if name in OF_A_FILE else []) for name in PLAYS]
)
def test_nothing_is_lost_and_nothing_is_doubled_by(name: str, tmp_path: Path) -> None:
    seen = PLAYS[name](tmp_path / "play", random.Random())

    assert (seen.lost, seen.doubled, seen.wrong) == (0, 0, ())


@pytest.mark.parametrize("name", CONTROLS)
def test_the_same_harness_sees_what_is_doubled(name: str, tmp_path: Path) -> None:
    assert CONTROLS[name](tmp_path / "play", random.Random()).doubled > 0


@pytest.mark.parametrize("worst", list(weather.weathers(FEW)), ids=lambda one: one.name)
def test_whatever_the_provider_answers_a_text_is_sent_once_or_held(tmp_path: Path, worst: weather.Weather) -> None:
    with town(tmp_path / "town", FEW, receipts=False) as made, weather.post(made) as ours:
        seen = weather.endured(made, ours, worst)

    assert (seen.lost, seen.doubled, seen.wrong) == (0, 0, ())


def test_where_nobody_can_be_asked_nothing_is_sent_again_and_all_is_shown(tmp_path: Path) -> None:
    with town(tmp_path / "town", 10, receipts=False) as made, weather.post(made) as ours:
        seen = weather.unreachable(made, ours)

    assert (seen.lost, seen.doubled, seen.shown, seen.wrong) == (0, 0, 10, ())


def test_the_clocks_are_changed_and_a_text_comes_at_the_same_hour(tmp_path: Path) -> None:
    [spring, _] = clocks.changes("Australia/Lord_Howe", 2027)

    expected, told = clocks.week(tmp_path / "week", "Australia/Lord_Howe", spring)

    assert told == expected
