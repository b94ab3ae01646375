"""What calendars show while a venue or a room is shut and people go elsewhere."""

from dataclasses import replace

import pytest

from meetup.feeds import calendar
from meetup.feeds.views import Reader
from meetup.schedule.series import Closure, Place, Room, Series
from meetup.values import Door, Preference
from tests.meetup.calendars import ADA, ANNEX, CIRCLE, HUB, TOUCHED, TUESDAYS, overrides, unfold, wall

ATTIC = Room(
    key="attic",
    name="Attic",
    url="https://meet.example.org/attic?pwd=s3same",
    passcode="s3same",
    dial_in=("+49 30 7654321",),
)
OPEN_AIR = Room(key="air", name="Open", url="https://meet.example.org/open-air", public=True)
IN_PERSON = replace(CIRCLE, schedules=(TUESDAYS,), room=None, changes=(), closures=())
ONLINE = replace(CIRCLE, schedules=(TUESDAYS,), place=None, changes=(), closures=())
HYBRID = replace(CIRCLE, schedules=(TUESDAYS,), changes=(), closures=())


def shut(series: Series, site: Place | Room | None, instead: Place | Room | None) -> Series:
    """Shut a venue or a room of a series in the first week of March."""
    assert site is not None
    door = Door.IN_PERSON if isinstance(site, Place) else Door.ONLINE
    span = wall("2026-03-02T00:00"), wall("2026-03-09T00:00")
    return replace(series, closures=(Closure(site.key, door, *span, 2, TOUCHED, "heating", instead),))


def test_a_date_that_goes_online_has_the_link_where_the_address_was() -> None:
    entry = overrides(shut(IN_PERSON, HUB, OPEN_AIR))["03-03"]

    assert entry["SUMMARY"] == "Thursday anxiety circle (online only)"
    assert entry["LOCATION"] == entry["URL"] == entry["CONFERENCE"] == OPEN_AIR.url
    assert entry["DESCRIPTION"].splitlines()[:2] == [
        f"Join online: {OPEN_AIR.url}",
        "Not in person this time: please don't travel",
    ]
    assert "GEO" not in entry


def test_the_public_never_gets_the_way_into_a_room_for_members() -> None:
    series = shut(IN_PERSON, HUB, ATTIC)

    written = unfold(calendar.render_series(series))

    assert overrides(series)["03-03"]["LOCATION"] == "Online"
    assert "Online: members have the link" in overrides(series)["03-03"]["DESCRIPTION"]
    assert [secret for secret in ("s3same", "attic", "7654321") if secret in written] == []


def test_a_member_gets_her_own_way_in_and_the_number_to_dial() -> None:
    entry = overrides(shut(IN_PERSON, HUB, ATTIC), ADA)["03-03"]

    assert entry["LOCATION"] == "https://meet.example.net/j/T0ken"
    assert "+49 30 7654321" in entry["DESCRIPTION"]
    assert "s3same" not in entry["DESCRIPTION"]


def test_a_date_that_goes_in_person_has_the_address_and_no_link() -> None:
    entry = overrides(shut(ONLINE, ONLINE.room, ANNEX))["03-03"]

    assert entry["SUMMARY"] == "Thursday anxiety circle (in person only)"
    assert entry["LOCATION"] == "Annex, Nebenstr. 6, 10115 Berlin"
    assert "Not online this time" in entry["DESCRIPTION"]
    assert not {"URL", "CONFERENCE"} & entry.keys()


def test_another_room_changes_the_link_and_nothing_else() -> None:
    entry = overrides(shut(HYBRID, HYBRID.room, OPEN_AIR))["03-03"]

    assert entry["SUMMARY"] == "Thursday anxiety circle"
    assert entry["LOCATION"] == "Community Hub, Hauptstr. 5, 10115 Berlin"
    assert entry["URL"] == OPEN_AIR.url


@pytest.mark.parametrize(
    ("preference", "summary"),
    [
        (Preference.EITHER, "Choir (in person only)"),
        (Preference.ONLINE, "Choir (in person only)"),
        (Preference.IN_PERSON, None),
    ],
)
def test_only_who_uses_the_room_sees_that_it_is_shut(preference: Preference, summary: str | None) -> None:
    entry = overrides(shut(HYBRID, HYBRID.room, None), Reader(preference=preference)).get("03-03", {})

    assert entry.get("SUMMARY") == summary


def test_a_shared_phone_sees_a_date_that_goes_elsewhere_as_usual() -> None:
    assert overrides(shut(IN_PERSON, HUB, ATTIC), Reader(phone_shared=True)) == {}


def test_a_lifted_closure_leaves_no_entry() -> None:
    series = shut(IN_PERSON, HUB, ATTIC)
    lifted = replace(series.closures[0], end=series.closures[0].start, planned_end=series.closures[0].end)

    assert overrides(replace(series, closures=(lifted,))) == {}
