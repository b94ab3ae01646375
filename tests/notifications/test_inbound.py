"""What members text back: the order of the safety rules, once per text, and nothing for strangers to take."""

import pytest
from sqlmodel import col, select

from meetup import dates
from meetup.people import consent, members
from meetup.storage.tables import AnswerRow, ConsentRow, Group, InboundText, Meeting
from meetup.values import Channel, Door, State
from tests.notifications.walk import BEN, Walk, add_rule, moment, wall

CRISIS_LINE = "Riverside: thanks for telling us. This is automatic; nobody reads it live. A person, day or night: call"


@pytest.fixture
def reminded(near: Walk) -> Walk:
    """Thursday at five: Ada has been reminded by text."""
    near.clock.turn_to(moment(26, 17))
    assert near.tick() == {State.SENT: 1}
    return near


def answers(walk: Walk) -> list[str]:
    with walk.database.reading() as session:
        return [row.answer for row in session.exec(select(AnswerRow)).all()]


def ledger(walk: Walk) -> list[str]:
    with walk.database.reading() as session:
        texts = select(ConsentRow).where(ConsentRow.channel == "sms").order_by(col(ConsentRow.id))
        return [row.action for row in session.exec(texts).all()]


def kept(walk: Walk) -> list[tuple[str, bool]]:
    """Return every text that came in: what it meant, and whether the organizer has to read it."""
    with walk.database.reading() as session:
        texts = select(InboundText).order_by(col(InboundText.id))
        return [(row.intent, row.read_at is None) for row in session.exec(texts).all()]


@pytest.mark.parametrize("word", ["STOP", " Revoke ", "OPTOUT", "quit"])
def test_a_word_that_the_carrier_answers_is_obeyed_in_silence(reminded: Walk, word: str) -> None:
    # F21: the list grew in 2025.
    assert reminded.text(word) == ""
    assert ledger(reminded) == ["confirmed", "revoked"]
    assert reminded.contact().state == "stopped"


@pytest.mark.parametrize("words", ["opt out", "stop.", "BAJA", "please stop texting me", "deja de escribirme"])
def test_other_words_for_stop_are_obeyed_and_confirmed_once(reminded: Walk, words: str) -> None:
    assert reminded.text(words).startswith(("Riverside: done.", "Riverside: listo"))
    assert ledger(reminded) == ["confirmed", "revoked"]


def test_stop_ends_texts_for_all_groups_and_no_mail(reminded: Walk) -> None:
    reminded.another_circle()
    reminded.text("STOP")

    with reminded.database.reading() as session:
        phone, mail = reminded.contact().id or 0, reminded.contact("Ada", Channel.EMAIL).id or 0
        assert [consent.allows(session, phone, group) for group in (1, 2)] == [None, None]
        assert all(consent.allows(session, mail, group) for group in (1, 2))


def test_despair_is_no_opt_out(reminded: Walk) -> None:
    assert reminded.text("I want it to end").startswith(CRISIS_LINE)
    assert ledger(reminded) == ["confirmed"]
    assert kept(reminded) == [("crisis", True)]


def test_despair_and_opt_out_get_one_answer(reminded: Walk) -> None:
    assert reminded.text("stop texting me, I want to die").startswith("Riverside: no more texts from us.")
    assert ledger(reminded) == ["confirmed", "revoked"]


def test_start_asks_again_whom_a_stop_ended(reminded: Walk) -> None:
    reminded.text("STOP")

    assert reminded.text("START") == ""
    assert reminded.until(minutes=1) == {State.SENT: 1}
    assert reminded.phone.bodies[-1].startswith("Riverside: reply YES")
    assert reminded.text("yes!").startswith("Riverside: you're set.")
    assert ledger(reminded) == ["confirmed", "revoked", "requested", "confirmed"]


@pytest.mark.parametrize("sender", [BEN, "+12025550123"], ids=["a stranger", "somebody who never stopped"])
def test_start_creates_nothing_for_anybody_else(reminded: Walk, sender: str) -> None:
    assert reminded.text("START", sender) == ""

    assert ledger(reminded) == ["confirmed"]
    assert reminded.until(minutes=1) == {}


@pytest.mark.parametrize("sender", [BEN, "+12025550123"], ids=["a stranger", "a member with nothing pending"])
def test_yes_without_a_question_confirms_nothing(reminded: Walk, sender: str) -> None:
    assert reminded.text("YES", sender).startswith(CRISIS_LINE)
    assert ledger(reminded) == ["confirmed"]


def test_yes_confirms_although_the_provider_takes_it_for_start(walk: Walk) -> None:
    walk.sign_up("Ben", BEN)
    walk.ask("Ben")

    assert walk.text("YES", BEN, answered_by_provider="START") == ""
    assert ledger(walk) == ["confirmed", "requested", "confirmed"]


@pytest.mark.parametrize(("word", "kind"), [("STOP", "STOP"), ("HELP", "HELP"), ("ARRET", "STOP")])
def test_what_the_provider_has_answered_is_not_answered_twice(reminded: Walk, word: str, kind: str) -> None:
    assert reminded.text(word, answered_by_provider=kind) == ""
    assert (reminded.contact().state == "stopped") is (kind == "STOP")


def test_help_names_who_and_where_a_person_answers(reminded: Walk) -> None:
    words = reminded.text("help", BEN)

    assert words.startswith("Riverside schedule texts")
    assert "988" in words


@pytest.mark.parametrize(
    ("digit", "answer", "echo"),
    [
        ("1", "in_person", "Riverside: noted, in person Thu, Nov 26, 7:00 PM. Wrong? Reply 2 online, 0 not coming."),
        ("2", "online", "Riverside: noted, online Thu, Nov 26, 7:00 PM. Wrong? Reply 1 in person, 0 not coming."),
        ("0", "not_coming", "Riverside: noted, not coming Thu, Nov 26, 7:00 PM. Wrong? Reply 1 in person, 2 online."),
    ],
    ids=["in person", "online", "not coming"],
)
def test_a_digit_answers_the_last_reminder_and_is_echoed(reminded: Walk, digit: str, answer: str, echo: str) -> None:
    assert reminded.text(f" {digit}. ") == echo
    assert answers(reminded) == [answer]


def test_a_second_digit_puts_the_first_right(reminded: Walk) -> None:
    reminded.text("1")
    reminded.text("0")

    assert answers(reminded) == ["not_coming"]


@pytest.mark.parametrize("words", ["10", "20 min late", "1 or 2", "3"])
def test_numbers_in_other_words_are_no_answers(reminded: Walk, words: str) -> None:
    assert reminded.text(words).startswith(CRISIS_LINE)
    assert answers(reminded) == []


def test_a_digit_after_the_start_is_no_answer(reminded: Walk) -> None:
    reminded.clock.turn_to(moment(26, 19))

    assert reminded.text("1").startswith(CRISIS_LINE)
    assert answers(reminded) == []


def test_a_digit_of_somebody_who_was_not_reminded_is_no_answer(reminded: Walk) -> None:
    reminded.add("Ben", BEN)

    assert reminded.text("1", BEN).startswith(CRISIS_LINE)
    assert answers(reminded) == []


def test_the_digit_of_a_closed_door_is_no_answer(reminded: Walk) -> None:
    reminded.close_door(Door.IN_PERSON)

    assert reminded.text("1").startswith(CRISIS_LINE)
    assert reminded.text("2").startswith("Riverside: noted, online")


def test_no_digit_answers_a_cancelled_date(reminded: Walk) -> None:
    reminded.cancel()

    assert reminded.text("1").startswith(CRISIS_LINE)


def test_a_digit_goes_to_the_reminder_that_left_last_whatever_receipts_say(near: Walk) -> None:
    near.another_circle()
    with near.database.writing() as session:
        later = session.get_one(Meeting, 2)
        slot = dates.slot_on(session, later, wall(26, 0).date())
        dates.move(session, later, slot, dates.Move(start=wall(26, 20, 45)), near.clock.now())
    near.clock.turn_to(moment(26, 17))
    near.tick()
    near.clock.turn_to(moment(26, 18, 45))
    near.tick()
    first, last = (row for row in near.rows(channel="sms", kind="reminder"))
    near.report(first.code, "delivered", provider_id=first.provider_id)

    assert "8:45 PM" in near.text("0")
    with near.database.reading() as session:
        assert [row.meeting_id for row in session.exec(select(AnswerRow)).all()] == [last.meeting_id]


def test_who_is_not_coming_gets_no_reminder_but_every_change(walk: Walk) -> None:
    with walk.database.writing() as session:
        add_rule(session, session.get_one(Group, 1), "6h by sms", walk.clock)
    walk.clock.turn_to(moment(26, 13))
    walk.tick()
    walk.text("0")
    walk.clock.turn_to(moment(26, 17))

    assert walk.tick() == {State.SUPPRESSED: 1}
    walk.cancel()
    assert walk.until(minutes=1) == {State.SENT: 2}


def test_on_a_shared_phone_nothing_is_echoed_and_no_date_is_named(reminded: Walk) -> None:
    with reminded.database.writing() as session:
        ada = members.find(session, "Ada")
        ada.phone_shared = True
        session.add(ada)

    assert reminded.text("0") == ""
    assert answers(reminded) == ["not_coming"]
    assert reminded.text("NEXT").startswith(CRISIS_LINE)


def test_next_tells_a_member_the_next_dates(reminded: Walk) -> None:
    assert "Thu, Dec 3" in reminded.text("next")
    assert reminded.text("next", BEN).startswith(CRISIS_LINE)


def test_next_tells_nothing_of_a_group_whose_texts_somebody_stopped(reminded: Walk) -> None:
    reminded.text("stop all messages")

    assert "Dec" not in reminded.text("next")


def test_a_text_that_comes_twice_is_answered_alike_and_acts_once(reminded: Walk) -> None:
    first = reminded.text("0", number="SM1")
    reminded.text("1", number="SM2")

    assert reminded.text("0", number="SM1") == first
    assert answers(reminded) == ["in_person"]
    assert len(kept(reminded)) == 2


def test_anything_else_is_kept_and_answered_but_not_again_and_again(reminded: Walk) -> None:
    assert reminded.text("hello?", BEN).startswith(CRISIS_LINE)
    assert reminded.text("anybody there", BEN) == ""
    assert reminded.text("I can't go on", BEN) == ""

    reminded.clock.pass_(minutes=15)
    assert reminded.text("hello", BEN) == ""
    assert reminded.text("I can't go on", BEN).startswith(CRISIS_LINE)

    reminded.clock.pass_(hours=12)
    assert reminded.text("hello", BEN).startswith(CRISIS_LINE)
    assert [to_read for _, to_read in kept(reminded)] == [True] * 6


def test_what_was_written_is_sealed(reminded: Walk) -> None:
    reminded.text("my secret", BEN)

    with reminded.database.reading() as session:
        row = session.exec(select(InboundText)).one()
        opened = session.vault.open(f"inbound_texts.body:{row.public_id}", row.body_sealed)
    assert opened == "my secret"
    assert b"secret" not in row.body_sealed + row.sender_sealed
    assert "secret" not in row.reply
