"""Clocks that jump, and the two clock changes of the year."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from commands.service import Service, plan_all
from meetup import groups, meetings, organization, reminders
from meetup.clock import HandClock
from meetup.people.members import MemberDraft
from meetup.places import venues
from meetup.schedule.phrases import parse
from notifications.deliver import deliver_due
from tests.conftest import join
from tests.faults.lives import Life, lived
from tests.faults.points import PEOPLE, Stages
from tests.faults.scene import DUE, Scene, empty
from tests.faults.tally import Tally
from tests.faults.wire import read

HOUR = timedelta(hours=1)
JUMPS = (HOUR, -HOUR, timedelta(days=7), timedelta(days=-1))
ZONES = (
    "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Pacific/Auckland",
    "America/St_Johns", "Europe/Dublin", "Africa/Casablanca", "Pacific/Chatham", "Asia/Kathmandu",
)  # fmt: skip


def jumps(folder: Path, times: int, dice: random.Random) -> Tally:
    """Let the wall clock jump, and a process die meanwhile; when it is right again everything has two ticks."""
    stages = Stages(folder)
    lost = doubled = shown = 0
    wrong: list[str] = []
    for _ in range(times):
        scene = stages.scene_planned()
        ways = [dice.choice(JUMPS) for _ in range(dice.randint(1, 4))]
        ended = _jumped(scene, ways, dice)
        wrong += [] if set(ended) <= {"SENT", "HELD"} else [f"{[str(way) for way in ways]}: {ended}"]
        lost, shown = lost + scene.lost(PEOPLE), shown + ended.get("HELD", 0)
        doubled += len(read(scene.log)) - len({line["code"] for line in read(scene.log)})
        scene.close()
    what = "the clock jumps by ±1 h, +7 d and −1 d, with crashes in between"
    return Tally(what, times, times * PEOPLE, lost, doubled, shown, tuple(wrong))


def _jumped(scene: Scene, ways: list[timedelta], dice: random.Random) -> dict[str, int]:
    true = DUE - timedelta(minutes=dice.randint(-20, 20))
    for way in ways:
        scene.clock.turn_to(true + way)
        if dice.random() < 0.3:
            lived(Life(scene.url, scene.log, true + way, "deliver", "turn written", 1))
        _tick(scene)
    scene.clock.turn_to(max(true, DUE))
    scene.revive()
    for _ in range(2):
        _tick(scene)
        scene.clock.pass_(seconds=5)
    in_time = scene.states(SLOT)
    return scene.end(SLOT) if "PLANNED" not in in_time else in_time


SLOT = datetime(2026, 11, 26, 19)  # noqa: DTZ001 -- a wall time


def _tick(scene: Scene) -> None:
    plan_all(Service(scene.post))
    deliver_due(scene.post)


def changes(zone: str, year: int) -> Iterator[date]:
    """Yield the days of a year on which the clocks of a zone are changed."""
    where, day = ZoneInfo(zone), date(year, 1, 1)
    while day.year == year:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=where)
        if noon.utcoffset() != (noon - timedelta(days=1)).replace(tzinfo=where).utcoffset():
            yield day
        day += timedelta(days=1)


def seasons(folder: Path, zones: int, _dice: random.Random) -> Tally:
    """Live through every clock change of 2027, in so many zones, and be told at the same hour by the wall each day."""
    seen = [week(folder / f"{zone}-{day}".replace("/", "-"), zone, day)
            for zone in ZONES[:zones] for day in changes(zone, 2027)]  # fmt: skip
    due = sum(len(expected) for expected, _ in seen)
    lost = sum((expected - told).total() for expected, told in seen)
    extra = sum((told - expected).total() for expected, told in seen)
    what = f"every clock change of 2027 in {zones} zones, ticking through it"
    return Tally(what, len(seen), due, lost, extra, 0)


def week(folder: Path, zone: str, change: date) -> tuple[Counter[str], Counter[str]]:
    """Live through the days around a change; return when texts should have come by the wall, and when they came."""
    where = ZoneInfo(zone)
    days = [change + timedelta(days=n) for n in (-1, 0, 1)]
    begin = datetime(days[0].year, days[0].month, days[0].day, tzinfo=where)
    scene = Scene(empty(folder / "meetup.db"), folder / "wire.jsonl", HandClock(begin))
    _meet_daily(scene, zone)
    while scene.clock.now().astimezone(where).date() <= days[-1]:
        _tick(scene)
        near = scene.clock.now().astimezone(where).hour in {16, 17}
        scene.clock.pass_(minutes=30 if near else 60)
    told = Counter(f"{datetime.fromisoformat(line['at']).astimezone(where):%Y-%m-%d %H:%M}" for line in read(scene.log))
    scene.close()
    return Counter(f"{day} 17:00" for day in days), told


def _meet_daily(scene: Scene, zone: str) -> None:
    now = scene.clock.now()
    with scene.database.writing() as session:
        organization.found(session, organization.Founding("Northside", "Northside", "Plan", zone), now)
        circle = groups.add(session, groups.GroupDraft("Circle", cover_label="Plan"), now)
        join(session, circle, MemberDraft("Ada", "+12025550123"), now)
        parsed = parse("every day 19:00-20:30", now.date())
        timing = meetings.Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, zone)
        hall = venues.add(session, venues.VenueDraft("Hall", "Elm Street"), now)
        meeting = meetings.add(session, circle, [timing], now)
        meetings.hold(session, meeting, now, venue=hall, room=None)
        rule = reminders.parse_rule("2h by sms")
        reminders.add_rule(session, circle, rule.lead, rule.channel, now)
