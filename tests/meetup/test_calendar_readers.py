"""What nobody may see, and what one member sees."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from meetup.feeds import calendar
from meetup.feeds.views import Reader, public_link
from meetup.schedule.series import Room
from meetup.values import Door, Preference
from tests.meetup.calendars import (
    ADA,
    BOARD,
    CIRCLE,
    HUB,
    LINK,
    PARTY,
    PRIVATE,
    PUBLIC,
    PUBLIC_ROOM,
    SECRET_ROOM,
    SHARED,
    change,
    events,
    only,
    overrides,
    unfold,
)

LEAKY = replace(
    CIRCLE,
    room=SECRET_ROOM,
    place=replace(HUB, directions="Buzzer 47 11, second floor"),
    description="Everybody is welcome\nPasscode: Tulip77\nDial 0049 (30) 123 4567\nZoom https://zoom.us/j/1?pwd=x9",
    changes=(replace(change("2026-02-10T19:00"), note="Door code 4711#"),),
)
SECRETS = ("tulip77", "a1B2", "pwd", "1234567", "654321", "4711", "47 11", "x9", "T0ken")


def test_no_secret_is_in_a_public_feed() -> None:
    written = unfold(calendar.render([LEAKY, BOARD], PUBLIC))
    private = unfold(calendar.render([LEAKY], replace(PRIVATE, reader=Reader())))

    assert [secret for secret in SECRETS if secret.casefold() in written.casefold()] == []
    assert "Everybody is welcome" in written
    assert [secret for secret in SECRETS if secret in private] == [
        "tulip77",
        "a1B2",
        "pwd",
        "1234567",
        "654321",
        "47 11",
        "T0ken",
    ]


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (PUBLIC_ROOM, True),
        (replace(PUBLIC_ROOM, public=False), False),
        (replace(PUBLIC_ROOM, url=f"{LINK}?authuser=0"), True),
        (replace(PUBLIC_ROOM, url="https://zoom.us/j/1?pwd=a1"), False),
        (replace(PUBLIC_ROOM, url="https://zoom.us/j/1?x=1&PWD=a1"), False),
        (replace(PUBLIC_ROOM, url="https://zoom.us/j/1?%70wd=a1"), False),
        (replace(PUBLIC_ROOM, url="https://teams.example.com/meet/1?p=a1"), False),
        (replace(PUBLIC_ROOM, url="https://whereby.com/x?roomKey=a1"), False),
        (replace(PUBLIC_ROOM, url=f"{LINK}#passcode=a1"), False),
        (replace(PUBLIC_ROOM, url=f"{LINK}/tulip77", passcode="tulip77"), False),
        (replace(PUBLIC_ROOM, url="https://me:a1@meet.example.org/x"), False),
        (replace(PUBLIC_ROOM, url="http://meet.example.org/x"), False),
        (replace(PUBLIC_ROOM, url="javascript:alert(1)"), False),
        (replace(PUBLIC_ROOM, url="https://meet.example.org/\x07x"), False),
        (replace(PUBLIC_ROOM, url="https://meet.example.org/\r\nATTENDEE:x"), False),
    ],
)
def test_a_public_feed_has_only_public_links_without_a_passcode(room: Room, shown: bool) -> None:
    written = unfold(calendar.render_series(replace(CIRCLE, room=room, description=f"Come: {room.url}")))

    assert (public_link(room) != "", "CONFERENCE" in written) == (shown, shown)
    assert (room.url in written) == shown


def test_a_private_feed_says_the_label_and_not_the_name() -> None:
    centre = replace(HUB, name="Anxiety Centre", directions="Ask for the Thursday anxiety circle")
    written = unfold(calendar.render([replace(CIRCLE, place=centre)], PRIVATE))

    assert "anxiety" not in written.casefold()
    assert "Open to everybody" not in written
    assert {event["SUMMARY"] for event in events(CIRCLE, ADA)} == {
        *("Choir", "Choir (online only)", "Choir (in person only)", "Cancelled: Choir")
    }


@pytest.mark.parametrize(
    ("own", "label", "told"),
    [("Yoga", "Choir", "Yoga"), ("", "Choir", "Choir"), ("", "", "Appointment"), ("", "Anxiety group", "Appointment")],
    ids=["her own", "the group's", "none", "a telling one"],
)
def test_a_private_feed_always_finds_a_harmless_label(own: str, label: str, told: str) -> None:
    party = replace(PARTY, label=label)

    assert only(party, Reader(label=own))["SUMMARY"] == told


@pytest.mark.parametrize("name", ["Harbor Friends House", "House of GRIEF", "Harborfriends", "Casa del grupo de apoyo"])
def test_a_members_calendar_never_says_what_the_group_is_called_or_about(name: str) -> None:
    place = replace(HUB, name=name, directions=f"Ask for {name}")
    told = replace(PARTY, label=name, place=place, secrets=("Harbor Friends", "grief"))

    written = unfold(calendar.render([told], replace(PRIVATE, reader=Reader())))

    assert name not in written
    assert HUB.address in written.replace("\\", "")
    assert "SUMMARY:Appointment" in written


def test_a_personal_link_replaces_the_real_one() -> None:
    written = unfold(calendar.render([LEAKY], PRIVATE))

    assert "https://meet.example.net/j/T0ken" in written
    assert [secret for secret in ("a1B2", "tulip77", LINK) if secret in written] == []


def test_a_shared_phone_shows_label_and_time_only() -> None:
    entries = events(CIRCLE, SHARED)

    assert {event["SUMMARY"] for event in entries} == {"Choir", "Cancelled: Choir"}
    assert sorted(overrides(CIRCLE, SHARED)) == ["02-10", "03-03"]
    assert {name for event in entries for name in event} == {
        *("UID", "RECURRENCE-ID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "RRULE"),
        *("EXDATE", "SUMMARY", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS", "RELATED-TO"),
    }


@pytest.mark.parametrize(
    ("preference", "usual", "without_place", "without_room"),
    [
        (
            Preference.EITHER,
            "Choir @ place + link",
            "Choir (online only) @ link + link",
            "Choir (in person only) @ place",
        ),
        (Preference.IN_PERSON, "Choir @ place", "Choir (online only) @ link + link", "Choir @ place"),
        (Preference.ONLINE, "Choir @ link + link", "Choir @ link + link", "Choir (in person only) @ place"),
        (Preference.ONLY_IN_PERSON, "Choir @ place", "Cancelled: Choir @", "Choir @ place"),
    ],
)
def test_a_member_sees_the_door_she_uses_or_the_one_that_is_left(
    preference: Preference, usual: str, without_place: str, without_room: str
) -> None:
    def told(closed: frozenset[Door]) -> str:
        altered = replace(change("2026-07-04T15:00"), closed=closed)
        event = only(replace(PARTY, changes=(altered,)), Reader(preference=preference))
        where = {"": "", LINK: " link"}.get(event.get("LOCATION", ""), " place")
        return f"{event['SUMMARY']} @{where}{' + link' if 'URL' in event else ''}"

    assert told(frozenset()) == usual
    assert told(frozenset({Door.IN_PERSON})) == without_place
    assert told(frozenset({Door.ONLINE})) == without_room


def test_a_member_who_comes_online_is_not_told_of_a_closed_building() -> None:
    assert sorted(overrides(CIRCLE, Reader(preference=Preference.ONLINE))) == ["02-10", "03-03", "05-20"]


def test_who_comes_in_person_only_is_not_shown_what_happens_online_only() -> None:
    assert events(BOARD, Reader(preference=Preference.ONLY_IN_PERSON)) == []
    assert len(events(BOARD, Reader(preference=Preference.IN_PERSON))) == 2


def test_members_may_dial_in() -> None:
    found = re.findall(r"CONFERENCE;[^\r]*?:((?:https|tel):[^\r]+)", unfold(calendar.render_series(BOARD, Reader())))

    assert found == [f"{LINK}?pwd=a1B2", "tel:+49301234567,,654321#"]


@pytest.mark.parametrize(
    ("ahead", "written"),
    [
        (timedelta(minutes=5), "-PT5M"),
        (timedelta(hours=1), "-PT1H"),
        (timedelta(minutes=90), "-PT1H30M"),
        (timedelta(days=7), "-P7D"),
    ],
)
def test_an_alarm_rings_before_every_open_date_in_harmless_words(ahead: timedelta, written: str) -> None:
    entries = unfold(calendar.render_series(CIRCLE, replace(ADA, alarm=ahead))).split("BEGIN:VEVENT")[1:]

    alarms = {re.search(r"BEGIN:VALARM\r\n(.*?)\r\nEND:VALARM", entry, re.DOTALL) for entry in entries}
    told = {found[1] if found else "silence" for found in alarms}
    assert told == {
        f"ACTION:DISPLAY\r\nDESCRIPTION:{words}\r\nTRIGGER:{written}"
        for words in ("Choir", "Choir (online only)", "Choir (in person only)")
    } | {"silence"}
    assert [entry for entry in entries if ("BEGIN:VALARM" in entry) == ("STATUS:CANCELLED" in entry)] == []


def test_an_alarm_on_a_shared_phone_says_the_label_only() -> None:
    written = unfold(calendar.render_series(CIRCLE, replace(SHARED, alarm=timedelta(hours=1))))

    assert set(re.findall(r"ACTION:DISPLAY\r\nDESCRIPTION:(.*)\r\n", written)) == {"Choir"}
