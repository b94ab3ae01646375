"""Is everything there, in one piece, and nobody else's to read?"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import select

from commands.checkup.findings import Finding, Level, fail, ok, warn
from commands.context import SCHEMA_REVISION, Context, sqlite_file
from commands.settings import Settings, variable
from meetup.people import members
from meetup.places import rooms
from meetup.schedule import zones
from meetup.storage.database import Database, Session
from meetup.storage.tables import Member, OnlineRoom

BACKUP = "Stop the service, put the file aside, and bring back the newest backup"


def settings_chosen(settings: Settings) -> Iterator[Finding]:
    """Say which settings somebody chose, and name those that look like ours and are not."""
    chosen: dict[str, list[str]] = {}
    for name, source in settings.sources.items():
        if source != "default":
            chosen.setdefault(source, []).append(variable(name))
    told = "; ".join(f"{', '.join(names)} ({source})" for source, names in chosen.items())
    yield ok("settings", told or "all at their defaults", "`meetup config show` lists every one")
    for warning in settings.warnings:
        yield warn("settings", warning)


def files(settings: Settings) -> Iterator[Finding]:
    """Look at who may read the home directory, the keys and the database."""
    home = settings.home
    if not home.is_dir():
        return  # whether one is needed is known when the database is opened
    if not os.access(home, os.W_OK | os.X_OK):
        yield fail("home", f"{home} is not ours to write to", "Run meetup as the user who set it up")
        return
    database = sqlite_file(settings.database_url)
    database = sqlite_file(settings.database_url)
    secret = [settings.key_file, *(_with_journal(database) if database else [])]
    seen = [*_seen(home, Level.WARN, "700"), *(one for path in secret for one in _seen(path, Level.FAIL, "600"))]
    yield from seen or [ok("home", f"{home}, for its owner alone")]


def _with_journal(database: Path) -> list[Path]:
    return [database.with_name(database.name + ending) for ending in ("", "-wal", "-shm")]


def _seen(path: Path, level: Level, mode: str) -> Iterator[Finding]:
    if path.exists() and path.stat().st_mode & 0o077:
        yield Finding(level, "home", f"Others on this machine may read {path}", f"Run: chmod {mode} {path}")


def whole(database: Database) -> Iterator[Finding]:
    """Let the database look for damage in itself."""
    if not database.is_sqlite:
        yield from _server(database)
        return
    with database.engine.connect() as connection:
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    if found == "ok":
        yield ok("database", f"{database.path}, schema {SCHEMA_REVISION}, undamaged")
    else:
        yield fail("database", f"{database.path} is damaged: {found}", BACKUP)


def _server(database: Database) -> Iterator[Finding]:
    """Say which server it is, and whether it is one that we know."""
    with database.engine.connect() as connection:
        version, encoding = connection.execute(text(_SERVER)).one()
    shown = database.url.render_as_string(hide_password=True)
    told = f"PostgreSQL {version} at {shown}, schema {SCHEMA_REVISION}"
    if encoding != "UTF8":
        advice = "Make a new one (createdb --encoding=UTF8 --template=template0), and restore a backup into it"
        yield fail("database", f"{told}: it keeps {encoding}, which cannot hold every name", advice)
    elif int(version.partition(".")[0]) < OLDEST_SERVER:
        yield warn("database", told, f"It is older than what we are tested with: PostgreSQL {OLDEST_SERVER} and newer")
    else:
        yield ok("database", told)


_SERVER = "SELECT split_part(current_setting('server_version'), ' ', 1), current_setting('server_encoding')"
OLDEST_SERVER = 14


def keys(here: Context, session: Session) -> Iterator[Finding]:
    """Open something that is sealed; the key file of another installation refuses."""
    member = session.exec(select(Member).limit(1)).first()
    room = session.exec(select(OnlineRoom).limit(1)).first()
    if member is not None:
        members.alias(session, member)
    if room is not None:
        rooms.value(session, room)
    sealed = "opens the database" if member or room else "is there; nothing is encrypted with it yet"
    yield ok("keys", f"{here.settings.key_file} {sealed}", "Keep a copy of it somewhere else than the backups")


def zone_data(now: datetime) -> Iterator[Finding]:
    """Say how old the rules of the time zones are: governments change them at short notice."""
    version = zones.tzdata_version()
    months = (now.year - int(version.partition(".")[0])) * 12 + now.month
    if months > 18:
        advice = "Install a newer one: pip install --upgrade tzdata"
        yield warn("zones", f"The time zone data are of {version}", advice)
    else:
        yield ok("zones", f"tzdata {version}")
