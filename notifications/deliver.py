"""One pass over what is due: claim → check → mark → send → settle.

Two durable marks a message: SUBMITTING before the wire, the outcome after it. They are committed in small groups (the
outcomes of one group together with the marks of the next), so that they cost little and a cancellation is seen soon.
"""

import logging
import secrets
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from meetup.clock import Clock
from meetup.feeds.addresses import Addresses
from meetup.storage.database import Database
from meetup.storage.vault import Vault
from meetup.values import Channel, State
from notifications import cases, outbox, outcomes
from notifications.cases import Claimed, Judged
from notifications.messages import Message, Outcome, Refused, Sender, Unknown
from notifications.outbox import Claim, Mark, Settlement
from notifications.watching import Nobody, Watcher
from notifications.words.compose import Text

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
BATCH = 200
WORKERS = {Channel.SMS: 8, Channel.EMAIL: 4}
# How many are marked at once, and so how many are in doubt when the power fails. A text in doubt may need a person to
# settle it, so no more of them than can be on the wire; a mail in doubt is sent again under the same Message-ID.
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
    resting: dict[Channel, float] = field(default_factory=dict)  # monotonic: until when a stopped channel is left alone


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery that may leave, worded."""

    claimed: Claimed
    message: Message
    mark: Mark


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
    pool: ThreadPoolExecutor
    channel: Channel
    claim: Claim
    found: int  # how many were claimed
    deadline: float  # monotonic: after it nothing of this claim may go on the wire
    ended: Counter[State]

    def send(self, letters: Sequence[Letter]) -> list[Sent]:
        """Hand letters over at once, and wait for what comes of each."""
        waiting = [self.pool.submit(self.sender.send, letter.message, self.deadline) for letter in letters]
        return [Sent(letter, _outcome(future)) for letter, future in zip(letters, waiting, strict=True)]


def deliver_due(post: Post) -> Counter[State]:
    """Send what is due on every channel that can send, and return how many deliveries ended in which state."""
    ended: Counter[State] = Counter()
    ended[State.MISSED] += clear(post)
    for channel, sender in post.senders.items():
        if post.clock.monotonic() < post.resting.get(channel, 0.0):
            continue
        with ThreadPoolExecutor(WORKERS[channel], thread_name_prefix=f"deliver-{channel}") as pool:
            while not post.stop.is_set():
                run = _claim(post, channel, sender, pool, ended)
                if run is None or not _work_off(run):
                    break
    return +ended


def deliver_batch(post: Post, channel: Channel) -> Counter[State]:
    """Send one batch of what is due on a channel; others may be sending other batches at the same time."""
    ended: Counter[State] = Counter()
    sender = post.senders.get(channel)
    if sender is None or post.stop.is_set() or post.clock.monotonic() < post.resting.get(channel, 0.0):
        return ended
    with ThreadPoolExecutor(WORKERS[channel], thread_name_prefix=f"deliver-{channel}") as pool:
        run = _claim(post, channel, sender, pool, ended)
        if run is not None:
            _work_off(run)
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


def _claim(post: Post, channel: Channel, sender: Sender, pool: ThreadPoolExecutor, ended: Counter[State]) -> Run | None:
    """Claim what is due, or return None when nothing is."""
    now = post.clock.now()
    claim = Claim(secrets.token_hex(8), now + post.lease, BATCH)
    deadline = post.clock.monotonic() + 0.8 * post.lease.total_seconds()
    with post.database.moving() as session:
        found = outbox.claim(session, channel, claim, now)
    return Run(post, sender, pool, channel, claim, found, deadline, ended) if found else None


def _work_off(run: Run) -> bool:
    """Deliver what was claimed; return whether there is more to do. Whatever did not leave is given back."""
    given_back = run.found
    try:
        going_on = _send_in_groups(run, _sorted_out(run))
    finally:
        with run.post.database.moving() as session:
            given_back = outbox.unclaim(session, run.claim.token)
    # What was given back may go now; but when nothing moved, claiming the same again at once would not help.
    return going_on and given_back < run.found and (given_back > 0 or run.found == BATCH)


def _send_in_groups(run: Run, letters: Sequence[Letter]) -> bool:
    sent: list[Sent] = []
    going_on = True
    for group in _groups(letters, GROUPS[run.channel]):
        if run.post.stop.is_set() or run.post.clock.monotonic() >= run.deadline:
            break
        sent = run.send(_turn(run, sent, group))
        if any(outcomes.stops_channel(one.outcome) for one in sent):
            logger.error("channel_stopped channel=%s", run.channel)
            run.post.resting[run.channel] = run.post.clock.monotonic() + outcomes.STOPPED.total_seconds()
            going_on = False
            break
    _turn(run, sent, [])
    return going_on


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
        rows = outbox.claimed(session, token)
        judged = cases.judge(vault, cases.load(session, rows, run.post.addresses, now), now)
    settlements = [_held_back(one) for one in judged if one.text is None]
    readable = {one.claimed.row.id for one in judged}
    settlements += [_unreadable(row.id or 0, now) for row in rows if row.id not in readable]
    if settlements:
        with run.post.database.moving() as session:
            outbox.settle(session, settlements, now, token=token)
    _count(run, settlements)
    return [_letter(vault, one.claimed, one.text, run.post.addresses) for one in judged if one.text is not None]


def _held_back(one: Judged) -> Settlement:
    decision = one.verdict
    return Settlement(
        one.claimed.row.id or 0, decision.state or State.PLANNED, decision.reason, not_before=decision.later
    )


def _unreadable(delivery_id: int, now: datetime) -> Settlement:
    """Let what cannot be read wait: it is missed, visibly, when nobody mends it in time."""
    return Settlement(delivery_id, State.PLANNED, "could not be read", not_before=now + UNREADABLE)


def _letter(vault: Vault, one: Claimed, text: Text, addresses: Addresses) -> Letter:
    row = one.row
    mail_stop = one.facts.voice.contact_mail if one.facts else ""
    message = Message(
        code=row.code,
        channel=Channel(row.channel),
        to=one.address,
        body=text.body,
        subject=text.subject,
        html=text.html,
        own_addresses=one.facts.links.all if one.facts else (),
        language=one.facts.recipient.language if one.facts else "",
        expires_at=row.expires_at,
        list_id=one.list_id,
        unsubscribe_url=one.stop_url,
        unsubscribe_mail=f"mailto:{mail_stop}?subject=unsubscribe" if mail_stop else "",
        callback_url=addresses.callback(row.code),
    )
    mark = Mark(
        delivery_id=row.id or 0,
        number=row.attempts + 1,
        body_hash=vault.fingerprint(text.body),
        contact_id=one.contact_id,
        consent_id=one.consent_id,
        consent_action=row.consent_action,
        member_version=one.member_version,
        meeting_version=one.meeting_version,
    )
    return Letter(one, message, mark)


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
        marked = outbox.mark(session, token, (letter.mark for letter in coming), now)
    _count(run, settlements)
    _tell(run, done, settlements, now)
    return [letter for letter in coming if letter.mark.delivery_id in marked]


def _tell(run: Run, done: Sequence[Sent], settlements: Sequence[Settlement], now: datetime) -> None:
    """Tell whoever watches how late these left, and how long they were in our hands."""
    took = (now - (run.claim.lease_until - run.post.lease)).total_seconds()
    for one, settlement in zip(done, settlements, strict=True):
        late = (now - one.letter.claimed.row.due_at).total_seconds()
        run.post.watcher.settled(run.channel, settlement.state, late, took)


def _count(run: Run, settlements: Sequence[Settlement]) -> None:
    for settlement in settlements:
        logger.info("delivery_settled id=%s state=%s", settlement.delivery_id, settlement.state)
    run.ended.update(settlement.state for settlement in settlements if settlement.state is not State.PLANNED)


def _groups(letters: Sequence[Letter], size: int) -> Iterator[Sequence[Letter]]:
    for begin in range(0, len(letters), size):
        yield letters[begin : begin + size]
