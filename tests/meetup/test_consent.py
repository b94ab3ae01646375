"""The ledger that answers “may we?”."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetup import groups
from meetup.clock import HandClock
from meetup.errors import MeetupError, NoConsent, NotUnderstood
from meetup.groups import GroupDraft
from meetup.people import consent, contacts, members, privacy
from meetup.people.consent import WITHOUT_WORDS, Wording
from meetup.people.members import MemberDraft
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, ContactPoint, Group, Member
from meetup.values import Action, Channel, Source

QUESTION = Wording("Riverside: reply YES to get schedule texts.", "2026-11", "en")
PAPER = date(2026, 11, 1)


@pytest.fixture
def table(session: Session, circle: Group, clock: HandClock) -> Group:
    """A second group."""
    return groups.add(session, GroupDraft("Quiet table"), clock.now())


@pytest.fixture
def cleo(session: Session, circle: Group, clock: HandClock) -> ContactPoint:
    """The phone of somebody who has agreed to nothing."""
    member = members.add(session, MemberDraft("Cleo", "+12025550125"), clock.now())
    return contacts.of_member(session, member.id or 0)[Channel.SMS]


def phone(session: Session, member: Member) -> ContactPoint:
    return contacts.of_member(session, member.id or 0)[Channel.SMS]


def allowed(session: Session, contact: ContactPoint, *asking: Group) -> list[str]:
    return [group.slug for group in asking if consent.allows(session, contact.id or 0, group.id)]


def actions(session: Session, contact: ContactPoint) -> list[str]:
    return [entry.action for entry in consent.history_of(session, contact.id or 0)]


def test_nobody_may_be_written_to_before_she_said_yes(
    session: Session, circle: Group, cleo: ContactPoint, clock: HandClock
) -> None:
    silent = allowed(session, cleo, circle)
    consent.grant(session, cleo, circle.id or 0, QUESTION, clock.now())
    asked = allowed(session, cleo, circle)
    state = cleo.state

    confirmed = consent.confirm_pending(session, cleo, clock.now(), Source.TEXT)

    assert (silent, asked, state) == ([], [], "pending")
    assert confirmed == [circle.id]
    assert (allowed(session, cleo, circle), cleo.state) == (["thursday-circle"], "verified")


def test_a_yes_keeps_the_words_it_answered(
    session: Session, circle: Group, cleo: ContactPoint, clock: HandClock
) -> None:
    consent.grant(session, cleo, circle.id or 0, QUESTION, clock.now())
    clock.pass_(minutes=5)

    consent.confirm_pending(session, cleo, clock.now(), Source.TEXT)

    entry = consent.allows(session, cleo.id or 0, circle.id)
    assert entry is not None
    assert (entry.wording, entry.wording_version, entry.language) == (QUESTION.text, "2026-11", "en")
    assert (entry.source, entry.at, entry.channel, entry.member_id) == ("text", clock.now(), "sms", cleo.member_id)


def test_a_yes_that_nobody_asked_for_creates_nothing(session: Session, cleo: ContactPoint, clock: HandClock) -> None:
    assert consent.confirm_pending(session, cleo, clock.now(), Source.TEXT) == []
    assert (actions(session, cleo), cleo.state) == ([], "unverified")


def test_a_yes_answers_every_question_of_that_number_once(
    session: Session, circle: Group, table: Group, cleo: ContactPoint, clock: HandClock
) -> None:
    for group in (circle, table):
        consent.grant(session, cleo, group.id or 0, QUESTION, clock.now())

    first = consent.confirm_pending(session, cleo, clock.now(), Source.TEXT)
    second = consent.confirm_pending(session, cleo, clock.now(), Source.TEXT)

    assert (first, second) == ([circle.id, table.id], [])


def test_nobody_is_asked_twice(session: Session, circle: Group, cleo: ContactPoint, clock: HandClock) -> None:
    first = consent.grant(session, cleo, circle.id or 0, QUESTION, clock.now())

    again = consent.grant(session, cleo, circle.id or 0, QUESTION, clock.now())
    page = consent.request(session, cleo, circle.id or 0, QUESTION, source=Source.PAGE, now=clock.now())

    assert first is again is page
    assert [entry.id for entry in consent.pending(session, cleo.id or 0, clock.now())] == [first.id]


def test_asking_again_puts_no_standing_consent_into_doubt(
    session: Session, circle: Group, ada: Member, clock: HandClock
) -> None:
    consent.grant(session, phone(session, ada), circle.id or 0, QUESTION, clock.now())

    assert allowed(session, phone(session, ada), circle) == ["thursday-circle"]
    assert actions(session, phone(session, ada)) == ["confirmed"]


def test_stop_ends_every_group_on_that_channel_only(
    session: Session, table: Group, ada: Member, ben: Member, clock: HandClock
) -> None:
    circle = groups.find(session, "thursday-circle")
    number = phone(session, ada)
    mail = contacts.of_member(session, ada.id or 0)[Channel.EMAIL]
    consent.grant(session, number, table.id or 0, QUESTION, clock.now())

    ended = consent.stop(session, number, Source.TEXT, clock.now())

    assert ended == [circle.id, table.id]
    assert (allowed(session, number, circle, table), number.state) == ([], "stopped")
    assert consent.pending(session, number.id or 0, clock.now()) == []
    assert allowed(session, mail, circle) == allowed(session, phone(session, ben), circle) == ["thursday-circle"]


def test_a_yes_after_a_stop_confirms_nothing(
    session: Session, circle: Group, cleo: ContactPoint, clock: HandClock
) -> None:
    consent.grant(session, cleo, circle.id or 0, QUESTION, clock.now())
    consent.stop(session, cleo, Source.TEXT, clock.now())

    assert consent.confirm_pending(session, cleo, clock.now(), Source.TEXT) == []
    assert cleo.state == "stopped"


def test_a_stranger_to_every_group_can_stop_as_well(session: Session, cleo: ContactPoint, clock: HandClock) -> None:
    assert consent.stop(session, cleo, Source.TEXT, clock.now()) == []
    assert (actions(session, cleo), cleo.state) == (["revoked"], "stopped")


def test_stop_twice_writes_one_entry(session: Session, ada: Member, clock: HandClock) -> None:
    for _ in range(2):
        consent.stop(session, phone(session, ada), Source.TEXT, clock.now())

    assert actions(session, phone(session, ada)) == ["confirmed", "revoked"]


def test_start_asks_again_for_what_the_stop_ended_and_for_nothing_else(
    session: Session, circle: Group, table: Group, ada: Member, clock: HandClock
) -> None:
    number = phone(session, ada)
    consent.grant(session, number, table.id or 0, QUESTION, clock.now())
    consent.confirm_pending(session, number, clock.now(), Source.TEXT)
    consent.revoke(session, number, table.id or 0, Source.PAGE, clock.now())
    consent.stop(session, number, Source.TEXT, clock.now())

    asked = consent.start(session, number, clock.now())
    before = allowed(session, number, circle, table)
    consent.confirm_pending(session, number, clock.now(), Source.TEXT)

    assert (asked, before) == ([circle.id], [])
    assert allowed(session, number, circle, table) == ["thursday-circle"]


def test_start_from_somebody_who_had_not_stopped_creates_nothing(
    session: Session, ada: Member, cleo: ContactPoint, clock: HandClock
) -> None:
    for contact in (cleo, phone(session, ada)):
        assert consent.start(session, contact, clock.now()) == []

    assert (actions(session, cleo), actions(session, phone(session, ada))) == ([], ["confirmed"])


def test_start_again_asks_no_second_time(session: Session, circle: Group, ada: Member, clock: HandClock) -> None:
    number = phone(session, ada)
    consent.stop(session, number, Source.TEXT, clock.now())

    first, second = (consent.start(session, number, clock.now()) for _ in range(2))

    assert (first, second) == ([circle.id], [])


def test_an_organizer_cannot_talk_over_a_stop(
    session: Session, circle: Group, table: Group, ada: Member, clock: HandClock
) -> None:
    number = phone(session, ada)
    consent.stop(session, number, Source.TEXT, clock.now())

    for group in (circle, table):
        with pytest.raises(NoConsent):
            consent.grant(session, number, group.id or 0, QUESTION, clock.now())
        with pytest.raises(NoConsent):
            consent.on_paper(session, number, group.id or 0, PAPER, clock.now())

    assert actions(session, number) == ["confirmed", "revoked"]


def test_an_organizer_cannot_talk_over_a_page(session: Session, circle: Group, ada: Member, clock: HandClock) -> None:
    number = phone(session, ada)
    consent.revoke(session, number, circle.id or 0, Source.PAGE, clock.now())

    with pytest.raises(NoConsent):
        consent.grant(session, number, circle.id or 0, QUESTION, clock.now())
    hers = consent.request(session, number, circle.id or 0, QUESTION, source=Source.PAGE, now=clock.now())

    assert hers.action == "requested"


def test_what_an_organizer_ended_an_organizer_may_ask_for_again(
    session: Session, circle: Group, ada: Member, clock: HandClock
) -> None:
    number = phone(session, ada)
    consent.revoke(session, number, circle.id or 0, Source.ORGANIZER, clock.now())

    entry = consent.grant(session, number, circle.id or 0, QUESTION, clock.now())

    assert entry.action == "granted"
    assert allowed(session, number, circle) == []


def test_paper_confirms_and_says_when_it_was_signed(
    session: Session, circle: Group, cleo: ContactPoint, clock: HandClock
) -> None:
    entry = consent.on_paper(session, cleo, circle.id or 0, PAPER, clock.now())

    assert (entry.action, entry.source, entry.note, entry.at) == (
        "confirmed",
        "paper",
        "signed 2026-11-01",
        clock.now(),
    )
    assert (allowed(session, cleo, circle), cleo.state) == (["thursday-circle"], "verified")


def test_paper_older_than_a_withdrawal_counts_no_more(
    session: Session, circle: Group, ada: Member, clock: HandClock
) -> None:
    number = phone(session, ada)
    consent.revoke(session, number, circle.id or 0, Source.PAGE, clock.now())
    today = clock.now().date()

    for signed in (PAPER, today):
        with pytest.raises(NoConsent):
            consent.on_paper(session, number, circle.id or 0, signed, clock.now())
    clock.pass_(days=1)
    entry = consent.on_paper(session, number, circle.id or 0, today + timedelta(days=1), clock.now())

    assert entry.action == "confirmed"


def test_paper_older_than_a_stop_counts_no_more_after_a_start(
    session: Session, circle: Group, ada: Member, clock: HandClock
) -> None:
    number, signed = phone(session, ada), clock.now().date()
    consent.stop(session, number, Source.TEXT, clock.now())
    clock.pass_(days=1)
    consent.start(session, number, clock.now())

    with pytest.raises(NoConsent):
        consent.on_paper(session, number, circle.id or 0, signed, clock.now())

    assert allowed(session, number, circle) == []
    consent.on_paper(session, number, circle.id or 0, signed + timedelta(days=1), clock.now())
    assert allowed(session, number, circle) == ["thursday-circle"]


def test_no_note_of_an_organizer_hides_a_no_from_a_paper(
    session: Session, circle: Group, ada: Member, clock: HandClock
) -> None:
    mail, signed = contacts.of_member(session, ada.id or 0)[Channel.EMAIL], clock.now().date()
    consent.revoke(session, mail, circle.id or 0, Source.MAIL, clock.now())
    consent.stop(session, mail, Source.ORGANIZER, clock.now())
    clock.pass_(days=1)

    with pytest.raises(NoConsent):
        consent.on_paper(session, mail, circle.id or 0, signed, clock.now())


def test_paper_older_than_an_erasure_counts_no_more(
    session: Session, circle: Group, ada: Member, clock: HandClock
) -> None:
    signed = clock.now().date()
    privacy.forget(session, ada, Source.PAGE, clock.now())
    clock.pass_(days=1)
    again = members.add(session, MemberDraft("Ada", email="ada@example.org"), clock.now())
    mail = contacts.of_member(session, again.id or 0)[Channel.EMAIL]

    with pytest.raises(NoConsent):
        consent.on_paper(session, mail, circle.id or 0, signed, clock.now())

    consent.on_paper(session, mail, circle.id or 0, signed + timedelta(days=1), clock.now())
    assert allowed(session, mail, circle) == ["thursday-circle"]


def test_paper_is_not_signed_tomorrow(session: Session, circle: Group, cleo: ContactPoint, clock: HandClock) -> None:
    with pytest.raises(NotUnderstood, match="in the future"):
        consent.on_paper(session, cleo, circle.id or 0, date(2026, 11, 25), clock.now())


def test_revoking_one_group_leaves_the_others(
    session: Session, circle: Group, table: Group, ada: Member, clock: HandClock
) -> None:
    number = phone(session, ada)
    consent.on_paper(session, number, table.id or 0, PAPER, clock.now())

    consent.revoke(session, number, circle.id or 0, Source.MAIL, clock.now())
    nothing_more = consent.revoke(session, number, circle.id or 0, Source.MAIL, clock.now())

    assert allowed(session, number, circle, table) == ["quiet-table"]
    assert (nothing_more, number.state) == (None, "verified")


def test_nobody_agrees_to_everything(session: Session, cleo: ContactPoint, clock: HandClock) -> None:
    with pytest.raises(ValueError, match="names a group"):
        consent.record(
            session,
            cleo,
            Action.CONFIRMED,
            group_id=None,
            wording=QUESTION,
            source=Source.TEXT,
            now=clock.now(),
        )


def test_every_entry_raises_the_member(session: Session, circle: Group, ada: Member, clock: HandClock) -> None:
    versions = [ada.version]
    for step in ("stop", "start", "yes", "leave"):
        _step(session, phone(session, ada), circle.id or 0, step, clock)
        session.refresh(ada)
        versions.append(ada.version)

    assert versions == sorted(set(versions))
    assert len(versions) == 5


def test_the_history_of_a_member_spans_her_addresses(session: Session, ada: Member, ben: Member) -> None:
    found = consent.history(session, ada.id or 0)

    assert [(entry.channel, entry.action) for entry in found] == [("sms", "confirmed"), ("email", "confirmed")]
    assert consent.entry(session, found[0].id or 0) is found[0]
    assert consent.entry(session, 4711) is None


Deed = tuple[int, Action, int | None, Source]

DEEDS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(Action), st.sampled_from([0, 1, None]), st.sampled_from(Source)),
    max_size=16,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_the_planner_asks_by_the_same_rule(
    session: Session, table: Group, ada: Member, clock: HandClock, deeds: list[Deed]
) -> None:
    asking = [groups.find(session, "thursday-circle").id or 0, table.id or 0]
    points = list(contacts.of_member(session, ada.id or 0).values())
    expected: dict[int | None, dict[int, str]] = {point.id: {asking[0]: "confirmed"} for point in points}
    with session.begin_nested() as trial:
        for which, action, group, source in deeds:
            if group is None and action is not Action.REVOKED:
                continue
            group_id = None if group is None else asking[group]
            _write(session, points[which], (action, group_id, source), clock)
            _replay(expected[points[which].id], action, group_id)
        for one in asking:
            bulk = {row.contact_id: row.consent_id for row in session.execute(consent.standing(one))}
            single = {point.id: consent.allows(session, point.id or 0, one) for point in points}
            assert bulk == {contact: entry.id for contact, entry in single.items() if entry is not None}
            assert set(bulk) == {contact for contact, told in expected.items() if told.get(one) == "confirmed"}
        trial.rollback()


def _write(session: Session, contact: ContactPoint, deed: tuple[Action, int | None, Source], clock: HandClock) -> None:
    action, group_id, source = deed
    consent.record(session, contact, action, group_id=group_id, wording=WITHOUT_WORDS, source=source, now=clock.now())


def _replay(told: dict[int, str], action: Action, group_id: int | None) -> None:
    """Keep what a reader of the ledger would: the last word about each group."""
    if group_id is not None:
        told[group_id] = action.value
    elif action is Action.REVOKED:
        told.clear()


STEPS = st.lists(
    st.sampled_from(["grant", "request", "yes", "stop", "start", "paper", "leave", "carrier"]), max_size=12
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_a_stop_nothing_but_start_and_yes_opens_the_door(
    session: Session, circle: Group, cleo: ContactPoint, clock: HandClock, steps: list[str]
) -> None:
    group_id = circle.id or 0
    with session.begin_nested() as trial:
        consent.grant(session, cleo, group_id, QUESTION, clock.now())
        consent.stop(session, cleo, Source.TEXT, clock.now())
        for step in steps:
            _step(session, cleo, group_id, step, clock)
        opened = consent.allows(session, cleo.id or 0, group_id) is not None
        assert not opened or ("start" in steps and bool({"yes", "paper"}.intersection(steps)))
        assert not (opened and cleo.state == "stopped")
        trial.rollback()
    session.refresh(cleo)


def _step(session: Session, contact: ContactPoint, group_id: int, step: str, clock: HandClock) -> None:
    now = clock.now()
    try:
        match step:
            case "grant":
                consent.grant(session, contact, group_id, QUESTION, now)
            case "request":
                consent.request(session, contact, group_id, QUESTION, source=Source.PAGE, now=now)
            case "yes":
                consent.confirm_pending(session, contact, now, Source.TEXT)
            case "stop" | "carrier":
                consent.stop(session, contact, Source.TEXT if step == "stop" else Source.CARRIER, now)
            case "start":
                consent.start(session, contact, now)
            case "paper":
                consent.on_paper(session, contact, group_id, PAPER, now)
            case _:
                consent.revoke(session, contact, group_id, Source.PAGE, now)
    except MeetupError:
        return


def test_the_ledger_only_grows(session: Session, circle: Group, cleo: ContactPoint, clock: HandClock) -> None:
    seen: list[ConsentRow] = []
    for step in ("grant", "yes", "leave", "request", "yes", "stop", "start", "yes", "stop"):
        _step(session, cleo, circle.id or 0, step, clock)
        session.flush()
        now = consent.history_of(session, cleo.id or 0)
        assert now[: len(seen)] == seen
        seen = list(now)

    assert [entry.action for entry in seen] == [
        "granted",
        "confirmed",
        "revoked",
        "requested",
        "confirmed",
        "revoked",
        "requested",
        "confirmed",
        "revoked",
    ]


def test_a_question_that_was_left_lying_is_none_any_more(
    session: Session, circle: Group, cleo: ContactPoint, clock: HandClock
) -> None:
    consent.grant(session, cleo, circle.id or 0, QUESTION, clock.now())
    clock.pass_(days=29, hours=23)
    assert len(consent.pending(session, cleo.id or 0, clock.now())) == 1

    clock.pass_(hours=1)

    assert consent.confirm_pending(session, cleo, clock.now(), Source.TEXT) == []
    assert allowed(session, cleo, circle) == []


def test_an_organizer_asks_once_and_only_she_herself_may_have_it_asked_again(
    session: Session, circle: Group, cleo: ContactPoint, clock: HandClock
) -> None:
    first = consent.grant(session, cleo, circle.id or 0, QUESTION, clock.now())
    clock.pass_(days=31)

    assert consent.grant(session, cleo, circle.id or 0, QUESTION, clock.now()).id == first.id
    again = consent.request(session, cleo, circle.id or 0, QUESTION, source=Source.PAGE, now=clock.now())

    assert again.id != first.id
    assert consent.confirm_pending(session, cleo, clock.now(), Source.TEXT) == [circle.id]
