"""Venues: what was said about them."""

from datetime import datetime, timedelta

import pytest

from meetup import meetings
from meetup.clock import HandClock
from meetup.errors import NotFound, NotUnderstood
from meetup.places import venues
from meetup.places.venues import VenueDraft
from meetup.schedule.series import Access, Place
from meetup.storage.database import Session
from meetup.storage.tables import Group, Meeting, Organization, Venue


@pytest.fixture
def meeting(session: Session, circle: Group, hall: Venue, clock: HandClock) -> Meeting:
    timing = meetings.Timing(
        "FREQ=WEEKLY", datetime.fromisoformat("2026-12-03T19:00"), timedelta(hours=1), None, "America/New_York"
    )
    found = meetings.add(session, circle, [timing], clock.now())
    meetings.hold(session, found, clock.now(), venue=hall, room=None)
    return found


def test_a_venue_keeps_everything_that_was_said(session: Session, home: Organization, clock: HandClock) -> None:
    access = Access(step_free=True, hearing_loop=False, parking="Behind the house", door_code="4711#")
    draft = VenueDraft("Gemeindehaus", "Am Markt 3, 12345 Dorf", country="DE", directions="Ring twice", access=access)

    row = venues.add(session, draft, clock.now())

    assert venues.value(session, row) == Place(
        key=row.public_id,
        name="Gemeindehaus",
        address="Am Markt 3, 12345 Dorf",
        country="DE",
        directions="Ring twice",
        access=access,
    )
    assert b"4711" not in (row.door_code_sealed or b"")


@pytest.mark.parametrize(
    ("country", "line"),
    [("US", "12 Elm St, Troy, NY 12180"), ("DE", "12 Elm St, 12180 Troy, NY"), ("", "12 Elm St, 12180 Troy, NY")],
)
def test_an_address_line_is_made_of_its_parts(country: str, line: str) -> None:
    draft = VenueDraft("Hall", street="12 Elm St", locality="Troy", region="NY", postal_code="12180", country=country)

    assert draft.line == line


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"name": " ", "address": "Here"}, "needs a name"),
        ({"name": "Hall"}, "needs an address"),
        ({"name": "Hall", "address": "Here", "latitude": 42.0}, "a latitude and a longitude"),
        ({"name": "Hall", "address": "Here", "latitude": 142.0, "longitude": 7.0}, "not on this planet"),
        ({"name": "Hall", "address": "Here", "capacity": 0}, "one person at least"),
    ],
    ids=["no name", "no address", "half a coordinate", "off the earth", "no room"],
)
def test_a_venue_that_nobody_could_find_is_refused(said: dict[str, object], message: str) -> None:
    with pytest.raises(NotUnderstood, match=message):
        VenueDraft(**said)  # type: ignore[arg-type]  # wrong on purpose


def test_a_venue_is_found_by_name_or_slug(session: Session, hall: Venue) -> None:
    assert venues.find(session, "st. mark's hall") is hall
    assert venues.find(session, "st-marks-hall") is hall
    with pytest.raises(NotFound, match=r"There is no venue “St\. Luke”"):
        venues.find(session, "St. Luke")


def test_an_edited_venue_raises_its_meetings(session: Session, hall: Venue, meeting: Meeting, clock: HandClock) -> None:
    before = meeting.version

    venues.edit(session, hall, VenueDraft("New hall", "1 Oak Street", access=Access(door_code="7")), clock.now())

    session.refresh(meeting)
    assert meeting.version == before + 1
    assert venues.value(session, hall).address == "1 Oak Street"
    assert venues.value(session, hall).access.door_code == "7"
