"""Rows → the posters of open groups. They change when something changes, and at midnight; never in between."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlmodel import col, select

from meetup import agenda, naming, organization
from meetup.feeds import poster
from meetup.feeds.poster import Poster
from meetup.feeds.views import line, sayable
from meetup.schedule import zones
from meetup.schedule.series import Occurrence, Series
from meetup.storage.database import Session
from meetup.storage.tables import Group
from meetup.values import Window

SHOWN = 8  # dates on a page
REACH = (timedelta(days=60), timedelta(days=400))


def open_groups(session: Session) -> Sequence[Group]:
    """Return the groups that have a page, by name; closed groups have none."""
    return session.exec(select(Group).where(Group.audience == "open").order_by(col(Group.name), col(Group.slug))).all()


def of_group(session: Session, group: Group, now: datetime) -> Poster:
    """Return what everybody may know of a group, with the dates from the first minute of today on."""
    home = organization.the(session)
    found = agenda.of_group(session, naming.key(group))
    today = datetime.combine(zones.wall(now, group.zone).date(), time.min)
    usual = (poster.regular(series, today) for series in found)
    return Poster(
        slug=group.slug,
        name=line(group.name),
        description=sayable(group.description, found),
        language=group.language,
        country=home.country,
        host=line(home.name),
        today=today.date(),
        regulars=tuple(one for one in usual if one),
        showings=tuple(poster.showing(one) for one in _coming(found, zones.localize(today, group.zone))),
    )


def _coming(series: Sequence[Series], midnight: datetime) -> list[Occurrence]:
    """Return the next dates, cancelled ones too, but none of a meeting that has no place yet."""
    found: list[Occurrence] = []
    for length in REACH:
        dates = agenda.upcoming(series, Window(midnight, midnight + length))
        found = [one for one in dates if one.open_doors or one.usual_doors][:SHOWN]
        if len(found) == SHOWN:
            break
    return found
