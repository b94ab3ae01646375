"""The proxy that the guide describes, as a real nginx: it passes on who asks for what, and logs no secret."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from commands.web.server import Server

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "operators.md"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
TOKENS = ("kZ9secret", "mQ7secret", "jX5secret", "uW3secret", "cV1secret")
PATHS = (
    "/f/kZ9secret.ics?alarm=60",
    "/m/mQ7secret~sig",
    "/j/jX5secret~sig",
    "/u/uW3secret~sig",
    "/c/cV1secret~sig",
    "/g/thursday-circle",
)
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def written() -> str:
    """Return the first piece of nginx configuration in the guide."""
    text: str = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text(), re.DOTALL)[0]
    return text


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def proxied(folder: Path, behind: str) -> Iterator[str]:
    """Run nginx as the guide says, but without TLS and at any free port, before a service."""
    port, log = free_port(), folder / "access.log"
    told = written().replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace("http://127.0.0.1:8000", behind)
    told = re.sub(r"access_log \S+ ", f"access_log {log} ", told)
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ {''.join(f'{name}_temp_path {folder}/{name};' for name in TEMPORARY)}\n{told} }}\n"
    )
    process = subprocess.Popen([str(NGINX), "-c", str(config), "-e", f"{folder}/error.log"])
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _wait(port: int) -> None:
    ending = time.monotonic() + 10
    while time.monotonic() < ending:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("nginx did not start")


def seen(request: Request) -> JSONResponse:
    return JSONResponse({"host": request.headers["host"], "who": request.client.host if request.client else ""})


def test_the_log_of_the_proxy_holds_no_secret_and_says_what_was_asked_for(tmp_path: Path) -> None:
    app = Starlette(routes=[Route("/{path:path}", seen)])
    headers = {"host": "meet.example.org", "x-forwarded-for": "203.0.113.9"}
    visitor = httpx2.HTTPTransport(local_address="127.0.0.2")
    with (
        Server(app, proxies="127.0.0.1") as server,
        proxied(tmp_path, server.url) as url,
        httpx2.Client(transport=visitor, base_url=url, headers=headers) as client,
    ):
        answers = [client.get(path) for path in PATHS]

    assert {answer.status_code for answer in answers} == {200}
    # Whatever a visitor claims, the proxy's own word about who asks comes last.
    assert answers[0].json() == {"host": "meet.example.org", "who": "127.0.0.2"}
    log = (tmp_path / "access.log").read_text()
    assert [token for token in TOKENS if token in log] == []
    assert len(log.splitlines()) == len(PATHS)
    assert '"GET /f/..." 200' in log
    assert '"GET /g/thursday-circle" 200' in log
