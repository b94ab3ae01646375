"""Several workers on one PostgreSQL, each a process of its own: every message leaves once."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.lives import CONTEXT, Life, live
from tests.faults.scene import DUE, MORNING, Scene, found
from tests.faults.wire import per_person

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(240)]
PEOPLE, FEW, WORKERS = 2_000, 250, 3


def planned(folder: Path, people: int) -> Scene:
    """Return a scene with so many texts that are due now."""
    scene = Scene.copy(found(folder / "bare.db", people), folder / "scene", MORNING)
    at_once(Life(scene.url, scene.log, MORNING, "plan"))
    scene.clock.turn_to(DUE)
    return scene


def at_once(*lives: Life) -> list[int]:
    """Let processes live beside each other, and return how they ended."""
    processes = [CONTEXT.Process(target=live, args=(life,)) for life in lives]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode or 0 for process in processes]


def test_three_workers_send_two_thousand_messages_once_each(tmp_path: Path) -> None:
    scene = planned(tmp_path, PEOPLE)

    ended = at_once(*[Life(scene.url, scene.log, DUE) for _ in range(WORKERS)])

    assert ended == [0] * WORKERS
    assert scene.states() == {"SENT": PEOPLE}
    assert Counter(per_person(scene.log).values()) == {1: PEOPLE}
    assert scene.attempts() == PEOPLE
    scene.close()


def test_three_who_plan_at_once_plan_everything_once(tmp_path: Path) -> None:
    scene = Scene.copy(found(tmp_path / "bare.db", FEW), tmp_path / "scene", MORNING)

    ended = at_once(*[Life(scene.url, scene.log, MORNING, "plan") for _ in range(WORKERS)])

    assert ended == [0] * WORKERS
    assert scene.states() == {"PLANNED": FEW}
    scene.close()


def test_what_a_dead_worker_held_is_taken_over_once_by_the_others(tmp_path: Path) -> None:
    scene = planned(tmp_path, FEW)
    at_once(Life(scene.url, scene.log, DUE, "deliver", "turn written", 1))
    taken, left = scene.taken(), scene.states()
    later = DUE + timedelta(minutes=3)  # its lease has run out

    at_once(*[Life(scene.url, scene.log, later) for _ in range(WORKERS)])
    at_once(*[Life(scene.url, scene.log, later, "ask") for _ in range(WORKERS)])

    assert (taken, left["SUBMITTING"]) == (8, 8)
    assert scene.states() == {"SENT": FEW}
    assert Counter(per_person(scene.log).values()) == {1: FEW}
    scene.close()
