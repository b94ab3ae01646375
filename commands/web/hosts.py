"""Which names we answer to, and what each shows: the neutral one never leads to a group.

A name that is not ours is refused: a page elsewhere whose name was pointed at this machine (DNS rebinding) would
otherwise read what only this network may see. An address in figures cannot be pointed anywhere.
"""

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from commands.web.express import AtOnce
from commands.web.security import Header
from commands.web.sheets import Answer

ANYWHERE = ("/healthz", "/metrics")  # asked by machines, by whatever name; they name nobody
EXACTLY = ("/", "/m")
OF_MEMBERS = ("/f/", "/m/", "/j/", "/u/", "/c/", "/style.css", "/robots.txt")


@dataclass(frozen=True, slots=True)
class Names:
    """The host names of the public and of the neutral address; empty ones are not configured."""

    public: str = ""
    private: str = ""

    @classmethod
    def of(cls, public_url: str, private_url: str) -> "Names":
        """Return the names in two addresses."""
        return cls(_name(urlsplit(public_url).netloc), _name(urlsplit(private_url).netloc))

    def know(self, host: str) -> bool:
        """Tell whether a request for a host is meant for us."""
        return _known(self, host)

    def show(self, host: str, path: str) -> bool:
        """Tell whether a page may be seen under a name: a group's is not, under the neutral one."""
        neutral = bool(self.private) and self.private != self.public and _name(host) == self.private
        return not neutral or path in EXACTLY or path.startswith(OF_MEMBERS)


class KnownHosts:
    """Refuses requests that are meant for somebody else, and hides groups behind the neutral name."""

    def __init__(self, app: ASGIApp, names: Names, refusals: Callable[[int], ASGIApp]) -> None:
        self._app = app
        self._names = names
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = self._status(scope) if scope["type"] == "http" else 0
        app = self._refusals(status) if status else self._app
        await app(scope, receive, send)

    def _status(self, scope: Scope) -> int:
        host, path = host_of(scope["headers"]), scope["path"]
        if path not in ANYWHERE and not self._names.know(host):
            return 421
        return 0 if path in ANYWHERE or self._names.show(host, path) else 404


def guarded(at_once: AtOnce, names: Names) -> AtOnce:
    """Let nothing be answered at once that the application would refuse for its name."""

    def answer(method: bytes, target: bytes, headers: Iterable[Header]) -> Answer | None:
        given = list(headers)
        host = host_of(given)
        welcome = names.know(host) and names.show(host, target.partition(b"?")[0].decode("latin-1"))
        return at_once(method, target, given) if welcome else None

    return answer


def host_of(headers: Iterable[Header]) -> str:
    """Return the host that was asked for; empty when a request names none (HTTP/1.0)."""
    return next((value.decode("latin-1") for name, value in headers if name == b"host"), "")


@lru_cache(maxsize=1024)
def _known(names: Names, host: str) -> bool:
    name = _name(host)
    return not name or name in {names.public, names.private, "localhost"} or _in_figures(name)


def _name(host: str) -> str:
    """Return a host without its port, in lower case and without the dot at its end."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0].rstrip(".")


def _in_figures(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
