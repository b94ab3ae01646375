"""Series → iCalendar bytes, the same ones from the same data in every process, whole or joined from fragments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard, vUri
from icalendar.prop import vInline

from meetup.feeds.entries import entries, event, last_change
from meetup.feeds.views import Reader, line, web
from meetup.schedule.observances import Observance, observances
from meetup.schedule.series import Series

PRODID = "-//meetup//calendar feeds//EN"
END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class Look:
    """How a whole feed presents itself."""

    uid: str
    name: str = ""
    description: str = ""
    url: str = ""  # where the feed is read again; empty when there is no public address
    zone: str = ""
    changed_at: datetime | None = None  # when the feed itself changed: something may have left it
    reader: Reader | None = None  # None: everybody


@dataclass(frozen=True, slots=True)
class Fragment:
    """The entries of one series, written once and joined into many feeds."""

    key: str
    events: bytes
    zones: tuple[tuple[str, int], ...]  # a zone, and the year from which it must be right
    changed_at: datetime | None


def fragment(series: Series, reader: Reader | None = None) -> Fragment:
    """Write the entries of one series, for a member or for everybody."""
    made = list(entries(series, reader))
    since: dict[str, int] = {}
    for entry in made:
        zone = entry.occurrence.zone
        since[zone] = min(since.get(zone, 9999), *(wall.year for wall in entry.wall_times))
    return Fragment(
        series.key, b"".join(event(entry) for entry in made), tuple(sorted(since.items())), last_change(series)
    )


def render_series(series: Series, reader: Reader | None = None) -> bytes:
    """Return the VEVENTs of one series."""
    return fragment(series, reader).events


def render(series: Iterable[Series], look: Look) -> bytes:
    """Write a whole calendar."""
    return assemble(look, [fragment(one, look.reader) for one in series])


def empty(look: Look) -> bytes:
    """Write a calendar without entries: calendar programs keep the old ones when they get an error instead."""
    return assemble(look, [])


def assemble(look: Look, fragments: Sequence[Fragment]) -> bytes:
    """Join a feed from fragments that were written before."""
    since: dict[str, int] = {}
    for zone, year in (used for part in fragments for used in part.zones):
        since[zone] = min(since.get(zone, year), year)
    # Where a calendar has a zone of its own, some programs move its UTC entries to that zone, summer time included.
    universal = any(part.name == "UTC" for zone, year in since.items() for part in observances(zone, year))
    head = _head(replace(look, zone="") if universal else look, fragments)
    written_zones = [timezone(zone, year) for zone, year in sorted(since.items())]
    ordered = sorted(fragments, key=lambda part: part.key)
    return b"".join((head, *written_zones, *(part.events for part in ordered), END))


@lru_cache(maxsize=256)
def timezone(zone: str, since: int) -> bytes:
    """Write the VTIMEZONE of a zone, right from a year on."""
    made = Timezone()
    made.add("tzid", zone)
    for part in observances(zone, since):
        made.add_component(_observance(part))
    return bytes(made.to_ical(sorted=False))


def _observance(part: Observance) -> TimezoneStandard | TimezoneDaylight:
    made = TimezoneDaylight() if part.kind == "DAYLIGHT" else TimezoneStandard()
    made.add("dtstart", part.start)
    if part.rule:
        # Written as it is: the package would put BYDAY before BYMONTH, which nobody else does.
        made.add("rrule", vInline(part.rule))
    made.add("tzname", part.name)
    made.add("tzoffsetfrom", part.offset_from)
    made.add("tzoffsetto", part.offset_to)
    return made


def _head(look: Look, fragments: Sequence[Fragment]) -> bytes:
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", PRODID)
    made.add("calscale", "GREGORIAN")
    _add_text(made, ("name", "x-wr-calname"), look.name)
    _add_text(made, ("description", "x-wr-caldesc"), look.description)
    _add_text(made, ("x-wr-timezone",), look.zone)
    made.add("uid", line(look.uid))
    moments = [look.changed_at, *(part.changed_at for part in fragments)]
    changed = max((moment for moment in moments if moment), default=None)
    if changed:
        made.add("last-modified", changed.astimezone(UTC))
    if web(look.url):
        made.add("source", vUri(look.url, params={"VALUE": "URI"}))
    made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    return bytes(made.to_ical(sorted=False)).removesuffix(END)


def _add_text(made: Calendar, names: tuple[str, ...], text: str) -> None:
    for name in names if line(text) else ():
        made.add(name, line(text))
