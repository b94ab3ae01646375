"""Where PostgreSQL differs from SQLite and we must not: who waits for whom, what is read, what is said."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from meetup import organization
from meetup.errors import AlreadyExists
from meetup.storage.database import Database
from meetup.storage.tables import Organization
from meetup.storage.trouble import understood
from tests import databases
from tests.conftest import START
from tests.postgres import Server, Unable

pytestmark = pytest.mark.postgres
FOUNDING = organization.Founding("Riverside Peer Support", "Riverside", "Thursday group", "America/New_York")


@pytest.fixture
def founded(database: Database) -> Database:
    with database.writing() as session:
        organization.found(session, FOUNDING, START)
    return database


@pytest.fixture
def hasty(founded: Database) -> Iterator[Database]:
    """The same database, opened by somebody who waits for a tenth of a second only."""
    url = founded.url.update_query_dict({"options": "-c lock_timeout=100ms"})
    with closing(Database(url.render_as_string(hide_password=False), founded.vault)) as other:
        yield other


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


def name(database: Database) -> str:
    with database.reading() as session:
        return organization.the(session).name


def test_moments_are_kept_in_no_zone_of_the_server(founded: Database) -> None:
    with founded.reading() as session:
        zone = session.execute(text("SHOW timezone")).scalar_one()
        seconds = session.execute(text("SELECT extract(epoch FROM created_at)::bigint FROM organization")).scalar_one()
        kept = organization.the(session).created_at

    assert zone == "Asia/Kathmandu"
    assert datetime.fromtimestamp(seconds, UTC) == kept == START
    assert kept.utcoffset() == START.utcoffset()


def test_a_reader_sees_one_moment_whatever_is_committed_meanwhile(founded: Database) -> None:
    with founded.reading() as session:
        before = session.execute(text("SELECT name FROM organization")).scalar_one()
        with founded.writing() as writer:
            organization.the(writer).name = "Harbour"
        after = session.execute(text("SELECT name FROM organization")).scalar_one()

    assert before == after == FOUNDING.name
    assert name(founded) == "Harbour"


def test_a_reader_writes_nothing(founded: Database) -> None:
    with founded.reading() as session, pytest.raises(DBAPIError, match="read-only"):
        session.execute(text("UPDATE organization SET name = 'Harbour'"))


def test_facts_stand_still_while_deliveries_move_and_the_other_way_round(founded: Database, hasty: Database) -> None:
    with founded.moving() as session:
        session.connection()
        with hasty.moving() as beside:
            assert organization.the(beside).name == FOUNDING.name
        with pytest.raises(OperationalError, match="lock timeout"), hasty.writing() as late:
            organization.the(late)
    with founded.writing() as session:
        session.connection()
        with pytest.raises(OperationalError, match="lock timeout") as refused, hasty.moving() as late:
            organization.the(late)

    assert understood(str(refused.value.orig)).sentence == "Somebody else kept the database busy for too long"


def test_two_plan_one_after_the_other_and_keep_nobody_from_delivering(founded: Database, hasty: Database) -> None:
    with founded.planning() as session:
        session.connection()
        with hasty.moving() as beside:
            assert organization.the(beside).name == FOUNDING.name
        with pytest.raises(OperationalError, match="lock timeout"), hasty.planning() as late:
            organization.the(late)


def test_many_deliver_and_nobody_restores_under_their_hands(founded: Database) -> None:
    other = databases.beside(founded)
    refusal = pytest.raises(AlreadyExists, match="Somebody delivers from this database")
    with closing(other), founded.delivering(), other.delivering(), refusal, other.still():
        pass
    with closing(other), founded.still(), pytest.raises(AlreadyExists, match="being restored"), other.delivering():
        pass
    with founded.still():
        free = True
    assert free


def test_whoever_froze_in_the_middle_of_something_is_cut_off_in_the_end(founded: Database) -> None:
    with founded.reading() as session:
        limits = [session.execute(text(f"SHOW {limit}")).scalar_one() for limit in LIMITS]

    assert limits == ["30s", "5min", "5min"]


LIMITS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")


def test_after_a_restart_of_the_server_everything_goes_on(own_server: Server) -> None:
    with closing(Database(own_server.url(), databases.VAULT)) as database:
        Organization.metadata.create_all(database.engine)
        with database.writing() as session:
            organization.found(session, FOUNDING, START)
        own_server.stop()
        with pytest.raises(OperationalError) as refused:
            name(database)
        own_server.start()

        assert name(database) == FOUNDING.name
    assert understood(str(refused.value.orig)).sentence == "No database server answers there"


def test_whoever_writes_when_the_server_goes_hears_of_it_and_nothing_is_half_done(own_server: Server) -> None:
    with closing(Database(own_server.url(), databases.VAULT)) as database:
        Organization.metadata.create_all(database.engine)

        def cut_off() -> None:
            with database.writing() as session:
                organization.found(session, FOUNDING, START)
                own_server.stop()

        with pytest.raises(DBAPIError):
            cut_off()
        own_server.start()

        with database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM organization")).scalar_one() == 0


@pytest.mark.parametrize(
    ("user", "missing", "said"),
    [
        ("guarded", "postgres", "The server asks for a password"),
        ("guarded:wrong", "postgres", "The server does not accept the password of “guarded”"),
        ("meetup", "nowhere", "The server has no database “nowhere”"),
        ("nobody-here", "postgres", "The server knows no user “nobody-here”"),
    ],
)
def test_a_door_that_stays_shut_is_told_in_a_sentence(own_server: Server, user: str, missing: str, said: str) -> None:
    with closing(Database(own_server.url(), databases.VAULT)) as ours, ours.writing() as session:
        session.execute(text("CREATE ROLE guarded LOGIN PASSWORD 'right'"))
    database = Database(own_server.url(missing, user), databases.VAULT)
    with closing(database), pytest.raises(OperationalError) as refused:
        name(database)

    assert understood(str(refused.value.orig)).sentence == said


def test_three_who_count_at_once_lose_no_count(founded: Database) -> None:
    with founded.reading() as session:
        before = organization.the(session).revision

    def count() -> None:
        with closing(databases.beside(founded)) as mine:
            for _ in range(10):
                with mine.writing() as session:
                    organization.the(session).revision += 1

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with founded.reading() as session:
        assert organization.the(session).revision == before + 30
