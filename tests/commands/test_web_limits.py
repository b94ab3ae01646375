"""How often a visitor may fill in a form."""

from commands.web.limits import Limits, Rate, network
from meetup.clock import HandClock
from tests.conftest import START

CLOCK = HandClock(START)


def test_one_visitor_is_put_off_and_the_others_are_not() -> None:
    limits = Limits(Rate(2, 60), Rate(100, 60), CLOCK.monotonic)

    assert [limits.wait("1.2.3.4") > 0 for _ in range(3)] == [False, False, True]
    assert limits.wait("1.2.3.5") == 0


def test_all_together_are_put_off_as_well() -> None:
    limits = Limits(Rate(2, 60), Rate(3, 60), CLOCK.monotonic)

    assert [limits.wait(f"1.2.3.{number}") > 0 for number in range(5)] == [False, False, False, True, True]


def test_a_form_that_was_put_off_does_not_count() -> None:
    clock = HandClock(START)
    limits = Limits(Rate(1, 60), Rate(9, 60), clock.monotonic)
    limits.wait("a")
    for _ in range(5):
        assert limits.wait("a") > 0

    clock.pass_(seconds=61)
    assert limits.wait("a") == 0


def test_one_line_of_ipv6_is_one_visitor() -> None:
    assert network("2001:db8:1:2:3::1") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::1")
    assert network("192.0.2.7") == "192.0.2.7"
    assert network("") == ""
