"""Entries that stand for dates of another one: a date moved, cancelled, held elsewhere, or all from one on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from meetup import agenda
from meetup.errors import NotUnderstood
from meetup.meetings import Timing
from meetup.schedule import recurrence
from meetup.schedule.series import ChangeStatus
from meetup.transfer.fields import Said
from meetup.transfer.ics.events import Event
from meetup.transfer.ics.programme import LONGEST_NAME, Course, Differing, Where
from meetup.transfer.ics.timings import Frame, shifted
from meetup.transfer.ics.values import Stamp

ONE_DAY = timedelta(days=1)

LEFT_AND_CHANGED = "A date is both left out and changed: taken as left out"
ORPHAN = "It changes a date that its rule does not give: taken as a single date"
OWN_TITLE = "Some of its dates have a title of their own, which is left out"


def changed(found: list[Course], one: Event, usual: tuple[Event, Frame], said: Said) -> list[Course]:
    """Let one date differ, as an override says."""
    master, frame = usual
    slot = next(iter(slots_of(found, one.slot or one.start, frame)), None)
    if _is_left_out(master, frame, one.slot, slot):
        said.append((LEFT_AND_CHANGED, f"{slot}"))
        return found
    owner = owner_of(found, slot) if slot else None
    if owner is None or slot is None:
        return found if one.cancelled else [*found, _orphan(one, slot, usual, said)]
    differing = _differing(one, slot, owner, frame, said)
    return with_date(found, owner, differing) if differing else found


def _is_left_out(master: Event, frame: Frame, told: Stamp | date | None, slot: datetime | None) -> bool:
    if not isinstance(told, Stamp) or slot is None:
        return told in master.without
    return any(frame.wall(one) == slot if isinstance(one, Stamp) else one == slot.date() for one in master.without)


def _orphan(one: Event, slot: datetime | None, usual: tuple[Event, Frame], said: Said) -> Course:
    master, frame = usual
    start = frame.wall(one.start)
    said.append((ORPHAN, f"{start:%Y-%m-%d %H:%M}"))
    timing = Timing("", start, one.length, None, frame.zone)
    where = one.where if one.where.named else master.where
    return Course(one.row, own_uid(one.uid, slot or start), master.title, where, timing, one.sequence)


def _differing(one: Event, slot: datetime, owner: Course, frame: Frame, said: Said) -> Differing | None:
    if one.cancelled:
        return Differing(slot, ChangeStatus.CANCELLED)
    said.extend([(OWN_TITLE, one.title)] if one.title != owner.title else [])
    start = frame.wall(one.start)
    found = Differing(
        slot,
        ChangeStatus.CHANGED,
        start if start != slot else None,
        one.length if one.length != owner.timing.duration else None,
        _elsewhere(one.where, owner.where),
    )
    return found if (found.start, found.length, found.where) != (None, None, None) else None


def _elsewhere(told: Where, usual: Where) -> Where | None:
    """Return where a date is held that is not held as usual."""
    if told.elsewhere:
        return told if usual.venue else None
    return told if told.named and told.key != usual.key else None


def from_there(found: list[Course], one: Event, frame: Frame) -> list[Course]:
    """End a course before one of its dates, and begin another one there (RANGE=THISANDFUTURE)."""
    slot = next(iter(slots_of(found, one.slot or one.start, frame)), None)
    owner = next((course for course in found if course.timing.rule and slot and _has(course, slot)), None)
    if owner is None or slot is None:
        raise NotUnderstood("It changes its dates from one on that its rule does not give")
    later = [] if one.cancelled else [_later(owner, one, slot, frame)]
    ended = replace(
        owner,
        timing=replace(owner.timing, until=slot.date() - ONE_DAY),
        dates=tuple(date_ for date_ in owner.dates if date_.slot < slot),
    )
    before = [ended] if owner.timing.start < slot else []
    return [*(course for course in found if course is not owner), *before, *later]


def _later(owner: Course, one: Event, slot: datetime, frame: Frame) -> Course:
    start, usual = frame.wall(one.start), owner.timing
    by = start.date() - slot.date()
    timing = Timing(
        shifted(usual.rule, by), start, one.length, usual.until + by if usual.until else None, owner.timing.zone
    )
    moved = tuple(replace(date_, slot=date_.slot + (start - slot)) for date_ in owner.dates if date_.slot >= slot)
    where = one.where if one.where.named else owner.where
    return Course(
        one.row, own_uid(owner.uid, slot), one.title, where, timing, one.sequence, follows=owner.uid, dates=moved
    )


def owner_of(courses: Iterable[Course], slot: datetime) -> Course | None:
    """Return the course that has a slot."""
    return next((one for one in courses if _has(one, slot)), None)


def _has(course: Course, slot: datetime) -> bool:
    if not course.timing.rule:
        return course.timing.start == slot
    return agenda.belongs(course.timing.schedule(course.uid), slot)


def with_date(found: list[Course], owner: Course, date_: Differing) -> list[Course]:
    """Return all courses, one of them with a date that differs."""
    kept = [one for one in owner.dates if one.slot != date_.slot]
    changed = replace(owner, dates=tuple(sorted((*kept, date_), key=lambda one: one.slot)))
    return [changed if one is owner else one for one in found]


def slots_of(found: Iterable[Course], told: Stamp | date, frame: Frame) -> list[datetime]:
    """Return the slots that a time names, or a whole day."""
    if isinstance(told, Stamp):
        return [frame.wall(told)]
    midnight = datetime.combine(told, time.min)
    schedules = [course.timing.schedule(course.uid) for course in found]
    return [slot for one in schedules for slot in recurrence.slots(one, midnight, midnight + ONE_DAY)]


def own_uid(uid: str, told: datetime | str) -> str:
    """Return the UID of what a file knows under another one: the same whenever it is read."""
    ending = f"{told:%Y%m%dT%H%M}" if isinstance(told, datetime) else told
    return f"{uid[: LONGEST_NAME - 20]}-{ending}"
