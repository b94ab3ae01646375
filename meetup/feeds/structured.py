"""A poster → schema.org JSON-LD, for search engines and whoever else reads pages by machine. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from meetup.feeds.poster import Poster, Regular, Showing
from meetup.feeds.views import line
from meetup.schedule import recurrence, rules, zones
from meetup.schedule.recurrence import explicit
from meetup.schedule.rules import Rule
from meetup.schedule.series import Place, Schedule
from meetup.values import Door

Node = dict[str, object]

SCHEMA = "https://schema.org"
HOST = "#host"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LENGTHS = {"DAILY": "P{}D", "WEEKLY": "P{}W", "MONTHLY": "P{}M", "YEARLY": "P{}Y"}
# What schema.org's Schedule has words for; how other parts of a rule would go together it does not say.
SAYABLE: Mapping[str, Sequence[set[str]]] = {
    "DAILY": [set()],
    "WEEKLY": [{"BYDAY"}],
    "MONTHLY": [{"BYDAY"}, {"BYMONTHDAY"}],
    "YEARLY": [{"BYMONTH", "BYMONTHDAY"}],
}
# A `<` in a title must not end the script that holds it; the two separators end a line in JavaScript.
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def script(poster: Poster, page: str, index: str = "") -> str:
    """Return the text that stands in the page's `<script type="application/ld+json">`: nothing in it can end it."""
    return json.dumps(graph(poster, page, index), ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)


def graph(poster: Poster, page: str, index: str = "") -> Node:
    """Return a series for every meeting and an event for every date, `page` being the poster's own address.

    Places and the organization are told once and named by `@id` wherever they belong.
    """
    common = _known({"organizer": {"@id": HOST}, "description": "\n".join(poster.description)})
    host = _known({"@type": "Organization", "@id": HOST, "name": poster.host, "url": index})
    held = [one.place for one in poster.regulars] + [one.place for one in poster.showings]
    places = [_place(place) for place in {place.key: place for place in held if place}.values()]
    series = [_series(one, poster, page) | common for one in poster.regulars]
    dates = [_event(one, page) | common for one in poster.showings]
    return {"@context": SCHEMA, "@graph": [host, *places, *series, *dates]}


def _series(regular: Regular, poster: Poster, page: str) -> Node:
    cancelled = {one.slot.replace(tzinfo=None) for one in poster.showings if one.key == regular.key and one.cancelled}
    exceptions = sorted(cancelled.union(regular.exceptions))
    said = [_schedule(schedule, exceptions) for schedule in regular.schedules]
    made: Node = {
        "@type": "EventSeries",
        "@id": _series_id(regular.key),
        "name": regular.title,
        "url": page,
        "inLanguage": poster.language,
        "startDate": _local(regular.schedules[0].start, regular.schedules[0].zone),
        "eventAttendanceMode": _mode(regular.doors),
        "location": _locations(regular.place, regular.link or page if regular.online else ""),
    }
    # All or nothing: a series of which half is told would be wrong.
    return made | ({"eventSchedule": said} if all(said) else {})


def _event(one: Showing, page: str) -> Node:
    there = one.open_doors or one.usual_doors
    place = one.place if Door.IN_PERSON in there else None
    made: Node = {
        "@type": "Event",
        "name": one.title,
        "url": f"{page}#{one.anchor}",
        "startDate": _moment(one.start),
        "endDate": _moment(one.end),
        "eventStatus": _status(one),
        "eventAttendanceMode": _mode(there),
        "location": _locations(place, one.link or page if Door.ONLINE in there else ""),
        "superEvent": {"@id": _series_id(one.key)},
    }
    return made | ({"previousStartDate": _moment(one.slot)} if one.moved and not one.cancelled else {})


def _status(one: Showing) -> str | list[str]:
    if one.cancelled:
        return f"{SCHEMA}/EventCancelled"
    said = [f"{SCHEMA}/EventRescheduled"] if one.moved else []
    if Door.IN_PERSON in one.closed_doors:
        said.append(f"{SCHEMA}/EventMovedOnline")
    return said if len(said) > 1 else (said or [f"{SCHEMA}/EventScheduled"])[0]


def _mode(there: frozenset[Door]) -> str:
    if len(there) == len(Door):
        return f"{SCHEMA}/MixedEventAttendanceMode"
    kind = "Online" if Door.ONLINE in there else "Offline"
    return f"{SCHEMA}/{kind}EventAttendanceMode"


def _locations(place: Place | None, link: str) -> Node | list[Node]:
    found: list[Node] = [{"@id": _place_id(place)}] if place else []
    if link:
        # Where the link is for members only, the page says how to get it.
        found.append({"@type": "VirtualLocation", "url": link})
    return found[0] if len(found) == 1 else found


def _place(place: Place) -> Node:
    made: Node = {"@type": "Place", "@id": _place_id(place), "name": line(place.name), "address": _address(place)}
    if place.latitude is not None and place.longitude is not None:
        made["geo"] = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
    features = [_feature(name, there) for name, there in _access(place).items() if there is not None]
    return made | _known({"amenityFeature": features})


def _address(place: Place) -> Node:
    parts = {
        "streetAddress": place.street,
        "addressLocality": place.locality,
        "addressRegion": place.region,
        "postalCode": place.postal_code,
    }
    said = parts if place.street or place.locality else {"streetAddress": place.address}
    return {"@type": "PostalAddress"} | _known({**said, "addressCountry": place.country})


def _access(place: Place) -> Mapping[str, bool | None]:
    access = place.access
    return {
        "Step-free entrance": access.step_free,
        "Accessible toilet": access.accessible_toilet,
        "Hearing loop": access.hearing_loop,
    }


def _feature(name: str, there: bool) -> Node:
    return {"@type": "LocationFeatureSpecification", "name": name, "value": there}


def _schedule(schedule: Schedule, exceptions: Sequence[datetime]) -> Node | None:
    """Say a rule in schema.org's words; None when they would say something else than the rule."""
    rule = explicit(rules.read(schedule.rule), schedule.start) if schedule.rule else None
    days = _days(rule) if rule else None
    if rule is None or days is None:
        return None
    ends = schedule.start + schedule.duration
    made: Node = {
        "@type": "Schedule",
        "repeatFrequency": LENGTHS[rule.frequency].format(rule.interval),
        "startDate": f"{schedule.start:%Y-%m-%d}",
        "startTime": f"{schedule.start:%H:%M:%S}",
        "endTime": f"{ends:%H:%M:%S}",
        "duration": _length(schedule.duration),
        "scheduleTimezone": schedule.zone,
    }
    if schedule.until:
        made["endDate"] = schedule.until.isoformat()
    return (
        made
        | days
        | _known({"exceptDate": [_local(slot, schedule.zone) for slot in exceptions if _has(schedule, slot)]})
    )


def _has(schedule: Schedule, slot: datetime) -> bool:
    return slot in recurrence.slots(schedule, slot, slot + timedelta(minutes=1))


def _days(rule: Rule) -> Node | None:
    """Return the days of a rule; None when schema.org has no words for them."""
    month_days = rule.numbers("BYMONTHDAY")
    numbered = [nth for nth, _ in rule.days if nth]
    vague = rule.frequency == "MONTHLY" and len(numbered) < len(rule.days)
    if rule.shape not in SAYABLE[rule.frequency] or min((0, *month_days)) < 0 or vague:
        return None
    days = [f"{nth}{rules.WEEKDAYS[day]}" if nth else f"{SCHEMA}/{DAYS[day]}" for nth, day in rule.days]
    return _known({"byDay": days, "byMonthDay": month_days, "byMonth": rule.numbers("BYMONTH")})


def _length(duration: timedelta) -> str:
    return f"PT{int(duration.total_seconds()) // 60}M"


def _local(wall: datetime, zone: str) -> str:
    return _moment(zones.localize(wall, zone).astimezone(zones.zone(zone)))


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _series_id(key: str) -> str:
    return f"#m-{key}"


def _place_id(place: Place) -> str:
    return f"#p-{place.key}"


def _known(pairs: Mapping[str, object]) -> Node:
    return {name: value for name, value in pairs.items() if value}
