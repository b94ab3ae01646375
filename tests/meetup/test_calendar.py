"""Feeds as a whole: the agreed text, the same bytes everywhere, nothing that should not get in."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from meetup.feeds import calendar
from meetup.feeds.calendar import Look
from meetup.feeds.views import Reader
from tests.meetup.calendars import BOARD, CIRCLE, GOLDEN, HUB, PARTY, PRIVATE, PUBLIC, PUBLIC_ROOM, unfold


@pytest.mark.parametrize(
    ("look", "name"), [(PUBLIC, "public-feed"), (PRIVATE, "private-feed")], ids=["public", "private"]
)
def test_a_feed_is_written_as_agreed(look: Look, name: str) -> None:
    assert calendar.render([CIRCLE, BOARD, PARTY], look) == (GOLDEN / f"{name}.ics").read_bytes()


def test_the_order_in_which_series_come_does_not_matter() -> None:
    shuffled = replace(CIRCLE, schedules=CIRCLE.schedules[::-1], changes=CIRCLE.changes[::-1])

    assert calendar.render([PARTY, shuffled, BOARD], PUBLIC) == calendar.render([CIRCLE, BOARD, PARTY], PUBLIC)


def test_every_process_writes_the_same_bytes() -> None:
    script = (
        "import hashlib; from meetup.feeds import calendar; from tests.meetup.calendars import *; "
        "print(hashlib.sha256(calendar.render([CIRCLE, BOARD, PARTY], PUBLIC)).hexdigest())"
    )
    here = hashlib.sha256(calendar.render([CIRCLE, BOARD, PARTY], PUBLIC)).hexdigest()

    elsewhere = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=GOLDEN.parent.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]

    assert elsewhere == [here, here]


def test_lines_end_with_crlf_and_have_at_most_75_octets_of_whole_characters() -> None:
    long = replace(CIRCLE, description="ü🎉" * 400, title="Ä, " * 60)

    written = calendar.render([long], PUBLIC)

    lines = written.split(b"\r\n")
    assert (lines[-1], b"\n" in b"".join(lines), b"\r" in b"".join(lines)) == (b"", False, False)
    assert max(len(line) for line in lines) <= 75
    assert "".join(line.decode() for line in lines) == written.decode().replace("\r\n", "")


def test_a_joined_feed_is_the_rendered_feed() -> None:
    parts = [calendar.fragment(series) for series in (BOARD, CIRCLE)]

    assert calendar.assemble(PUBLIC, parts) == calendar.render([CIRCLE, BOARD], PUBLIC)
    assert [part.events for part in parts] == [calendar.render_series(BOARD), calendar.render_series(CIRCLE)]


def test_a_feed_says_when_it_changed_even_when_something_left_it() -> None:
    later = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)

    assert b"LAST-MODIFIED:20260302T093000Z" in calendar.render([CIRCLE], PUBLIC).split(b"BEGIN:VEVENT")[0]
    assert b"LAST-MODIFIED:20260601T080000Z" in calendar.empty(replace(PUBLIC, changed_at=later))


def test_an_empty_feed_is_still_a_calendar() -> None:
    parsed = Calendar.from_ical(calendar.empty(Look(uid="nobody@meetup.example.org")))

    assert (parsed.subcomponents, str(parsed["VERSION"]), "SOURCE" in parsed) == ([], "2.0", False)


def test_nothing_in_a_feed_invites_or_asks_for_an_answer() -> None:
    written = calendar.render([CIRCLE, BOARD, PARTY], PUBLIC) + calendar.render([CIRCLE, BOARD, PARTY], PRIVATE)

    assert re.findall(rb"^(?:METHOD|ORGANIZER|ATTENDEE|BEGIN:VALARM).*", written, re.MULTILINE) == []


def test_no_text_can_add_a_line_or_a_control_character() -> None:
    evil = 'x\r\nATTENDEE:mailto:eve@example.org\x07\x1b[31m\nEND:VEVENT\u2028Y"^n;,\\'
    place = replace(HUB, name=evil, address=evil, directions=evil)
    room = replace(PUBLIC_ROOM, dial_in=(evil,))
    series = replace(CIRCLE, title=evil, label=evil, description=evil, place=place, room=room)
    look = replace(PUBLIC, name=evil, description=evil, zone=evil)

    written = [calendar.render([series], one) for one in (look, replace(look, reader=Reader(label=evil)))]

    for data in written:
        names = {re.split(r"[:;]", line)[0] for line in unfold(data).split("\r\n")}
        assert "ATTENDEE" not in names
        assert re.findall(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", data) == []
        assert data.count(b"END:VEVENT\r\n") == data.count(b"BEGIN:VEVENT\r\n")
        assert Calendar.from_ical(data).walk("VEVENT")[0].errors == []


def test_a_source_that_is_no_web_address_is_left_out() -> None:
    assert b"SOURCE" not in calendar.empty(replace(PUBLIC, url="javascript:alert(1)"))
