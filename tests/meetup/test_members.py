"""Members: people known by an alias."""

import pytest

from meetup.clock import HandClock
from meetup.errors import AlreadyExists, MeetupError, NotFound, NotUnderstood
from meetup.people import members, subscriptions
from meetup.people.members import MemberCard, MemberDraft
from meetup.storage.database import Session
from meetup.storage.tables import Group, Member, Organization


def test_a_member_is_added_without_being_subscribed_to_anything(
    session: Session, home: Organization, clock: HandClock
) -> None:
    cleo = members.add(session, MemberDraft("  Cleo  B. ", phone="202 555 0125", language="es"), clock.now())

    assert members.alias(session, cleo) == "Cleo B."
    assert subscriptions.of_member(session, cleo) == []
    assert members.listing(session) == [
        MemberCard(cleo.id or 0, "Cleo B.", "+1 ••• ••• 0125", "unverified", language="es")
    ]


@pytest.mark.parametrize("typed", ["Ada", " ada ", "ADA", "1", "#1"])
def test_a_member_is_found_by_alias_or_number(session: Session, ada: Member, ben: Member, typed: str) -> None:
    assert members.find(session, typed) is ada


@pytest.mark.parametrize("typed", ["Ad", "99", "#99", "", "9" * 30, "²"])
def test_nobody_is_found_by_half_a_name(session: Session, ada: Member, typed: str) -> None:
    with pytest.raises(NotFound, match="There is no member"):
        members.find(session, typed)


def test_an_alias_belongs_to_one_member(session: Session, ada: Member, clock: HandClock) -> None:
    with pytest.raises(AlreadyExists) as refused:
        members.add(session, MemberDraft("ADA"), clock.now())

    assert refused.value.hint == "Add an initial or a number to the alias"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"alias": " "}, "needs an alias"),
        ({"alias": "#12"}, "more than a number"),
        ({"alias": "Cleo", "zone": "Mars/Base"}, "not a time zone"),
        ({"alias": "Cleo", "language": "fr"}, "not a language that meetup writes"),
        ({"alias": "Cleo", "hours_start": "9"}, "no hours"),
        ({"alias": "Cleo", "hours_start": "21:00", "hours_end": "08:00"}, "no hours of one day"),
        ({"alias": "Cleo", "hours_end": "20:00:30"}, "no hours of one day"),
    ],
    ids=["no alias", "a number", "no zone", "no language", "no time", "overnight", "seconds"],
)
def test_a_draft_that_cannot_be_kept_is_refused(said: dict[str, str], message: str) -> None:
    with pytest.raises(NotUnderstood, match=message):
        MemberDraft(**said)  # type: ignore[arg-type]  # the switch is not among them


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        (MemberDraft("Cleo", phone="+12025550123"), "belongs to somebody already"),
        (MemberDraft("Cleo", email="ADA@example.org"), "belongs to somebody already"),
        (MemberDraft("Cleo", cover_label="My recovery"), "gives away “recover"),
    ],
    ids=["phone", "mail", "label"],
)
def test_what_would_harm_is_refused(
    session: Session, ada: Member, clock: HandClock, draft: MemberDraft, message: str
) -> None:
    with pytest.raises(MeetupError, match=message):
        members.add(session, draft, clock.now())


def test_a_listing_shows_too_little_to_reach_anybody(
    session: Session, ada: Member, ben: Member, circle: Group, clock: HandClock
) -> None:
    subscriptions.leave(session, ben, circle, clock.now())

    cards = members.listing(session)

    assert cards == [
        MemberCard(
            1, "Ada", "+1 ••• ••• 0123", "verified", "a•••@example.org", "verified", "en", groups=("Thursday circle",)
        ),
        MemberCard(2, "Ben", "+1 ••• ••• 0124", "verified", "b•••@example.org", "verified", "en"),
    ]


def test_a_member_can_take_another_alias_but_nobody_elses(session: Session, ada: Member, ben: Member) -> None:
    members.rename(session, ada, "ADA")
    with pytest.raises(AlreadyExists):
        members.rename(session, ada, "ben")
    members.rename(session, ada, "Adele")

    assert members.find(session, "adele") is ada
    with pytest.raises(NotFound):
        members.find(session, "Ada")


def test_an_edit_raises_the_version_that_messages_are_checked_against(
    session: Session, ada: Member, clock: HandClock
) -> None:
    session.refresh(ada)
    before = ada.version

    members.edit(session, ada, {"hours_end": "21:00"}, clock.now())

    session.refresh(ada)
    assert (ada.version, ada.hours_start, ada.hours_end) == (before + 1, "09:00", "21:00")
