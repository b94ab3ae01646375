"""What the SMS provider posts: texts and calls that came in, and reports on texts. Nothing unsigned counts."""

import html
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from commands.web.forms import fields as read
from meetup import organization
from meetup.clock import Clock
from meetup.feeds.addresses import Addresses
from meetup.storage.database import Database
from meetup.wording import languages
from notifications.inbound import Text, take_text
from notifications.reports import Report, take_report
from notifications.rules import keywords
from notifications.rules.keywords import IntentKind
from notifications.rules.signatures import Secrets, valid
from notifications.words import replies
from notifications.words.compose import Voice

logger = logging.getLogger(__name__)

DANGER = frozenset({IntentKind.CRISIS, IntentKind.STOP_AND_CRISIS})
SPOKEN = {"en": "en-US", "es": "es-US"}


def nobody() -> None:
    """Wake nobody."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Takes what is signed for the address that the provider was given."""

    database: Database
    clock: Clock
    addresses: Addresses
    public_url: str
    secrets: Secrets = field(repr=False)
    on_call: Callable[[], None] = nobody

    async def text(self, request: Request) -> Response:
        """Act on a text that came in, and answer it."""
        form = await self._form(request)
        text = Text(form.get("MessageSid", ""), form.get("From", ""), form.get("Body", ""), form.get("OptOutType", ""))
        if not (text.provider_id and text.sender):
            raise HTTPException(400)
        answer = twiml(await run_in_threadpool(self._take_text, text))
        if keywords.read(text.body).kind in DANGER:
            self.on_call()
        return answer

    async def call(self, request: Request) -> Response:
        """Say the same standing words to every caller, in both languages, and hang up; nothing is kept of a call."""
        await self._form(request)
        said = await run_in_threadpool(self._standing_words)
        spoken = "".join(
            f'<Say language="{SPOKEN[code]}">{html.escape(words, quote=False)}</Say>' for code, words in said
        )
        return _xml(f"{spoken}<Hangup/>")

    async def status(self, request: Request) -> Response:
        """Take a report on a delivery, whose code only our own address holds."""
        form = await self._form(request)
        code = self.addresses.read_callback(request.query_params.get("d", ""))
        if code is None:
            raise _refused("callback")
        report = Report(code, form.get("MessageSid", ""), form.get("MessageStatus", ""), form.get("ErrorCode", ""))
        await run_in_threadpool(self._take_report, report)
        return twiml("")

    def _standing_words(self) -> list[tuple[str, str]]:
        with self.database.reading() as session:
            own = organization.the(session)
        first = languages.language(own.language)
        voice = Voice.of(own)
        return [(code, replies.call(voice, code)) for code in sorted(SPOKEN, key=lambda code: code != first)]

    def _take_text(self, text: Text) -> str:
        with self.database.writing() as session:
            return take_text(session, text, self.clock.now(), self.addresses)

    def _take_report(self, report: Report) -> None:
        with self.database.writing() as session:
            take_report(session, report, self.clock.now())

    async def _form(self, request: Request) -> dict[str, str]:
        """Return a signed form; refuse any other."""
        fields = read(await request.body())
        signature = request.headers.get("x-twilio-signature", "")
        settings = request.headers.get("x-twilio-webhooks-signature-settings", "")
        if not self.public_url or not valid(self.secrets, self._address(request), fields, signature, settings):
            raise _refused("signature")
        return dict(fields)

    def _address(self, request: Request) -> str:
        """Return the address as the provider spelt it: never from headers, which anybody may set."""
        path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
        return f"{self.public_url}{path}?{query}" if query else f"{self.public_url}{path}"


def twiml(words: str) -> Response:
    """Return the answer that sends some words, or none: a plain “OK” would be texted to the member."""
    message = f"<Message>{html.escape(words, quote=False)}</Message>" if words else ""
    return _xml(message)


def _xml(verbs: str) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>', media_type="text/xml")


def _refused(what: str) -> HTTPException:
    logger.warning("webhook_refused reason=%s", what)
    return HTTPException(403)
