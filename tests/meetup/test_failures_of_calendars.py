"""How calendars of other systems fail, each as a test named after the thread that taught it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import recurring_ical_events
from icalendar import Calendar

from meetup.clock import HandClock
from meetup.feeds import calendar, links
from meetup.schedule.series import ChangeStatus, Series
from meetup.storage.database import Session
from meetup.storage.tables import Member
from tests.meetup.calendars import BOARD, CIRCLE, PUBLIC, TUESDAYS, change, events, overrides, unfold, wall

PLAIN = replace(CIRCLE, schedules=(replace(TUESDAYS, until=None),), changes=(), closures=())


def starts(series: Series, begin: str, end: str) -> list[datetime]:
    """Read when a series begins, with somebody else's program."""
    found = recurring_ical_events.of(Calendar.from_ical(calendar.render([series], PUBLIC))).between(
        wall(begin), wall(end)
    )
    return sorted(event["DTSTART"].dt for event in found)


def test_f27_classmoji_389_an_hour_off_after_the_clocks_were_changed() -> None:
    around = starts(PLAIN, "2026-03-23T00:00", "2026-04-02T00:00")

    assert [(one.day, one.hour) for one in around] == [(24, 19), (31, 19)]
    assert [one.astimezone(UTC).hour for one in around] == [18, 17]


@pytest.mark.parametrize("day", ["2026-01-13", "2026-07-14"], ids=["winter", "summer"])
def test_f28_ilias_11553_a_skipped_date_comes_back_in_the_other_season(day: str) -> None:
    skipped = replace(PLAIN, changes=(change(f"{day}T19:00", ChangeStatus.SKIPPED),))
    begin, end = f"{day}T00:00", f"{day}T23:59"

    assert len(starts(PLAIN, begin, end)) == 1
    assert starts(skipped, begin, end) == []


def test_f28_yaml2ics_23_a_last_day_is_lost_to_the_offset_of_the_first() -> None:
    ending = replace(PLAIN, schedules=(replace(TUESDAYS, until=wall("2026-07-14T00:00").date()),))

    assert [one.day for one in starts(ending, "2026-07-06T00:00", "2026-08-01T00:00")] == [7, 14]


@pytest.mark.parametrize("year", [2026, 2027, 2029, 2035])
def test_f29_openproject_24512_a_zone_that_is_told_for_half_a_year(year: int) -> None:
    for month, offset in ((1, 1), (7, 2)):
        [first, *_] = starts(PLAIN, f"{year}-{month:02d}-08T00:00", f"{year}-{month:02d}-20T00:00")

        assert (first.hour, first.utcoffset()) == (19, timedelta(hours=offset))


def test_f30_netbox_notices_67_the_date_of_change_goes_back_when_something_is_deleted() -> None:
    changed = replace(PLAIN, changes=(change("2026-01-13T19:00", ChangeStatus.CANCELLED),))
    taken_back = replace(PLAIN, changes=(change("2026-01-13T19:00", ChangeStatus.RESTORED),))
    stamps = [stamp(one) for one in (changed, taken_back)]

    assert stamps[0] <= stamps[1]
    assert calendar.render([changed], PUBLIC) != calendar.render([taken_back], PUBLIC)


def stamp(series: Series) -> str:
    found: list[str] = re.findall(r"LAST-MODIFIED:(\S+)", unfold(calendar.render([series], PUBLIC)))
    return max(found)


def test_f31_nextcloud_calendar_4417_a_skipped_date_is_mailed_as_an_invitation() -> None:
    skipped = replace(PLAIN, changes=(change("2026-01-13T19:00", ChangeStatus.SKIPPED),))
    text = unfold(calendar.render([skipped], PUBLIC))

    assert "EXDATE" in text
    assert [word for word in ("METHOD:REQUEST", "ATTENDEE", "ORGANIZER", "RSVP") if word in text] == []


def test_f32_w3c_calendar_50_a_moved_date_stands_there_twice() -> None:
    moved = replace(PLAIN, changes=(replace(change("2026-01-13T19:00"), start=wall("2026-01-14T18:00")),))

    assert [one.day for one in starts(moved, "2026-01-12T00:00", "2026-01-18T00:00")] == [14]
    assert len({event["UID"] for event in events(moved)}) == 1


def test_f32_openproject_25042_an_override_that_says_nothing_new() -> None:
    restored = replace(PLAIN, changes=(change("2026-01-13T19:00", ChangeStatus.RESTORED),))

    assert overrides(restored) == {}


def test_f33_gettogether_116_only_the_next_date_is_in_the_feed() -> None:
    assert len(starts(PLAIN, "2026-01-01T00:00", "2027-01-01T00:00")) == 52
    assert len(starts(BOARD, "2026-01-01T00:00", "2027-01-01T00:00")) == 12
    assert [event.get("RRULE", "")[:11] for event in events(PLAIN)] == ["FREQ=WEEKLY"]


def test_f35_ovumcy_299_an_exchanged_key_leaves_old_links_open(session: Session, ada: Member, clock: HandClock) -> None:
    old = links.make(session, ada, clock.now())
    opened_before = links.reader(session, old)

    new = links.rotate(session, ada, clock.now())

    assert opened_before == ada
    assert (links.reader(session, old), links.reader(session, new)) == (None, ada)
