"""Posters hold what everybody may know: every door's state, and nothing that opens one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from meetup import groups, meetings
from meetup.clock import HandClock
from meetup.feeds import collect, display
from meetup.feeds.addresses import Addresses
from meetup.feeds.views import sayable
from meetup.places import rooms, venues
from meetup.schedule import phrases
from meetup.schedule.series import Access, Closure, Series
from meetup.storage.database import Session
from meetup.storage.tables import Group, OnlineRoom, Venue
from meetup.values import Door
from tests.meetup.posters import ANNEX, CIRCLE, HALL, MOMENT, MONTHLY, OPEN, ZOOM, change, of
from tests.notifications.walk import begin

BOTH = frozenset(Door)


def test_every_date_says_which_doors_are_open() -> None:
    told = [(f"{one.start:%m-%d %H:%M}", sorted(one.open_doors), one.cancelled) for one in of(CIRCLE).showings]

    assert told == [
        ("11-26 19:00", ["in_person", "online"], False),
        ("12-03 19:00", ["online"], False),
        ("12-10 19:00", ["in_person"], False),
        ("12-16 18:00", ["in_person", "online"], False),
        ("12-24 19:00", [], True),
        ("01-07 19:00", ["in_person", "online"], False),
    ]


def test_a_date_keeps_the_name_of_its_slot_when_it_is_moved() -> None:
    moved = next(one for one in of(CIRCLE).showings if one.moved)

    assert (moved.anchor, f"{moved.slot:%d %H:%M}") == ("d-circle-20261217-1900", "17 19:00")


def test_times_are_those_of_the_place_with_their_offset() -> None:
    first = of(CIRCLE).showings[0]

    assert (first.start.isoformat(), first.end.isoformat()) == (
        "2026-11-26T19:00:00-05:00",
        "2026-11-26T20:30:00-05:00",
    )


def test_a_date_at_another_place_says_so() -> None:
    assert [one.place and one.place.name for one in of(CIRCLE).showings if one.elsewhere] == ["Annex"]


def test_what_usually_holds_knows_no_change() -> None:
    (regular,) = of(replace(CIRCLE, changes=(change("2026-11-26", place=ANNEX),))).regulars

    assert (regular.place and regular.place.name, regular.doors) == ("St. Mark's Hall", BOTH)


def test_a_link_is_shown_when_everybody_may_have_it() -> None:
    links = {room: of(replace(CIRCLE, room=room)).regulars[0].link for room in (ZOOM, OPEN, replace(ZOOM, public=True))}

    assert links == {ZOOM: "", OPEN: OPEN.url, replace(ZOOM, public=True): ""}


def test_no_code_gets_into_a_poster() -> None:
    talkative = replace(
        CIRCLE,
        place=replace(
            HALL,
            directions="Ring, then 4711#",
            access=Access(parking="Barrier: 4711 #", transit="Zoom code 271-828", door_code="4711#"),
        ),
        changes=(change("2026-12-03", note=f"Come by {ZOOM.url}\nWe begin late\nCode 271 828"),),
    )

    made = of(talkative)

    said = repr(made).replace(" ", "").replace("-", "")
    assert [secret for secret in ("4711", "271828", "pwd", "98765432100", "c2VjcmV0") if secret in said] == []
    assert [one.notes for one in made.showings if one.notes] == [("We begin late",)]


def test_a_description_may_not_tell_the_code_of_another_meeting_or_date() -> None:
    elsewhere = replace(MONTHLY, room=replace(OPEN, passcode="161803"), changes=(change("2026-12-03", room=ZOOM),))

    assert sayable("Welcome\nOnline: 161803\nOr 271828", [CIRCLE, elsewhere]) == ("Welcome",)


def test_a_closure_leads_to_another_place_or_by_another_door() -> None:
    shut = Closure("hall", Door.IN_PERSON, CIRCLE.changes[0].slot, CIRCLE.changes[1].slot, 1, MOMENT)
    moved = replace(CIRCLE, changes=(), closures=(replace(shut, instead=ANNEX),))
    online = replace(CIRCLE, room=None, changes=(), closures=(replace(shut, instead=ZOOM),))

    there, by_video = of(moved).showings[1], of(online).showings[1]

    assert (there.elsewhere, there.place and there.place.name, there.open_doors) == (True, "Annex", BOTH)
    assert (by_video.closed_doors, by_video.open_doors) == (frozenset({Door.IN_PERSON}), frozenset({Door.ONLINE}))
    assert sayable("Code 271828", [online]) == ()


@pytest.mark.parametrize(
    "series",
    [
        replace(CIRCLE, schedules=(replace(CIRCLE.schedules[0], until=datetime(2026, 11, 20).date()),)),  # noqa: DTZ001
        replace(CIRCLE, place=None, room=None, changes=()),
    ],
    ids=["ended", "without a place yet"],
)
def test_a_meeting_without_dates_or_doors_is_left_out(series: Series) -> None:
    assert of(series).regulars == ()


def test_the_dates_of_a_group_change_at_midnight_and_not_before(
    session: Session, circle: Group, hall: Venue, zoom: OnlineRoom, clock: HandClock
) -> None:
    begin(session, circle, hall, zoom, clock)
    thursday = datetime.fromisoformat("2026-11-27T02:00+00:00")  # 21 o'clock on the 26th in New York

    before = display.of_group(session, circle, thursday - timedelta(hours=20))
    late = display.of_group(session, circle, thursday)
    after = display.of_group(session, circle, thursday + timedelta(hours=4))

    assert before == late
    assert [f"{made.showings[0].start:%d}" for made in (late, after)] == ["26", "03"]
    assert len(after.showings) == display.SHOWN


def test_a_yearly_group_shows_its_next_date(session: Session, circle: Group, hall: Venue, clock: HandClock) -> None:
    parsed = phrases.parse("every year on 3 October at 15:00", clock.now().date())
    timing = meetings.Timing(parsed.rule, parsed.start, parsed.duration, None, circle.zone)
    meetings.hold(session, meetings.add(session, circle, [timing], clock.now()), clock.now(), venue=hall, room=None)

    assert [f"{one.start:%Y-%m-%d}" for one in display.of_group(session, circle, clock.now()).showings] == [
        "2027-10-03"
    ]


def test_closed_groups_have_no_poster(session: Session, circle: Group, clock: HandClock) -> None:
    groups.add(session, groups.GroupDraft("Family circle", audience="closed"), clock.now())

    assert [group.name for group in display.open_groups(session)] == ["Thursday circle"]


def test_no_line_of_a_public_calendar_tells_a_code(
    session: Session, circle: Group, hall: Venue, zoom: OnlineRoom, clock: HandClock
) -> None:
    """The description stands in the calendar's head and beside every meeting, the other one's too."""
    begin(session, circle, hall, zoom, clock)
    other = rooms.add(session, rooms.RoomDraft("Other", "https://meet.jit.si/x", passcode="161803"), clock.now())
    timing = meetings.Timing("FREQ=WEEKLY", datetime.fromisoformat("2026-11-28T10:00"), timedelta(hours=1), None, "UTC")
    second = meetings.add(session, circle, [timing], clock.now(), title="Second")
    meetings.hold(session, second, clock.now(), venue=None, room=other)
    groups.edit(session, circle, {"description": "Welcome\nCall 271828\nOr 161 803"}, clock.now())

    written = collect.write(collect.of_group(session, circle, Addresses(session.vault), clock.now())).decode()

    assert "X-WR-CALDESC:Welcome\r\n" in written
    assert [secret for secret in ("271828", "161 803") if secret in written.replace("\r\n ", "")] == []


def test_venues_are_shown_as_they_were_entered(
    session: Session, circle: Group, hall: Venue, zoom: OnlineRoom, clock: HandClock
) -> None:
    draft = replace(venues.draft_of(session, hall), access=Access(step_free=True, door_code="4711#", parking="Behind"))
    venues.edit(session, hall, draft, clock.now())
    begin(session, circle, hall, zoom, clock)

    place = display.of_group(session, circle, clock.now()).regulars[0].place

    assert place is not None
    assert place.access == Access(step_free=True, parking="Behind")
