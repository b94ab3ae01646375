"""Where the entries of a calendar are held, wherever their programs put place and link; and what nobody may read."""

import pytest

from meetup.places.rooms import RoomDraft
from meetup.places.venues import VenueDraft
from meetup.transfer.ics import doorways, events
from meetup.transfer.ics.programme import Where
from tests.meetup.foreign import NEW_YORK, event, only, read, reasons, said, weekly

ZOOM = "https://zoom.us/j/98765432100?pwd=S3cret"
NOWHERE = "LOCATION:-"


def where(*lines: str) -> Where:
    return only(read(weekly(*lines))).where


def room(*lines: str) -> RoomDraft | None:
    return where(NOWHERE, *lines).room


def venue(line: str, *more: str) -> VenueDraft | None:
    return where(f"LOCATION:{line}", *more).venue


@pytest.mark.parametrize(
    ("told", "name", "address"),
    [
        ("Parish hall\\, 8 Weir Lane\\, Troy", "Parish hall", "8 Weir Lane, Troy"),
        ("8 Weir Lane\\, Troy\\, NY 12180\\, USA", "8 Weir Lane", "8 Weir Lane, Troy, NY 12180, USA"),
        ("Parish hall\\n8 Weir Lane\\, Troy", "Parish hall 8 Weir Lane", "Parish hall 8 Weir Lane, Troy"),
        ("Town library", "Town library", "Town library"),
        (f"Hall\\, 1 Quay ({ZOOM})", "Hall", "1 Quay"),
        ("Zoom Street 5\\, Troy 12180", "Zoom Street 5", "Zoom Street 5, Troy 12180"),
        ("Haus der Begegnung\\, Hauptstr. 5\\, 10115 Berlin", "Haus der Begegnung", "Hauptstr. 5, 10115 Berlin"),
    ],
)
def test_a_place_is_a_name_and_an_address(told: str, name: str, address: str) -> None:
    found = venue(told)

    assert found is not None
    assert (found.name, found.line) == (name, address)


def test_an_american_address_is_taken_apart() -> None:
    found = venue("Parish hall\\, 8 Weir Lane\\, Troy\\, NY 12180\\, USA", "GEO:42.7284;-73.6918")

    assert found == VenueDraft(
        "Parish hall",
        "8 Weir Lane, Troy, NY 12180, USA",
        *("", "8 Weir Lane", "Troy", "NY", "12180", "US"),
        latitude=42.7284,
        longitude=-73.6918,
    )


@pytest.mark.parametrize("told", ["91;0", "0;0", "north;south", "1;2;3", "٤;٢"])
def test_coordinates_on_no_map_are_left_out_and_said(told: str) -> None:
    reading = read(weekly(f"GEO:{told}"))

    found = only(reading).where.venue
    assert found is not None
    assert (found.latitude, said(reading)) == (None, [doorways.NO_POINT])


@pytest.mark.parametrize(
    "told",
    [
        "#walkers",
        "irc: #walkers",
        "Zoom",
        "Online",
        "Microsoft Teams Meeting",
        "Online via Zoom",
        "TBD",
        "+1 202 555 0123",
    ],
)
def test_what_is_no_place_is_none(told: str) -> None:
    assert where(f"LOCATION:{told}") == Where(elsewhere=True)


@pytest.mark.parametrize(
    "told", ["Hall\\, door code 4711", "Hall (PIN: 1234)", "Hall\\, ask bo@example.org", "Hall\\, call +1 202-555-0123"]
)
def test_a_place_that_tells_a_secret_is_left_out_and_not_repeated(told: str) -> None:
    reading = read(weekly(f"LOCATION:{told}"))

    assert only(reading).where.venue is None
    assert [(one.text, one.about) for one in reading.remarks] == [(doorways.TELLING_PLACE, "")]


@pytest.mark.parametrize(
    "line",
    [
        f"LOCATION:{ZOOM}",
        "LOCATION:Zoom: zoom.us/j/98765432100?pwd=S3cret",
        f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=Join:{ZOOM}",
        f"X-GOOGLE-CONFERENCE:{ZOOM}",
        f"X-MICROSOFT-SKYPETEAMSMEETINGURL:{ZOOM}",
        f"URL:{ZOOM}",
        f"DESCRIPTION:Come along!\\nJoin: {ZOOM}.\\nAsk Bo",
        f'DESCRIPTION:<a href="{ZOOM}">join</a>',
    ],
)
def test_a_way_in_is_found_wherever_it_stands(line: str) -> None:
    kept = () if line.startswith("LOCATION") else (NOWHERE,)

    assert where(*kept, line).room == RoomDraft("Lantern walk, Zoom", ZOOM)


def test_a_link_of_nobody_known_is_a_way_in_only_where_it_is_meant_as_one() -> None:
    assert room("URL:https://walkers.example.org/about") is None
    assert room("DESCRIPTION:See https://walkers.example.org/about") is None
    assert room("CONFERENCE;VALUE=URI:https://call.example.org/walk") == RoomDraft(
        "Lantern walk, online", "https://call.example.org/walk"
    )


def test_passcode_and_numbers_come_with_the_link() -> None:
    found = room(
        f"CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+12025550123,,98765432100#\nCONFERENCE;VALUE=URI:{ZOOM}",
        "DESCRIPTION:Passcode: 271828",
    )

    assert found == RoomDraft("Lantern walk, Zoom", ZOOM, passcode="271828", dial_in=("+12025550123,,98765432100#",))
    assert found.public is False


def test_both_doors() -> None:
    found = where(f"URL:{ZOOM}")

    assert (found.venue is not None, found.room is not None) == (True, True)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)//zoom.us/j/1",
        "http://walkers.example.org/room",
        "https://me:S3cret@zoom.us/j/1",
        "file:///etc/passwd",
        "https://localhost/x",
        "https://zoom.us:99999/j/1",
        "data:text/html,<script>alert(1)</script>",
    ],
)
def test_a_link_that_nobody_should_follow_is_left_out_and_not_repeated(link: str) -> None:
    reading = read(weekly(NOWHERE, f"CONFERENCE;VALUE=URI:{link}"))

    assert only(reading).where.room is None
    assert [(one.text, one.about) for one in reading.remarks] == [(doorways.NO_LINK, "")]


def test_a_date_held_elsewhere() -> None:
    override = (
        f"RECURRENCE-ID;TZID={NEW_YORK}:20261208T190000",
        f"DTSTART;TZID={NEW_YORK}:20261208T190000",
    )

    def told(*lines: str) -> Where | None:
        (date,) = only(read(weekly(f"URL:{ZOOM}"), event(*override, *lines))).dates
        return date.where

    boathouse = told("LOCATION:Boathouse\\, 1 Quay", f"URL:{ZOOM}")
    assert boathouse is not None
    assert boathouse.venue is not None
    assert boathouse.venue.name == "Boathouse"
    assert told("LOCATION:Online") == Where(elsewhere=True)
    online = told(f"LOCATION:{ZOOM}")
    assert online is not None
    assert (online.venue, online.room is not None) == (None, True)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (("DESCRIPTION:Ask Bo",), events.NOTES),
        (("ATTENDEE;CN=Ada Byron:mailto:ada@example.org",), events.PEOPLE),
        (("ORGANIZER;CN=Bo:mailto:bo@example.org",), events.PEOPLE),
        (("ATTACH:https://example.org/a.pdf",), events.FILES),
        (("CATEGORIES:Health",), events.CATEGORIES),
        (("BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM",), events.ALARMS),
        (("STATUS:TENTATIVE",), events.TENTATIVE),
        (("this is no property",), events.STRANGE),
        (("UID:-",), events.NO_UID),
        (("DURATION:-",), events.NO_END),
        (("SUMMARY:-",), events.NO_TITLE),
    ],
)
def test_what_is_left_out_or_taken_otherwise_is_said(lines: tuple[str, ...], text: str) -> None:
    reading = read(weekly(*lines))

    assert said(reading) == [text]
    assert [word for word in ("Ada", "ada@", "Bo", "bo@") if word in repr(reading)] == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SUMMARY:Join https://zoom.us/j/1", "Its title holds a link or a passcode, and everybody would read it"),
        ("SUMMARY:Walk (passcode 1234)", "Its title holds a link or a passcode, and everybody would read it"),
        (f"SUMMARY:{'x' * 256}", "Its title is longer than 255 characters"),
        (f"UID:{'x' * 256}", "Its UID is longer than 255 characters"),
    ],
    ids=["link", "passcode", "long title", "long UID"],
)
def test_what_everybody_would_read_is_checked(line: str, reason: str) -> None:
    assert reasons(read(weekly(line))) == [(1, reason)]


def test_without_a_uid_it_is_known_by_what_it_is() -> None:
    first, again, other = (only(read(weekly("UID:-", *more))).uid for more in ((), (), ("SUMMARY:Other",)))

    assert first == again
    assert first != other
