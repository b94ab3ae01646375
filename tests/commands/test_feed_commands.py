"""Calendars by command: a file for anybody, and links that a member can lose without harm."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from icalendar import Calendar
from sqlmodel import col, select

from commands.context import Context
from meetup import groups
from meetup.clock import HandClock
from meetup.feeds import links
from meetup.people import members, subscriptions
from meetup.places import rooms, venues
from meetup.storage.database import Session
from meetup.storage.tables import FeedLink
from meetup.values import Channel, Preference
from tests.commands.shell import Shell
from tests.notifications.walk import begin

PUBLIC = "https://meet.example"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@contextmanager
def behind(shell: Shell) -> Iterator[Session]:
    """Open the shell's database for writing."""
    here = Context(shell.environ)
    with here.writing() as session:
        yield session
    here.close()


@pytest.fixture
def circle(shell: Shell) -> Shell:
    """Return a shell in which Ada belongs to a circle that meets by both doors."""
    with behind(shell) as session:
        group = groups.add(session, groups.GroupDraft("Thursday circle", cover_label="Thursday plan"), NOW)
        hall = venues.add(session, venues.VenueDraft("Hall", street="12 Elm Street", locality="Troy"), NOW)
        room = rooms.add(session, rooms.RoomDraft("Room", "https://zoom.us/j/987?pwd=c2Vj", passcode="271828"), NOW)
        begin(session, group, hall, room, HandClock(NOW))
        ada = members.add(session, members.MemberDraft("Ada", "+12025550123"), NOW)
        subscriptions.subscribe(session, ada, group, Preference.EITHER, [Channel.SMS], NOW)
    return shell


@pytest.fixture
def online(circle: Shell) -> Shell:
    """Return the same shell with an address on the web."""
    circle.environ["MEETUP_PUBLIC_URL"] = PUBLIC
    return circle


def living(shell: Shell) -> list[bool]:
    """Tell of every link ever made whether it is alive."""
    with behind(shell) as session:
        return [row.revoked_at is None for row in session.exec(select(FeedLink).order_by(col(FeedLink.id))).all()]


def opens(shell: Shell, url: str) -> bool:
    token = url.removeprefix(f"{PUBLIC}/f/").removesuffix(".ics")
    with behind(shell) as session:
        return links.reader(session, token) is not None


def test_a_groups_calendar_is_written_without_secrets(circle: Shell, tmp_path: Path) -> None:
    done = circle.fine("feed", "export", "thursday-circle", "-o", str(tmp_path / "circle.ics"))

    body = (tmp_path / "circle.ics").read_bytes()
    assert done.err == (
        f"Written to {tmp_path / 'circle.ics'}\n"
        "This is the public calendar: everybody who reads it sees “Thursday circle”\n"
        "A member's own says “Thursday plan”: meetup feed export MEMBER\n"
    )
    assert Calendar.from_ical(body).events[0]["SUMMARY"] == "Thursday circle"
    assert b"\r\n" in body
    for secret in (b"zoom", b"pwd", b"271828", b"Ada"):
        assert secret not in body


def test_a_members_calendar_has_the_real_link_when_there_is_no_address(circle: Shell, tmp_path: Path) -> None:
    done = circle.fine("feed", "export", "ada", "-o", str(tmp_path / "ada.ics"))

    assert done.err == f"Written to {tmp_path / 'ada.ics'}\n"
    entry = Calendar.from_ical((tmp_path / "ada.ics").read_bytes()).events[0]
    assert (entry["SUMMARY"], entry["URL"]) == ("Thursday plan", "https://zoom.us/j/987?pwd=c2Vj")
    assert (tmp_path / "ada.ics").stat().st_mode & 0o077 == 0


def test_a_calendar_goes_to_the_terminal_byte_for_byte(circle: Shell, tmp_path: Path) -> None:
    circle.fine("feed", "export", "Ada", "-o", str(tmp_path / "ada.ics"))

    assert circle.fine("feed", "export", "Ada").out.encode() == (tmp_path / "ada.ics").read_bytes()


def test_a_closed_group_has_no_public_calendar(circle: Shell) -> None:
    with behind(circle) as session:
        groups.edit(session, groups.find(session, "thursday-circle"), {"audience": "closed"}, NOW)

    done = circle("feed", "export", "Thursday circle")

    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("error: “Thursday circle” is closed and has no public calendar")


def test_nobody_of_that_name_is_said_with_the_nearest(circle: Shell) -> None:
    done = circle("feed", "export", "Thursday circel")

    assert done.code == 3
    assert done.err == (
        "error: There is no group or member “Thursday circel”\n\nhint: Did you mean “Thursday circle”?\n"
    )


def test_a_link_opens_the_calendar_and_is_kept_as_a_hash_only(online: Shell) -> None:
    done = online.fine("feed", "link", "Ada")

    url = done.out.strip()
    assert opens(online, url)
    assert done.err.startswith("Can anyone else see this calendar?")
    token = url.removeprefix(f"{PUBLIC}/f/").removesuffix(".ics").encode()
    assert all(token not in file.read_bytes() for file in online.home.iterdir() if file.is_file())


def test_a_link_comes_with_a_way_for_each_program(online: Shell) -> None:
    done = online.fine("feed", "link", "Ada")

    url = done.out.strip()
    bare, coded = url.removeprefix("https://"), quote(url, safe="")
    shown = [word for word in done.err.split() if "://" in word]
    assert shown == [
        f"webcal://{bare}",
        f"https://calendar.google.com/calendar/render?cid={quote(f'webcal://{bare}', safe='')}",
        f"https://outlook.live.com/calendar/0/addfromweb?url={coded}&name=Northside",
        f"https://outlook.office.com/calendar/0/addfromweb?url={coded}&name=Northside",
    ]
    assert "Thursday circle" not in done.err


def test_whoever_asks_for_the_link_of_a_group_is_led_to_it(online: Shell) -> None:
    for command in (["link"], ["rotate"], ["qr", "-o", "card.svg"]):
        done = online("feed", command[0], "Thursday circle", *command[1:])

        assert (done.code, done.out) == (3, "")
        assert done.err.endswith("hint: Its public calendar: meetup feed public thursday-circle\n")
    assert living(online) == []


def test_a_shared_phone_is_not_asked_about(online: Shell) -> None:
    with behind(online) as session:
        members.edit(session, members.find(session, "Ada"), {"phone_shared": True}, NOW)

    assert online.fine("feed", "link", "Ada").err.startswith("It shows label and time only\n")


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="needs zbarimg, of Debian's zbar-tools")
@pytest.mark.parametrize("args", [("qr", "Ada", "-o"), ("public", "Thursday circle", "--qr")], ids=["own", "public"])
def test_a_card_subscribes_whoever_scans_it(online: Shell, tmp_path: Path, args: tuple[str, ...]) -> None:
    online.fine("feed", *args, str(tmp_path / "card.png"))

    command = ["zbarimg", "--quiet", "--raw", str(tmp_path / "card.png")]
    read = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert read.startswith("webcal://meet.example/")
    url = read.replace("webcal://", "https://")
    assert url == f"{PUBLIC}/g/thursday-circle.ics" if args[0] == "public" else opens(online, url)


def test_without_an_address_a_link_says_what_to_set_and_makes_none(circle: Shell) -> None:
    done = circle("feed", "link", "Ada")

    assert (done.code, done.out) == (2, "")
    assert "hint: Set MEETUP_PUBLIC_URL" in done.err
    assert living(circle) == []


def test_a_rotated_link_replaces_the_older_ones(online: Shell) -> None:
    old = online.fine("feed", "link", "Ada").out.strip()

    new = online.fine("feed", "rotate", "Ada").out.strip()

    assert (opens(online, old), opens(online, new)) == (False, True)


def test_a_revoked_link_opens_nothing(online: Shell) -> None:
    url = online.fine("feed", "link", "Ada").out.strip()

    first, second = online.fine("feed", "revoke", "Ada"), online.fine("feed", "revoke", "Ada")

    assert not opens(online, url)
    assert first.err.startswith("“Ada”: 1 revoked")
    assert second.err == "“Ada” has no link\n"


def test_a_card_holds_nothing_but_a_picture(online: Shell, tmp_path: Path) -> None:
    done = online.fine("feed", "qr", "Ada", "-o", str(tmp_path / "card.svg"))

    drawn = (tmp_path / "card.svg").read_text()
    assert drawn.startswith("<?xml")
    assert "<path" in drawn
    assert "meet.example" not in drawn
    assert "Ada" not in drawn
    assert (done.out, living(online)) == ("", [True])
    assert (tmp_path / "card.svg").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("file", ["missing/card.svg", "card.txt"])
def test_a_card_that_cannot_be_drawn_leaves_no_link(online: Shell, tmp_path: Path, file: str) -> None:
    done = online("feed", "qr", "Ada", "-o", str(tmp_path / file))

    assert done.code in {1, 2}
    assert living(online) == []


def test_everybodys_addresses_of_a_group_are_shown(online: Shell, tmp_path: Path) -> None:
    done = online.fine("feed", "public", "Thursday circle", "--qr", str(tmp_path / "poster.svg"))

    shown = [line.split()[-1] for line in done.out.splitlines()]
    assert shown == [
        f"{PUBLIC}/g/thursday-circle",
        f"{PUBLIC}/g/thursday-circle.ics",
        "webcal://meet.example/g/thursday-circle.ics",
        "https://calendar.google.com/calendar/render?cid=webcal%3A%2F%2Fmeet.example%2Fg%2Fthursday-circle.ics",
        *(
            f"https://{host}/calendar/0/addfromweb?url=https%3A%2F%2Fmeet.example%2Fg%2Fthursday-circle.ics"
            "&name=Thursday%20circle"
            for host in ("outlook.live.com", "outlook.office.com")
        ),
    ]
    assert (tmp_path / "poster.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("Thursday circle", "--qr", "poster.gif"), 2, "A QR code is drawn as SVG or PNG, not as “poster.gif”"),
        (("Family circle",), 4, "“Family circle” is closed and has no public calendar"),
        (("Ada",), 3, "There is no group “Ada”"),
    ],
)
def test_what_has_no_public_address_is_refused(online: Shell, args: tuple[str, ...], code: int, said: str) -> None:
    online.fine("group", "add", "Family circle", "--label", "Evening class", "--closed")

    done = online("feed", "public", *args)

    assert (done.code, done.out, done.err.splitlines()[0]) == (code, "", f"error: {said}")


def test_without_an_address_there_is_nothing_to_show(circle: Shell) -> None:
    done = circle("feed", "public", "Thursday circle")

    assert (done.code, done.err.splitlines()[0]) == (2, "error: Nobody could open it: this service has no address yet")
