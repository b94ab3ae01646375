"""What is kept about people goes in time, and what does not is pointed out."""

from datetime import timedelta

from sqlmodel import select

from meetup.storage.tables import InboundText
from notifications.inbound import Text, take_text
from notifications.kept import kept
from notifications.tidy import tidy
from tests.notifications.walk import Walk, moment


def lines(walk: Walk) -> dict[str, tuple[int, bool]]:
    with walk.database.reading() as session:
        return {one.what: (one.number, one.overdue) for one in kept(session, walk.clock.now())}


def test_what_should_have_gone_is_pointed_out_until_the_service_has_tidied(walk: Walk) -> None:
    walk.text("is there coffee")
    walk.clock.turn_to(moment(26, 17))
    walk.tick()
    walk.text("2")
    assert lines(walk)["answers to “are you coming”"] == (1, False)
    assert lines(walk)["texts that came in"] == (2, False)

    walk.clock.pass_(days=110)
    late = lines(walk)
    assert late["answers to “are you coming”"] == (1, True)
    assert late["texts that came in"][1]
    assert late["deliveries that came to an end"][1]

    with walk.database.writing() as session:
        tidy(session, walk.clock.now())
    assert {what for what, (_, overdue) in lines(walk).items() if overdue} == set()
    with walk.database.reading() as session:
        assert session.exec(select(InboundText)).all() == []


def test_the_numbers_follow_what_comes_in(walk: Walk) -> None:
    with walk.database.writing() as session:
        take_text(session, Text("SM1", "+12025550199", "hello"), walk.clock.now() + timedelta(minutes=1))

    assert lines(walk)["texts that came in"] == (1, False)
