"""Her page itself: the next dates by her own doors, one tap to answer, and a month of quiet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from commands.web.own.desk import Caller, Wrong, done
from meetup.clock import Clock
from meetup.feeds.diary import Entry
from meetup.people import answers, members
from meetup.schedule import zones
from meetup.values import Door
from meetup.wording import languages

QUIET = timedelta(days=30)
DOORS = (Door.IN_PERSON, Door.ONLINE)


@dataclass(frozen=True, slots=True)
class Line:
    """One date as it is shown."""

    entry: Entry
    when: str
    ends: str
    elsewhere: str  # the same moment where she is, when her clock shows another time

    @property
    def doors(self) -> list[Door]:
        return [door for door in DOORS if door in self.entry.doors]

    @property
    def details(self) -> list[str]:
        """Return what is said of the date, but for its link, which is a button here."""
        link = self.entry.view.link
        return [line for line in self.entry.view.lines if not link or link not in line]

    @property
    def answerable(self) -> bool:
        return self.entry.occurrence.happening and bool(self.doors)


def show(caller: Caller, now: datetime) -> Response:
    """Show her next dates."""
    entries = caller.diary.read(caller.session, caller.member.id or 0, now)
    until = caller.member.quiet_until
    return caller.page(
        "home",
        at_home=True,
        dates=[_line(caller, entry) for entry in entries],
        quiet=_day(caller, until) if until is not None and until > now else "",
    )


@dataclass(frozen=True, slots=True)
class Home:
    """What her page does."""

    clock: Clock

    def answer(self, caller: Caller) -> Response:
        """Keep whether she comes, and by which door; the same answer cannot be given to what is no date of hers."""
        now, said = self.clock.now(), caller.one("answer")
        entry = caller.diary.find(caller.session, caller.member.id or 0, caller.one("date"), now)
        if entry is None or not entry.occurrence.happening:
            raise Wrong("no_date")
        if said == "":
            answers.take_back(caller.session, caller.member, entry.occurrence)
            return done("taken_back")
        door = next((one for one in entry.doors if one == said), None)
        if door is None and said != answers.NOT_COMING:
            raise Wrong("no_date")
        answers.give(caller.session, caller.member, entry.occurrence, door, now)
        return done("answered")

    def quiet(self, caller: Caller) -> Response:
        """Send nothing for a month, which ends by itself; or end it now."""
        if caller.one("quiet") not in {"yes", "no"}:
            raise Wrong("not_done")
        now = self.clock.now()
        until = now + QUIET if caller.one("quiet") == "yes" else None
        members.edit(caller.session, caller.member, {"quiet_until": until}, now)
        return done("quiet" if until else "heard")


def _line(caller: Caller, entry: Entry) -> Line:
    one, place = entry.occurrence, caller.place
    theirs = caller.member.zone
    local = zones.wall(one.start, theirs) if theirs else one.start_local
    return Line(
        entry=entry,
        when=languages.place_time(one.start_local, one.zone, place),
        ends=languages.clock(zones.wall(one.end, one.zone), place),
        elsewhere=languages.place_time(local, theirs, place) if theirs and local != one.start_local else "",
    )


def _day(caller: Caller, moment: datetime) -> str:
    return languages.day(zones.wall(moment, caller.member.zone or caller.home.zone), caller.place)
