"""Joining an open group by oneself: a mail that asks, or a code to be texted. No form here ever causes a text."""

import math
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from commands.web.forms import fields
from commands.web.limits import Limits
from commands.web.pages import page
from meetup import naming, organization
from meetup.clock import Clock
from meetup.errors import NoConsent, NotUnderstood
from meetup.feeds import collect
from meetup.people import joining
from meetup.people.consent import Wording
from meetup.people.joining import Wish
from meetup.storage.database import Database, Session
from meetup.storage.tables import Group
from meetup.values import Channel
from meetup.wording import languages
from notifications.words.compose import Voice, join_wording

NOT_A_MAIL = {
    "en": "That is not a mail address. It looks like name@example.org.",
    "es": "Eso no es una dirección de correo. Tiene la forma nombre@example.org.",
}


@dataclass(frozen=True, slots=True)
class Joining:
    """The form of an open group, and what it leads to; closed groups are as unknown as others."""

    database: Database
    clock: Clock
    limits: Limits
    number: str = ""  # that texts are sent to; empty: nobody can join by text

    def form(self, request: Request) -> Response:
        """Show how to join."""
        with self.database.reading() as session:
            return self._form(session, self._group(session, request))

    async def join(self, request: Request) -> Response:
        """Ask by mail, or show a code; whatever we know about an address, the answer is the same."""
        given = dict(fields(await request.body()))
        visitor = request.client.host if request.client else ""
        return await run_in_threadpool(self._join, request, given, visitor)

    def _join(self, request: Request, given: dict[str, str], visitor: str) -> Response:
        with self.database.reading() as session:
            self._group(session, request)
        if waiting := self.limits.wait(visitor):
            raise HTTPException(429, headers={"retry-after": str(math.ceil(waiting))})
        if given.get("by") == "text":
            return self._by_text(request)
        return self._by_mail(request, given.get("address", ""))

    def _by_text(self, request: Request) -> Response:
        if not self.number:
            raise HTTPException(404)
        with self.database.writing() as session:
            group = self._group(session, request)
            terms = _wording(session, Channel.SMS, group)
            code = joining.offer(session, group, terms, self.clock.now())
        return page("texting", terms.language, code=code, number=self.number, terms=terms.text, style="../../style.css")

    def _by_mail(self, request: Request, address: str) -> Response:
        try:
            with self.database.writing() as session:
                group = self._group(session, request)
                wording = _wording(session, Channel.EMAIL, group)
                joining.ask(session, Wish(Channel.EMAIL, address, naming.key(group), wording), self.clock.now())
        except NotUnderstood:
            with self.database.reading() as session:
                return self._form(session, self._group(session, request), wrong=True)
        except NoConsent:
            pass  # who said stop is not asked again, and nobody else learns that they did
        return self._asked(request)

    def _asked(self, request: Request) -> Response:
        with self.database.reading() as session:
            language = _language(self._group(session, request))
            contact = organization.the(session).contact_mail
        return page("asked", language, contact=contact, style="../../style.css")

    def _form(self, session: Session, group: Group, *, wrong: bool = False) -> Response:
        language = _language(group)
        terms = _wording(session, Channel.SMS, group).text if self.number else ""
        facts = {"of": group.name, "terms": terms, "trouble": NOT_A_MAIL[language] if wrong else ""}
        return page("join", language, 400 if wrong else 200, style="../../style.css", **facts)

    def _group(self, session: Session, request: Request) -> Group:
        group = collect.open_group(session, request.path_params["slug"])
        if group is None:
            raise HTTPException(404)
        return group


def _language(group: Group) -> str:
    return languages.language(group.language)


def _wording(session: Session, channel: Channel, group: Group) -> Wording:
    own = organization.the(session)
    voice = Voice.of(own)
    text, version = join_wording(channel, group.language, voice)
    return Wording(text, version, _language(group))
