"""How much one kill may leave in doubt follows what the worker is told, and is looked for where it shows."""

from contextlib import closing
from pathlib import Path

import pytest

from commands.context import Context
from meetup.clock import HandClock
from meetup.values import Channel
from notifications import deliver
from notifications.gate import Gate, Limit
from tests.faults import bounds
from tests.faults.kills import Town, town
from tests.faults.mortal import NOON

pytestmark = pytest.mark.slow


def test_the_bound_is_as_many_as_a_group_of_each_channel_may_become(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with town(tmp_path / "town", 1, receipts=False) as made:
        before, groups = made.in_flight, sum(deliver.GROUPS.values())
        monkeypatch.setattr(deliver, "GROUPS", {Channel.SMS: 3, Channel.EMAIL: 20})

        with closing(Context(made.home.settings)) as here:
            assert (before, bounds.in_flight(here)) == (groups, 23)


@pytest.mark.parametrize(("threads", "largest"), [(4, 50), (50, 8), (8, 8)])
def test_a_group_never_outgrows_its_channel_however_many_threads_there_are(threads: int, largest: int) -> None:
    assert bounds.largest(Gate("sms", Limit(threads), HandClock(NOON), largest)) == largest


def test_what_one_process_has_marked_is_not_counted_together_with_what_another_has(tmp_path: Path) -> None:
    with town(tmp_path / "town", 10, receipts=False) as made:
        made.plan()
        _mark(made, "one", "sms", 4)
        _mark(made, "two", "sms", 3)
        _mark(made, "three", "email", 5)

        assert made.marked() == 4 + 5


def _mark(made: Town, token: str, channel: str, number: int) -> None:
    made.home.sql(
        f"UPDATE deliveries SET state = 'SUBMITTING', claim_token = '{token}', lease_until = due_at WHERE id IN"  # noqa: S608
        f" (SELECT id FROM deliveries WHERE channel = '{channel}' AND state = 'PLANNED' ORDER BY id LIMIT {number})"
    )
