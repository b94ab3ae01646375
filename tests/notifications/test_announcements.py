"""Announcements: once, to those who were there, in words that a lock screen may show."""

import pytest

from meetup import announcements, groups
from meetup.errors import Forbidden, NotFound, NotUnderstood
from meetup.people import members
from meetup.storage.tables import Group
from meetup.values import Channel
from tests.notifications.walk import Walk

NEWS = "Please use the side door tonight"


def announce(walk: Walk, text: str = NEWS) -> None:
    with walk.database.writing() as session:
        announcements.add(session, session.get_one(Group, walk.group_id), text, walk.clock.now())


def kinds(walk: Walk) -> list[tuple[str, str, str]]:
    return [(row.channel, row.state, row.reason) for row in walk.rows(kind="announcement")]


def test_everybody_is_told_once_on_each_channel(walk: Walk) -> None:
    walk.add("Ben", "+12025550124")
    announce(walk)

    walk.until(hours=4)
    walk.until(minutes=5)

    texts = [one.body for one in walk.phone.sent if NEWS in one.body]
    mails = [one for one in walk.mail.sent if NEWS in one.body]
    assert texts == [f"Riverside: {NEWS}. STOP to end."] * 2
    assert [(one.subject, one.body.splitlines()[0]) for one in mails] == [
        ("Thursday group: news", "Thursday group: news.")
    ]


def test_nobody_is_told_within_the_first_minute(walk: Walk) -> None:
    walk.clock.pass_(hours=4)
    announce(walk)

    walk.until(seconds=50)
    assert walk.phone.sent == []

    with walk.database.writing() as session:
        announcements.take_back(session, session.get_one(Group, walk.group_id), walk.clock.now())
    walk.until(hours=1)

    assert {(state, reason) for _, state, reason in kinds(walk)} <= {("SUPPRESSED", "taken back")}
    assert [one for one in [*walk.phone.sent, *walk.mail.sent] if NEWS in one.body] == []


def test_who_joins_later_is_not_told(walk: Walk) -> None:
    announce(walk)
    walk.clock.pass_(hours=4)
    walk.add("Ben", "+12025550124")

    walk.until(minutes=5)

    assert {one.to for one in walk.phone.sent if NEWS in one.body} == {"+12025550123"}


def test_who_stopped_in_between_is_not_told(walk: Walk) -> None:
    announce(walk)
    walk.plan()
    walk.stop("Ada", Channel.SMS)

    walk.until(hours=4)

    assert walk.phone.sent == []
    assert ("sms", "SUPPRESSED", "consent was withdrawn") in kinds(walk)


def test_a_phone_that_others_see_gets_no_words_of_an_organizer(walk: Walk) -> None:
    with walk.database.writing() as session:
        ada = members.find(session, "Ada")
        ada.phone_shared = True
        session.add(ada)
    announce(walk)

    walk.until(hours=4)

    assert walk.phone.sent == []
    assert ("sms", "SUPPRESSED", "somebody else may see that phone") in kinds(walk)


def test_it_waits_for_the_morning_and_is_missed_after_two_days(walk: Walk) -> None:
    walk.clock.pass_(hours=15)  # ten at night in New York
    announce(walk)
    walk.until(hours=1)
    night = list(walk.phone.sent)

    walk.until(hours=11)

    assert night == []
    assert len([one for one in walk.phone.sent if NEWS in one.body]) == 1


def test_a_group_that_was_renamed_since_is_not_named(walk: Walk) -> None:
    announce(walk, "Bring your willow baskets")
    with walk.database.writing() as session:
        group = session.get_one(Group, walk.group_id)
        groups.edit(session, group, {"name": "Willow"}, walk.clock.now())

    walk.until(hours=4)

    assert [one.body for one in walk.phone.sent] == [
        "Riverside: there is news; it is in your mail, or ask us. STOP to end."
    ]
    assert "willow" not in " ".join(walk.mail.sent[0].body.split())[:90].casefold()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", NotUnderstood),
        ("x" * 301, NotUnderstood),
        ("The Thursday circle meets upstairs", Forbidden),
        ("Depression is nothing to be ashamed of", Forbidden),
        ("La depresión no es culpa tuya", Forbidden),
    ],
    ids=["empty", "too long", "the name", "a topic", "a topic in Spanish"],
)
def test_words_that_tell_too_much_are_refused_while_typing(
    walk: Walk, text: str, refusal: type[Forbidden] | type[NotUnderstood]
) -> None:
    with pytest.raises(refusal):
        announce(walk, text)


def test_there_is_nothing_to_take_back_twice(walk: Walk) -> None:
    announce(walk)
    with walk.database.writing() as session:
        group = session.get_one(Group, walk.group_id)
        announcements.take_back(session, group, walk.clock.now())

        with pytest.raises(NotFound):
            announcements.take_back(session, group, walk.clock.now())
