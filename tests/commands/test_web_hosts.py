"""Which names the service answers to, and what each of them shows."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from commands.web.app import House, build
from commands.web.hosts import Names
from commands.web.server import Server
from meetup.feeds.addresses import Addresses
from tests.commands.stage import PUBLIC, Seed, Site, Theatre, opened

NEUTRAL = "https://plan-5821.example"
PUBLIC_HOST = PUBLIC.removeprefix("https://")
NEUTRAL_HOST = NEUTRAL.removeprefix("https://")


@pytest.fixture
def site(theatre: Theatre, seed: Seed, tmp_path: Path) -> Iterator[Site]:
    """A service that has a neutral name for what is sent to members."""
    with opened(theatre, seed, tmp_path / "meetup.db") as site:
        addresses = Addresses(site.database.vault, PUBLIC, NEUTRAL)
        theatre[0].app = build(House(site.database, site.clock, addresses, public_url=PUBLIC))
        yield site


def asked(site: Site, path: str, host: str) -> httpx2.Response:
    return site.client.get(path, headers={"host": host})


@pytest.mark.parametrize("host", ["attacker.example", "meet.example.attacker.example", "127.0.0.1.attacker.example"])
def test_a_name_that_was_pointed_at_us_shows_nothing(site: Site, host: str) -> None:
    for path in ("/", "/g/thursday-circle", "/g/thursday-circle.ics", site.feed, site.feed):
        answer = asked(site, path, host)

        assert answer.status_code == 421, path
        assert "Thursday" not in answer.text


def test_a_calendar_in_memory_is_not_shown_under_another_name_either(site: Site) -> None:
    assert "VEVENT" in asked(site, site.feed, NEUTRAL_HOST).text
    assert "VEVENT" in asked(site, site.feed, NEUTRAL_HOST).text  # this one came from memory

    assert asked(site, site.feed, "attacker.example").status_code == 421


@pytest.mark.parametrize(
    "host", [PUBLIC_HOST, PUBLIC_HOST.upper(), f"{PUBLIC_HOST}.", f"{PUBLIC_HOST}:443", "localhost:8000", "[::1]:8000"]
)
def test_our_own_names_are_known_however_they_are_spelt(site: Site, host: str) -> None:
    assert asked(site, "/g/thursday-circle", host).status_code == 200


@pytest.mark.parametrize("path", ["/g/thursday-circle", "/g/thursday-circle.ics", "/twilio/sms"])
def test_the_neutral_name_leads_to_no_group(site: Site, path: str) -> None:
    assert asked(site, path, PUBLIC_HOST).status_code != 404
    for _ in range(2):  # the second time it would come from memory
        answer = asked(site, path, NEUTRAL_HOST)
        assert answer.status_code == 404
        assert "Thursday" not in answer.text


def test_the_neutral_name_shows_what_is_sent_to_members_and_a_blank_page(site: Site) -> None:
    assert "VEVENT" in asked(site, site.feed, NEUTRAL_HOST).text
    assert asked(site, "/style.css", NEUTRAL_HOST).status_code == 200
    way_in = site.addresses.join(site.ada, site.meeting).removeprefix(PUBLIC)
    assert asked(site, way_in, NEUTRAL_HOST).status_code == 200
    root = asked(site, "/", NEUTRAL_HOST)
    assert root.status_code == 200
    assert "<title></title>" in root.text


def test_whoever_watches_over_the_service_may_call_it_anything(site: Site) -> None:
    assert asked(site, "/healthz", "meetup:8000").status_code == 200


def test_without_an_address_of_its_own_the_service_is_seen_from_this_machine_only() -> None:
    names = Names.of("", "")

    assert names.know("localhost:8000")
    assert names.know("192.168.1.7:8000")
    assert names.know("")  # HTTP/1.0
    assert not names.know("rebound.example:8000")


def who(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.client.host if request.client else "")


@pytest.mark.parametrize(
    ("proxies", "seen"), [("127.0.0.1", "203.0.113.9"), ("10.0.0.0/8", "127.0.0.1"), ("", "127.0.0.1")]
)
def test_only_our_own_proxy_is_believed_for_whom_it_asks(proxies: str, seen: str) -> None:
    app = Starlette(routes=[Route("/", who)])
    with Server(app, proxies=proxies) as server, closing(httpx2.Client(trust_env=False)) as client:
        answer = client.get(server.url, headers={"x-forwarded-for": "198.51.100.1, 203.0.113.9"})

    assert answer.text == seen
