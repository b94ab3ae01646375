"""When a calendar is sent, and how: validators, dates of change, packing, alarms, and what an answer costs."""

import gzip
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from sqlalchemy import event

from commands.web.sheets import takes_gzip
from commands.web.shelf import Shelf
from meetup import groups, timetable
from meetup.storage.tables import Group, Meeting
from tests import databases
from tests.commands.stage import Site, Theatre, unfolded
from tests.conftest import START

GROUP = "/g/thursday-circle.ics"


def relabel(site: Site, label: str) -> None:
    with site.database.writing() as session:
        groups.edit(session, session.get_one(Group, site.group), {"cover_label": label}, site.clock.now())
    site.later()


def test_nobody_gets_a_calendar_twice(site: Site) -> None:
    first = site.get(site.feed)
    tag = first.headers["etag"]

    for said in (tag, f"W/{tag}", f'"other", {tag}', f'"other",W/{tag}', "*"):
        again = site.get(site.feed, if_none_match=said)

        assert (said, again.status_code, again.content) == (said, 304, b"")
        for name in ("etag", "last-modified", "cache-control", "vary", "referrer-policy", "x-robots-tag"):
            assert again.headers[name] == first.headers[name]


def test_a_tag_in_the_other_coding_counts_as_well(site: Site) -> None:
    plain = site.get(site.feed, accept_encoding="identity")
    packed = site.get(site.feed, accept_encoding="gzip")

    assert plain.headers["etag"] != packed.headers["etag"]
    assert site.get(site.feed, accept_encoding="gzip", if_none_match=plain.headers["etag"]).status_code == 304


def test_a_wrong_tag_beats_a_right_date(site: Site) -> None:
    modified = site.get(site.feed).headers["last-modified"]

    assert site.get(site.feed, if_modified_since=modified).status_code == 304
    assert site.get(site.feed, if_modified_since=modified, if_none_match='"other"').status_code == 200


def test_only_the_very_date_of_change_counts(site: Site) -> None:
    modified = parsedate_to_datetime(site.get(site.feed).headers["last-modified"])
    near = [format_datetime(modified + timedelta(days=days), usegmt=True) for days in (-1, 1)]

    answers = [site.get(site.feed, if_modified_since=said) for said in (*near, "yesterday", "")]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200]


def test_a_change_is_seen_a_second_later_and_under_another_tag(site: Site) -> None:
    first = site.get(site.feed)
    relabel(site, "Evening out")

    again = site.get(site.feed, if_none_match=first.headers["etag"], if_modified_since=first.headers["last-modified"])

    assert again.status_code == 200
    assert "SUMMARY:Evening out" in unfolded(again)
    assert again.headers["etag"] != first.headers["etag"]


def test_the_date_of_change_never_goes_back(site: Site) -> None:
    seen = []
    for label in ("One", "Two", "Three", "Thursday group"):
        relabel(site, label)
        seen.append(parsedate_to_datetime(site.get(site.feed).headers["last-modified"]))
        site.clock.turn_to(site.clock.now() - timedelta(hours=1))
        site.later(1.5)

    assert seen == sorted(set(seen))


def test_a_restart_keeps_tag_and_date_of_what_did_not_change(site: Site, theatre: Theatre) -> None:
    for path in (site.feed, GROUP):
        first = site.get(path)
        site.later(3600)
        site.restart(theatre)

        again = site.get(path)

        assert (again.headers["etag"], again.headers["last-modified"]) == (
            first.headers["etag"],
            first.headers["last-modified"],
        )


def test_a_change_while_nobody_served_has_a_later_date_even_when_the_clock_went_back(
    site: Site, theatre: Theatre
) -> None:
    first = parsedate_to_datetime(site.get(site.feed).headers["last-modified"])
    relabel(site, "Evening out")
    site.clock.turn_to(site.clock.now() - timedelta(days=1))
    site.restart(theatre)

    again = site.get(site.feed, if_modified_since=format_datetime(first, usegmt=True))

    assert again.status_code == 200
    assert parsedate_to_datetime(again.headers["last-modified"]) == first + timedelta(seconds=1)


@pytest.mark.sqlite  # its triggers are written otherwise
def test_a_date_that_cannot_be_remembered_is_left_out(site: Site) -> None:
    with site.database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE UPDATE ON members BEGIN SELECT RAISE(FAIL, 'full'); END")

    answer = site.get(site.feed)

    assert (answer.status_code, "last-modified" in answer.headers) == (200, False)
    assert b"BEGIN:VEVENT" in answer.content


def test_an_ended_schedule_leaves_after_ninety_days_and_nothing_else_changes(site: Site) -> None:
    with site.database.writing() as session:
        timetable.end(session, session.get_one(Meeting, site.meeting), START.date() + timedelta(weeks=2), START)
    first, days = site.get(site.feed), {}

    for day in (30, 89, 100, 130, 190):
        site.clock.turn_to(START + timedelta(days=day))
        days[day] = site.get(site.feed)

    assert b"BEGIN:VEVENT" in first.content
    assert [day for day, answer in days.items() if answer.content == first.content] == [30, 89, 100]
    assert b"BEGIN:VEVENT" not in days[130].content
    dates = [answer.headers["last-modified"] for answer in (first, *days.values())]
    assert (dates[0] == dates[1] == dates[2] == dates[3], dates[4] == dates[5], dates[3] == dates[4]) == (
        *(True, True, False),
    )


def test_what_changes_elsewhere_leaves_tag_and_date_alone(site: Site) -> None:
    first = site.get(site.feed)
    with site.database.writing() as session:
        groups.add(session, groups.GroupDraft("Another one", cover_label="Evening"), site.clock.now())
    site.later(5)

    again = site.get(site.feed)

    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["last-modified"] == first.headers["last-modified"]


def test_head_says_the_same_and_sends_nothing(site: Site) -> None:
    whole = site.get(site.feed)
    head = site.client.head(site.feed)

    assert head.content == b""
    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in whole.headers.items() if k != "date"
    }


def test_a_calendar_is_packed_for_those_who_can_unpack_it(site: Site) -> None:
    plain = site.get(site.feed, accept_encoding="identity")

    with site.client.stream("GET", site.feed, headers={"accept-encoding": "br, gzip;q=0.5"}) as answer:
        raw = b"".join(answer.iter_raw())

    assert ("content-encoding" in plain.headers, answer.headers["content-encoding"]) == (False, "gzip")
    assert int(answer.headers["content-length"]) == len(raw) < len(plain.content) / 2
    assert gzip.decompress(raw) == plain.content


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip; q=x", False),
        ("br", False),
        ("", False),
    ],
)
def test_gzip_is_taken_by_those_who_say_so(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken


def test_a_calendar_from_memory_costs_no_query(site: Site) -> None:
    asked: list[str] = []
    site.get(site.feed)
    event.listen(site.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    for _ in range(5):
        assert site.get(site.feed).status_code == 200
    assert asked == []

    site.later()
    site.get(site.feed)
    assert [statement.split()[0] for statement in asked] == (
        ["SELECT"] if databases.on_postgres() else ["BEGIN", "SELECT"]
    )


@pytest.mark.sqlite  # it reads the plan of the query
def test_a_change_elsewhere_costs_one_more_query_and_no_writing(site: Site) -> None:
    tag = site.get(site.feed).headers["etag"]
    with site.database.writing() as session:
        groups.add(session, groups.GroupDraft("Another one", cover_label="Evening"), site.clock.now())
    site.later()
    asked: list[str] = []
    event.listen(site.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    assert site.get(site.feed, if_none_match=tag).status_code == 304

    assert [statement.split()[0] for statement in asked] == ["BEGIN", "SELECT", "SELECT"]
    plan = explained(site, asked[2])
    assert plan
    assert [step for step in plan if step.startswith("SCAN") and step != "SCAN organization"] == []


def explained(site: Site, statement: str) -> list[str]:
    with site.database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("x",) * statement.count("?")).all()
    return [str(row[3]) for row in rows]


def test_an_alarm_rings_for_whoever_asks_for_it(site: Site) -> None:
    plain, ringing = site.get(site.feed), site.get(f"{site.feed}?alarm=60")

    assert b"VALARM" not in plain.content
    entries = ringing.content.count(b"BEGIN:VEVENT")
    assert ringing.content.count(b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Thursday group\r\n") == entries > 0
    assert ringing.headers["last-modified"] == plain.headers["last-modified"]
    assert ringing.headers["etag"] != plain.headers["etag"]
    assert site.get(f"{site.feed}?alarm=60", if_none_match=ringing.headers["etag"]).status_code == 304
    assert site.get(f"{site.feed}?alarm=60").content == ringing.content


def test_a_changed_alarm_has_the_date_of_the_calendar(site: Site) -> None:
    before = site.get(f"{site.feed}?alarm=60")
    relabel(site, "Evening out")

    after = site.get(f"{site.feed}?alarm=60", if_modified_since=before.headers["last-modified"])

    assert after.status_code == 200
    assert b"DESCRIPTION:Evening out\r\n" in after.content
    assert after.headers["last-modified"] == site.get(site.feed).headers["last-modified"]


NONSENSE = ("4", "10081", "-60", "soon", "", "6e1", "\u0666\u0660", "6" * 50, "60&alarm=x", f"60&{'x' * 300}")


@pytest.mark.parametrize("query", [*(f"alarm={said}" for said in NONSENSE), "utm_source=mail", "%", "=&&="])
def test_an_alarm_that_makes_no_sense_breaks_no_calendar(site: Site, query: str) -> None:
    assert site.get(f"{site.feed}?{query}").content == site.get(site.feed).content


def test_a_public_calendar_never_rings(site: Site) -> None:
    assert site.get(f"{GROUP}?alarm=60").content == site.get(GROUP).content


def test_an_alarm_costs_the_memory_of_one_more_calendar_and_no_more_than_all_may(site: Site) -> None:
    shelf = Shelf(site.database, site.clock, site.addresses, [], most_bytes=40_000)
    token = site.feed.removeprefix("/f/").removesuffix(".ics")

    for minutes in range(5, 60):
        shelf.private(token, minutes)
        assert shelf.size <= 40_000

    assert shelf.size > 20_000
