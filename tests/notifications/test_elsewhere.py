"""What the provider keeps of somebody who was erased goes as well: asked of an endpoint that behaves as Twilio's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from commands.rehearsal.twilio import Fault, RehearsalTwilio
from meetup.people import members, privacy
from meetup.storage.tables import TextElsewhere
from meetup.values import Channel, Source
from notifications import kept
from notifications.channels.sms import Account, SmsSender
from notifications.deliver import Post, deliver_due
from notifications.elsewhere import erase_elsewhere
from tests.notifications.walk import ADA, BEN, Walk, moment


@pytest.fixture
def twilio(walk: Walk) -> Iterator[RehearsalTwilio]:
    with RehearsalTwilio(walk.clock) as twilio:
        yield twilio


@pytest.fixture
def post(walk: Walk, twilio: RehearsalTwilio) -> Post:
    """Ada and Ben were reminded by text, and the provider has both texts."""
    account = Account(twilio.account_sid, twilio.auth_token, twilio.number, base_url=twilio.base_url)
    sender = SmsSender(account, walk.clock, walk.database.vault.fingerprint)
    post = replace(walk.post, senders={Channel.SMS: sender, Channel.EMAIL: walk.mail})
    walk.add("Ben", BEN)
    walk.clock.turn_to(moment(26, 17))
    walk.plan()
    deliver_due(post)
    assert sorted(text.to for text in twilio.messages) == sorted([ADA, BEN])
    return post


def forget(walk: Walk) -> None:
    with walk.database.writing() as session:
        privacy.forget(session, members.find(session, "Ada"), Source.PAGE, walk.clock.now())


def waiting(walk: Walk) -> list[str]:
    with walk.database.reading() as session:
        return [row.provider_id for row in session.exec(select(TextElsewhere)).all()]


def test_texts_to_somebody_who_was_erased_are_deleted_at_the_provider(
    walk: Walk, twilio: RehearsalTwilio, post: Post
) -> None:
    forget(walk)
    assert len(waiting(walk)) == 1
    assert ADA not in "\n".join(waiting(walk))

    assert erase_elsewhere(post) == 1
    assert [text.to for text in twilio.messages] == [BEN]
    assert waiting(walk) == []
    assert erase_elsewhere(post) == 0


def test_texts_from_her_are_deleted_as_well(walk: Walk, twilio: RehearsalTwilio, post: Post) -> None:
    sid = twilio.messages[0].sid
    walk.text("is there coffee", number=sid.replace("SM", "MM"))
    forget(walk)

    assert len(waiting(walk)) == 2


def test_a_provider_that_does_not_answer_is_asked_again(walk: Walk, twilio: RehearsalTwilio, post: Post) -> None:
    forget(walk)
    twilio.script(Fault.ERROR_500, method="DELETE")

    assert erase_elsewhere(post) == 0
    assert erase_elsewhere(post) == 0  # not at every tick
    walk.clock.pass_(hours=6)
    assert erase_elsewhere(post) == 1


def test_what_is_gone_there_already_is_fine(walk: Walk, twilio: RehearsalTwilio, post: Post) -> None:
    forget(walk)
    [sid] = waiting(walk)
    twilio.carrier.forget(sid)

    assert erase_elsewhere(post) == 1
    assert waiting(walk) == []


def test_without_such_a_provider_it_waits_and_is_shown(walk: Walk, post: Post) -> None:
    forget(walk)
    walk.clock.pass_(days=4)

    assert erase_elsewhere(walk.post) == 0
    with walk.database.reading() as session:
        [shown] = [one for one in kept.kept(session, walk.clock.now()) if "Twilio" in one.what]
    assert (shown.number, shown.overdue, timedelta(days=3) < walk.clock.now() - moment(26, 17)) == (1, True, True)
