"""`meetup audit`: what a published listing gives away, ours or anybody's."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from commands import context, download, output
from commands.context import Context
from commands.options import Json
from commands.web import posters
from commands.web.posters import Spot
from meetup.errors import NotUnderstood
from meetup.feeds import collect, display
from meetup.storage.database import Session
from meetup.transfer import published
from meetup.transfer.exposures import Leak, exposures

MENDING = {
    Leak.OPENER: "publish the link without its code; members get theirs by mail or calendar",
    Leak.PASSCODE: "leave passcodes to members: whoever looks for rooms to disturb searches listings for them",
    Leak.PHONE: "name a number that belongs to no person, or none",
    Leak.MAIL: "use the address of a role, such as info@…",
    Leak.SURNAME: "first names are enough",
}
NOUNS = {
    Leak.OPENER: "links that open a room",
    Leak.PASSCODE: "passcodes",
    Leak.PHONE: "phone numbers",
    Leak.MAIL: "mail addresses of people",
    Leak.SURNAME: "surnames",
}
WIDEST = 40


@dataclass(frozen=True, slots=True)
class Find:
    """One thing that is given away, and where; `times` when the same entry says it again and again."""

    leak: Leak
    entry: str
    field: str
    shown: str
    times: int = 1


def audit(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="[FILE|URL]", help="A listing: JSON, iCalendar, CSV, a web page; - reads from a pipe"),
    ] = "",
    *,
    country: Annotated[str, typer.Option(help="Where numbers without a code are dialled, as in US")] = "US",
    json: Json = False,
) -> None:
    """List what a published listing gives away: links that open rooms, passcodes, phone numbers, addresses, surnames.

    Without a listing, everything that this installation shows to everybody. Exit code 1 when there is something. It
    finds what looks like it: read the rest yourself.
    """
    if country and not (len(country) == 2 and country.isalpha()):
        raise NotUnderstood(f"“{country}” is no country", "Write it with two letters, as in US")
    fields = _theirs(source) if source else _ours(context.of(ctx))
    finds = _finds(fields, country.upper())
    if json:
        output.emit_json({"clean": not finds, "finds": [asdict(one) for one in finds]})
    else:
        _show(finds, source)
    if finds:
        raise typer.Exit(1)


def _theirs(source: str) -> Iterator[published.Field]:
    return published.fields(download.content(source, published.LARGEST))


def _ours(here: Context) -> Iterator[published.Field]:
    """Yield every text on the public pages and in the public calendars."""
    with here.reading() as session:
        for document in _documents(here, session):
            yield from published.fields(document)


def _documents(here: Context, session: Session) -> Iterator[bytes]:
    now = here.clock.now()
    for group in display.open_groups(session):
        spot = Spot(here.addresses.group_page(group.slug), here.addresses.group_feed(group.slug))
        yield posters.page(display.of_group(session, group, now), spot).encode()
        yield collect.write(collect.of_group(session, group, here.addresses, now))


def _finds(fields: Iterable[published.Field], country: str) -> list[Find]:
    """Return each find once, in the order of the listing."""
    found = Counter(
        (one.leak, field.entry.strip(), field.name, one.shown)
        for field in fields
        for one in exposures(field.text, field.sort, country)
    )
    return [Find(*key, times) for key, times in found.items()]


def _show(finds: Sequence[Find], source: str) -> None:
    if not finds:
        output.say(
            f"Nothing was found in {source or 'what this installation shows to everybody'}; still read it yourself"
        )
        return
    rows = [[one.leak.value, one.entry[:WIDEST], one.field, one.shown] for one in finds]
    output.table(["gives away", "in", "field", "as"], rows)
    for leak, times in Counter(one.leak for one in finds for _ in range(one.times)).most_common():
        output.say(f"{times} {NOUNS[leak] if times > 1 else leak.value}: {MENDING[leak]}")
