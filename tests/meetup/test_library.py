"""Feeds are joined from what was written before: a change of one series costs one reading and one writing."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from meetup import dates, groups, meetings
from meetup.clock import HandClock
from meetup.feeds import calendar, collect, links
from meetup.feeds.addresses import Addresses
from meetup.feeds.calendar import Fragment
from meetup.feeds.collect import Outline
from meetup.feeds.editions import Edition
from meetup.feeds.library import Library
from meetup.feeds.pile import Pile
from meetup.feeds.views import Reader
from meetup.people import members
from meetup.schedule.phrases import parse
from meetup.schedule.series import Series
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, Member, Venue
from meetup.storage.vault import Vault

SERIES = 30


class Scribe:
    """Writes fragments, and counts them."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def __call__(self, series: Series, reader: Reader | None) -> Fragment:
        self.written.append(series.title)
        return calendar.fragment(series, reader)


@pytest.fixture
def addresses(vault: Vault) -> Addresses:
    return Addresses(vault, "https://meet.example")


@pytest.fixture
def many(session: Session, circle: Group, hall: Venue, clock: HandClock) -> list[Meeting]:
    """Return the meetings of a group that meets at very many times."""
    return [_meet(session, circle, hall, number, clock.now()) for number in range(SERIES)]


def _meet(session: Session, circle: Group, hall: Venue, number: int, now: datetime) -> Meeting:
    parsed = parse(f"every Thursday {7 + number // 4:02d}:{15 * (number % 4):02d} for 10 minutes", now.date())
    timing = meetings.Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, circle.zone)
    meeting = meetings.add(session, circle, [timing], now, title=f"Round {number}")
    meetings.hold(session, meeting, now, venue=hall, room=None)
    return meeting


def cancel(session: Session, meeting: Meeting, now: datetime) -> None:
    dates.cancel(session, meeting, dates.slot_on(session, meeting, (now + timedelta(days=3)).date()), now)


def test_a_change_of_one_series_writes_one_series(
    session: Session, circle: Group, many: list[Meeting], clock: HandClock, addresses: Addresses
) -> None:
    scribe = Scribe()
    library = Library(scribe)

    def feed() -> bytes:
        outline = collect.public(session, circle.slug, addresses, clock.now())
        assert outline is not None
        return library.write(session, outline)

    first = feed()
    assert (len(scribe.written), feed()) == (SERIES, first)
    cancel(session, many[7], clock.now())
    second = feed()

    assert scribe.written[SERIES:] == ["Round 7"]
    assert second.count(b"STATUS:CANCELLED") == 1
    assert second == collect.write(collect.of_group(session, circle, addresses, clock.now()))


def test_what_changes_every_series_writes_them_all(
    session: Session, circle: Group, many: list[Meeting], clock: HandClock, addresses: Addresses
) -> None:
    library, told = Library(), []
    for description in ("", "Bring a cup"):
        groups.edit(session, circle, {"description": description}, clock.now())
        outline = collect.public(session, circle.slug, addresses, clock.now())
        assert outline is not None
        told.append(library.write(session, outline))

    assert [written.count(b"DESCRIPTION:In person") for written in told] == [SERIES, SERIES]
    assert [written.count(b"Bring a cup\r\nLOCATION") for written in told] == [0, SERIES]
    assert [written.count(b"SEQUENCE:2\r\n") for written in told] == [SERIES, 0]
    assert [written.count(b"SEQUENCE:3\r\n") for written in told] == [0, SERIES]


def outline(session: Session, member: Member, addresses: Addresses, clock: HandClock) -> Outline:
    token = links.make(session, member, clock.now())
    found = collect.private(session, token, addresses, clock.now())
    assert found is not None
    return found


def test_equal_outlines_are_equal_feeds(
    session: Session, ada: Member, many: list[Meeting], clock: HandClock, addresses: Addresses
) -> None:
    before = outline(session, ada, addresses, clock)
    assert outline(session, ada, addresses, clock) == before
    cancel(session, many[0], clock.now())

    after = outline(session, ada, addresses, clock)

    assert after != before
    assert Library().write(session, after) == collect.write(collect.of_member(session, ada, addresses, clock.now()))
    assert after.ringing(timedelta(hours=1)) != after
    assert replace(after, edition=Edition("x", clock.now())) == after


@pytest.mark.usefixtures("many")
def test_two_readers_do_not_share_what_is_theirs(
    session: Session, ada: Member, ben: Member, clock: HandClock, addresses: Addresses
) -> None:
    members.edit(session, ben, {"cover_label": "Choir", "phone_shared": True}, clock.now())
    library = Library()

    told = [library.write(session, outline(session, member, addresses, clock)) for member in (ada, ben, ada)]

    assert told[0] == told[2]
    assert (b"Elm Street" in told[0], b"SUMMARY:Choir" in told[0]) == (True, False)
    assert (b"Elm Street" in told[1], b"SUMMARY:Choir" in told[1]) == (False, True)


def test_a_pile_drops_what_was_not_used_for_longest() -> None:
    pile: Pile[str, int] = Pile(10)
    for name in "abc":
        pile.put(name, ord(name), 3)

    assert pile.get("a") == ord("a")
    pile.put("d", 1, 4)

    assert [name for name in "abcd" if pile.get(name) is not None] == ["a", "c", "d"]
    assert (len(pile), pile.size) == (3, 10)


def test_a_pile_never_holds_more_than_it_may() -> None:
    pile: Pile[int, bytes] = Pile(100)

    for number in range(1000):
        pile.put(number % 70, b"", number % 37)
        assert pile.size <= 100
    pile.put(1, b"", 101)

    assert pile.get(1) is None
    pile.drop(1)
    assert pile.size <= 100
