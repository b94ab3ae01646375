"""The life of a series: given other times from a date on, paused, resumed, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlmodel import col, select

from meetup import meetings, naming, told
from meetup.errors import Forbidden, NotUnderstood
from meetup.meetings import ONE_DAY
from meetup.schedule import recurrence, zones
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Meeting, ScheduleRow

_INSTANT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Split:
    """What an edit did: the schedules that now rule, and the dates whose changes no longer fit."""

    schedules: tuple[ScheduleRow, ...]
    lost: tuple[datetime, ...] = ()

    @property
    def schedule(self) -> ScheduleRow:
        return self.schedules[0]


def reschedule(session: Session, meeting: Meeting, timing: meetings.Timing, since: date, now: datetime) -> Split:
    """Give a meeting one other time from a date on."""
    return reschedule_all(session, meeting, [timing], since, now)


def reschedule_all(
    session: Session, meeting: Meeting, timings: Sequence[meetings.Timing], since: date, now: datetime
) -> Split:
    """Change times, rules or zones from a date on; what stays as it is is left alone.

    A series that has not begun is changed in place; one that has is split: the old schedule ends the day before and
    keeps its UID, a new one begins. Changes of later dates follow by date; those that no longer fit are returned.
    """
    old = ruling(session, meeting, since)
    _refuse_the_past(since, old[0].zone, now)
    _refuse_known_times(session, meeting, since, now)
    meetings.refuse_doubles(timings)
    kept = _unchanged(old, timings) if len(old) + len(timings) > 2 else {}
    leaving = [row for row in old if row not in kept.values()]
    coming = [timing for place, timing in enumerate(timings) if place not in kept]
    begun = [_instead(session, row, timing, since, now) for row, timing in zip(leaving, coming, strict=False)]
    begun += [_begin(session, old[-1], timing, since, now) for timing in coming[len(leaving) :]]
    _stop(session, leaving[len(coming) :], since)
    new = iter(begun)
    rows = tuple(kept[place] if place in kept else next(new) for place in range(len(timings)))
    lost = _reattach(session, leaving, rows, since)
    revision = meetings.touched(session, meeting, now)
    for row, timing in zip(rows, timings, strict=True):
        meetings.leave_out(session, row, timing.skipped, revision, now)
        session.refresh(row)
    return Split(rows, lost)


def ruling(session: Session, meeting: Meeting, since: date) -> list[ScheduleRow]:
    """Return the schedules that have dates from a day on, several when it has several times of the week."""
    rows = meetings.living(session, meeting, since)
    if not rows:
        hint = "Use `meetup meeting resume`" if meeting.state != "active" else "Add it anew with `meetup meeting add`"
        raise Forbidden(f"“{meeting.title}” has no dates from {since} on", hint)
    uids = {row.uid for row in rows}
    begins = max((row.start_local.date() for row in rows if row.follows_uid in uids), default=None)
    if begins:
        raise Forbidden(f"“{meeting.title}” changes on {begins} already", f"Choose {begins} or later")
    return rows


def _unchanged(old: Sequence[ScheduleRow], timings: Sequence[meetings.Timing]) -> dict[int, ScheduleRow]:
    """Return the schedules that go on as they are, by the place of the timing that says the same."""
    kept: dict[int, ScheduleRow] = {}
    for place, timing in enumerate(timings):
        same = next((row for row in old if row not in kept.values() and _same(row, timing)), None)
        if same is not None:
            kept[place] = same
    return kept


def _same(row: ScheduleRow, timing: meetings.Timing) -> bool:
    known = meetings.timing_of(row)
    alike = replace(timing, start=known.start, skipped=()) == known
    return alike and any(recurrence.slots(meetings.value(row), timing.start, timing.start + _INSTANT))


def _instead(session: Session, row: ScheduleRow, timing: meetings.Timing, since: date, now: datetime) -> ScheduleRow:
    return _begin_in_place(session, row, timing, since, now) or _split(session, row, timing, since, now)


def _stop(session: Session, rows: Sequence[ScheduleRow], since: date) -> None:
    for row in rows:
        row.until_on = since - ONE_DAY
        session.add(row)


def pause(session: Session, meeting: Meeting, since: date, now: datetime) -> None:
    """Let a meeting rest from a date on, until it is resumed."""
    if state(session, meeting, now) != "active":
        raise Forbidden(f"“{meeting.title}” is {meeting.state} already")
    _refuse_the_past(since, _zone(session, meeting), now)
    told.refuse_vanishing(session, meeting, since, now)
    _end_schedules(session, meeting, since - ONE_DAY)
    _set_state(session, meeting, "paused", now)


def state(session: Session, meeting: Meeting, now: datetime) -> str:
    """Return whether a meeting is active, paused or ended: one that is to end goes on until then."""
    today = zones.wall(now, _zone(session, meeting)).date()
    return "active" if meeting.state == "ended" and meetings.living(session, meeting, today) else meeting.state


def end(session: Session, meeting: Meeting, last: date, now: datetime) -> None:
    """End a meeting after a date; one that is to end gets another last day."""
    if state(session, meeting, now) == "ended":
        raise Forbidden(f"“{meeting.title}” has ended already", "Go on with `meetup meeting resume`")
    cut = _cut(meetings.schedules(session, meeting)) if meeting.state != "active" else []
    if meeting.state == "paused" and any(row.until_on and row.until_on < last for row in cut):
        _end_later(session, cut, last)
        meetings.touched(session, meeting, now)
        return
    if meeting.state == "ended":
        _uncut(session, cut)
    told.refuse_vanishing(session, meeting, last + ONE_DAY, now)
    _end_schedules(session, meeting, last)
    _set_state(session, meeting, "ended", now)


def resume(
    session: Session, meeting: Meeting, since: date, now: datetime, *, until: date | None = None
) -> list[ScheduleRow]:
    """Go on from a date: each schedule that the pause (or the end) cut goes on as a new one, until its own last day.

    Without a gap it goes on as it was; and so does what was to happen once, on that date or later.
    """
    if meeting.state == "active":
        raise Forbidden(f"“{meeting.title}” is not paused")
    _refuse_the_past(since, _zone(session, meeting), now)
    cut = _cut(meetings.schedules(session, meeting))
    single = [row for row in cut if not row.rule and row.start_local.date() >= since]
    _uncut(session, single)
    going = [row for row in cut if row.rule and _has_dates(row, since, until)]
    begun = [_go_on(session, row, since, until, now) for row in going]
    if not begun and not single:
        raise Forbidden(f"“{meeting.title}” has no dates left", "Add it anew with `meetup meeting add`")
    _set_state(session, meeting, "active", now)
    return [*begun, *single]


def _has_dates(row: ScheduleRow, since: date, until: date | None) -> bool:
    timing = replace(meetings.timing_of(row), until=until or row.own_until_on)
    return bool(recurrence.following(timing.schedule(row.uid), datetime.combine(since, time.min), 1))


def _go_on(session: Session, old: ScheduleRow, since: date, until: date | None, now: datetime) -> ScheduleRow:
    if old.until_on is not None and since <= old.until_on + ONE_DAY:
        _uncut(session, [old])
        old.until_on = until or old.until_on
        return old
    new = _split(session, old, replace(meetings.timing_of(old), until=until or old.own_until_on), since, now)
    _reattach(session, [old], [new], since)
    return new


def _set_state(session: Session, meeting: Meeting, state: str, now: datetime) -> None:
    meeting.state = state
    session.add(meeting)
    meetings.touched(session, meeting, now)


def _refuse_the_past(since: date, zone: str, now: datetime) -> None:
    if since < zones.wall(now, zone).date():
        raise Forbidden(f"{since:%A %Y-%m-%d} is over", "Choose today or a later day")


def _refuse_known_times(session: Session, meeting: Meeting, since: date, now: datetime) -> None:
    dates = told.expected(session, meeting, datetime.combine(since, time.min), now)
    if dates:
        last = max(one.slot for one in dates)
        raise Forbidden(
            f"Members were reminded of {' and '.join(f'{one.start_local:%A %Y-%m-%d}' for one in dates)} already",
            f"Choose --from {last.date() + ONE_DAY} or later, and move that date by itself:"
            f" `meetup meeting move {meeting.slug} --on {last:%Y-%m-%d}`",
        )


def _zone(session: Session, meeting: Meeting) -> str:
    return meetings.schedules(session, meeting)[-1].zone


def _end_schedules(session: Session, meeting: Meeting, last: date) -> None:
    """Cut off every schedule after a day; its own last day is kept for when it goes on."""
    for row in meetings.schedules(session, meeting):
        if row.until_on is None or row.until_on > last:
            row.own_until_on, row.until_on = row.until_on, last
            session.add(row)


def _end_later(session: Session, rows: Sequence[ScheduleRow], last: date) -> None:
    """Let what rests have a last day when it goes on."""
    for row in rows:
        row.own_until_on = min(row.own_until_on or last, last)
        session.add(row)


def _uncut(session: Session, rows: Sequence[ScheduleRow]) -> None:
    for row in rows:
        row.until_on, row.own_until_on = row.own_until_on, None
        session.add(row)


def _cut(rows: Sequence[ScheduleRow]) -> list[ScheduleRow]:
    """Return the schedules that were cut off together, the last ones, and that nothing follows yet."""
    last = max((row.until_on for row in rows if row.until_on), default=None)
    followed = {row.follows_uid for row in rows}
    return [row for row in rows if row.until_on == last and row.uid not in followed]


def _begin_in_place(
    session: Session, row: ScheduleRow, timing: meetings.Timing, since: date, now: datetime
) -> ScheduleRow | None:
    """Change a series that has not begun; return None when it has."""
    begun = zones.localize(row.start_local, row.zone) <= now
    if begun or row.start_local.date() < since:
        return None
    row.rule, row.start_local, row.zone = timing.rule, timing.start, timing.zone
    row.duration_minutes, row.until_on = meetings.minutes(timing.duration), timing.until
    session.add(row)
    return row


def _split(session: Session, old: ScheduleRow, timing: meetings.Timing, since: date, now: datetime) -> ScheduleRow:
    new = _begin(session, old, timing, since, now)
    new.follows_uid = old.uid
    if old.until_on is None or old.until_on >= since:
        old.until_on = since - ONE_DAY
    session.add(old)
    session.flush()
    return new


def _begin(session: Session, old: ScheduleRow, timing: meetings.Timing, since: date, now: datetime) -> ScheduleRow:
    """Begin a new schedule of the same meeting."""
    first = recurrence.following(timing.schedule(old.uid), datetime.combine(since, time.min), 1)
    if not first:
        raise NotUnderstood(f"The new schedule has no date on or after {since}")
    new = meetings.new_schedule(session, session.get_one(Meeting, old.meeting_id), replace(timing, start=first[0]), now)
    session.add(new)
    session.flush()
    return new


def _reattach(
    session: Session, old: Sequence[ScheduleRow], new: Sequence[ScheduleRow], since: date
) -> tuple[datetime, ...]:
    """Hand the changes of later dates to the new schedules by their date; return the slots that have none there."""
    lost = []
    midnight = datetime.combine(since, time.min)
    ids = [naming.key(row) for row in old]
    query = select(ChangeRow).where(col(ChangeRow.schedule_id).in_(ids), col(ChangeRow.slot) >= midnight)
    staying = [naming.key(row) for row in new if row not in old]
    changed = session.exec(select(ChangeRow).where(col(ChangeRow.schedule_id).in_(staying))).all()
    taken = {(change.schedule_id, change.slot) for change in changed}
    for change in session.exec(query.order_by(col(ChangeRow.slot))).all():
        place = _that_day(new, change.slot)
        if place is None or (naming.key(place[0]), place[1]) in taken:
            lost.append(change.slot)
            session.delete(change)
            continue
        row, slot = place
        taken.add((naming.key(row), slot))
        told.follow(session, change.meeting_id, change.slot, slot, change.revision)
        change.schedule_id, change.slot = naming.key(row), slot
        session.add(change)
    return tuple(lost)


def _that_day(rows: Sequence[ScheduleRow], slot: datetime) -> tuple[ScheduleRow, datetime] | None:
    """Return the date of the same day that is nearest in time."""
    day = datetime.combine(slot.date(), time.min)
    found = [(row, there) for row in rows for there in recurrence.slots(meetings.value(row), day, day + ONE_DAY)]
    return min(found, key=lambda pair: abs(pair[1] - slot), default=None)
