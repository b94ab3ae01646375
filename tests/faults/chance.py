"""The play of chance, played until so many steps were made; and played with a safeguard taken away."""

import math
import random
from collections.abc import Collection
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import databases
from tests.faults.lives import without_mark
from tests.faults.machine import Play
from tests.faults.mortal import Mortal, stage
from tests.faults.tally import Tally

STEPS = 50  # of one play, at most
PLAYS = 20  # Hypothesis goes on from plays that it has seen: begun anew so often, they differ more
LONGER = 4  # a control is given so many times the steps: it ends when it has seen something


def run(folder: Path, steps: int, number: int, phases: Collection[Phase] = tuple(Phase)) -> int:
    """Play until so many steps were made, and return how many that were. A broken promise is raised."""
    database = Mortal(databases.address(folder / "play.db"))

    class Tonight(Play):
        pass

    Tonight.file, Tonight.database, Tonight.steps = stage(folder / "stage.db"), database, 0
    try:
        while Tonight.steps < steps:  # a play may end before its last step
            plays = min(PLAYS, math.ceil((steps - Tonight.steps) / STEPS))
            run_state_machine_as_test(seed(number)(Tonight), settings=_settings(plays, phases))
            number += 1
    finally:
        database.close()
    return Tonight.steps


def _settings(plays: int, phases: Collection[Phase]) -> settings:
    return settings(
        max_examples=plays,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


def play(folder: Path, steps: int, dice: random.Random) -> Tally:
    """Play, and count."""
    made, wrong = _fault(folder, steps, dice.randrange(10**6))
    return Tally(f"a play of chance over the whole walk, {made:,} steps", made, 0, 0, 0, 0, (wrong,) if wrong else ())


def play_control(folder: Path, steps: int, dice: random.Random) -> Tally:
    """Play with processes that make no mark before the wire: as many steps at most have to lead to a second text."""
    with without_mark():
        _, wrong = _fault(
            folder, LONGER * steps, dice.randrange(10**6), [Phase.generate]
        )  # nobody wants to know the shortest
    what = "the same without the mark before the wire (a control)"
    return Tally(what, 1, 0, 0, int("sent twice" in wrong), 0, control=True)


def _fault(folder: Path, steps: int, number: int, phases: Collection[Phase] = tuple(Phase)) -> tuple[int, str]:
    """Return how many steps were made and what was wrong, if anything."""
    try:
        return run(folder, steps, number, phases), ""
    except AssertionError as error:
        return 0, str(error)
