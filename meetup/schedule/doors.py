"""What becomes of one date: its change and the closures over it, decided once for the agenda and the feeds."""

from datetime import datetime

from meetup.schedule import detours, zones
from meetup.schedule.series import Change, ChangeStatus, Closure, Occurrence, Schedule, Series, Status
from meetup.values import Door


def occurrence(series: Series, schedule: Schedule, slot: datetime) -> Occurrence | None:
    """Return the date of a slot with everything applied, or None when the slot is skipped."""
    change = series.changes_by_slot.get(slot)
    if change is None:
        return _build(series, schedule, slot, None)
    if change.status is ChangeStatus.SKIPPED:
        return None
    return _build(series, schedule, slot, change)


def usual(series: Series) -> frozenset[Door]:
    """Return the doors that a series has when nothing is closed."""
    return detours.doors(series.place, series.room)


def _build(series: Series, schedule: Schedule, slot: datetime, change: Change | None) -> Occurrence:
    # A change that was taken back is remembered, and changes nothing.
    applied = change if change and change.status is not ChangeStatus.RESTORED else None
    begins = (applied and applied.start) or slot
    usual_sites = (applied and applied.place) or series.place, (applied and applied.room) or series.room
    held = detours.held(series.closures, begins, usual_sites, _barred(applied))
    start = zones.localize(begins, schedule.zone)
    differs = applied is not None and applied.status is not ChangeStatus.NOTED
    # A note alone is no news.
    told = (change,) if change and change.status is not ChangeStatus.NOTED else ()
    touches = (*held.closures, *held.lifted, *told)
    newest = max(touches, key=_age, default=None)
    return Occurrence(
        series=series,
        schedule=schedule,
        slot=slot,
        start_local=begins,
        start=start,
        end=start + ((applied and applied.duration) or schedule.duration),
        status=Status.CONFIRMED if held.open_doors else Status.CANCELLED,
        open_doors=held.open_doors,
        usual_doors=usual(series),
        place=held.place,
        room=held.room,
        revision=newest.revision if newest else 0,
        revised_at=newest.changed_at if newest else None,
        restored=newest is not None and not differs and not held.closures,
        note=applied.note if applied else "",
        reason="; ".join(dict.fromkeys(closure.reason for closure in held.closures if closure.reason)),
    )


def _barred(change: Change | None) -> frozenset[Door]:
    """Return the doors that stay shut because somebody said so of this very date."""
    if change is None:
        return frozenset()
    return frozenset(Door) if change.status is ChangeStatus.CANCELLED else change.closed


def _age(touch: Change | Closure) -> tuple[int, datetime]:
    return touch.revision, touch.changed_at
