"""Whose clocks a calendar follows: known names, Microsoft's, those behind a prefix, and rules that are spelled out."""

import pytest

from meetup.errors import UsageError
from meetup.schedule import zones
from meetup.transfer.ics import calendar, lines
from meetup.transfer.ics.clocks import clocks
from tests.conftest import START
from tests.meetup.foreign import EASTERN, NEW_YORK, file, only, read, said, weekly


def zone_of(tzid: str, *parts: str, zone: str = "", head: str = "X-WR-CALNAME:Walkers\n") -> str:
    start = f"DTSTART;TZID={tzid}:20261201T190000" if tzid else "DTSTART:20261201T190000"
    return only(read(*parts, weekly(start), zone=zone, head=head)).timing.zone


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/America/Indiana/Knox", "America/Indiana/Knox"),
        ("Eastern Standard Time", NEW_YORK),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ('"Tokyo Standard Time"', "Asia/Tokyo"),
        ("Etc/UTC", "UTC"),
        ("GMT", "UTC"),
    ],
)
def test_names_of_other_programs_are_known(tzid: str, zone: str) -> None:
    assert zone_of(tzid) == zone


def test_a_zone_of_ones_own_is_the_place_with_the_same_clocks() -> None:
    reading = read(EASTERN.format(name="Our zone"), weekly("DTSTART;TZID=Our zone:20261201T190000"))

    assert only(reading).timing.zone == NEW_YORK
    assert [(one.row, one.text, one.about) for one in reading.remarks] == [
        (0, calendar.ZONE_TAKEN, "Our zone → America/New_York")
    ]


def test_among_places_with_the_same_clocks_the_named_one_wins() -> None:
    eastern = EASTERN.format(name="X")

    assert zone_of("X", eastern, zone="America/Detroit") == "America/Detroit"
    assert zone_of("X", eastern, head="X-WR-TIMEZONE:America/Toronto\n") == "America/Toronto"
    # Berlin's clocks show something else: what the file spells out counts.
    assert zone_of("X", eastern, zone="Europe/Berlin") == NEW_YORK


def test_every_zone_that_is_spelled_out_is_found_again() -> None:
    """Whatever a calendar spells out, the place that is found has the same clocks in the years to come."""
    from meetup.feeds.calendar import timezone  # noqa: PLC0415 -- only here

    checked = 0
    for name in zones.known()[::12]:
        spelled = timezone(name, 2026).decode().replace(f"TZID:{name}\r\n", "TZID:Mine\r\n").replace("\r\n", "\n")
        found = clocks(lines.read(file(spelled)).calendars[0], NEW_YORK, START).of("Mine")
        moments = [
            zones.localize(START.replace(tzinfo=None).replace(month=month, year=2027), name) for month in (1, 4, 7, 10)
        ]
        assert [zones.wall(one, found) for one in moments] == [zones.wall(one, name) for one in moments], name
        checked += 1
    assert checked > 40


@pytest.mark.parametrize(
    ("tzid", "parts"),
    [
        ("Our zone", ()),
        ("EST", ()),
        ("", ()),
        ("Odd", (EASTERN.format(name="Odd").replace("-0400", "-0417"),)),
        ("Odd", (EASTERN.format(name="Odd").replace("-0400", "four"),)),
        ("Odd", ("BEGIN:VTIMEZONE\nTZID:Odd\nEND:VTIMEZONE\n",)),
    ],
    ids=["unknown", "an abbreviation", "none", "nobody's clocks", "no offset", "empty"],
)
def test_what_nobody_knows_is_asked_for(tzid: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as refusal:
        zone_of(tzid, *parts)

    assert refusal.value.message.startswith("“Lantern walk” (entry 1): It has times ")
    assert "--zone America/New_York" in refusal.value.hint
    assert zone_of(tzid, *parts, zone="Europe/Paris") == "Europe/Paris"


def test_times_without_a_zone_are_in_that_of_their_calendar() -> None:
    assert zone_of("", head="X-WR-TIMEZONE:Europe/Madrid\n") == "Europe/Madrid"
    assert zone_of("", head="X-WR-TIMEZONE:Europe/Madrid\n", zone="Europe/Paris") == "Europe/Paris"


def test_a_known_name_counts_more_than_what_is_spelled_out_for_it() -> None:
    berlin = EASTERN.format(name="Europe/Berlin")

    reading = read(berlin, weekly("DTSTART;TZID=Europe/Berlin:20261201T190000"))

    assert (only(reading).timing.zone, said(reading)) == ("Europe/Berlin", [])


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;UNTIL=99991231T000000Z",
        "nonsense",
    ],
)
def test_rules_of_zones_that_never_end_or_never_begin_do_no_harm(rule: str) -> None:
    odd = EASTERN.format(name="Odd").replace("FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", rule)

    assert zone_of("Odd", odd, zone="Europe/Paris") in zones.known()
