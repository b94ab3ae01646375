"""Sending what is due, compared with a bare client that is handed finished messages."""

import json
import smtplib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from meetup.values import Channel, State
from notifications.channels.email import EmailSender
from notifications.channels.letter import Letter, Postmark, write
from notifications.channels.relay import Relay
from notifications.channels.sms import Account, SmsSender
from notifications.deliver import WORKERS, Post, deliver_due
from notifications.messages import Message, Sender
from tests.benchmarks.processes import serving
from tests.benchmarks.race import Race, Spent, Standing, run, timed
from tests.benchmarks.scene import VAULT, Scene, scene
from tests.fakes import FakeSender

MAIL_DUE = datetime(2026, 11, 26, 0, tzinfo=UTC)  # Wednesday, seven in the evening, in New York
TEXT_DUE = datetime(2026, 11, 26, 22, tzinfo=UTC)  # Thursday, five in the afternoon
POSTMARK = Postmark("calendar@riverside.example", VAULT.mail_secret, "Riverside", "jo@riverside.example")


def compare_mail(folder: Path, members: int, rounds: int) -> Iterator[Standing]:
    """Send mails into a sink."""
    with scene(folder, members, MAIL_DUE) as stage, serving("tests.benchmarks.sink") as port:
        meet_by(stage, "24h by email")
        sender = EmailSender(Relay.parse(f"smtp://127.0.0.1:{int(port)}"), POSTMARK, stage.clock)
        letters = [_letter(message, stage) for message in _messages(stage, Channel.EMAIL)]
        ours, limit = delivering(stage, Channel.EMAIL, sender, members), _post(letters, int(port))
        yield run(Race("mail", f"send {len(letters):,} mails", ours, limit), rounds)
        sender.close()


def compare_texts(folder: Path, members: int, rounds: int, distance: float = 0.0) -> Iterator[Standing]:
    """Send texts to an endpoint that answers as the provider does: at once, or after so many seconds."""
    room = folder / f"at_{distance}"
    room.mkdir()
    provider = serving("commands.rehearsal.twilio", "--distance", str(distance))
    with scene(room, members, TEXT_DUE) as stage, provider as line:
        meet_by(stage, "2h by sms")
        facts = json.loads(line)
        account = Account(facts["account_sid"], facts["auth_token"], facts["number"], base_url=facts["base_url"])
        sender = SmsSender(account, stage.clock, VAULT.fingerprint)
        messages = _messages(stage, Channel.SMS)
        ours, limit = delivering(stage, Channel.SMS, sender, members), _create(messages, account)
        what = f"send {len(messages):,} texts{f', {1000 * distance:.0f} ms away' if distance else ''}"
        yield run(Race("text away" if distance else "text", what, ours, limit), rounds)


def meet_by(stage: Scene, rule: str) -> None:
    """Let the group meet on Thursdays, and be reminded by a rule."""
    stage.remind(rule)
    stage.meet("every Thursday 19:00-20:30")


def _messages(stage: Scene, channel: Channel) -> list[Message]:
    """Return what will be sent, as a fake sender gets it."""
    fake = FakeSender()
    stage.plan()
    deliver_due(Post(stage.database, {channel: fake}, stage.clock, stage.addresses))
    return fake.sent


def delivering(stage: Scene, channel: Channel, sender: Sender, number: int) -> Callable[[], Spent]:
    """Return what plans anew and then times the delivery of everything."""
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
