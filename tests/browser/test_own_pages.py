"""A member's own page in a real browser: by keyboard, on a narrow screen, without JavaScript."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Window
from sqlmodel import func, select

from commands.web.app import House, build
from commands.web.server import Server
from meetup import naming
from meetup.clock import HandClock
from meetup.feeds.addresses import Addresses
from meetup.people import contacts, members, subscriptions, visits
from meetup.people.visits import Purpose
from meetup.storage.database import Database
from meetup.storage.tables import Member, PageKey
from meetup.values import Channel
from tests import databases
from tests.browser.chromium import chromium, visiting
from tests.browser.test_published_pages import SIDEWAYS, violations
from tests.commands.stage import NUMBER, sown
from tests.conftest import START

PARTS = {
    "en": ("Next dates", "Reminders", "How we write to you", "Your calendar", "Your data"),
    "es": ("Próximas fechas", "Avisos", "Cómo te escribimos", "Tu calendario", "Tus datos"),
}


@dataclass(frozen=True)
class Place:
    """The service at a loopback port, and Ada, who is a member."""

    url: str
    database: Database
    clock: HandClock
    ada: int

    def link(self, language: str = "en") -> str:
        """Return a link that opens her page, in a language."""
        self.clock.pass_(hours=1)  # nobody is given many in an hour
        with self.database.writing() as session:
            members.edit(session, session.get_one(Member, self.ada), {"language": language}, self.clock.now())
            point = contacts.of_member(session, self.ada)[Channel.EMAIL]
            key = visits.ask(session, point, Purpose.LINK, self.clock.now())
            assert key is not None
            return Addresses(self.database.vault, self.url).page_link(naming.key(key))

    def newest_code(self) -> str:
        """Return the code that was just asked for."""
        with self.database.reading() as session:
            return visits.code(session.vault, session.exec(select(func.max(PageKey.id))).one() or 0)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    file = tmp_path_factory.mktemp("place") / "meetup.db"
    seed, clock = sown(file), HandClock(START)
    database = Database(databases.address(file), databases.VAULT)
    house = House(database, clock, Addresses(database.vault), text_number=NUMBER)
    with contextlib.closing(database), Server(build(house)) as server:
        yield Place(server.url, database, clock, seed.ada)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def looked_at(window: Window) -> None:
    """Find nothing that keeps anybody out, by day and by night."""
    assert violations(window) == []
    assert window.evaluate(SIDEWAYS) == 0
    window.emulate_media(color_scheme="dark")
    assert violations(window, runOnly=["color-contrast"]) == []
    window.emulate_media(color_scheme="light")


@pytest.mark.parametrize("language", ["en", "es"])
def test_axe_finds_nothing_on_any_part_at_320_pixels(browser: Browser, place: Place, language: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale=language)
    with visiting(context, f"{place.url}/m") as visit:
        looked_at(visit.page)
        visit.page.goto(place.link(language))
        looked_at(visit.page)
        visit.page.locator("main button").click()
        for part in PARTS[language]:
            visit.page.get_by_role("link", name=part, exact=True).click()
            assert visit.page.inner_text("h1") == part
            looked_at(visit.page)
        visit.page.goto(f"{place.url}/m/calendar")
        visit.page.locator("button[value=no]").click()
        looked_at(visit.page)
    assert all(url.startswith(place.url) for url in visit.asked)
    assert [one for one in visit.complaints if "404" not in one] == []


def test_she_comes_in_answers_and_leaves_by_keyboard_and_without_javascript(browser: Browser, place: Place) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en")
    with visiting(context, place.link()) as visit:
        visit.page.get_by_role("button", name="Open").press("Enter")
        visit.page.wait_for_selector("h1:has-text('Next dates')")
        visit.page.get_by_role("button", name="Online", exact=True).first.press("Enter")
        visit.page.wait_for_selector("text=You said: Online.")

        visit.page.keyboard.press("Tab")
        assert visit.page.locator(":focus").inner_text() == "Leave this page"
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url(f"{place.url}/")
        visit.page.go_back()
        assert "Next dates" not in visit.page.content()
        assert context.cookies() == []


def test_she_chooses_her_reminders_with_a_screen_readers_names(browser: Browser, place: Place) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en")
    with visiting(context, place.link()) as visit:
        visit.page.get_by_role("button", name="Open").click()
        visit.page.get_by_role("link", name="Reminders").click()
        visit.page.get_by_role("checkbox", name="By text", exact=True).uncheck()
        visit.page.get_by_role("checkbox", name="24 hours before").uncheck()
        visit.page.get_by_role("radio", name="Rather online").check()
        visit.page.get_by_role("button", name="Save").click()
        visit.page.wait_for_selector("[role=status]:has-text('Saved.')")

    with place.database.reading() as session:
        [row] = subscriptions.of_member(session, session.get_one(Member, place.ada))
    assert (row.channels, row.unwanted, row.preference) == ("email", "24h", "online")


def test_axe_finds_nothing_on_pages_that_ask_once_more(browser: Browser, place: Place) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="en")
    with visiting(context, place.link()) as visit:
        visit.page.locator("main button").click()
        for part, name in (("data", "Stop everything"), ("reminders", "Leave this group")):
            visit.page.goto(f"{place.url}/m/{part}")
            visit.page.get_by_role("button", name=name).click()
            assert visit.page.inner_text("h1") == name
            looked_at(visit.page)
        visit.page.goto(f"{place.url}/m/data")
        visit.page.get_by_role("button", name="Send me a code by mail").click()
        visit.page.get_by_role("textbox", name="Code of six digits").fill(place.newest_code())
        visit.page.get_by_role("button", name="Go on").click()
        looked_at(visit.page)
        for name in ("Show me how", "Delete everything about me"):
            visit.page.goto(f"{place.url}/m/data")
            visit.page.get_by_role("button", name=name).click()
            looked_at(visit.page)


def test_a_page_that_closed_meanwhile_says_so(browser: Browser, place: Place) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en")
    with visiting(context, place.link()) as visit:
        visit.page.get_by_role("button", name="Open").click()
        place.clock.pass_(hours=1)
        visit.page.get_by_role("button", name="Send me nothing for 30 days").click()
        assert visit.page.inner_text("[role=alert]") == "Your page was closed. Open it again from here."
    with place.database.reading() as session:
        assert session.get_one(Member, place.ada).quiet_until is None


def test_she_takes_her_data_after_a_fresh_code(browser: Browser, place: Place) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en", accept_downloads=True)
    with visiting(context, place.link()) as visit:
        visit.page.get_by_role("button", name="Open").click()
        visit.page.get_by_role("link", name="Your data").click()
        visit.page.get_by_role("button", name="Send me a code by mail").click()
        visit.page.get_by_label("Code of six digits").fill(place.newest_code())
        visit.page.get_by_role("button", name="Go on").click()
        for name in ("Show me how", "Delete everything about me", "Stop everything"):
            visit.page.goto(f"{place.url}/m/data")
            visit.page.get_by_role("button", name=name).click()
            visit.page.wait_for_selector("h1")
            assert visit.page.locator("button").first.inner_text() == "Leave this page"
        visit.page.goto(f"{place.url}/m/data")
        with visit.page.expect_download() as found:
            visit.page.get_by_role("button", name="Take my data with me").click()
    assert found.value.suggested_filename == "my-data.json"
