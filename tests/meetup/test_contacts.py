"""Numbers and mail addresses: one canonical text, one member, one living address a channel."""

from dataclasses import replace

import pytest
from sqlmodel import select

from meetup.clock import HandClock
from meetup.errors import AlreadyExists, NotUnderstood
from meetup.people import consent, contacts, members
from meetup.people.members import MemberDraft
from meetup.storage.database import Database, Session
from meetup.storage.tables import ContactPoint, Member
from meetup.values import Channel, Source

ADAS = "+12025550123"


def phone(session: Session, member: Member) -> ContactPoint:
    return contacts.of_member(session, member.id or 0)[Channel.SMS]


@pytest.mark.parametrize(
    ("text", "country", "wanted"),
    [
        ("+1 (202) 555-0123", "", ADAS),
        ("(202) 555-0123", "US", ADAS),
        ("0151 23456789", "DE", "+4915123456789"),
        ("+49 151 23456789", "US", "+4915123456789"),
    ],
    ids=["international", "national", "German", "foreign"],
)
def test_a_number_becomes_e164(text: str, country: str, wanted: str) -> None:
    assert contacts.normalize(Channel.SMS, text, country) == wanted


@pytest.mark.parametrize(
    ("text", "country", "message"),
    [
        ("202 555 0123", "", "no country code"),
        ("+1 202 555 0123 ext. 7", "", "extension"),
        ("+447700900123", "", "does not exist"),
        ("202 555", "US", "does not exist"),
        ("call me", "US", "not a phone number"),
        ("", "US", "not a phone number"),
    ],
    ids=["no country", "extension", "fictional", "short", "words", "nothing"],
)
def test_a_number_that_gets_no_texts_is_refused_and_not_repeated(text: str, country: str, message: str) -> None:
    with pytest.raises(NotUnderstood, match=message) as refused:
        contacts.normalize(Channel.SMS, text, country)

    assert not text or text not in refused.value.message


def test_a_mail_address_is_lower_case_throughout() -> None:
    assert contacts.normalize(Channel.EMAIL, " Ada.L@Example.ORG ") == "ada.l@example.org"


@pytest.mark.parametrize("text", ["", "ada", "ada@", "@example.org", "ada@example", "a da@example.org"])
def test_what_is_no_mail_address_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood, match="not an e-mail address"):
        contacts.normalize(Channel.EMAIL, text)


def test_an_address_is_sealed_and_found_by_its_index(session: Session, ada: Member, ben: Member) -> None:
    found = contacts.by_address(session, Channel.SMS, ADAS)

    assert found is not None
    assert (found.member_id, contacts.address(session, found)) == (ada.id, ADAS)
    assert ADAS.encode() not in found.address_sealed + found.address_index
    assert contacts.by_address(session, Channel.EMAIL, ADAS) is None


def test_an_address_is_found_under_a_retired_key(database: Database, session: Session, ada: Member) -> None:
    session.commit()
    vault = replace(database.vault, index_keys={**database.vault.index_keys, 2: b"n" * 32})

    with Session(database.engine, vault) as later:
        found = contacts.by_address(later, Channel.SMS, ADAS)

    assert found is not None
    assert found.member_id == ada.id


def test_one_address_is_one_member_and_nobody_learns_whose(
    session: Session, ada: Member, ben: Member, clock: HandClock
) -> None:
    with pytest.raises(AlreadyExists) as refused:
        contacts.add(session, ben, Channel.SMS, "(202) 555-0123", clock.now())

    assert "Ada" not in refused.value.message + refused.value.hint
    assert contacts.address(session, phone(session, ben)) == "+12025550124"


def test_adding_an_address_again_changes_nothing(session: Session, ada: Member, clock: HandClock) -> None:
    before = phone(session, ada)

    assert contacts.add(session, ada, Channel.SMS, ADAS, clock.now()) is before
    assert before.state == "verified"


def test_a_new_number_replaces_the_old_and_begins_without_consent(
    session: Session, ada: Member, clock: HandClock
) -> None:
    old = phone(session, ada)

    new = contacts.add(session, ada, Channel.SMS, "+12025550199", clock.now())

    assert (old.state, new.state) == ("replaced", "unverified")
    assert contacts.of_member(session, ada.id or 0)[Channel.SMS] is new
    assert consent.history_of(session, new.id or 0) == []
    assert consent.history_of(session, old.id or 0) != []


def test_a_replaced_number_can_belong_to_somebody_else(
    session: Session, ada: Member, ben: Member, clock: HandClock
) -> None:
    contacts.add(session, ada, Channel.SMS, "+12025550199", clock.now())

    bens = contacts.add(session, ben, Channel.SMS, ADAS, clock.now())

    assert (bens.member_id, bens.state) == (ben.id, "unverified")
    assert consent.history_of(session, bens.id or 0) == []


def test_a_stop_outlives_the_replacement_of_its_number(
    session: Session, ada: Member, ben: Member, clock: HandClock
) -> None:
    old = phone(session, ada)
    consent.stop(session, old, Source.TEXT, clock.now())
    new = contacts.add(session, ada, Channel.SMS, "+12025550199", clock.now())

    with pytest.raises(AlreadyExists):
        contacts.add(session, ben, Channel.SMS, ADAS, clock.now())
    back = contacts.add(session, ada, Channel.SMS, ADAS, clock.now())

    assert back is old
    assert (back.state, new.state) == ("stopped", "replaced")


def test_late_news_about_a_replaced_number_is_ignored(session: Session, ada: Member, clock: HandClock) -> None:
    old = phone(session, ada)
    contacts.add(session, ada, Channel.SMS, "+12025550199", clock.now())

    contacts.bounce(session, old, clock.now())
    contacts.verify(session, old, clock.now())

    assert old.state == "replaced"


def test_a_bounce_does_not_hide_a_stop(session: Session, ada: Member, ben: Member, clock: HandClock) -> None:
    contacts.stop(session, phone(session, ada), clock.now())

    for member in (ada, ben):
        contacts.bounce(session, phone(session, member), clock.now())

    assert (phone(session, ada).state, phone(session, ben).state) == ("stopped", "bounced")


def test_every_change_of_an_address_raises_its_member(session: Session, ada: Member, clock: HandClock) -> None:
    versions = [ada.version]
    for change in (contacts.wait, contacts.verify, contacts.bounce, contacts.stop):
        change(session, phone(session, ada), clock.now())
        session.refresh(ada)
        versions.append(ada.version)
    contacts.add(session, ada, Channel.SMS, "+12025550199", clock.now())
    session.refresh(ada)

    assert versions == sorted(set(versions))
    assert ada.version > versions[-1]


def test_no_column_holds_an_address_in_the_clear(session: Session, ada: Member, clock: HandClock) -> None:
    members.add(session, MemberDraft("Cleo", "+12025550125", "cleo@example.org"), clock.now())

    rows = [*session.exec(select(ContactPoint)).all(), *session.exec(select(Member)).all()]

    kept = " ".join(str(row.model_dump()) for row in rows)
    assert [secret for secret in ("2025550", "example.org", "Cleo", "Ada") if secret in kept] == []
