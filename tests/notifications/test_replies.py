"""Every answer names a person who answers, promises nobody who does not, and fits one segment."""

import os
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from meetup.schedule.series import Occurrence, Schedule, Series, Status
from meetup.values import Door
from notifications.rules.segments import Encoding, segments
from notifications.words import render, replies
from notifications.words.compose import Recipient, Voice
from notifications.words.render import Crisis, crisis_line

GOLDEN = Path(__file__).parents[1] / "golden" / "messages"
CRISIS = Path(render.__file__).parent / "crisis"
VOICE = Voice("Harbor Studios", "Harbor Community House", "ada@harbor.example", "US")
COUNTRIES = ["US", "CA", "FR", "AU", "GB", "MX", "DE", ""]
ADA = Recipient("en", country="GB")
BOTH = frozenset(Door)
ONLINE = frozenset({Door.ONLINE})
IN_PERSON = frozenset({Door.IN_PERSON})

SAYINGS: dict[str, Callable[[Voice, str], str]] = {
    "opt-in": replies.opt_in,
    "confirmed": replies.confirmed,
    "help": replies.help_text,
    "stopped": replies.stopped,
    "anything else": replies.anything_else,
    "stopped in crisis": replies.stopped_in_crisis,
}


def occurrence(days: int = 0, open_: frozenset[Door] = BOTH, zone: str = "Europe/Berlin") -> Occurrence:
    start = datetime(2026, 12, 24, 19, 0) + timedelta(days=days)  # noqa: DTZ001 -- a wall time
    schedule = Schedule("u1", zone, start, timedelta(minutes=90))
    moment = start.replace(tzinfo=UTC) - timedelta(hours=1)
    series = Series("m1", "Thursday anxiety circle", "Your Thursday", "circle", (schedule,))
    end = moment + schedule.duration
    return Occurrence(series, schedule, start, start, moment, end, Status.CONFIRMED, open_, BOTH, None, None)


@pytest.mark.parametrize("language", ["en", "es"])
def test_answers_are_the_approved_ones(language: str) -> None:
    person = replace(ADA, language=language)
    said = [f"{country or 'elsewhere'}, {name}\n{say(replace(VOICE, country=country), language)}\n"
            for country in COUNTRIES for name, say in SAYINGS.items()]  # fmt: skip
    for open_ in (BOTH, ONLINE, IN_PERSON):
        echoes = [replies.echo(VOICE, person, occurrence(open_=open_), digit) for digit in "012"]
        said.append("\n".join([f"echoes, open: {', '.join(sorted(open_))}", *echoes, ""]))
    said += [
        f"next, {n} dates\n{replies.next_dates(VOICE, person, [occurrence(7 * i) for i in range(n)])}\n"
        for n in range(5)
    ]
    file = GOLDEN / f"replies.{language}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.write_text("\n".join(said), encoding="utf-8")

    assert file.read_text(encoding="utf-8") == "\n".join(said)


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", SAYINGS)
def test_no_answer_costs_two_segments(name: str, language: str, country: str) -> None:
    voice = replace(VOICE, sender_name="Wwwwwwwwwwwwww", country=country, contact_mail="a" * 10 + "@example.org")

    count = segments(SAYINGS[name](voice, language))

    assert (count.encoding, count.units <= 158) == (Encoding.GSM7, True)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("open_", [BOTH, ONLINE, IN_PERSON], ids=["both", "online", "in person"])
@pytest.mark.parametrize("digit", ["0", "1", "2"])
def test_no_echo_costs_two_segments(digit: str, open_: frozenset[Door], language: str) -> None:
    person = Recipient(language, "America/New_York", country="US")
    date = occurrence(open_=open_, zone="America/St_Johns")

    count = segments(replies.echo(replace(VOICE, sender_name="Wwwwwwwwwwwwww"), person, date, digit))

    assert (count.encoding, count.units <= 158) == (Encoding.GSM7, True)


def test_next_names_as_many_dates_as_fit() -> None:
    dates = [occurrence(7 * week, zone="America/St_Johns") for week in range(5)]

    near = replies.next_dates(VOICE, ADA, [occurrence(7 * week) for week in range(5)])
    far = replies.next_dates(VOICE, Recipient("es", "America/New_York", country="US"), dates)

    assert (near.count("19:00"), far.count("hora de")) == (3, 2)


def test_a_closed_door_is_not_noted() -> None:
    assert replies.echo(VOICE, ADA, occurrence(open_=ONLINE), "1") == (
        "Harbor Studios: Thu 24 Dec, 19:00 is online only this time. Please don't travel. Reply 2 online, 0 not coming."
    )


def test_a_long_mail_address_is_left_out_of_help() -> None:
    short = replies.help_text(VOICE, "en")
    long = replies.help_text(replace(VOICE, contact_mail="ada.lovelace@harbor.example"), "en")

    assert "ada@harbor.example STOP ends" in short
    assert "@" not in long


def test_unverified_countries_get_the_emergency_number_and_a_list_of_lines() -> None:
    assert crisis_line("DE", "en") == Crisis("findahelpline.com", "See findahelpline.com", "112")
    assert crisis_line("gb", "en").emergency == "999"
    assert crisis_line("../crisis/US", "en").emergency == "112"


@pytest.mark.parametrize("file", sorted(CRISIS.glob("*.toml")), ids=lambda file: str(file.stem))
def test_every_crisis_line_has_a_source_a_date_and_words_in_each_language(file: Path) -> None:
    region = tomllib.loads(file.read_text(encoding="utf-8"))

    assert region["source"].startswith("https://")
    assert isinstance(region["date"], date)
    assert region["emergency"].isdecimal()
    assert [set(region[language]) for language in ("en", "es")] == [{"inline", "alone"}] * 2
