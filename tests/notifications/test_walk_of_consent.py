"""A long walk of chance through all that people say: nothing leaves without their standing yes, or an open question.

What is sent is measured by what was said (`memory.py`), at the moment in which it is handed over.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import col

from meetup import groups, meetings
from meetup.errors import MeetupError
from meetup.people import consent, entries, members, privacy
from meetup.schedule.phrases import parse
from meetup.storage.database import Session
from meetup.storage.tables import ConsentRow, Group, Venue
from meetup.values import Action, Channel, Kind
from tests.notifications.walk import Walk, add_rule
from tests.notifications.wander import Wander

STEPS = 150
SEEDS = (1, 18)  # the second found a paper that outlived a STOP when it was first walked


@pytest.fixture
def town(walk: Walk) -> Walk:
    """Two groups that meet every day, and nobody in them."""
    with walk.database.writing() as session:
        privacy.let_go(session, members.find(session, "Ada"), walk.clock.now())
        circle = session.get_one(Group, 1)
        other = groups.add(session, groups.GroupDraft("Other circle", cover_label="Other"), walk.clock.now())
        for group in (circle, other):
            parsed = parse("every day 17:00-18:30", walk.clock.now().date())
            timing = meetings.Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, group.zone)
            meeting = meetings.add(session, group, [timing], walk.clock.now())
            meetings.hold(session, meeting, walk.clock.now(), venue=session.get_one(Venue, 1), room=None)
            for rule in ("24h by email", "5h by sms"):
                with suppress(MeetupError):
                    add_rule(session, group, rule, walk.clock)
    return walk


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_leaves_without_a_yes_that_stands_or_a_question_that_is_open(town: Walk, seed: int) -> None:
    wander = Wander(town, seed)

    wander.go(STEPS)

    assert wander.wire.faults == []
    kinds = Counter((one.kind, one.channel) for one in wander.wire.letters)
    # That nothing was sent would prove nothing.
    assert {kind for kind, _ in kinds} == {Kind.REMINDER, Kind.OPT_IN}
    assert (kinds.total() > 30, {channel for _, channel in kinds}, len(wander.done) > 14) == (True, set(Channel), True)


def _yes(group_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(ConsentRow.action) == Action.CONFIRMED.value, col(ConsentRow.group_id) == group_id


def newest_yes(group_id: int) -> Select[int, int | None, datetime | None]:
    """Let the newest yes count, whatever was said after it."""
    return _of_each(func.max, group_id)


def any_yes(group_id: int) -> Select[int, int | None, datetime | None]:
    """Let the oldest yes be pointed at where the newest one stands."""
    stands = STANDING(group_id).subquery()
    return _of_each(func.min, group_id).where(col(ConsentRow.contact_id).in_(select(stands.c.contact_id)))


def _of_each(which: Callable[..., Any], group_id: int) -> Select[int, int | None, datetime | None]:
    entry_id, at = which(col(ConsentRow.id)).label("consent_id"), which(col(ConsentRow.at)).label("at")
    yes: Select[int, int | None, datetime | None] = select(col(ConsentRow.contact_id).label("contact_id"), entry_id, at)
    return yes.where(*_yes(group_id)).group_by(col(ConsentRow.contact_id))


def ever_asked(session: Session, contact_id: int, _now: datetime) -> list[ConsentRow]:
    """Let every question be open for ever."""
    return [entry for entry in consent.history_of(session, contact_id) if entry.action in entries.ASKED]


STANDING = consent.standing


@pytest.mark.parametrize(
    ("check", "without", "found"),
    [
        ("standing", newest_yes, "no yes stands"),
        ("standing", any_yes, "it relies on another entry"),
        ("pending", ever_asked, "no yes stands"),
    ],
    ids=["a no is overlooked", "another yes is pointed at", "questions stay open"],
)
def test_the_same_walks_find_what_leaves_when_a_check_is_gone(
    town: Walk, monkeypatch: pytest.MonkeyPatch, check: str, without: object, found: str
) -> None:
    # Here, and only here, our own code is exchanged: a walk that finds nothing must be able to find something.
    monkeypatch.setattr(consent, check, without)
    wander = Wander(town, SEEDS[0])

    wander.go(STEPS)

    assert found in {one.partition(":")[0] for one in wander.wire.faults}
