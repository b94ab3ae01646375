"""A disk that is full, and a database that somebody else keeps locked."""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from meetup.storage.database import Database
from meetup.storage.tables import AttemptRow, DeliveryRow
from notifications.deliver import deliver_due
from tests.databases import VAULT
from tests.faults import kills
from tests.faults.kills import town
from tests.faults.points import Stages
from tests.faults.scene import Scene
from tests.faults.tally import Tally
from tests.faults.wire import read

CROWD = 200


def full(folder: Path, times: int, dice: random.Random) -> Tally:
    """Let the disk fill up while texts are sent, and find room again after some ticks."""
    stages = Stages(folder, CROWD)
    lost = doubled = shown = refused = 0
    wrong: list[str] = []
    for _ in range(times):
        scene = stages.scene_planned()
        refused += _squeezed(scene, dice.randint(0, 12))
        unmarked = {line["code"] for line in read(scene.log)} - _marked(scene)
        wrong += [f"on the wire without a mark: {len(unmarked)}"] if unmarked else []
        ended = scene.end()
        wrong += [] if set(ended) <= {"SENT", "HELD"} else [str(ended)]
        lost, doubled, shown = lost + scene.lost(CROWD), doubled + scene.doubled(), shown + ended.get("HELD", 0)
        scene.close()
    wrong += [] if refused else ["the disk was never full"]
    what = "a full disk: nothing leaves without its mark, and it goes on unaided"
    return Tally(what, refused, times * CROWD, lost, doubled, shown, tuple(wrong))


def _squeezed(scene: Scene, pages: int) -> int:
    """Deliver as long as there is room for so many pages more; return how often there was none."""
    with _limited(scene, pages) as database:
        cramped = replace(scene.post, database=database)
        refused = 0
        for _ in range(4):
            try:
                deliver_due(cramped)
            except OperationalError as error:
                assert "full" in str(error.orig)  # noqa: PT017 -- anything else would be another fault than ours
                refused += 1
            scene.clock.pass_(seconds=10)
    return refused


@contextmanager
def _limited(scene: Scene, pages: int) -> Iterator[Database]:
    database = Database(scene.url, VAULT)
    with closing(sqlite3.connect(scene.path)) as live:
        most = live.execute("PRAGMA page_count").fetchone()[0] + pages
    event.listen(database.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {most}"))
    yield database
    database.close()


def _marked(scene: Scene) -> set[str]:
    with scene.database.reading() as session:
        query = select(col(DeliveryRow.code)).join(AttemptRow, col(AttemptRow.delivery_id) == col(DeliveryRow.id))
        return set(session.execute(query).scalars())


def locked(folder: Path, seconds: float, people: int, dice: random.Random) -> Tally:
    """Keep the database of a running service locked for a while."""
    with town(folder, people, receipts=True) as made:
        made.start()
        kills.until(lambda: made.bytes_taken() > dice.randint(1, 50 * 200), 30, every=0.001)
        with closing(sqlite3.connect(made.home.path / "meetup.db", timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            before, begun = _taken(made), time.monotonic()
            time.sleep(seconds)
            held = time.monotonic() - begun
            during = _taken(made) - before
            other.execute("ROLLBACK")
        ended = kills.until(lambda: made.done, kills.PATIENCE)
        wrong = [f"{during} left while it was locked"] if during > made.in_flight else []
        wrong += [] if ended and made.running[0].is_alive() else [f"it did not go on: {dict(made.states())}"]
        return Tally(
            f"the database locked for {held:.0f} s",
            1,
            made.due,
            len(kills.missing(made)),
            kills.doubled(made),
            made.states()["HELD"],
            tuple(wrong),
        )


def _taken(made: kills.Town) -> int:
    texts, mails = made.around.accepted()
    return len(texts) + len(mails)
