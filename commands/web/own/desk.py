"""Who is at her page: the browser's cookie, and what every page and form of it has in common."""

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from commands.web import render
from commands.web.forms import fields
from commands.web.limits import Limits
from commands.web.own import words
from commands.web.own.words import Words
from meetup.clock import Clock
from meetup.feeds.addresses import Addresses
from meetup.feeds.diary import Diary
from meetup.people import visits
from meetup.people.visits import VISITS_LAST, Here
from meetup.storage.database import Database, Session
from meetup.storage.tables import Member, Organization
from meetup.wording import languages
from notifications.rules.signatures import Fields

logger = logging.getLogger(__name__)

HOME = "../m"
Given = Mapping[str, tuple[str, ...]]


class Wrong(Exception):
    """What was asked for cannot be done: the word for why, and the page that says so. Nothing has changed."""

    def __init__(self, said: str, page: str = HOME) -> None:
        super().__init__(said)
        self.said, self.page = said, page


@dataclass(frozen=True, slots=True)
class Caller:
    """A member at her page, and what she has filled in."""

    session: Session
    here: Here
    diary: Diary
    number: str = ""  # that members text to
    said: str = ""  # what has just been done, as a word of ours
    given: Given = field(default_factory=dict)

    @property
    def member(self) -> Member:
        return self.here.member

    @property
    def home(self) -> Organization:
        return self.here.home

    @property
    def language(self) -> str:
        return languages.language(self.member.language)

    @property
    def words(self) -> Words:
        return words.of(self.language)

    @property
    def place(self) -> str:
        """Return the locale in which to write."""
        return languages.locale(self.language, self.home.country)

    def one(self, name: str) -> str:
        """Return what a field holds; nothing when it was left out."""
        return self.given.get(name, ("",))[-1]

    def all(self, name: str) -> frozenset[str]:
        """Return everything that was ticked under a name."""
        return frozenset(self.given.get(name, ()))

    def page(self, name: str, *, at_home: bool = False, **facts: object) -> Response:
        """Fill in one of her pages."""
        style, base = ("style.css", "m/") if at_home else ("../style.css", "")
        told = self.words.said.get(self.said, "")
        text = render.render(
            f"own/{name}.html",
            language=self.language,
            style=style,
            base=base,
            home="m" if at_home else HOME,
            words=self.words,
            said=told,
            **facts,
        )
        return HTMLResponse(text)


Show = Callable[[Caller], Response]
Act = Callable[[Caller], Response]


@dataclass(frozen=True, slots=True)
class Desk:
    """Lets in who has opened her page, and nobody else; every form is a transaction."""

    database: Database
    clock: Clock
    addresses: Addresses
    limits: Limits
    diary: Diary
    number: str = ""

    @property
    def cookie(self) -> str:
        """Return the cookie's name: behind TLS one that no other host and no unencrypted page can set."""
        return "__Host-page" if self.encrypted else "page"

    @property
    def encrypted(self) -> bool:
        return self.addresses.base.startswith("https://")

    def looking(self, show: Show) -> Callable[[Request], Response]:
        """Return what shows a page; who has none open is led to where it is opened."""

        def answer(request: Request) -> Response:
            with self.database.reading() as session:
                here = visits.here(session, self.token(request), self.clock.now())
                if here is None:
                    return RedirectResponse(f"{HOME}?said=closed" if self.token(request) else HOME, 303)
                said = request.query_params.get("said", "")
                return show(Caller(session, here, self.diary, self.number, said))

        return answer

    def acting(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        """Return what takes a form; when it cannot be done nothing has changed, and her page says why."""

        async def answer(request: Request) -> Response:
            given = _given(fields(await request.body()))
            return await run_in_threadpool(self._act, act, request, given)

        return answer

    def _act(self, act: Act, request: Request, given: Given) -> Response:
        token = self.token(request)
        with self.database.reading() as session:
            # Who is not there takes nothing of what members have in common: no turn at the forms, and no lock.
            if visits.here(session, token, self.clock.now()) is None:
                return RedirectResponse(f"{HOME}?said=closed", 303)
        if waiting := self.limits.wait(token):
            raise HTTPException(429, headers={"retry-after": str(math.ceil(waiting))})
        try:
            with self.database.writing() as session:
                here = visits.here(session, token, self.clock.now())
                if here is None:
                    return RedirectResponse(f"{HOME}?said=closed", 303)
                return act(Caller(session, here, self.diary, self.number, given=given))
        except Wrong as wrong:
            return done(wrong.said, wrong.page)

    def token(self, request: Request) -> str:
        """Return what a browser shows; nothing when it shows nothing that could be ours."""
        try:
            morsel = SimpleCookie(request.headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return ""
        return morsel.value if morsel is not None and morsel.value.isascii() else ""

    def let_in(self, response: Response, token: str) -> Response:
        """Give a browser what it shows from now on, to this host alone and to no script."""
        age = int(VISITS_LAST.total_seconds())
        response.set_cookie(
            self.cookie, token, max_age=age, path="/", secure=self.encrypted, httponly=True, samesite="lax"
        )
        return response

    def let_out(self, response: Response) -> Response:
        """Take it away again."""
        response.delete_cookie(self.cookie, path="/", secure=self.encrypted, httponly=True, samesite="lax")
        return response


def done(said: str, page: str = HOME) -> Response:
    """Lead back to a page that says what was done: pressing “reload” there does nothing twice."""
    return RedirectResponse(f"{page}?said={said}", 303)


def _given(found: Fields) -> Given:
    given: dict[str, tuple[str, ...]] = {}
    for name, text in found:
        given[name] = (*given.get(name, ()), text)
    return given
