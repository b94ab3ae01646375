"""What is known of a member: all of it can be handed out, and all of it can go, so that nothing brings her back."""

import base64
import json
from dataclasses import replace

import pytest
from sqlalchemy import LargeBinary
from sqlmodel import SQLModel, col, select

from meetup.errors import Unavailable
from meetup.feeds import links
from meetup.people import consent, contacts, members, privacy
from meetup.people.members import MemberDraft
from meetup.storage.journal import Erased
from meetup.storage.tables import ContactPoint, InboundText, Member, RememberedStop
from meetup.values import Channel, Source, State
from notifications.deliver import deliver_due
from notifications.messages import Message, Outcome
from tests import databases
from tests.fakes import FakeSender
from tests.notifications.walk import ADA, BEN, Walk, moment

MAIL = "ada@example.org"
WORDS = "is there coffee on Thursday"


@pytest.fixture
def known(near: Walk) -> Walk:
    """Ada in every table: reminded by text and mail, answering, asking, with a calendar; and Ben beside her."""
    near.add("Ben", BEN, "ben@example.org")
    near.clock.turn_to(moment(26, 17))
    near.tick()
    near.text("2")
    near.text(WORDS)
    near.text("see you there", BEN)
    with near.database.writing() as session:
        for alias in ("Ada", "Ben"):
            links.make(session, members.find(session, alias), near.clock.now())
    return near


def forget(walk: Walk, alias: str = "Ada") -> None:
    with walk.database.writing() as session:
        privacy.forget(session, members.find(session, alias), Source.PAGE, walk.clock.now())
    walk.database.scrub()


def exported(walk: Walk, alias: str = "Ada") -> dict[str, list[dict[str, object]]]:
    """Return what a member is handed out, by table; of the members there is one row."""
    with walk.database.reading() as session:
        found = json.loads(json.dumps(privacy.export(session, members.find(session, alias))))
    return {name: [rows] if name == "members" else rows for name, rows in found.items()}


def test_every_table_about_members_is_handed_out_and_erased() -> None:
    about = {table.name for table in privacy._hers()} | {"members", "attempts"}
    pointing = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in {"members", "contact_points", "consents", "deliveries"}
    }
    personal = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        if any(column.info.get("personal") not in {None, "index"} for column in table.columns)
    }

    assert pointing | personal <= about


def test_what_is_handed_out_is_whole_and_in_the_clear(known: Walk) -> None:
    found = exported(known)

    assert found["members"][0]["alias"] == "Ada"
    assert {point["address"] for point in found["contact_points"]} == {ADA, MAIL}
    assert [answer["answer"] for answer in found["answers"]] == ["online"]
    assert WORDS in [text["body"] for text in found["inbound_texts"]]
    assert {row["action"] for row in found["consents"]} == {"confirmed"}
    assert {row["state"] for row in found["deliveries"]} >= {"SENT"}
    assert len(found["attempts"]) >= 1
    assert len(found["feed_links"]) == 1
    assert "Ben" not in json.dumps(found)


def test_every_column_is_handed_out_but_hashes(known: Walk) -> None:
    found = exported(known)

    for table, rows in found.items():
        columns = SQLModel.metadata.tables[table].columns
        expected = {c.name.removesuffix("_sealed") for c in columns if not c.name.endswith(("_hash", "_index"))}
        for row in rows:
            assert {name.removesuffix("_sealed") for name in row} == expected


def test_nothing_of_her_is_left_and_nothing_of_anybody_else_is_gone(known: Walk) -> None:
    ben = exported(known, "Ben")

    forget(known)

    with known.database.reading() as session:
        left = [row.id for row in session.exec(select(Member)).all()]
        assert [members.alias(session, session.get_one(Member, number)) for number in left] == ["Ben"]
    assert exported(known, "Ben") == ben
    lines = databases.everything(known.database)
    for kind, text in (("address", ADA), ("address", MAIL), ("alias", "ada")):
        index = known.database.vault.index(kind, text)
        holding = [line for line in lines if repr(index) in line]
        assert [line for line in holding if not line.startswith("remembered_stops:")] == []


@pytest.mark.sqlite
def test_the_file_holds_none_of_her_sealed_blobs_any_more(known: Walk) -> None:
    assert known.database.path is not None
    with known.database.reading() as session:
        blobs = [
            value
            for table in SQLModel.metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, LargeBinary) and column.info.get("personal") and "member_id" in table.columns
            for (value,) in session.execute(select(column).where(table.c.member_id == 1))
        ]
    assert len(blobs) > 4

    forget(known)

    known.database.close()
    raw = b"".join(path.read_bytes() for path in sorted(known.database.path.parent.glob("*.db*")))
    remembered = {known.database.vault.index("address", text) for text in (ADA, MAIL)}
    assert [blob for blob in blobs if blob in raw and blob not in remembered] == []


def test_a_keyed_hash_of_each_address_outlives_her_with_what_she_had_agreed_to(known: Walk) -> None:
    forget(known)

    with known.database.reading() as session:
        rows = session.exec(select(RememberedStop).order_by(col(RememberedStop.channel))).all()
    assert [(row.channel, row.source, bool(row.wording_version), row.agreed_at is not None) for row in rows] == [
        ("email", "page", True, True),
        ("sms", "page", True, True),
    ]


def test_who_was_erased_is_not_written_to_again_until_they_ask_for_it(known: Walk) -> None:
    forget(known)
    sent = len(known.phone.sent) + len(known.mail.sent)
    known.sign_up("Ada again", ADA, MAIL)

    known.until(hours=1)

    assert len(known.phone.sent) + len(known.mail.sent) == sent
    assert known.contact("Ada again").state == "stopped"
    known.text("START")
    assert known.contact("Ada again").state == "pending"


def test_her_number_may_write_afterwards_and_is_a_strangers(known: Walk) -> None:
    forget(known)
    known.clock.pass_(hours=13)

    assert "988" in known.text("hello")
    assert known.text("STOP") == ""


def test_what_was_planned_for_her_goes_with_her(known: Walk) -> None:
    known.clock.turn_to(moment(24, 12))
    forget(known)

    known.clock.turn_to(moment(26, 18))
    known.tick()

    assert {row.member_id for row in known.rows()} == {2}


def test_nobody_is_erased_while_a_message_to_them_is_being_handed_over(near: Walk) -> None:
    refused: list[str] = []

    class Hasty(FakeSender):
        """Somebody asks to be forgotten at the very moment."""

        def send(self, message: Message, deadline: float) -> Outcome:
            with pytest.raises(Unavailable) as refusal:
                forget(near)
            refused.append(str(refusal.value))
            return super().send(message, deadline)

    near.clock.turn_to(moment(26, 17))
    near.plan()
    deliver_due(replace(near.post, senders={Channel.SMS: Hasty()}))

    assert len(refused) == 1
    assert "handed over at this moment" in refused[0]
    assert State.SENT in near.states()
    forget(near)
    assert near.rows() == []


def test_a_number_that_was_given_up_long_ago_is_not_stopped_for_its_new_owner(near: Walk) -> None:
    with near.database.writing() as session:
        contacts.add(session, members.find(session, "Ada"), Channel.SMS, "+12025550199", near.clock.now())
    forget(near)

    with near.database.writing() as session:
        cleo = members.add(session, MemberDraft("Cleo", ADA), near.clock.now())
        point = contacts.of_member(session, cleo.id or 0)[Channel.SMS]
        assert point.state == "unverified"


@pytest.mark.sqlite
def test_a_restored_member_is_erased_again_by_the_journal(known: Walk) -> None:
    journal = known.database.journal
    assert journal is not None
    with known.database.trying() as session:
        privacy.forget(session, members.find(session, "Ada"), Source.PAGE, known.clock.now())
    assert journal.read().erased == ()  # what is taken back is not written down

    with known.database.reading() as session:
        public_id = members.find(session, "Ada").public_id
    who = known.database.vault.index("erased", public_id)
    with known.database.writing() as session:
        found = privacy.replay(session, [Erased(known.clock.now(), who)])
        assert found == 1
        assert privacy.replay(session, [Erased(known.clock.now(), who)]) == 0

    assert [gone.who for gone in journal.read().erased] == [who]
    assert base64.b64encode(ADA.encode()) not in journal.path.read_bytes()
    with known.database.reading() as session:
        assert session.exec(select(ContactPoint).where(ContactPoint.member_id == 1)).all() == []


def test_consent_of_others_is_untouched(known: Walk) -> None:
    forget(known)

    with known.database.reading() as session:
        ben = contacts.of_member(session, members.find(session, "Ben").id or 0)[Channel.SMS]
        assert consent.allows(session, ben.id or 0, known.group_id) is not None


def test_texts_from_a_number_given_up_go_with_her_and_those_of_its_next_owner_stay(walk: Walk) -> None:
    walk.text("is this the circle", "+12025550177")
    walk.sign_up("Cleo", "+12025550177")
    walk.clock.pass_(hours=1)
    with walk.database.writing() as session:
        contacts.add(session, members.find(session, "Cleo"), Channel.SMS, "+12025550178", walk.clock.now())
    walk.clock.pass_(hours=1)
    walk.text("who are you", "+12025550177")

    with walk.database.writing() as session:
        privacy.forget(session, members.find(session, "Cleo"), Source.TEXT, walk.clock.now())

    with walk.database.reading() as session:
        [left] = session.exec(select(InboundText)).all()
        assert left.received_at == walk.clock.now()
