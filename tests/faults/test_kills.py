"""kill -9, wherever it hurts: nothing is lost, nothing is doubled, and what nobody can know is shown."""

import random
from pathlib import Path

import pytest

from tests.faults import kills, points
from tests.faults.points import POINTS, Point, Stages, fall

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    return Stages(tmp_path_factory.mktemp("stages"))


@pytest.mark.parametrize("point", POINTS, ids=lambda one: f"{one.does}: {one.name}")
def test_a_crash_leaves_what_was_predicted_and_comes_to_the_right_end(stages: Stages, point: Point) -> None:
    seen = fall(stages, point, random.randint(1, point.passes))

    assert (seen.as_predicted, seen.ends_well) == (True, True), str(seen)


def test_without_the_mark_before_the_wire_the_same_crash_sends_twice(stages: Stages, tmp_path: Path) -> None:
    seen = points.play_control(tmp_path / "control", 1, random.Random())

    assert seen.doubled > 0


def test_a_service_that_is_killed_again_and_again_sends_everything_once(tmp_path: Path) -> None:
    seen = kills.play(tmp_path, "kill -9", 4, 150, random.Random())

    assert (seen.lost, seen.doubled, seen.wrong) == (0, 0, ())
