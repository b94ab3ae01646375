"""What a member chose for herself: plain words, or to hear nothing for a while that ends by itself."""

from datetime import timedelta

import pytest

from meetup import announcements, groups
from meetup.feeds import collect
from meetup.people import members
from meetup.storage.tables import Group
from meetup.values import Channel, State
from tests.notifications.walk import Walk, moment, wall


def chosen(walk: Walk, **changes: object) -> None:
    with walk.database.writing() as session:
        members.edit(session, members.find(session, "Ada"), changes, walk.clock.now())


def feed(walk: Walk) -> str:
    with walk.database.reading() as session:
        ada = members.find(session, "Ada")
        return collect.write(collect.of_member(session, ada, walk.post.addresses, walk.clock.now())).decode()


def subject(walk: Walk) -> str:
    """Return the subject of the mail of the day before."""
    walk.clock.turn_to(moment(25, 19, 30))
    walk.tick()
    [message] = [message for message in walk.mail.sent if message.subject]
    return message.subject


def test_a_mail_names_the_cover_label_unless_she_chose_otherwise(walk: Walk) -> None:
    assert subject(walk).startswith("Thursday group:")


def test_whoever_chose_plain_words_reads_what_it_is_called(walk: Walk) -> None:
    chosen(walk, plain_words=True)

    assert subject(walk).startswith("Thursday circle:")
    assert "SUMMARY:Thursday circle" in feed(walk)


def test_a_word_of_her_own_wins_over_the_plain_one(walk: Walk) -> None:
    chosen(walk, plain_words=True, cover_label="Choir")

    assert subject(walk).startswith("Choir:")
    assert "SUMMARY:Choir" in feed(walk)


def test_where_somebody_else_sees_the_phone_plain_words_are_not_said(near: Walk) -> None:
    chosen(near, plain_words=True, phone_shared=True)

    assert "Thursday circle" not in feed(near)
    near.clock.turn_to(moment(26, 17))
    near.tick()
    assert [body for body in near.phone.bodies if "circle" in body] == []


def test_an_sms_names_the_sender_alone_whatever_she_chose(near: Walk) -> None:
    chosen(near, plain_words=True)

    near.clock.turn_to(moment(26, 17))
    near.tick()

    assert near.phone.bodies
    assert all(body.startswith("Riverside: ") and "circle" not in body for body in near.phone.bodies)


def test_during_a_quiet_time_nothing_is_sent_and_it_ends_by_itself(walk: Walk) -> None:
    chosen(walk, quiet_until=moment(26, 16))
    walk.clock.turn_to(moment(25, 19, 30))
    walk.tick()
    assert walk.mail.sent == []
    assert [(row.state, row.reason) for row in walk.rows(channel=Channel.EMAIL.value)] == [
        (State.SUPPRESSED.value, "asked for quiet")
    ]

    walk.clock.turn_to(moment(26, 17))
    walk.tick()

    assert len(walk.phone.sent) == 1


def test_not_even_a_cancelled_date_breaks_the_quiet(near: Walk) -> None:
    chosen(near, quiet_until=moment(26, 23))
    near.clock.turn_to(moment(26, 17))
    near.tick()
    near.cancel()
    near.until(minutes=15)

    assert near.phone.sent == []
    assert near.mail.sent == []


@pytest.mark.parametrize("days", [0, 40])
def test_quiet_that_is_over_changes_nothing(near: Walk, days: int) -> None:
    chosen(near, quiet_until=near.clock.now() - timedelta(days=days))

    near.clock.turn_to(moment(26, 17))
    near.tick()

    assert len(near.phone.sent) == 1


def announced(walk: Walk, text: str) -> None:
    """Let a text come up that the lint let through when it was written: the group was renamed since."""
    with walk.database.writing() as session:
        group = session.get_one(Group, walk.group_id)
        announcements.add(session, group, text, walk.clock.now())
        groups.edit(session, group, {"name": "Lantern friends", "topics": "lantern"}, walk.clock.now())
    walk.until(hours=4)
    walk.until(minutes=5)


def test_an_announcement_in_a_text_is_never_plain(walk: Walk) -> None:
    chosen(walk, plain_words=True)

    announced(walk, "Bring a lantern")

    assert walk.phone.bodies
    assert [body for body in walk.phone.bodies if "lantern" in body.lower()] == []
    assert [one for one in walk.mail.sent if "lantern" in one.body.lower()]


def test_an_announcement_is_not_plain_either_where_somebody_else_may_look(walk: Walk) -> None:
    chosen(walk, plain_words=True, phone_shared=True)

    announced(walk, "Bring a lantern")

    assert walk.phone.sent == []
    [mail] = walk.mail.sent
    assert "lantern" not in mail.subject.lower()
    assert "Thursday circle" not in mail.subject


@pytest.mark.parametrize(("wanted", "sent"), [({}, 1), ({"hours_start": "09:00", "hours_end": "20:00"}, 0)])
def test_a_pressing_change_stretches_the_usual_hours_and_never_those_that_somebody_named(
    walk: Walk, wanted: dict[str, object], sent: int
) -> None:
    chosen(walk, **wanted)
    walk.clock.turn_to(moment(26, 18))
    walk.tick()
    before = len(walk.phone.sent)
    walk.move(wall(26, 23))
    walk.clock.turn_to(moment(26, 20, 15))
    walk.tick()

    assert len(walk.phone.sent) - before == sent
