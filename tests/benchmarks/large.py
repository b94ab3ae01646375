"""A calendar of very many series: sent again, and after a change of one, compared with hashing the same bytes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from commands.web import sheets
from commands.web.shelf import Shelf
from meetup import dates, groups
from meetup.schedule.rules import WEEKDAYS
from meetup.storage.tables import Meeting, ScheduleRow
from tests.benchmarks.feeds import fetch
from tests.benchmarks.processes import serving
from tests.benchmarks.race import Race, Spent, Standing, run, timed
from tests.benchmarks.scene import EARLIER, MONDAY, Line, Scene, scene

THURSDAYS = 3  # the number of a meeting on Thursdays


def compare(folder: Path, series: int, rounds: int) -> Iterator[Standing]:
    """Serve the public calendar of a group that meets at as many times as a whole fellowship."""
    with scene(folder, members=1) as stage:
        _meet(stage, series)
        shelf = Shelf(stage.database, stage.clock, stage.addresses, [])
        yield run(_changed(stage, shelf, series), rounds)
        yield run(_elsewhere(stage, shelf), rounds)
        path, times = f"/g/{stage.group.slug}.ics", max(20, 20_000 // series)
        with serving("tests.benchmarks.served", str(folder), path, "hashed") as ports:
            ours, limit = (fetch(int(port), path, times, "identity") for port in ports.split())
            ours(), limit()
            yield run(Race("feed unchanged", f"serve {series:,} series {times} times", ours, limit), rounds)


def _meet(stage: Scene, series: int) -> None:
    """Write the meetings as rows: one by one they would take longer than what is measured."""
    with stage.database.writing() as session:
        connection = session.connection()
        connection.execute(insert(Meeting), [_meeting(stage, number) for number in range(1, series + 1)])
        connection.execute(insert(ScheduleRow), [_schedule(number) for number in range(1, series + 1)])


def _meeting(stage: Scene, number: int) -> Line:
    return {
        "id": number,
        "public_id": f"m{number}",
        "slug": f"circle-{number}",
        "group_id": stage.group.id,
        "title": f"Circle {number}",
        "venue_id": stage.venue.id,
        "room_id": stage.room.id,
        "state": "active",
        "version": 1,
        "created_at": EARLIER,
        "changed_at": EARLIER,
    }


def _schedule(number: int) -> Line:
    day = number % 7
    start = MONDAY.replace(tzinfo=None, hour=8) + timedelta(days=day, minutes=5 * (number // 7))
    return {
        "meeting_id": number,
        "uid": f"m{number}@meet.example",
        "sequence": 1,
        "zone": "America/New_York",
        "rule": f"FREQ=WEEKLY;BYDAY={WEEKDAYS[day]}",
        "start_local": start,
        "duration_minutes": 60,
        "follows_uid": "",
        "created_at": EARLIER,
        "changed_at": EARLIER,
    }


def _changed(stage: Scene, shelf: Shelf, series: int) -> Race:
    body = shelf.public(stage.group.slug).body
    weeks = iter(range(1000))

    def ours() -> Spent:
        _cancel(stage, next(weeks))
        stage.clock.pass_(seconds=1)
        return timed(lambda: shelf.public(stage.group.slug))

    return Race("feed changed", f"write 1 of {series:,} series again", ours, _hash(body))


def _elsewhere(stage: Scene, shelf: Shelf) -> Race:
    body = shelf.public(stage.group.slug).body
    names = iter(range(1000))

    def ours() -> Spent:
        with stage.database.writing() as session:
            draft = groups.GroupDraft(f"Another group {next(names)}", cover_label="Evening")
            groups.add(session, draft, stage.clock.now())
        stage.clock.pass_(seconds=1)
        return timed(lambda: shelf.public(stage.group.slug))

    return Race("feed elsewhere", "see that a change was elsewhere", ours, _hash(body))


def _hash(body: bytes) -> Callable[[], Spent]:
    """Return the least that a new calendar costs: its hash, and packing it."""
    return lambda: timed(lambda: sheets.sheet(body, None, []))


def _cancel(stage: Scene, week: int) -> None:
    with stage.database.writing() as session:
        held = session.get_one(Meeting, THURSDAYS)
        slot = dates.slot_on(session, held, (stage.clock.now() + timedelta(days=3, weeks=week)).date())
        dates.cancel(session, held, slot, stage.clock.now())
