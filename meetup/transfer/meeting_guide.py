"""Meeting Guide JSON → listings: a flat list of weekly meetings, with all the liberties that its writers take."""

import json
import re
import zlib
from collections.abc import Sequence
from datetime import time, timedelta

from meetup.errors import MeetupError, NotUnderstood, UsageError
from meetup.schedule import zones
from meetup.transfer import fields, whereabouts
from meetup.transfer.fields import Row, Said, text
from meetup.transfer.listings import Listing, Reading, Rejected, Remark, Times
from meetup.values import slugify

LONGEST_NAME = 255
LONGEST_SLUG = 60
UNUSUAL = timedelta(hours=12)

FEED_HINT = "A Meeting Guide feed is a JSON list of meetings"
ZONE_HINT = "Say which one such listings are in, as in --zone America/New_York"

NO_TIMES = "No day or no time: a group without a schedule"
NO_END = "Its end is no time of day: taken as one hour"
VERY_LONG = "It lasts longer than half a day, as its end says"
NOTES = "Its notes are left out, for everybody could read them"

_TELLS = re.compile(r"https?://|www\.|\b(?:passcode|password|pwd)\b", re.IGNORECASE)


def read(source: str, zone: str = "") -> Reading:
    """Read a feed; `zone` is that of all listings that name none themselves."""
    default = zones.zone(zone).key if zone else ""
    listings: dict[str, Listing] = {}
    rejected: list[Rejected] = []
    remarks: list[Remark] = []
    for number, row in enumerate(_rows(source), 1):
        said: Said = []
        try:
            listing = _listing(number, row, default, said)
            _refuse_twin(listing, listings)
        except UsageError:
            raise
        except MeetupError as error:
            rejected.append(Rejected(number, _name_of(row), error.message))
        else:
            listings[listing.slug] = listing
            remarks.extend(Remark(number, listing.name, what, about) for what, about in said)
    return Reading(tuple(listings.values()), tuple(rejected), tuple(remarks))


def _rows(source: str) -> Sequence[object]:
    try:
        found = json.loads(source.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        trouble = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise NotUnderstood(
            f"The file is not JSON: {trouble} in line {error.lineno}, column {error.colno}", FEED_HINT
        ) from error
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("The file is JSON that nobody can have meant", FEED_HINT) from error
    if not isinstance(found, list):
        raise NotUnderstood("The file is JSON, but not a list of meetings", FEED_HINT)
    if not found:
        raise NotUnderstood("The file holds no meetings", FEED_HINT)
    return found


def _listing(number: int, row: object, zone: str, said: Said) -> Listing:
    if not isinstance(row, dict):
        raise NotUnderstood("It is not a listing")
    name = _name(row)
    times = _times(number, row, zone, said)
    found = whereabouts.of(row, said)
    if text(row, "notes") or text(row, "group_notes"):
        said.append((NOTES, ""))
    return Listing(number, _slug(row), name, text(row, "group"), found.mode, times, found.venue, found.room)


def _name_of(row: object) -> str:
    name = row.get("name") if isinstance(row, dict) else ""
    return name[:LONGEST_NAME] if isinstance(name, str) else ""


def _name(row: Row) -> str:
    name = text(row, "name")
    if not name:
        raise NotUnderstood("It has no name")
    if len(name) > LONGEST_NAME or len(text(row, "group")) > LONGEST_NAME:
        raise NotUnderstood(f"Its name is longer than {LONGEST_NAME} characters")
    if _TELLS.search(name) or _TELLS.search(text(row, "group")):
        raise NotUnderstood("Its name holds a link or a passcode, and everybody would read it")
    return name


def _slug(row: Row) -> str:
    """Return what a listing is called in addresses: the same whenever the feed is read."""
    told = text(row, "slug") or text(row, "id") or " ".join((text(row, "name"), *fields.days(row), text(row, "time")))
    slug = slugify(told)
    if slug and len(told) <= LONGEST_SLUG:
        return slug
    # Cut or lost: a sum of the whole keeps two of them apart.
    return f"{slug[: LONGEST_SLUG - 9].strip('-') or 'listing'}-{zlib.crc32(told.encode()):08x}"


def _refuse_twin(listing: Listing, listings: dict[str, Listing]) -> None:
    twin = listings.get(listing.slug)
    if twin is not None:
        raise NotUnderstood(f"Its slug “{listing.slug}” is that of row {twin.row} already")


def _times(number: int, row: Row, zone: str, said: Said) -> Times | None:
    days, told = fields.days(row), text(row, "time")
    if not days or not told:
        said.append((NO_TIMES, ""))
        return None
    start = fields.clock(told)
    here = text(row, "timezone")
    if not (here or zone):
        raise UsageError(f"“{text(row, 'name')}” (row {number}) names no time zone", ZONE_HINT)
    return Times(days, start, _length(row, start, said), zones.zone(here).key if here else zone)


def _length(row: Row, start: time, said: Said) -> timedelta:
    try:
        length = fields.length(row, start)
    except NotUnderstood:
        said.append((NO_END, text(row, "end_time")))
        return fields.HOUR
    if length > UNUSUAL:
        said.append((VERY_LONG, text(row, "end_time")))
    return length
