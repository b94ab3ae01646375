"""Sending what is due, compared with a bare client that is handed finished messages."""

import json
import smtplib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from meetup.values import Channel, State
from notifications.channels.email import EmailSender
from notifications.channels.letter import Letter, Postmark, write
from notifications.channels.relay import Relay
from notifications.channels.sms import Account, SmsSender
from notifications.deliver import BATCH, GROUPS, WORKERS, Post, deliver_due
from notifications.messages import Message, Outcome, Sender
from tests.benchmarks.processes import serving
from tests.benchmarks.race import Race, Spent, Standing, run, timed
from tests.benchmarks.scene import VAULT, Scene, scene
from tests.fakes import FakeSender

MAIL_DUE = datetime(2026, 11, 26, 0, tzinfo=UTC)  # Wednesday, seven in the evening, in New York
TEXT_DUE = datetime(2026, 11, 26, 22, tzinfo=UTC)  # Thursday, five in the afternoon
LATENCY = 0.005  # of a provider that stands nearby
PROMISED = 5.0  # seconds until the last of a thousand is accepted
BARE_CLAIM = """
    UPDATE deliveries SET state = 'CLAIMED'
    WHERE id IN (SELECT id FROM deliveries WHERE state = 'PLANNED' ORDER BY due_at, id LIMIT ?) RETURNING id
"""
POSTMARK = Postmark("calendar@riverside.example", VAULT.mail_secret, "Riverside", "jo@riverside.example")


def compare_mail(folder: Path, members: int, rounds: int) -> Iterator[Standing]:
    """Send mails into a sink."""
    with scene(folder, members, MAIL_DUE) as stage, serving("tests.benchmarks.sink") as port:
        _meet(stage, "24h by email")
        sender = EmailSender(Relay.parse(f"smtp://127.0.0.1:{int(port)}"), POSTMARK, stage.clock)
        letters = [_letter(message, stage) for message in _messages(stage, Channel.EMAIL)]
        ours, limit = _deliver(stage, Channel.EMAIL, sender, members), _post(letters, int(port))
        yield run(Race("mail", f"send {len(letters):,} mails", ours, limit), rounds)
        sender.close()


def compare_texts(folder: Path, members: int, rounds: int) -> Iterator[Standing]:
    """Send texts to an endpoint that answers as the provider does."""
    with scene(folder, members, TEXT_DUE) as stage, serving("commands.rehearsal.twilio") as line:
        _meet(stage, "2h by sms")
        facts = json.loads(line)
        account = Account(facts["account_sid"], facts["auth_token"], facts["number"], base_url=facts["base_url"])
        sender = SmsSender(account, stage.clock, VAULT.fingerprint)
        messages = _messages(stage, Channel.SMS)
        ours, limit = _deliver(stage, Channel.SMS, sender, members), _create(messages, account)
        yield run(Race("text", f"send {len(messages):,} texts", ours, limit), rounds)


def compare_walk(folder: Path, members: int, rounds: int) -> Iterator[Standing]:
    """Walk reminders to a stub of five milliseconds, beside a bare loop that claims, marks, waits and settles."""
    with scene(folder, members, TEXT_DUE) as stage:
        _meet(stage, "2h by sms")
        ours = _deliver(stage, Channel.SMS, Stub(), members)
        standing = run(Race("walk", f"walk {members:,} texts", ours, _bare(stage, folder)), rounds)
        yield standing
        # An absolute promise: due at the same second, and the last one accepted within five.
        in_time = PROMISED * members / 1000
        yield Standing("at once", f"{members:,} due at once", standing.ours, in_time, standing.ours / in_time)


class Stub(FakeSender):
    """A provider that takes five milliseconds, and everything."""

    def send(self, message: Message, deadline: float) -> Outcome:
        """Take a message."""
        time.sleep(LATENCY)
        return super().send(message, deadline)


def _bare(stage: Scene, folder: Path) -> Callable[[], Spent]:
    """Return the least that keeps the promise: nobody is asked anything, and there are no words."""

    def walk() -> Spent:
        stage.clear()
        stage.plan()
        with closing(sqlite3.connect(folder / "bench.db", isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = FULL")
            with ThreadPoolExecutor(WORKERS[Channel.SMS]) as pool:
                return timed(lambda: _bare_walk(database, pool))

    return walk


def _bare_walk(database: sqlite3.Connection, pool: ThreadPoolExecutor) -> None:
    while claimed := _bare_claim(database):
        sent: list[tuple[int]] = []
        for begin in range(0, len(claimed), GROUPS[Channel.SMS]):
            group = claimed[begin : begin + GROUPS[Channel.SMS]]
            _bare_turn(database, sent, group)
            list(pool.map(lambda _: time.sleep(LATENCY), group))
            sent = group
        _bare_turn(database, sent, [])


def _bare_claim(database: sqlite3.Connection) -> list[tuple[int]]:
    database.execute("BEGIN IMMEDIATE")
    rows = database.execute(BARE_CLAIM, [BATCH]).fetchall()
    database.execute("COMMIT")
    return rows


def _bare_turn(database: sqlite3.Connection, done: Sequence[tuple[int]], coming: Sequence[tuple[int]]) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.executemany("UPDATE deliveries SET state = 'SENT' WHERE id = ? AND state = 'SUBMITTING'", done)
    database.executemany("UPDATE deliveries SET state = 'SUBMITTING' WHERE id = ? AND state = 'CLAIMED'", coming)
    database.execute("COMMIT")


def _meet(stage: Scene, rule: str) -> None:
    stage.remind(rule)
    stage.meet("every Thursday 19:00-20:30")


def _messages(stage: Scene, channel: Channel) -> list[Message]:
    """Return what will be sent, as a fake sender gets it."""
    fake = FakeSender()
    stage.plan()
    deliver_due(Post(stage.database, {channel: fake}, stage.clock, stage.addresses))
    return fake.sent


def _deliver(stage: Scene, channel: Channel, sender: Sender, number: int) -> Callable[[], Spent]:
    post = Post(stage.database, {channel: sender}, stage.clock, stage.addresses)

    def deliver() -> Spent:
        stage.clear()
        stage.plan()
        ended: list[dict[State, int]] = []
        spent = timed(lambda: ended.append(dict(deliver_due(post))))
        if ended != [{State.SENT: number}]:
            raise RuntimeError(f"not everything was sent: {ended}")
        return spent

    return deliver


def _letter(message: Message, stage: Scene) -> Letter:
    written = write(message, POSTMARK, stage.clock.now())
    if not isinstance(written, Letter):
        raise TypeError(written.reason)
    return written


def _post(letters: Sequence[Letter], port: int) -> Callable[[], Spent]:
    def post() -> None:
        with smtplib.SMTP("127.0.0.1", port, POSTMARK.host) as smtp:
            for letter in letters:
                smtp.sendmail(POSTMARK.mail_from, [str(letter.to)], letter.raw)

    return lambda: timed(post)


def _create(messages: Sequence[Message], account: Account) -> Callable[[], Spent]:
    http = TwilioHttpClient()
    http.session.trust_env = False
    client = Client(account.account_sid, account.auth_token, http_client=http)
    client.api.base_url = account.base_url

    def create(message: Message) -> None:
        client.messages.create(
            to=message.to,
            from_=account.from_number,
            body=message.body,
            status_callback=message.callback_url,
            validity_period=7200,
        )

    def create_all() -> None:
        with ThreadPoolExecutor(WORKERS[Channel.SMS]) as pool:
            list(pool.map(create, messages))

    return lambda: timed(create_all)
