"""Consent that is withdrawn while texts are claimed: between the claim, the marks and the wire, to the instant."""

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlmodel import col, select

from meetup.people import consent, contacts
from meetup.storage.tables import ContactPoint, DeliveryRow
from meetup.values import Source
from notifications.deliver import deliver_due
from tests import databases
from tests.databases import VAULT
from tests.faults.points import PEOPLE, TURNS, Stages
from tests.faults.scene import DUE, Scene
from tests.faults.tally import Tally
from tests.faults.trap import Trap, Watched
from tests.faults.wire import per_person

INSTANTS = (("claim committed", 1), ("mark committed", 1), *(("turn committed", nth) for nth in range(1, TURNS)))
GROUP_ID = 1


@dataclass
class Leaving:
    """Some people who withdraw, each in their way, at one instant of a delivery."""

    scene: Scene
    dice: random.Random
    claimed: set[str] = field(default_factory=set)  # the numbers of those whose text was claimed and no more
    others: int = 0  # whose text was marked, or had left

    def leave(self) -> None:
        """Withdraw, as another process writes it down."""
        with self.scene.database.writing() as session:
            query = (
                select(ContactPoint, col(DeliveryRow.state))
                .join(DeliveryRow, col(DeliveryRow.contact_id) == col(ContactPoint.id))
                .where(col(ContactPoint.channel) == "sms")
            )
            for contact, state in self.dice.sample(session.exec(query).all(), PEOPLE // 2):
                if self.dice.random() < 0.5:
                    consent.stop(session, contact, Source.TEXT, DUE)
                else:
                    consent.revoke(session, contact, GROUP_ID, Source.ORGANIZER, DUE)
                self.claimed |= {contacts.address(session, contact)} if state == "CLAIMED" else set()
                self.others += state != "CLAIMED"


def deliver(scene: Scene, leaving: Leaving, point: str, nth: int) -> None:
    """Deliver, and let them leave when a point is passed for the n-th time."""
    database = Watched(scene.url, VAULT, Trap(point, nth, leaving.leave))
    deliver_due(replace(scene.post, database=database))
    database.close()


@dataclass(frozen=True)
class Seen:
    """What came of one delivery."""

    claimed: int
    lost: int
    doubled: int
    wrong: tuple[str, ...]


@databases.leaving_nothing()  # a server lends no more databases than it has connections
def left(stages: Stages, point: str, nth: int, dice: random.Random) -> Seen:
    """Let half of the people withdraw at one instant; whoever was only claimed gets nothing, everybody else a text."""
    scene = stages.scene_planned()
    leaving = Leaving(scene, dice)
    deliver(scene, leaving, point, nth)
    ended, told = scene.end(), set(per_person(scene.log))
    wrong = [f"{point}, {nth}: a text to somebody who had left"] if told & leaving.claimed else []
    staying = PEOPLE - len(leaving.claimed)
    all_left = len(leaving.claimed) + leaving.others == PEOPLE // 2
    wrong += [] if all_left and ended.get("SENT") == staying else [f"{point}, {nth}: {ended}"]
    doubled = scene.doubled()
    scene.close()
    return Seen(len(leaving.claimed), staying - len(told - leaving.claimed), doubled, tuple(wrong))


def play(folder: Path, times: int, dice: random.Random) -> Tally:
    """Let people withdraw, so many times, each time at another instant."""
    stages = Stages(folder)
    seen = [left(stages, *dice.choice(INSTANTS), dice) for _ in range(times)]
    claimed = sum(one.claimed for one in seen)
    wrong = [words for one in seen for words in one.wrong]
    wrong += [] if claimed else ["nobody left while a text to them was claimed"]
    what = f"consent withdrawn while claimed, {claimed:,} times"
    lost, doubled = sum(one.lost for one in seen), sum(one.doubled for one in seen)
    return Tally(what, times, times * PEOPLE, lost, doubled, 0, tuple(wrong))
