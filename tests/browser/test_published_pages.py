"""The published pages in a real browser: for every eye, by keyboard, without JavaScript, and asking nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from commands import folder
from commands.web import posters, render
from commands.web.posters import Spot
from meetup.feeds.poster import Poster
from tests.browser.chromium import Visit, chromium, serving, visiting
from tests.commands.stage import opened, sown, staged
from tests.meetup.posters import CIRCLE, MONTHLY, of
from tests.notifications.walk import moment

BASE = "https://circles.example"
PAGES = ("thursday-circle.html", "cuidadores.html", "index.html")
LONG = "Selbsthilfegruppe-für-Angehörige-und-Freunde-von-Menschen-mit-Depression"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN_ALL = "for (const one of document.querySelectorAll('details')) one.open = true"
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one)
  return [one === document.body ? "" : one.innerText, style.outlineStyle, parseFloat(style.outlineWidth)]
}"""


def shown() -> list[Poster]:
    """Return posters with every kind of date, in both languages, and with a very long name."""
    open_circle = replace(MONTHLY, title="Open evening", place=CIRCLE.place)
    spanish = of(CIRCLE, open_circle, slug="cuidadores", name="Cuidadores de Troy", language="es")
    return [of(CIRCLE, name=LONG), spanish]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("site")
    made = shown()
    files = {
        f"{one.slug}.html": posters.page(one, Spot(f"{BASE}/{one.slug}.html", f"{BASE}/{one.slug}.ics", f"{BASE}/"))
        for one in made
    }
    files["index.html"] = posters.index("Riverside", "en", [(one, f"{one.slug}.html") for one in made], Spot(BASE, ""))
    found = folder.look(directory)
    bodies = {name: text.encode() for name, text in files.items()} | {"style.css": render.STYLE}
    found.carry_out(found.plan(bodies, lambda _name: None))
    with serving(directory) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Visit]:
    """The group's page on the narrowest screen that counts."""
    context = browser.new_context(viewport={"width": 320, "height": 640})
    with visiting(context, f"{site}{PAGES[0]}") as visit:
        yield visit


@pytest.fixture
def plain(browser: Browser, site: str) -> Iterator[Visit]:
    """The same without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    with visiting(context, f"{site}{PAGES[0]}") as visit:
        yield visit


def violations(page: Page, **options: Any) -> list[str]:
    """Return what axe finds: WCAG 2.2 AA, and what it calls good practice."""
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in Axe().run(page, options=options).response["violations"]
    ]


def tab_through(page: Page) -> list[tuple[str, str, float]]:
    """Press Tab until it comes round, and return what was focused and how that was shown."""
    seen: list[tuple[str, str, float]] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        name, style, width = page.evaluate(FOCUSED)
        if not name:
            break
        seen.append((name, style, width))
    return seen


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_by_day_and_by_night(browser: Browser, site: str, name: str) -> None:
    with visiting(browser.new_context(), f"{site}{name}") as visit:
        visit.page.evaluate(OPEN_ALL)

        assert violations(visit.page) == []
        visit.page.emulate_media(color_scheme="dark")
        assert violations(visit.page, runOnly=["color-contrast"]) == []


def test_axe_would_find_something(phone: Visit) -> None:
    phone.page.evaluate("document.querySelector('.code').removeAttribute('aria-label')")
    phone.page.evaluate("document.querySelector('h1').style.color = '#ddd'")

    found = violations(phone.page, runOnly=["color-contrast", "role-img-alt"])
    assert [one.partition(":")[0] for one in found] == ["color-contrast", "role-img-alt"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_narrowest_screen(browser: Browser, site: str, name: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    with visiting(context, f"{site}{name}") as visit:
        narrow = visit.page.evaluate(SIDEWAYS)
        visit.page.evaluate(OPEN_ALL)
        visit.page.evaluate("document.documentElement.style.fontSize = '200%'")

        assert (narrow, visit.page.evaluate(SIDEWAYS)) == (0, 0)


def test_text_may_grow_to_twice_its_size(phone: Visit) -> None:
    before = phone.page.evaluate("document.querySelector('.when').getBoundingClientRect().height")
    phone.page.evaluate("document.documentElement.style.fontSize = '200%'")

    after = phone.page.evaluate("document.querySelector('.when').getBoundingClientRect().height")
    clipped = phone.page.evaluate(
        "[...document.querySelectorAll('p, a, h1, h2, li')].filter(one => one.scrollHeight > one.clientHeight + 2 "
        "&& getComputedStyle(one).overflow !== 'visible').length"
    )
    assert after >= 1.9 * before
    assert clipped == 0


def test_by_keyboard_one_meets_everything_in_its_order_and_sees_where_one_is(phone: Visit) -> None:
    met = tab_through(phone.page)

    assert [name for name, _, _ in met] == [
        "Show on a map",
        "Apple, Outlook, Thunderbird",
        "Google Calendar",
        "Outlook.com",
        "Microsoft 365",
        "Calendar file",
        "If a button does not work",
        "All groups",
    ]
    assert {(style, width >= 3) for _, style, width in met} == {("solid", True)}


def test_the_steps_by_hand_open_with_a_key_and_name_the_address(plain: Visit) -> None:
    address = plain.page.locator("code")
    hidden = not address.is_visible()
    plain.page.locator("summary").focus()
    plain.page.keyboard.press("Enter")

    assert (hidden, address.is_visible()) == (True, True)
    assert address.inner_text() == f"{BASE}/thursday-circle.ics"


def test_without_javascript_everything_is_there(plain: Visit) -> None:
    text = plain.page.locator("main").inner_text()

    for said in (
        "Every Thursday, 7:00 PM–8:30 PM (New York time)",
        "Online only.",
        "Cancelled.",
        "Members have the link",
    ):
        assert said in text
    assert plain.page.locator("ol.dates > li").count() == 6


@pytest.mark.parametrize("name", PAGES)
def test_nobody_else_is_asked_for_anything(browser: Browser, site: str, name: str) -> None:
    with visiting(browser.new_context(), f"{site}{name}") as visit:
        assert visit.asked == [f"{site}{name}", f"{site}style.css"]
        assert visit.complaints == []


def test_what_is_written_in_a_page_cannot_run_or_load_anything(browser: Browser, site: str) -> None:
    with visiting(browser.new_context(), f"{site}{PAGES[0]}") as visit:
        visit.page.evaluate(
            "const one = document.createElement('img'); one.src = 'https://tracker.example/x.png';"
            "document.body.append(one);"
            "const two = document.createElement('script'); two.textContent = 'window.ran = true';"
            "document.body.append(two)"
        )

        assert visit.page.evaluate("window.ran") is None
        refused = [one.partition("'")[0] for one in visit.complaints if "Content Security Policy" in one]
        assert len(refused) == 2


def test_touching_is_easy(phone: Visit) -> None:
    """WCAG 2.5.8 asks for 24 pixels; for tired fingers a button has twice as many."""
    heights = phone.page.evaluate("[...document.querySelectorAll('a.button')].map(one => one.offsetHeight)")

    assert len(heights) == 5
    assert min(heights) >= 48


def test_a_dark_screen_stays_dark_and_the_code_readable(phone: Visit) -> None:
    def colours() -> list[str]:
        return list(
            phone.page.evaluate(
                "[getComputedStyle(document.body).backgroundColor,"
                " getComputedStyle(document.querySelector('.code path')).fill]"
            )
        )

    day = colours()
    phone.page.emulate_media(color_scheme="dark")

    assert (day, colours()) == (
        ["rgb(250, 250, 248)", "rgb(255, 255, 255)"],
        ["rgb(27, 31, 34)", "rgb(255, 255, 255)"],
    )


def test_on_paper_the_code_stays_and_the_buttons_do_not(phone: Visit) -> None:
    phone.page.emulate_media(media="print")

    assert not phone.page.locator("a.button").first.is_visible()
    assert phone.page.locator(".code svg").is_visible()
    assert phone.page.locator("ol.dates").is_visible()


def test_axe_finds_nothing_on_the_pages_of_the_service(browser: Browser, tmp_path: Path) -> None:
    seed = sown(tmp_path / "seed.db")
    with staged() as theatre, opened(theatre, seed, tmp_path / "meetup.db") as house:
        url = str(house.client.base_url).rstrip("/")
        house.clock.turn_to(moment(26, 19, 0))
        paths = ("/g/thursday-circle", house.stop_path(), house.door, "/g/nowhere")
        with visiting(browser.new_context(), f"{url}{paths[0]}") as visit:
            found = [problem for path in paths for problem in _seen(visit.page, f"{url}{path}")]

    assert found == []


def _seen(page: Page, url: str) -> list[str]:
    page.goto(url)
    return violations(page)
