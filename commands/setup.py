"""Setting up an organization, and keeping its database up to date."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from commands import context, output, questions
from commands.context import Context
from meetup import organization
from meetup.errors import AlreadyExists, MeetupError
from meetup.storage import schema, vault
from meetup.storage.database import Database


def init(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Option(help="What the organization is called")] = "",
    zone: Annotated[str, typer.Option(help="Its time zone, as in America/New_York")] = "",
    language: Annotated[str, typer.Option(help="The language of most members: en or es")] = "",
    country: Annotated[str, typer.Option(help="Two letters; the zone's when left out")] = "",
    sender_name: Annotated[str, typer.Option(help="The only name a text ever says, at most 14 plain letters")] = "",
    cover_label: Annotated[str, typer.Option(help="Harmless words for calendars and mail subjects")] = "",
    contact_mail: Annotated[str, typer.Option(help="A mailbox that somebody reads")] = "",
) -> None:
    """Set up an organization: home directory, keys, database."""
    here = context.of(ctx)
    refuse_twice(here)
    given = {
        "name": name,
        "zone": zone,
        "language": language,
        "country": country,
        "sender_name": sender_name,
        "cover_label": cover_label,
        "contact_mail": contact_mail,
    }
    answers = questions.answer_all(given, here.environ)
    build(here, answers)
    _tell(here, answers)


def upgrade(ctx: typer.Context) -> None:
    """Bring the database to the schema of this program."""
    database = context.of(ctx).unchecked_database()
    with contextlib.closing(database), context.answering():
        before = schema.current(database)
        schema.upgrade(database)
        after = schema.current(database)
    output.say(f"The database stands at {after} already" if before == after else f"The database stands at {after} now")


def refuse_twice(here: Context) -> None:
    """Refuse when there is anything that setting up would have to overwrite."""
    keys, there = here.settings.key_file, _there(here)
    if there:
        missing = "" if keys.exists() else f", but its key file is not: bring {keys} back"
        raise AlreadyExists(f"{there} is there already{missing}", "Nothing was changed; see `meetup --help`")
    if keys.exists():
        raise AlreadyExists(
            f"The key file {keys} is there already, but no database",
            "Bring the database back that it belongs to, or move the key file away",
        )


def _there(here: Context) -> str:
    """Return the database's name when somebody has set it up already."""
    file = context.sqlite_file(here.settings.database_url)
    if file is not None:
        return str(file) if file.exists() else ""
    with context.answering():
        found = schema.founded(here.settings.database_url)
    return f"An organization in {here.settings.shown()['database_url']}" if found else ""


def build(here: Context, answers: dict[str, str]) -> None:
    """Make the home directory, the keys and the database: all of it, or nothing."""
    settings = here.settings
    file = context.sqlite_file(settings.database_url)
    try:
        with _directory(settings.home), contextlib.ExitStack() as staged:
            url = settings.database_url
            if file is not None:
                url = f"sqlite:///{staged.enter_context(_staged(file))}"
            _fill(url, staged.enter_context(_staged(settings.key_file)), answers, here)
    except OSError as error:
        raise MeetupError(
            f"{error.filename or settings.home} cannot be written: {error.strerror}",
            "Choose another place with --home or MEETUP_HOME",
        ) from error


def _fill(url: str, keys: Path, answers: dict[str, str], here: Context) -> None:

    database = Database(url, vault.create(keys))
    with contextlib.closing(database), context.answering():
        schema.upgrade(database)
        with database.writing() as session:
            organization.found(session, organization.Founding(**answers), here.clock.now())


@contextlib.contextmanager
def _directory(home: Path) -> Iterator[None]:
    """Make the home directory for its owner alone; take it away again when the block fails."""
    existed = home.exists()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        yield
    except BaseException:
        if not existed:
            with contextlib.suppress(OSError):
                home.rmdir()
        raise


@contextlib.contextmanager
def _staged(path: Path) -> Iterator[Path]:
    """Lend a name beside a file; it takes the file's place when the block ends well, and vanishes when it does not."""
    staged = path.with_name(f"{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _drop(staged)
    try:
        yield staged
        staged.rename(path)
    finally:
        _drop(staged)


def _drop(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)


def _tell(here: Context, answers: dict[str, str]) -> None:
    output.say(f"“{answers['name']}” is set up in {here.settings.home}")
    output.say(f"Texts begin with “{answers['sender_name']}:”; times are those of {answers['zone']}")
    output.say(f"Keep {here.settings.key_file} safe: without it nobody can read the members' addresses")
    if not answers["contact_mail"]:
        output.warn("no contact mail: members who ask for help are not told whom to write to")
    output.say(NEXT)


NEXT = """
Next:
  meetup group add "Thursday circle" --label "Thursday plan"
  meetup room add "Video room" https://zoom.us/j/123456789
  meetup meeting add "Thursday circle" "every Thursday 19:00-20:30" --room video-room"""
