"""Why was this sent, or not? In plain words, without a person's address."""

import pytest

from meetup.errors import NotFound
from notifications import explain
from notifications.explain import Explanation
from notifications.messages import NotSent
from tests.notifications.walk import BEN, Walk, moment

DATE = "“Thursday circle” (thursday-circle) on Thursday 2026-11-26 19:00"


def why(walk: Walk, **only: str) -> Explanation:
    with walk.database.reading() as session:
        return explain.explain(session, walk.row(**only), walk.clock.now())


def test_a_sent_reminder_is_told_from_its_grounds_to_its_attempts(near: Walk) -> None:
    told = why(near, channel="email")

    assert told.lines == (
        f"A reminder by email to Ada (#1), 24h ahead, about {DATE}.",
        "It was due Wed 2026-11-25 19:00 and of use until Thu 2026-11-26 19:00 (America/New_York).",
        "It relied on consent #2: confirmed by paper on 2026-11-23, signed 2026-11-01.",
        "The provider has taken it; no word yet whether it arrived. (SENT)",
        "Attempt 1 on 2026-11-26 17:00:00 UTC: SENT.",
    )


def test_what_was_held_back_says_why(near: Walk) -> None:
    near.stop()
    near.clock.turn_to(moment(26, 17))
    near.tick()

    assert "It was held back on purpose. (SUPPRESSED: consent was withdrawn)" in why(near, channel="sms").lines


def test_what_is_tried_again_says_when(near: Walk) -> None:
    near.clock.turn_to(moment(26, 17))
    near.phone.outcomes = [NotSent("429", "too many requests", retry_after=600)]
    near.tick()

    told = why(near, channel="sms")

    assert told.lines[1].endswith("It rests until Thu 2026-11-26 17:10.") or told.lines[1].endswith("17:11.")
    assert told.lines[-1] == "Attempt 1 on 2026-11-26 22:00:00 UTC: NOT_SENT, code 429."


def test_a_question_is_about_no_date(walk: Walk) -> None:
    walk.sign_up("Ben", BEN)
    walk.ask("Ben")
    walk.plan()

    assert why(walk, kind="opt_in").lines[0] == "A question for consent by sms to Ben (#2)."


def test_a_member_is_told_by_alias_never_by_address(near: Walk) -> None:
    told = " ".join(why(near, channel="sms").lines)

    assert "Ada (#1)" in told
    assert "0123" not in told


def test_a_delivery_is_found_by_its_code_the_beginning_of_it_or_its_number(near: Walk) -> None:
    row = near.row(channel="sms")
    with near.database.reading() as session:
        for text in (row.code, row.code[:8].upper(), f"#{row.id}", f" {row.id} "):
            assert explain.find(session, text).id == row.id


@pytest.mark.parametrize("text", ["", "abc", "0000000000", "%%%%", "____", "#99999"])
def test_what_names_no_delivery_or_several_is_refused(near: Walk, text: str) -> None:
    with near.database.reading() as session, pytest.raises(NotFound, match="There is no delivery"):
        explain.find(session, text)
