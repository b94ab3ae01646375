"""Online rooms: links that are kept secret."""

from datetime import datetime, timedelta

import pytest

from meetup import meetings
from meetup.clock import HandClock
from meetup.errors import Forbidden, MeetupError, NotUnderstood
from meetup.places import rooms
from meetup.places.rooms import RoomDraft
from meetup.schedule.series import Room
from meetup.storage.database import Session
from meetup.storage.tables import Group, OnlineRoom, Organization

LINK = "https://us02web.zoom.us/j/123456789"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://us02web.zoom.us/j/123456789", "Zoom"),
        ("https://meet.google.com/abc-defg-hij", "Google Meet"),
        ("https://teams.microsoft.com/l/meetup-join/19%3a", "Microsoft Teams"),
        ("https://acme.webex.com/meet/ada", "Webex"),
        ("https://meet.jit.si/Table", "Jitsi"),
        ("https://jitsi.example.org/table", "Jitsi"),
        ("https://meet.goto.com/123", "GoTo Meeting"),
        ("https://bluejeans.com/123", "BlueJeans"),
        ("https://join.freeconferencecall.com/ada", "FreeConferenceCall"),
        ("https://discord.gg/abc", "Discord"),
        ("https://whereby.com/table", "Whereby"),
        ("https://bbb.example.org/b/ada-abc", "BigBlueButton"),
        ("https://notzoom.us/j/1", ""),
        ("https://zoom.us.example.org/j/1", ""),
    ],
)
def test_a_provider_is_known_by_its_host(url: str, wanted: str) -> None:
    assert rooms.provider(url) == wanted


@pytest.mark.parametrize(
    "url",
    [
        "",
        "zoom.us/j/1",
        "http://zoom.us/j/1",
        "https://",
        "https://localhost/x",
        "https://ada:secret@zoom.us/j/1",
        "https://zoom.us/j/1 2",
        "https://[zoom.us/j/1",
        "https://zoom.us/j/1\nX:1",
        "javascript:alert(1)//zoom.us",
    ],
)
def test_what_is_no_secure_link_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        RoomDraft("Room", url)

    assert not url or url not in refused.value.message


def test_links_and_codes_are_sealed_and_come_back(session: Session, home: Organization, clock: HandClock) -> None:
    draft = RoomDraft(
        "Table", LINK, passcode="271828", meeting_code="123 456", dial_in=("+1 646 558 8656", " ", "+44 20 7946 0000")
    )

    row = rooms.add(session, draft, clock.now())

    kept = b"".join(part for part in row.model_dump().values() if isinstance(part, bytes))
    assert [secret for secret in (b"zoom", b"271828", b"123 456", b"646") if secret in kept] == []
    assert rooms.value(session, row) == Room(
        key=row.public_id,
        name="Table",
        url=LINK,
        passcode="271828",
        meeting_code="123 456",
        dial_in=("+1 646 558 8656", "+44 20 7946 0000"),
    )


def test_a_sealed_link_opens_in_its_own_row_only(session: Session, zoom: OnlineRoom, clock: HandClock) -> None:
    other = rooms.add(session, RoomDraft("Other", LINK), clock.now())

    other.url_sealed = zoom.url_sealed

    with pytest.raises(MeetupError, match="does not fit"):
        rooms.value(session, other)


@pytest.mark.parametrize(
    ("url", "passcode"),
    [
        (LINK, "271828"),
        (f"{LINK}?pwd=c2VjcmV0", ""),
        (f"{LINK}?from=x&PWD=c2VjcmV0", ""),
        ("https://teams.live.com/meet/1?p=x", ""),
        ("https://meet.jit.si/Table#jwt=x", ""),
        ("https://whereby.com/table?roomKey=x", ""),
    ],
    ids=["passcode", "pwd", "capitals", "teams", "fragment", "room key"],
)
def test_a_public_room_never_carries_what_opens_it(url: str, passcode: str) -> None:
    with pytest.raises(Forbidden, match="has no passcode"):
        RoomDraft("Room", url, passcode=passcode, public=True)

    assert RoomDraft("Room", url, passcode=passcode).public is False


def test_a_public_room_is_public(session: Session, home: Organization, clock: HandClock) -> None:
    row = rooms.add(session, RoomDraft("Room", f"{LINK}?uname=guest", public=True), clock.now())

    assert rooms.value(session, row).public


def test_rotation_forgets_the_old_link_and_raises_the_meetings(
    session: Session, circle: Group, zoom: OnlineRoom, clock: HandClock
) -> None:
    timing = meetings.Timing(
        "FREQ=WEEKLY", datetime.fromisoformat("2026-12-03T19:00"), timedelta(hours=1), None, "America/New_York"
    )
    meeting = meetings.add(session, circle, [timing], clock.now())
    meetings.hold(session, meeting, clock.now(), venue=None, room=zoom)
    before = meeting.version
    clock.pass_(hours=1)

    rooms.rotate(session, zoom, "https://meet.google.com/abc-defg-hij", "", clock.now())

    session.refresh(meeting)
    value = rooms.value(session, zoom)
    assert (value.url, value.passcode, zoom.provider) == ("https://meet.google.com/abc-defg-hij", "", "Google Meet")
    assert (zoom.rotated_at, meeting.version) == (clock.now(), before + 1)


def test_a_public_room_cannot_rotate_to_a_link_that_opens_it(
    session: Session, home: Organization, clock: HandClock
) -> None:
    row = rooms.add(session, RoomDraft("Room", LINK, public=True), clock.now())

    with pytest.raises(Forbidden):
        rooms.rotate(session, row, f"{LINK}?pwd=x", "", clock.now())

    assert rooms.value(session, row).url == LINK
