"""Can messages leave, can answers come in, and do addresses keep quiet?"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from commands.checkup.findings import Finding, answers, count, fail, ok, refused, warn
from commands.house import MISSING
from commands.settings import Settings
from meetup.errors import MeetupError, Unavailable
from meetup.values import Channel
from meetup.wording import discreet
from notifications.messages import Sender

WORDS = {Channel.SMS: "texts", Channel.EMAIL: "mail"}
NAMES = {Channel.SMS: "twilio", Channel.EMAIL: "smtp"}
WITHOUT_PUBLIC = "no one-click unsubscribe, no delivery reports, no texts coming in"


@runtime_checkable
class Checkable(Protocol):
    """A sender that can be tried without sending anything."""

    def check(self) -> None:
        """Raise a refusal when messages could not leave."""


def addresses(settings: Settings) -> Iterator[Finding]:
    """Look at the addresses under which members and the provider find us."""
    if not settings.public_url:
        advice = "Set it to the https:// address under which others reach `meetup serve`"
        yield warn("public-url", f"MEETUP_PUBLIC_URL is not set: {WITHOUT_PUBLIC}", advice)
    for name, url in (("public", settings.public_url), ("private", settings.private_url)):
        if url and not url.startswith("https://"):
            text = f"MEETUP_{name.upper()}_URL is not https: whoever is in between reads what members read"
            yield warn(f"{name}-url", text, "Put a web server with a certificate before `meetup serve`")
        elif url:
            yield ok(f"{name}-url", url)


def returns(settings: Settings) -> Iterator[Finding]:
    """Look whether anybody learns of mail that comes back."""
    if settings.smtp_url.get_secret_value() and not settings.bounce_address:
        text = "MEETUP_BOUNCE_ADDRESS is not set: nobody learns which addresses mail comes back from"
        advice = "Choose one, and let your mail server hand what comes there to `meetup bounce ingest`"
        yield warn("bounces", text, advice)


def discretion(settings: Settings, secrets: Sequence[str], language: str) -> Iterator[Finding]:
    """Read the hosts that members' links and mails name, as somebody else would over a shoulder."""
    base = settings.private_url or settings.public_url
    seen = {
        "links": (urlsplit(base).hostname or "", "Set MEETUP_PRIVATE_URL to a neutral domain of its own"),
        "mail-from": (settings.mail_from, "Send from an address and a domain that say nothing"),
        "bounce-address": (settings.bounce_address, "Let mail come back to an address and a domain that say nothing"),
    }
    for check, (shown, advice) in seen.items():
        told = discreet.leaks(f"https://{shown}", secrets, language) if shown else []
        if told:
            yield warn(check, f"{shown} gives away “{told[0]}” to whoever sees a message", advice)


def channels(senders: Mapping[Channel, Sender], waiting: Mapping[Channel, int], patience: float) -> Iterator[Finding]:
    """Try every channel without sending anything; one that members wait for must be there."""
    tried = answers({NAMES[one]: sender.check for one, sender in _checkable(senders)}, patience)
    for channel in Channel:
        name = NAMES[channel]
        if channel not in senders:
            yield _missing(channel, waiting.get(channel, 0))
        elif (error := tried.get(name)) is not None:
            yield refused(name, error)
        else:
            yield ok(name, f"{WORDS[channel]} can be sent".capitalize())


def _checkable(senders: Mapping[Channel, Sender]) -> Iterator[tuple[Channel, Checkable]]:
    return ((channel, sender) for channel, sender in senders.items() if isinstance(sender, Checkable))


def _missing(channel: Channel, waiting: int) -> Finding:
    name, advice = NAMES[channel], MISSING[channel][0].upper() + MISSING[channel][1:]
    if waiting:
        text = f"{count(waiting, 'member')} agreed to {WORDS[channel]}, and none can be sent: nothing is configured"
        return fail(name, text, advice)
    return warn(name, f"Not configured: no {WORDS[channel]} will be sent", advice)


def outside(settings: Settings, patience: float) -> Iterator[Finding]:
    """Ask the service how it is, under the address that others use."""
    if not settings.public_url:
        return
    ask: Callable[[], None] = lambda: _ask_health(settings.public_url, patience)  # noqa: E731 -- it has no name of its own
    error = answers({"outside": ask}, patience + 1)["outside"]
    if error is None:
        yield ok("outside", f"The service answers at {settings.public_url}")
    else:
        yield warn("outside", error.message, error.hint)


def _ask_health(url: str, patience: float) -> None:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=patience) as answer:  # noqa: S310 -- http or https
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        raise _unwell(url, error.code) from error
    except OSError as error:
        reason = getattr(error, "reason", error)
        reason = getattr(reason, "strerror", "") or reason
        hint = "Is `meetup serve` running, and does the web server lead to it? Some networks cannot see themselves"
        raise Unavailable(f"Nobody answers at {url} when asked from here: {reason}", hint) from error
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("status") != "ok":
        raise MeetupError(f"Somebody else answers at {url}", "MEETUP_PUBLIC_URL must lead to `meetup serve`")


def _unwell(url: str, status: int) -> MeetupError:
    if status == 503:
        return Unavailable(f"The service answers at {url}, but it is late", "Look at its log")
    return MeetupError(f"{url}/healthz answers {status}", "MEETUP_PUBLIC_URL must lead to `meetup serve`")
