"""A meeting as organizers see it: facts for a table or JSON, its state in words, and its changed dates."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlmodel import col, select

from commands import asking, occurrences, output
from meetup import agenda, meetings, naming
from meetup.schedule import recurrence, zones
from meetup.schedule.series import ChangeStatus
from meetup.storage.database import Session
from meetup.storage.tables import ChangeRow, Group, Meeting, OnlineRoom, ScheduleRow, Venue
from meetup.values import Door

SHOWN = ("meeting", "title", "group", "when", "in_person", "online", "state")


@dataclass(frozen=True, slots=True)
class Line:
    """A meeting in a list: the little that people look for."""

    meeting: str
    when: str
    zone: str
    doors: str
    next: str
    remark: str


def table(lines: Sequence[Line], *, empty: str) -> None:
    """Print meetings, one a line; a zone that is everywhere the same heads the times."""
    shared = len({one.zone for one in lines}) == 1
    when = f"when, {lines[0].zone} time" if shared else "when"
    headers = ["meeting", when, *([] if shared else ["zone"]), "doors", "next", "remark"]
    rows = [[one.meeting, one.when, *([] if shared else [one.zone]), one.doors, one.next, one.remark] for one in lines]
    output.table(headers, rows, empty=empty)


def line(session: Session, meeting: Meeting, known: dict[str, object], now: datetime) -> Line:
    """Return a meeting, of which the facts are known, for a list: when it meets now, and from when on otherwise."""
    times, later = _times(session, meeting, now)
    said = [asking.words(times)]
    said += [f"then from {one.start:%Y-%m-%d} {asking.words([one])}" for one in later]
    begins = known["next"]
    return Line(
        meeting=meeting.slug,
        when="; ".join(said),
        zone=", ".join(dict.fromkeys(zones.city(one.zone) for one in [*times, *later])),
        doors=_doors(meeting),
        next=f"{begins:%a %Y-%m-%d}" if isinstance(begins, datetime) else "",
        remark="" if known["state"] == "active" else str(known["state"]),
    )


def _doors(meeting: Meeting) -> str:
    if meeting.venue_id and meeting.room_id:
        return "both"
    return "in person" if meeting.venue_id else "online" if meeting.room_id else "no place yet"


def facts(session: Session, meeting: Meeting, now: datetime) -> dict[str, object]:
    """Return all about a meeting but its dates; `next` is the wall time of the next one."""
    rows = meetings.schedules(session, meeting)
    today = zones.wall(now, rows[-1].zone).date()
    living = meetings.living(session, meeting, today)
    venue = session.get(Venue, meeting.venue_id) if meeting.venue_id else None
    room = session.get(OnlineRoom, meeting.room_id) if meeting.room_id else None
    coming = occurrences.coming([agenda.one_series(session, naming.key(meeting))], now, 1)
    return {
        "number": meeting.id,
        "meeting": meeting.slug,
        "title": meeting.title,
        "group": session.get_one(Group, meeting.group_id).slug,
        "when": asking.said(*_times(session, meeting, now)[0]),
        "in_person": f"{venue.name}, {venue.address}" if venue else "",
        "online": room.name if room else "",
        "venue": venue.slug if venue else None,
        "room": room.slug if room else None,
        "state": _state(meeting, rows, living, today),
        "next": coming[0].start_local if coming else None,
        "schedules": [_schedule(row) for row in rows],
    }


def plans(session: Session, meeting: Meeting, now: datetime) -> list[str]:
    """Say what changes later: other times from a day on, or going on after a pause."""
    _, later = _times(session, meeting, now)
    return [f"from {one.start:%Y-%m-%d} on {asking.said(one)}" for one in later]


def slugs(session: Session) -> dict[int, str]:
    """Return the short name of every meeting by its number."""
    return {naming.key(one): one.slug for one in meetings.listing(session)}


def changes(session: Session, meeting: Meeting, now: datetime) -> list[dict[str, str]]:
    """Return what is different on dates to come, those left out too."""
    query = select(ChangeRow).where(ChangeRow.meeting_id == meeting.id, ChangeRow.status != ChangeStatus.RESTORED)
    rows = session.exec(query.order_by(col(ChangeRow.slot))).all()
    zone = {row.id: row.zone for row in meetings.schedules(session, meeting)}
    return [
        {
            "slot": row.slot.isoformat(timespec="minutes"),
            "date": occurrences.day(row.slot),
            "change": _words(session, row),
        }
        for row in rows
        if zones.localize(max(row.slot, row.new_start or row.slot), zone[row.schedule_id]) > now
    ]


def _times(session: Session, meeting: Meeting, now: datetime) -> tuple[list[meetings.Timing], list[meetings.Timing]]:
    """Return when it meets now, and when later; an end that the next times follow without a gap is not one."""
    rows = meetings.schedules(session, meeting)
    living = meetings.living(session, meeting, zones.wall(now, rows[-1].zone).date())
    ruling = _now(living) or rows[-1:]
    later = [row for row in living if row not in ruling]
    skipped = _left_out(session, meeting, now)
    now_and_later = [
        [replace(_timing(row, living), skipped=tuple(skipped[row.id])) for row in part] for part in (ruling, later)
    ]
    return now_and_later[0], now_and_later[1]


def _left_out(session: Session, meeting: Meeting, now: datetime) -> dict[int | None, list[date]]:
    """Return the days to come that each schedule leaves out."""
    query = select(ChangeRow).where(ChangeRow.meeting_id == meeting.id, ChangeRow.status == ChangeStatus.SKIPPED)
    zone = {row.id: row.zone for row in meetings.schedules(session, meeting)}
    found: dict[int | None, list[date]] = defaultdict(list)
    for row in session.exec(query.order_by(col(ChangeRow.slot))).all():
        if zones.localize(row.slot, zone[row.schedule_id]) > now:
            found[row.schedule_id].append(row.slot.date())
    return found


def _timing(row: ScheduleRow, living: list[ScheduleRow]) -> meetings.Timing:
    found = meetings.timing_of(row)
    follower = next((other for other in living if other.follows_uid == row.uid), None)
    if follower is None or row.until_on is None or not row.rule:
        return found
    endless = replace(found, until=None)
    gap = [datetime.combine(day, time.min) for day in (row.until_on + meetings.ONE_DAY, follower.start_local.date())]
    rests = gap[0] < gap[1] and any(recurrence.slots(endless.schedule("looked at"), *gap))
    return found if rests else endless


def _now(living: list[ScheduleRow]) -> list[ScheduleRow]:
    """Return the schedules that no earlier one has to end for."""
    uids = {row.uid for row in living}
    return [row for row in living if row.follows_uid not in uids]


def _words(session: Session, row: ChangeRow) -> str:
    if row.status == ChangeStatus.SKIPPED:
        return "left out"
    if row.status == ChangeStatus.CANCELLED:
        return f"cancelled: {row.note}" if row.note else "cancelled"
    told = ", ".join(_differences(session, row))
    note = f"“{row.note}”" if row.note else ""
    if row.status == ChangeStatus.NOTED:
        return note
    return "; ".join(text for text in (told or "held elsewhere than members were told first", note) if text)


def _differences(session: Session, row: ChangeRow) -> list[str]:
    venue = session.get(Venue, row.venue_id) if row.venue_id else None
    room = session.get(OnlineRoom, row.room_id) if row.room_id else None
    parts = [
        row.new_start and f"moved to {occurrences.day(row.new_start)} {row.new_start:%H:%M}",
        row.new_duration_minutes and f"{row.new_duration_minutes} minutes long",
        venue and f"at {venue.name}",
        room and f"in {room.name}",
        row.closed_door and f"{occurrences.WORDS[Door(row.closed_door)]} closed",
    ]
    return [part for part in parts if part]


def _state(meeting: Meeting, rows: list[ScheduleRow], living: list[ScheduleRow], today: date) -> str:
    """Say whether it goes on. A pause and an end may lie ahead."""
    last = max((row.until_on for row in rows if row.until_on), default=today)
    if meeting.state == "active":
        return "active" if living else "over"
    if meeting.state == "paused":
        begins = last + meetings.ONE_DAY
        return f"paused from {begins} on" if begins > today else f"paused since {begins}"
    return f"ends after {last}" if last >= today else f"ended after {last}"


def _schedule(row: ScheduleRow) -> dict[str, object]:
    return {
        "uid": row.uid,
        "words": asking.said(meetings.timing_of(row)),
        "rule": row.rule,
        "start": row.start_local,
        "minutes": row.duration_minutes,
        "zone": row.zone,
        "until": row.until_on.isoformat() if row.until_on else None,
    }
