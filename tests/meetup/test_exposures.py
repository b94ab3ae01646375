"""What a published listing gives away: found where it is, masked, and not seen where it is not."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetup.errors import NotUnderstood
from meetup.transfer.exposures import Leak, Sort, exposures
from meetup.transfer.published import LARGEST, Field, fields

GUIDES = Path(__file__).parents[3] / "shared" / "data" / "meeting_guide"


def leaks(text: str, sort: Sort = Sort.WORDS, country: str = "US") -> list[tuple[str, str]]:
    return [(one.leak.value, one.shown) for one in exposures(text, sort, country)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Meeting ID: 355 733 0933 Password: 3b478", "Password 3•••"),
        ("Zoom passcode is circle", "passcode c•••"),
        ("PW: edd478", "PW e•••"),
        ("ID: 263 882 3801, No Password cf48bf", "Password c•••"),
        ("Contraseña: luna", "Contraseña l•••"),
        ("clave = 4711", "clave 4•••"),
        ("Dial +16465588656,,85579351#,,,,*268153#", "…#,,2•••"),
    ],
)
def test_a_passcode_is_found_however_it_is_said(text: str, shown: str) -> None:
    assert ("passcode", shown) in leaks(text)


@pytest.mark.parametrize(
    "text",
    [
        "No password required.",
        "No password needed",
        "Password protected; ask a member",
        "Meeting ID: 743 7342 5020",
        "Take the mountain pass road to the hall",
        "Pin your name tag on",
        "Dial +16465588656,,85579351#",
    ],
)
def test_words_about_passcodes_are_no_passcodes(text: str) -> None:
    assert [leak for leak, _ in leaks(text) if leak == Leak.PASSCODE] == []


def test_a_link_that_opens_the_room_is_shown_by_its_host_alone() -> None:
    assert leaks("https://us04web.zoom.us/j/3405848344?pwd=ef865ce0") == [
        ("link that opens the room", "us04web.zoom.us/•••")
    ]
    assert leaks("https://us04web.zoom.us/j/3405848344") == []


def test_a_number_is_somebodys_unless_the_room_is_reached_by_it() -> None:
    assert leaks("Questions? (202) 555-0143") == [("phone number", "+1 ••• ••• 0143")]
    assert leaks("Dial-In: (202) 555-0143") == []
    assert leaks("Meeting ID: 202 555 0143") == []
    assert leaks("(202) 555-0143", Sort.ROOM) == []
    assert leaks("020 7946 0018", country="GB") == [("phone number", "+44 ••• ••• 0018")]


def test_the_mailbox_of_a_role_may_be_read_by_everybody() -> None:
    assert leaks("info@example.org or jane.smith@example.org") == [("mail address", "j•••@example.org")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Contact Jane Smith", "Jane S•••"),
        ("Hosted by José Ibáñez", "José I•••"),
        ("Chair: Mary K. O'Brien", "Mary O•••"),
        ("Jane Smith (202) 555-0143", "Jane S•••"),
        ("Preguntar por Ana Rojas", "Ana R•••"),
        ("Venmo @Jane-Smith", "Jane S•••"),
    ],
)
def test_a_surname_is_found_where_somebody_is_named(text: str, shown: str) -> None:
    assert ("surname", shown) in leaks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Contact Jane S.",
        "Ask for Jane",
        "Saint Mark's Church, Elm Street",
        "Bring your own chair, Big Book study",
        "Call Zoom Line 202 555 0143",
        "Wednesday Evening Meeting",
    ],
)
def test_first_names_and_places_are_no_surnames(text: str) -> None:
    assert [shown for leak, shown in leaks(text) if leak == Leak.SURNAME] == []


def test_a_field_for_a_person_is_read_as_a_name_and_a_street_is_not() -> None:
    assert leaks("Jane Smith", Sort.PERSON) == [("surname", "Jane S•••")]
    assert leaks("Martin Luther", Sort.PLACE) == []
    assert leaks("40.66287206", Sort.MACHINE) == []


def test_every_make_of_listing_is_read() -> None:
    guide = json.dumps([{"name": "Circle", "contact_1_name": "Jane Smith", "latitude": 40.6, "notes": None}]).encode()
    calendar = (
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Circle\r\n"
        b"ORGANIZER;CN=Jane Smith:mailto:jane@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    table = b"name,contact\nCircle,Jane Smith\n"
    page = b"<html><title>Circle</title><p>Contact Jane Smith</p><a href='tel:+12025550143'>call</a></html>"
    lines = b"Circle\nContact Jane Smith\n"

    assert Field("Circle", "contact_1_name", "Jane Smith") in fields(guide)
    assert Field("Circle", "organizer", "Jane Smith mailto:jane@example.org") in fields(calendar)
    assert Field("Circle", "contact", "Jane Smith") in fields(table)
    assert Field("Circle", "a href", "+12025550143") in fields(page)
    assert Field("line 2", "", "Contact Jane Smith") in fields(lines)


@pytest.mark.parametrize("data", [b"", b"  \n", b"[{", b"[" * 100_000, b"x" * (LARGEST + 1)])
def test_what_is_no_listing_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(NotUnderstood):
        list(fields(data))


@given(st.text(max_size=400), st.sampled_from(Sort))
def test_any_text_is_read_in_the_end_and_nothing_is_shown_whole(text: str, sort: Sort) -> None:
    for one in exposures(text, sort):
        assert "•••" in one.shown


def test_a_text_that_was_made_to_take_long_does_not() -> None:
    began = time.process_time()
    for piece in ("Aa ", "pass ", "a@", "Contact Aa ", "+1 202 ", ",,123456#,", "http://a?pwd="):
        list(exposures(piece * 20_000, Sort.WORDS))

    assert time.process_time() - began < 20


@pytest.mark.skipif(not GUIDES.exists(), reason="the feeds of other people are not here")
def test_real_listings_give_away_what_a_reader_sees_in_them() -> None:
    data = (GUIDES / "tsml-ui__oc.json").read_bytes()
    found = [one.leak for field in fields(data) for one in exposures(field.text, field.sort)]

    assert found.count(Leak.PASSCODE) > 500
    assert found.count(Leak.OPENER) == 19
    assert found.count(Leak.SURNAME) == 0  # somebody had taken the names out already
