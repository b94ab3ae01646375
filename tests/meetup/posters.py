"""A poster with everything on it, and a plain reader of its structured data."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from meetup import agenda
from meetup.feeds import poster
from meetup.feeds.poster import Poster
from meetup.feeds.views import sayable
from meetup.schedule.series import Access, Change, ChangeStatus, Place, Room, Schedule, Series
from meetup.values import Door, Window

PAGE = "https://circles.example/thursday-circle.html"
INDEX = "https://circles.example/"
TODAY = datetime(2026, 11, 25)  # noqa: DTZ001 -- a wall time: a Wednesday
SINCE = datetime(2026, 11, 25, 5, tzinfo=UTC)  # the same in New York, as a moment
HALL = Place(
    key="hall",
    name="St. Mark's Hall",
    address="12 Elm Street, Troy, NY 12180",
    street="12 Elm Street",
    locality="Troy",
    region="NY",
    postal_code="12180",
    country="US",
    latitude=42.7284,
    longitude=-73.6918,
    directions="Side door, first floor",
    access=Access(step_free=True, accessible_toilet=False, id_required=True, transit="Bus 22", door_code="4711#"),
)
ANNEX = Place(key="annex", name="Annex", address="6 Oak Street, Troy", country="US", access=Access(step_free=False))
ZOOM = Room("zoom", "Circle room", "https://zoom.us/j/98765432100?pwd=c2VjcmV0", passcode="271828")
OPEN = Room("jitsi", "Open room", "https://meet.jit.si/open-circle", public=True)
THURSDAYS = Schedule(
    uid="a@x",
    zone="America/New_York",
    start=datetime(2026, 11, 5, 19),  # noqa: DTZ001 -- a wall time
    duration=timedelta(minutes=90),
    rule="FREQ=WEEKLY;BYDAY=TH",
)
MOMENT = datetime(2026, 11, 20, tzinfo=UTC)


def change(day: str, status: ChangeStatus = ChangeStatus.CHANGED, **more: Any) -> Change:
    return Change(datetime.fromisoformat(f"{day}T19:00"), status, 1, MOMENT, **more)


CHANGES = (
    change("2026-12-03", closed=frozenset({Door.IN_PERSON}), note="The heating is being repaired"),
    change("2026-12-10", closed=frozenset({Door.ONLINE})),
    change("2026-12-17", start=datetime.fromisoformat("2026-12-16T18:00")),
    change("2026-12-24", ChangeStatus.CANCELLED),
    change("2026-12-31", ChangeStatus.SKIPPED),
    change("2027-01-07", place=ANNEX),
)
CIRCLE = Series(
    key="circle",
    title="Thursday circle",
    label="Evening class",
    group="thursday-circle",
    schedules=(THURSDAYS,),
    place=HALL,
    room=ZOOM,
    changes=CHANGES,
    description="For everybody\nCome as you are",
)
MONTHLY = replace(
    CIRCLE,
    key="monthly",
    title="Open evening",
    schedules=(replace(THURSDAYS, uid="b@x", rule="FREQ=MONTHLY;BYDAY=2TU,-1FR"),),
    place=None,
    room=OPEN,
    changes=(),
)


def of(*series: Series, **more: Any) -> Poster:
    """Return the poster of a group with these meetings."""
    dates = agenda.upcoming(series, Window(SINCE, SINCE + timedelta(days=50)))
    usual = (poster.regular(one, TODAY) for one in series)
    made = Poster(
        slug="thursday-circle",
        name="Thursday circle",
        description=sayable(CIRCLE.description, series),
        language="en",
        country="US",
        host="Riverside Peer Support",
        today=date(2026, 11, 25),
        regulars=tuple(one for one in usual if one),
        showings=tuple(poster.showing(one) for one in dates),
    )
    return replace(made, **more)
