"""The composition root: settings, clock, database and senders, each made when a command first asks for it."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import meetup
from meetup.clock import Clock, SystemClock
from meetup.errors import MeetupError, NotFound, Unavailable, UsageError
from meetup.values import Channel

if TYPE_CHECKING:  # none of these may be paid for by a command that does not need them
    import typer

    from commands.settings import Settings
    from meetup.feeds.addresses import Addresses
    from meetup.storage.database import Database, Session
    from notifications.messages import Sender

# What this program was made for: migrations are numbered, and the last one wins. A test compares it with Alembic.
MIGRATIONS = Path(meetup.__file__).parent / "storage" / "migrations" / "versions"
SCHEMA_REVISION = max(path.name.partition("_")[0] for path in MIGRATIONS.glob("[0-9]*.py"))


class Context:
    """What a command works with. Nothing is read, opened or connected before it is used."""

    def __init__(self, environ: Mapping[str, str] | None = None, clock: Clock | None = None) -> None:
        self.environ = os.environ if environ is None else environ
        self.flags: dict[str, str] = {}
        self.debug = False
        self.clock = clock or SystemClock()

    @cached_property
    def settings(self) -> "Settings":
        """Return the settings; warn about variables that look like ours and are not."""
        from commands import output, settings  # noqa: PLC0415 -- slow import

        loaded = settings.load(self.environ, self.flags)
        for warning in loaded.warnings:
            output.warn(warning)
        return loaded

    @cached_property
    def database(self) -> "Database":
        """Return the database, set up and at the revision that this program was made for; refuse any other."""
        database = self.unchecked_database()
        try:
            check(database)
        except BaseException:
            database.close()
            raise
        return database

    def unchecked_database(self) -> "Database":
        """Return the database as it is: for upgrading it and for looking at what is wrong."""
        path = sqlite_file(self.settings.database_url)
        if path is not None and not path.exists():
            raise NotFound(f"Nothing has been set up in {self.settings.home} yet", "Run `meetup init` first")
        return any_database(self.settings)

    @contextlib.contextmanager
    def reading(self) -> "Iterator[Session]":
        """Open a session that only reads."""
        with answering(), self.database.reading() as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> "Iterator[Session]":
        """Open a session that commits at its end, whole or not at all."""
        with answering(), self.database.writing() as session:
            yield session

    @contextlib.contextmanager
    def trying(self) -> "Iterator[Session]":
        """Open a session whose every trace is taken back at its end: for showing what would be."""
        with answering(), self.database.trying() as session:
            yield session

    def senders(self) -> "dict[Channel, Sender]":
        """Return a sender for every channel that is configured."""
        with self.reading() as session:
            return senders(self.settings, session, self.clock)

    @property
    def addresses(self) -> "Addresses":
        """Return the maker of the addresses that members are given."""
        from meetup.feeds.addresses import Addresses  # noqa: PLC0415 -- slow import

        return Addresses(self.database.vault, self.settings.public_url, self.settings.private_url)

    def close(self) -> None:
        """Close what was opened."""
        if "database" in self.__dict__:
            self.database.close()


def any_database(settings: "Settings") -> "Database":
    """Return the database that the settings name, whether it is there or not."""
    from meetup.storage import vault  # noqa: PLC0415 -- slow import
    from meetup.storage.database import Database  # noqa: PLC0415 -- slow import

    # Beside an SQLite file; for a server somewhere else in the home directory of this machine.
    journal = None if sqlite_file(settings.database_url) else settings.home / "meetup.stops"
    return Database(settings.database_url, vault.load(settings.key_file), journal)


def of(ctx: "typer.Context") -> Context:
    """Return the context of the command that runs."""
    found = ctx.find_object(Context)
    if found is None:
        raise RuntimeError("a command runs below the menu, which makes its context")
    return found


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite address, or None when it is another database."""
    scheme, _, path = url.partition(":///")
    return Path(path.partition("?")[0]) if scheme.startswith("sqlite") else None


def check(database: "Database") -> None:
    """Refuse a database that is not set up, or that stands at another revision than this program knows."""
    revision = _revision(database)
    if revision is None:
        raise NotFound("The database has not been set up yet", "Run `meetup init` first")
    if revision < SCHEMA_REVISION:
        raise MeetupError(f"The database is older than this program ({revision}, not {SCHEMA_REVISION})", _UPGRADE)
    if revision > SCHEMA_REVISION:
        raise MeetupError(f"The database is newer than this program ({revision}, not {SCHEMA_REVISION})", _NEWER)


_UPGRADE = "Run `meetup upgrade`; it changes all or nothing"
_NEWER = "Install the meetup that made it, or a newer one"


def _revision(database: "Database") -> str | None:
    # Plain SQL: Alembic would cost every command a third of a second.
    from sqlalchemy import inspect, text  # noqa: PLC0415 -- slow import

    with answering(), database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return None if found is None else str(found)


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Turn a database that does not answer into a refusal that says so."""
    from sqlalchemy.exc import DatabaseError, OperationalError  # noqa: PLC0415 -- slow import

    from meetup.storage.trouble import understood  # noqa: PLC0415 -- slow import

    try:
        yield
    except OperationalError as error:
        trouble = understood(str(error.orig or ""))
        raise Unavailable(trouble.sentence, trouble.hint) from error
    except DatabaseError as error:
        if "not a database" not in str(error.orig):
            raise
        raise Unavailable("The file is not a database", _DATABASE_HINT, permanent=True) from error


_DATABASE_HINT = "Look at it with `meetup doctor`; MEETUP_DATABASE_URL says where it is"


def senders(settings: "Settings", session: "Session", clock: Clock) -> "dict[Channel, Sender]":
    """Make a sender for every channel that is configured; refuse one that is configured by half."""
    made: dict[Channel, Sender] = {}
    if settings.twilio_account_sid or settings.twilio_auth_token.get_secret_value():
        made[Channel.SMS] = _sms(settings, session, clock)
    if settings.smtp_url.get_secret_value():
        made[Channel.EMAIL] = _email(settings, session, clock)
    return made


def _sms(settings: "Settings", session: "Session", clock: Clock) -> "Sender":
    from notifications.channels.sms import Account, SmsSender  # noqa: PLC0415 -- slow import

    sender = settings.twilio_from or settings.twilio_messaging_service_sid
    if not (settings.twilio_account_sid and settings.twilio_auth_token.get_secret_value() and sender):
        raise UsageError("Twilio is configured by half", _TWILIO_HINT)
    account = Account(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_from,
        settings.twilio_messaging_service_sid,
        settings.twilio_base_url,
    )
    return SmsSender(account, clock, session.vault.fingerprint)


_TWILIO_HINT = (
    "It takes MEETUP_TWILIO_ACCOUNT_SID, MEETUP_TWILIO_AUTH_TOKEN"
    " and MEETUP_TWILIO_FROM (or MEETUP_TWILIO_MESSAGING_SERVICE_SID)"
)


def _email(settings: "Settings", session: "Session", clock: Clock) -> "Sender":
    from meetup import organization  # noqa: PLC0415 -- slow import
    from notifications.channels.email import EmailSender  # noqa: PLC0415 -- slow import
    from notifications.channels.letter import Postmark  # noqa: PLC0415 -- slow import
    from notifications.channels.relay import Relay  # noqa: PLC0415 -- slow import

    ours = organization.the(session)
    mail_from = settings.mail_from or ours.contact_mail
    if not mail_from:
        raise UsageError("Mail has a relay, but nobody to come from", "Set MEETUP_MAIL_FROM")
    postmark = Postmark(
        mail_from,
        session.vault.mail_secret,
        ours.sender_name,
        ours.contact_mail,
        bounce_address=settings.bounce_address,
    )
    return EmailSender(Relay.parse(settings.smtp_url.get_secret_value()), postmark, clock)
