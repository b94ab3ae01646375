"""Dates and zones are written as people in that place write them."""

import zoneinfo
from datetime import datetime

import pytest

from meetup.wording.languages import clock, language, locale, place_time, when, zone_words
from notifications.rules.segments import Encoding, plain, segments

EVE = datetime(2026, 12, 24, 19, 0)  # noqa: DTZ001 -- a wall time
MIDNIGHT = datetime(2027, 9, 1, 0, 5)  # noqa: DTZ001 -- a wall time
COUNTRIES = ["", "US", "CA", "MX", "PR", "GB", "IE", "AU", "NZ", "DE", "FR", "ES", "AR", "CO", "CL", "PE", "IN", "ZA"]


@pytest.mark.parametrize(
    ("wanted", "country", "short", "long"),
    [
        ("en", "GB", "Thu 24 Dec, 19:00", "Thursday 24 December, 19:00"),
        ("en", "DE", "Thu 24 Dec, 19:00", "Thursday 24 December, 19:00"),
        ("en", "US", "Thu, Dec 24, 7:00 PM", "Thursday, December 24, 7:00 PM"),
        ("en", "CA", "Thu, Dec 24, 7:00 pm", "Thursday, December 24, 7:00 pm"),
        ("en", "AU", "Thu 24 Dec, 7:00 pm", "Thursday 24 December, 7:00 pm"),
        ("es", "US", "jue 24 dic, 7:00 pm", "jueves 24 de diciembre, 7:00 pm"),
        ("es", "MX", "jue 24 dic, 7:00 pm", "jueves 24 de diciembre, 7:00 pm"),
        ("es", "ES", "jue 24 dic, 19:00", "jueves 24 de diciembre, 19:00"),
        ("es", "DE", "jue 24 dic, 19:00", "jueves 24 de diciembre, 19:00"),
    ],
)
def test_a_date_is_written_as_in_that_country(wanted: str, country: str, short: str, long: str) -> None:
    place = locale(wanted, country)

    assert (when(EVE, place, short=True), when(EVE, place)) == (short, long)


def test_midnight_is_not_mistaken_for_noon() -> None:
    assert clock(MIDNIGHT, "en_US") == "12:05 AM"
    assert clock(MIDNIGHT, "en_GB") == "00:05"


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("wanted", ["en", "es"])
def test_every_date_of_a_year_fits_a_text(wanted: str, country: str) -> None:
    place = locale(wanted, country)
    walls = [
        EVE.replace(month=month, day=day, hour=hour)
        for month in range(1, 13)
        for day in range(9, 29)
        for hour in (0, 22)
    ]

    written = [plain(when(wall, place, short=True)) for wall in walls]

    assert max(map(len, written)) <= 21
    assert {segments(text).encoding for text in written} == {Encoding.GSM7}


def test_the_zone_is_a_city() -> None:
    assert place_time(EVE, "Europe/Berlin", "en_GB") == "Thursday 24 December, 19:00 (Berlin time)"
    assert place_time(EVE, "America/New_York", "es_US", short=True) == "jue 24 dic, 7:00 pm hora de Nueva York"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("America/North_Dakota/Beulah", "Beulah time"),
        ("America/Kentucky/Louisville", "Louisville time"),
        ("US/Eastern", "New York time"),
        ("Asia/Calcutta", "Kolkata time"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT+5", "UTC-5"),
    ],
)
def test_odd_zones_have_words_too(zone: str, words: str) -> None:
    assert zone_words(zone, "en_US") == words


def test_no_zone_is_too_long_or_too_dear_for_a_text() -> None:
    words = {plain(zone_words(zone, place)) for zone in zoneinfo.available_timezones() for place in ("en_US", "es_MX")}

    assert max(map(len, words)) <= 30
    assert [text for text in words if segments(text).encoding is not Encoding.GSM7 or "Unknown" in text] == []


@pytest.mark.parametrize(("wanted", "ours"), [("es-MX", "es"), ("ES", "es"), ("en_GB", "en"), ("de", "en"), ("", "en")])
def test_a_language_that_we_cannot_write_becomes_english(wanted: str, ours: str) -> None:
    assert language(wanted) == ours


@pytest.mark.parametrize(
    ("wanted", "country", "ours"),
    [("es-AR", "mx", "es_MX"), ("es", "DE", "es"), ("en", "", "en"), ("en", "nowhere", "en"), ("en", "../x", "en")],
)
def test_a_locale_falls_back_to_its_language(wanted: str, country: str, ours: str) -> None:
    assert locale(wanted, country) == ours
