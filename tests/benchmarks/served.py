"""Two web servers in one process: the real application, and one that knows nothing but the answer."""

import hashlib
import sys
import threading
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from commands.web.app import House, build
from commands.web.server import Server
from commands.web.sheets import Answer, Sheet
from commands.web.shelf import Shelf
from meetup.clock import SystemClock
from meetup.feeds.addresses import Addresses
from meetup.storage.database import Database
from tests.benchmarks.scene import VAULT, address


def bare(answer: Answer, *, hashed: bool = False) -> ASGIApp:
    """Return an application that always gives the same answer, and may look each time whether it is still the same."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if hashed:
            hashlib.sha256(answer.body).hexdigest()
        await send({"type": "http.response.start", "status": 200, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    return app


def limit_of(sheet: Sheet, way: str) -> ASGIApp:
    """Return the least that could do: send what is packed, or hash and send what is not."""
    return bare(sheet.plain.whole, hashed=True) if way == "hashed" else bare(sheet.packed.whole)


def main(folder: str, path: str, way: str) -> None:
    """Serve until somebody ends this process; the two ports are the first line of its output."""
    database, clock = Database(address(Path(folder)), VAULT), SystemClock()
    addresses = Addresses(VAULT, "https://meet.example")
    shelf, name = Shelf(database, clock, addresses, []), path[3:].removesuffix(".ics")
    sheet = shelf.private(name) if path.startswith("/f/") else shelf.public(name)
    web = build(House(database, clock, addresses))
    with Server(web, at_once=web.state.at_once) as ours, Server(limit_of(sheet, way)) as limit:
        sys.stdout.write(f"{ours.port} {limit.port}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
