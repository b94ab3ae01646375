"""Who belongs to which group."""

import pytest

from meetup import groups
from meetup.clock import HandClock
from meetup.errors import Forbidden, NotFound, NotUnderstood
from meetup.groups import GroupDraft
from meetup.people import consent, contacts, subscriptions
from meetup.storage.database import Session
from meetup.storage.tables import Group, Member
from meetup.values import Channel, Preference


@pytest.fixture
def closed(session: Session, circle: Group, clock: HandClock) -> Group:
    return groups.add(session, GroupDraft("Quiet table", audience="closed"), clock.now())


def may_write(session: Session, member: Member, group: Group) -> list[Channel]:
    points = contacts.of_member(session, member.id or 0)
    return [channel for channel, point in points.items() if consent.allows(session, point.id or 0, group.id)]


def test_an_open_group_takes_everybody(session: Session, ada: Member, circle: Group, clock: HandClock) -> None:
    row = subscriptions.of_member(session, ada)[0]

    assert (row.state, row.preference, subscriptions.channels_of(row)) == ("active", "either", tuple(Channel))
    assert row.since == clock.now()
    assert subscriptions.of_group(session, circle) == [row]


def test_subscribing_again_changes_how_and_keeps_since_when(
    session: Session, ada: Member, circle: Group, clock: HandClock
) -> None:
    since = clock.now()
    clock.pass_(days=1)

    row = subscriptions.subscribe(session, ada, circle, Preference.ONLINE, [Channel.EMAIL], clock.now())

    assert (row.preference, row.channels, row.since) == ("online", "email", since)
    assert len(subscriptions.of_group(session, circle)) == 1


def test_a_closed_group_waits_for_its_host(session: Session, ada: Member, closed: Group, clock: HandClock) -> None:
    row = subscriptions.subscribe(session, ada, closed, Preference.EITHER, Channel, clock.now())
    waiting = row.state
    clock.pass_(hours=1)

    subscriptions.approve(session, ada, closed, clock.now())

    assert (waiting, row.state, row.since) == ("awaiting_host", "active", clock.now())
    with pytest.raises(Forbidden):
        subscriptions.approve(session, ada, closed, clock.now())


def test_who_waits_cannot_let_herself_in_by_asking_again(
    session: Session, ada: Member, closed: Group, clock: HandClock
) -> None:
    for _ in range(2):
        row = subscriptions.subscribe(session, ada, closed, Preference.EITHER, Channel, clock.now())

    assert row.state == "awaiting_host"


def test_who_leaves_takes_her_consent_for_that_group_along(
    session: Session, ada: Member, ben: Member, circle: Group, clock: HandClock
) -> None:
    subscriptions.leave(session, ada, circle, clock.now())

    assert may_write(session, ada, circle) == []
    assert may_write(session, ben, circle) == [Channel.SMS, Channel.EMAIL]
    assert [row.member_id for row in subscriptions.of_group(session, circle)] == [ben.id]


def test_who_comes_back_begins_anew(session: Session, ada: Member, circle: Group, clock: HandClock) -> None:
    subscriptions.leave(session, ada, circle, clock.now())
    clock.pass_(days=1)

    row = subscriptions.subscribe(session, ada, circle, Preference.EITHER, Channel, clock.now())

    assert (row.state, row.since) == ("active", clock.now())
    assert may_write(session, ada, circle) == []


def test_nobody_leaves_where_she_is_not(session: Session, ada: Member, closed: Group, clock: HandClock) -> None:
    with pytest.raises(NotFound, match="not in “Quiet table”"):
        subscriptions.leave(session, ada, closed, clock.now())


def test_a_subscription_needs_a_channel(session: Session, ada: Member, circle: Group, clock: HandClock) -> None:
    with pytest.raises(NotUnderstood, match="needs a channel"):
        subscriptions.subscribe(session, ada, circle, Preference.EITHER, [], clock.now())


def test_every_change_of_a_subscription_raises_its_member(
    session: Session, ada: Member, circle: Group, clock: HandClock
) -> None:
    before = ada.version
    subscriptions.subscribe(session, ada, circle, Preference.ONLINE, Channel, clock.now())
    session.refresh(ada)
    between = ada.version

    subscriptions.leave(session, ada, circle, clock.now())
    session.refresh(ada)

    assert before < between < ada.version
