"""The agenda of a big house: every date of very many series, compared with a plain loop over the same dates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from meetup import agenda
from meetup.places import rooms, venues
from meetup.storage.tables import ChangeRow, ClosureRow, Meeting, ScheduleRow
from meetup.storage.vault import new_id
from meetup.values import Window
from tests.benchmarks.race import Race, Spent, Standing, run_both, timed
from tests.benchmarks.scene import EARLIER, Line, Scene, scene, write

ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/Madrid")
SITES = 50  # venues, and as many rooms
DAYS = 90
WEEK = timedelta(weeks=1)
BEGAN = datetime(2019, 1, 7, 19)  # noqa: DTZ001 -- a wall time, on a Monday
STATUSES = ("cancelled", "changed", "restored")


@dataclass(frozen=True, slots=True)
class Habit:
    """When one series meets: each week, every other week, or on the nth weekday of each month."""

    number: int
    nth: int = 0
    weeks: int = 1

    @property
    def zone(self) -> str:
        return ZONES[self.number % len(ZONES)]

    @property
    def start(self) -> datetime:
        """Return the first date: a Monday to Friday of January 2019."""
        monday = BEGAN + timedelta(days=self.number % 5, minutes=5 * (self.number % 24))
        return monday + (self.nth - 1) * WEEK if self.nth else monday

    @property
    def rule(self) -> str:
        day = ("MO", "TU", "WE", "TH", "FR")[self.start.weekday()]
        return f"FREQ=MONTHLY;BYDAY={self.nth}{day}" if self.nth else f"FREQ=WEEKLY;INTERVAL={self.weeks};BYDAY={day}"

    def dates(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Yield the wall times from one to the other, as simply as can be."""
        step = self.weeks * WEEK
        slot = self.start + (first - self.start) // step * step
        while slot < last:
            if slot >= first and (not self.nth or (slot.day - 1) // 7 == self.nth - 1):
                yield slot
            slot += step


def compare(folder: Path, series: int, rounds: int) -> Iterator[Standing]:
    """Ask what happens in the next three months."""
    with scene(folder, members=1) as stage:
        habits = [_habit(number) for number in range(series)]
        _fill(stage, habits)
        race = Race("agenda", f"agenda of {series:,} series, {DAYS} days", _agenda(stage), _loop(stage, habits))
        yield from run_both(race, rounds)


def _habit(number: int) -> Habit:
    """Let seven of ten meet each week, one every other week, and two on a weekday of the month."""
    kind = number % 10
    return Habit(number, nth=2 + number % 3) if kind > 7 else Habit(number, weeks=2 if kind == 7 else 1)


def _agenda(stage: Scene) -> Callable[[], Spent]:
    def ask() -> None:
        with stage.database.reading() as session:
            found = agenda.occurrences(session, _window(stage))
        if not found:
            raise RuntimeError("nothing happens")

    return lambda: timed(ask)


def _loop(stage: Scene, habits: list[Habit]) -> Callable[[], Spent]:
    window = _window(stage)
    first, last = (moment.replace(tzinfo=None) for moment in (window.start, window.end))

    def loop() -> None:
        found = []
        for habit in habits:
            zone = ZoneInfo(habit.zone)
            found += [slot.replace(tzinfo=zone).astimezone(window.start.tzinfo) for slot in habit.dates(first, last)]
        found.sort()

    return lambda: timed(loop)


def _window(stage: Scene) -> Window:
    now = stage.clock.now()
    return Window(now, now + timedelta(days=DAYS))


def _fill(stage: Scene, habits: list[Habit]) -> None:
    with stage.database.writing() as session:
        for number in range(SITES):
            venues.add(session, venues.VenueDraft(f"Hall {number}", f"{number} Elm Street, Troy"), EARLIER)
            rooms.add(session, rooms.RoomDraft(f"Room {number}", f"https://zoom.us/j/{9876543000 + number}"), EARLIER)
        write(session, Meeting, [_meeting(stage, one) for one in habits])
        write(session, ScheduleRow, [_schedule(one) for one in habits])
        write(session, ChangeRow, [line for one in habits for line in _changes(one)])
        write(session, ClosureRow, [_closure(number) for number in range(1, SITES + 1)])


def _meeting(stage: Scene, habit: Habit) -> Line:
    return {
        "id": habit.number + 1,
        "public_id": new_id(),
        "slug": f"circle-{habit.number}",
        "group_id": stage.group.id,
        "title": f"Circle {habit.number}",
        "venue_id": 1 + habit.number % SITES,
        "room_id": 1 + habit.number % SITES,
        "state": "active",
        "version": 1,
        "created_at": EARLIER,
        "changed_at": EARLIER,
    }


def _schedule(habit: Habit) -> Line:
    return {
        "id": habit.number + 1,
        "meeting_id": habit.number + 1,
        "uid": f"circle-{habit.number}",
        "sequence": 1,
        "zone": habit.zone,
        "rule": habit.rule,
        "start_local": habit.start,
        "duration_minutes": 90,
        "follows_uid": "",
        "created_at": EARLIER,
        "changed_at": EARLIER,
    }


def _changes(habit: Habit) -> Iterator[Line]:
    """Yield what became of some dates: most lie in the past years, one in the months that are looked at."""
    slots = list(habit.dates(datetime.combine(date(2024, 1, 1), BEGAN.time()), BEGAN + 415 * WEEK))
    for number, slot in enumerate(slots[:: max(1, len(slots) // 6)]):
        status = STATUSES[number % len(STATUSES)]
        yield {
            "meeting_id": habit.number + 1,
            "schedule_id": habit.number + 1,
            "slot": slot,
            "status": status,
            "new_start": slot + timedelta(days=1) if status == "changed" else None,
            "closed_door": "",
            "note": "",
            "revision": number + 1,
            "created_at": EARLIER,
            "changed_at": EARLIER,
        }


def _closure(number: int) -> Line:
    begins = datetime.combine(date(2026, 12, 21), BEGAN.time())
    return {
        "venue_id": number,
        "start_local": begins,
        "end_local": begins + 2 * WEEK,
        "planned_end_local": begins + 2 * WEEK,
        "reason": "Holidays",
        "revision": 1,
        "created_at": EARLIER,
        "changed_at": EARLIER,
    }
