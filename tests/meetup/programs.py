"""What other people's programs read from a calendar: each engine behind the same small function.

Where an engine has no notion of changed dates of its own (dateutil, vobject, rrule.js), `_put` does what the programs
built on it do: a changed date takes the place of the one that its RECURRENCE-ID names.
"""

import json
import os
import re
import shutil
import subprocess
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import recurring_ical_events
import vobject
from dateutil.rrule import rrulestr
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar, Event

from meetup import agenda
from meetup.feeds.views import view
from meetup.values import Window
from tests.meetup.rows import Row

Date = tuple[str, str, bool, str]  # begins, ends, is cancelled, is called
Dates = Counter[Date]
Read = Callable[[Row], Dates]
SCRIPT = Path(__file__).parent.parent / "readers" / "read.js"
PACKAGES = Path(os.environ.get("MEETUP_READERS", SCRIPT.parent)) / "node_modules"
NODE = shutil.which("node")


def meant(row: Row) -> Dates:
    """Return the dates of our own agenda, as this reader sees them."""
    found = (one for series in row.series for one in agenda.expand(series, Window(row.begin, row.end)))
    seen = ((one, view(one, row.reader)) for one in found)
    return Counter(_date(one.start, one.end, what.cancelled, what.summary) for one, what in seen)


def recurring(row: Row) -> Dates:
    """Read with recurring-ical-events."""
    found = recurring_ical_events.of(Calendar.from_ical(row.bytes), skip_bad_series=False).between(row.begin, row.end)
    return Counter(_of_icalendar(event) for event in found)


def home_assistant(row: Row) -> Dates:
    """Read with `ical`, which Home Assistant is built on."""
    parsed = IcsCalendarStream.calendar_from_ics(row.bytes.decode())
    found = parsed.timeline_tz(zoneinfo.ZoneInfo("UTC")).overlapping(row.begin, row.end)
    return Counter(
        _date(event.start, event.end, event.status == "CANCELLED", event.summary or "")
        for event in found
        if isinstance(event.start, datetime) and isinstance(event.end, datetime)
    )


def dateutil(row: Row) -> Dates:
    """Read the lines of recurrence with dateutil, as Radicale and others do."""
    return _put(row, [_dateutil_dates(event, row) for event in Calendar.from_ical(row.bytes).events])


def vobject_(row: Row) -> Dates:
    """Read with vobject, which takes the zones from the file."""
    parsed = vobject.readOne(row.bytes.decode())
    return _put(row, [_vobject_dates(event, row) for event in parsed.contents.get("vevent", [])])


def by_node(engine: str, rows: Mapping[str, Row]) -> dict[str, Dates]:
    """Read many calendars with an engine of the other language: `ical.js`, `node-ical` or `rrule.js`."""
    given = {
        name: {"text": row.bytes.decode(), "begin": row.begin.isoformat(), "end": row.end.isoformat()}
        for name, row in rows.items()
    }
    command = [NODE or "node", str(SCRIPT), engine, str(PACKAGES)]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC"}
    )
    answers: dict[str, list[tuple[str, str, bool, str]]] = json.loads(done.stdout)
    return {name: Counter((b, e, c, s) for b, e, c, s in dates) for name, dates in answers.items()}


PYTHON: Mapping[str, Read] = {
    "recurring-ical-events": recurring,
    "ical": home_assistant,
    "dateutil": dateutil,
    "vobject": vobject_,
}
SCRIPTS = ("ical.js", "node-ical", "rrule.js")

Entry = tuple[str, datetime | None, list[tuple[datetime, Date]]]  # UID, the date that it replaces, dates by slot


def _put(row: Row, entries: Iterable[Entry]) -> Dates:
    """Put changed dates in the place of those that they name."""
    slots: dict[tuple[str, datetime], Date] = {}
    for uid, replaced, dates in sorted(entries, key=lambda entry: entry[1] is not None):
        for slot, date in dates:
            slots[uid, replaced or slot] = date
    first, last = (moment.isoformat() for moment in (row.begin, row.end))
    return Counter(date for date in slots.values() if first <= date[0] < last)


def _dateutil_dates(event: Event, row: Row) -> Entry:
    lines = re.findall(r"^(?:DTSTART|RRULE|EXDATE)[;:].*$", event.to_ical().decode().replace("\r\n ", ""), re.MULTILINE)
    recurs = any(line.startswith("RRULE") for line in lines)
    start = _moment(event, "DTSTART")
    rules = rrulestr("\n".join(line.strip() for line in lines), forceset=True, tzids=zoneinfo.ZoneInfo)
    starts = rules.between(row.begin - timedelta(days=2), row.end, inc=True) if recurs else [start]
    length = _moment(event, "DTEND") - start
    replaced = _moment(event, "RECURRENCE-ID") if "RECURRENCE-ID" in event else None
    cancelled, title = event["STATUS"] == "CANCELLED", str(event["SUMMARY"])
    moments = [one.astimezone(UTC) for one in starts]
    return str(event["UID"]), replaced, [(one, _date(one, one + length, cancelled, title)) for one in moments]


def _vobject_dates(event: vobject.base.Component, row: Row) -> Entry:
    start = event.dtstart.value
    rules = event.getrruleset(addRDate=True) if hasattr(event, "rrule") else None
    starts = rules.between(row.begin - timedelta(days=2), row.end, inc=True) if rules else [start]
    length = event.dtend.value.astimezone(UTC) - start.astimezone(UTC)
    replaced = event.recurrence_id.value.astimezone(UTC) if hasattr(event, "recurrence_id") else None
    cancelled, title = event.status.value == "CANCELLED", event.summary.value
    moments = [one.astimezone(UTC) for one in starts]
    return event.uid.value, replaced, [(one, _date(one, one + length, cancelled, title)) for one in moments]


def _of_icalendar(event: Event) -> Date:
    cancelled, title = event["STATUS"] == "CANCELLED", str(event["SUMMARY"])
    return _date(_moment(event, "DTSTART"), _moment(event, "DTEND"), cancelled, title)


def _moment(event: Event, name: str) -> datetime:
    value = event.decoded(name)
    assert isinstance(value, datetime)
    return value.astimezone(UTC)


def _date(start: datetime, end: datetime, cancelled: bool, title: str) -> Date:
    return start.astimezone(UTC).isoformat(), end.astimezone(UTC).isoformat(), cancelled, title
