"""A group's poster as a page, and the list of all: the same whether it is served or published as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from commands.web import render, wording
from commands.web.wording import Words
from meetup.feeds import structured, subscribing
from meetup.feeds.poster import Poster, Regular, Showing
from meetup.feeds.views import location
from meetup.schedule.describe import describe
from meetup.schedule.series import Place, Schedule
from meetup.values import Door
from meetup.wording import languages

FACTS = ("step_free", "accessible_toilet", "hearing_loop", "id_required", "cameras")
A_WEEK = timedelta(days=7)
MAP = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=18/{0}/{1}"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a poster hangs. Addresses are whole ones, or empty while the service has none."""

    page: str
    feed: str
    index: str = ""  # the list of all groups, when there is one
    style: str = "style.css"
    found: bool = False  # by search engines
    join: str = ""  # where somebody asks for reminders; files have no such place


def page(poster: Poster, spot: Spot) -> str:
    """Write a group's page."""
    said = Said(poster)
    return render.render(
        "group.html",
        language=poster.language,
        style=spot.style,
        spot=spot,
        poster=poster,
        said=said,
        words=said.words,
        data=_data(poster, spot) if spot.page else "",
        links=_links(spot.feed, poster.name, said.words) if spot.feed else (),
        code=code(spot.feed) if spot.feed else "",
    )


def index(host: str, language: str, posters: Sequence[tuple[Poster, str]], spot: Spot) -> str:
    """Write the list of all groups, each with the name of its page."""
    shown = [(poster, name, Said(poster)) for poster, name in posters]
    return render.render(
        "groups.html",
        language=language,
        style=spot.style,
        spot=spot,
        host=host,
        shown=shown,
        words=wording.of(language),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What a poster says in its language, and as its country writes dates."""

    poster: Poster

    @property
    def words(self) -> Words:
        return wording.of(self.poster.language)

    @property
    def place(self) -> str:
        """Return the locale."""
        return languages.locale(self.poster.language, self.poster.country)

    @property
    def zones(self) -> list[str]:
        """Return the zones of the dates, in words."""
        return list(dict.fromkeys(languages.zone_words(one.zone, self.place) for one in self.poster.showings))

    def rule(self, schedule: Schedule) -> str:
        """Say when a meeting usually is."""
        told = describe(schedule, self.poster.language, lambda moment: languages.clock(moment, self.place))
        begins = self.words.since.format(date=languages.day(schedule.start, self.place))
        whole = f"{told}, {begins}" if schedule.rule and self._is_to_come(schedule) else told
        return f"{_capital(whole)} ({languages.zone_words(schedule.zone, self.place)})"

    def _is_to_come(self, schedule: Schedule) -> bool:
        return schedule.start.date() > self.poster.today + A_WEEK

    def day(self, moment: datetime) -> str:
        return _capital(languages.day(moment, self.place))

    def clock(self, moment: datetime) -> str:
        return languages.clock(moment, self.place)

    def zone(self, one: Showing) -> str:
        """Name the zone of a date where dates of several are shown."""
        return languages.zone_words(one.zone, self.place) if len(self.zones) > 1 else ""

    def doors(self, one: Regular | Showing) -> str:
        """Name the open doors."""
        there = one.doors if isinstance(one, Regular) else one.open_doors
        if len(there) == len(Door):
            return self.words.both
        return self.words.online if Door.ONLINE in there else self.words.in_person

    def changes(self, one: Showing) -> list[tuple[str, str]]:
        """Say what is otherwise on a date, and what to do: what to read first, and the rest."""
        words = self.words
        if one.cancelled:
            return [(words.cancelled, words.stay_home if Door.IN_PERSON in one.usual_doors else "")]
        said: list[tuple[str, str]] = []
        if one.moved:
            said.append((words.moved.format(when=languages.when(one.slot, self.place)), ""))
        if Door.IN_PERSON in one.closed_doors:
            said.append((words.online_only, words.come_online))
        elif one.elsewhere and one.place:
            said.append((words.elsewhere.format(place=location(one.place)), self._way_in(one.place)))
        if Door.ONLINE in one.closed_doors:
            said.append((words.in_person_only, words.come_in_person))
        return said

    def _way_in(self, place: Place) -> str:
        told = [place.directions, *self.access(place)]
        return " ".join(f"{text.rstrip('.')}." for text in told if text)

    def access(self, place: Place) -> list[str]:
        """Say what somebody must know to get in; what nobody has told is left out."""
        told = {name: getattr(place.access, name) for name in FACTS}
        facts = [getattr(self.words, name)[0 if so else 1] for name, so in told.items() if so is not None]
        more = ((self.words.transit, place.access.transit), (self.words.parking, place.access.parking))
        return facts + [f"{name}: {text}" for name, text in more if text]

    def address(self, place: Place) -> str:
        """Return the address with the place's name first."""
        return location(place)

    def on_map(self, place: Place) -> str:
        """Return where a map shows a place: a link to follow, nothing that the page loads."""
        if place.latitude is None or place.longitude is None:
            return ""
        return MAP.format(f"{place.latitude:.5f}", f"{place.longitude:.5f}")


def _data(poster: Poster, spot: Spot) -> Markup:
    return Markup(structured.script(poster, spot.page, spot.index))  # noqa: S704 -- it has no `<` left


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _links(feed: str, name: str, words: Words) -> list[tuple[str, str]]:
    return [
        (words.subscribe_here, subscribing.webcal(feed)),
        ("Google Calendar", subscribing.google(feed)),
        ("Outlook.com", subscribing.outlook(feed, name)),
        ("Microsoft 365", subscribing.microsoft_365(feed, name)),
    ]


def code(feed: str) -> Markup:
    """Draw the address of a calendar as SVG, dark on light also where the page is dark: cameras need it so."""
    import segno  # noqa: PLC0415 -- slow import

    drawn = segno.make(feed, error="m", micro=False)
    return Markup(drawn.svg_inline(omitsize=True, border=4, light="#fff", dark="#000"))  # noqa: S704 -- squares only
