"""Calendars over HTTP: the right bytes, no secret in public, and no query while nothing has changed."""

import pytest
from icalendar import Calendar
from sqlalchemy import delete

from meetup import groups, naming
from meetup.feeds import links
from meetup.people import subscriptions
from meetup.storage import revisions
from meetup.storage.tables import FeedLink, Group, Meeting
from meetup.values import Channel, Preference
from tests.commands.stage import PUBLIC, Site, unfolded

GROUP = "/g/thursday-circle.ics"
UNKNOWN = "/f/AAAAAAAAAAAAAAAAAAAAAAAAAAA.ics"


def test_a_members_calendar_has_her_words_the_address_and_her_own_link(site: Site) -> None:
    answer = site.get(site.feed)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    entry = Calendar.from_ical(answer.content).events[0]
    assert entry["SUMMARY"] == "Thursday group"
    assert entry["LOCATION"] == "St. Mark's Hall, 12 Elm Street, Troy, NY 12180"
    assert entry["URL"] == f"{PUBLIC}{site.door}"


def test_a_calendar_carries_the_headers_that_programs_need(site: Site) -> None:
    answer = site.get(site.feed)

    shown = {name: answer.headers[name] for name in ("cache-control", "vary", "referrer-policy", "x-robots-tag")}
    assert shown == {
        "cache-control": "private, max-age=300",
        "vary": "Accept-Encoding",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex",
    }
    assert answer.headers["content-disposition"] == 'inline; filename="calendar.ics"'
    assert "server" not in answer.headers
    assert "set-cookie" not in answer.headers


def test_the_same_headers_come_from_memory_as_at_the_first_time(site: Site) -> None:
    first, second = site.get(site.feed), site.get(site.feed)

    ignored = {"date"}
    assert {k: v for k, v in first.headers.items() if k not in ignored} == {
        k: v for k, v in second.headers.items() if k not in ignored
    }
    assert first.content == second.content


def test_the_public_calendar_holds_neither_link_nor_passcode_nor_members(site: Site) -> None:
    answer = site.get(GROUP)

    text = "\n".join(unfolded(answer))
    assert "Thursday circle" in text
    assert "St. Mark's Hall" in text
    for secret in ("zoom.us", "pwd", "c2VjcmV0", "271828", "Ada", "/j/", "5550123"):
        assert secret not in text


def test_a_closed_group_is_as_unknown_as_any_other(site: Site) -> None:
    assert site.get(GROUP).status_code == 200
    with site.database.writing() as session:
        groups.edit(session, session.get_one(Group, site.group), {"audience": "closed"}, site.clock.now())
    site.later()

    closed, unknown = site.get(GROUP), site.get("/g/nobody.ics")

    # On 404 calendar programs would keep what they had before it was closed.
    assert closed.status_code == unknown.status_code == 200
    assert closed.content == unknown.content
    assert b"BEGIN:VEVENT" not in closed.content


def test_unknown_revoked_and_erased_tokens_get_one_and_the_same_empty_calendar(site: Site) -> None:
    assert b"BEGIN:VEVENT" in site.get(site.feed).content
    with site.database.writing() as session:
        other = links.make(session, site.member(session), site.clock.now())
    assert b"BEGIN:VEVENT" in site.get(f"/f/{other}.ics").content
    with site.database.writing() as session:
        links.revoke(session, site.member(session), site.clock.now())
    site.later()
    revoked = site.get(site.feed)
    with site.database.writing() as session:
        session.execute(delete(FeedLink))
    site.later()

    answers = [site.get(UNKNOWN), site.get(site.feed), site.get(f"/f/{other}.ics")]

    assert {answer.status_code for answer in [*answers, revoked]} == {200}
    assert {answer.content for answer in [*answers, revoked]} == {answers[0].content}
    assert b"BEGIN:VEVENT" not in answers[0].content
    headers = [{k: v for k, v in answer.headers.items() if k != "date"} for answer in answers]
    assert headers[0] == headers[1] == headers[2]
    assert headers[0].keys() == {k for k in revoked.headers if k != "date"}


def test_whoever_held_a_calendar_is_told_that_it_was_emptied(site: Site) -> None:
    held = site.get(site.feed).headers["last-modified"]
    with site.database.writing() as session:
        links.revoke(session, site.member(session), site.clock.now())
    site.later()

    answer = site.get(site.feed, if_modified_since=held)

    # The empty calendar has no date: whatever somebody held before, it is not this one.
    assert (answer.status_code, "last-modified" in answer.headers) == (200, False)
    assert site.get(site.feed, if_none_match=answer.headers["etag"]).status_code == 304


def test_a_new_link_opens_what_the_old_one_no_longer_does(site: Site) -> None:
    before = site.get(site.feed)
    with site.database.writing() as session:
        token = links.rotate(session, site.member(session), site.clock.now())
    site.later()

    old, new = site.get(site.feed), site.get(f"/f/{token}.ics")

    assert (old.content, old.status_code) == (site.get(UNKNOWN).content, 200)
    assert (new.content, new.headers["last-modified"]) == (before.content, before.headers["last-modified"])


def test_leaving_a_group_takes_it_out_of_the_calendar(site: Site) -> None:
    assert b"BEGIN:VEVENT" in site.get(site.feed).content
    with site.database.writing() as session:
        subscriptions.leave(session, site.member(session), session.get_one(Group, site.group), site.clock.now())
    site.later()

    assert b"BEGIN:VEVENT" not in site.get(site.feed).content


def test_somebody_else_who_sees_the_phone_sees_label_and_time_only(site: Site) -> None:
    with site.database.writing() as session:
        member = site.member(session)
        member.phone_shared = True
        session.add(member)
        revisions.touch_member(session, site.ada)
    site.later()

    text = "\n".join(unfolded(site.get(site.feed)))

    assert "SUMMARY:Thursday group" in text
    for told in ("LOCATION", "Elm Street", "/j/", "zoom", "271828"):
        assert told not in text


def test_who_waits_for_a_host_sees_nothing_of_a_closed_group(site: Site) -> None:
    with site.database.writing() as session:
        draft = groups.GroupDraft("Quiet evening", cover_label="Evening", audience="closed")
        quiet = groups.add(session, draft, site.clock.now())
        member, channels = site.member(session), [Channel.EMAIL]
        row = subscriptions.subscribe(session, member, quiet, Preference.EITHER, channels, site.clock.now())
        session.get_one(Meeting, site.meeting).group_id = naming.key(quiet)
        state = row.state
    site.later()

    assert state == "awaiting_host"
    assert b"BEGIN:VEVENT" not in site.get(site.feed).content


def test_trouble_with_the_database_is_never_an_empty_calendar(site: Site) -> None:
    for path in (site.feed, GROUP, UNKNOWN):
        assert site.get(path).status_code == 200
    with site.database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("ALTER TABLE organization RENAME TO elsewhere")
    site.later()

    answers = [site.get(path) for path in (site.feed, GROUP, UNKNOWN)]

    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert all(answer.headers["retry-after"] == "60" for answer in answers)
    assert all(b"VCALENDAR" not in answer.content for answer in answers)


def test_robots_let_importers_in(site: Site) -> None:
    assert site.get("/robots.txt").text == "User-agent: *\nDisallow:\n"


def test_other_addresses_lead_nowhere(site: Site) -> None:
    for path in ("/f/", "/f/x", "/g/", "/g/a/b", "/f/a/b.ics"):
        assert (path, site.get(path).status_code) == (path, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_written_to_a_calendar(site: Site, method: str) -> None:
    for path in (site.feed, GROUP, UNKNOWN):
        answer = site.client.request(method, path)

        assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
        assert b"VCALENDAR" not in answer.content


@pytest.mark.parametrize("token", ["%2e%2e", "%00", "%ff%fe", "A" * 8000, "ä"])
def test_odd_tokens_are_as_unknown_as_others(site: Site, token: str) -> None:
    answer = site.get(f"/f/{token}.ics")

    assert (answer.status_code, answer.content) == (200, site.get(UNKNOWN).content)


def test_the_log_of_a_whole_visit_holds_no_token(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token = site.feed.removeprefix("/f/").removesuffix(".ics")

    site.get(site.feed)
    site.get(UNKNOWN)
    site.post(site.door)
    site.webhook("/twilio/sms", {"MessageSid": "SM1", "From": "+12025550123", "Body": "hi"}, "wrong")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx2", "httpcore2"))]

    assert not [line for line in ours if token in line or site.door[3:] in line or "5550123" in line]


def test_a_name_that_no_database_takes_is_as_unknown_as_any_other(site: Site) -> None:
    for name in ("%00", "a%00b", "%F0%9F%98%80", "'", "x" * 5_000):
        assert site.get(f"/g/{name}").status_code == 404
        assert site.get(f"/g/{name}.ics").content == site.get("/g/nobody.ics").content
