"""A play of chance over the whole walk, judged at every text that the wire takes."""

import random
from pathlib import Path

import pytest

from meetup.clock import HandClock
from meetup.values import Channel
from tests import databases
from tests.faults import chance
from tests.faults.machine import Play
from tests.faults.mortal import NOON, PEOPLE, Mortal, stage
from tests.notifications.walk import moment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_whatever_happens_in_whatever_order_every_text_is_right_when_it_leaves(tmp_path: Path) -> None:
    number = random.randrange(10**6)
    print(f"seed {number}")

    assert chance.run(tmp_path, 500, number) >= 500


def test_a_play_counts_the_steps_that_were_made_and_nothing_else(play: Play) -> None:
    play.judged()  # as it is done before the first step

    play.later(1)
    play.judged()
    play.plan()
    play.judged()
    play.teardown()

    assert play.steps == 2
    play.database.close()


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """A play that is led by hand."""

    class Led(Play):
        file = stage(tmp_path / "stage.db")
        database = Mortal(databases.address(tmp_path / "play.db"))

    return Led()


def test_the_judge_sees_a_text_that_is_sent_twice(play: Play) -> None:
    play.at(301)
    play.crash("accepted", "turn written", 1, sole=False)
    with play.database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET state = 'PLANNED', claim_token = '' WHERE channel = 'sms'")

    play.tick("accepted")

    assert [fault.partition(":")[0] for fault in play.wrong] == ["sent twice"] * len(play.wrong) != []
    play.database.close()


def test_the_judge_sees_a_text_to_somebody_who_left(play: Play) -> None:
    play.at(301)
    play.left.add(PEOPLE["Ben"])

    play.tick("accepted")

    assert [fault.partition(":")[0] for fault in play.wrong] == ["sent to somebody who left"]
    play.database.close()


def test_a_death_leaves_the_database_as_it_was(play: Play) -> None:
    assert isinstance(play.clock, HandClock)
    assert play.clock.now() < moment(26, 17) > NOON
    play.at(301)
    before = [(row.code, row.state) for row in play.rows()]

    play.crash("accepted", "claim written", 1, sole=False)

    assert [(row.code, row.state) for row in play.rows()] == before
    assert {row.channel for row in play.rows()} == {Channel.SMS}
    play.database.close()
