"""The house put together: what delivers, what ticks, what serves; and taken apart in the right order."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from commands.context import Context, answering
from commands.engines.local import Alarm
from commands.metrics import Metrics
from commands.ping import Ping
from commands.service import Ear, Service, late
from commands.settings import named_keys
from commands.stopping import Stop
from commands.web.app import House, build
from commands.web.server import Server
from commands.web.webhooks import nobody
from meetup import organization
from meetup.values import Channel
from notifications.channels.console import ConsoleSender
from notifications.deliver import WORKERS, Post, recover
from notifications.gate import Limit
from notifications.messages import Closing, Sender

MISSING = {
    Channel.SMS: "set MEETUP_TWILIO_ACCOUNT_SID, MEETUP_TWILIO_AUTH_TOKEN and MEETUP_TWILIO_FROM",
    Channel.EMAIL: "set MEETUP_SMTP_URL and MEETUP_MAIL_FROM",
}


@dataclass(frozen=True, slots=True)
class Running:
    """A service that runs, and the address it is seen at."""

    url: str
    alarm: Alarm | None

    def watch(self, stop: Stop) -> None:
        """Wait until somebody asks to stop."""
        if self.alarm is not None:
            self.alarm.watch(stop)
        else:
            stop.wait()


def service(here: Context, *, console: bool = False) -> Service:
    """Return what the ticks work with; `console` prints instead of sending."""
    senders: dict[Channel, Sender] = (
        dict.fromkeys(Channel, ConsoleSender(sys.stdout, reveal=True)) if console else here.senders()
    )
    resend = here.settings.uncertain_texts == "resend"
    metrics = Metrics(here.database, here.clock)
    limits = _limits(here)
    post = Post(
        here.database,
        senders,
        here.clock,
        here.addresses,
        lease=timedelta(seconds=here.settings.lease_seconds),
        watcher=metrics,
        resend_texts=resend,
        limits=limits,
    )
    grace = timedelta(seconds=here.settings.uncertain_grace_seconds)
    return Service(post, here.settings.tick_seconds, grace, tuple(_ears(here, metrics)))


def _limits(here: Context) -> dict[Channel, Limit]:
    """Return how fast each sender may be, as the settings say."""
    settings = here.settings
    return {
        Channel.SMS: Limit(WORKERS[Channel.SMS], settings.sms_rate or None),
        Channel.EMAIL: Limit(settings.mail_connections, settings.mail_rate or None),
    }


def _ears(here: Context, metrics: Metrics) -> Iterator[Ear]:
    """Yield who is told of every tick."""
    yield metrics.ticked
    if here.settings.ping_url.get_secret_value():
        yield Ping(here.settings.ping_url.get_secret_value(), here.clock).ticked


def silent(here: Context) -> dict[Channel, str]:
    """Return the channels that cannot send, and what to set so that they can."""
    return {channel: reason for channel, reason in MISSING.items() if channel not in here.senders()}


def paused(here: Context) -> str:
    """Return since when nothing is sent, and why; empty when nobody paused it."""
    with here.reading() as session:
        home = organization.the(session)
    if home.paused_at is None:
        return ""
    why = f": {home.paused_reason}" if home.paused_reason else ""
    return f"Sending is paused since {home.paused_at:%Y-%m-%d %H:%M} UTC{why}; it goes on with `meetup remind resume`"


@contextlib.contextmanager
def running(here: Context, *, worker: bool = True) -> Iterator[Running]:
    """Run the ticks and the web until the block ends; what is in flight is finished, and nothing stays claimed."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(answering())
        ours = service(here)
        stack.callback(hang_up, ours)
        if worker:
            stack.enter_context(here.database.delivering())
        # A port that is taken is found out before anything is changed.
        web = build(_web(here, ours, worker=worker))
        settings = here.settings
        server = Server(web, settings.host, settings.port, at_once=web.state.at_once, proxies=settings.proxies)
        if worker:
            recover(ours.post, sole=here.database.is_sqlite)
        stack.enter_context(server)
        alarm = Alarm(ours) if worker else None
        if alarm is not None:
            alarm.start()
            stack.callback(alarm.stop)
        yield Running(server.url, alarm)


def hang_up(ours: Service) -> None:
    """Close the lines to the providers that were kept for the next message."""
    for sender in ours.post.senders.values():
        if isinstance(sender, Closing):
            sender.close()


def _on_call(here: Context) -> Callable[[], None]:
    """Return what wakes whoever is on call; nobody is, when no address was set."""
    url = here.settings.on_call_url.get_secret_value()
    return Ping(url, here.clock).ring if url else nobody


def _web(here: Context, ours: Service, *, worker: bool) -> House:
    return House(
        database=here.database,
        clock=here.clock,
        addresses=here.addresses,
        twilio_tokens=tuple(filter(None, [here.settings.twilio_auth_token.get_secret_value()])),
        shared_keys=dict(named_keys(here.settings.twilio_shared_keys)),
        on_call=_on_call(here),
        public_url=here.settings.public_url,
        text_number=here.settings.twilio_from,
        late=(lambda: late(ours)) if worker else dict,
        metrics=ours.post.watcher.text if isinstance(ours.post.watcher, Metrics) else bytes,
        metrics_token=here.settings.metrics_token.get_secret_value(),
    )
