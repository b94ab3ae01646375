"""One pass over what is due: claim → check → mark → send → settle.

Two durable marks a message: SUBMITTING before the wire, the outcome after it. They are committed in small groups (the
outcomes of one group together with the marks of the next), so that they cost little and a cancellation is seen soon.
"""

import itertools
import logging
import secrets
import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from meetup.clock import Clock
from meetup.feeds.addresses import Addresses
from meetup.storage.database import Database
from meetup.values import Channel, State
from notifications import budget, cases, judging, outbox, outcomes, queued
from notifications.gate import Gate, Limit
from notifications.judging import Judged
from notifications.letters import Letter, letter
from notifications.messages import Message, NotSent, Outcome, Refused, Sender, Unknown
from notifications.moves import Claim, Settlement
from notifications.watching import Nobody, Watcher

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
BATCH = 200
PATIENCE = 4.0  # seconds that a pass waits for its allowance at most; the next tick goes on with the rest
WORKERS = {Channel.SMS: 8, Channel.EMAIL: 4}
# How many are marked at once, at most, and so how many are in doubt when the power fails. A text in doubt may need a
# person to settle it, so no more of them than can be on the wire; a mail in doubt is sent again, with its Message-ID.
GROUPS = {Channel.SMS: 8, Channel.EMAIL: 50}
UNREADABLE = timedelta(minutes=10)  # how long a delivery rests that could not be read: a key may come back


@dataclass(frozen=True, slots=True)
class Post:
    """What a pass works with."""

    database: Database
    senders: Mapping[Channel, Sender]
    clock: Clock
    addresses: Addresses
    stop: threading.Event = field(default_factory=threading.Event)
    lease: timedelta = LEASE  # how long a claim lasts whose holder is not heard of
    resend_texts: bool = False  # the policy for texts of which nobody can say whether they left: held, or sent again
    watcher: Watcher = field(default_factory=Nobody)
    limits: Mapping[Channel, Limit] = field(default_factory=dict)
    gates: dict[Channel, Gate] = field(default_factory=dict)  # made when a channel is first used, and kept

    def gate(self, channel: Channel) -> Gate:
        """Return a channel's way out."""
        if channel not in self.gates:
            limit = self.limits.get(channel, Limit(WORKERS[channel]))
            self.gates.setdefault(channel, Gate(channel, limit, self.clock, GROUPS[channel]))
        return self.gates[channel]


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter and what came of it."""

    letter: Letter
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Run:
    """One claim of one pass on one channel."""

    post: Post
    sender: Sender
    gate: Gate
    pool: ThreadPoolExecutor
    channel: Channel
    claim: Claim
    found: int  # how many were claimed
    deadline: float  # monotonic: after it nothing of this claim may go on the wire
    ended: Counter[State]

    def send(self, letters: Sequence[Letter]) -> list[Sent]:
        """Hand letters over at once, and wait for what comes of each."""
        waiting = [self.pool.submit(self._hand_over, letter.message) for letter in letters]
        return [Sent(letter, _outcome(future)) for letter, future in zip(letters, waiting, strict=True)]

    def _hand_over(self, message: Message) -> Outcome:
        hindrance = self.gate.hindrance()
        if hindrance is not None:
            return hindrance
        outcome = self.sender.send(message, self.deadline)
        self.gate.learn(outcome, outcomes.spread(message))
        return outcome


def deliver_due(post: Post) -> Counter[State]:
    """Send what is due on every channel that can send, and return how many deliveries ended in which state.

    No channel waits for another one: the line of each may be slow, full or out of order.
    """
    ended: Counter[State] = Counter()
    with post.database.reading() as session:
        if not queued.calls(session, post.clock.now()):
            return ended
    ended[State.MISSED] += clear(post)
    channels = list(post.senders)
    if len(channels) == 1:
        return +(ended + _deliver_channel(post, channels[0]))
    with ThreadPoolExecutor(max(1, len(channels)), thread_name_prefix="deliver") as pool:
        for each in [pool.submit(_deliver_channel, post, channel) for channel in channels]:
            ended += each.result()
    return +ended


def deliver_batch(post: Post, channel: Channel) -> Counter[State]:
    """Send one batch of what is due on a channel; others may be sending other batches at the same time."""
    return _deliver_channel(post, channel, most=1) if channel in post.senders else Counter()


def _deliver_channel(post: Post, channel: Channel, most: int | None = None) -> Counter[State]:
    """Send what is due on a channel, in so many claims at most."""
    ended: Counter[State] = Counter()
    gate, claims = post.gate(channel), itertools.count()
    with ThreadPoolExecutor(gate.limit.lines, thread_name_prefix=f"deliver-{channel}") as pool:
        while not (post.stop.is_set() or gate.resting or next(claims) == most):
            run = _claim(post, channel, pool, ended)
            if run is None or not _work_off(run):
                break
    return +ended


def clear(post: Post) -> int:
    """Take over what dead passes have left, and write off what is too late; return how many were."""
    now = post.clock.now()
    with post.database.moving() as session:
        _recovered(outbox.recover(session, now))
        return outbox.miss(session, now)


def recover(post: Post, *, sole: bool = False) -> dict[State, int]:
    """Take over what a dead process has left claimed or half handed over; return how many became what."""
    with post.database.moving() as session:
        return _recovered(outbox.recover(session, post.clock.now(), sole=sole))


def _recovered(found: dict[State, int]) -> dict[State, int]:
    if any(found.values()):
        logger.warning("deliveries_recovered planned=%s uncertain=%s", found[State.PLANNED], found[State.UNCERTAIN])
    return found


def _claim(post: Post, channel: Channel, pool: ThreadPoolExecutor, ended: Counter[State]) -> Run | None:
    """Claim what is due, or return None when nothing is."""
    now, gate = post.clock.now(), post.gate(channel)
    claim = Claim(secrets.token_hex(8), now + post.lease, gate.room(BATCH, PATIENCE))
    deadline = post.clock.monotonic() + 0.8 * post.lease.total_seconds()
    with post.database.moving() as session:
        found = outbox.claim(session, channel, claim, now)
        if channel is Channel.SMS and found == claim.limit > 1:
            found += outbox.claim_beside(session, channel, claim, now)
    return Run(post, post.senders[channel], gate, pool, channel, claim, found, deadline, ended) if found else None


def _work_off(run: Run) -> bool:
    """Deliver what was claimed; return whether there is more to do. Whatever did not leave is given back."""
    given_back = run.found
    try:
        going_on = _send_in_groups(run, _sorted_out(run))
    finally:
        with run.post.database.moving() as session:
            given_back = outbox.unclaim(session, run.claim.token)
    # What was given back may go now; but when nothing moved, claiming the same again at once would not help.
    return going_on and given_back < run.found and (given_back > 0 or run.found >= run.claim.limit)


def _send_in_groups(run: Run, letters: Sequence[Letter]) -> bool:
    """Send what may leave within our patience; return whether more could leave now."""
    waiting, sent, patience = deque(letters), list[Sent](), PATIENCE
    while waiting and _may_go_on(run):
        group = _turn(run, sent, _admitted(run, waiting))
        began = run.post.clock.monotonic()
        sent = run.send(group)
        run.gate.paced(len(group), run.post.clock.monotonic() - began)
        wait = run.gate.wait(waiting[0].cost) if waiting else 0.0
        if wait:
            _turn(run, sent, [])
            sent, patience = [], patience - wait
            if patience < 0:
                return False
            run.post.stop.wait(wait)
    _turn(run, sent, [])
    return patience == PATIENCE and not run.gate.resting


def _may_go_on(run: Run) -> bool:
    in_time = run.post.clock.monotonic() < run.deadline
    return in_time and not run.post.stop.is_set() and not run.gate.resting


def _admitted(run: Run, waiting: deque[Letter]) -> list[Letter]:
    """Take the next group from the front: as many as may be in doubt together, and as the allowance lets out."""
    group: list[Letter] = []
    while waiting and len(group) < run.gate.group and not run.gate.wait(waiting[0].cost):
        run.gate.take(waiting[0].cost)
        group.append(waiting.popleft())
    return group


def _outcome(future: Future[Outcome]) -> Outcome:
    """Return what a channel said. One that broke instead may have sent the message; the others are not its fault."""
    error = future.exception()
    if error is None:
        return future.result()
    logger.error("channel_broke error=%s", type(error).__name__)
    return Unknown(f"the channel broke: {type(error).__name__}")


def _sorted_out(run: Run) -> list[Letter]:
    """Judge what was claimed: settle what may not leave, and word the rest."""
    now, token, vault = run.post.clock.now(), run.claim.token, run.post.database.vault
    with run.post.database.reading() as session:
        rows = queued.claimed(session, token)
        soon = queued.soon(session, rows, now, now + judging.SOON)
        found = cases.load(session, [*rows, *soon], run.post.addresses, now)
        ours = {row.id for row in rows}
        claimed, near = ([one for one in found if (one.row.id in ours) is mine] for mine in (True, False))
        judged = judging.judge(vault, claimed, now, budget.purse(session, rows, now), near)
    settlements = [_held_back(one) for one in judged if one.text is None]
    readable = {one.claimed.row.id for one in judged}
    settlements += [_unreadable(row.id or 0, now) for row in rows if row.id not in readable]
    if settlements:
        with run.post.database.moving() as session:
            outbox.settle(session, settlements, now, token=token)
    _count(run, settlements)
    return [letter(vault, one, one.text, run.post.addresses) for one in judged if one.text is not None]


def _held_back(one: Judged) -> Settlement:
    decision = one.verdict
    return Settlement(
        one.claimed.row.id or 0, decision.state or State.PLANNED, decision.reason, not_before=decision.later
    )


def _unreadable(delivery_id: int, now: datetime) -> Settlement:
    """Let what cannot be read wait: it is missed, visibly, when nobody mends it in time."""
    return Settlement(delivery_id, State.PLANNED, "could not be read", not_before=now + UNREADABLE)


def _turn(run: Run, done: Sequence[Sent], coming: Sequence[Letter]) -> list[Letter]:
    """Commit the outcomes of one group and the marks of the next; return the letters that may go on the wire."""
    if not done and not coming:
        return []
    now, token = run.post.clock.now(), run.claim.token
    settlements = [outcomes.settlement(one.letter.mark, one.letter.message, one.outcome, now) for one in done]
    # What is learned about an address is a fact: it changes while nobody else is at work.
    learning = any(isinstance(one.outcome, Refused) for one in done)
    with run.post.database.writing() if learning else run.post.database.moving() as session:
        outbox.settle(session, settlements, now, token=token)
        for one in done:
            outcomes.learn(session, one.letter.mark.contact_id, one.outcome, now)
        budget.book(session, [one.letter.expense for one in done if _stayed(one)], now, back=True)
        marked = outbox.mark(session, token, (letter.mark for letter in coming), now)
        leaving = [letter for letter in coming if letter.mark.delivery_id in marked]
        budget.book(session, [letter.expense for letter in leaving if run.channel is Channel.SMS], now)
    _count(run, settlements)
    _tell(run, done, settlements, now)
    return leaving


def _stayed(one: Sent) -> bool:
    """Tell whether a text surely did not leave, so that nobody has to pay for it."""
    return one.letter.message.channel is Channel.SMS and isinstance(one.outcome, NotSent | Refused)


def _tell(run: Run, done: Sequence[Sent], settlements: Sequence[Settlement], now: datetime) -> None:
    """Tell whoever watches how late these left, and how long they were in our hands."""
    took = (now - (run.claim.lease_until - run.post.lease)).total_seconds()
    for one, settlement in zip(done, settlements, strict=True):
        late = (now - one.letter.claimed.free_at).total_seconds()
        run.post.watcher.settled(run.channel, settlement.state, late, took)


def _count(run: Run, settlements: Sequence[Settlement]) -> None:
    for settlement in settlements:
        logger.info("delivery_settled id=%s state=%s", settlement.delivery_id, settlement.state)
    run.ended.update(settlement.state for settlement in settlements if settlement.state is not State.PLANNED)
