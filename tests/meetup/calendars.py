"""Series, readers and feeds that the tests of calendars share, and a plain reader of entries."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from meetup.feeds import calendar
from meetup.feeds.calendar import Look
from meetup.feeds.views import Reader
from meetup.schedule.series import Access, Change, ChangeStatus, Closure, Place, Room, Schedule, Series
from meetup.values import Door

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
