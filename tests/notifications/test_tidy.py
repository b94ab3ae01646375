"""What is not needed any more goes, and not a day before."""

from datetime import timedelta

import pytest
from sqlmodel import SQLModel, select

from meetup.storage.tables import AnswerRow, AttemptRow, DeliveryRow, InboundText
from notifications.messages import Unknown
from notifications.tidy import tidy
from tests.notifications.walk import BEN, Walk, moment

END = moment(26, 19)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def lived(near: Walk) -> Walk:
    """A database in which something happened."""
    near.clock.turn_to(moment(26, 17))
    near.tick()
    near.text("0")
    near.text("hello", BEN)
    return near


def left(walk: Walk, table: type[SQLModel], age: timedelta) -> int:
    with walk.database.writing() as session:
        tidy(session, moment(26, 17) + age)
        return len(session.exec(select(table)).all())


def test_deliveries_and_their_attempts_go_after_ninety_days(lived: Walk) -> None:
    until = END - moment(26, 17) + 90 * DAY

    assert left(lived, DeliveryRow, until) == 2
    assert left(lived, DeliveryRow, until + SECOND) == 0
    assert left(lived, AttemptRow, until) == 0


def test_what_is_still_on_its_way_is_not_deleted(near: Walk) -> None:
    near.clock.turn_to(moment(26, 17))
    near.phone.outcomes = [Unknown("timed out")]
    near.tick()

    assert near.states(channel="sms") == ["UNCERTAIN"]
    assert left(near, DeliveryRow, 100 * DAY) == 1


def test_answers_go_a_day_after_the_date(lived: Walk) -> None:
    end = timedelta(hours=3, minutes=30)

    assert left(lived, AnswerRow, end + DAY) == 1
    assert left(lived, AnswerRow, end + DAY + SECOND) == 0


def test_texts_go_two_weeks_after_they_were_read_or_ninety_days_after_they_came(lived: Walk) -> None:
    assert left(lived, InboundText, 14 * DAY) == 2
    assert left(lived, InboundText, 14 * DAY + SECOND) == 1
    assert left(lived, InboundText, 90 * DAY) == 1
    assert left(lived, InboundText, 90 * DAY + SECOND) == 0
