"""`meetup doctor`: what keeps reminders from arriving, and what to do about it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

import typer
from sqlalchemy.exc import DatabaseError

from commands import context, output
from commands.checkup import calendar, installation, reach, traffic, wording
from commands.checkup.findings import Finding, Level, fail, refused, show
from commands.context import Context
from commands.options import Json
from commands.service import Service
from commands.settings import Settings
from meetup import groups, organization
from meetup.errors import MeetupError
from meetup.storage.database import Database, Session
from meetup.storage.tables import Group, Organization
from notifications.deliver import Post

PATIENCE = 6.0  # seconds, for each of those that we ask


def doctor(ctx: typer.Context, *, json: Json = False) -> None:
    """Look for what keeps reminders from arriving, and say what to do."""
    findings = list(examine(context.of(ctx)))
    if json:
        output.emit_json({"healthy": _healthy(findings), "findings": [asdict(one) for one in findings]})
    else:
        show(findings)
    if not _healthy(findings):
        raise typer.Exit(1)


def examine(here: Context, patience: float = PATIENCE) -> Iterator[Finding]:
    """Look at everything; what cannot be looked at is a finding, too."""
    try:
        settings = here.settings
    except MeetupError as error:
        yield refused("settings", error)
        return
    yield from installation.settings_chosen(settings)
    yield from installation.files(settings)
    yield from installation.zone_data(here.clock.now())
    yield from reach.addresses(settings)
    yield from reach.returns(settings)
    yield from _guarded("database", lambda: _database(here, patience))


def _database(here: Context, patience: float) -> Iterator[Finding]:
    yield from installation.whole(_opened(here))
    with here.reading() as session:
        yield from _guarded("keys", lambda: installation.keys(here, session))
        own, found = organization.the(session), groups.listing(session)
        yield from _words(here.settings, own, found)
        yield from _movement(here, session, found)
        waiting = traffic.expecting(session, found)
    yield from _guarded("sending", lambda: reach.channels(here.senders(), waiting, patience))
    yield from reach.outside(here.settings, patience)
    if here.settings.twilio_account_sid:
        yield from wording.provider_texts(own)


def _opened(here: Context) -> Database:
    try:
        return here.database
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"The key file {here.settings.key_file} is not one of ours, or damaged"
        raise MeetupError(reason, "Bring back the one that was made together with this database") from error


def _words(settings: Settings, own: Organization, found: Sequence[Group]) -> Iterator[Finding]:
    secrets = [secret for group in found for secret in groups.secrets(group, own)]
    yield from wording.sender(own)
    yield from wording.mailbox(own, settings)
    yield from wording.labels(own, found)
    yield from reach.discretion(settings, secrets, own.language)


def _movement(here: Context, session: Session, found: Sequence[Group]) -> Iterator[Finding]:
    now = here.clock.now()
    service = Service(Post(here.database, {}, here.clock, here.addresses), here.settings.tick_seconds)
    own = organization.the(session)
    yield from wording.crisis(own, now.date())
    yield from traffic.unreminded(session, found)
    yield from traffic.unasked(session, found)
    yield from traffic.unanswered(session)
    view = calendar.look(session, now)
    yield from calendar.expiring(session, view)
    yield from calendar.placeless(view)
    yield from traffic.paused(session, own.zone)
    yield from traffic.heart(service, session, own.zone)
    yield from traffic.standing_still(service, session, own.zone)
    yield from traffic.unread(session)
    yield from traffic.spending(session, now)


def _guarded(check: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Look, and turn a refusal or a damaged database on the way into a finding."""
    found: list[Finding] = []
    try:
        with context.answering():
            found.extend(look())
    except MeetupError as error:
        found.append(refused(check, error))
    except DatabaseError as error:
        found.append(fail(check, f"The database is damaged: {error.orig}", installation.BACKUP))
    return found


def _healthy(findings: Sequence[Finding]) -> bool:
    return all(one.level is not Level.FAIL for one in findings)
