"""Texts by Twilio: send one, look for one, and say honestly which of the two may have happened."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from meetup.clock import Clock
from meetup.errors import Unavailable
from notifications.messages import Accepted, Found, Message, NotSent, Outcome, Refused, Trace, Unknown

LONGEST_VALIDITY = 36_000
LOOK_AT = 50
EARLIEST = timedelta(minutes=-1)  # the provider's clock is not ours, and it drops the fraction of a second
LATEST = timedelta(minutes=15)
SLOW_DOWN = 600.0

BAD_ADDRESS = frozenset({21211, 21217, 21265, 21266, 21614, 21635})
OPTED_OUT = 21610
QUEUE_FULL = 21611
# The account, the sender or the service is set up wrongly. Nothing is lost: texts wait until they expire.
OUR_SETTINGS = frozenset({20003, 20404, 21606, 21659, 21660, 21661, 21701, 21703, 21704, 21705, 30002, 30032, 30034})
# The account may not write to some people: a setting of it, and not a fault of theirs.
ACCOUNT_FAULTS = frozenset({"21408", "21608", "21612"})
REASONS = {
    OPTED_OUT: "opted out",
    21408: "texts to this region are not enabled",
    21608: "a trial account may not write to this number",
    21612: "no route from our number to this one",
    21617: "longer than 1600 letters",
    30002: "the account is suspended",
    30032: "the toll-free number is not verified",
    30034: "the number is not registered",
}

logger = logging.getLogger(__name__)

# Both write numbers into the log: they stand in the address of a look-up.
logging.getLogger("twilio").setLevel(logging.WARNING)
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose texts these are. `base_url` stands for https://api.twilio.com in a rehearsal."""

    account_sid: str
    auth_token: str = field(repr=False)
    from_number: str = ""
    messaging_service_sid: str = ""
    base_url: str = ""
    timeout: float = 20.0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"AC[0-9a-fA-F]{32}", self.account_sid):
            raise ValueError("an account SID is AC and 32 hexadecimal digits")
        if not self.auth_token:
            raise ValueError("an account needs its auth token")
        if not self.from_number and not self.messaging_service_sid:
            raise ValueError("an account needs a number or a messaging service to send from")
        if self.timeout <= 0:
            raise ValueError("a time-out is longer than nothing")


class SmsSender:
    """The channel. It never sends a text a second time by itself."""

    def __init__(self, account: Account, clock: Clock, hash_body: Callable[[str], str]) -> None:
        self._account = account
        self._clock = clock
        self._hash_body = hash_body
        self._client = _client(account)
        self._alarms: set[str] = set()

    def send(self, message: Message, deadline: float) -> Outcome:
        """Hand one text over. Every answer of the wire becomes an outcome."""
        form = self._form(message)
        validity = self._validity(message)
        if validity < 1:
            return NotSent("expired", "too late to be of use")
        if self._clock.monotonic() >= deadline:
            return NotSent("deadline", "our claim on it has run out")
        try:
            sent = self._client.messages.create(**form, validity_period=validity)
        except _Throttled as error:
            return NotSent("20429", "too many requests", self._seconds(error.retry_after), whole_line=True)
        except (TwilioRestException, TwilioServiceException) as error:
            return self._alarmed(classify(_count(error.status), _count(error.code)))
        except requests.RequestException as error:
            return _broken(error)
        except (TwilioException, ValueError, TypeError, AttributeError):
            return Unknown("the answer could not be read")
        return Accepted(sent.sid, _count(sent.num_segments)) if sent.sid else Unknown("the answer names no text")

    def find(self, trace: Trace) -> Found | None:
        """Look among the newest texts to that number for one that is not ours yet and reads as ours did."""
        # By number only: nobody says whether a filter by date finds texts that still wait in the queue.
        with _asking():
            candidates = self._client.messages.list(to=trace.to, limit=LOOK_AT)
        earliest, latest = trace.submitted_at + EARLIEST, trace.submitted_at + LATEST
        for text in reversed(candidates):
            timely = text.date_created is not None and earliest <= text.date_created <= latest
            if timely and text.sid not in trace.known_ids and self._hash_body(text.body or "") == trace.body_hash:
                return Found(text.sid, str(text.status), str(text.error_code or ""))
        return None

    def _alarmed(self, outcome: Outcome) -> Outcome:
        """Raise an alarm, once, about a refusal of one text that every such text will meet."""
        if isinstance(outcome, Refused) and outcome.code in ACCOUNT_FAULTS and outcome.code not in self._alarms:
            self._alarms.add(outcome.code)
            logger.error("account_fault channel=sms code=%s reason=%r", outcome.code, outcome.reason)
        return outcome

    def close(self) -> None:
        """Close the connections that nobody is using."""
        http = self._client.http_client
        if isinstance(http, TwilioHttpClient) and http.session is not None:
            http.session.close()

    def check(self) -> None:
        """Raise Unavailable unless the account is there, ours and active."""
        with _asking():
            status = self._client.api.v2010.accounts(self._account.account_sid).fetch().status
        if status != "active":
            raise Unavailable(f"The Twilio account is {status}", "Look into the Twilio console", permanent=True)

    def erase(self, provider_id: str) -> None:
        """Have the provider delete one text; one that is gone already is fine."""
        with _asking():
            try:
                self._client.messages(provider_id).delete()
            except TwilioRestException as error:
                if error.status != 404:
                    raise

    def _form(self, message: Message) -> dict[str, str]:
        form = {
            "to": message.to,
            "body": message.body,
            "from_": self._account.from_number,
            "messaging_service_sid": self._account.messaging_service_sid,
            "status_callback": message.callback_url,
        }
        return {name: value for name, value in form.items() if value}

    def _validity(self, message: Message) -> int:
        """Return for how many seconds the text is worth delivering."""
        if message.expires_at is None:
            return LONGEST_VALIDITY
        return min(LONGEST_VALIDITY, int((message.expires_at - self._clock.now()).total_seconds()))

    def _seconds(self, retry_after: str) -> float | None:
        """Read a Retry-After header: seconds or a date."""
        if retry_after.isdecimal():
            return float(retry_after)
        try:
            return max(0.0, (parsedate_to_datetime(retry_after) - self._clock.now()).total_seconds())
        except (ValueError, TypeError):
            return None


def classify(status: int, code: int) -> Outcome:
    """Say what a refusal means: the HTTP status counts first, the code second, the words never."""
    if status == 429:
        return NotSent(str(code), "too many requests", whole_line=True)
    if not 400 <= status < 500:
        return Unknown(f"the provider answered {status}")
    if status in {401, 404} or code in OUR_SETTINGS:
        return NotSent(str(code), REASONS.get(code, "the account or its settings are wrong"), stop_channel=True)
    if code == QUEUE_FULL:
        return NotSent(str(code), "the sender's queue is full", SLOW_DOWN, whole_line=True)
    if code in BAD_ADDRESS:
        return Refused(str(code), "no mobile phone has this number", bad_address=True)
    return _other(status, code)


def _other(status: int, code: int) -> Outcome:
    if code != status:
        return Refused(str(code), REASONS.get(code, f"refused with code {code}"), opted_out=code == OPTED_OUT)
    if status == 403:
        return NotSent("403", "the account may not send", stop_channel=True)
    # Without a code of the provider's somebody in between has spoken, and nobody knows what came before.
    return Unknown(f"somebody answered {status}")


class _Throttled(requests.RequestException):
    """The provider refused to process a request. The SDK would lose the header."""

    def __init__(self, retry_after: str) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


class _Form(io.BytesIO):
    """The body of a request, which knows whether anybody has begun to write it to the wire."""

    begun = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.begun = True
        return super().read(size)


class _Wire(HTTPAdapter):
    """Connections that remember whether a request left. They never try twice."""

    def add_headers(self, request: requests.PreparedRequest, **_: object) -> None:
        body = request.body
        if isinstance(body, str | bytes):
            form = _Form(body.encode() if isinstance(body, str) else body)
            request.body = form  # type: ignore[assignment] # the stubs forget that a file will do


def _client(account: Account) -> Client:
    http = TwilioHttpClient(timeout=account.timeout, request_hooks={"response": _refuse_when_throttled})
    http.session.mount("https://", _Wire())
    http.session.mount("http://", _Wire())
    # A rehearsal on this machine is never reached through a proxy.
    http.session.trust_env = not account.base_url
    # An environment of its own: TWILIO_EDGE and TWILIO_REGION would rewrite the host behind our back.
    environment = {"TWILIO_ACCOUNT_SID": account.account_sid}
    client = Client(account.account_sid, account.auth_token, http_client=http, environment=environment)
    if account.base_url:
        client.api.base_url = account.base_url
    return client


def _refuse_when_throttled(response: requests.Response, *_: object, **__: object) -> None:
    if response.status_code == 429:
        response.close()
        raise _Throttled(response.headers.get("Retry-After", ""))


def _broken(error: requests.RequestException) -> Outcome:
    """Sort what the wire did: a request whose body nobody read never left, all others may have."""
    name = type(error).__name__
    request = error.request
    if isinstance(request, requests.PreparedRequest) and not getattr(request.body, "begun", False):
        return NotSent(name, "the provider could not be reached", whole_line=True)
    return Unknown(f"the connection broke: {name}")


def _count(number: object) -> int:
    """Read a number that the provider wrote; whatever is none counts as 0."""
    return int(text) if (text := str(number)).isdecimal() else 0


@contextmanager
def _asking() -> Iterator[None]:
    """Turn all that a look-up can raise into our refusal; the foreign words would name the number."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        wrong = error.status in {401, 403, 404}
        hint = "Compare the account SID and the auth token with the Twilio console" if wrong else ""
        raise Unavailable(f"Twilio answered {error.status}, code {error.code}", hint, permanent=wrong) from None
    except requests.RequestException as error:
        raise Unavailable(f"Twilio could not be asked: {type(error).__name__}") from None
    except (TwilioException, ValueError, TypeError, KeyError, AttributeError):
        raise Unavailable("Twilio's answer could not be read") from None
