"""Pages among very many members, compared with the same page filled in from facts that are there already."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commands.web import pages
from commands.web.app import House, build, fences
from commands.web.own import home
from commands.web.own.desk import Caller
from commands.web.server import Server
from meetup.feeds.addresses import Addresses
from meetup.feeds.diary import Diary
from meetup.feeds.known import Known
from meetup.feeds.views import Reader
from meetup.people import visits
from meetup.schedule.series import Series
from meetup.storage.database import Session
from meetup.storage.tables import Visit
from meetup.storage.vault import hash_token
from tests.benchmarks.feeds import fetch
from tests.benchmarks.race import Race, Standing, run
from tests.benchmarks.scene import Scene, scene

TOKEN = "a-browser"


def compare(folder: Path, members: int, requests: int, rounds: int) -> Iterator[Standing]:
    """Open pages of a member of a big group again and again."""
    with scene(folder, members) as stage, ExitStack() as stack:
        stage.meet("every Thursday 19:00-20:30", "Thursday circle")
        addresses = Addresses(stage.database.vault, "http://127.0.0.1")
        here, stop = _opened(stage, members), addresses.stop(2 * members, stage.group.id or 0)
        house = House(stage.database, stage.clock, addresses)
        still = Starlette(
            routes=[
                Route("/m", functools.partial(_home, stage, here, _still(stage, addresses, members))),
                Route("/u/{signed}", lambda _request: pages.page("stop", "en")),
            ],
            middleware=fences(house),
        )
        ours = stack.enter_context(Server(build(house)))
        limit = stack.enter_context(Server(still))
        among = f"among {members:,} members"
        for key, what, path in (
            ("page of a member", f"a member's page {among}", "/m"),
            ("page of a link", f"a link's page {among}", stop.removeprefix("http://127.0.0.1")),
        ):
            runs = [fetch(server.port, path, requests, "identity", f"page={TOKEN}") for server in (ours, limit)]
            for warm in runs:
                warm()
            yield run(Race(key, what, *runs), rounds)


@dataclass(frozen=True, slots=True)
class Still(Diary):
    """A diary that reads nothing: it knows whose meetings they are, and that nobody has answered."""

    known_already: Sequence[tuple[Series, Reader]] = ()

    def hers(self, session: Session, member_id: int, now: datetime) -> Sequence[tuple[Series, Reader]]:  # noqa: ARG002
        return self.known_already

    def said(self, session: Session, member_id: int, meeting_ids: Iterable[int]) -> Mapping[tuple[int, datetime], str]:  # noqa: ARG002
        return {}


def _opened(stage: Scene, member_id: int) -> visits.Here:
    """Let the last member open her page."""
    now = stage.clock.now()
    with stage.database.writing() as session:
        ends = now + visits.VISITS_LAST
        session.add(Visit(member_id=member_id, token_hash=hash_token(TOKEN), began_at=now, ends_at=ends))
        session.flush()
        found = visits.here(session, TOKEN, now)
    if found is None:
        raise LookupError("her page did not open")
    return found


def _still(stage: Scene, addresses: Addresses, member_id: int) -> Still:
    with stage.database.reading() as session:
        hers = Diary(Known(), addresses).hers(session, member_id, stage.clock.now())
    return Still(Known(), addresses, hers)


def _home(stage: Scene, here: visits.Here, diary: Diary, _request: Request) -> Response:
    return home.show(Caller(Session(stage.database.engine, stage.database.vault), here, diary), stage.clock.now())
