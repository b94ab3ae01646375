"""`meetup bounce ingest`: a mail server pipes in what came back, and never gets a report on a report."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from commands.app import main
from commands.rehearsal.mailbox import Mailbox
from tests import databases
from tests.commands.shell import Done, Shell
from tests.notifications import postmen

ADA = "ada@example.org"
FORGED = f"bounce+0f1e2d3c4b5a69788796-{'a' * 26}@example.org"
BOUNCES = {"MEETUP_BOUNCE_ADDRESS": "Bounce@lists.example.org"}
FOREIGN = "Not a report about a mail of ours\n"


class Pipe(io.TextIOWrapper):
    """What a mail server writes into."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(io.BytesIO(raw), encoding="utf-8")


class Terminal(Pipe):
    """What a person types into."""

    def isatty(self) -> bool:
        return True


TEA = (
    ("group", "add", "Tea", "--label", "Wednesday", "--remind", "14d by email"),
    ("room", "add", "Video", "https://meet.jit.si/tea-4711"),
    ("meeting", "add", "Tea", "every day 23:59", "--room", "video"),
    ("member", "add", "Ada", "--email", ADA),
    ("subscribe", "Ada", "Tea"),
    ("consent", "grant", "Ada", "--channel", "email", "--on-paper", "2026-01-05"),
)


@pytest.fixture(scope="session")
def posted(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a home from which a reminder for Ada has left by a real relay, and its envelope address; made once."""
    home = tmp_path_factory.mktemp("posted") / "home"
    databases.copy_home(founded, home)
    environ = {"MEETUP_HOME": str(home), **databases.environ(home)}
    assert [main(args, environ) for args in TEA] == [0] * len(TEA)
    with Mailbox() as mailbox:
        mail = {"MEETUP_SMTP_URL": mailbox.url, "MEETUP_MAIL_FROM": "plan@example.org", **BOUNCES}
        sending = process({**environ, **mail}, b"", "remind", "send", "--yes")
        assert sending.returncode == 0, sending.stderr
        first = mailbox.inbox(ADA)[0]
    assert str(first.message["From"]).endswith("<plan@example.org>")
    return home, first.envelope_from


@pytest.fixture
def sent(posted: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Shell, str]:
    home, envelope = posted
    databases.copy_home(home, tmp_path / "home")
    shell = Shell(tmp_path / "home", capsys)
    shell.environ |= BOUNCES
    return shell, envelope


def process(environ: Mapping[str, str], raw: bytes, *args: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, with a pipe before it."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MEETUP_")}
    command = [sys.executable, "-m", "meetup", *args]
    return subprocess.run(command, input=raw, env={**bare, **environ}, capture_output=True, check=False)


def piped(shell: Shell, raw: bytes, *args: str, kind: type[Pipe] = Pipe) -> Done:
    """Run the command as a mail server does."""
    there, sys.stdin = sys.stdin, kind(raw)
    try:
        return shell("bounce", "ingest", *args)
    finally:
        sys.stdin = there


def code(envelope: str) -> str:
    return envelope.removeprefix("bounce+").partition("-")[0]


def standing(shell: Shell, envelope: str) -> tuple[str, str]:
    """Return how the delivery stands, and what the ledger's reading says of Ada's mail."""
    [ground] = shell.data("consent", "audit")["grounds"]
    return str(shell.data("why", code(envelope))["state"]), str(ground["standing"])


def test_a_report_that_a_mail_server_pipes_in_closes_the_address(sent: tuple[Shell, str]) -> None:
    shell, envelope = sent
    raw = postmen.postfix("bounce@lists.example.org") + b"x" * 3_000_000

    done = process(shell.environ, raw, "bounce", "ingest", "--recipient", envelope.upper())

    said = "undelivered; nobody is reached there; no more mail goes to that address"
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, f"Delivery {code(envelope)[:8]}…: {said}\n", b"")
    assert standing(shell, envelope) == ("UNDELIVERED", "cannot be reached")


def test_a_long_message_is_read_to_its_end_so_that_nobody_writes_into_a_broken_pipe() -> None:
    command = [sys.executable, "-m", "meetup", "bounce", "ingest"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stderr is not None
        for _ in range(300):
            server.stdin.write(b"x" * 65_535 + b"\n")
        server.stdin.close()

        assert (server.wait(), server.stderr.read().decode()) == (0, FOREIGN)


def test_the_address_is_found_in_the_headers_when_the_mail_server_does_not_say_it(sent: tuple[Shell, str]) -> None:
    shell, envelope = sent

    done = piped(shell, postmen.exchange(envelope))

    assert (done.code, done.err) == (0, "")
    assert standing(shell, envelope) == ("UNDELIVERED", "cannot be reached")
    assert "nobody is reached there" in shell.fine("why", code(envelope)).out


def test_a_complaint_stops_the_mail_for_good(sent: tuple[Shell, str]) -> None:
    shell, envelope = sent

    done = piped(shell, postmen.complaint(envelope))

    said = "delivered; reported as unwanted; no more mail goes to that address"
    assert done == Done(0, f"Delivery {code(envelope)[:8]}…: {said}\n", "")
    assert standing(shell, envelope) == ("DELIVERED", "said stop")
    assert shell("consent", "grant", "Ada", "--channel", "email").code == 4


def test_what_says_nothing_final_leaves_everything_as_it_was(sent: tuple[Shell, str]) -> None:
    shell, envelope = sent

    done = piped(shell, postmen.postfix(envelope, "4.4.1", "X-Postfix; timed out", "delayed"))

    assert done == Done(0, f"Delivery {code(envelope)[:8]}…: as it was; nothing new\n", "")
    assert standing(shell, envelope) == ("SENT", "gets messages")


@pytest.mark.parametrize(
    "raw",
    [
        lambda _: b"",
        lambda _: b"\xff\x00" * 100,
        lambda _: postmen.postfix(FORGED),
        lambda _: postmen.complaint(FORGED),
        lambda envelope: postmen.postfix(envelope.replace("-", "-a", 1)),
        lambda envelope: f"To: {envelope}\nSubject: out of office\n\nBack on Monday.\n".encode(),
        lambda envelope: b"x" * 1_000_000 + postmen.postfix(envelope),
    ],
    ids=["nothing", "bytes", "forged", "forged-complaint", "another-mac", "an-answer", "behind-the-limit"],
)
def test_a_message_that_is_foreign_says_nothing_about_anybody(
    sent: tuple[Shell, str], raw: Callable[[str], bytes]
) -> None:
    shell, envelope = sent

    assert piped(shell, raw(envelope), "--recipient", FORGED) == Done(0, "", FOREIGN)
    assert standing(shell, envelope) == ("SENT", "gets messages")


def test_a_foreign_message_needs_no_database(empty_shell: Shell) -> None:
    assert piped(empty_shell, b"From: a@example.org\n\nhello\n") == Done(0, "", FOREIGN)


def test_reports_still_count_after_the_setting_is_gone(sent: tuple[Shell, str]) -> None:
    shell, envelope = sent
    del shell.environ["MEETUP_BOUNCE_ADDRESS"]

    piped(shell, postmen.postfix(envelope))

    assert standing(shell, envelope) == ("UNDELIVERED", "cannot be reached")


def test_the_mail_server_comes_again_when_nothing_is_set_up(empty_shell: Shell) -> None:
    done = piped(empty_shell, postmen.postfix(FORGED))

    assert (done.code, done.out) == (75, "")
    assert done.err.startswith("error: ")


def test_the_mail_server_comes_again_when_a_setting_is_wrong(sent: tuple[Shell, str]) -> None:
    shell, envelope = sent
    shell.environ["MEETUP_TICK_SECONDS"] = "soon"

    assert piped(shell, postmen.postfix(envelope)).code == 75


@pytest.mark.sqlite
@pytest.mark.parametrize("kept", [0, 5000], ids=["no-database", "half-a-database"])
def test_the_mail_server_comes_again_when_the_database_is_broken(sent: tuple[Shell, str], kept: int) -> None:
    shell, envelope = sent
    place = Path(shell.home) / "meetup.db"
    for aside in place.parent.glob("meetup.db-*"):
        aside.unlink()
    place.write_bytes(b"x" * 100 if not kept else place.read_bytes()[:kept])

    done = piped(shell, postmen.postfix(envelope))

    assert (done.code, done.out) == (75, "")
    assert done.err.startswith("error: ")
    assert ADA not in done.err


@pytest.mark.postgres
def test_the_mail_server_comes_again_when_the_server_is_away(sent: tuple[Shell, str]) -> None:
    shell, envelope = sent
    shell.environ["MEETUP_DATABASE_URL"] = "postgresql+psycopg://nobody@127.0.0.1:1/meetup"

    assert databases.on_postgres()
    assert piped(shell, postmen.postfix(envelope)).code == 75


def test_at_a_terminal_nobody_waits_for_a_message(shell: Shell) -> None:
    done = piped(shell, b"", kind=Terminal)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: No message is piped in\n")


def test_no_line_names_anybody(sent: tuple[Shell, str]) -> None:
    shell, envelope = sent
    for raw in (postmen.postfix(envelope, "5.7.26"), postmen.gmail(envelope), postmen.complaint(envelope)):
        done = piped(shell, raw)
        told = (done.out + done.err).lower()
        assert [word for word in ("ada", "example.org", "thursday") if word in told] == []
