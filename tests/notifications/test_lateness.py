"""How late messages leave, in percentiles of the newest ones."""

from datetime import timedelta

import pytest

from meetup.values import State
from notifications import lateness
from notifications.lateness import Lateness
from tests.notifications.walk import Walk, moment


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], None),
        ([3.0], Lateness(1, 3.0, 3.0, 3.0)),
        ([-5.0, 2.0], Lateness(2, 2.0, 2.0, 2.0)),
        ([float(n) for n in range(100, 0, -1)], Lateness(100, 51.0, 96.0, 100.0)),
    ],
    ids=["none", "one", "early is not late", "a hundred"],
)
def test_percentiles_of_delays(seconds: list[float], expected: Lateness | None) -> None:
    assert lateness.of(seconds) == expected


def test_only_what_left_lately_counts(near: Walk) -> None:
    near.clock.turn_to(moment(26, 17, 0) + timedelta(seconds=7))
    near.tick()

    with near.database.reading() as session:
        lately = lateness.since(session, near.clock.now() - timedelta(hours=1))
        nothing = lateness.since(session, near.clock.now() + timedelta(hours=1))

    assert lately == Lateness(1, 7.0, 7.0, 7.0)
    assert nothing is None


def test_who_joins_after_a_reminder_was_due_gets_it_in_time(near: Walk) -> None:
    near.clock.turn_to(moment(26, 17, 0))
    near.tick()
    near.clock.turn_to(moment(26, 17, 30))
    near.add("Bea", phone="+12025550199")
    near.clock.turn_to(moment(26, 17, 30) + timedelta(seconds=4))
    ended = near.tick()

    with near.database.reading() as session:
        told = lateness.since(session, moment(26, 17, 15))

    assert ended == {State.SENT: 1}
    assert told == Lateness(1, 4.0, 4.0, 4.0)
