"""Groups are large where messages leave quickly, and small where somebody may say stop meanwhile."""

from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.grouping import SLOW, next_size


def steady(each: float, least: int = 4, most: int = 50) -> int:
    """Return the size that groups come to when every message takes so long on each of `least` lines."""
    size = least
    for _ in range(20):
        size = next_size(size, size / least * each, least, most)
    return size


def test_a_sink_next_door_gets_large_groups_and_a_real_relay_small_ones() -> None:
    assert [steady(each) for each in (0.001, 0.08, 0.3, 5)] == [50, 16, 4, 4]


@given(st.floats(0, 60))
def test_a_group_never_takes_long_unless_it_is_as_small_as_can_be(each: float) -> None:
    size = steady(each)

    assert 4 <= size <= 50
    assert size == 4 or size / 4 * each <= SLOW


@given(st.integers(1, 50), st.floats(0, 600))
def test_sizes_stay_within_their_bounds(size: int, took: float) -> None:
    assert 1 <= next_size(size, took, 1, 50) <= 50
