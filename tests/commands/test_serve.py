"""`meetup serve` as operators meet it: real processes, real signals, a real database, and a provider that hangs."""

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import Response

from commands import house, logs
from commands.app import main
from commands.context import Context
from commands.engines.local import Alarm, Every
from commands.rehearsal.mailbox import Mailbox
from commands.rehearsal.twilio import Fault, RehearsalTwilio
from commands.service import Service, Tick, beat, late
from commands.stopping import Stop
from meetup.clock import HandClock
from meetup.feeds.addresses import Addresses
from meetup.storage.database import Database
from meetup.storage.tables import Heartbeat
from notifications.deliver import Post
from tests.commands.serving import Home, Serving, eventually, health, healthy, lasting_port, logged, provider

pytestmark = pytest.mark.slow
HALF_AN_HOUR = timedelta(minutes=30)
TICK = timedelta(seconds=5)


class SlowTwilio(RehearsalTwilio):
    """A provider that lets every text wait until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    async def _create(self, request: Request) -> Response:
        await asyncio.to_thread(self.go_on.wait)
        return await super()._create(request)


@pytest.fixture(scope="module")
def founded_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home.found(tmp_path_factory.mktemp("serve") / "home")


@pytest.fixture
def home(founded_home: Home, tmp_path: Path) -> Home:
    return founded_home.copy(tmp_path / "home")


@pytest.fixture(scope="module")
def town(founded_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Serving, Path, Mailbox]]:
    """A service that runs, with everything configured; its provider is a process, too."""
    place = tmp_path_factory.mktemp("town")
    home, log, port = founded_home.copy(place / "home"), place / "texts.jsonl", lasting_port()
    with provider(log) as base_url, Mailbox() as mailbox:
        home.texts_by(base_url)
        home.environ |= {
            "MEETUP_BIND": f"127.0.0.1:{port}",
            "MEETUP_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "MEETUP_SMTP_URL": mailbox.url,
            "MEETUP_MAIL_FROM": "plan@northside.example",
        }
        with Serving(home) as serving:
            yield home, serving, log, mailbox


Town = tuple[Home, Serving, Path, Mailbox]


def test_it_says_where_it_serves_and_answers_that_it_is_well(town: Town) -> None:
    home, serving, _, _ = town

    assert (
        serving.said == f"Serving on http://{home.settings['MEETUP_BIND']}, looking every 0.2 seconds; Ctrl-C stops\n"
    )
    assert eventually(lambda: healthy(serving.url))
    assert health(serving.url).json() == {"status": "ok", "late": {}}


def test_a_reminder_leaves_when_it_is_due_and_comes_back_as_delivered(town: Town) -> None:
    home, serving, log, mailbox = town
    assert eventually(lambda: healthy(serving.url))
    [phone] = home.join(1, mail="ada@mail.example")
    start = home.meet(timedelta(seconds=62), "1m by sms", "1m by email")

    assert eventually(lambda: home.states() == {"DELIVERED": 1, "SENT": 1}, within=15), home.states()
    [text] = logged(log)
    left, due = datetime.fromisoformat(text["accepted_at"]), start - timedelta(minutes=1)
    assert (text["to"], [mail.to for mail in mailbox.mails]) == (phone, ["ada@mail.example"])
    assert timedelta(0) <= left - due < timedelta(seconds=3)


@pytest.fixture
def _handlers() -> Iterator[None]:
    """Give the signals and the log back to the test-suite after a command took them."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    logs.begin()


@pytest.mark.sqlite
@pytest.mark.usefixtures("_handlers")
@pytest.mark.parametrize("command", [["serve"], ["remind", "send", "--yes"]], ids=["serve", "remind send"])
def test_nobody_else_may_deliver_while_it_runs(
    town: Town, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    code = main(command, Home(town[0].path).settings)

    refusal = "error: Another meetup is delivering from this database already\n\nhint: "
    assert (code, capsys.readouterr().err.startswith(refusal)) == (4, True)


@pytest.mark.usefixtures("_handlers")
def test_a_port_that_is_taken_is_a_sentence(town: Town, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.environ["MEETUP_BIND"] = town[0].settings["MEETUP_BIND"]

    code = main(["serve"], home.settings)

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        f"error: Nobody can listen on {home.environ['MEETUP_BIND']}: Address already in use",
        "",
        "hint: Another program may have that port; choose one with MEETUP_BIND",
    ]


def test_two_installations_know_nothing_of_each_other(town: Town, home: Home) -> None:
    before = town[0].states()

    with closing(Context(home.settings)) as here, house.running(here) as second:
        assert eventually(lambda: healthy(second.url))
        assert (healthy(town[1].url), home.states(), town[0].states()) == (True, {}, before)

    assert healthy(town[1].url)


def test_a_tick_that_is_late_makes_it_unwell(town: Town) -> None:
    home, serving, _, _ = town
    assert eventually(lambda: healthy(serving.url))

    home.sql("UPDATE heartbeats SET started_at = '2026-01-01', finished_at = '2026-01-02' WHERE name = 'tidy'")

    answer = health(serving.url)
    assert (answer.status_code, answer.json()["status"], list(answer.json()["late"])) == (503, "late", ["tidy"])


def test_asked_to_stop_it_finishes_what_is_in_flight_and_gives_back_the_rest(home: Home) -> None:
    home.join(10)
    home.meet(HALF_AN_HOUR, "1h by sms")
    with SlowTwilio() as twilio:
        home.texts_by(twilio.base_url)
        with Serving(home) as serving:
            assert eventually(lambda: home.states()["SUBMITTING"] == 8)
            serving.ask()
            assert serving.says("Stopping: what is in flight is finished first; a second Ctrl-C stops at once")
            threading.Timer(0.5, twilio.go_on.set).start()
            code, said = serving.ended()

    assert (code, home.states()) == (0, {"SENT": 8, "PLANNED": 2})
    assert len({text.to for text in twilio.messages}) == len(twilio.messages) == 8
    assert said.splitlines()[-1] == "Stopped; nothing is half done"
    assert [line for line in said.splitlines() if "level=ERROR" in line or "Traceback" in line] == []
    assert sum("delivery_settled" in line and line.endswith("state=SENT") for line in said.splitlines()) == 8


@pytest.mark.sqlite  # on PostgreSQL the lease runs out first: tests/faults
def test_killed_in_the_middle_it_asks_the_provider_and_sends_nothing_twice(home: Home) -> None:
    home.join(10)
    home.meet(HALF_AN_HOUR, "1h by sms")
    home.environ["MEETUP_UNCERTAIN_GRACE_SECONDS"] = "0.3"
    with RehearsalTwilio() as twilio:
        home.texts_by(twilio.base_url)
        twilio.script(*[Fault.HANG] * 4, *[Fault.ACCEPT_THEN_HANG] * 4)
        with Serving(home) as serving:
            assert eventually(lambda: len(twilio.messages) == 4)
            serving.process.kill()
            serving.ended()
        left_behind = home.states()
        with Serving(home):
            settled = eventually(lambda: home.states() == {"SENT": 6, "HELD": 4})

    assert left_behind == {"SUBMITTING": 8, "CLAIMED": 2}
    assert settled, home.states()
    assert Counter(Counter(text.to for text in twilio.messages).values()) == {1: 6}


@pytest.mark.sqlite  # the same
def test_stopped_at_once_it_learns_from_the_receipt_what_happened(home: Home) -> None:
    home.join(1)
    home.meet(HALF_AN_HOUR, "1h by sms")
    home.environ["MEETUP_BIND"] = f"127.0.0.1:{lasting_port()}"
    home.environ["MEETUP_PUBLIC_URL"] = f"http://{home.environ['MEETUP_BIND']}"
    with RehearsalTwilio() as twilio:
        home.texts_by(twilio.base_url)
        twilio.script(Fault.ACCEPT_THEN_HANG)
        with Serving(home) as serving:
            assert eventually(lambda: len(twilio.messages) == 1)
            serving.ask()
            assert eventually(lambda: serving.process.poll() is not None, within=0.5) is False
            serving.ask()
            code, said = serving.ended()
        with Serving(home) as serving:
            assert eventually(lambda: home.states() == {"UNCERTAIN": 1})
            receipts = twilio.flush_callbacks()

    assert (code, said.splitlines()[-1]) == (
        143,
        "Stopped at once; what was being handed over is looked into at the next start",
    )
    assert (receipts, home.states(), len(twilio.messages)) == ([200, 200], {"DELIVERED": 1}, 1)


def test_without_a_worker_it_shows_pages_and_sends_nothing(home: Home) -> None:
    home.join(1)
    home.meet(HALF_AN_HOUR, "1h by sms")

    with closing(Context(home.settings)) as here, house.running(here, worker=False) as running:
        assert healthy(running.url)

    assert home.states() == {}
    assert home.sql("SELECT * FROM heartbeats") == []


@pytest.fixture
def service(database: Database, clock: HandClock) -> Service:
    return Service(Post(database, {}, clock, Addresses(database.vault)), 5.0)


def all_ticks(service: Service) -> None:
    for name in ("plan", "deliver", "tidy"):
        beat(service, Tick(name, TICK, lambda: None))


def test_a_tick_that_never_came_is_infinitely_late(service: Service) -> None:
    assert late(service) == dict.fromkeys(("plan", "deliver", "tidy"), float("inf"))


def test_ticks_are_late_after_three_of_their_lengths_and_half_a_minute(service: Service, clock: HandClock) -> None:
    all_ticks(service)

    clock.pass_(seconds=45)
    assert late(service) == {}
    clock.pass_(seconds=20)
    assert late(service) == {"deliver": 20.0}
    clock.pass_(hours=19)
    assert list(late(service)) == ["plan", "deliver", "tidy"]


def test_a_tick_that_is_at_work_has_a_quarter_of_an_hour(service: Service, clock: HandClock) -> None:
    all_ticks(service)
    clock.pass_(seconds=5)
    seen: list[list[str]] = []

    def send_to_thousands() -> None:
        clock.pass_(minutes=14)
        seen.append([name for name in late(service) if name == "deliver"])
        clock.pass_(minutes=2)
        seen.append([name for name in late(service) if name == "deliver"])

    beat(service, Tick("deliver", TICK, send_to_thousands))

    assert seen == [[], ["deliver"]]
    assert "deliver" not in late(service)


def test_a_tick_that_goes_wrong_again_and_again_is_late(service: Service, clock: HandClock) -> None:
    all_ticks(service)
    seen: list[bool] = []

    def break_down() -> None:
        seen.append("deliver" in late(service))
        raise RuntimeError

    for _ in range(20):
        beat(service, Tick("deliver", TICK, break_down))
        clock.pass_(seconds=5)

    assert seen == [False] * 10 + [True] * 10
    assert "deliver" in late(service)


def test_a_clock_that_jumps_a_year_ahead_owes_one_tick(clock: HandClock) -> None:
    now = clock.now()

    assert Every(TICK).get_next_fire_time(now - timedelta(days=365), now) == now + TICK


def test_the_alarms_are_set_anew_when_the_clock_goes_back(database: Database, clock: HandClock) -> None:
    service = Service(Post(database, {}, clock, Addresses(database.vault)), 300.0)
    alarm, stop = Alarm(service, machine=clock), Stop()
    alarm.start()
    watch = threading.Thread(target=alarm.watch, args=(stop, 0.01))
    try:
        assert eventually(lambda: rested(database))
        watch.start()
        an_hour_ago = clock.now() - timedelta(hours=1)
        eventually(lambda: False, within=0.1)  # it has looked at the clock by now
        clock.turn_to(an_hour_ago)

        assert eventually(lambda: begun(database) == {an_hour_ago}, within=5)
    finally:
        stop.ask()
        watch.join()
        alarm.stop()


def rested(database: Database) -> bool:
    """Tell whether every tick has come once, and ended."""
    with database.reading() as session:
        beats = session.exec(select(Heartbeat)).all()
    return len(beats) == 3 and all(beat.finished_at for beat in beats)


def begun(database: Database) -> set[datetime]:
    with database.reading() as session:
        return {row.started_at for row in session.exec(select(Heartbeat)).all()}


def test_a_wish_to_stop_is_heard_by_everybody_who_waits(clock: HandClock) -> None:
    stop = Stop()
    before = stop.wait(0.01)

    stop.ask()
    stop.ask()

    assert (before, stop.wait(), stop.wait(0)) == (False, True, True)
