"""What every answer carries, and whose forms we take. Pure ASGI: it stands in front of every request."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({b"same-origin", b"none"})
# Webhooks are signed; RFC 8058 lets anybody's server post to a link that only its reader knows.
OPEN = ("/twilio/", "/u/")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def standing(*, encrypted: bool) -> tuple[Header, ...]:
    """Return the headers of every answer that does not say otherwise."""
    headers = [
        (b"content-security-policy", POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),  # our addresses are secrets
        (b"x-robots-tag", b"noindex"),
        (b"cache-control", b"no-store"),
    ]
    if encrypted:
        headers.append((b"strict-transport-security", b"max-age=31536000"))
    return tuple(headers)


def completed(headers: Iterable[Header], defaults: Sequence[Header]) -> list[Header]:
    """Add the headers that are missing."""
    given = list(headers)
    names = {name.lower() for name, _ in given}
    return given + [(name, value) for name, value in defaults if name not in names]


class Headers:
    """Completes the headers of every answer."""

    def __init__(self, app: ASGIApp, defaults: Sequence[Header]) -> None:
        self._app = app
        self._defaults = defaults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = completed(message.get("headers", ()), self._defaults)
            await send(message)

        await self._app(scope, receive, complete)


class OwnForms:
    """Refuses forms that somebody else's page posts.

    The cookie of a member's page is not sent along with those (`SameSite`); this is the second lock.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], refusal: ASGIApp) -> None:
        self._app = app
        self._hosts = hosts
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        foreign = scope["type"] == "http" and scope["method"] not in SAFE and not scope["path"].startswith(OPEN)
        if foreign and not own(scope["headers"], self._hosts):
            await self._refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def own(headers: Iterable[Header], hosts: frozenset[str]) -> bool:
    """Tell whether a form comes from one of our own pages, or from something that is no browser."""
    given = dict(headers)
    site = given.get(b"sec-fetch-site")
    if site is not None:
        return site in OWN
    origin = given.get(b"origin", b"").decode("latin-1")
    # Older browsers say “null” for our own pages, since these ask them to say nothing about where they come from.
    if origin in {"", "null"}:
        return True
    return urlsplit(origin).netloc.lower() in {*hosts, given.get(b"host", b"").decode("latin-1").lower()}
