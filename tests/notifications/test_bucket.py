"""An allowance is kept to, whatever is taken and whenever, and nobody waits longer than it takes to fill up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.rules.bucket import Bucket

RATES = st.floats(0.1, 100)
TAKEN = st.lists(st.tuples(st.floats(0, 30), st.integers(1, 8)), max_size=40)  # after so many seconds, so much


@settings(max_examples=100, deadline=None)
@given(RATES, TAKEN)
def test_no_stretch_of_time_sees_more_than_its_rate_and_what_was_saved_up(
    rate: float, taken: list[tuple[float, int]]
) -> None:
    now, bucket = 0.0, Bucket.full(rate, 0.0)
    left: list[tuple[float, int]] = []
    for pause, cost in taken:
        now += pause + bucket.wait(cost, now + pause)
        bucket = bucket.take(cost, now)
        left.append((now, cost))

    for first, (start, _) in enumerate(left):
        for last in range(first, len(left)):
            length, units = left[last][0] - start, sum(cost for _, cost in left[first : last + 1])
            # The last one may owe what did not fit.
            assert units <= bucket.size + rate * length + left[last][1] + 1e-6


@settings(max_examples=100, deadline=None)
@given(RATES, TAKEN, st.integers(1, 8))
def test_a_wait_is_long_enough_and_no_longer(rate: float, taken: list[tuple[float, int]], cost: int) -> None:
    now, bucket = 0.0, Bucket.full(rate, 0.0)
    for pause, size in taken:
        now += pause
        bucket = bucket.take(size, now)
    wait = bucket.wait(cost, now)

    assert bucket.wait(cost, now + wait) == pytest.approx(0, abs=1e-6)
    assert wait == 0 or bucket.wait(cost, now + wait * 0.9) > 0


def test_a_long_text_leaves_and_the_next_one_waits_for_what_it_owes() -> None:
    bucket = Bucket.full(1, now=0)

    assert bucket.wait(3, 0) == 0
    assert bucket.take(3, 0).wait(1, 0) == 3


def test_a_quiet_night_saves_up_one_second_only() -> None:
    assert Bucket.full(5, now=0).take(5, 0).within(0, now=30_000) == 5


def test_a_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    empty = Bucket.full(2, now=10).take(2, 10)

    assert (empty.wait(1, 10), empty.wait(1, 4)) == (0.5, 0.5)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_is_more_than_nothing(rate: float) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        Bucket.full(rate, 0)
