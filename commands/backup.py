"""`meetup backup` and `meetup restore`: a copy while everything runs, and a way back that tells nobody twice."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from commands import context, output
from commands.context import Context
from meetup import organization
from meetup.errors import Forbidden
from meetup.people import privacy, stops
from meetup.people.stops import Replayed
from meetup.storage import copies
from meetup.storage.copies import Facts
from meetup.storage.database import Database
from meetup.storage.journal import Journal, Reading
from notifications import outbox, planning

DOUBT = "it was due after the backup was made: it may have been sent"
NO_JOURNAL = "restored without a journal of stops that reaches back to the backup"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a restore has done to the copy, before it takes the place of the database."""

    replayed: Replayed
    doubted: int
    paused: str  # why nothing is sent until somebody looks; empty when nothing is amiss
    erased: int = 0  # members whom the backup brought back, and who had asked to be forgotten since


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, as in backup-2026-12-24")],
) -> None:
    """Copy the database into a file, while everything runs."""
    here = context.of(ctx)
    with context.answering():
        facts = copies.save(here.database, file, here.clock.now())
    output.say(f"“{facts.organization}”, {_members(facts)}: written to {file}, and checked")
    output.say(f"It can only be read with the keys in {here.settings.key_file}: keep both, apart from each other")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `meetup backup` wrote")],
    journals: Annotated[
        list[Path] | None,
        typer.Option("--journal", metavar="FILE", help="A journal of stops; the one beside the database if left out"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the file, and say what it holds")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Put a backup in the place of the database; nobody is told twice, and whoever said stop stays stopped."""
    here = context.of(ctx)
    with contextlib.closing(context.any_database(here.settings)) as database, context.answering():
        facts = copies.look(file, database.vault)
        output.say(f"{file}: “{facts.organization}”, {_members(facts)}, made {_age(facts, here.clock.now())} ago")
        if dry_run:
            return
        with database.still():
            if not output.confirm(_question(database), yes=yes):
                raise Forbidden("Nothing was changed")
            read = [_journal(path, database).read() for path in journals or _beside(database)]
            outcome, kept = _restore(here, file, database, _since(facts, _together(read)))
    _tell(outcome, facts, kept)


def _restore(here: Context, file: Path, database: Database, journal: Reading) -> tuple[Outcome, Path | None]:
    """Make a copy ready beside the database, and let it take its place: all of it, or nothing."""
    home, now = here.settings.home, here.clock.now()
    place = database.path or home / "meetup.db"
    copy = copies.stage(file, place.with_name(f"{place.name}.restoring"), database.vault)
    try:
        outcome = _caught_up(copy, journal, now)
        return outcome, copies.install(copy, database, place.with_name(f"{place.name}.before-{now:%Y%m%dT%H%M%SZ}"))
    finally:
        copies.discard(copy)


def _caught_up(copy: Database, journal: Reading, now: datetime) -> Outcome:
    """Let a copy know what was said since: first who said stop, then what may have left already."""
    with copy.writing() as session:
        missing = stops.missing(session, journal)
        replayed = stops.replay(session, journal.stops)
        erased = privacy.replay(session, journal.erased)
        paused = _reason(journal, missing)
        if paused:
            organization.pause(session, paused, now)
    # What was planned and sent after the backup has no row in it: plan it again, and doubt it as well.
    for step in planning.STEPS:
        with copy.writing() as session:
            step(session, now)
    with copy.writing() as session:
        return Outcome(replayed, outbox.doubt(session, DOUBT, now), paused, erased)


def _reason(journal: Reading, missing: int) -> str:
    if journal.begun_at is None:
        return NO_JOURNAL
    if journal.damaged:
        return f"the journal of stops has {journal.damaged} lines that cannot be trusted"
    return f"the journal lacks {missing} stops that the backup knows" if missing else ""


def _beside(database: Database) -> list[Path]:
    return [database.journal.path] if database.journal else []


def _journal(path: Path, database: Database) -> Journal:
    return Journal(path, database.vault)


def _together(read: Sequence[Reading]) -> Reading:
    """Join the journals of several machines; one that was not found is as good as none."""
    if not read or any(one.begun_at is None for one in read):
        begun = None
    else:
        begun = max(one.begun_at for one in read if one.begun_at is not None)
    return Reading(
        begun,
        [stop for one in read for stop in one.stops],
        sum(one.damaged for one in read),
        [gone for one in read for gone in one.erased],
    )


def _since(facts: Facts, journal: Reading) -> Reading:
    """Trust only a journal that was kept all the time since the backup was made."""
    whole = journal.begun_at is not None and journal.begun_at <= facts.made_at
    return journal if whole else replace(journal, begun_at=None)


def _question(database: Database) -> str:
    where = database.url.render_as_string(hide_password=True) if database.path is None else database.path
    return f"Put it in the place of {where}?"


def _members(facts: Facts) -> str:
    return _people(facts.members)


def _people(number: int) -> str:
    return f"{number} member{'' if number == 1 else 's'}"


def _age(facts: Facts, now: datetime) -> str:
    old = max(now - facts.made_at, timedelta(0))
    if old >= timedelta(days=2):
        return f"{old.days} days"
    if old >= timedelta(hours=2):
        return f"{int(old.total_seconds()) // 3600} hours"
    return f"{int(old.total_seconds()) // 60} minutes"


def _tell(outcome: Outcome, facts: Facts, kept: Path | None) -> None:
    output.say("Restored; whatever was entered after the backup is not in it: look at `meetup agenda` before you serve")
    if kept is not None:
        output.say(f"The database that was there is kept as {kept}")
    if outcome.replayed.heard:
        output.say(f"{outcome.replayed.heard} stops that were said since then were taken from the journal")
    if outcome.erased:
        again = "is" if outcome.erased == 1 else "are"
        output.say(f"{_people(outcome.erased)} had been erased since then, and {again} erased again")
    if outcome.doubted:
        output.say(
            f"{outcome.doubted} messages were due since {facts.made_at:%Y-%m-%d %H:%M} UTC and may have been sent:"
            " none is sent by itself; `meetup remind held` lists what no provider can tell"
        )
    if outcome.paused:
        output.warn(f"Sending is paused: {outcome.paused}")
        output.say("Look for stops that the backup cannot know, then: meetup remind resume")
