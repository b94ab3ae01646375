"""When a reminder is due, and when it has lost its use: across the night, across zones, across clock changes."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetup.schedule import zones
from meetup.values import Channel, Lead
from notifications.rules import timing
from notifications.rules.quiet_hours import Hours
from notifications.rules.timing import Beginning, Due

NEW_YORK, BERLIN, KIRITIMATI = "America/New_York", "Europe/Berlin", "Pacific/Kiritimati"


def beginning(text: str, zone: str = NEW_YORK) -> Beginning:
    local = datetime.fromisoformat(text)
    return Beginning(zones.localize(local, zone), local, zone)


def dues(start: Beginning, *leads: str, channel: Channel = Channel.EMAIL, zone: str = "") -> list[tuple[str, str, str]]:
    """Return lead, due and end by the clocks of the place."""
    found = timing.dues(start, [Lead.parse(lead) for lead in leads], channel, zone or start.zone, Hours())
    return [(str(due.lead), _wall(due.due_at, start.zone), _wall(due.expires_at, start.zone)) for due in found]


def _wall(moment: datetime, zone: str) -> str:
    return f"{zones.wall(moment, zone):%a %d %H:%M}"


def test_each_reminder_is_of_use_until_the_next_nearer_one_is_due() -> None:
    found = dues(beginning("2026-11-26T19:00"), "2h", "24h", "30m")

    assert found == [
        ("24h", "Wed 25 19:00", "Thu 26 17:00"),
        ("2h", "Thu 26 17:00", "Thu 26 18:30"),
        ("30m", "Thu 26 18:30", "Thu 26 19:00"),
    ]


def test_the_evening_before_is_a_wall_time_of_the_meeting_place() -> None:
    # F12: computed in the zone of the server it would be another evening.
    assert dues(beginning("2026-11-26T07:00", KIRITIMATI), "eve18:00") == [("eve18:00", "Wed 25 18:00", "Thu 26 07:00")]


def test_a_text_of_the_small_hours_is_sent_in_the_evening_before() -> None:
    found = dues(beginning("2026-11-26T09:30"), "2h", channel=Channel.SMS)

    assert found == [("2h", "Wed 25 19:59", "Thu 26 09:30")]


def test_a_mail_waits_for_nobodys_waking() -> None:
    assert dues(beginning("2026-11-26T09:30"), "2h") == [("2h", "Thu 26 07:30", "Thu 26 09:30")]


def test_two_texts_that_the_night_pushes_to_one_moment_are_one() -> None:
    found = dues(beginning("2026-11-26T09:00"), "2h", "4h", channel=Channel.SMS)

    assert found == [("4h", "Wed 25 19:59", "Thu 26 09:00")]


@pytest.mark.parametrize(
    ("zone", "due"),
    [("America/Los_Angeles", "Wed 25 22:59"), (BERLIN, "Thu 26 10:00")],
    ids=["west: it is 5 in the morning there", "east: it is 4 in the afternoon there"],
)
def test_quiet_hours_are_those_of_the_members_own_zone(zone: str, due: str) -> None:
    # F19: a text in the middle of the night, because the hours were read by other clocks than the member's.
    [(_, moment, _)] = dues(
        beginning("2026-11-26T16:00"), "6h" if zone == BERLIN else "8h", channel=Channel.SMS, zone=zone
    )

    assert moment == due


@pytest.mark.parametrize(
    ("start", "zone", "due"),
    [
        ("2026-03-08T19:00", NEW_YORK, "Sat 07 18:00"),
        ("2026-11-01T19:00", NEW_YORK, "Sat 31 20:00"),
        ("2026-03-29T19:00", BERLIN, "Sat 28 18:00"),
        ("2026-10-25T19:00", BERLIN, "Sat 24 20:00"),
    ],
    ids=["New York, spring", "New York, autumn", "Berlin, spring", "Berlin, autumn"],
)
def test_a_length_is_a_length_when_clocks_change_in_between(start: str, zone: str, due: str) -> None:
    # F27: the meeting itself stays at seven; 24 hours before it clocks showed another time.
    assert dues(beginning(start, zone), "24h") == [("24h", due, f"Sun {start[8:10]} 19:00")]


@pytest.mark.parametrize("start", ["2026-03-08T19:00", "2026-11-01T19:00"], ids=["spring", "autumn"])
def test_the_evening_before_keeps_its_hour_when_clocks_change_in_the_night(start: str) -> None:
    [(_, due, _)] = dues(beginning(start), "eve18:00")

    assert due.endswith("18:00")


LEADS = st.lists(
    st.one_of(
        st.integers(1, 14 * 24 * 60).map(lambda minutes: Lead(timedelta(minutes=minutes))),
        st.times(time(0), time(23, 59)).map(lambda at: Lead(timedelta(0), at.replace(second=0, microsecond=0))),
    ),
    unique=True,
    max_size=5,
)
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))  # noqa: DTZ001
ZONES = st.sampled_from([NEW_YORK, BERLIN, KIRITIMATI, "Australia/Lord_Howe", "Asia/Kolkata"])


@given(STARTS, ZONES, ZONES, LEADS, st.sampled_from(Channel))
def test_reminders_follow_one_another_without_gap_or_overlap_until_the_start(
    local: datetime, zone: str, theirs: str, leads: list[Lead], channel: Channel
) -> None:
    start = Beginning(zones.localize(local, zone), local, zone)

    found = timing.dues(start, leads, channel, theirs, Hours())

    assert all(due.due_at < due.expires_at for due in found)
    assert [due.expires_at for due in found] == _following(found, start.start)
    assert len({due.lead for due in found}) == len(found)
    if channel is Channel.SMS:
        assert all(zones.wall(due.due_at, theirs).time() in Hours() for due in found)


def _following(found: list[Due], start: datetime) -> list[datetime]:
    return [due.due_at for due in found[1:]] + [start] if found else []


@pytest.mark.parametrize(
    ("hours", "wait"),
    [
        (48.0, timedelta(minutes=10)),
        (3.01, timedelta(minutes=10)),
        (3.0, timedelta(seconds=60)),
        (-1.0, timedelta(seconds=60)),
    ],
    ids=["far", "just far", "near", "begun"],
)
def test_a_change_is_told_after_a_while_in_which_more_may_come(hours: float, wait: timedelta) -> None:
    revised = datetime(2026, 11, 26, 12, tzinfo=UTC)

    assert timing.notice_due(revised, revised + timedelta(hours=hours)) == revised + wait
