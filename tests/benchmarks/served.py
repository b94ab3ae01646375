"""Two web servers in one process: the real application, and one that knows nothing but the answer."""

import sys
import threading
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from commands.web.app import House, build
from commands.web.server import Server
from commands.web.sheets import Answer
from commands.web.shelf import Shelf
from meetup.clock import SystemClock
from meetup.feeds.addresses import Addresses
from meetup.storage.database import Database
from tests.benchmarks.scene import VAULT, address


def bare(answer: Answer) -> ASGIApp:
    """Return an application that always gives the same answer."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    return app


def main(folder: str, token: str) -> None:
    """Serve until somebody ends this process; the two ports are the first line of its output."""
    database, clock = Database(address(Path(folder)), VAULT), SystemClock()
    addresses = Addresses(VAULT, "https://meet.example")
    sheet = Shelf(database, clock, addresses, []).private(token)
    web = build(House(database, clock, addresses))
    with Server(web, at_once=web.state.at_once) as ours, Server(bare(sheet.packed.whole)) as limit:
        sys.stdout.write(f"{ours.port} {limit.port}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
