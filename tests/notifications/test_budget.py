"""What was promised is kept: twelve texts a month at most, and what a group may spend; mail goes instead of texts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from meetup import announcements
from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Group, Organization, SpentRow
from meetup.values import Kind, State
from notifications import budget, preview
from notifications.messages import NotSent, Refused
from notifications.rules.budget import (
    ALL_SPENT,
    ENOUGH,
    GROUP_SPENT,
    PER_MEMBER,
    Account,
    month_of,
    month_start,
    refusal,
)
from tests.notifications.walk import SLOT, Walk, at, moment

NOVEMBER = "2026-11"


def capped(walk: Walk, segments: int, of: type[Group | Organization] = Group) -> None:
    with walk.database.writing() as session:
        row = session.get_one(of, 1)
        row.monthly_segments = segments
        session.add(row)


def had(walk: Walk, number: int, *, kind: Kind = Kind.REMINDER, days_ago: float = 1) -> None:
    """Let Ada have had some texts already."""
    with walk.database.writing() as session:
        like = session.exec(
            select(DeliveryRow).where(DeliveryRow.channel == "sms").order_by(col(DeliveryRow.id))
        ).first()
        assert like is not None
        for one in range(number):
            facts = like.model_dump() | {
                "id": None, "code": f"{kind}{one}{days_ago}", "slot": SLOT - timedelta(days=1 + one), "kind": kind,
                "state": "DELIVERED", "settled_at": walk.clock.now() - timedelta(days=days_ago),
            }  # fmt: skip
            session.add(DeliveryRow(**facts))


def books(walk: Walk) -> dict[str, tuple[int, int]]:
    with walk.database.reading() as session:
        return {row.month: (row.texts, row.segments) for row in session.exec(select(SpentRow)).all()}


@pytest.fixture
def due(near: Walk) -> Walk:
    """Thursday at five, the text for Ada is due."""
    near.plan()
    near.clock.turn_to(moment(26, 17))
    return near


def text(walk: Walk) -> tuple[str, str]:
    row = next(row for row in walk.rows(channel="sms", kind="reminder") if row.slot == SLOT)
    return row.state, row.reason


def test_a_text_that_leaves_is_in_the_books_of_its_month(due: Walk) -> None:
    due.tick()

    assert books(due) == {NOVEMBER: (1, 1)}


@pytest.mark.parametrize("outcome", [NotSent("429", "slowly"), Refused("21211", "no such number", bad_address=True)])
def test_what_surely_did_not_leave_costs_nothing(due: Walk, outcome: NotSent | Refused) -> None:
    due.phone.outcomes.append(outcome)
    due.tick()

    assert books(due) == {NOVEMBER: (0, 0)}


def test_reminders_stop_where_the_promise_to_a_member_would_leave_no_room_for_changes(due: Walk) -> None:
    had(due, 9)
    due.tick()

    assert text(due) == ("SUPPRESSED", ENOUGH)
    assert due.phone.sent == []


def test_one_less_and_the_reminder_leaves(due: Walk) -> None:
    had(due, 8)
    due.tick()

    assert text(due)[0] == "SENT"


def test_last_months_texts_and_cancellations_do_not_count(due: Walk) -> None:
    had(due, 12, days_ago=26)
    had(due, 12, kind=Kind.CANCELLED)
    due.tick()

    assert text(due)[0] == "SENT"


def test_a_change_is_told_however_many_texts_there_were(due: Walk) -> None:
    had(due, 30)
    due.cancel()
    due.until(minutes=11)

    assert due.row(channel="sms", kind="cancelled").state == "SENT"


def test_a_group_that_used_up_its_month_reminds_by_mail_whoever_has_one(due: Walk) -> None:
    ada = due.row(channel="sms").member_id
    with_mail = due.add("Cleo", phone="+12025550177", email="cleo@example.org")
    due.plan()
    capped(due, 0)
    due.tick()
    due.tick()

    instead = [row for row in due.rows(channel="email") if row.lead == "2h"]
    assert text(due) == ("SUPPRESSED", GROUP_SPENT)
    assert [(row.member_id, row.state) for row in instead if row.member_id == with_mail] == [(with_mail, "SENT")]
    assert with_mail != ada
    assert due.phone.sent == []


def test_planning_again_and_again_adds_no_second_mail(due: Walk) -> None:
    due.add("Cleo", phone="+12025550177", email="cleo@example.org")
    capped(due, 0)
    for _ in range(4):
        due.until(minutes=2)

    mails = [(row.member_id, row.lead) for row in due.rows(channel="email")]
    assert len(mails) == len(set(mails))
    assert "2h" in {lead for _, lead in mails}


def test_reminders_of_all_groups_together_keep_to_what_the_organization_allows(due: Walk) -> None:
    capped(due, 1, Organization)  # four fifths of one are none
    due.tick()

    assert text(due) == ("SUPPRESSED", ALL_SPENT)


def test_who_was_skipped_is_known_and_whether_a_mail_came_instead(due: Walk) -> None:
    cleo = due.add("Cleo", phone="+12025550177", email="cleo@example.org")
    ben = due.add("Ben", phone="+12025550178")
    due.plan()
    capped(due, 0)
    due.tick()
    due.tick()

    with due.database.reading() as session:
        found = {
            one.text.member_id: one.mail.state if one.mail else "" for one in budget.skipped(session, due.clock.now())
        }
    assert (found[cleo], found[ben]) == ("SENT", "")


def test_what_was_held_back_goes_when_the_cap_is_raised_unless_a_mail_told_it(due: Walk) -> None:
    cleo = due.add("Cleo", phone="+12025550177", email="cleo@example.org")
    ben = due.add("Ben", phone="+12025550178")
    due.plan()
    capped(due, 0)
    due.tick()
    due.tick()  # Cleo and Ada have a mail by now
    capped(due, 100)
    with due.database.writing() as session:
        released = budget.release(session, due.clock.now())
    due.tick()

    assert released == 1
    assert [message.to for message in due.phone.sent] == ["+12025550178"]
    states = {row.member_id: row.state for row in due.rows(channel="sms", kind="reminder")}
    assert (states[ben], states[cleo]) == ("SENT", "SUPPRESSED")


def test_what_the_raised_cap_does_not_hold_either_is_held_back_again(due: Walk) -> None:
    due.add("Ben", phone="+12025550178")
    due.plan()
    capped(due, 0)
    due.tick()
    with due.database.writing() as session:
        budget.release(session, due.clock.now())
    due.tick()

    assert due.phone.sent == []


def test_within_one_batch_the_last_segments_go_to_the_first_in_line(due: Walk) -> None:
    for one in range(5):
        due.add(f"Member {one}", phone=f"+1202555018{one}")
    due.plan()
    capped(due, 5)  # four of them for reminders
    ended = due.tick()

    assert (ended[State.SENT], ended[State.SUPPRESSED]) == (4 + sum(1 for _ in due.mail.sent), 2)
    assert books(due) == {NOVEMBER: (4, 4)}


def test_a_look_ahead_counts_along(due: Walk) -> None:
    for one in range(5):
        due.add(f"Member {one}", phone=f"+1202555018{one}")
    capped(due, 5)

    with due.database.trying() as session:
        coming = preview.coming(session, due.post.addresses, due.clock.now(), 1)
    texts = [one for one in coming if one.channel == "sms"]
    assert [one.will_send for one in texts].count(True) == 4
    assert {one.reason for one in texts if not one.will_send} == {GROUP_SPENT}


def test_an_announcement_may_use_what_reminders_may_not(due: Walk) -> None:
    had(due, 9)
    with due.database.writing() as session:
        announcements.add(session, session.get_one(Group, 1), "Bring a cup tonight.", due.clock.now())
    due.until(minutes=2)

    assert due.row(channel="sms", kind="announcement").state == "SENT"


def test_a_new_month_begins_with_nothing_used(due: Walk) -> None:
    capped(due, 1)
    due.tick()
    assert text(due)[0] == "SUPPRESSED"

    capped(due, 5)
    at(due, 26, 18)
    with due.database.reading() as session:
        assert _used(session, datetime(2026, 12, 1, tzinfo=UTC)) == 0


def _used(session: Session, now: datetime) -> int:
    return budget.purse(session, [], now).used.total()


# The rule itself


def test_nothing_but_reminders_and_announcements_is_ever_held_back() -> None:
    spent = [Account(100, 10, GROUP_SPENT)]

    assert {kind for kind in Kind if refusal(kind, 1, 99, spent)} == {Kind.REMINDER, Kind.ANNOUNCEMENT}


def test_the_member_is_asked_first_then_the_group_then_everybody() -> None:
    accounts = [Account(8, 10, GROUP_SPENT), Account(10, 10, ALL_SPENT)]

    assert refusal(Kind.REMINDER, 1, PER_MEMBER, accounts) == ENOUGH
    assert refusal(Kind.REMINDER, 1, 0, accounts) == GROUP_SPENT
    assert refusal(Kind.ANNOUNCEMENT, 2, 0, accounts) == ALL_SPENT
    assert refusal(Kind.ANNOUNCEMENT, 2, 0, accounts[:1]) == ""


def test_a_share_is_told_in_percent_of_what_reminders_may_use() -> None:
    assert (Account(64, 100, "").percent, Account(80, 100, "").percent, Account(5, None, "").percent) == (80, 100, 0)
    assert Account(0, 0, "").percent == 100


def test_months_are_the_providers_in_utc() -> None:
    late = moment(30, 20)  # in New York; in UTC it is December already

    assert month_of(late.astimezone(UTC)) == "2026-12"
    assert month_start(late.astimezone(UTC)) == datetime(2026, 12, 1, tzinfo=UTC)
