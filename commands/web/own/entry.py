"""The way in and out: a form that never says whether an address is known, a link that opens once, and the exit."""

import math
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from commands.web import pages
from commands.web.forms import fields
from commands.web.limits import Limits
from commands.web.own import home, words
from commands.web.own.desk import HOME, Caller, Desk
from meetup import organization
from meetup.errors import NotUnderstood
from meetup.people import contacts, visits
from meetup.people.visits import Purpose
from meetup.storage.database import Session
from meetup.values import Channel
from meetup.wording import languages

STYLE = "style.css"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a page is opened and closed."""

    desk: Desk
    limits: Limits

    def home(self, request: Request) -> Response:
        """Show her page to whom it is open, and to everybody else where it is opened."""
        token = self.desk.token(request)
        said = request.query_params.get("said", "")
        with self.desk.database.reading() as session:
            here = visits.here(session, token, self.desk.clock.now()) if token else None
            if here is not None:
                return home.show(Caller(session, here, self.desk.diary, self.desk.number, said), self.desk.clock.now())
            return self._form(session, request, said)

    async def find(self, request: Request) -> Response:
        """Send the way in to an address that we may write to; the answer is the same for every address."""
        given = dict(fields(await request.body()))
        visitor = request.client.host if request.client else ""
        return await run_in_threadpool(self._find, request, given, visitor)

    def again(self, _request: Request) -> Response:
        """Lead back to the form: somebody reloads what it answered."""
        return RedirectResponse(HOME, 303)

    def link(self, request: Request) -> Response:
        """Offer to open the page: looking uses up nothing, since programs look at links before people do."""
        with self.desk.database.reading() as session:
            key_id, language = self._key(request), self._language(session, request)
            usable = key_id is not None and visits.usable(session, key_id, self.desk.clock.now())
            return pages.page("open" if usable else "used", language, 200 if usable else 404)

    def open(self, request: Request) -> Response:
        """Open the page in this browser, once."""
        with self.desk.database.writing() as session:
            key_id, language = self._key(request), self._language(session, request)
            now, old = self.desk.clock.now(), self.desk.token(request)
            token = visits.enter(session, key_id, now) if key_id is not None else None
            if token is None and old and visits.here(session, old, now) is not None:
                return RedirectResponse(HOME, 303)  # the button was pressed twice
            if token is None:
                return pages.page("used", language, 404)
            if old:
                visits.leave(session, old)
        return self.desk.let_in(RedirectResponse(HOME, 303), token)

    def leave(self, request: Request) -> Response:
        """Close the page, and show one that says nothing."""
        with self.desk.database.writing() as session:
            visits.leave(session, self.desk.token(request))
        return self.desk.let_out(RedirectResponse("../", 303))

    def _find(self, request: Request, given: dict[str, str], visitor: str) -> Response:
        if waiting := self.limits.wait(visitor):
            raise HTTPException(429, headers={"retry-after": str(math.ceil(waiting))})
        with self.desk.database.writing() as session:
            language = self._language(session, request)
            try:
                address = contacts.normalize(Channel.EMAIL, given.get("address", ""))
            except NotUnderstood:
                return self._form(session, request, "no_address", 400)
            contact = visits.reachable(session, Channel.EMAIL, address)
            if contact is not None:
                visits.ask(session, contact, Purpose.LINK, self.desk.clock.now())
            mail = organization.the(session).contact_mail
        return pages.page("found", language, number=self.desk.number, contact=mail)

    def _form(self, session: Session, request: Request, said: str, status: int = 200) -> Response:
        language = self._language(session, request)
        trouble = words.of(language).said.get(said, "")
        style = STYLE if request.url.path.endswith("/m") else "../style.css"
        action = "m/find" if style == STYLE else "find"
        return pages.page("find", language, status, trouble=trouble, style=style, action=action)

    def _key(self, request: Request) -> int | None:
        numbers = self.desk.addresses.read("m", request.path_params["signed"])
        return numbers[0] if numbers else None

    def _language(self, session: Session, request: Request) -> str:
        """Return the browser's language where we write it: nobody is known yet."""
        accepted = request.headers.get("accept-language", "").partition(",")[0]
        return languages.language(accepted or organization.the(session).language)
