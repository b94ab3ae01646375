"""What receipts mean."""

from datetime import timedelta

import pytest

from meetup.values import State
from notifications.rules.receipts import Receipt, callback_meaning, later


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("accepted", State.SENT),
        ("queued", State.SENT),
        ("sending", State.SENT),
        ("sent", State.SENT),
        ("delivered", State.DELIVERED),
        ("read", State.DELIVERED),
        ("undelivered", State.UNDELIVERED),
        ("failed", State.FAILED),
        ("canceled", State.FAILED),
        ("received", None),
        ("teleported", None),
    ],
)
def test_every_word_has_a_state(status: str, state: State | None) -> None:
    assert callback_meaning(status).state is state


def test_a_code_counts_only_when_the_text_did_not_arrive() -> None:
    assert callback_meaning("delivered", "21610") == Receipt(State.DELIVERED)


@pytest.mark.parametrize("code", ["21610", "30004"])
def test_who_left_is_not_asked_again(code: str) -> None:
    receipt = callback_meaning("undelivered", code)

    assert (receipt.opted_out, receipt.retry, receipt.bad_address) == (True, False, False)


@pytest.mark.parametrize("code", ["30005", "30006"])
def test_a_number_without_a_phone_is_marked(code: str) -> None:
    receipt = callback_meaning("undelivered", code)

    assert (receipt.opted_out, receipt.retry, receipt.bad_address) == (False, False, True)


@pytest.mark.parametrize("code", ["30002", "30032", "30034"])
def test_trouble_of_ours_stops_the_channel(code: str) -> None:
    assert callback_meaning("failed", code).stop_channel


@pytest.mark.parametrize("code", ["30001", "30003", "30008", "30022", "30023", "30450"])
def test_what_may_pass_is_tried_once_more_later(code: str) -> None:
    receipt = callback_meaning("undelivered", code)

    assert receipt.retry
    assert receipt.wait >= timedelta(minutes=10)
    assert not receipt.opted_out


@pytest.mark.parametrize("code", ["30007", "30036", "99999", ""])
def test_everything_else_simply_ends(code: str) -> None:
    receipt = callback_meaning("undelivered", code)

    assert receipt == Receipt(State.UNDELIVERED, reason=receipt.reason)
    assert receipt.reason


def test_receipts_move_a_delivery_forward_only() -> None:
    open_ = {State.PLANNED, State.CLAIMED, State.SUBMITTING, State.UNCERTAIN, State.HELD}
    final = {State.DELIVERED, State.UNDELIVERED, State.FAILED}
    allowed = {(a, b) for a in open_ for b in final | {State.SENT}} | {(State.SENT, b) for b in final}

    assert {(a, b) for a in State for b in State if later(a, b)} == allowed
