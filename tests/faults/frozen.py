"""A deliverer that is frozen just before the wire for longer than its claim lasts, while another one goes on."""

import os
import random
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from pathlib import Path

from commands import house
from commands.context import Context
from commands.service import Service
from meetup.values import Channel
from notifications.deliver import WORKERS, Post, deliver_due
from notifications.messages import Found, Message, Outcome, Sender, Trace
from notifications.reconcile import reconcile
from tests.faults import kills
from tests.faults.kills import Town, town
from tests.faults.lives import CONTEXT
from tests.faults.tally import Tally

LEASE = timedelta(seconds=1.5)
PATIENCE = 60.0
GROUP = WORKERS[Channel.SMS]
PEOPLE = 3 * GROUP


@dataclass(frozen=True)
class Gate:
    """A channel whose first group stops its own process once all of it stands before the wire."""

    inner: Sender
    fenced: bool
    together: threading.Barrier = field(default_factory=lambda: threading.Barrier(GROUP))
    opened: threading.Event = field(default_factory=threading.Event)

    def send(self, message: Message, deadline: float) -> Outcome:
        """Freeze, or go on."""
        if not self.opened.is_set() and self.together.wait() == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(0.2)  # the thread that asks for it may be the last to be frozen
            self.opened.set()
        self.opened.wait()
        return self.inner.send(message, deadline if self.fenced else inf)

    def find(self, trace: Trace) -> Found | None:
        """Look as ever."""
        return self.inner.find(trace)


def freeze(settings: Mapping[str, str], *, fenced: bool) -> None:
    """Deliver; this is the process that is frozen."""
    with closing(Context(settings)) as here:
        gate = Gate(here.senders()[Channel.SMS], fenced)
        ours = Post(here.database, {Channel.SMS: gate}, here.clock, here.addresses, lease=LEASE)
        while not gate.opened.is_set():  # on a busy machine a claim may run out before it has come so far
            deliver_due(ours)


def thaw(made: Town, *, fenced: bool) -> tuple[str, ...]:
    """Freeze one, let another take over what it left, then let the first go on; return what went otherwise."""
    process = CONTEXT.Process(target=freeze, args=(dict(made.home.settings),), kwargs={"fenced": fenced})
    process.start()
    try:
        _until_stopped(process.pid or 0)
        time.sleep(LEASE.total_seconds() * 1.1)
        _take_over(made)
        os.kill(process.pid or 0, signal.SIGCONT)
        process.join(60)
        _take_over(made)  # whatever it says that it did not send
        return () if process.exitcode == 0 else (f"it ended with {process.exitcode}",)
    finally:
        process.kill()
        process.join()


def _until_stopped(pid: int) -> None:
    ending = time.monotonic() + 30
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        if time.monotonic() > ending:
            raise RuntimeError("it was never frozen")
        time.sleep(0.01)


def _take_over(made: Town) -> None:
    """Go on where others may have stopped, with the policy under which a mistake would show: sending again."""
    with closing(Context(made.home.settings)) as here:
        sender = {Channel.SMS: here.senders()[Channel.SMS]}
        ours = Post(here.database, sender, here.clock, here.addresses, resend_texts=True)
        ending = time.monotonic() + PATIENCE
        while not made.done and time.monotonic() < ending:
            deliver_due(ours)
            reconcile(ours, timedelta(0))
            time.sleep(0.1)
        house.hang_up(Service(ours))


def play(folder: Path, times: int, _dice: random.Random, *, fenced: bool = True) -> Tally:
    """Freeze a deliverer so many times."""
    lost = doubled = 0
    wrong: list[str] = []
    for number in range(times):
        with town(folder / str(number), PEOPLE, receipts=False, mail=False) as made:
            made.plan()
            wrong += thaw(made, fenced=fenced)
            lost += len(kills.missing(made))
            doubled += kills.doubled(made)
    what = "SIGSTOP before the wire for longer than the lease, another goes on"
    name = what if fenced else "the same without the deadline before the wire (a control)"
    return Tally(name, times, times * PEOPLE, lost, doubled, 0, tuple(wrong), control=not fenced)
