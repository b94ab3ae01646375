"""The web application: calendars, webhooks and a few small pages, over what it is handed."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from commands.web import feeds, hosts, own, pages, security
from commands.web.feeds import Feeds
from commands.web.health import Health, Late, Numbers
from commands.web.hosts import KnownHosts, Names
from commands.web.joining import Joining
from commands.web.limits import Limits, Rate
from commands.web.own.desk import Desk
from commands.web.pages import Pages
from commands.web.security import Header, Headers, OwnForms
from commands.web.shelf import Shelf
from commands.web.wall import Wall
from commands.web.webhooks import Webhooks, nobody
from meetup.clock import Clock
from meetup.errors import MeetupError
from meetup.feeds.addresses import Addresses
from meetup.feeds.diary import Diary
from meetup.feeds.known import Known
from meetup.storage.database import Database
from notifications.rules.signatures import Secrets

logger = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
A_VISITOR, EVERYBODY = Rate(5, 600), Rate(200, 3600)  # how often somebody may ask to join, and all together
A_MEMBER, EVERY_MEMBER = Rate(60, 600), Rate(20_000, 3600)  # how many forms an open page may send


def nothing_late() -> Mapping[str, float]:
    """Answer for a process without ticks."""
    return {}


@dataclass(frozen=True, slots=True)
class House:
    """What the web works with. Without a token no webhook is taken; without a public address none can be checked."""

    database: Database
    clock: Clock
    addresses: Addresses
    twilio_tokens: tuple[str, ...] = field(default=(), repr=False)
    shared_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    on_call: Callable[[], None] = nobody  # wakes a person, without a word of why
    public_url: str = ""
    text_number: str = ""  # that members text to; empty: there is none, or the provider chooses among several
    late: Late = nothing_late
    metrics: Callable[[], bytes] = bytes
    metrics_token: str = field(default="", repr=False)  # empty: nobody is shown any numbers


def build(house: House) -> Starlette:
    """Put the application together; its `state.at_once` answers for calendars that are ready."""
    known = Known()  # one memory of what happens when, for calendars and pages
    shelf = Shelf(house.database, house.clock, house.addresses, _defaults(house), known=known)
    app = Starlette(
        routes=_routes(house, shelf, known),
        middleware=fences(house),
        exception_handlers={
            HTTPException: _refused,
            SQLAlchemyError: _unavailable,
            MeetupError: _unavailable,
            500: _broken,
        },
    )
    app.router.redirect_slashes = False  # it names our address, and without TLS, since it does not know of any
    app.state.at_once = hosts.guarded(shelf.at_once, _names(house))
    return app


def fences(house: House) -> list[Middleware]:
    """Return what stands in front of every page."""
    return [
        Middleware(Headers, defaults=_defaults(house)),
        Middleware(KnownHosts, names=_names(house), refusals=_refusing),
        Middleware(OwnForms, hosts=_hosts(house.addresses), refusal=_refusing(403)),
        Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY),
    ]


def _defaults(house: House) -> tuple[Header, ...]:
    return security.standing(encrypted=house.public_url.startswith("https://"))


def _names(house: House) -> Names:
    return Names.of(house.addresses.public_url, house.addresses.private_url)


def _routes(house: House, shelf: Shelf, known: Known) -> list[BaseRoute]:
    calendars = Feeds(shelf)
    wall = Wall(house.database, house.clock, house.addresses)
    shown = Pages(house.database, house.clock, house.addresses, wall, known)
    limits = Limits(A_VISITOR, EVERYBODY, house.clock.monotonic)
    joining = Joining(house.database, house.clock, limits, house.text_number)
    secrets = Secrets(house.twilio_tokens, house.shared_keys)
    webhooks = Webhooks(house.database, house.clock, house.addresses, house.public_url, secrets, house.on_call)
    return [
        Route("/", pages.blank),
        Route("/f/{token}.ics", calendars.member),
        Route("/g/{slug}.ics", calendars.group),
        Route("/g/{slug}", shown.group),
        Route("/g/{slug}/join", joining.form),
        Route("/g/{slug}/join", joining.join, methods=["POST"]),
        Route("/u/{signed}", shown.stop),
        Route("/u/{signed}", shown.stopped, methods=["POST"]),
        Route("/c/{signed}", shown.agree),
        Route("/c/{signed}", shown.agreed, methods=["POST"]),
        *own.routes(_members_pages(house, known)),
        Route("/j/{signed}", shown.door),
        Route("/j/{signed}", shown.enter, methods=["POST"]),
        Route("/twilio/sms", webhooks.text, methods=["POST"]),
        Route("/twilio/voice", webhooks.call, methods=["POST"]),
        Route("/twilio/status", webhooks.status, methods=["POST"]),
        Route("/healthz", Health(house.late).look),
        Route("/metrics", Numbers(house.metrics, house.metrics_token).show),
        Route("/robots.txt", feeds.robots),
        Route("/style.css", pages.style),
    ]


def _members_pages(house: House, known: Known) -> Desk:
    diary = Diary(known, house.addresses)
    limits = Limits(A_MEMBER, EVERY_MEMBER, house.clock.monotonic)
    return Desk(house.database, house.clock, house.addresses, limits, diary, house.text_number)


def _hosts(addresses: Addresses) -> frozenset[str]:
    return frozenset(urlsplit(url).netloc.lower() for url in (addresses.public_url, addresses.private_url) if url)


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    path = request.url.path.rstrip("/")
    if status == 404 and path != request.url.path and _known(request, path):
        return RedirectResponse(f"../{path.rpartition('/')[2]}", 307)
    response = pages.refusal(status, request.headers.get("accept-language", ""))
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


def _known(request: Request, path: str) -> bool:
    """Tell whether there would be an answer at another address."""
    asked = {**request.scope, "path": path}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.router.routes)


def _unavailable(request: Request, error: Exception) -> Response:
    # Calendar programs keep what they have and ask again; an empty calendar would wipe it.
    logger.error("web_unavailable error=%s", type(error).__name__)
    response = pages.refusal(503, request.headers.get("accept-language", ""))
    response.headers["retry-after"] = "60"
    return response


def _broken(request: Request, _error: Exception) -> Response:
    return pages.refusal(500, request.headers.get("accept-language", ""))


def _refusing(status: int) -> ASGIApp:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await pages.refusal(status)(scope, receive, send)

    return refuse
