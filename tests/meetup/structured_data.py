"""A checker of structured data: what Google's page on Event asks for, and what schema.org lets its properties hold.

https://developers.google.com/search/docs/appearance/structured-data/event, read in November 2026: `name`, `startDate`
and `location` (with an address, or a `url` where it is virtual) are required; times carry their offset from UTC.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
ADDRESS = re.compile(r"https://[^\s]+")
REQUIRED = {
    "Event": {"name", "startDate", "location"},
    "EventSeries": {"name", "startDate", "location"},
    "Place": {"name", "address"},
    "PostalAddress": {"streetAddress"},
    "VirtualLocation": {"url"},
    "Organization": {"name"},
    "GeoCoordinates": {"latitude", "longitude"},
    "LocationFeatureSpecification": {"name", "value"},
    "Schedule": {"repeatFrequency", "startDate", "startTime", "scheduleTimezone", "duration"},
}
ALLOWED = {
    "Event": {
        *("url", "endDate", "eventStatus", "eventAttendanceMode", "superEvent", "organizer", "description"),
        "previousStartDate",
    },
    "EventSeries": {"@id", "url", "inLanguage", "eventAttendanceMode", "eventSchedule", "organizer", "description"},
    "Place": {"@id", "geo", "amenityFeature"},
    "PostalAddress": {"addressLocality", "addressRegion", "postalCode", "addressCountry"},
    "VirtualLocation": set(),
    "Organization": {"@id", "url"},
    "GeoCoordinates": set(),
    "LocationFeatureSpecification": set(),
    "Schedule": {"endTime", "endDate", "byDay", "byMonthDay", "byMonth", "exceptDate"},
}
RECOMMENDED = {"endDate", "eventStatus", "eventAttendanceMode", "organizer", "description"}
STATES = {f"https://schema.org/Event{state}" for state in ("Scheduled", "Cancelled", "Rescheduled", "MovedOnline")}
MODES = {f"https://schema.org/{mode}EventAttendanceMode" for mode in ("Mixed", "Online", "Offline")}
KINDS = {"Mixed": {"Place", "VirtualLocation"}, "Online": {"VirtualLocation"}, "Offline": {"Place"}}


def problems(data: Node) -> list[str]:
    """Return what is wrong with a graph."""
    nodes = data["@graph"]
    known = {node["@id"]: node for node in nodes if "@id" in node}
    found = [] if data["@context"] == "https://schema.org" else ["the context is not schema.org"]
    for node in nodes:
        found += _of_node(node, known)
    return found


def _of_node(node: Node, known: Mapping[str, Node]) -> list[str]:
    if set(node) == {"@id"}:
        return [] if node["@id"] in known else [f"{node['@id']} is named and not told"]
    kind = node["@type"]
    found = [f"{kind} lacks {name}" for name in sorted(REQUIRED[kind] - set(node))]
    found += [f"{kind} has no {name}" for name in sorted(set(node) - REQUIRED[kind] - ALLOWED[kind] - {"@type"})]
    if kind in {"Event", "EventSeries"}:
        found += _of_event(node, known)
    for inner in _inside(node):
        found += _of_node(inner, known)
    return found


def _of_event(node: Node, known: Mapping[str, Node]) -> list[str]:
    moments = [node[name] for name in ("startDate", "endDate", "previousStartDate") if name in node]
    found = [f"{moment} has no offset" for moment in moments if not MOMENT.fullmatch(moment)]
    found += [f"{url} is no address" for url in [node["url"]] if not ADDRESS.fullmatch(url)]
    if node["@type"] == "Event":
        found += [f"Event lacks {name}" for name in sorted(RECOMMENDED - set(node))]
        found += [f"{state} is no status" for state in sorted(_states(node) - STATES)]
        if ("https://schema.org/EventRescheduled" in _states(node)) != ("previousStartDate" in node):
            found.append("a rescheduled event, and only that, has a previous start")
    return found + _of_mode(node, known)


def _of_mode(node: Node, known: Mapping[str, Node]) -> list[str]:
    mode = node["eventAttendanceMode"]
    if mode not in MODES:
        return [f"{mode} is no attendance mode"]
    held = node["location"] if isinstance(node["location"], list) else [node["location"]]
    kinds = {known.get(one.get("@id", ""), one)["@type"] for one in held}
    wanted = KINDS[mode.removeprefix("https://schema.org/").removesuffix("EventAttendanceMode")]
    return [] if kinds == wanted else [f"{mode} is held at {sorted(kinds)}"]


def _states(node: Node) -> set[str]:
    states = node.get("eventStatus", [])
    return {states} if isinstance(states, str) else set(states)


def _inside(node: Node) -> Iterator[Node]:
    for value in node.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield one
