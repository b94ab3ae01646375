"""`meetup agenda`: what happens when."""

from datetime import timedelta
from typing import Annotated

import typer

from commands import context, occurrences, output, portrait
from commands.options import Json
from meetup import agenda, groups, naming
from meetup.values import Window

LONGEST = timedelta(days=7)  # no meeting lasts longer: one that began before that is over


def show(
    ctx: typer.Context,
    *,
    group: Annotated[str, typer.Option(metavar="GROUP", help="Only the meetings of this group")] = "",
    days: Annotated[int, typer.Option(min=1, max=3660, help="How far to look")] = 14,
    json: Json = False,
) -> None:
    """Show what happens when, cancelled dates too.

    In the time of each place.
    """
    here = context.of(ctx)
    now = here.clock.now()
    with here.reading() as session:
        found = groups.find(session, group) if group else None
        series = agenda.of_group(session, naming.key(found)) if found else agenda.all_series(session)
        coming = agenda.upcoming(series, Window(now - LONGEST, now + timedelta(days=days)))
        slugs = portrait.slugs(session)
    dates = [one for one in coming if one.end > now]
    if json:
        output.emit_json({"dates": [occurrences.facts(one, slugs[one.series.meeting_id]) for one in dates]})
        return
    occurrences.table(dates, empty=f"Nothing happens in the next {days} days; `meetup meeting add` adds a meeting")
