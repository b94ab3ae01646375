"""A calendar from memory compared with the same bytes as a file, served by nginx: requests a second, one core each."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from commands.web.shelf import Shelf
from tests.benchmarks.feeds import cancel, link
from tests.benchmarks.processes import serving
from tests.benchmarks.race import Race, Spent, Standing, run
from tests.benchmarks.scene import scene

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
WRK = shutil.which("wrk")
SERIES = 16  # some 20 kB, each series with a cancelled date
SAID = re.compile(r"(\d+) requests in ([\d.]+)(m?s)")
CONF = """
{user}worker_processes 1; daemon off; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; types {{ text/calendar ics; }}
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{port}; root {folder}/www;
    add_header Cache-Control "private, max-age=300"; add_header Referrer-Policy no-referrer;
    add_header X-Robots-Tag noindex; add_header X-Content-Type-Options nosniff;
  }}
}}
"""


def missing() -> str:
    """Return what has to be installed for this race; empty when everything is here."""
    return " and ".join(name for name, found in (("nginx", NGINX), ("wrk", WRK)) if not found)


def compare(folder: Path, seconds: float, rounds: int) -> Iterator[Standing]:
    """Let both servers answer for a while, in turns."""
    with scene(folder, members=1) as stage:
        for number in range(SERIES):
            begin = 9 * 60 + 5 * number
            cancel(stage, stage.meet(f"every Thursday {begin // 60:02d}:{begin % 60:02d} for an hour"))
        token = link(stage)
        body = Shelf(stage.database, stage.clock, stage.addresses, []).private(token).body
    path = f"/f/{token}.ics"
    file = folder / "www" / "f" / f"{token}.ics"
    file.parent.mkdir(parents=True)
    file.write_bytes(body)
    with _nginx(folder) as port, serving("tests.benchmarks.served", str(folder), path, "packed") as ports:
        ours, limit = (_asked(number, path, seconds) for number in (int(ports.split()[0]), port))
        ours(), limit()
        yield run(Race("feed as a file", f"10,000 calendars of {len(body) // 1000} kB, nginx", ours, limit), rounds)


@contextlib.contextmanager
def _nginx(folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    user = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(CONF.format(folder=folder, port=port, user=user))
    with subprocess.Popen([NGINX or "nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]) as process:
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("nginx did not start")


def _asked(port: int, path: str, seconds: float) -> Callable[[], Spent]:
    """Return how long ten thousand answers take, asked for by 32 connections at once."""
    command = [WRK or "wrk", "-t1", "-c32", f"-d{seconds:g}s", f"http://127.0.0.1:{port}{path}"]

    def ask() -> Spent:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = SAID.search(said)
        if found is None or "Non-2xx" in said:
            raise RuntimeError(f"the server did not answer with a calendar: {said}")
        length = float(found[2]) / (1000 if found[3] == "ms" else 1)
        return Spent(10_000 * length / int(found[1]), 0.0)

    return ask
