"""Cancelling, moving and withdrawing while texts are being sent: after the commit only what was in flight arrives."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlmodel import col, select

from meetup import dates
from meetup.people import consent
from meetup.storage.database import Session
from meetup.storage.tables import ContactPoint, Meeting
from meetup.values import Channel, Source
from notifications.deliver import GROUPS, Post, deliver_due
from notifications.messages import Found, Message, Outcome, Sender, Trace
from tests.databases import lay
from tests.faults.points import Stages
from tests.faults.scene import DUE, Scene
from tests.faults.tally import Tally
from tests.notifications.walk import THURSDAY, wall

IN_FLIGHT = GROUPS[Channel.SMS]  # a whole group may have been marked when somebody decides; its texts still leave
PEOPLE = IN_FLIGHT + 4
Deed = Callable[[Session], object]


@dataclass(frozen=True)
class Stopwatch:
    """A channel that takes a moment, and remembers when each hand-over began."""

    inner: Sender
    began: list[float] = field(default_factory=list)

    def send(self, message: Message, deadline: float) -> Outcome:
        """Note the time, and send."""
        self.began.append(time.monotonic())
        time.sleep(0.001)
        return self.inner.send(message, deadline)

    def find(self, trace: Trace) -> Found | None:
        """Look as ever."""
        return self.inner.find(trace)


def _date(session: Session) -> tuple[Meeting, dates.Slot]:
    meeting = session.get_one(Meeting, 1)
    return meeting, dates.slot_on(session, meeting, THURSDAY)


def cancel(session: Session) -> None:
    dates.cancel(session, *_date(session), DUE)


def move(session: Session) -> None:
    dates.move(session, *_date(session), dates.Move(start=wall(26, 21)), DUE)


def withdraw(session: Session) -> None:
    """Let everybody text STOP."""
    for contact in session.exec(select(ContactPoint).where(col(ContactPoint.channel) == "sms")):
        consent.stop(session, contact, Source.TEXT, DUE)


DEEDS: dict[str, Deed] = {"cancel": cancel, "move": move, "withdraw": withdraw}


def race(scene: Scene, deed: Deed, delay: float) -> int:
    """Deliver while something is decided; return how many hand-overs began after that was committed."""
    watch = Stopwatch(scene.wire)
    decided: list[float] = []
    decider = threading.Thread(target=_decide, args=(scene, deed, delay, decided))
    decider.start()
    deliver_due(_with(scene.post, watch))
    decider.join()
    return sum(began > decided[0] for began in watch.began)


def _with(post: Post, watch: Stopwatch) -> Post:
    return replace(post, senders={Channel.SMS: watch})


def _decide(scene: Scene, deed: Deed, delay: float, decided: list[float]) -> None:
    time.sleep(delay)
    with scene.database.writing() as session:
        deed(session)
    decided.append(time.monotonic())


def play(folder: Path, times: int, dice: random.Random) -> Tally:
    """Race so many times, with each decision in turn, at any moment of the delivery."""
    stages = Stages(folder, PEOPLE)
    scene = stages.scene_planned()
    doubled = early = 0
    wrong: list[str] = []
    for number in range(times):
        name = dice.choice(list(DEEDS))
        late = race(scene, DEEDS[name], dice.uniform(0, 0.03))
        wrong += [f"{name}: {late} hand-overs began after the commit"] if late > IN_FLIGHT else []
        sent = scene.taken()
        early += PEOPLE - sent
        doubled += scene.doubled()
        if number < times - 1:
            lay(scene.database, stages.planned)
            scene.log.unlink(missing_ok=True)
    scene.close()
    wrong += [] if early else ["every decision came too late: nothing was tested"]
    what = "cancel, move and STOP racing the delivery"
    return Tally(what, times, times * PEOPLE, 0, doubled, 0, tuple(wrong))
