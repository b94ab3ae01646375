"""Dates that no rule can say are events of their own: named for ever, and listed up to a horizon from outside."""

from dataclasses import replace
from datetime import UTC, date, datetime

from icalendar import Calendar

from meetup.feeds import calendar
from meetup.feeds.collect import recent
from meetup.schedule.series import Series
from tests.meetup.rows import SHIFTED, WEEKLY, of

USUAL = replace(SHIFTED, changes=())


def listed(series: Series) -> dict[str, bytes]:
    """Return the events by their UID."""
    text = b"BEGIN:VCALENDAR\r\n" + calendar.render_series(series) + b"END:VCALENDAR\r\n"
    return {str(event["UID"]): event.to_ical() for event in Calendar.from_ical(text).events}


def test_each_date_is_an_event_without_a_rule_named_by_its_day() -> None:
    found = listed(USUAL)

    assert list(found) == [f"w2f6c-{day}" for day in ("20260330", "20260629", "20260928", "20261228")]
    assert [name for name, event in found.items() if b"RRULE" in event or b"RECURRENCE-ID" in event] == []


def test_a_later_horizon_adds_dates_and_changes_none() -> None:
    before, after = listed(USUAL), listed(replace(USUAL, horizon=date(2028, 12, 31)))

    assert {name: after[name] for name in before} == before
    assert max(after) == "w2f6c-20281030"


def test_a_feed_lists_dates_to_the_end_of_the_year_after_next() -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)

    assert recent(USUAL, now).horizon == date(2028, 12, 31)
    assert recent(WEEKLY, now).horizon is None


def test_without_a_horizon_the_data_alone_decide() -> None:
    found = listed(replace(USUAL, horizon=None))

    # Two years after the last change of the schedule.
    assert max(found) == "w2f6c-20281030"


def test_what_happened_years_ago_leaves_the_list() -> None:
    old = of("FREQ=MONTHLY;BYDAY=5TU;X-SHIFT=-1", "2009-03-30T19:00")

    found = listed(replace(old, horizon=date(2028, 12, 31)))

    assert min(found) == "w2f6c-20240129"


def test_an_end_ends_the_list() -> None:
    ending = replace(USUAL, schedules=(replace(USUAL.schedules[0], until=date(2026, 6, 29)),))

    assert list(listed(ending)) == ["w2f6c-20260330", "w2f6c-20260629"]
