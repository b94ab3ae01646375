"""`meetup agenda`: what happens when."""

import re
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from commands import context, month, occurrences, output, portrait, spoken, viewpoint
from commands.options import Json, day
from commands.viewpoint import Names, Seen, Span
from meetup import organization
from meetup.errors import UsageError
from meetup.people.answers import Counts
from meetup.schedule import zones
from meetup.schedule.series import Occurrence

DAYS = 14
MONTH = re.compile(r"(\d{4})-(\d\d?)")


def show(
    ctx: typer.Context,
    which: Annotated[str, typer.Argument(metavar="[MONTH]", help="With --month: 2026-12; this month without")] = "",
    *,
    group: Annotated[str, typer.Option(metavar="GROUP", help="Only the meetings of this group")] = "",
    venue: Annotated[str, typer.Option(metavar="VENUE", help="Only what is held there")] = "",
    room: Annotated[str, typer.Option(metavar="ROOM", help="Only what is held in this video room")] = "",
    member: Annotated[str, typer.Option(metavar="MEMBER", help="Only her groups, by the doors that she uses")] = "",
    labels: Annotated[bool, typer.Option("--labels", help="Harmless labels instead of titles")] = False,
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day; now when left out")] = "",
    until: Annotated[str, typer.Option(metavar="DATE", help="The last day")] = "",
    days: Annotated[int, typer.Option(min=1, max=3660, help="How far to look")] = DAYS,
    zone: Annotated[str, typer.Option(help="Whose clocks to show too; the organization's, or hers")] = "",
    language: Annotated[str, typer.Option(help="en or es, for --month and --words")] = "",
    by_month: Annotated[bool, typer.Option("--month", help="A month at a glance")] = False,
    words: Annotated[bool, typer.Option("--words", help="Sentences to read out or to paste into a mail")] = False,
    json: Json = False,
) -> None:
    """Show what happens when, cancelled dates too.

    In the time of each place, and in the reader's where it differs.
    """
    _refuse_muddle(which, shapes=(by_month, words, json), days=days, month=by_month, ends=(since, until))
    here, now = context.of(ctx), context.of(ctx).clock.now()
    with here.reading() as session:
        today = zones.wall(now, organization.the(session).zone).date()
        span = _month(which, today, now) if by_month else _span(now, today, since, until, days)
        seen = viewpoint.look(session, Names(group, venue, room, member, zone, language, labels), span)
        slugs = portrait.slugs(session)
    if json:
        output.emit_json({"zone": seen.zone, "dates": [_facts(seen, one, slugs) for one in seen.dates]})
    elif by_month:
        _show_month(span, seen)
    elif words:
        _show_words(seen, span)
    else:
        occurrences.table(seen.dates, empty=_nothing(seen, span), reader_zone=seen.zone, answers=seen.answers)


def _refuse_muddle(which: str, *, shapes: tuple[bool, ...], days: int, month: bool, ends: tuple[str, str]) -> None:
    if sum(shapes) > 1:
        raise UsageError("--month, --words and --json are three ways to show one thing", "Choose one of them")
    if which and not month:
        hint = f"Say --month {which}" if MONTH.fullmatch(which) else f'For a group: meetup agenda --group "{which}"'
        raise UsageError(f"What “{which}” is was not said", hint)
    if month and (any(ends) or days != DAYS):
        raise UsageError("A month has its own first and last day", "Leave out --from, --until and --days")
    if ends[1] and days != DAYS:
        raise UsageError("--until and --days both say where to stop", "Choose one of the two")


def _span(now: datetime, today: date, since: str, until: str, days: int) -> Span:
    first = day(since, today) if since else None
    last = day(until, today) if until else (first or today) + timedelta(days=days if first is None else days - 1)
    return Span(now, last, first)


def _month(text: str, today: date, now: datetime) -> Span:
    """Return the days of a month."""
    found = MONTH.fullmatch(text.strip() or f"{today:%Y-%m}")
    if not found or not (1 <= int(found[2]) <= 12 and int(found[1])):
        raise UsageError(f"“{text}” is not a month", f"Write it as year-month: {_likely(text, today):%Y-%m}")
    first = date(int(found[1]), int(found[2]), 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Span(now, last, first)


def _likely(text: str, today: date) -> date:
    """Return the next month of a name such as “december”, or this one."""
    named = [
        number for number in range(1, 13) if f"{date(2000, number, 1):%b}".casefold() == text.strip().casefold()[:3]
    ]
    if not named:
        return today
    return date(today.year + (named[0] < today.month), named[0], 1)


def _facts(seen: Seen, one: Occurrence, slugs: dict[int, str]) -> dict[str, object]:
    return {
        **occurrences.facts(one, slugs[one.series.meeting_id]),
        "group": one.series.group,
        "address": one.place.address if one.place else None,
        "starts_in_zone": zones.wall(one.start, seen.zone),
        "answers": asdict(seen.answers.get((one.series.meeting_id, one.slot), Counts())),
    }


def _show_month(span: Span, seen: Seen) -> None:
    for line in month.draw(span.first or span.last, seen.dates, seen.place):
        output.write(line)
    told = list(month.remarks(seen.dates))
    if told:
        output.write("")
    for line in told:
        output.write(line)
    if not seen.dates:
        output.say(_nothing(seen, span))


def _show_words(seen: Seen, span: Span) -> None:
    for one in seen.dates:
        output.write(spoken.sentences(one, seen.zone, seen.place))
    if not seen.dates:
        output.say(_nothing(seen, span))


def _nothing(seen: Seen, span: Span) -> str:
    """Say that nothing happens, and what happens next."""
    until = f"Nothing happens until {span.last:%A %Y-%m-%d}"
    if seen.next is None:
        return f"{until}, nor in the year after that; `meetup meeting add` adds a meeting"
    return f"{until}; the next date is {occurrences.day(seen.next.start_local)}, “{seen.next.series.title}”"
