"""The ticks: each by itself, none for ever, and nobody has to guess whether they run."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from commands.service import Service, beat, deliver_all, late, plan_all, ticks, tidy_all
from meetup.values import State
from notifications.messages import Found, Unknown
from tests.notifications.walk import BEN, Walk, moment


def service(walk: Walk) -> Service:
    return Service(walk.post, tick_seconds=10, grace=timedelta(seconds=60))


def test_a_plan_and_a_delivery_are_all_it_takes(walk: Walk) -> None:
    walk.clock.turn_to(moment(26, 17))

    assert plan_all(service(walk)) == 2
    assert deliver_all(service(walk)) == {State.SENT: 2}
    assert tidy_all(service(walk)) == 0


def test_one_step_that_fails_keeps_no_other_from_being_taken(walk: Walk) -> None:
    walk.sign_up("Ben", BEN)
    walk.ask("Ben")
    with walk.database.writing() as session:
        session.execute(text("DROP TABLE reminder_rules"))

    with pytest.raises(DatabaseError):
        plan_all(service(walk))

    assert [row.kind for row in walk.rows()] == ["opt_in"]


def test_a_tick_that_fails_is_logged_by_name_and_time_goes_on(walk: Walk, caplog: pytest.LogCaptureFixture) -> None:
    # F16: the worker does not run, and nobody knows.
    ours = service(walk)
    deliver = next(tick for tick in ticks(ours) if tick.name == "deliver")
    broken = replace(deliver, run=lambda: int("no number"))

    with caplog.at_level(logging.ERROR):
        beat(ours, broken)
    assert [record.message for record in caplog.records] == ["tick_failed name=deliver"]
    assert "deliver" in late(ours)

    beat(ours, deliver)
    assert "deliver" not in late(ours)


def test_who_was_never_heard_of_is_late_and_who_is_silent_too_long_as_well(walk: Walk) -> None:
    ours = service(walk)
    assert set(late(ours)) == {"plan", "deliver", "tidy"}
    for tick in ticks(ours):
        beat(ours, tick)
    assert late(ours) == {}

    walk.clock.pass_(seconds=61)

    assert late(ours) == {"deliver": 1.0}


def test_a_doubt_is_asked_about_after_the_grace_that_was_set(walk: Walk) -> None:
    walk.clock.turn_to(moment(26, 17))
    walk.phone.outcomes = [Unknown("timed out")]
    plan_all(service(walk))
    deliver_all(service(walk))
    walk.phone.found[walk.row(channel="sms").code] = Found("SM7", "delivered")

    walk.clock.pass_(seconds=60)

    assert deliver_all(service(walk)) == {State.DELIVERED: 1}
