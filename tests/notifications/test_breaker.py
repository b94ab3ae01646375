"""A line that is out of order rests, longer each time, and one message goes first; one bad recipient is no reason."""

from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.messages import Accepted, NotSent, Outcome, Refused, Unknown
from notifications.rules.breaker import STOPPED, TROUBLES, Breaker

DOWN = NotSent("refused", "the mail relay refuses the connection", whole_line=True)
BUSY = NotSent("20429", "too many requests", 90, whole_line=True)
WRONG = NotSent("535", "not let in", stop_channel=True)
GREY = NotSent("450", "greylisted", 300)
NOBODY = Refused("5.1.1", "nobody there", bad_address=True)
OUTCOMES = st.sampled_from([DOWN, BUSY, WRONG, GREY, NOBODY, Accepted("SM1"), Unknown("timed out")])


def after(*outcomes: Outcome, now: float = 0.0) -> Breaker:
    return reduce(lambda breaker, outcome: breaker.after(outcome, now), outcomes, Breaker())


def test_it_rests_after_so_many_troubles_in_a_row() -> None:
    assert not after(*[DOWN] * (TROUBLES - 1)).resting(0)
    assert after(*[DOWN] * TROUBLES).resting(0)


@pytest.mark.parametrize("between", [Accepted("SM1"), GREY, NOBODY], ids=["accepted", "greylisted", "nobody there"])
def test_a_line_that_answers_about_somebody_works(between: Outcome) -> None:
    assert after(*[DOWN] * (TROUBLES - 1), between, *[DOWN] * (TROUBLES - 1)) == Breaker(troubles=TROUBLES - 1)


def test_a_doubt_says_nothing_about_the_line() -> None:
    assert after(*[DOWN] * (TROUBLES - 1), Unknown("timed out"), DOWN).resting(0)


@pytest.mark.parametrize("outcome", [GREY, NOBODY, Unknown("timed out")], ids=["greylisted", "nobody", "doubt"])
def test_bad_recipients_never_stop_the_others(outcome: Outcome) -> None:
    assert after(*[outcome] * 100) == Breaker()


def test_one_goes_first_and_opens_the_way_or_closes_it_for_twice_as_long() -> None:
    resting = after(*[DOWN] * TROUBLES)
    later = resting.until

    assert (resting.until, resting.probing, resting.resting(later)) == (30, True, False)
    assert resting.after(Accepted("SM1"), later) == Breaker()
    assert resting.after(DOWN, later).until == later + 60


def test_rests_grow_to_a_quarter_of_an_hour() -> None:
    breaker, waits = after(*[DOWN] * TROUBLES), []
    for _ in range(8):
        waits.append(breaker.after(DOWN, breaker.until).until - breaker.until)
        breaker = breaker.after(DOWN, breaker.until)

    assert waits == [60, 120, 240, 480, 900, 900, 900, 900]


def test_the_provider_is_left_alone_for_as_long_as_it_asked() -> None:
    assert 90 <= after(BUSY).until <= 108


def test_wrong_settings_stop_it_at_once_for_five_minutes() -> None:
    assert after(WRONG).until == STOPPED == 300


def test_what_was_on_the_wire_already_cannot_end_a_rest_nor_double_it() -> None:
    resting = after(*[DOWN] * TROUBLES)

    assert resting.after(Accepted("SM1"), 1).until == resting.after(DOWN, 1).until == resting.until
    assert resting.after(BUSY, 1).until > 91


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(OUTCOMES, st.floats(0, 1000), st.floats(0, 1)), max_size=60))
def test_every_rest_ends_and_a_success_after_it_opens_the_way(said: list[tuple[Outcome, float, float]]) -> None:
    breaker, now = Breaker(), 0.0
    for outcome, pause, spread in said:
        now += pause
        breaker = breaker.after(outcome, now, spread)
        assert breaker.until <= now + 900 * 1.2

    assert not breaker.resting(now + 1081)
    assert breaker.after(Accepted("SM1"), now + 1081) == Breaker()
