"""An HTTP endpoint that behaves as Twilio's Messages resource, and fails as told: for the demo and the tests."""

import argparse
import asyncio
import base64
import json
import secrets
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from commands.rehearsal.carrier import NUMBER, SERVICE, Carrier, Text, new_sid, objection
from commands.rehearsal.hooks import Answer, Signer, post, replies
from commands.rehearsal.listing import VERSION, error, page, resource
from commands.rehearsal.serving import Loopback
from meetup.clock import Clock, SystemClock

ACCOUNT_SID = "AC" + "7e" * 16
AUTH_TOKEN = "5af3" * 8  # opens nothing but a rehearsal

# What the provider itself answers to its keywords.
PROVIDER_WORDS = {
    "STOP": "You are unsubscribed and get nothing more from this number. Reply START to come back.",
    "START": "You are subscribed to this number again. Reply STOP to leave, HELP for help.",
    "HELP": "Reply STOP to leave.",
}

Handler = Callable[[Request], Awaitable[Response]]


class Fault(StrEnum):
    """What goes wrong with one request."""

    ACCEPT_THEN_HANG = "accept_then_hang"
    ACCEPT_THEN_500 = "accept_then_500"
    ACCEPT_THEN_CUT = "accept_then_cut"
    HANG = "hang"
    CUT = "cut"
    ERROR_500 = "error_500"
    HTML_503 = "html_503"
    THROTTLED = "throttled"

    @property
    def accepts(self) -> bool:
        """Tell whether the request is obeyed before it goes wrong."""
        return self.startswith("accept")


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that a phone received as an answer."""

    body: str
    by_provider: bool = False


class RehearsalTwilio:
    """A context manager; while it is open, `base_url` answers as the provider's API."""

    account_sid = ACCOUNT_SID
    auth_token = AUTH_TOKEN
    number = NUMBER
    service = SERVICE

    def __init__(
        self,
        clock: Clock | None = None,
        log: Path | None = None,
        port: int = 0,
        *,
        automatic: bool = False,
        distance: float = 0.0,
    ) -> None:
        self._automatic = automatic
        self._distance = distance  # seconds that every answer takes, as over a real line
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._loopback = Loopback(Starlette(routes=self._routes()), port)
        self.reset(clock or SystemClock(), log)

    def reset(self, clock: Clock, log: Path | None = None) -> None:
        """Start over: forget every text, who left, the script and the settings."""
        self.carrier = Carrier(clock, log)
        self.inbound_url = ""
        self.advanced_opt_out = False
        self.account_status = "active"
        self.retry_after = "1"
        self.signer = Signer(AUTH_TOKEN)
        self.blocked: list[str] = []  # replies of ours that a phone never got, since it had said STOP
        self.inbound_statuses: list[int] = []
        self._faults.clear()

    def __enter__(self) -> Self:
        self._loopback.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._loopback.__exit__()

    @property
    def base_url(self) -> str:
        """Return the address that stands for https://api.twilio.com."""
        return self._loopback.base_url

    @property
    def messages(self) -> tuple[Text, ...]:
        """Return what was accepted from the API, oldest first."""
        return tuple(text for text in self.carrier.texts() if text.direction == "outbound-api")

    def script(self, *faults: Fault, method: str = "POST") -> None:
        """Let the next requests with that method go wrong, one after the other."""
        self._faults[method].extend(faults)

    def phone_texts(self, number: str, body: str) -> tuple[Reply, ...]:
        """Let a phone send us a text; return what it gets back."""
        word = self.carrier.hear(number, body)
        answer = self._post_inbound(self._inbound(number, body), word)
        ours = replies(answer)
        if self.carrier.has_left(number):
            self.blocked.extend(ours)
            ours = ()
        for text in ours:
            self._keep(self.number, number, text, "outbound-reply")
        own = (Reply(PROVIDER_WORDS[word], by_provider=True),) if word else ()
        return own + tuple(Reply(text) for text in ours)

    def flush_callbacks(self, *, copies: int = 1, backwards: bool = False) -> list[int]:
        """Let the accepted texts arrive, and post their receipts; return what we were answered.

        No copies: the receipts are lost on their way.
        """
        steps = [step for step in self.carrier.settle() if step.callback_url] * copies
        ordered = list(reversed(steps)) if backwards else steps
        return [post(step.callback_url, _receipt(step), self.signer).status for step in ordered]

    def _inbound(self, number: str, body: str) -> Text:
        return self._keep(number, self.number, body, "inbound")

    def _keep(self, from_: str, to: str, body: str, direction: str) -> Text:
        now = self.carrier.clock.now()
        status = "received" if direction == "inbound" else "delivered"
        text = Text(new_sid(), to, from_, body, status, now, direction=direction, sent_at=now)
        self.carrier.keep(text)
        return text

    def _post_inbound(self, text: Text, word: str) -> Answer:
        if not self.inbound_url:
            return Answer(0)
        fields = [*_common(text), ("Body", text.body), ("SmsStatus", "received"), ("SmsMessageSid", text.sid)]
        fields += [("NumMedia", "0"), ("NumSegments", str(text.segments)), ("FromCountry", "US"), ("FromCity", "")]
        if self.advanced_opt_out:
            fields += [("MessagingServiceSid", self.service)]
            fields += [("OptOutType", word)] if word else []
        answer = post(self.inbound_url, fields, self.signer)
        self.inbound_statuses.append(answer.status)
        return answer

    def _routes(self) -> list[Route]:
        account = f"/{VERSION}/Accounts/{{account}}"
        messages, message = f"{account}/Messages.json", f"{account}/Messages/{{sid}}.json"
        return [
            Route(f"{account}.json", self._guarded(self._account), methods=["GET"]),
            Route(messages, self._guarded(self._create), methods=["POST"]),
            Route(messages, self._guarded(self._list), methods=["GET"]),
            Route(message, self._guarded(self._fetch), methods=["GET"]),
            Route(message, self._guarded(self._change), methods=["POST"]),
            Route(message, self._guarded(self._delete), methods=["DELETE"]),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        """Check the credentials, then obey the script."""

        async def answer(request: Request) -> Response:
            if not _authorized(request):
                return _refused(401, 20003, "Authenticate")
            if request.path_params["account"] != ACCOUNT_SID:
                return _refused(404, 20404, "The requested resource was not found")
            await asyncio.sleep(self._distance)
            script = self._faults[request.method]
            return await self._fail(script.popleft(), request, handler) if script else await handler(request)

        return answer

    async def _fail(self, fault: Fault, request: Request, handler: Handler) -> Response:
        # Read it whole either way: a client must not be able to tell an accepted request from a lost one.
        await (handler(request) if fault.accepts else request.body())
        if fault is Fault.THROTTLED:
            refusal = _refused(429, 20429, "Too Many Requests")
            refusal.headers["Retry-After"] = self.retry_after
            return refusal
        if fault is Fault.HTML_503:
            return HTMLResponse("<html><h1>503 Service Unavailable</h1></html>", 503)
        if fault in {Fault.CUT, Fault.ACCEPT_THEN_CUT}:
            await self._loopback.cut(request.client)
        if fault in {Fault.HANG, Fault.ACCEPT_THEN_HANG}:
            await _until_gone(request)
        return _refused(500, 20500, "An internal server error has occurred")

    async def _account(self, _: Request) -> Response:
        return JSONResponse({"sid": ACCOUNT_SID, "friendly_name": "Rehearsal", "status": self.account_status})

    async def _create(self, request: Request) -> Response:
        form = await _form(request)
        code = objection(form, self.carrier)
        if code:
            # The number is named here, as the provider does it: whoever logs this answer leaks it.
            return _refused(400, code, f"The message to {form.get('To', '')} was refused")
        text = self.carrier.accept(form)
        receipts = BackgroundTask(self.flush_callbacks) if self._automatic else None
        return JSONResponse(resource(text, ACCOUNT_SID), 201, background=receipts)

    async def _list(self, request: Request) -> Response:
        try:
            return JSONResponse(page(self.carrier.listed(), request.query_params, ACCOUNT_SID))
        except ValueError:
            return _refused(400, 20001, "Invalid parameter")

    async def _fetch(self, request: Request) -> Response:
        text = self.carrier.get(request.path_params["sid"])
        return JSONResponse(resource(text, ACCOUNT_SID)) if text else _missing()

    async def _change(self, request: Request) -> Response:
        text = self.carrier.get(request.path_params["sid"])
        if not text:
            return _missing()
        if (await _form(request)).get("Body") != "":
            return _refused(400, 20001, "A body can only be emptied")
        redacted = replace(text, body="")
        self.carrier.keep(redacted)
        return JSONResponse(resource(redacted, ACCOUNT_SID))

    async def _delete(self, request: Request) -> Response:
        if not self.carrier.get(request.path_params["sid"]):
            return _missing()
        self.carrier.forget(request.path_params["sid"])
        return Response(status_code=204)


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _form(request: Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.form()).items()}


def _authorized(request: Request) -> bool:
    expected = "Basic " + base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
    return secrets.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode())


def _refused(status: int, code: int, message: str) -> Response:
    return JSONResponse(error(status, code, message), status)


def _missing() -> Response:
    return _refused(404, 20404, "The requested resource was not found")


def _common(text: Text) -> list[tuple[str, str]]:
    return [
        ("AccountSid", ACCOUNT_SID),
        ("ApiVersion", VERSION),
        ("From", text.from_),
        ("To", text.to),
        ("MessageSid", text.sid),
        ("SmsSid", text.sid),
    ]


def _receipt(text: Text) -> list[tuple[str, str]]:
    fields = [*_common(text), ("MessageStatus", text.status), ("SmsStatus", text.status)]
    fields += [("MessagingServiceSid", text.service)] if text.service else []
    return fields + ([("ErrorCode", str(text.error_code))] if text.error_code else [])


def main() -> None:
    """Run the endpoint as a process of its own; its address is the first line of its output."""
    parser = argparse.ArgumentParser(description="Answer as Twilio's Messages resource, on this machine only")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, help="append one line of JSON per accepted text")
    parser.add_argument("--receipts", action="store_true", help="post the receipts at once")
    parser.add_argument("--distance", type=float, default=0.0, metavar="SECONDS", help="how long every answer takes")
    given = parser.parse_args()
    with RehearsalTwilio(log=given.log, port=given.port, automatic=given.receipts, distance=given.distance) as twilio:
        facts = {"base_url": twilio.base_url, "account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "number": NUMBER}
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
