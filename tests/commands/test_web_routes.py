"""Every address of the service, asked in ways that nobody meant: it answers, and looking changes nothing."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route

from tests.commands.stage import PUBLIC, Seed, Site, Theatre, opened, sown, staged
from tests.commands.test_web_pages import asked
from tests.notifications.walk import moment

LOOKING = ("GET", "HEAD", "OPTIONS")
METHODS = (*LOOKING, "POST", "PUT", "DELETE", "PATCH", "TRACE")
EXAMPLES = int(os.environ.get("MEETUP_FUZZ", "60"))
FIELD = re.compile(r'<(?:input|select|textarea|button)[^>]* name="([^"]+)"')

odd = st.text(max_size=40) | st.sampled_from(
    [
        "../../etc/passwd",
        "%00",
        "\x00",
        "1.1~",
        "~",
        "-1~x",
        "9" * 400,
        "'; DROP TABLE members; --",
        "<script>",
        "é",
        ".ics",
    ]
)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60).map(str.strip)
headers = st.dictionaries(
    st.sampled_from(
        [
            *("accept-language", "cookie", "origin", "sec-fetch-site", "accept-encoding", "if-none-match", "range"),
            *("if-modified-since", "x-forwarded-for", "x-twilio-signature", "authorization", "referer", "content-type"),
            "x-twilio-webhooks-signature-settings",
        ]
    ),
    header_values
    | st.sampled_from(
        [
            *("es-MX,es;q=0.9", "same-origin", "cross-site", PUBLIC, "null", "W/", '"', "bytes=0-", "Bearer x"),
            *(
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "multipart/form-data; boundary=x",
                "a=b; a=c",
            ),
            "Thu, 99 Foo 2026 99:99:99 GMT",
        ]
    ),
    max_size=4,
)
bodies = st.binary(max_size=200) | st.just(b"x=" + b"9" * 70_000)


@dataclass(frozen=True)
class Ground:
    """The service with somebody waiting to be asked, and every real address that leads somewhere in it."""

    site: Site
    app: Starlette
    real: tuple[str, ...]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder: Path = tmp_path_factory.mktemp("routes")
    seed: Seed = sown(folder / "seed.db")
    theatre: Theatre
    with staged() as theatre, opened(theatre, seed, folder / "meetup.db") as site:
        site.clock.turn_to(moment(26, 18, 50))
        app = theatre[0].app
        assert app is not None
        group = ("/g/thursday-circle", "/g/thursday-circle/join", "/g/thursday-circle.ics")
        real = (site.feed, site.door, site.stop_path(), asked(site), *group)
        for path in real:  # a calendar remembers, when it is first given away, since when it is that one
            site.get(path)
        yield Ground(site, app, real)


def routes(app: Starlette) -> list[str]:
    """Return the paths of all routes, as they are written down."""
    return sorted({route.path for route in app.routes if isinstance(route, Route)})


def paths(ground: Ground) -> st.SearchStrategy[str]:
    """Return addresses of every route: with something odd in the place of each parameter, or real, or nearly."""
    templates = st.sampled_from(routes(ground.app))
    made_up = st.tuples(templates, odd).map(
        lambda pair: re.sub(r"\{[^}]+\}", lambda _: quote(pair[1], safe=""), pair[0])
    )
    real = st.sampled_from(ground.real)
    nearly = st.tuples(real, st.integers(0, 60), st.characters(min_codepoint=33, max_codepoint=126)).map(_changed)
    queries = st.sampled_from(
        ["", "", "?", "?alarm=60", "?alarm=-1", "?lang=es", "?lang=%00", "?code", "?d=x.y", "?" + "a=&" * 90]
    )
    return st.tuples(made_up | real | nearly, queries).map("".join)


def _changed(parts: tuple[str, int, str]) -> str:
    path, place, letter = parts
    at = place % len(path)
    return quote(f"/{path[1:at]}{letter}{path[at + 1 :]}", safe="/~.%")


def forms(ground: Ground) -> st.SearchStrategy[bytes]:
    """Return bodies: bytes of any kind, and forms with the fields that the pages themselves have."""
    shown = {name for path in ground.real for name in FIELD.findall(ground.site.get(path).text)}
    fields = st.sampled_from(sorted({*shown, "From", "Body", "MessageSid", "MessageStatus", "List-Unsubscribe"}))
    filled = st.dictionaries(fields, odd, max_size=6).map(
        lambda form: "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in form.items()).encode()
    )
    return filled | bodies


def ask(ground: Ground, method: str, path: str, given_headers: Mapping[str, str], body: bytes) -> httpx2.Response:
    return ground.site.client.request(method, path, headers=dict(given_headers), content=body or None)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_looking_at_any_address_in_any_way_changes_nothing(ground: Ground, data: st.DataObject) -> None:
    path, method = data.draw(paths(ground)), data.draw(st.sampled_from(LOOKING))
    before = ground.site.everything()

    answer = ask(ground, method, path, data.draw(headers), b"")

    assert answer.status_code < 500
    assert ground.site.everything() == before


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_nothing_that_is_sent_to_any_address_breaks_the_service(ground: Ground, data: st.DataObject) -> None:
    path, method = data.draw(paths(ground)), data.draw(st.sampled_from(METHODS))

    answer = ask(ground, method, path, data.draw(headers), data.draw(forms(ground)))

    assert answer.status_code < 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Traceback" not in answer.text


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_form_from_somebody_elses_page_changes_anything(ground: Ground, data: st.DataObject) -> None:
    given_headers = {**data.draw(headers), "sec-fetch-site": "cross-site", "origin": "https://attacker.example"}
    path = data.draw(paths(ground).filter(lambda path: not path.startswith("/u/")))  # a mail program's own button
    before = ground.site.everything()

    answer = ask(ground, "POST", path, given_headers, data.draw(forms(ground)))

    assert answer.status_code in {400, 403, 404, 405, 413, 429}, path
    assert ground.site.everything() == before
