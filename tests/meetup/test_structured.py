"""Structured data: the agreed text, what search engines ask for, and nothing that is not so."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from meetup.feeds import structured
from meetup.schedule.series import Room, Series
from meetup.values import Door
from tests.meetup.calendars import GOLDEN
from tests.meetup.posters import ANNEX, CIRCLE, HALL, INDEX, MONTHLY, OPEN, PAGE, ZOOM, change, of
from tests.meetup.structured_data import problems

SCHEMA = "https://schema.org/"


def graph(*series: Series) -> dict[str, Any]:
    return structured.graph(of(*series), PAGE, INDEX)


def events(*series: Series) -> dict[str, dict[str, Any]]:
    """Return the events by their day."""
    nodes = graph(*series)["@graph"]
    return {node["startDate"][5:10]: node for node in nodes if node["@type"] == "Event"}


def schedules(rule: str, **more: Any) -> list[dict[str, Any]]:
    one = replace(CIRCLE.schedules[0], rule=rule, **more)
    nodes = graph(replace(CIRCLE, schedules=(one,), changes=()))["@graph"]
    return next(list(node.get("eventSchedule", [])) for node in nodes if node["@type"] == "EventSeries")


def test_a_page_says_it_as_agreed() -> None:
    written = json.dumps(graph(CIRCLE, MONTHLY), ensure_ascii=False, indent=2) + "\n"

    assert written == (GOLDEN / "poster.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", [HALL, None], ids=["with a place", "without"])
@pytest.mark.parametrize("room", [ZOOM, OPEN, None], ids=["for members", "for everybody", "without a room"])
def test_search_engines_get_what_they_ask_for(place: Any, room: Room | None) -> None:
    if place or room:
        assert problems(graph(replace(CIRCLE, place=place, room=room), MONTHLY)) == []


def test_the_checker_finds_what_is_wrong() -> None:
    event = {
        "@type": "Event",
        "name": "x",
        "url": "page.html",
        "startDate": "2026-11-26",
        "location": {"@id": "#nowhere"},
        "eventStatus": "Cancelled",
        "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
        "passcode": "271828",
    }
    place = {"@type": "Place", "@id": "#nowhere", "name": "Hall"}

    assert problems({"@context": "https://schema.org", "@graph": [event, place]}) == [
        "Event has no passcode",
        "2026-11-26 has no offset",
        "page.html is no address",
        "Event lacks description",
        "Event lacks endDate",
        "Event lacks organizer",
        "Cancelled is no status",
        "https://schema.org/MixedEventAttendanceMode is held at ['Place']",
        "Place lacks address",
    ]


def test_each_date_has_its_status_and_its_doors() -> None:
    told = {day: (one["eventStatus"], one["eventAttendanceMode"]) for day, one in events(CIRCLE).items()}

    assert {day: (str(state)[24:], mode[19:-19]) for day, (state, mode) in told.items()} == {
        "11-26": ("Scheduled", "Mixed"),
        "12-03": ("MovedOnline", "Online"),
        "12-10": ("Scheduled", "Offline"),
        "12-16": ("Rescheduled", "Mixed"),
        "12-24": ("Cancelled", "Mixed"),
        "01-07": ("Scheduled", "Mixed"),
    }


def test_a_date_that_is_moved_and_moved_online_says_both() -> None:
    both = change("2026-12-03", start=CIRCLE.changes[2].start, closed=frozenset({Door.IN_PERSON}))

    moved = events(replace(CIRCLE, changes=(both,)))["12-16"]

    assert moved["eventStatus"] == [f"{SCHEMA}EventRescheduled", f"{SCHEMA}EventMovedOnline"]
    assert moved["previousStartDate"] == "2026-12-03T19:00:00-05:00"


def test_offsets_follow_the_clocks() -> None:
    summer = replace(CIRCLE, schedules=(replace(CIRCLE.schedules[0], zone="America/Santiago"),), changes=())

    assert {one["startDate"][19:] for one in events(summer).values()} == {"-03:00"}
    assert {one["startDate"][19:] for one in events(replace(CIRCLE, changes=())).values()} == {"-05:00"}


def test_a_link_for_members_leads_to_the_page_and_a_public_one_to_the_room() -> None:
    def virtual(series: Series) -> set[str]:
        found = (one["location"] for one in events(series).values())
        every = [inner for one in found for inner in (one if isinstance(one, list) else [one])]
        return {inner["url"] for inner in every if "url" in inner}

    assert (virtual(CIRCLE), virtual(MONTHLY)) == ({PAGE}, {OPEN.url})


def test_an_address_of_one_line_is_told_as_it_is() -> None:
    nodes = graph(replace(CIRCLE, place=ANNEX, changes=()))["@graph"]

    assert nodes[1]["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "6 Oak Street, Troy",
        "addressCountry": "US",
    }


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("FREQ=WEEKLY", {"repeatFrequency": "P1W", "byDay": [f"{SCHEMA}Thursday"]}),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", {"repeatFrequency": "P2W", "byDay": [f"{SCHEMA}Tuesday"]}),
        ("FREQ=DAILY;INTERVAL=3", {"repeatFrequency": "P3D"}),
        ("FREQ=MONTHLY;BYDAY=2TU,-1FR", {"repeatFrequency": "P1M", "byDay": ["2TU", "-1FR"]}),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", {"repeatFrequency": "P1M", "byMonthDay": [1, 15]}),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", {"repeatFrequency": "P1Y", "byMonthDay": [24], "byMonth": [12]}),
    ],
)
def test_a_rule_is_said_in_the_words_of_schema_org(rule: str, told: dict[str, Any]) -> None:
    (said,) = schedules(rule)

    names = ("repeatFrequency", "byDay", "byMonthDay", "byMonth")
    assert {name: said[name] for name in names if name in said} == told
    assert (said["startTime"], said["endTime"], said["duration"]) == ("19:00:00", "20:30:00", "PT90M")
    assert said["scheduleTimezone"] == "America/New_York"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=14,15,16,17,18,19,20",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=TH",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=2TU",
        "FREQ=WEEKLY;BYMONTH=1,2,3;BYDAY=TH",
    ],
)
def test_a_rule_that_schema_org_has_no_words_for_is_not_said(rule: str) -> None:
    assert schedules(rule) == []


def test_a_series_of_which_a_part_cannot_be_said_is_not_said_by_half() -> None:
    twice = (CIRCLE.schedules[0], replace(CIRCLE.schedules[0], uid="z", rule="FREQ=MONTHLY;BYMONTHDAY=-1"))

    nodes = graph(replace(CIRCLE, schedules=twice, changes=()))["@graph"]

    assert [node for node in nodes if "eventSchedule" in node] == []


def test_dates_that_do_not_happen_as_the_rule_says_are_excepted() -> None:
    (series,) = (node for node in graph(CIRCLE)["@graph"] if node["@type"] == "EventSeries")

    (said,) = series["eventSchedule"]
    assert [moment[:10] for moment in said["exceptDate"]] == ["2026-12-17", "2026-12-24", "2026-12-31"]


def test_a_rule_that_ends_says_when() -> None:
    (said,) = schedules("FREQ=WEEKLY", until=date(2027, 6, 30))

    assert (said["startDate"], said["endDate"]) == ("2026-11-05", "2027-06-30")


@pytest.mark.parametrize(
    "evil", ["</script><script>alert(1)</script>", "<!--<script>", "a\u2028b\u2029c", '"}]}', "&lt;"]
)
def test_no_text_ends_the_script_that_holds_it(evil: str) -> None:
    place = replace(HALL, name=evil, street=evil)
    made = replace(of(replace(CIRCLE, title=evil, place=place)), name=evil, host=evil, description=(evil,))

    written = structured.script(made, PAGE, INDEX)

    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == structured.graph(made, PAGE, INDEX)


def test_structured_data_holds_no_code() -> None:
    place = replace(HALL, directions="Ring 4711#")

    written = structured.script(of(replace(CIRCLE, place=place, description="Code 271828")), PAGE, INDEX)

    assert [secret for secret in ("4711", "271828", "pwd", "98765432100", "Ring") if secret in written] == []


def test_a_long_meeting_says_its_length() -> None:
    (said,) = schedules("FREQ=WEEKLY", duration=timedelta(hours=30))

    assert (said["duration"], said["endTime"]) == ("PT1800M", "01:00:00")
