"""Publishing: everything for any web host, nothing of closed groups, and the same bytes as long as nothing changes."""

import contextlib
from pathlib import Path

import pytest

from commands import asking, publish
from commands.app import main
from commands.context import Context
from commands.folder import NOTE
from commands.web import render
from commands.web.app import House, build
from meetup import dates, meetings
from meetup.feeds import collect
from tests import databases
from tests.commands.html import Page
from tests.commands.shell import Shell
from tests.commands.stage import staged

BASE = "https://riverside.example/groups"
SITE = ["index.html", "style.css", "thursday-circle.html", "thursday-circle.ics"]
ROOM = "https://zoom.us/j/98765432100?pwd=c2VjcmV0"


def town(home: Path) -> None:
    """Found an organization with an open and a closed group, and members whose names must not appear."""
    environ = {"MEETUP_HOME": str(home), **databases.environ(home)}
    for line in (
        "init|--name|Riverside|--zone|America/New_York|--sender-name|Riverside|--contact-mail|jo@r.example",
        "group|add|Thursday circle|--label|Evening class|--description|Code 271828\nCome as you are",
        "group|add|Family circle|--label|Evening class|--closed",
        "venue|add|Parish Hall|--street|12 Elm Street|--locality|Troy|--region|NY|--door-code|4711#|--step-free",
        f"room|add|Circle room|{ROOM}|--passcode|271828",
        "meeting|add|Thursday circle|every Thursday 19:00-20:30|--venue|parish-hall|--room|circle-room",
        "meeting|add|Family circle|every Friday 19:00-20:30|--room|circle-room",
        "member|add|Ada|--phone|+12025550123|--email|ada@mail.example",
        "subscribe|Ada|Thursday circle",
    ):
        assert main(line.split("|"), environ) == 0, line


@pytest.fixture(scope="module")
def founded_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("town") / "home"
    town(home)
    return home


@pytest.fixture
def here(founded_town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    databases.copy_home(founded_town, tmp_path / "home")
    return Shell(tmp_path / "home", capsys)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


def published(here: Shell, site: Path, *more: str) -> dict[str, bytes]:
    here.fine("publish", str(site), "--base-url", BASE, *more)
    return {one.name: one.read_bytes() for one in sorted(site.iterdir()) if one.name != NOTE}


def test_open_groups_get_a_page_and_a_calendar_and_there_is_a_list(here: Shell, site: Path) -> None:
    files = published(here, site)

    assert sorted(files) == SITE
    assert b'<a href="thursday-circle.html">Thursday circle</a>' in files["index.html"]
    assert b"SUMMARY:Thursday circle" in files["thursday-circle.ics"]


def test_nothing_of_a_closed_group_is_there(here: Shell, site: Path) -> None:
    files = published(here, site)

    assert [name for name, body in files.items() if b"amily" in body or "amily" in name] == []


def test_no_file_holds_a_code_a_contact_or_a_member(here: Shell, site: Path) -> None:
    whole = b"".join(published(here, site).values()).decode()

    secrets = ("271828", "4711", "pwd", "98765432100", "zoom.us", "Ada", "5550123", "ada@", "jo@", "Evening class")
    assert [secret for secret in secrets if secret in whole] == []
    assert "Come as you are" in whole


def test_pages_load_nothing_but_their_stylesheet(here: Shell, site: Path) -> None:
    for name, body in published(here, site).items():
        if name.endswith(".html"):
            text = body.decode()
            assert (name, Page(text).loads) == (name, ["style.css"])
            assert text.count("<script") == text.count('<script type="application/ld+json">')


def test_pages_are_well_formed(here: Shell, site: Path) -> None:
    here.fine("group", "add", "Cuidadores", "--language", "es", "--label", "Café")
    here.fine("meeting", "add", "Cuidadores", "every Monday 18:00", "--room", "circle-room", "--title", "Lunes")
    here.fine("meeting", "add", "Cuidadores", "second Friday 18:00", "--venue", "parish-hall", "--title", "Viernes")
    _cancel_next(here, "lunes")

    files = published(here, site)

    pages = {name: Page(body.decode()) for name, body in files.items() if name.endswith(".html")}
    assert {name: (page.language, page.problems) for name, page in pages.items()} == {
        "cuidadores.html": ("es", []),
        "index.html": ("en", []),
        "thursday-circle.html": ("en", []),
    }


def _cancel_next(here: Shell, name: str) -> None:
    with contextlib.closing(Context(here.environ)) as context, context.writing() as session:
        meeting, now = meetings.find(session, name), context.clock.now()
        day = asking.next_day(session, meeting, now)
        assert day is not None
        dates.cancel(session, meeting, dates.slot_on(session, meeting, day), now)


def test_the_strict_reader_finds_what_is_wrong() -> None:
    wrong = '<html><p id="a">&nbsp;<div id="a" onclick="x"></p></div><ul><p></p></ul><li><h1></h1><h3></h3><!-- x -->'

    assert Page(wrong).problems == [
        "&nbsp; is not ours",
        "<div> stands in <p>",
        "<div> has onclick",
        "</p> closes something else",
        "</div> closes something else",
        "<p> stands in <ul>",
        "<li> stands in <html>",
        "a comment: x ",
        "<html> is never closed",
        "<li> is never closed",
        "no doctype",
        "#a is there 2 times",
        "0 <title>",
        "0 <main>",
        "h3 follows h1",
    ]


def test_what_somebody_wrote_is_text_and_nothing_else(here: Shell, site: Path) -> None:
    evil = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"
    here.fine("group", "edit", "thursday-circle", "--name", evil, "--description", evil)
    here.fine("venue", "edit", "parish-hall", "--name", evil, "--directions", evil)

    files = published(here, site)

    for name in ("thursday-circle.html", "index.html"):
        page = Page(files[name].decode())
        assert (page.problems, page.tags["img"], page.tags["script"]) == ([], 0, 1 if "circle" in name else 0)
    assert b"{{ 7*7 }}" in files["thursday-circle.html"]


def test_a_page_is_small(here: Shell, site: Path) -> None:
    assert max(len(body) for body in published(here, site).values()) < 15_000


def test_subscribe_links_lead_to_the_calendar(here: Shell, site: Path) -> None:
    feed = "riverside.example%2Fgroups%2Fthursday-circle.ics"

    links = Page(published(here, site)["thursday-circle.html"].decode()).links

    assert links == [
        "webcal://riverside.example/groups/thursday-circle.ics",
        f"https://calendar.google.com/calendar/render?cid=webcal%3A%2F%2F{feed}",
        f"https://outlook.live.com/calendar/0/addfromweb?url=https%3A%2F%2F{feed}&name=Thursday%20circle",
        f"https://outlook.office.com/calendar/0/addfromweb?url=https%3A%2F%2F{feed}&name=Thursday%20circle",
        "thursday-circle.ics",
        "index.html",
    ]


def test_publishing_again_touches_nothing(here: Shell, site: Path) -> None:
    published(here, site)
    before = {one.name: one.stat().st_mtime_ns for one in site.iterdir()}

    done = here("publish", str(site), "--base-url", f"{BASE}/")

    assert done.err == f"{site}: 4 unchanged\nOnce it is on the web: {BASE}/\n"
    assert {one.name: one.stat().st_mtime_ns for one in site.iterdir()} == before


def test_a_group_that_was_closed_since_is_emptied(here: Shell, site: Path) -> None:
    published(here, site)
    here.fine("group", "edit", "thursday-circle", "--audience", "closed")

    files = published(here, site)

    assert sorted(files) == SITE
    assert files["thursday-circle.ics"] == collect.NOTHING
    assert files["thursday-circle.html"] == render.BLANK.encode()
    assert b"hursday" not in files["index.html"] + (site / NOTE).read_bytes()
    assert "There are no groups here at the moment" in files["index.html"].decode()


def test_a_trial_writes_nothing(here: Shell, site: Path) -> None:
    done = here("publish", str(site), "--base-url", BASE, "--dry-run")

    assert done.out.splitlines() == ["FILE                  WOULD BE", *(f"{name:<22}written" for name in SITE)]
    assert not site.exists()


def test_pages_may_be_found_unless_the_organizer_says_otherwise(here: Shell, site: Path) -> None:
    assert b"noindex" not in b"".join(published(here, site).values())
    hidden = published(here, site, "--no-index")

    assert [name for name in SITE if b'<meta name="robots" content="noindex">' in hidden[name]] == SITE[::2]


def test_a_group_called_like_the_list_has_its_own_page(here: Shell, site: Path) -> None:
    here.fine("group", "add", "Index", "--label", "Evening class")

    files = published(here, site)

    assert b'<a href="index-.html">Index</a>' in files["index.html"]
    assert b"<h1>Index</h1>" in files["index-.html"]


def test_without_an_open_group_there_is_nothing_to_publish(here: Shell, site: Path) -> None:
    here.fine("group", "edit", "thursday-circle", "--audience", "closed")

    done = here("publish", str(site), "--base-url", BASE)

    assert (done.code, done.err.splitlines()[0]) == (3, "error: There is no open group to publish")
    assert not site.exists()


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("", "Nobody could subscribe: the address of these pages is not known"),
        ("riverside.example", "“riverside.example” is not the address of a directory on the web"),
        ("https://r.example/?a=b", "“https://r.example/?a=b” is not the address of a directory on the web"),
        ("ftp://r.example", "“ftp://r.example” is not the address of a directory on the web"),
    ],
)
def test_an_address_that_nobody_could_open_is_refused(here: Shell, site: Path, base: str, said: str) -> None:
    done = here("publish", str(site), "--base-url", base)

    assert (done.code, done.err.splitlines()[0]) == (2, f"error: {said}")
    assert not site.exists()


def test_an_address_without_tls_is_warned_about(here: Shell, site: Path) -> None:
    done = here("publish", str(site), "--base-url", "http://riverside.example")

    assert (done.code, done.err.splitlines()[0]) == (
        0,
        "warning: Google and Outlook subscribe to https:// addresses only",
    )


def test_the_address_of_the_service_is_taken_when_none_is_given(here: Shell, site: Path) -> None:
    here.environ["MEETUP_PUBLIC_URL"] = "https://meet.example"

    here.fine("publish", str(site))

    assert b"SOURCE;VALUE=URI:https://meet.example/g/thursday-circle.ics" in (site / SITE[3]).read_bytes()


def test_files_of_others_need_a_yes(here: Shell, site: Path) -> None:
    site.mkdir()
    (site / "index.html").write_text("mine")

    asked = here("publish", str(site), "--base-url", BASE)
    kept = (site / "index.html").read_text()
    here.fine("publish", str(site), "--base-url", BASE, "--yes")

    assert asked.code == 2
    assert "holds files that meetup did not write (index.html); index.html would be replaced" in asked.err
    assert (kept, sorted(one.name for one in site.iterdir() if one.name != NOTE)) == ("mine", SITE)


def test_a_file_is_refused_as_a_directory(here: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = here("publish", str(tmp_path / "file"), "--base-url", BASE)

    assert (done.code, done.err.splitlines()[0]) == (2, f"error: {tmp_path / 'file'} is a file, not a directory")


def test_no_short_name_leads_to_the_same_file() -> None:
    assert [publish.page_name(slug) for slug in ("index", "style", "a")] == ["index-.html", "style.html", "a.html"]


def test_a_published_calendar_is_the_one_that_the_service_serves(here: Shell, site: Path) -> None:
    here.environ["MEETUP_PUBLIC_URL"] = "https://meet.example"
    here.fine("publish", str(site))

    with contextlib.closing(Context(here.environ)) as context, staged() as (stage, client):
        stage.app = build(House(context.database, context.clock, context.addresses, public_url="https://meet.example"))
        served = {name: client.get(f"/g/{name}") for name in ("thursday-circle.ics", "family-circle.ics")}

    assert served["thursday-circle.ics"].content == (site / "thursday-circle.ics").read_bytes()
    assert served["family-circle.ics"].content == collect.NOTHING
