"""A provider that takes a message and says so too late, wrongly or not at all; and one that nobody can reach."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from commands import house
from commands.context import Context
from commands.rehearsal.carrier import NUMBER
from commands.rehearsal.twilio import ACCOUNT_SID, AUTH_TOKEN, Fault
from commands.service import Service
from meetup.clock import HandClock, SystemClock
from meetup.values import Channel
from notifications.channels.sms import Account, SmsSender
from notifications.deliver import Post, deliver_due
from notifications.reconcile import LOOKS, MOST, reconcile
from tests.faults import kills
from tests.faults.kills import Town, town
from tests.faults.tally import Tally

TAKEN = (Fault.ACCEPT_THEN_HANG, Fault.ACCEPT_THEN_500, Fault.ACCEPT_THEN_CUT)
NOT_TAKEN = (Fault.HANG, Fault.CUT, Fault.ERROR_500, Fault.HTML_503)
ROUNDS = 5
HASTY = 0.4  # seconds until the client gives up
AT_ONCE = timedelta(0)


@dataclass(frozen=True)
class Weather:
    """What goes wrong with everything, and the states in which texts and mails may end."""

    name: str
    told: dict[str, object]
    ends: tuple[str, ...]


def _all(fault: Fault, people: int) -> dict[str, object]:
    return {"POST": [fault.value] * people}


def weathers(people: int) -> Iterator[Weather]:
    """Yield every weather for so many people."""
    for fault in TAKEN:
        yield Weather(f"the provider: {_said(fault)}", _all(fault, people), ("SENT",))
    for fault in NOT_TAKEN:
        yield Weather(f"the provider: {_said(fault)}, takes nothing", _all(fault, people), ("HELD",))
    cut: dict[str, object] = {"smtp": [["content", "", people]]}
    yield Weather("the mail relay cuts the line after the final dot", cut, ("SENT",))


def _said(fault: Fault) -> str:
    return fault.value.replace("_", " ")


@contextmanager
def post(made: Town) -> Iterator[Post]:
    """Put a post together as the service does, but with little patience."""
    account = Account(ACCOUNT_SID, AUTH_TOKEN, NUMBER, base_url=made.around.base_url, timeout=HASTY)
    with closing(Context(made.home.settings)) as here:
        senders = here.senders()
        senders[Channel.SMS] = SmsSender(account, here.clock, here.database.vault.fingerprint)
        ours = Post(here.database, senders, here.clock, here.addresses)
        yield ours
        house.hang_up(Service(ours))


def play(folder: Path, people: int, _dice: random.Random) -> Iterator[Tally]:
    """Let every weather come over some people."""
    for number, weather in enumerate(weathers(people)):
        with town(folder / str(number), people, receipts=False) as made, post(made) as ours:
            yield endured(made, ours, weather)
    with town(folder / "silent", people, receipts=False) as made, post(made) as ours:
        yield unreachable(made, ours)


def endured(made: Town, ours: Post, weather: Weather) -> Tally:
    made.around.tell(**weather.told)
    made.plan()
    for _ in range(ROUNDS + LOOKS * (made.people // MOST + 1)):
        deliver_due(ours)
        reconcile(ours, AT_ONCE)
        if made.done:
            break
    states = made.states()
    wrong = () if set(states) <= {"SENT", *weather.ends} else (str(dict(states)),)
    return _tally(made, weather.name, wrong)


def _tally(made: Town, name: str, wrong: tuple[str, ...] = ()) -> Tally:
    return Tally(
        what=name,
        faults=made.people,
        due=made.due,
        lost=len(kills.missing(made)),
        doubled=kills.doubled(made),
        shown=made.states()["HELD"] + made.states()["UNCERTAIN"],
        wrong=wrong,
    )


def unreachable(made: Town, ours: Post) -> Tally:
    """Lose the answers to all texts, and find nobody who could be asked, until the meeting begins."""
    looks = 40 * ROUNDS  # a tick asks once, as often as the client tries, and then nobody else about this channel
    made.around.tell(POST=[Fault.ACCEPT_THEN_CUT.value] * made.people, GET=[Fault.ERROR_500.value] * looks)
    made.plan()
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        deliver_due(ours)
        reconcile(ours, AT_ONCE)
        seen["in doubt"] = made.states()["UNCERTAIN"]
    after = HandClock(SystemClock().now() + timedelta(hours=1))
    for _ in range(1 + made.people // MOST):
        reconcile(replace(ours, clock=after), AT_ONCE)
    held = made.states()["HELD"]
    right = seen["in doubt"] == held == made.people
    return _tally(made, "nobody can be asked: nothing is sent again, all are shown", () if right else (str(seen),))
