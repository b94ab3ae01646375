"""Calendars: writing one compared with only rendering it, serving one compared with an application of three lines."""

import re
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from commands.web.shelf import Shelf
from meetup import agenda, dates
from meetup.feeds import calendar, collect, links
from meetup.storage.tables import Meeting, Member
from meetup.values import Window
from tests.benchmarks.processes import serving
from tests.benchmarks.race import Race, Spent, Standing, run, timed
from tests.benchmarks.scene import Scene, scene

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)")


def compare(folder: Path, series: int, requests: int, rounds: int) -> Iterator[Standing]:
    """Write and serve the calendar of a member whose group meets at very many times."""
    with scene(folder, members=1) as stage:
        for number in range(series):
            cancel(stage, stage.meet(_phrase(number), f"Circle {number}"))
        token = link(stage)
        render, write = _render(stage, series), _write(stage, token)
        yield run(Race("feed written", f"write a calendar of {series} series", write, render), rounds)
        yield run(_far(stage), rounds)
        path = f"/f/{token}.ics"
        with serving("tests.benchmarks.served", str(folder), path, "packed") as ports:
            ours, raw = (fetch(int(port), path, requests, "gzip") for port in ports.split())
            ours(), raw()
            yield run(Race("feed served", f"serve it {requests:,} times", ours, raw), rounds)


def cancel(stage: Scene, meeting: Meeting, weeks: int = 0) -> None:
    """Cancel a date of a meeting on a Thursday."""
    with stage.database.writing() as session:
        held = session.get_one(Meeting, meeting.id)
        slot = dates.slot_on(session, held, (stage.clock.now() + timedelta(days=3, weeks=weeks)).date())
        dates.cancel(session, held, slot, stage.clock.now())


def link(stage: Scene) -> str:
    """Return the token of the first member's calendar."""
    with stage.database.writing() as session:
        return links.make(session, session.get_one(Member, 1), stage.clock.now())


def fetch(port: int, path: str, times: int, coding: str, cookie: str = "") -> Callable[[], Spent]:
    """Ask again and again over one connection, as simply as can be: the client must not be what is measured."""
    shown = f"Cookie: {cookie}\r\n" if cookie else ""
    # By a number: the application answers to its own names and to these.
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: {coding}\r\n{shown}\r\n".encode()

    def ask() -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            for _ in range(times):
                connection.sendall(request)
                _read(connection)

    return lambda: timed(ask)


def _phrase(number: int) -> str:
    minute = 9 * 60 + 5 * number
    begin, end = (f"{late // 60:02d}:{late % 60:02d}" for late in (minute, minute + 60))
    return f"every Thursday {begin}-{end}"


def _write(stage: Scene, token: str) -> Callable[[], Spent]:
    def write() -> Spent:
        cold = Shelf(stage.database, stage.clock, stage.addresses, [])
        return timed(lambda: cold.private(token))

    return write


def _render(stage: Scene, series: int) -> Callable[[], Spent]:
    with stage.database.reading() as session:
        feed = collect.of_member(session, session.get_one(Member, 1), stage.addresses, stage.clock.now())
    if len(feed.parts) != series:
        raise RuntimeError(f"the calendar has {len(feed.parts)} series, not {series}")
    parts = list(feed.parts)
    return lambda: timed(
        lambda: calendar.assemble(feed.look, [calendar.fragment(one, reader) for one, reader in parts])
    )


def _far(stage: Scene) -> Race:
    """Compare one month nine years after the beginning of a series with its first month."""
    with stage.database.reading() as session:
        (series,) = agenda.all_series(session, [1])

    def month(begin: datetime) -> Callable[[], Spent]:
        window = Window(begin, begin + timedelta(days=31))
        return lambda: timed(lambda: [list(agenda.expand(series, window)) for _ in range(500)])

    first = stage.clock.now()
    return Race("month far", "expand a month, nine years out", month(first + timedelta(days=9 * 365)), month(first))


def _read(connection: socket.socket) -> None:
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += connection.recv(1 << 18)
    head, _, body = heard.partition(b"\r\n\r\n")
    found = LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 200") or found is None:
        raise RuntimeError("the server did not answer with a calendar")
    missing = int(found[1]) - len(body)
    while missing > 0:
        missing -= len(connection.recv(1 << 18))
