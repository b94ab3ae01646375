"""Public holidays of countries and regions, from the `holidays` package, which others keep up to date."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from meetup.errors import NotUnderstood

_LANGUAGES = {"en": ("en_US", "en"), "es": ("es",)}


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """A day on which offices are closed."""

    on: date
    name: str


@dataclass(frozen=True, slots=True)
class Region:
    """A country, or a part of one that has holidays of its own."""

    country: str
    part: str = ""

    def __str__(self) -> str:
        """Return the code as people type it: `US-MA`."""
        return f"{self.country}-{self.part}" if self.part else self.country


def region(text: str) -> Region:
    """Read `US-MA` or `DE`, or refuse and name the nearest codes."""
    country, _, part = text.strip().upper().partition("-")
    known = _known()
    if country not in known:
        near = difflib.get_close_matches(country, known, n=3, cutoff=0.4)
        raise NotUnderstood(f"“{text}” is no country whose holidays are known", _hint(near, "US, DE or US-MA"))
    parts = {one.upper(): one for one in known[country]}
    if part and part not in parts:
        near = [f"{country}-{one}" for one in difflib.get_close_matches(part, parts, n=3, cutoff=0.3)]
        example = f"{country}-{known[country][0]}" if known[country] else country
        raise NotUnderstood(f"“{text}” is no part of {country} with holidays of its own", _hint(near, example))
    return Region(country, parts.get(part, ""))


def where(country: str, state: str) -> Region:
    """Return the region of an address; the whole country when its state is not known, or refuse."""
    if not country:
        raise NotUnderstood("It is not known in which country that is", "Name a region, as in --on-holidays US-MA")
    whole = region(country)
    names = {name.casefold(): code for name, code in _aliases(whole.country).items()}
    names |= {code.casefold(): code for code in _known()[whole.country]}
    return Region(whole.country, names.get(state.strip().casefold(), ""))


def between(there: Region, first: date, last: date, language: str) -> list[Holiday]:
    """Return the holidays of a region from one day to another, named in a language where the package has it."""
    import holidays  # noqa: PLC0415 -- slow import

    years = range(first.year, last.year + 1)
    plain = holidays.country_holidays(there.country, subdiv=there.part or None, years=years)
    spoken = next((one for one in _LANGUAGES.get(language, ()) if one in plain.supported_languages), None)
    if spoken is not None:
        plain = holidays.country_holidays(there.country, subdiv=there.part or None, years=years, language=spoken)
    return sorted(Holiday(day, _one_line(name)) for day, name in plain.items() if first <= day <= last)


def _one_line(name: str) -> str:
    return ", ".join(part.strip() for part in name.split(";"))


def _hint(near: Iterable[str], example: str) -> str:
    found = list(near)
    return f"Did you mean {' or '.join(found)}?" if found else f"Write a code such as {example}"


@lru_cache(maxsize=1)
def _known() -> Mapping[str, Sequence[str]]:
    import holidays  # noqa: PLC0415 -- slow import

    return {
        country: sorted(parts) for country, parts in holidays.list_supported_countries(include_aliases=False).items()
    }


@lru_cache(maxsize=8)
def _aliases(country: str) -> Mapping[str, str]:
    import holidays  # noqa: PLC0415 -- slow import

    return dict(getattr(holidays.country_holidays(country), "subdivisions_aliases", {}))
