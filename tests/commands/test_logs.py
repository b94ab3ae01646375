"""Logs are facts with keys; what belongs to people is masked, wherever it slipped in."""

import io
import logging
from collections.abc import Iterator

import pytest

from commands import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.begin("INFO", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to=+15550100123 state=SENT", "to=+… state=SENT"),
        ("call (555) 010-0123 now", "call (+… now"),
        ("from ada.l+x@example.org failed", "from …@… failed"),
        ("GET /f/pYk3-9_secret/calendar.ics 200", "GET /f/…/calendar.ics 200"),
        ("GET /j/tok?x=1", "GET /j/…?x=1"),
        ("POST /m/tok", "POST /m/…"),
    ],
    ids=["e164", "typed", "mail", "feed", "join", "magic"],
)
def test_what_belongs_to_people_is_masked(text: str, expected: str) -> None:
    assert logs.masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "delivery_settled code=k3jd8s2mfw9qx7ab state=SENT member=1234",
        "pass_done slot=2026-12-24T19:00:00 seconds=0.1234567",
        "on=2026-12-24 until=2026-12-31",
        "listening on=127.0.0.1:8000",
    ],
)
def test_facts_stay_as_they_are(text: str) -> None:
    assert logs.masked(text) == text


def test_a_traceback_is_masked_as_well(stream: io.StringIO) -> None:
    try:
        int("call +15550100123")
    except ValueError:
        logging.getLogger("meetup.test").exception("tick_failed")

    assert "tick_failed" in stream.getvalue()
    assert "invalid literal for int() with base 10: 'call +…'" in stream.getvalue()


def test_other_peoples_programs_are_quiet(stream: io.StringIO) -> None:
    logging.getLogger("twilio.http_client").info("POST Request: To=+15550100123")
    logging.getLogger("meetup.test").info("started")

    assert [line.partition(" level=")[2] for line in stream.getvalue().splitlines()] == [
        "INFO logger=meetup.test started"
    ]
