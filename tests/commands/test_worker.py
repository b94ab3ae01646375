"""`meetup worker` as operators meet it: several at once, killed, stopped, and cut off from their database."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from tests.commands.serving import Home, Serving, eventually, logged, provider
from tests.commands.shell import Shell
from tests.postgres import Server, Unable

SOON = timedelta(minutes=30)
LONG = 50.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.found(tmp_path / "home")


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that may be stopped: nobody else has anything on it."""
    try:
        server = Server()
        server.start()
    except Unable as reason:
        pytest.skip(f"no server of our own: {reason}")
    yield server
    server.remove()


def worker(home: Home) -> Serving:
    return Serving(home, "worker", begins="Working, ")


def accepted(log: Path) -> Counter[str]:
    return Counter(line["to"] for line in logged(log))


@pytest.mark.sqlite
def test_a_file_is_no_place_for_several_workers(shell: Shell) -> None:
    done = shell("worker")

    assert (done.code, "need PostgreSQL" in done.err) == (2, True)


@pytest.mark.postgres
def test_two_workers_tell_everybody_once_and_stop_with_nothing_in_their_hands(home: Home, tmp_path: Path) -> None:
    phones = home.join(60)
    with ExitStack() as stack:
        log = tmp_path / "texts.jsonl"
        home.texts_by(stack.enter_context(provider(log)))
        workers = [stack.enter_context(worker(home)) for _ in range(2)]
        home.meet(SOON, "2h by sms")

        assert eventually(lambda: len(logged(log)) >= len(phones), LONG)
        for one in workers:
            one.ask()
        ended = [one.ended()[0] for one in workers]

    assert ended == [0, 0]
    assert accepted(log) == Counter(phones)
    assert set(home.states()) <= {"SENT", "DELIVERED", "SUPPRESSED"}


@pytest.mark.postgres
def test_the_other_worker_goes_on_when_one_is_killed(home: Home, tmp_path: Path) -> None:
    phones = home.join(80)
    with ExitStack() as stack:
        log = tmp_path / "texts.jsonl"
        home.texts_by(stack.enter_context(provider(log)))
        first, second = (stack.enter_context(worker(home)) for _ in range(2))
        home.meet(SOON, "2h by sms")
        assert eventually(lambda: len(logged(log)) > 5, LONG)

        first.process.kill()
        # Its lease runs out after two minutes; here nobody waits for that.
        first.process.wait()
        home.sql("UPDATE deliveries SET lease_until = created_at WHERE lease_until IS NOT NULL RETURNING id")
        assert eventually(lambda: not home.states()["PLANNED"] and not home.states()["CLAIMED"], LONG)
        second.ask()
        second.ended()

    told = accepted(log)
    assert set(told.values()) == {1}
    unsure = home.states()["UNCERTAIN"] + home.states()["HELD"] + home.states()["SUBMITTING"]
    assert len(told) + unsure >= len(phones)


@pytest.mark.postgres
def test_a_worker_waits_for_a_database_that_restarts(own_server: Server, tmp_path: Path) -> None:
    home = Home.found(tmp_path / "home", {"MEETUP_DATABASE_URL": own_server.url()})
    phones = home.join(5)
    with ExitStack() as stack:
        log = tmp_path / "texts.jsonl"
        home.texts_by(stack.enter_context(provider(log)))
        running = stack.enter_context(worker(home))

        own_server.stop()
        own_server.start()
        home.meet(SOON, "2h by sms")

        assert eventually(lambda: len(logged(log)) >= len(phones), LONG)
        running.ask()
        code, _ = running.ended()

    assert (code, accepted(log)) == (0, Counter(phones))
