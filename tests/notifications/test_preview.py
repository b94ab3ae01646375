"""What is shown beforehand is what will be sent, and showing it leaves no trace."""

from datetime import timedelta

from sqlalchemy import MetaData, select

from meetup import dates
from meetup.storage.database import Database
from meetup.storage.tables import Group, Meeting
from meetup.values import Channel, Kind
from notifications import preview
from notifications.preview import Coming
from notifications.rules.budget import GROUP_SPENT
from notifications.rules.verdict import TOGETHER
from tests.conftest import START
from tests.notifications.walk import BEN, THURSDAY, Walk, at, moment, wall


def coming(walk: Walk, days: int = 7, member_id: int | None = None) -> list[Coming]:
    with walk.database.trying() as session:
        return preview.coming(session, walk.post.addresses, walk.clock.now(), days, member_id=member_id)


def snapshot(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return everything that stands in a database."""
    tables = MetaData()
    tables.reflect(database.engine)
    with database.reading() as session:
        return {name: [tuple(row) for row in session.execute(select(table))] for name, table in tables.tables.items()}


def test_looking_leaves_no_trace(walk: Walk) -> None:
    walk.cancel()
    before = snapshot(walk.database)

    assert coming(walk)
    assert snapshot(walk.database) == before


def test_every_message_is_shown_with_its_time_and_reason(walk: Walk) -> None:
    mail, text = coming(walk)

    assert (mail.due_local, mail.channel, mail.kind, mail.lead, mail.member, mail.segments) == (
        wall(25, 19), Channel.EMAIL, Kind.REMINDER, "24h", "Ada", 0,
    )  # fmt: skip
    assert (text.due_local, text.channel, text.segments, text.will_send) == (wall(26, 17), Channel.SMS, 1, True)
    assert text.reason == "2h before “Thursday circle” on Thu 26 Nov 19:00"


def test_what_is_shown_is_what_is_sent(walk: Walk) -> None:
    walk.add("Ben", BEN, "ben@example.org", zone="Europe/Berlin")
    walk.close_hall(wall(26, 0), wall(27, 0))
    shown = {(one.channel, one.text) for one in coming(walk, 4) if one.will_send}

    for day, hour, minute in ((23, 12, 0), (25, 20, 0), (26, 13, 59), (26, 17, 0)):
        at(walk, day, hour, minute)

    sent = {(message.channel, message.body) for message in walk.phone.sent + walk.mail.sent}
    assert shown == sent


def test_two_texts_that_will_be_one_are_shown_and_counted_as_one(walk: Walk) -> None:
    walk.another_circle()
    with walk.database.writing() as session:
        other = session.get_one(Meeting, 2)
        dates.move(session, other, dates.slot_on(session, other, THURSDAY), dates.Move(start=wall(26, 20)), START)
    walk.clock.turn_to(moment(25, 12))
    texts = [one for one in coming(walk, 2) if one.channel is Channel.SMS and one.kind is Kind.REMINDER]

    assert [(one.will_send, one.segments, one.reason == TOGETHER) for one in texts] == [
        (True, 1, False),
        (False, 0, True),
    ]
    at(walk, 26, 17)
    assert texts[0].text in walk.phone.bodies


def test_a_mail_that_will_go_instead_of_a_text_is_shown(walk: Walk) -> None:
    with walk.database.writing() as session:
        session.get_one(Group, 1).monthly_segments = 0
    walk.clock.turn_to(moment(26, 12))
    walk.tick()
    before = len(walk.mail.sent)
    shown = [(one.channel, one.lead, one.will_send, one.reason) for one in coming(walk, 1)]

    assert shown == [
        (Channel.SMS, "2h", False, GROUP_SPENT),
        (Channel.EMAIL, "2h", True, "2h before “Thursday circle” on Thu 26 Nov 19:00"),
    ]
    at(walk, 26, 17)
    walk.tick()
    assert len(walk.mail.sent) == before + 1


def test_what_will_not_be_sent_says_why(walk: Walk) -> None:
    walk.clock.turn_to(moment(25, 20))
    walk.tick()
    walk.stop()

    [text] = coming(walk, 1)

    assert (text.will_send, text.reason, text.text) == (False, "consent was withdrawn", "")


def test_a_closure_far_ahead_is_shown_when_it_will_be_told(walk: Walk) -> None:
    walk.close_hall(wall(26, 0) + timedelta(weeks=2), wall(27, 0) + timedelta(weeks=2))

    notices = [one for one in coming(walk, 14) if one.kind is Kind.HALF_CANCELLED]

    assert [one.due_local for one in notices] == [wall(26, 19) + timedelta(weeks=1)] * 2


def test_one_members_messages_can_be_looked_at_alone(walk: Walk) -> None:
    ben = walk.add("Ben", BEN)

    assert [(one.member, one.channel) for one in coming(walk, member_id=ben)] == [("Ben", Channel.SMS)]


def test_a_question_is_shown_at_its_safe_hour(walk: Walk) -> None:
    walk.sign_up("Ben", BEN)
    walk.ask("Ben")

    question = coming(walk)[0]

    assert (question.kind, question.reason, question.will_send) == (Kind.OPT_IN, "asks for consent", True)
    assert question.due_at == moment(23, 9)
    assert question.text.startswith("Riverside: reply YES")
