"""Joining in a real browser: by keyboard, on a narrow screen, without JavaScript, and asking nobody else."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from commands.web.app import House, build
from commands.web.server import Server
from meetup.clock import HandClock
from meetup.feeds.addresses import Addresses
from meetup.people import contacts
from meetup.storage.database import Database
from meetup.storage.tables import Group
from meetup.values import Channel
from tests import databases
from tests.browser.chromium import chromium, visiting
from tests.browser.test_published_pages import SIDEWAYS, violations
from tests.commands.stage import NUMBER, sown
from tests.conftest import START


@dataclass(frozen=True)
class Place:
    """The service at a loopback port."""

    url: str
    database: Database

    def speak(self, language: str) -> None:
        with self.database.writing() as session:
            session.get_one(Group, 1).language = language


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    file = tmp_path_factory.mktemp("place") / "meetup.db"
    sown(file)
    database = Database(databases.address(file), databases.VAULT)
    house = House(database, HandClock(START), Addresses(database.vault), text_number=NUMBER)
    with contextlib.closing(database), Server(build(house)) as server:
        yield Place(server.url, database)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("language", ["en", "es"])
def test_axe_finds_nothing_on_any_step_at_320_pixels(browser: Browser, place: Place, language: str) -> None:
    place.speak(language)
    context = browser.new_context(viewport={"width": 320, "height": 640})
    with visiting(context, f"{place.url}/g/thursday-circle/join") as visit:
        assert violations(visit.page) == []
        assert visit.page.evaluate(SIDEWAYS) == 0
        visit.page.emulate_media(color_scheme="dark")
        assert violations(visit.page, runOnly=["color-contrast"]) == []

        visit.page.locator("button[value=text]").click()
        assert "JOIN " in visit.page.inner_text("main")
        assert violations(visit.page) == []
        assert visit.page.evaluate(SIDEWAYS) == 0
    assert all(url.startswith(place.url) for url in visit.asked)
    # The one thing that is not there is the icon that every browser looks for.
    assert [one for one in visit.complaints if "404" not in one] == []


def test_somebody_joins_by_keyboard_and_without_javascript(browser: Browser, place: Place) -> None:
    place.speak("en")
    context = browser.new_context(java_script_enabled=False)
    with visiting(context, f"{place.url}/g/thursday-circle") as visit:
        visit.page.get_by_role("link", name="Get reminders").press("Enter")
        visit.page.get_by_label("Your mail address").fill("new@example.org")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("h1:has-text('Look into your mailbox')")

    with place.database.reading() as session:
        contact = contacts.by_address(session, Channel.EMAIL, "new@example.org")
    assert contact is not None
    assert contact.state == "pending"
