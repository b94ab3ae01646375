"""“Still fine to reach you here?”: once a year for who wants that; where others see the phone, silence pauses texts."""

from datetime import UTC, datetime, timedelta

import pytest

from meetup import groups
from meetup.errors import NoConsent
from meetup.people import consent, contacts, joining, members, subscriptions
from meetup.people.consent import Wording
from meetup.storage.tables import DeliveryRow, Group
from meetup.values import Channel, Kind, Preference, Source
from notifications import silence
from notifications.rules.verdict import NOTHING_TO_ASK
from notifications.still_fine import SILENCE, USEFUL
from tests.notifications.walk import ADA, Walk

YEAR, HALF = timedelta(days=365), timedelta(days=183)
SAFE = (
    "Riverside: may we go on texting here? Reply YES to go on. Without an answer texts pause in two weeks. STOP to end."
)
FINE = (
    "Riverside: once a year we ask: is it still fine to text you here? Yes: nothing to do. No: STOP ends. "
    "HELP for help."
)
REMINDER = "reminder"


def choose(walk: Walk, **changes: object) -> None:
    with walk.database.writing() as session:
        members.edit(session, members.find(session, "Ada"), changes, walk.clock.now())


def turn(walk: Walk, length: timedelta) -> None:
    """Let time pass, and look at the clock at noon of that day in New York."""
    walk.clock.turn_to((walk.clock.now() + length).replace(hour=17, minute=0, second=0, microsecond=0))
    walk.tick()


def asked(walk: Walk, kind: Kind) -> list[DeliveryRow]:
    return walk.rows(kind=kind.value)


def reminded(walk: Walk) -> bool:
    """Tell whether Ada gets a text within the next week."""
    before = len(walk.rows(kind=REMINDER, channel="sms"))
    for _ in range(8):
        turn(walk, timedelta(days=1))
        walk.clock.turn_to(walk.clock.now().replace(hour=22))
        walk.tick()
    return len([row for row in walk.rows(kind=REMINDER, channel="sms")[before:] if row.state == "SENT"]) > 0


def actions(walk: Walk) -> list[tuple[str, str, str]]:
    with walk.database.reading() as session:
        point = contacts.of_member(session, members.find(session, "Ada").id or 0)[Channel.SMS]
        return [(one.action, one.source, one.wording) for one in consent.history_of(session, point.id or 0)]


@pytest.fixture
def shared(walk: Walk) -> Walk:
    """Somebody else may see Ada's phone, since today; and she reads no mail."""
    choose(walk, phone_shared=True)
    return walk


def test_nobody_is_asked_who_did_not_wish_for_it(walk: Walk) -> None:
    turn(walk, 3 * YEAR)

    assert asked(walk, Kind.STILL_FINE) == asked(walk, Kind.STILL_SAFE) == []


def test_who_wants_to_be_is_asked_once_a_year_on_each_channel_and_silence_changes_nothing(walk: Walk) -> None:
    choose(walk, ask_yearly=True)
    turn(walk, YEAR - timedelta(days=2))
    early = asked(walk, Kind.STILL_FINE)
    for _ in range(6):
        turn(walk, timedelta(days=15))

    rows = asked(walk, Kind.STILL_FINE)
    assert early == []
    assert sorted((row.channel, row.state, row.revision) for row in rows) == [("email", "SENT", 1), ("sms", "SENT", 1)]
    assert walk.phone.bodies.count(FINE) == 1
    assert walk.contact().state == walk.contact(channel=Channel.EMAIL).state == "verified"
    assert reminded(walk)


def test_the_mail_says_who_asks_and_ends_all_mail_with_one_click(walk: Walk) -> None:
    choose(walk, ask_yearly=True)
    turn(walk, YEAR)

    [mail] = [message for message in walk.mail.sent if "still fine" in message.subject]
    assert mail.subject == "Riverside: still fine to write to you here?"
    assert mail.unsubscribe_url in mail.body
    contact_id, group_id = walk.post.addresses.read("u", mail.unsubscribe_url.rpartition("/")[2]) or (0, 1)
    assert (contact_id, group_id) == (walk.contact(channel=Channel.EMAIL).id, 0)


def test_a_yes_starts_the_year_anew_and_stands_in_the_ledger_with_the_old_words(walk: Walk) -> None:
    choose(walk, ask_yearly=True)
    turn(walk, YEAR)
    before = actions(walk)

    answer = walk.text("YES")

    assert answer.startswith("Riverside: you're set.")
    assert actions(walk) == [*before, ("confirmed", "text", before[-1][2])]
    turn(walk, YEAR - timedelta(days=1))
    assert len(walk.rows(kind=Kind.STILL_FINE, channel="sms")) == 1
    turn(walk, timedelta(days=2))
    assert len(walk.rows(kind=Kind.STILL_FINE, channel="sms")) == 2


def test_a_yes_that_nobody_asked_for_creates_nothing(walk: Walk) -> None:
    before = actions(walk)

    assert "988" in walk.text("YES")
    assert actions(walk) == before


def test_where_somebody_else_sees_the_phone_it_is_asked_after_six_months_and_silence_pauses_texts(shared: Walk) -> None:
    turn(shared, HALF - timedelta(days=2))
    early = asked(shared, Kind.STILL_SAFE)
    turn(shared, timedelta(days=3))
    [question] = asked(shared, Kind.STILL_SAFE)
    in_time = shared.contact().state
    for _ in range(SILENCE.days + 1):
        turn(shared, timedelta(days=1))

    assert early == []
    assert (question.channel, question.state, in_time) == ("sms", "SENT", "verified")
    assert shared.phone.bodies.count(SAFE) == 1
    assert shared.contact().state == "paused"
    assert not reminded(shared)
    assert [row.state for row in shared.rows(kind=REMINDER, channel="email")][-1] == "SENT"
    with shared.database.reading() as session:
        [why] = silence.reasons(session, members.find(session, "Ada"), session.get_one(Group, 1))
    assert "nobody answered whether texts are still safe" in why


def paused(walk: Walk) -> Walk:
    turn(walk, HALF + timedelta(days=1))
    turn(walk, SILENCE + timedelta(days=1))
    assert walk.contact().state == "paused"
    return walk


def test_a_yes_in_time_keeps_texts_going_and_is_not_echoed(shared: Walk) -> None:
    turn(shared, HALF + timedelta(days=1))

    assert shared.text("Yes") == ""
    turn(shared, SILENCE + timedelta(days=1))
    assert shared.contact().state == "verified"
    assert reminded(shared)


def test_a_late_yes_lets_texts_go_on_and_the_six_months_begin_anew(shared: Walk) -> None:
    assert paused(shared).text("SÍ") == ""

    assert shared.contact().state == "verified"
    assert reminded(shared)
    turn(shared, HALF - timedelta(days=10))
    assert len(asked(shared, Kind.STILL_SAFE)) == 1
    turn(shared, timedelta(days=10))
    assert len(asked(shared, Kind.STILL_SAFE)) == 2


def test_what_was_planned_before_the_pause_is_not_sent_in_it(shared: Walk) -> None:
    turn(shared, HALF + timedelta(days=1))
    with shared.database.writing() as session:
        point = contacts.of_member(session, members.find(session, "Ada").id or 0)[Channel.SMS]
        contacts.pause(session, point, shared.clock.now())
    before = len(shared.phone.bodies)
    shared.cancel(shared.clock.now().date() + timedelta(days=(3 - shared.clock.now().weekday()) % 7))

    for _ in range(7):
        turn(shared, timedelta(days=1))
    assert len(shared.phone.bodies) == before


def test_neither_an_organizer_nor_the_switch_ends_the_pause(shared: Walk) -> None:
    choose(paused(shared), phone_shared=False)
    with shared.database.writing() as session:
        point = contacts.of_member(session, members.find(session, "Ada").id or 0)[Channel.SMS]
        with pytest.raises(NoConsent, match="still safe"):
            consent.grant(session, point, 1, Wording("", "", "en"), shared.clock.now())

    assert shared.contact().state == "paused"


def test_a_stop_in_the_pause_is_a_stop(shared: Walk) -> None:
    paused(shared).text("STOP")
    assert shared.contact().state == "stopped"

    assert "988" in shared.text("YES")
    assert shared.contact().state == "stopped"


def test_a_code_of_the_page_ends_the_pause(shared: Walk) -> None:
    paused(shared)
    with shared.database.writing() as session:
        code = joining.offer(
            session, session.get_one(Group, 1), Wording("words", "page/en/1", "en"), shared.clock.now()
        )

    assert shared.text(f"JOIN {code}").startswith("Riverside: you're set.")
    assert shared.contact().state == "verified"


def test_six_months_count_from_when_the_switch_was_turned_on(walk: Walk) -> None:
    turn(walk, timedelta(days=400))
    choose(walk, phone_shared=True)
    turn(walk, timedelta(days=100))
    choose(walk, phone_shared=True, language="es")  # as it was

    turn(walk, timedelta(days=82))
    assert asked(walk, Kind.STILL_SAFE) == []
    turn(walk, timedelta(days=2))
    assert len(asked(walk, Kind.STILL_SAFE)) == 1


def test_silence_to_a_question_from_before_the_switch_was_turned_off_pauses_nothing(shared: Walk) -> None:
    turn(shared, HALF + timedelta(days=1))
    choose(shared, phone_shared=False)
    turn(shared, timedelta(days=5))
    choose(shared, phone_shared=True)

    turn(shared, SILENCE)
    assert shared.contact().state == "verified"


def test_in_a_month_of_quiet_nobody_is_asked_and_afterwards_she_is(shared: Walk) -> None:
    choose(shared, quiet_until=shared.clock.now() + HALF + timedelta(days=20))
    turn(shared, HALF + timedelta(days=1))
    quiet = asked(shared, Kind.STILL_SAFE)
    turn(shared, timedelta(days=21))

    assert quiet == []
    assert [row.state for row in asked(shared, Kind.STILL_SAFE)] == ["SENT"]


def test_a_question_that_is_planned_when_the_quiet_begins_waits_for_its_end(shared: Walk) -> None:
    shared.clock.turn_to(datetime(2027, 5, 28, 3, tzinfo=UTC))  # in the night
    shared.tick()
    choose(shared, quiet_until=shared.clock.now() + timedelta(days=10))
    turn(shared, timedelta(days=5))
    [waiting] = asked(shared, Kind.STILL_SAFE)
    turn(shared, timedelta(days=6))

    assert waiting.state == "PLANNED"
    assert [row.state for row in asked(shared, Kind.STILL_SAFE)] == ["SENT"]


def test_a_question_outside_her_hours_waits_for_the_morning(shared: Walk) -> None:
    shared.clock.turn_to(datetime(2027, 5, 28, 3, tzinfo=UTC))
    shared.tick()
    night = [row.state for row in asked(shared, Kind.STILL_SAFE)]
    shared.until(hours=10, minutes=5)

    assert night == ["PLANNED"]
    assert shared.phone.bodies == [SAFE]


def test_who_uses_texts_no_more_is_not_asked_by_text(shared: Walk) -> None:
    with shared.database.writing() as session:
        ada = members.find(session, "Ada")
        subscriptions.subscribe(
            session, ada, session.get_one(Group, 1), Preference.EITHER, [Channel.EMAIL], shared.clock.now()
        )
    turn(shared, HALF + timedelta(days=1))

    assert asked(shared, Kind.STILL_SAFE) == []


def test_who_gives_texts_up_before_the_question_leaves_is_not_asked(shared: Walk) -> None:
    shared.clock.turn_to(datetime(2027, 5, 28, 3, tzinfo=UTC))  # in the night
    shared.tick()
    with shared.database.writing() as session:
        ada = members.find(session, "Ada")
        subscriptions.subscribe(
            session, ada, session.get_one(Group, 1), Preference.EITHER, [Channel.EMAIL], shared.clock.now()
        )
    shared.until(hours=11)

    assert [(row.state, row.reason) for row in asked(shared, Kind.STILL_SAFE)] == [("SUPPRESSED", NOTHING_TO_ASK)]


def test_a_wish_that_was_taken_back_asks_nothing_any_more(walk: Walk) -> None:
    choose(walk, ask_yearly=True)
    walk.clock.turn_to(walk.clock.now() + YEAR)
    walk.plan()
    choose(walk, ask_yearly=False)
    walk.deliver()

    assert {(row.state, row.reason) for row in asked(walk, Kind.STILL_FINE)} == {("SUPPRESSED", NOTHING_TO_ASK)}


def test_a_question_that_could_not_be_asked_in_time_comes_the_next_time_and_pauses_nothing(shared: Walk) -> None:
    turn(shared, HALF + USEFUL)
    assert asked(shared, Kind.STILL_SAFE) == []
    turn(shared, HALF - USEFUL)

    assert [(row.revision, row.state) for row in asked(shared, Kind.STILL_SAFE)] == [(2, "SENT")]
    assert shared.contact().state == "verified"


def test_who_belongs_to_two_groups_is_asked_once_and_a_yes_counts_for_both(shared: Walk) -> None:
    shared.another_circle()
    turn(shared, HALF + timedelta(days=1))
    assert len(asked(shared, Kind.STILL_SAFE)) == 1
    assert shared.text("YES") == ""

    with shared.database.reading() as session:
        point = contacts.of_member(session, members.find(session, "Ada").id or 0)[Channel.SMS]
        standing = [consent.allows(session, point.id or 0, group.id) for group in groups.listing(session)]
    assert [entry.source for entry in standing if entry] == [Source.TEXT.value] * 2


def test_the_questions_fit_into_one_text_and_name_no_group(walk: Walk) -> None:
    for language in ("en", "es"):
        choose(walk, language=language, ask_yearly=True, phone_shared=True)
        turn(walk, HALF + timedelta(days=1))
        walk.text("YES", ADA)
    assert [row.segments for row in asked(walk, Kind.STILL_SAFE)] == [1, 1]
    assert "circle" not in " ".join(walk.phone.bodies).lower()
