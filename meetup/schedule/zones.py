"""Time zones: pinned data, gaps and folds, and the names that people type."""

import difflib
import zoneinfo
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from importlib import metadata, resources
from zoneinfo import ZoneInfo

from meetup.errors import NotUnderstood

# The data of the host is often years old: only the pinned package counts, in every process alike.
zoneinfo.reset_tzpath(to=())
ZoneInfo.clear_cache()


# Short names are offsets that know no summer, and several places share each: what people who type them mean.
_MEANT = {
    "Africa/Johannesburg": "SAST",
    "America/Anchorage": "AKST AKDT",
    "America/Chicago": "CST CDT CST6CDT CT",
    "America/Denver": "MST MDT MST7MDT MT",
    "America/Halifax": "AST ADT",
    "America/Los_Angeles": "PST PDT PST8PDT PT",
    "America/New_York": "EST EDT EST5EDT ET",
    "America/Sao_Paulo": "BRT",
    "America/St_Johns": "NST NDT",
    "Asia/Kolkata": "IST",
    "Asia/Tokyo": "JST",
    "Australia/Perth": "AWST",
    "Australia/Sydney": "AEST AEDT",
    "Europe/Athens": "EET EEST",
    "Europe/Berlin": "CET CEST MET MEST",
    "Europe/Lisbon": "WET WEST",
    "Europe/London": "GMT BST GB",
    "Europe/Moscow": "MSK W-SU",
    "Pacific/Auckland": "NZST NZDT NZ",
    "Pacific/Honolulu": "HST",
}


class Trouble(StrEnum):
    """What is the matter with a wall time."""

    GAP = "gap"  # the clocks jump over it
    FOLD = "fold"  # the clocks show it twice


@lru_cache(maxsize=1)
def known() -> tuple[str, ...]:
    """Return the names of all zones, sorted."""
    return tuple(sorted(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()))


def tzdata_version() -> str:
    """Return the version of the zone data that rules here."""
    return metadata.version("tzdata")


def common() -> tuple[str, ...]:
    """Return the zones that most people mean, of each kind one."""
    return tuple(_MEANT)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the zone of that name, or refuse and name the nearest ones."""
    if name in known():
        return ZoneInfo(name)
    near = nearest(name)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Use a name like Europe/Berlin or America/New_York"
    raise NotUnderstood(f"“{name}” is not a time zone", hint)


def place(name: str) -> str:
    """Return the name of the zone that a person typed: a place, or UTC; a bare offset such as EST is refused."""
    if name == "UTC" or "/" in name:
        return zone(name).key
    meant = [key for key, words in _MEANT.items() if name.strip().upper() in words.split()]
    near = meant or [key for key in nearest(name) if "/" in key]
    hint = f"Did you mean {' or '.join(near)}?" if near else "Write a place, as in Europe/Berlin or America/New_York"
    raise NotUnderstood(f"“{name}” does not name a place whose clocks to follow", hint)


def nearest(name: str) -> tuple[str, ...]:
    """Return up to three zones that somebody may have meant, the likeliest first."""
    wanted = name.strip().replace(" ", "_").casefold()
    folded = {key.casefold(): key for key in known()}
    exact = [key for low, key in folded.items() if wanted in (low, low.rsplit("/", 1)[-1])]
    if exact:
        return tuple(exact[:3])
    cities = {low.rsplit("/", 1)[-1]: key for low, key in folded.items()}
    close = [folded[low] for low in difflib.get_close_matches(wanted, folded, n=3, cutoff=0.75)]
    close += [cities[low] for low in difflib.get_close_matches(wanted, cities, n=3, cutoff=0.75)]
    return tuple(dict.fromkeys(close))[:3]


def city(name: str) -> str:
    """Return the city of a zone, as in “Berlin time”."""
    return name.rsplit("/", 1)[-1].replace("_", " ")


def localize(wall: datetime, name: str) -> datetime:
    """Return the moment of a wall time, read as RFC 5545 section 3.3.5 says.

    A time in a gap counts with the offset before the gap; a time shown twice means the first one.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall time is naive")
    return wall.replace(tzinfo=zone(name), fold=0).astimezone(UTC)


def wall(moment: datetime, name: str) -> datetime:
    """Return what the clocks of a zone show at a moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment is aware")
    return moment.astimezone(zone(name)).replace(tzinfo=None, fold=0)


def trouble(wall_time: datetime, name: str) -> Trouble | None:
    """Tell whether a wall time does not exist, or exists twice."""
    here = zone(name)
    first = wall_time.replace(tzinfo=here, fold=0).utcoffset()
    second = wall_time.replace(tzinfo=here, fold=1).utcoffset()
    if first == second or first is None or second is None:
        return None
    return Trouble.GAP if first < second else Trouble.FOLD
