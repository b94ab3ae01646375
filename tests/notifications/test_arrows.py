"""The states of a delivery move along declared arrows and no others: in these tests the database itself sees to it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from meetup.values import State
from notifications.rules.arrows import ARROWS, moves
from tests.notifications.walk import Walk

FINAL = {State.DELIVERED}


def test_every_state_can_be_reached_and_left_unless_it_is_final() -> None:
    reached = {end for _, end in moves()} | {State.PLANNED}
    left = {start for start, _ in moves()}

    assert reached == set(State)
    assert set(State) - left == FINAL


def test_nothing_that_was_handed_over_is_planned_again_without_a_word_from_outside() -> None:
    again = {arrow.by for arrow in ARROWS if State.PLANNED in arrow.end and State.SUBMITTING in arrow.start}

    assert again == {"outbox.settle", "reports.take_report"}


@pytest.mark.sqlite
def test_the_guard_of_these_tests_refuses_what_no_arrow_allows(near: Walk) -> None:
    with near.database.writing() as session, pytest.raises(IntegrityError, match="no arrow"):
        session.execute(text("UPDATE deliveries SET state = 'CLAIMED' WHERE state = 'SENT'"))
    # What the guard refused is taken back with everything else.
    assert "CLAIMED" not in near.states()
