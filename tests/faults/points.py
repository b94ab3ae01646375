"""Die at every named point of the walk: what has to be found right after it, and what has to come of it in the end."""

import dataclasses
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from meetup.values import Channel
from notifications.deliver import WORKERS
from notifications.messages import Found, Message, Outcome, Trace
from tests import databases
from tests.databases import closed
from tests.faults.lives import KILLED, Life, lived
from tests.faults.scene import DUE, MORNING, Scene, found
from tests.faults.tally import Tally
from tests.faults.wire import FileWire, per_person

PEOPLE = 20
GROUP = WORKERS[Channel.SMS]
SIZES = [min(GROUP, PEOPLE - start) for start in range(0, PEOPLE, GROUP)]
TURNS = len(SIZES)
States = dict[str, int]


@dataclass(frozen=True)
class Expected:
    """What a crash leaves behind: states, and how many texts are on the wire, at least and at most."""

    states: States
    least: int = 0
    most: int = 0


@dataclass(frozen=True)
class Point:
    """A place to die at: in which tick, after which crash before it, how often it is passed, what it leaves behind."""

    name: str
    does: str
    passes: int
    leaves: Callable[[int], Expected]
    before: tuple[tuple[str, str, int], ...] = ()
    at: datetime = DUE


def _without_none(**states: int) -> States:
    return {state: number for state, number in states.items() if number}


def _groups(marked: int, settled: int) -> States:
    """Return the states when so many groups are marked and so many settled."""
    sent, out = sum(SIZES[:settled]), sum(SIZES[settled:marked])
    return _without_none(SENT=sent, SUBMITTING=out, CLAIMED=PEOPLE - sent - out)


def _on_the_wire(nth: int) -> tuple[int, int]:
    """Return which group the n-th message belongs to, and how many left with the groups before it."""
    group = (nth - 1) // GROUP
    return group, sum(SIZES[:group])


def _before_wire(nth: int) -> Expected:
    group, left = _on_the_wire(nth)
    return Expected(_groups(group + 1, group), left, nth - 1)


def _after_wire(nth: int) -> Expected:
    group, left = _on_the_wire(nth)
    return Expected(_groups(group + 1, group), nth, left + SIZES[group])


def _turn(marked_first: int) -> Callable[[int], Expected]:
    def leaves(nth: int) -> Expected:
        left = sum(SIZES[:nth])
        return Expected(_groups(nth + marked_first, nth - 1 + marked_first), left, left)

    return leaves


def _always(states: States, wire: int = 0) -> Callable[[int], Expected]:
    return lambda _: Expected(states, wire, wire)


def _asking(settled_too: int) -> Callable[[int], Expected]:
    """All of the first group were taken; the doubts before the n-th were found and settled."""

    def leaves(nth: int) -> Expected:
        sure = nth - 1 + settled_too
        return Expected(_without_none(SENT=sure, UNCERTAIN=GROUP - sure, PLANNED=PEOPLE - GROUP), GROUP, GROUP)

    return leaves


DYING_OUT = (("deliver", "turn written", 1),)
DOUBTFUL = (*DYING_OUT, ("recover", "", 1))
DONE = (("deliver", "", 1),)
LONG_AFTER = DUE + timedelta(days=100)

POINTS = (
    Point("plan written", "plan", 1, _always({}), at=MORNING),
    Point("plan committed", "plan", 1, _always({"PLANNED": PEOPLE}), at=MORNING),
    Point("claim written", "deliver", 1, _always({"PLANNED": PEOPLE})),
    Point("claim committed", "deliver", 1, _always({"CLAIMED": PEOPLE})),
    Point("mark written", "deliver", 1, _always({"CLAIMED": PEOPLE})),
    Point("mark committed", "deliver", 1, _always(_groups(1, 0))),
    Point("before the wire", "deliver", PEOPLE, _before_wire),
    Point("after the wire", "deliver", PEOPLE, _after_wire),
    Point("turn written", "deliver", TURNS - 1, _turn(0)),
    Point("turn committed", "deliver", TURNS - 1, _turn(1)),
    Point("settle written", "deliver", 1, _always(_groups(TURNS, TURNS - 1), PEOPLE)),
    Point("settle committed", "deliver", 1, _always({"SENT": PEOPLE}, PEOPLE)),
    Point("recover written", "recover", 1, _always(_groups(1, 0), GROUP), before=DYING_OUT),
    Point(
        "recover committed",
        "recover",
        1,
        _always({"UNCERTAIN": GROUP, "PLANNED": PEOPLE - GROUP}, GROUP),
        before=DYING_OUT,
    ),
    Point("before asking", "ask", GROUP, _asking(0), before=DOUBTFUL),
    Point("after asking", "ask", GROUP, _asking(0), before=DOUBTFUL),
    Point("settle written", "ask", GROUP, _asking(0), before=DOUBTFUL),
    Point("settle committed", "ask", GROUP, _asking(1), before=DOUBTFUL),
    Point("tidy written", "tidy", 1, _always({"SENT": PEOPLE}, PEOPLE), before=DONE, at=LONG_AFTER),
    Point("tidy committed", "tidy", 1, _always({}, PEOPLE), before=DONE, at=LONG_AFTER),
)


@dataclass(frozen=True)
class Fall:
    """One death: what was found after it, and what came of it."""

    point: Point
    nth: int
    killed: bool
    found: States
    wire: int
    ended: States
    reached: int  # by the log of the wire
    lost: int
    doubled: int

    def __str__(self) -> str:
        where = f"{self.point.does}, {self.point.name}, {self.nth}"
        return f"{where}: {self.found} with {self.wire} on the wire; in the end {self.ended}"

    @property
    def as_predicted(self) -> bool:
        expected = self.point.leaves(self.nth)
        return self.killed and self.found == expected.states and expected.least <= self.wire <= expected.most

    @property
    def ends_well(self) -> bool:
        """Tell whether everything has an end, and whoever is shown as sent was sent their text."""
        told = {"SENT": self.reached, "HELD": PEOPLE - self.reached}
        true = self.point.does == "tidy" or self.ended == _without_none(**told)
        return true and not self.lost and not self.doubled


class Stages:
    """The databases that the deaths begin with: before planning, and planned."""

    def __init__(self, folder: Path, people: int = PEOPLE) -> None:
        self.folder = folder
        self.bare = found(folder / "bare.db", people)
        self.planned = folder / "planned.db"
        scene = Scene.copy(self.bare, folder / "plan", MORNING)
        lived(Life(scene.url, scene.log, MORNING, "plan"))
        closed(scene.database)
        databases.copy(scene.path, self.planned)
        self._numbers = itertools.count()

    def scene_planned(self) -> Scene:
        """Return a scene in which everything is planned and due."""
        return Scene.copy(self.planned, self.folder / f"scene{next(self._numbers)}")

    def scene(self, point: Point) -> Scene:
        original = self.bare if point.does == "plan" else self.planned
        return Scene.copy(original, self.folder / f"fall{next(self._numbers)}", point.at)


@databases.leaving_nothing()  # a server lends no more databases than it has connections
def fall(stages: Stages, point: Point, nth: int, sabotage: str = "") -> Fall:
    """Die at the n-th passing of a point; look at what is left; begin again, and go on to the end."""
    scene = stages.scene(point)
    for does, at, often in point.before:
        lived(Life(scene.url, scene.log, DUE, does, at, often))
    code = lived(Life(scene.url, scene.log, point.at, point.does, point.name, nth, sabotage))
    states, wire = scene.states(), scene.taken()
    if point.does == "plan":
        lived(Life(scene.url, scene.log, MORNING, "plan"))
        scene.clock.turn_to(DUE)
    ended = scene.finish()
    lost, doubled = 0 if point.does == "tidy" else scene.lost(PEOPLE), scene.doubled()
    scene.close()
    return Fall(point, nth, code == KILLED, states, wire, ended, len(per_person(scene.log)), lost, doubled)


def play(folder: Path, times: int, dice: random.Random) -> Tally:
    """Die at every point so many times, at any of its passings."""
    stages = Stages(folder)
    seen = [fall(stages, point, dice.randint(1, point.passes)) for point in POINTS for _ in range(times)]
    return _tally("kill -9 at each of the 20 named points of the walk", seen)


def play_control(folder: Path, times: int, dice: random.Random) -> Tally:
    """Die after the wire when no mark was made before it: what left is sent again."""
    stages = Stages(folder)
    after = next(point for point in POINTS if point.name == "after the wire")
    seen = [fall(stages, after, dice.randint(1, after.passes), "unmarked") for _ in range(times)]
    return dataclasses.replace(_tally("after the wire, without the mark before it (a control)", seen), control=True)


def play_look_up(folder: Path, times: int, dice: random.Random, *, blind: bool = False) -> Tally:
    """Die after the wire where texts in doubt are sent again: the look-up finds what left, unless it is taken away."""
    stages = Stages(folder)
    doubled = shown = lost = 0
    for _ in range(times):
        scene = stages.scene_planned()
        lived(Life(scene.url, scene.log, DUE, "deliver", "after the wire", dice.randint(1, PEOPLE)))
        senders = {Channel.SMS: Blind(scene.wire) if blind else scene.wire}
        ended = scene.finish(dataclasses.replace(scene.post, resend_texts=True, senders=senders))
        doubled, lost = doubled + scene.doubled(), lost + scene.lost(PEOPLE)
        shown += ended.get("HELD", 0)
        scene.close()
    what = "after the wire, where doubts are sent again"
    name = f"{what}, without the look-up (a control)" if blind else what
    return Tally(name, times, times * PEOPLE, lost, doubled, shown, control=blind)


@dataclass(frozen=True)
class Blind:
    """A channel that cannot look anything up."""

    inner: FileWire

    def send(self, message: Message, deadline: float) -> Outcome:
        """Send as ever."""
        return self.inner.send(message, deadline)

    def find(self, _trace: Trace) -> Found | None:
        """Find nothing."""
        return None


def _tally(what: str, seen: Sequence[Fall]) -> Tally:
    return Tally(
        what=what,
        faults=len(seen),
        due=len(seen) * PEOPLE,
        lost=sum(one.lost for one in seen),
        doubled=sum(one.doubled for one in seen),
        shown=sum(one.ended.get("HELD", 0) for one in seen),
        wrong=tuple(str(one) for one in seen if not (one.as_predicted and one.ends_well)),
    )
