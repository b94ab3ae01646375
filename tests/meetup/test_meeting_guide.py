"""Meeting Guide feeds: what their writers mean is read, what they leave out is said, and nobody's secret is shown."""

import json
from datetime import time, timedelta

import pytest

from meetup.errors import NotUnderstood, UsageError
from meetup.transfer import meeting_guide, whereabouts
from meetup.transfer.listings import Listing, Mode, Rejected, Times
from meetup.transfer.meeting_guide import read

ZONE = "America/New_York"
LINK = "https://zoom.us/j/91234567890"

# A row of a well-made feed; the tests say what differs.
PLAIN: dict[str, object] = {
    "slug": "lantern-walk",
    "name": "Lantern walk",
    "day": 2,
    "time": "19:00",
    "end_time": "20:30",
    "formatted_address": "8 Weir Lane, Troy, NY 12180, USA",
    "location": "Weir House",
    "types": ["O"],
}


def feed(*rows: dict[str, object]) -> str:
    return json.dumps([{**PLAIN, "slug": f"row-{number}", **row} for number, row in enumerate(rows, 1)])


def told(**fields: object) -> Listing:
    (listing,) = read(feed(fields), ZONE).listings
    return listing


def remarks(**fields: object) -> list[str]:
    return [remark.text for remark in read(feed(fields), ZONE).remarks]


def reasons(*rows: dict[str, object]) -> list[str]:
    return [one.reason for one in read(feed(*rows), ZONE).rejected]


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (0, ("SU",)),
        ("6", ("SA",)),
        ([1, 3, 5], ("MO", "WE", "FR")),
        (["5", 0], ("FR", "SU")),
        ("Tuesday", ("TU",)),
        ("Thurs", ("TH",)),
        ("Sundays", ("SU",)),
        ("1, 2", ("MO", "TU")),
        (4.0, ("TH",)),
    ],
)
def test_days_are_numbers_from_sunday_or_names_one_or_several(day: object, days: tuple[str, ...]) -> None:
    assert told(day=day).times == Times(days, time(19), timedelta(minutes=90), ZONE)


@pytest.mark.parametrize("day", [7, -1, "8", "someday", "su", [1, "x"]])
def test_a_day_that_is_none_is_refused(day: object) -> None:
    assert [reason.split("”")[1] for reason in reasons({"day": day})] == [
        " is not a day of the week: 0 is Sunday, 6 is Saturday"
    ]


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("19:30", time(19, 30)),
        ("9:05", time(9, 5)),
        ("7:30 PM", time(19, 30)),
        ("7pm", time(19)),
        ("12:00 a.m.", time(0)),
        ("12:15 pm", time(12, 15)),
        ("08:00:00", time(8)),
    ],
)
def test_times_are_read_as_people_write_them(written: str, at: time) -> None:
    times = told(time=written, end_time="").times
    assert times
    assert times.start == at


@pytest.mark.parametrize("written", ["25:00", "19", "19:00 pm", "13pm", "noonish", "7:61 pm", "24:00"])
def test_a_time_that_is_none_is_refused(written: str) -> None:
    assert reasons({"time": written}) == [f"“{written}” is not a time of day"]


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({"end_time": "20:30"}, 90),
        ({"end_time": ""}, 60),
        ({"end_time": None}, 60),
        ({"end_time": "00:30"}, 330),
        ({"end_time": "24:00"}, 300),
        ({"end_time": "9:00 PM"}, 120),
        ({"end_time": "19:00"}, 60),
        ({"end_time": "late"}, 60),
        ({"end_time": None, "duration": 75}, 75),
        ({"end_time": None, "duration": "0"}, 60),
        ({"end_time": None, "duration": 1e999}, 60),
    ],
)
def test_it_lasts_until_its_end_over_midnight_too_or_else_an_hour(fields: dict[str, object], minutes: int) -> None:
    times = told(**fields).times
    assert times
    assert times.length == timedelta(minutes=minutes)


def test_a_strange_end_is_remarked() -> None:
    assert remarks(end_time="late") == [meeting_guide.NO_END]
    assert remarks(end_time="18:00") == [meeting_guide.VERY_LONG]


def test_without_day_or_time_it_is_by_appointment() -> None:
    assert told(day=None, time=None).times is None
    assert remarks(day=[], time="19:00") == [meeting_guide.NO_TIMES]


def test_a_zone_of_its_own_wins_and_one_that_is_none_is_refused() -> None:
    times = told(timezone="Europe/Berlin").times
    assert times
    assert times.zone == "Europe/Berlin"
    assert reasons({"timezone": "Pacific"}) == ["“Pacific” is not a time zone"]


def test_without_any_zone_the_feed_is_refused_and_the_option_named() -> None:
    with pytest.raises(UsageError) as refusal:
        read(feed({}))
    assert refusal.value.message == "“Lantern walk” (row 1) names no time zone"
    assert "--zone" in refusal.value.hint
    assert len(read(feed({"timezone": ZONE}, {"day": None})).listings) == 2


ONLINE = {"conference_url": LINK}
AWAY = {"formatted_address": "Troy, NY, USA", "location": ""}
OWN = {"conference_url": "https://video.example.org/r/7"}


@pytest.mark.parametrize(
    ("fields", "mode"),
    [
        ({}, Mode.IN_PERSON),
        (ONLINE, Mode.HYBRID),
        ({**ONLINE, "types": ["TC", "ONL"]}, Mode.ONLINE),
        ({**ONLINE, "types": "tc"}, Mode.ONLINE),
        ({**ONLINE, "types": ["Location Temporarily Closed"]}, Mode.ONLINE),
        ({**ONLINE, "approximate": "yes"}, Mode.ONLINE),
        ({**ONLINE, "approximate": True}, Mode.ONLINE),
        ({**ONLINE, **AWAY}, Mode.ONLINE),
        ({**AWAY, "approximate": "no"}, Mode.IN_PERSON),
        ({"types": "C,TC,11"}, Mode.INACTIVE),
        (AWAY, Mode.INACTIVE),
        ({"approximate": 1}, Mode.INACTIVE),
        ({"formatted_address": "", "address": "Online"}, Mode.INACTIVE),
        ({"formatted_address": "", "address": "8 Weir Lane, Troy, NY"}, Mode.IN_PERSON),
        ({"coordinates": "42.7,-73.7,42.8,-73.6"}, Mode.INACTIVE),
        ({"conference_phone": "+12025550123,,987#", "types": ["TC"]}, Mode.INACTIVE),
        (OWN, Mode.IN_PERSON),
        ({**OWN, "types": ["onl"]}, Mode.HYBRID),
    ],
)
def test_the_doors_follow_from_place_link_and_types(fields: dict[str, object], mode: Mode) -> None:
    assert told(**fields).mode is mode


@pytest.mark.parametrize(
    ("link", "url", "remark"),
    [
        (f" {LINK}?pwd=S3 ", f"{LINK}?pwd=S3", []),
        ("Http://us02web.zoom.us/j/1234567890", "https://us02web.zoom.us/j/1234567890", ["http"]),
        ("zoom.us/j/1234567890", "https://zoom.us/j/1234567890", []),
        ("http://video.example.org/r/7", "", ["follow"]),
        (f"{LINK}, {LINK}", "", ["follow"]),
        ("https://[bad", "", ["follow"]),
        ("ask the host", "", ["follow"]),
        ("javascript:alert(1)", "", ["follow"]),
        ("https://example.org/our-page", "", ["service"]),
    ],
)
def test_links_are_taken_when_a_room_can_have_them(link: str, url: str, remark: list[str]) -> None:
    room = told(conference_url=link).room
    said = remarks(conference_url=link)

    assert (room.url if room else "") == url
    assert [words for words, text in zip(remark, said, strict=True) if words not in text] == []
    assert [text for text in said if "zoom.us" in text or "example" in text] == []


def test_a_link_with_a_password_stays_with_the_members_and_so_does_a_passcode() -> None:
    room = told(conference_url=f"{LINK}?pwd=S3", conference_url_notes="Meeting ID: 912 Passcode: tulip7.").room

    assert room
    assert (room.public, room.passcode, room.name) == (False, "tulip7", "Lantern walk, Zoom")


@pytest.mark.parametrize(
    ("notes", "passcode"),
    [
        ("Password: 3b478", "3b478"),
        ("ID: 929 051 3210, Passcode: 7bd606", "7bd606"),
        ("pw=a.b!", "a.b!"),
        ("The password is “tulip”", "tulip"),
        ("Email For Password: person@example.org", ""),
        ("Call 014-151-4348 for Password", ""),
        ("No Password needed", ""),
        ("Passcode: 1 on Mondays, Passcode: 2 on Fridays", ""),
    ],
)
def test_a_passcode_is_taken_from_the_notes_when_it_is_clear(notes: str, passcode: str) -> None:
    room = told(conference_url=LINK, conference_url_notes=notes).room

    assert room
    assert room.passcode == passcode


def test_a_number_is_dialled_in_a_room_and_alone_it_is_none() -> None:
    room = told(conference_url=LINK, conference_phone="+12025550123,,987#").room

    assert room
    assert room.dial_in == ("+12025550123,,987#",)
    assert remarks(conference_phone="+12025550123,,987#") == [whereabouts.PHONE_ONLY]
    assert remarks(conference_phone="555-0123") == []


def test_notes_and_contacts_are_left_out_and_directions_only_kept_when_they_are_harmless() -> None:
    secret = {
        "notes": "Passcode tulip7",
        "group_notes": "Ask Bo",
        "contact_1_name": "Bo",
        "contact_1_phone": "2025550123",
    }
    listing = told(**secret, location_notes="Ring 4711 and ask for Bo")

    assert [word for word in ("tulip7", "Bo", "2025550123", "4711") if word in repr(listing)] == []
    assert remarks(**secret, location_notes="Ring 4711") == [whereabouts.DIRECTIONS, meeting_guide.NOTES]
    assert "Through the yard" in repr(told(location_notes="Through the yard"))


def test_the_place_of_a_listing_that_went_online_is_noted() -> None:
    (remark,) = read(feed({**ONLINE, "types": ["TC"]}), ZONE).remarks

    assert (remark.row, remark.text, remark.about) == (1, whereabouts.CLOSED, "8 Weir Lane, Troy, NY 12180, USA")


def test_an_address_comes_in_parts_or_as_a_line_that_is_taken_apart() -> None:
    parts = {"address": "8 Weir Lane", "city": "Troy", "state": "NY", "postal_code": 12180, "country": "USA"}
    whole, apart = told().venue, told(formatted_address=None, **parts).venue

    assert whole
    assert apart
    assert (whole.street, whole.locality, whole.region, whole.postal_code, whole.country) == (
        *("8 Weir Lane", "Troy", "NY", "12180", "US"),
    )
    assert apart.line == "8 Weir Lane, Troy, NY 12180"
    assert told(formatted_address="3 High St, Hove BN3, UK").venue


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"latitude": "42.5", "longitude": -73.5}, (42.5, -73.5)),
        ({"coordinates": "42.5,-73.5"}, (42.5, -73.5)),
        ({"latitude": "", "longitude": ""}, (None, None)),
        ({"latitude": 0, "longitude": 0}, (None, None)),
        ({"latitude": 99, "longitude": 1}, (None, None)),
        ({"latitude": 42.5}, (None, None)),
    ],
)
def test_coordinates_are_numbers_or_texts_or_nothing(fields: dict[str, object], where: tuple[object, object]) -> None:
    venue = told(**fields).venue

    assert venue
    assert (venue.latitude, venue.longitude) == where


@pytest.mark.parametrize(
    "types", [["X", "XB"], "x, xb", ["Wheelchair Access", "Wheelchair-Accessible Bathroom"], "[X],[XB]"]
)
def test_access_is_told_by_codes_labels_and_commas(types: object) -> None:
    venue = told(types=types).venue

    assert venue
    assert (venue.access.step_free, venue.access.accessible_toilet) == (True, True)


def test_what_nobody_said_about_access_stays_unknown() -> None:
    venue = told(types=[11, "O"]).venue

    assert venue
    assert (venue.access.step_free, venue.access.accessible_toilet) == (None, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": ""}, "It has no name"),
        ({"name": None}, "It has no name"),
        ({"name": "x" * 256}, "Its name is longer than 255 characters"),
        ({"name": "Walk, passcode 4711"}, "Its name holds a link or a passcode, and everybody would read it"),
        ({"group": "https://zoom.us/j/1"}, "Its name holds a link or a passcode, and everybody would read it"),
        ({"time": {"hour": 7}}, "Its time is not a text"),
        ({"location": ["a"]}, "Its location is not a text"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(fields: dict[str, object], reason: str) -> None:
    assert reasons(fields, {}) == [reason]


def test_rejected_rows_have_their_number_and_name() -> None:
    source = json.dumps([PLAIN, 7, {**PLAIN, "name": "Second"}])

    assert read(source, ZONE).rejected == (
        Rejected(2, "", "It is not a listing"),
        Rejected(3, "Second", "Its slug “lantern-walk” is that of row 1 already"),
    )


def test_slugs_are_numbers_too_and_long_ones_stay_apart() -> None:
    long = "meeting-" + "x" * 60
    slugs: list[dict[str, object]] = [{"slug": slug} for slug in (4711, "朝の集い", f"{long}-1", f"{long}-2", None)]
    found = [listing.slug for listing in read(feed(*slugs), ZONE).listings]

    assert found[0] == "4711"
    assert found[1].startswith("listing-")
    assert found[4] == "lantern-walk-tu-19-00"
    assert len(set(found)) == 5
    assert max(map(len, found)) <= 60
    assert found == [listing.slug for listing in read(feed(*slugs), ZONE).listings]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("[{}] and more", "The file is not JSON: extra data in line 1, column 6"),
        ("", "The file is not JSON: expecting value in line 1, column 1"),
        ('{"C": {"en": "Closed"}}', "The file is JSON, but not a list of meetings"),
        ("[]", "The file holds no meetings"),
        ("[" * 200_000, "The file is JSON that nobody can have meant"),
        (f"[{'1' * 5000}]", "The file is JSON that nobody can have meant"),
    ],
)
def test_what_is_no_feed_is_refused_in_one_sentence(source: str, sentence: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        read(source, ZONE)

    assert refusal.value.message == sentence


def test_a_mark_of_its_encoding_before_the_text_does_no_harm() -> None:
    assert len(read("\ufeff" + feed({}), ZONE).listings) == 1
