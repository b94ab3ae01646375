"""Waits grow, are spread, obey the provider and come to an end."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetup.values import Channel
from notifications.rules.retry import LINE, PACES, wait_after


@pytest.mark.parametrize(
    ("channel", "minutes"),
    [(Channel.SMS, [0.25, 0.5, 1, 2, 4, 8, 15, 15, 15, 15, 15]), (Channel.EMAIL, [5, 15, 45, 120, 120, 120, 120])],
    ids=["sms", "email"],
)
def test_waits_grow_up_to_a_cap_and_end(channel: Channel, minutes: list[float]) -> None:
    waits = [wait_after(failures, None, PACES[channel]) for failures in range(1, PACES[channel].tries)]

    assert waits == [timedelta(minutes=length) for length in minutes]
    assert wait_after(PACES[channel].tries, None, PACES[channel]) is None


def test_the_provider_may_ask_for_more_but_not_for_less() -> None:
    assert wait_after(1, 60.0, PACES[Channel.SMS], 0) == timedelta(seconds=60)
    assert wait_after(1, 1.0, PACES[Channel.SMS], 0) == timedelta(seconds=12)


@pytest.mark.parametrize("asked", [float("nan"), float("inf"), -5.0], ids=["nan", "infinite", "negative"])
def test_nonsense_from_the_provider_is_ignored(asked: float) -> None:
    assert wait_after(1, asked, PACES[Channel.SMS]) == timedelta(seconds=15)


def test_the_provider_cannot_ask_for_more_than_a_day() -> None:
    assert wait_after(1, 1e12, PACES[Channel.SMS], 0) == timedelta(days=1)


@pytest.mark.parametrize(("failures", "fraction"), [(0, 0.5), (1, -0.1), (1, 1.1)], ids=["none", "low", "high"])
def test_wrong_figures_are_refused(failures: int, fraction: float) -> None:
    with pytest.raises(ValueError, match=r"yet|between"):
        wait_after(failures, None, PACES[Channel.SMS], fraction)


@given(st.integers(1, 7), st.none() | st.floats(0, 3600), st.sampled_from(Channel), st.floats(0, 1))
def test_no_wait_is_shorter_than_asked_or_than_four_fifths_of_the_pace(
    failures: int, asked: float | None, channel: Channel, fraction: float
) -> None:
    wait = wait_after(failures, asked, PACES[channel], fraction)

    assert wait is not None
    assert wait >= timedelta(seconds=asked or 0)
    assert wait >= PACES[channel].wait(failures) * 0.79


def test_nobody_is_given_up_because_a_line_is_out_of_order() -> None:
    waits = [wait_after(failures, None, LINE) for failures in (1, 2, 3, 10, 999)]

    assert waits == [timedelta(minutes=length) for length in (0.5, 1, 2, 15, 15)]
