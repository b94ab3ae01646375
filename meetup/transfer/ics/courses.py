"""The entries of one UID → courses: a master with its rules, single dates, what is left out, and what differs."""

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from meetup.errors import NotUnderstood
from meetup.meetings import Timing
from meetup.schedule import recurrence, zones
from meetup.schedule.series import ChangeStatus, Schedule
from meetup.transfer.fields import Said
from meetup.transfer.ics.clocks import Clocks
from meetup.transfer.ics.events import MOST_DATES, Event
from meetup.transfer.ics.overrides import ORPHAN, changed, from_there, own_uid, owner_of, slots_of, with_date
from meetup.transfer.ics.programme import Course, Differing
from meetup.transfer.ics.timings import Frame, frame_of, settled

TWO_YEARS = timedelta(days=731)

NO_SUCH_DATE = "It leaves out a date that it does not have"
ONE_UID = "It shares its UID with another entry: known by another one from now on"


def of_uid(events: Sequence[Event], clocks: Clocks, said: Said, *, wall_clock: bool = False) -> list[Course]:
    """Return the courses of all entries that share a UID; the first one keeps it."""
    masters = _masters(events)
    overrides = _overrides(events)
    if not masters:
        said.append((ORPHAN, ""))
        return [_alone(one, clocks) for one in overrides if not one.cancelled]
    if len(masters) > 1:
        _refuse_versions(masters, overrides)
        said.append((ONE_UID, ""))
    frames = [frame_of(one, clocks, said, wall_clock=wall_clock) for one in masters]
    return [
        course
        for master, frame in zip(masters, frames, strict=True)
        for course in _of_master(master, frame, overrides, said)
    ]


def moments(course: Course, now: datetime) -> list[datetime]:
    """Return when a course is held in the next two years, but for what it leaves out."""
    skipped = {one.slot for one in course.dates}
    return upcoming(course.timing.schedule(course.uid), skipped, now)


def upcoming(schedule: Schedule, skipped: Container[datetime], now: datetime) -> list[datetime]:
    """Return the dates of a schedule in the next two years, but for some."""
    begin = max(schedule.start, zones.wall(now, schedule.zone))
    slots = (slot for slot in recurrence.slots(schedule, begin, begin + TWO_YEARS) if slot not in skipped)
    return [zones.localize(slot, schedule.zone) for slot in slots]


def _of_master(master: Event, frame: Frame, overrides: Sequence[Event], said: Said) -> list[Course]:
    found = _regular(master, frame, said)
    found += _single(master, frame, found)
    found = _without(found, master, frame, said)
    for one in (one for one in overrides if not one.following):
        found = changed(found, one, (master, frame), said)
    for one in (one for one in overrides if one.following):
        found = from_there(found, one, frame)
    return found


def _masters(events: Sequence[Event]) -> list[Event]:
    """Return the entries that others differ from: of several versions the newest, and none that is named twice."""
    masters = [one for one in events if one.slot is None]
    newest = max((one.sequence for one in masters), default=0)
    latest = [one for one in masters if one.sequence == newest]
    # Some programs make a UID of title and day: two times of one day share it.
    uids = [latest[0].uid, *(own_uid(one.uid, one.start.wall) for one in latest[1:])] if latest else []
    return [replace(one, uid=uid) for one, uid in zip(latest, uids, strict=True)]


def _refuse_versions(masters: Sequence[Event], overrides: Sequence[Event]) -> None:
    if overrides or len({one.start.moment for one in masters}) < len(masters):
        rows = " and ".join(str(one.row) for one in masters[:2])
        raise NotUnderstood(f"Entries {rows} have the same UID, and neither is the newer one")


def _overrides(events: Sequence[Event]) -> list[Event]:
    """Return the entries that stand for dates of another one, in order; of two for one date the newer one."""
    newest: dict[object, Event] = {}
    for one in sorted((one for one in events if one.slot is not None), key=lambda one: one.sequence):
        newest[one.slot, one.following] = one
    if len(newest) > MOST_DATES:
        raise NotUnderstood(f"It changes {len(newest)} of its dates: at most {MOST_DATES} can be taken")
    return sorted(newest.values(), key=lambda one: one.start.moment)


def _alone(one: Event, clocks: Clocks) -> Course:
    zone = clocks.local if one.start.zone == "UTC" else one.start.zone
    start = one.start.on(zone)
    timing = Timing("", start, one.length, None, zone)
    return Course(one.row, own_uid(one.uid, start), one.title, one.where, timing, one.sequence)


def _regular(master: Event, frame: Frame, said: Said) -> list[Course]:
    """Return a course for every rule, or the single date of an entry without one."""
    start = frame.wall(master.start)
    usual = Course(
        master.row,
        master.uid,
        master.title,
        master.where,
        Timing("", start, master.length, None, frame.zone),
        master.sequence,
        master.created,
        next(iter(master.follows), ""),
    )
    if not master.rules:
        return [usual]
    timings = [settled(rule, usual.timing, frame, said) for rule in master.rules]
    _refuse_doubles(timings)
    uids = [master.uid, *(own_uid(master.uid, f"rule{number}") for number in range(2, len(timings) + 1))]
    return [replace(usual, uid=uid, timing=timing) for uid, timing in zip(uids, timings, strict=True)]


def _refuse_doubles(timings: Sequence[Timing]) -> None:
    seen: set[datetime] = set()
    for timing in timings:
        begin = timing.start
        dates = set(recurrence.slots(timing.schedule("compared"), begin, begin + TWO_YEARS))
        if dates & seen:
            raise NotUnderstood(f"Two of its rules meet on {min(dates & seen):%Y-%m-%d %H:%M}")
        seen |= dates


def _single(master: Event, frame: Frame, regular: Sequence[Course]) -> list[Course]:
    """Return the dates that no rule gives, each as a course of its own."""
    usual = regular[0]
    told = {frame.wall(extra.start): extra.length or master.length for extra in master.extra}
    if master.rules:
        told.setdefault(frame.wall(master.start), master.length)
    return [
        _one(usual, start, length, frame.zone) for start, length in sorted(told.items()) if not owner_of(regular, start)
    ]


def _one(usual: Course, start: datetime, length: timedelta, zone: str) -> Course:
    timing = Timing("", start, length, None, zone)
    return replace(usual, uid=own_uid(usual.uid, start), timing=timing, follows="", dates=())


def _without(found: list[Course], master: Event, frame: Frame, said: Said) -> list[Course]:
    """Leave out what EXDATE names: a date of a rule is skipped, a single one is not taken."""
    for told in master.without:
        slots = slots_of(found, told, frame)
        hits = [(owner, slot) for slot in slots if (owner := owner_of(found, slot))]
        said.extend([] if hits else [(NO_SUCH_DATE, f"{told}")])
        for owner, slot in hits:
            found = _left_out(found, owner, slot)
    return found


def _left_out(found: list[Course], owner: Course, slot: datetime) -> list[Course]:
    if not owner.timing.rule:
        return [one for one in found if one is not owner]
    return with_date(found, owner, Differing(slot, ChangeStatus.SKIPPED))
