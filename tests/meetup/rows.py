"""One small calendar for each row of the table of encodings. `python -m tests.meetup.rows` writes the golden files."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from meetup.feeds import calendar
from meetup.feeds.calendar import Look
from meetup.feeds.views import Reader
from meetup.schedule.series import ChangeStatus, Series
from meetup.values import Door
from tests.meetup.calendars import (
    ANNEX,
    CIRCLE,
    GOLDEN,
    HEATING,
    HUB,
    PUBLIC_ROOM,
    SECRET_ROOM,
    TUESDAYS,
    WEDNESDAYS,
    change,
    wall,
)

FOLDER = GOLDEN / "calendar"
LATER = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
LINKS = {"weekly": "https://meet.example.net/j/1.1~T0ken"}
MEMBER = Reader(join_links=LINKS)
EVIL = 'Tea; "cake", 50% off\\n – ça va? 茶会 👩‍👩‍👧‍👦 Ünïcödé ' + "ß" * 40 + "🎉" * 20


@dataclass(frozen=True)
class Row:
    """What a calendar holds, who reads it, and the years in which it is compared."""

    series: tuple[Series, ...]
    reader: Reader | None = None
    begin: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    end: datetime = datetime(2027, 1, 1, tzinfo=UTC)

    @cached_property
    def bytes(self) -> bytes:
        """Return the calendar."""
        look = Look("8f0d6f6e", "Berlin circles", zone="Europe/Berlin", reader=self.reader)
        return calendar.render(self.series, look)


ENDLESS = replace(TUESDAYS, uid="w2f6c", until=None, sequence=0)
WEEKLY = replace(CIRCLE, key="weekly", schedules=(ENDLESS,), changes=(), closures=(), title="Weekly circle")
MOVED = replace(change("2026-02-10T19:00"), start=wall("2026-02-11T18:30"))
SATURDAYS = replace(ENDLESS, start=wall("2026-01-03T19:00"), rule="FREQ=WEEKLY;BYDAY=SA")
ACROSS = (
    replace(change("2026-03-28T19:00"), start=wall("2026-03-29T10:00")),
    replace(change("2026-10-24T19:00"), start=wall("2026-10-25T10:00")),
    replace(change("2026-10-31T19:00"), start=wall("2026-10-23T19:00"), duration=timedelta(hours=3)),
)
IN_NEW_YORK = replace(ENDLESS, zone="America/New_York")
NIGHT = replace(ENDLESS, start=wall("2026-01-04T02:30"), rule="FREQ=WEEKLY;BYDAY=SU", duration=timedelta(minutes=45))


def of(rule: str, start: str, **more: object) -> Series:
    """Return the weekly circle by another rule."""
    return replace(WEEKLY, schedules=(replace(ENDLESS, rule=rule, start=wall(start), **more),))  # type: ignore[arg-type]  # the fields of a schedule


def changed(*changes: object) -> Series:
    """Return the weekly circle with some dates changed."""
    return replace(WEEKLY, changes=changes)  # type: ignore[arg-type]  # changes


# No rule says the Monday before the fifth Tuesday: each date is an event of its own.
SHIFTED = replace(
    of("FREQ=MONTHLY;BYDAY=5TU;X-SHIFT=-1", "2026-03-30T19:00"),
    changes=(
        replace(change("2026-03-30T19:00"), start=wall("2026-03-31T18:30")),
        replace(change("2026-06-29T19:00"), status=ChangeStatus.CANCELLED),
        replace(change("2026-09-28T19:00"), closed=frozenset({Door.IN_PERSON})),
        replace(change("2026-12-28T19:00"), status=ChangeStatus.SKIPPED),
    ),
    horizon=date(2026, 12, 31),
)

ROWS = {
    "weekly-hybrid": Row((WEEKLY,)),
    "weekly-in-person": Row((replace(WEEKLY, room=None),)),
    "weekly-online": Row((replace(WEEKLY, place=None),)),
    "nth-weekday": Row((of("FREQ=MONTHLY;BYDAY=2TU,4TU", "2026-01-13T19:00"),)),
    "last-weekday": Row((of("FREQ=MONTHLY;BYDAY=-1SU", "2026-01-25T11:00"),)),
    "fifth-weekday": Row((of("FREQ=MONTHLY;BYDAY=5FR", "2026-01-30T19:00"),)),
    "before-the-first-weekday": Row((of("FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1,2,3,4,5,6,-1", "2026-01-05T19:00"),)),
    "after-the-last-weekday": Row((of("FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=1,2,3,4,-3,-2,-1", "2026-02-03T19:00"),)),
    "before-the-last-weekday": Row((of("FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=-10,-9,-8,-7,-6,-5,-4", "2026-01-27T19:00"),)),
    "before-the-fifth-weekday": Row((SHIFTED,)),
    "last-day-of-month": Row((of("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31T19:00"),)),
    "monday-before-third-tuesday": Row(
        (of("FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=14,15,16,17,18,19,20", "2026-01-19T19:00"),)
    ),
    "fortnightly": Row((of("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "2026-01-06T19:00"),)),
    "skipped": Row((changed(*(change(f"2026-{day}T19:00", ChangeStatus.SKIPPED) for day in ("02-17", "12-29"))),)),
    "cancelled": Row((changed(change("2026-03-03T19:00", ChangeStatus.CANCELLED)),)),
    "moved": Row((changed(MOVED),)),
    "moved-across-clock-changes": Row((replace(WEEKLY, schedules=(SATURDAYS,), changes=ACROSS),)),
    "online-only": Row((changed(replace(change("2026-02-24T19:00"), closed=frozenset({Door.IN_PERSON}))),)),
    "in-person-only": Row(
        (changed(replace(change("2026-02-24T19:00"), place=ANNEX, closed=frozenset({Door.ONLINE}))),)
    ),
    "closed-building": Row((replace(WEEKLY, closures=(HEATING,)),)),
    "closed-building-without-a-room": Row((replace(WEEKLY, room=None, closures=(HEATING,)),)),
    "ended": Row((replace(WEEKLY, schedules=(replace(ENDLESS, until=date(2026, 4, 28), sequence=1),)),)),
    "ended-west-of-greenwich": Row(
        (replace(WEEKLY, schedules=(replace(IN_NEW_YORK, start=wall("2026-01-06T22:30"), until=date(2026, 3, 10)),)),)
    ),
    "ended-east-of-greenwich": Row(
        (of("FREQ=WEEKLY;BYDAY=TU", "2026-01-06T19:00", zone="Pacific/Auckland", until=date(2026, 4, 28)),)
    ),
    "split": Row((replace(WEEKLY, schedules=(TUESDAYS, WEDNESDAYS)),)),
    "rule-changed": Row((of("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-01-06T19:00", sequence=5, changed_at=LATER),)),
    "two-times-a-week": Row((replace(WEEKLY, schedules=(ENDLESS, replace(SATURDAYS, uid="w2f6c-2"))),)),
    "hours-that-clocks-skip-or-repeat": Row((replace(WEEKLY, schedules=(NIGHT,)),)),
    "zone-that-changed-its-rule": Row(
        (of("FREQ=WEEKLY;BYDAY=TU", "2025-10-07T19:00", zone="America/Vancouver"),),
        begin=datetime(2025, 10, 1, tzinfo=UTC),
        end=datetime(2028, 1, 1, tzinfo=UTC),
    ),
    "zone-without-summer": Row((of("FREQ=WEEKLY;BYDAY=TU", "2026-01-06T19:00", zone="Asia/Kolkata"),)),
    "south-of-the-equator": Row((of("FREQ=WEEKLY;BYDAY=TU", "2026-01-06T19:00", zone="Pacific/Auckland"),)),
    "two-zones": Row((WEEKLY, replace(WEEKLY, key="other", schedules=(replace(IN_NEW_YORK, uid="other"),)))),
    "single-date": Row((of("", "2026-07-04T15:00"),)),
    "single-date-moved": Row(
        (
            replace(
                of("", "2026-07-04T15:00"),
                changes=(replace(change("2026-07-04T15:00"), start=wall("2026-07-05T11:00")),),
            ),
        )
    ),
    "single-date-cancelled": Row(
        (replace(of("", "2026-07-04T15:00"), changes=(change("2026-07-04T15:00", ChangeStatus.CANCELLED),)),)
    ),
    "dial-in": Row((replace(WEEKLY, room=SECRET_ROOM),), MEMBER),
    "real-link-and-passcode": Row((replace(WEEKLY, room=replace(SECRET_ROOM, url=PUBLIC_ROOM.url)),), Reader()),
    "private-half-cancelled": Row(
        (changed(replace(change("2026-02-24T19:00"), closed=frozenset({Door.IN_PERSON})), MOVED),), MEMBER
    ),
    "someone-else-sees-the-phone": Row(
        (changed(MOVED, change("2026-03-03T19:00", ChangeStatus.CANCELLED)),), replace(MEMBER, phone_shared=True)
    ),
    "alarm": Row(
        (changed(MOVED, change("2026-03-03T19:00", ChangeStatus.CANCELLED)),),
        replace(MEMBER, alarm=timedelta(minutes=60)),
    ),
    "special-characters": Row(
        (replace(WEEKLY, title=EVIL, description=f"{EVIL}\n{EVIL}", place=replace(HUB, name='The "Hub"; 2nd, left\\')),)
    ),
    "spanish": Row((replace(changed(change("2026-03-03T19:00", ChangeStatus.CANCELLED)), language="es"),)),
    "empty": Row(()),
}


def main() -> None:
    """Write every golden file anew."""
    for name, row in ROWS.items():
        (FOLDER / f"{name}.ics").write_bytes(row.bytes)


if __name__ == "__main__":
    main()
