"""Whoever withdraws while a text to them is claimed gets nothing, and the harness would see it if they did."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from meetup.storage.database import Session
from meetup.storage.tables import DeliveryRow, Member
from notifications import outbox
from notifications.moves import Mark
from tests.faults import withdrawn

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
FEW = 6


def test_consent_that_is_withdrawn_while_texts_are_claimed_is_obeyed(tmp_path: Path) -> None:
    seen = withdrawn.play(tmp_path / "play", FEW, random.Random())

    assert (seen.lost, seen.doubled, seen.wrong) == (0, 0, ())


def test_without_a_second_look_at_the_member_the_same_harness_sees_texts_to_who_had_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = outbox.mark

    def blind(session: Session, token: str, marks: Iterable[Mark], now: datetime) -> set[int]:
        return mark(session, token, [replace(one, member_version=_version(session, one)) for one in marks], now)

    monkeypatch.setattr(outbox, "mark", blind)
    monkeypatch.setattr(withdrawn, "INSTANTS", [("mark committed", 1)])

    seen = withdrawn.play(tmp_path / "play", FEW, random.Random())

    assert any("a text to somebody who had left" in one for one in seen.wrong)


def _version(session: Session, one: Mark) -> int:
    return session.get_one(Member, session.get_one(DeliveryRow, one.delivery_id).member_id).version
