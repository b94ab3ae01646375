"""`meetup serve` and `meetup doctor` when the PostgreSQL server goes away, and when it comes back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from commands.app import main
from commands.rehearsal.twilio import RehearsalTwilio
from tests.commands.serving import SLUG, Home, Serving, eventually, health, healthy
from tests.postgres import Server, Unable

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
SECRET = "open-sesame"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that may be stopped: nobody else has anything on it."""
    try:
        made = Server()
        made.start()
    except Unable as reason:
        pytest.skip(f"no server of our own: {reason}")
    yield made
    made.remove()


@pytest.fixture
def home(server: Server, tmp_path: Path) -> Home:
    return Home.found(tmp_path / "home", {"MEETUP_DATABASE_URL": server.url()})


def test_it_outlives_a_restart_of_the_database_and_goes_on_by_itself(server: Server, home: Home) -> None:
    home.join(1)
    with RehearsalTwilio() as twilio:
        home.texts_by(twilio.base_url)
        with Serving(home) as serving:
            assert eventually(lambda: healthy(serving.url))
            server.stop()
            unwell, page = health(serving.url), httpx2.get(f"{serving.url}/g/{SLUG}", trust_env=False)
            server.start()
            well_again = eventually(lambda: healthy(serving.url))
            home.meet(timedelta(minutes=30), "1h by sms")
            sent = eventually(lambda: len(twilio.messages) == 1)
            serving.ask()
            code, said = serving.ended()

    assert (unwell.status_code, unwell.json()["status"], page.status_code) == (503, "database unavailable", 503)
    assert (well_again, sent, code) == (True, True, 0)
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("stopped", ("No database server answers there", "Is PostgreSQL running")),
        ("another database", ("The server has no database “elsewhere”", "createdb --encoding=UTF8 elsewhere")),
        ("another user", ("The server knows no user “stranger”", "createuser --pwprompt stranger")),
    ],
)
def test_the_doctor_says_what_is_wrong_with_the_server(
    server: Server, home: Home, capsys: pytest.CaptureFixture[str], trouble: str, told: tuple[str, str]
) -> None:
    if trouble == "stopped":
        server.stop()
    elif trouble == "another database":
        home.environ["MEETUP_DATABASE_URL"] = server.url("elsewhere")
    else:
        home.environ["MEETUP_DATABASE_URL"] = server.url(user=f"stranger:{SECRET}")

    code = main(["doctor"], home.settings)

    shown = capsys.readouterr()
    assert code == 1
    assert f"fail  database    {told[0]}\n" in shown.out
    assert told[1] in shown.out
    assert SECRET not in shown.out + shown.err
