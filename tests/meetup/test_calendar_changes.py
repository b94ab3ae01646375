"""What an entry says, and what changed dates say."""

import re
from dataclasses import replace

import pytest

from meetup.feeds import calendar
from meetup.feeds.views import Reader
from meetup.schedule.series import Change, ChangeStatus
from tests.meetup.calendars import (
    BOARD,
    CIRCLE,
    LINK,
    PARTY,
    TUESDAYS,
    WEDNESDAYS,
    change,
    events,
    overrides,
    unfold,
    wall,
)


def test_only_dates_that_differ_have_entries_of_their_own() -> None:
    assert {slot: event["SUMMARY"] for slot, event in overrides(CIRCLE).items()} == {
        "02-10": "Thursday anxiety circle",
        "02-24": "Thursday anxiety circle (online only)",
        "03-03": "Cancelled: Thursday anxiety circle",
        "03-31": "Thursday anxiety circle (online only)",
        "04-07": "Thursday anxiety circle (online only)",
        "04-14": "Thursday anxiety circle (online only)",
        "05-20": "Thursday anxiety circle (in person only)",
    }


def test_a_skipped_date_is_left_out_and_nothing_else_is() -> None:
    skipped = [event["EXDATE"] for event in events(CIRCLE) if "EXDATE" in event]

    assert skipped == ["20260217T190000"]


def test_dates_that_a_series_in_utc_leaves_out_are_in_utc() -> None:
    both = (change("2026-01-13T19:00", ChangeStatus.SKIPPED), change("2026-01-20T19:00", ChangeStatus.SKIPPED))
    universal = replace(CIRCLE, schedules=(replace(TUESDAYS, zone="UTC"),), changes=both, closures=())

    written = calendar.render_series(universal)

    assert b"DTSTART:20260106T190000Z\r\n" in written
    assert b"EXDATE:20260113T190000Z,20260120T190000Z\r\n" in written


def test_a_skipped_date_under_a_closure_is_left_out_once() -> None:
    both = replace(CIRCLE, changes=(change("2026-04-07T19:00", ChangeStatus.SKIPPED),))

    assert sorted(overrides(both)) == ["03-31", "04-14"]
    assert b"EXDATE;TZID=Europe/Berlin:20260407T190000\r\n" in calendar.render_series(both)


def test_a_change_under_a_closure_makes_one_entry() -> None:
    moved = replace(change("2026-04-07T19:00"), start=wall("2026-04-07T18:00"))

    found = overrides(replace(CIRCLE, changes=(moved,)))

    assert {slot: event["DTSTART"] for slot, event in found.items()} == {
        "03-31": "20260331T190000",
        "04-07": "20260407T180000",
        "04-14": "20260414T190000",
    }


def test_a_change_of_a_date_that_the_rule_does_not_give_is_ignored() -> None:
    stray = replace(CIRCLE, changes=(change("2026-02-12T19:00", ChangeStatus.CANCELLED),), closures=())

    assert [event.get("RECURRENCE-ID") for event in events(stray)] == [None, None]


def test_all_entries_of_one_uid_tell_the_same_history() -> None:
    history = ("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "CREATED")
    told = {tuple(event[name] for name in history) for event in events(CIRCLE)}

    assert told == {
        (TUESDAYS.uid, "4", "20260302T093000Z", "20260302T093000Z", "20260105T120000Z"),
        (WEDNESDAYS.uid, "0", "20260302T093000Z", "20260302T093000Z", "20260105T120000Z"),
    }


def test_an_online_only_date_leads_to_the_link_and_to_no_map() -> None:
    event = overrides(CIRCLE)["02-24"]

    assert (event["LOCATION"], event["URL"], "GEO" in event) == (LINK, LINK, False)
    assert event["DESCRIPTION"].splitlines()[:2] == [
        f"Join online: {LINK}",
        "Not in person this time: please don't travel",
    ]


def test_a_date_in_another_building_leads_there() -> None:
    event = overrides(CIRCLE)["05-20"]

    assert (event["LOCATION"], "URL" in event) == ("Annex, Nebenstr. 6, 10115 Berlin", False)


def test_a_cancelled_date_is_crossed_out_and_leads_nowhere() -> None:
    event = overrides(CIRCLE)["03-03"]

    assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert [name for name in ("LOCATION", "URL", "CONFERENCE", "GEO") if name in event] == []


def test_a_closed_building_cancels_what_happens_only_there() -> None:
    here = replace(CIRCLE, room=None, changes=())

    assert {event["STATUS"] for event in overrides(here).values()} == {"CANCELLED"}
    assert sorted(overrides(here)) == ["03-31", "04-07", "04-14"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ((), ["CONFIRMED 04 15"]),
        ((replace(change("2026-07-04T15:00"), start=wall("2026-07-05T16:00")),), ["CONFIRMED 05 16"]),
        ((change("2026-07-04T15:00", ChangeStatus.CANCELLED),), ["CANCELLED 04 15"]),
        ((change("2026-07-04T15:00", ChangeStatus.SKIPPED),), []),
    ],
    ids=["as planned", "moved", "cancelled", "skipped"],
)
def test_a_single_date_is_its_own_entry(changes: tuple[Change, ...], told: list[str]) -> None:
    found = events(replace(PARTY, changes=changes))

    assert [f"{event['STATUS']} {wall(event['DTSTART']):%d %H}" for event in found] == told
    assert [event for event in found if "RRULE" in event or "RECURRENCE-ID" in event] == []


def test_what_follows_a_split_names_what_it_follows() -> None:
    found = unfold(calendar.render_series(CIRCLE)).split(f"UID:{WEDNESDAYS.uid}")

    assert [part.count(f"RELATED-TO;RELTYPE=SIBLING:{TUESDAYS.uid}\r\n") for part in found] == [0, 1, 1]


def test_a_hybrid_entry_has_the_address_and_the_link_where_people_look() -> None:
    master = unfold(calendar.render_series(replace(CIRCLE, description="")))
    address = "Community Hub\\, Hauptstr. 5\\, 10115 Berlin"
    inside = '(2nd floor\\, ring "Hub")'
    on_map = 'X-ADDRESS="Hauptstr. 5, 10115 Berlin";X-APPLE-RADIUS=100;X-TITLE="Community Hub"'

    assert re.findall(r"^(?:LOC|URL|CONF|X-G|GEO|X-APP|DESC).*?(?=\r)", master, re.MULTILINE)[:7] == [
        f"DESCRIPTION:Join online: {LINK}\\nIn person: {address} {inside}\\nThe way in is step-free",
        f"LOCATION:{address}",
        f"URL:{LINK}",
        f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=Join online:{LINK}",
        f"X-GOOGLE-CONFERENCE:{LINK}",
        "GEO:52.5321;13.3849",
        f"X-APPLE-STRUCTURED-LOCATION;VALUE=URI;{on_map}:geo:52.5321,13.3849",
    ]


def test_a_series_writes_in_its_language() -> None:
    assert overrides(BOARD, Reader())["03-10"]["SUMMARY"] == "Cancelado: Cita"
    assert "LABEL=Entrar en línea:" in unfold(calendar.render_series(BOARD, Reader()))
