"""Calendars: what the public and what members are shown, and that every program reads the same dates."""

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import recurring_ical_events  # type: ignore[import-untyped]  # the package has no types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from meetup.feeds import calendar
from meetup.feeds.calendar import Look
from meetup.feeds.views import Reader, public_link
from meetup.schedule import doors, recurrence
from meetup.schedule.series import (
    Access,
    Change,
    ChangeStatus,
    Closure,
    Place,
    Room,
    Schedule,
    Series,
    Status,
)
from meetup.values import Door, Preference

GOLDEN = Path(__file__).parent.parent / "golden"
BORN = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
TOUCHED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LINK = "https://meet.example.org/wk-7f3a"
HUB = Place(
    key="hub",
    name="Community Hub",
    address="Hauptstr. 5, 10115 Berlin",
    latitude=52.5321,
    longitude=13.3849,
    directions='2nd floor, ring "Hub"',
    access=Access(step_free=True, door_code="4711#"),
)
ANNEX = Place(key="annex", name="Annex", address="Nebenstr. 6, 10115 Berlin")
PUBLIC_ROOM = Room(key="room", name="Room", url=LINK, public=True, dial_in=("+49 30 1234567",))
SECRET_ROOM = Room(
    key="room",
    name="Room",
    url=f"{LINK}?pwd=a1B2",
    public=True,
    passcode="tulip77",
    meeting_code="823 1234",
    dial_in=("+49 30 1234567,,654321#",),
)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


TUESDAYS = Schedule(
    uid="w2f6c@meetup.example.org",
    zone="Europe/Berlin",
    start=wall("2026-01-06T19:00"),
    duration=timedelta(minutes=90),
    rule="FREQ=WEEKLY;BYDAY=TU",
    until=date(2026, 4, 28),
    sequence=4,
    created_at=BORN,
    changed_at=TOUCHED,
)
WEDNESDAYS = replace(
    TUESDAYS,
    uid="w2f6c-2@meetup.example.org",
    start=wall("2026-05-06T18:00"),
    rule="FREQ=WEEKLY;BYDAY=WE",
    until=None,
    sequence=0,
    follows=TUESDAYS.uid,
)


def change(slot: str, status: ChangeStatus = ChangeStatus.CHANGED) -> Change:
    return Change(wall(slot), status, 1, TOUCHED)


ONLINE_ONLY = replace(change("2026-02-24T19:00"), closed=frozenset({Door.IN_PERSON}))
CHANGES = (
    replace(change("2026-02-10T19:00"), start=wall("2026-02-11T18:30"), note="Wednesday, because of the choir"),
    change("2026-02-17T19:00", ChangeStatus.SKIPPED),
    ONLINE_ONLY,
    change("2026-03-03T19:00", ChangeStatus.CANCELLED),
    change("2026-03-10T19:00", ChangeStatus.RESTORED),
    replace(change("2026-05-20T18:00"), place=ANNEX, closed=frozenset({Door.ONLINE})),
)
HEATING = Closure(
    "hub", Door.IN_PERSON, wall("2026-03-28T00:00"), wall("2026-04-15T00:00"), 2, TOUCHED, "heating repairs"
)
CIRCLE = Series(
    key="circle",
    title="Thursday anxiety circle",
    label="Choir",
    group="circle",
    schedules=(TUESDAYS, WEDNESDAYS),
    place=HUB,
    room=PUBLIC_ROOM,
    changes=CHANGES,
    closures=(HEATING,),
    description="Open to everybody – come as you are 🎉\nNo registration",
)
BOARD = Series(
    key="board",
    title="Junta mensual; «abierta», sí",
    label="Cita",
    group="board",
    schedules=(
        Schedule(
            uid="m91aa@meetup.example.org",
            zone="America/New_York",
            start=wall("2026-01-13T18:00"),
            duration=timedelta(hours=1),
            rule="FREQ=MONTHLY;BYDAY=2TU",
            created_at=BORN,
            changed_at=BORN,
        ),
    ),
    room=SECRET_ROOM,
    changes=(change("2026-03-10T18:00", ChangeStatus.CANCELLED),),
    language="es",
)
PARTY = replace(
    CIRCLE,
    key="party",
    title="Summer party",
    schedules=(replace(TUESDAYS, uid="p1@meetup.example.org", rule="", start=wall("2026-07-04T15:00"), until=None),),
    changes=(),
    closures=(),
)
PUBLIC = Look(
    uid="8f0d6f6e@meetup.example.org",
    name="Berlin circles",
    description="Weekly and monthly",
    url="https://meetup.example.org/f/circle.ics",
    zone="Europe/Berlin",
)
ADA = Reader(join_links={"circle": "https://meet.example.net/j/T0ken", "board": "https://meet.example.net/j/T1ken"})
PRIVATE = replace(PUBLIC, name="Ada", description="", url="https://meetup.example.net/f/T0ken.ics", reader=ADA)
SHARED = replace(ADA, phone_shared=True)


def unfold(data: bytes) -> str:
    return data.decode().replace("\r\n ", "")


def events(series: Series, reader: Reader | None = None) -> list[dict[str, str]]:
    """Read the entries of a series: the value of each property, the first one where there are several."""
    entries = unfold(calendar.render_series(series, reader)).split("BEGIN:VEVENT\r\n")[1:]
    return [dict(reversed([read(line) for line in entry.splitlines()[:-1]])) for entry in entries]


def read(line: str) -> tuple[str, str]:
    found = re.fullmatch(r"([A-Z-]+)((?:;[A-Z-]+=(?:\"[^\"]*\"|[^\":;]*))*):(.*)", line)
    assert found, line
    return found[1], re.sub(r"\\(.)", lambda escape: "\n" if escape[1] == "n" else escape[1], found[3])


def overrides(series: Series, reader: Reader | None = None) -> dict[str, dict[str, str]]:
    found = [event for event in events(series, reader) if "RECURRENCE-ID" in event]
    return {day_of(event["RECURRENCE-ID"]): event for event in found}


def day_of(moment: str) -> str:
    return f"{moment[4:6]}-{moment[6:8]}"


def only(series: Series, reader: Reader | None = None) -> dict[str, str]:
    (event,) = events(series, reader)
    return event


def read_back(data: bytes, begin: datetime, end: datetime) -> Counter[tuple[datetime, datetime, bool]]:
    """Expand a calendar with somebody else's program."""
    found = recurring_ical_events.of(Calendar.from_ical(data), skip_bad_series=False).between(begin, end)
    return Counter(
        (event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC), event["STATUS"] == "CANCELLED")
        for event in found
    )


def expected(series: Series, begin: datetime, end: datetime) -> Counter[tuple[datetime, datetime, bool]]:
    found = [
        doors.occurrence(series, schedule, slot)
        for schedule in series.schedules
        for slot in recurrence.slots(schedule, wall("2020-01-01"), wall("2030-01-01"))
    ]
    return Counter(
        (one.start, one.end, one.status is Status.CANCELLED) for one in found if one and begin <= one.start < end
    )


# ── the whole text ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("look", "name"), [(PUBLIC, "public-feed"), (PRIVATE, "private-feed")], ids=["public", "private"]
)
def test_a_feed_is_written_as_agreed(look: Look, name: str) -> None:
    assert calendar.render([CIRCLE, BOARD, PARTY], look) == (GOLDEN / f"{name}.ics").read_bytes()


def test_the_order_in_which_series_come_does_not_matter() -> None:
    shuffled = replace(CIRCLE, schedules=CIRCLE.schedules[::-1], changes=CIRCLE.changes[::-1])

    assert calendar.render([PARTY, shuffled, BOARD], PUBLIC) == calendar.render([CIRCLE, BOARD, PARTY], PUBLIC)


def test_every_process_writes_the_same_bytes() -> None:
    script = (
        "import hashlib, test_calendar as t; "
        "print(hashlib.sha256(t.calendar.render([t.CIRCLE, t.BOARD, t.PARTY], t.PUBLIC)).hexdigest())"
    )
    here = hashlib.sha256(calendar.render([CIRCLE, BOARD, PARTY], PUBLIC)).hexdigest()

    elsewhere = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), *sys.path)),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]

    assert elsewhere == [here, here]


def test_lines_end_with_crlf_and_have_at_most_75_octets_of_whole_characters() -> None:
    long = replace(CIRCLE, description="ü🎉" * 400, title="Ä, " * 60)

    written = calendar.render([long], PUBLIC)

    lines = written.split(b"\r\n")
    assert (lines[-1], b"\n" in b"".join(lines), b"\r" in b"".join(lines)) == (b"", False, False)
    assert max(len(line) for line in lines) <= 75
    assert "".join(line.decode() for line in lines) == written.decode().replace("\r\n", "")


def test_a_joined_feed_is_the_rendered_feed() -> None:
    parts = [calendar.fragment(series) for series in (BOARD, CIRCLE)]

    assert calendar.assemble(PUBLIC, parts) == calendar.render([CIRCLE, BOARD], PUBLIC)
    assert [part.events for part in parts] == [calendar.render_series(BOARD), calendar.render_series(CIRCLE)]


def test_a_feed_says_when_it_changed_even_when_something_left_it() -> None:
    later = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)

    assert b"LAST-MODIFIED:20260302T093000Z" in calendar.render([CIRCLE], PUBLIC).split(b"BEGIN:VEVENT")[0]
    assert b"LAST-MODIFIED:20260601T080000Z" in calendar.empty(replace(PUBLIC, changed_at=later))


def test_an_empty_feed_is_still_a_calendar() -> None:
    parsed = Calendar.from_ical(calendar.empty(Look(uid="nobody@meetup.example.org")))

    assert (parsed.subcomponents, str(parsed["VERSION"]), "SOURCE" in parsed) == ([], "2.0", False)


def test_nothing_in_a_feed_invites_or_asks_for_an_answer() -> None:
    written = calendar.render([CIRCLE, BOARD, PARTY], PUBLIC) + calendar.render([CIRCLE, BOARD, PARTY], PRIVATE)

    assert re.findall(rb"^(?:METHOD|ORGANIZER|ATTENDEE|BEGIN:VALARM).*", written, re.MULTILINE) == []


# ── the same dates for everybody ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "America/Vancouver", "Africa/Cairo", "Africa/Accra", "Etc/UTC"]
)
def test_other_programs_read_the_dates_that_we_mean_across_a_year(zone: str) -> None:
    schedules = (replace(TUESDAYS, zone=zone), replace(WEDNESDAYS, zone=zone))
    series = replace(CIRCLE, schedules=schedules)
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

    found = read_back(calendar.render([series], PUBLIC), begin, end)

    assert found == expected(series, begin, end)
    assert sum(found.values()) == 51


SLOTS = st.sampled_from([wall("2026-01-06T19:00") + timedelta(weeks=week) for week in range(17)])
ALTERED = st.builds(
    Change,
    slot=SLOTS,
    status=st.sampled_from(ChangeStatus),
    revision=st.integers(1, 5),
    changed_at=st.just(TOUCHED),
    start=st.none() | st.builds(lambda slot, hours: slot + timedelta(hours=hours), SLOTS, st.integers(-30, 30)),
    duration=st.none() | st.sampled_from([timedelta(minutes=45), timedelta(hours=3)]),
    place=st.none() | st.just(ANNEX),
    closed=st.frozensets(st.sampled_from(Door)),
)
SHUT = st.builds(
    Closure,
    key=st.sampled_from(["hub", "room", "annex"]),
    door=st.sampled_from(Door),
    start=SLOTS,
    end=SLOTS,
    revision=st.integers(1, 5),
    changed_at=st.just(TOUCHED),
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(ALTERED, max_size=5, unique_by=lambda one: one.slot), closures=st.lists(SHUT, max_size=2))
def test_whatever_changes_other_programs_read_the_dates_that_we_mean(
    changes: list[Change], closures: list[Closure]
) -> None:
    series = replace(CIRCLE, schedules=(TUESDAYS,), changes=tuple(changes), closures=tuple(closures))
    begin, end = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)

    assert read_back(calendar.render([series], PUBLIC), begin, end) == expected(series, begin, end)


def test_a_zone_is_told_before_its_first_use_and_once() -> None:
    written = unfold(calendar.render([CIRCLE, BOARD, PARTY], PUBLIC))

    assert re.findall(r"(?:TZID|BEGIN):(.+)\r\n", written)[:9] == [
        *("VCALENDAR", "VTIMEZONE", "America/New_York", "DAYLIGHT", "STANDARD"),
        *("VTIMEZONE", "Europe/Berlin", "DAYLIGHT", "STANDARD"),
    ]
    assert set(re.findall(r";TZID=([^:;]+)", written)) == {"America/New_York", "Europe/Berlin"}


def test_a_zone_whose_clocks_changed_is_right_from_the_first_meeting_on() -> None:
    old = replace(TUESDAYS, zone="America/Vancouver", start=wall("2024-01-02T19:00"))
    part = calendar.fragment(replace(CIRCLE, schedules=(old,)))

    assert part.zones == (("America/Vancouver", 2024),)
    assert b"DTSTART:20240310T020000" in calendar.assemble(PUBLIC, [part])


def test_a_series_ends_with_its_last_local_day() -> None:
    assert b"RRULE:FREQ=WEEKLY;UNTIL=20260428T215959Z;BYDAY=TU;WKST=MO\r\n" in calendar.render_series(CIRCLE)


def test_a_master_begins_on_a_real_date() -> None:
    early = replace(TUESDAYS, start=wall("2026-01-01T19:00"), rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")

    first = events(replace(CIRCLE, schedules=(early,), changes=(), closures=()))[0]

    assert [wall(first["DTSTART"])] == recurrence.following(early, early.start, 1)
    assert wall(first["DTSTART"]).weekday() == 1


def test_a_schedule_that_never_happens_is_not_in_the_feed() -> None:
    over = replace(TUESDAYS, until=date(2026, 1, 5))

    assert events(replace(CIRCLE, schedules=(over,))) == []


def test_an_end_that_the_clocks_show_twice_is_said_as_a_length() -> None:
    night = replace(TUESDAYS, rule="", until=None, start=wall("2026-10-25T02:30"), duration=timedelta(minutes=45))

    event = only(replace(CIRCLE, schedules=(night,), changes=(), closures=()))

    assert ("DTEND" in event, event["DURATION"]) == (False, "PT45M")


# ── what changed ────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── where people look ───────────────────────────────────────────────────────────────────────────────────────────────


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


# ── what nobody may see ─────────────────────────────────────────────────────────────────────────────────────────────

LEAKY = replace(
    CIRCLE,
    room=SECRET_ROOM,
    place=replace(HUB, directions="Buzzer 47 11, second floor"),
    description="Everybody is welcome\nPasscode: Tulip77\nDial 0049 (30) 123 4567\nZoom https://zoom.us/j/1?pwd=x9",
    changes=(replace(change("2026-02-10T19:00"), note="Door code 4711#"),),
)
SECRETS = ("tulip77", "a1B2", "pwd", "1234567", "654321", "4711", "47 11", "x9", "T0ken")


def test_no_secret_is_in_a_public_feed() -> None:
    written = unfold(calendar.render([LEAKY, BOARD], PUBLIC))
    private = unfold(calendar.render([LEAKY], replace(PRIVATE, reader=Reader())))

    assert [secret for secret in SECRETS if secret.casefold() in written.casefold()] == []
    assert "Everybody is welcome" in written
    assert [secret for secret in SECRETS if secret in private] == [
        "tulip77",
        "a1B2",
        "pwd",
        "1234567",
        "654321",
        "47 11",
        "T0ken",
    ]


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (PUBLIC_ROOM, True),
        (replace(PUBLIC_ROOM, public=False), False),
        (replace(PUBLIC_ROOM, url=f"{LINK}?authuser=0"), True),
        (replace(PUBLIC_ROOM, url="https://zoom.us/j/1?pwd=a1"), False),
        (replace(PUBLIC_ROOM, url="https://zoom.us/j/1?x=1&PWD=a1"), False),
        (replace(PUBLIC_ROOM, url="https://zoom.us/j/1?%70wd=a1"), False),
        (replace(PUBLIC_ROOM, url="https://teams.example.com/meet/1?p=a1"), False),
        (replace(PUBLIC_ROOM, url="https://whereby.com/x?roomKey=a1"), False),
        (replace(PUBLIC_ROOM, url=f"{LINK}#passcode=a1"), False),
        (replace(PUBLIC_ROOM, url=f"{LINK}/tulip77", passcode="tulip77"), False),
        (replace(PUBLIC_ROOM, url="https://me:a1@meet.example.org/x"), False),
        (replace(PUBLIC_ROOM, url="http://meet.example.org/x"), False),
        (replace(PUBLIC_ROOM, url="javascript:alert(1)"), False),
        (replace(PUBLIC_ROOM, url="https://meet.example.org/\x07x"), False),
        (replace(PUBLIC_ROOM, url="https://meet.example.org/\r\nATTENDEE:x"), False),
    ],
)
def test_a_public_feed_has_only_public_links_without_a_passcode(room: Room, shown: bool) -> None:
    written = unfold(calendar.render_series(replace(CIRCLE, room=room, description=f"Come: {room.url}")))

    assert (public_link(room) != "", "CONFERENCE" in written) == (shown, shown)
    assert (room.url in written) == shown


def test_a_private_feed_says_the_label_and_not_the_name() -> None:
    centre = replace(HUB, name="Anxiety Centre", directions="Ask for the Thursday anxiety circle")
    written = unfold(calendar.render([replace(CIRCLE, place=centre)], PRIVATE))

    assert "anxiety" not in written.casefold()
    assert "Open to everybody" not in written
    assert {event["SUMMARY"] for event in events(CIRCLE, ADA)} == {
        *("Choir", "Choir (online only)", "Choir (in person only)", "Cancelled: Choir")
    }


@pytest.mark.parametrize(
    ("own", "label", "told"),
    [("Yoga", "Choir", "Yoga"), ("", "Choir", "Choir"), ("", "", "Appointment"), ("", "Anxiety group", "Appointment")],
    ids=["her own", "the group's", "none", "a telling one"],
)
def test_a_private_feed_always_finds_a_harmless_label(own: str, label: str, told: str) -> None:
    party = replace(PARTY, label=label)

    assert only(party, Reader(label=own))["SUMMARY"] == told


def test_a_personal_link_replaces_the_real_one() -> None:
    written = unfold(calendar.render([LEAKY], PRIVATE))

    assert "https://meet.example.net/j/T0ken" in written
    assert [secret for secret in ("a1B2", "tulip77", LINK) if secret in written] == []


def test_a_shared_phone_shows_label_and_time_only() -> None:
    entries = events(CIRCLE, SHARED)

    assert {event["SUMMARY"] for event in entries} == {"Choir", "Cancelled: Choir"}
    assert sorted(overrides(CIRCLE, SHARED)) == ["02-10", "03-03"]
    assert {name for event in entries for name in event} == {
        *("UID", "RECURRENCE-ID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "RRULE"),
        *("EXDATE", "SUMMARY", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS", "RELATED-TO"),
    }


# ── which door a member uses ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("preference", "usual", "without_place", "without_room"),
    [
        (
            Preference.EITHER,
            "Choir @ place + link",
            "Choir (online only) @ link + link",
            "Choir (in person only) @ place",
        ),
        (Preference.IN_PERSON, "Choir @ place", "Choir (online only) @ link + link", "Choir @ place"),
        (Preference.ONLINE, "Choir @ link + link", "Choir @ link + link", "Choir (in person only) @ place"),
        (Preference.ONLY_IN_PERSON, "Choir @ place", "Cancelled: Choir @", "Choir @ place"),
    ],
)
def test_a_member_sees_the_door_she_uses_or_the_one_that_is_left(
    preference: Preference, usual: str, without_place: str, without_room: str
) -> None:
    def told(closed: frozenset[Door]) -> str:
        altered = replace(change("2026-07-04T15:00"), closed=closed)
        event = only(replace(PARTY, changes=(altered,)), Reader(preference=preference))
        where = {"": "", LINK: " link"}.get(event.get("LOCATION", ""), " place")
        return f"{event['SUMMARY']} @{where}{' + link' if 'URL' in event else ''}"

    assert told(frozenset()) == usual
    assert told(frozenset({Door.IN_PERSON})) == without_place
    assert told(frozenset({Door.ONLINE})) == without_room


def test_a_member_who_comes_online_is_not_told_of_a_closed_building() -> None:
    assert sorted(overrides(CIRCLE, Reader(preference=Preference.ONLINE))) == ["02-10", "03-03", "05-20"]


def test_who_comes_in_person_only_is_not_shown_what_happens_online_only() -> None:
    assert events(BOARD, Reader(preference=Preference.ONLY_IN_PERSON)) == []
    assert len(events(BOARD, Reader(preference=Preference.IN_PERSON))) == 2


def test_members_may_dial_in() -> None:
    found = re.findall(r"CONFERENCE;[^\r]*?:((?:https|tel):[^\r]+)", unfold(calendar.render_series(BOARD, Reader())))

    assert found == [f"{LINK}?pwd=a1B2", "tel:+49301234567,,654321#"]


# ── what must not get in ────────────────────────────────────────────────────────────────────────────────────────────


def test_no_text_can_add_a_line_or_a_control_character() -> None:
    evil = 'x\r\nATTENDEE:mailto:eve@example.org\x07\x1b[31m\nEND:VEVENT\u2028Y"^n;,\\'
    place = replace(HUB, name=evil, address=evil, directions=evil)
    room = replace(PUBLIC_ROOM, dial_in=(evil,))
    series = replace(CIRCLE, title=evil, label=evil, description=evil, place=place, room=room)
    look = replace(PUBLIC, name=evil, description=evil, zone=evil)

    written = [calendar.render([series], one) for one in (look, replace(look, reader=Reader(label=evil)))]

    for data in written:
        names = {re.split(r"[:;]", line)[0] for line in unfold(data).split("\r\n")}
        assert "ATTENDEE" not in names
        assert re.findall(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", data) == []
        assert data.count(b"END:VEVENT\r\n") == data.count(b"BEGIN:VEVENT\r\n")
        assert Calendar.from_ical(data).walk("VEVENT")[0].errors == []


def test_a_source_that_is_no_web_address_is_left_out() -> None:
    assert b"SOURCE" not in calendar.empty(replace(PUBLIC, url="javascript:alert(1)"))
