"""Languages and locales: dates, times and zones as people write them."""

import unicodedata
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_skeleton, format_time, get_timezone_location

from meetup.errors import NotUnderstood

LANGUAGES = ("en", "es")
DEFAULT = "en"

# Spanish says the day first everywhere; English asks its country.
DAY_FIRST = {
    "en": ("EEE d MMM", "EEEE d MMMM"),
    "es": ("EEE d MMM", "EEEE d 'de' MMMM"),
}
MONTH_FIRST = ("EEE, MMM d", "EEEE, MMMM d")
CITY_TIME = {"en": "{city} time", "es": "hora de {city}"}
UNIVERSAL = frozenset({"UTC", "UCT", "Universal", "Zulu", "Greenwich", "GMT", "GMT0", "GMT+0", "GMT-0"})
TURNED = str.maketrans("+-", "-+")  # POSIX counts westwards: Etc/GMT+5 is UTC-5


def language(wanted: str) -> str:
    """Return the language that we can write for `wanted` (`es`, `es-MX`, `es_MX`); English when we cannot."""
    code = wanted.strip().replace("-", "_").split("_")[0].lower()
    return code if code in LANGUAGES else DEFAULT


def chosen(text: str) -> str:
    """Return the language that somebody chose by its code, or refuse one that we cannot write."""
    code = text.strip().casefold()
    if code not in LANGUAGES:
        raise NotUnderstood(f"“{text}” is not a language that meetup writes", f"Known are: {', '.join(LANGUAGES)}")
    return code


@lru_cache(maxsize=256)
def locale(wanted: str, country: str = "") -> str:
    """Return a language as a country writes it: `en_US`, `es_MX`; without the country where that is unknown."""
    code = language(wanted)
    try:
        return str(Locale(code, country.strip().upper() or None))
    except (UnknownLocaleError, ValueError):
        return code


def when(start_local: datetime, place: str, *, short: bool = False) -> str:
    """Write a wall time for a locale: `Thursday 24 December, 19:00`; short, for texts, `Thu 24 Dec, 19:00`.

    The blanks are ordinary ones and abbreviations have no dots: a narrow blank triples the price of a text.
    """
    return f"{day(start_local, place, short=short)}, {clock(start_local, place)}"


@lru_cache(maxsize=4096)
def day(start_local: datetime, place: str, *, short: bool = False) -> str:
    """Write a date with its weekday, without the year."""
    written = format_datetime(start_local, _day_pattern(place)[0 if short else 1], locale=place)
    return written.replace(".", "")


@lru_cache(maxsize=4096)
def clock(start_local: datetime, place: str) -> str:
    """Write a time of day with 12 or 24 hours, as the locale does."""
    if not _twelve_hours(place):
        return format_time(start_local, "HH:mm", locale=place)
    half = "".join(c for c in format_time(start_local, "a", locale=place) if c.isalpha())
    return f"{format_time(start_local, 'h:mm', locale=place)} {half}"


def place_time(start_local: datetime, zone: str, place: str, *, short: bool = False) -> str:
    """Write a wall time with its zone, named by a city: `Thursday 24 December, 19:00 (Berlin time)`."""
    written = when(start_local, place, short=short)
    return f"{written} {zone_words(zone, place)}" if short else f"{written} ({zone_words(zone, place)})"


@lru_cache(maxsize=512)
def zone_words(zone: str, place: str) -> str:
    """Name a zone by its city, `Berlin time`: nobody reads the names that standards give it."""
    if zone.removeprefix("Etc/") in UNIVERSAL:
        return "UTC"
    if zone.startswith("Etc/GMT"):
        return zone.removeprefix("Etc/").translate(TURNED).replace("GMT", "UTC")
    return CITY_TIME[language(place)].format(city=_city(zone, place))


def _city(zone: str, place: str) -> str:
    """Return the city of a zone in the reader's language, bare: Beulah is enough for those who live there."""
    # By the zone itself: for a name Babel asks pytz where that is installed, which knows fewer.
    known = get_timezone_location(ZoneInfo(zone), locale=place, return_city=True)
    named = zone if "Unknown" in known or "desconocid" in known else known
    return unicodedata.normalize("NFC", named.rsplit("/", 1)[-1].split(",")[0].replace("_", " ")).strip()


@lru_cache(maxsize=64)
def weekdays(place: str) -> tuple[tuple[int, str], ...]:
    """Return the days of a week in the order of the locale: their number, Monday being 0, and their short name."""
    names = Locale.parse(place).days["stand-alone"]["abbreviated"]
    first = Locale.parse(place).first_week_day
    return tuple(((first + offset) % 7, names[(first + offset) % 7].replace(".", "")) for offset in range(7))


def month(first: date, place: str) -> str:
    """Write a month and its year: `December 2026`, `diciembre de 2026`."""
    return format_skeleton("yMMMM", datetime.combine(first, time.min), locale=place)


@lru_cache(maxsize=256)
def _day_pattern(place: str) -> tuple[str, str]:
    full = Locale.parse(place).date_formats["full"].pattern
    return MONTH_FIRST if full.find("MMMM") < full.find("d") else DAY_FIRST[language(place)]


@lru_cache(maxsize=256)
def _twelve_hours(place: str) -> bool:
    return "h" in Locale.parse(place).time_formats["short"].pattern
