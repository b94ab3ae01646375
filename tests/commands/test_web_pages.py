"""The pages behind links: looking changes nothing, a button does, and nothing on them says what it is about."""

import json
import re

import httpx2
import pytest
from starlette.requests import Request

from commands.web.health import Health, Numbers
from meetup import dates, groups, naming
from meetup.people import consent, contacts, members, subscriptions
from meetup.people.consent import Wording
from meetup.storage.tables import Group, Meeting
from meetup.values import Channel, Door, Source
from tests.commands.html import Page
from tests.commands.stage import PUBLIC, ROOM, Site, asking, scans
from tests.notifications.walk import THURSDAY, moment

TELLING = ("Thursday circle", "Thursday group", "Riverside", "zoom", "271828", "Ada", "og:", "Elm Street", "peer")
FORGED = "1.1~AAAAAAAAAAAAAAAAAAAAAA"


def heading(answer: httpx2.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.text)
    return found[1] if found else ""


def asked(site: Site) -> str:
    """Ask Ben, whom nobody has asked yet, and return the path of his link."""
    with site.database.writing() as session:
        ben = members.add(session, members.MemberDraft("Ben", email="ben@example.org"), site.clock.now())
        point = contacts.of_member(session, naming.key(ben))[Channel.EMAIL]
        wording = Wording("Yes to schedule mails", "1", "en")
        row = consent.request(session, point, site.group, wording, source=Source.PAGE, now=site.clock.now())
        session.flush()
        return site.addresses.agree(row.id or 0).removeprefix(PUBLIC)


def allowed(site: Site, alias: str) -> bool:

    with site.database.reading() as session:
        point = contacts.of_member(session, naming.key(members.find(session, alias)))[Channel.EMAIL]
        return consent.allows(session, naming.key(point), site.group) is not None


def in_language(site: Site, language: str) -> None:
    with site.database.writing() as session:
        member = site.member(session)
        member.language = language
        session.add(member)


def test_looking_at_a_link_changes_nothing(site: Site) -> None:
    site.clock.turn_to(moment(26, 19, 0))
    agree = asked(site)
    # What a calendar remembers is a hash of what it showed first; from then on it is left alone, too.
    site.get(site.feed)
    before = site.everything()

    for path in (site.stop_path(), agree, site.door, "/", "/healthz", "/robots.txt", site.feed):
        assert site.get(path).status_code == 200
        assert site.client.head(path).status_code == 200

    assert site.everything() == before


def test_no_page_says_what_it_is_about(site: Site) -> None:
    site.clock.turn_to(moment(26, 19, 0))
    paths = [site.stop_path(), asked(site), site.door]

    pages = [site.get(path).text for path in paths]
    pages += [site.post(path).text for path in paths[:2]]
    site.later(7 * 86400)
    pages += [site.get(site.door).text]

    for text in pages:
        assert [word for word in TELLING if word.lower() in text.lower()] == []
        assert "<title>Details</title>" in text
        assert "<script" not in text


def test_the_button_ends_the_groups_mail(site: Site) -> None:
    assert heading(site.get(site.stop_path())) == "Stop these mails?"
    assert site.agreed()

    answer = site.post(site.stop_path(), sec_fetch_site="same-origin")

    assert (answer.status_code, heading(answer)) == (200, "Done")
    assert not site.agreed()
    assert site.agreed(Channel.SMS)


def test_a_mail_programs_own_button_works_from_anywhere_and_twice(site: Site) -> None:
    one_click = {"List-Unsubscribe": "One-Click"}

    answers = [site.post(site.stop_path(), one_click, sec_fetch_site="cross-site") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    assert not site.agreed()


def test_a_whole_link_of_somebody_who_is_gone_shows_the_same_page_and_does_nothing(site: Site) -> None:
    real = site.stop_path()
    before = site.everything()

    gone = site.post(site.addresses.stop(999, 999).removeprefix(PUBLIC))

    assert site.everything() == before
    assert (gone.status_code, gone.text) == (200, site.post(real).text)


def test_a_damaged_link_says_so_and_does_nothing(site: Site) -> None:
    real = site.stop_path()
    other_kind = "/u/" + site.door.removeprefix("/j/")
    before = site.everything()
    paths = (f"/u/{FORGED}", other_kind, "/u/x", f"{real[:-2]}xx", f"{real}x")

    answers = [answer for path in paths for answer in (site.get(path), site.post(path))]

    assert site.everything() == before
    assert {(answer.status_code, heading(answer)) for answer in answers} == {(404, "This link is not whole")}
    assert site.agreed()


def test_ben_agrees_by_the_button_and_not_by_looking(site: Site) -> None:
    path = asked(site)
    assert heading(site.get(path)) == "Do you want schedule mails?"
    assert not allowed(site, "Ben")

    first, second = site.post(path), site.post(path)

    assert (heading(first), heading(second)) == ("Thank you", "Thank you")
    assert allowed(site, "Ben")


def test_who_has_stopped_since_is_not_thanked_for_agreeing(site: Site) -> None:
    path = asked(site)
    site.post(path)
    with site.database.writing() as session:
        point = contacts.of_member(session, naming.key(members.find(session, "Ben")))[Channel.EMAIL]
        consent.stop(session, point, Source.MAIL, site.clock.now())

    assert heading(site.post(path)) == "Nothing here just now"
    assert not allowed(site, "Ben")


def test_somebody_elses_page_cannot_agree_for_ben(site: Site) -> None:
    path = asked(site)

    refused = [
        site.post(path, sec_fetch_site="cross-site"),
        site.post(path, sec_fetch_site="same-site"),
        site.post(path, origin="https://evil.example"),
    ]

    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert not allowed(site, "Ben")
    # Browsers that know no Sec-Fetch-Site say “null” for our own pages.
    assert site.post(path, origin="null").status_code == 200
    assert allowed(site, "Ben")


def test_a_form_from_our_own_address_is_taken(site: Site) -> None:
    path = asked(site)

    assert site.post(path, origin=PUBLIC).status_code == 200
    assert allowed(site, "Ben")


@pytest.mark.parametrize(
    ("day", "hour", "minute", "shown"),
    [
        (25, 12, 0, "A little early"),
        (26, 18, 44, "A little early"),
        (26, 18, 45, "You can go in now"),
        (26, 20, 29, "You can go in now"),
        (26, 20, 30, "A little early"),
    ],
    ids=["the day before", "a minute early", "a quarter of an hour before", "until the end", "after the end"],
)
def test_the_way_in_opens_shortly_before_and_closes_with_the_end(
    site: Site, day: int, hour: int, minute: int, shown: str
) -> None:
    site.clock.turn_to(moment(day, hour, minute))

    assert heading(site.get(site.door)) == shown
    entered = site.post(site.door)
    assert entered.status_code == (303 if shown == "You can go in now" else 200)
    assert ROOM not in site.get(site.door).text


def test_the_page_says_when_the_way_in_opens(site: Site) -> None:
    site.clock.turn_to(moment(25, 12, 0))

    assert "Thursday, November 26, 6:45 PM (New York time)" in site.get(site.door).text


def test_going_in_leads_to_the_room_without_saying_from_where(site: Site) -> None:
    site.clock.turn_to(moment(26, 19, 0))

    answer = site.post(site.door)

    assert (answer.status_code, answer.headers["location"]) == (303, ROOM)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    # Chromium follows a form to another host only when the page with the form allows it.
    assert "form-action 'self' https:" in site.get(site.door).headers["content-security-policy"]


def test_a_code_is_shown_by_a_button_only(site: Site) -> None:
    site.clock.turn_to(moment(26, 19, 0))

    assert "Show the code" in site.get(site.door).text
    assert "271828" not in site.get(f"{site.door}?code").text
    assert "271828" in site.post(f"{site.door}?code").text
    site.clock.turn_to(moment(26, 21, 0))
    assert "271828" not in site.post(f"{site.door}?code").text


def test_a_cancelled_date_does_not_open(site: Site) -> None:
    with site.database.writing() as session:
        meeting = session.get_one(Meeting, site.meeting)
        dates.cancel(session, meeting, dates.slot_on(session, meeting, THURSDAY), site.clock.now())
    site.clock.turn_to(moment(26, 19, 0))

    answer = site.get(site.door)

    assert heading(answer) == "A little early"
    assert "December 3" in answer.text
    assert site.post(site.door).status_code == 200


def test_a_closed_online_door_does_not_open(site: Site) -> None:
    with site.database.writing() as session:
        meeting = session.get_one(Meeting, site.meeting)
        slot = dates.slot_on(session, meeting, THURSDAY)
        dates.close_door(session, meeting, slot, Door.ONLINE, site.clock.now())
    site.clock.turn_to(moment(26, 19, 0))

    assert site.post(site.door).status_code == 200
    assert "December 3" in site.get(site.door).text


def test_who_has_left_and_who_never_was_there_see_the_same(site: Site) -> None:
    site.clock.turn_to(moment(26, 19, 0))
    with site.database.writing() as session:
        group = session.get_one(Group, site.group)
        subscriptions.leave(session, site.member(session), group, site.clock.now())
    never = site.addresses.join(site.ada, 999).removeprefix(PUBLIC)
    nobody = site.addresses.join(999, site.meeting).removeprefix(PUBLIC)

    answers = [site.get(path) for path in (site.door, never, nobody, f"/j/{FORGED}")]
    answers += [site.post(path) for path in (site.door, never, nobody, f"/j/{FORGED}")]

    assert {answer.status_code for answer in answers} == {200}
    assert {heading(answer) for answer in answers} == {"Nothing here just now"}
    assert len({answer.text for answer in answers}) == 1


def test_pages_speak_the_members_language(site: Site) -> None:
    in_language(site, "es")
    site.clock.turn_to(moment(25, 12, 0))

    early = site.get(site.door)

    assert '<html lang="es">' in early.text
    assert "jueves 26 de noviembre" in early.text
    assert heading(site.post(site.stop_path())) == "Hecho"


def test_the_root_is_blank(site: Site) -> None:
    answer = site.get("/")

    assert re.sub(r"<[^>]*>", "", answer.text).strip() == ""
    assert [word for word in TELLING if word.lower() in answer.text.lower()] == []


def test_every_page_forbids_scripts_frames_storing_and_indexing(site: Site) -> None:
    for path in ("/", site.stop_path(), site.door, "/nowhere", "/style.css", "/healthz"):
        headers = site.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-robots-tag"] == "noindex"
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert "set-cookie" not in headers
    assert site.get(site.door).headers["cache-control"] == "no-store"


def test_what_is_wrong_gets_a_plain_page(site: Site) -> None:
    lost = site.get("/nowhere", accept_language="es-MX,es;q=0.9")
    wrong = site.client.put(site.stop_path())
    large = site.client.post(site.stop_path(), content=b"x" * 70_000)

    assert (lost.status_code, wrong.status_code, large.status_code) == (404, 405, 413)
    assert "No hay nada en esta dirección" in lost.text
    assert wrong.headers["allow"]


def test_no_post_is_answered_while_the_database_is_away(site: Site) -> None:
    with site.database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("ALTER TABLE consents RENAME TO elsewhere")

    assert site.post(site.stop_path()).status_code == 503


@pytest.mark.parametrize(
    ("late", "status", "body"),
    [
        ({}, 200, {"status": "ok", "late": {}}),
        ({"deliver": 42.4}, 503, {"status": "late", "late": {"deliver": 42}}),
        ({"plan": float("inf")}, 503, {"status": "late", "late": {"plan": None}}),
    ],
    ids=["in time", "late", "never came"],
)
def test_health_tells_whether_ticks_are_late(late: dict[str, float], status: int, body: dict[str, object]) -> None:
    answer = Health(lambda: late).look(Request({"type": "http"}))

    assert (answer.status_code, json.loads(bytes(answer.body))) == (status, body)


def test_an_open_group_has_a_page(site: Site) -> None:
    answer = site.get("/g/thursday-circle")

    page = Page(answer.text)
    assert (answer.status_code, page.problems, page.loads) == (200, [], ["../style.css"])
    assert "<h1>Thursday circle</h1>" in answer.text
    assert page.links[:2] == ["thursday-circle/join", "webcal://meet.example/g/thursday-circle.ics"]
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["x-robots-tag"] == "noindex"


def test_the_page_of_a_group_holds_no_code_and_no_member(site: Site) -> None:
    text = site.get("/g/thursday-circle").text

    assert [secret for secret in ("271828", "zoom", "pwd", "Ada", "5550123", "Thursday group") if secret in text] == []


def test_closed_groups_are_as_unknown_as_others(site: Site) -> None:
    with site.database.writing() as session:
        groups.add(session, groups.GroupDraft("Family circle", audience="closed"), site.clock.now())

    closed, unknown = site.get("/g/family-circle"), site.get("/g/no-circle")

    assert (closed.status_code, unknown.status_code) == (404, 404)
    assert closed.content == unknown.content
    assert "amily" not in closed.text


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer", "secret"], ids=["none", "wrong", "empty", "bare"])
def test_numbers_are_shown_to_nobody_without_the_token(site: Site, header: str) -> None:
    answer = site.client.get("/metrics", headers={"authorization": header} if header else {})

    assert answer.status_code == 404


def test_numbers_are_shown_to_whoever_knows_the_token() -> None:
    scope = {"type": "http", "headers": [(b"authorization", b"Bearer secret")]}

    answer = Numbers(lambda: b"meetup_due 0\n", "secret").show(Request(scope))

    assert (answer.status_code, answer.body) == (200, b"meetup_due 0\n")


@pytest.mark.parametrize("page", ["group", "stop", "agree", "door"])
def test_a_page_costs_three_indexed_questions_and_fifteen_kilobytes_at_most(site: Site, page: str) -> None:
    site.clock.turn_to(moment(26, 18, 50))
    path = {"group": "/g/thursday-circle", "stop": site.stop_path(), "agree": asked(site), "door": site.door}[page]
    site.get(path)
    site.later()

    with asking(site) as questions:
        answer = site.get(path)

    assert answer.status_code == 200
    assert len(answer.content) < 15_000
    assert 1 <= len(questions) <= 3
    # The one organization is a table of one row; everything else is found, never looked through.
    assert [line for line in scans(site, questions) if "organization" not in line] == []


def test_a_page_in_memory_is_written_anew_when_something_changes_or_the_day_does(site: Site) -> None:
    first = site.get("/g/thursday-circle").text
    assert site.get("/g/thursday-circle").text == first

    with site.database.writing() as session:
        groups.edit(session, session.get_one(Group, site.group), {"description": "Tea afterwards."}, site.clock.now())
    with asking(site) as questions:
        assert site.get("/g/thursday-circle").text == first  # for a second nobody asks
    assert questions == []
    site.later()
    second = site.get("/g/thursday-circle").text
    assert "Tea afterwards." in second

    site.clock.turn_to(moment(27, 12))
    assert site.get("/g/thursday-circle").text != second  # Thursday is over

    with site.database.writing() as session:
        groups.edit(session, session.get_one(Group, site.group), {"audience": "closed"}, site.clock.now())
    site.later()
    assert site.get("/g/thursday-circle").status_code == 404
