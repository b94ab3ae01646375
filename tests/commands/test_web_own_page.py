"""A member's own page: who is not there sees nothing, and who is there decides everything about herself."""

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import httpx2
import pytest
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.routing import Route

from commands.web.limits import Limits, Rate
from commands.web.own.desk import Desk
from commands.web.own.home import Home
from meetup import dates, naming
from meetup.feeds import links
from meetup.feeds.addresses import Addresses
from meetup.feeds.diary import Diary
from meetup.feeds.known import Known
from meetup.people import consent, contacts, joining, members, privacy, subscriptions, visits
from meetup.people.consent import Wording
from meetup.people.visits import Purpose
from meetup.storage.tables import (
    AnswerRow,
    ConsentRow,
    ContactPoint,
    DeliveryRow,
    FeedLink,
    Meeting,
    Member,
    PageKey,
    SubscriptionRow,
    Visit,
)
from meetup.values import Action, Channel, Lead, Source
from notifications import planning, tidy
from notifications.inbound import Text, take_text
from tests.commands.html import Page
from tests.commands.stage import NUMBER, PUBLIC, Site, Theatre, asking, scans
from tests.notifications.walk import THURSDAY, moment

ADA, PHONE = "ada@example.org", "+12025550123"
COOKIE = "__Host-page"
FORGED = "1~AAAAAAAAAAAAAAAAAAAAAA"


@dataclass
class Browser:
    """A browser that keeps cookies as people's do, and follows where it is led."""

    site: Site
    jar: dict[str, str]

    def get(self, path: str, *, follow: bool = True) -> httpx2.Response:
        return self._kept(self.site.client.get(path, headers=self._headers()), follow=follow)

    def post(self, path: str, *, follow: bool = True, **form: str | list[str]) -> httpx2.Response:
        return self.fill(path, form, follow=follow)

    def fill(self, path: str, form: Mapping[str, str | list[str]], *, follow: bool = True) -> httpx2.Response:
        answer = self.site.client.post(path, data=dict(form), headers=self._headers())
        return self._kept(answer, follow=follow)

    def _headers(self) -> dict[str, str]:
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())}

    def _kept(self, answer: httpx2.Response, *, follow: bool) -> httpx2.Response:
        for header in answer.headers.get_list("set-cookie"):
            name, value = header.partition(";")[0].split("=", 1)
            self.jar[name] = value
            if "Max-Age=0" in header:
                del self.jar[name]
        if follow and answer.is_redirect:
            return self.get(str(answer.url.join(answer.headers["location"]).raw_path, "ascii"))
        return answer


@pytest.fixture
def site(texting_site: Site) -> Site:
    return texting_site


@pytest.fixture
def browser(site: Site) -> Browser:
    return Browser(site, {})


@pytest.fixture
def ada(browser: Browser) -> Browser:
    """Ada at her page, by the link of a mail."""
    browser.post("/m/find", address=ADA)
    browser.post(link(browser.site))
    assert browser.get("/m").status_code == 200
    return browser


def link(site: Site) -> str:
    """Return the path of the newest link."""
    with site.database.reading() as session:
        query = select(PageKey).where(PageKey.purpose == Purpose.LINK).order_by(col(PageKey.id).desc())
        key = session.exec(query).first()
    return site.addresses.page_link(naming.key(key)).removeprefix(PUBLIC) if key else ""


def code(site: Site) -> str:
    """Return the newest code."""
    with site.database.reading() as session:
        query = select(PageKey).where(PageKey.purpose == Purpose.CODE).order_by(col(PageKey.id).desc())
        key = session.exec(query).first()
        return visits.code(session.vault, naming.key(key)) if key else ""


def proven(ada: Browser) -> Browser:
    ada.post("/m/ask")
    assert "Thank you" in ada.post("/m/prove", code=code(ada.site)).text
    return ada


def texted(site: Site, body: str, sender: str = PHONE, number: str = "SM1") -> str:
    with site.database.writing() as session:
        return take_text(session, Text(number, sender, body), site.clock.now(), site.addresses)


def mailed(site: Site) -> list[DeliveryRow]:
    with site.database.writing() as session:
        for step in planning.STEPS:
            step(session, site.clock.now())
        return list(session.exec(select(DeliveryRow).where(DeliveryRow.kind == "key")).all())


def heading(answer: httpx2.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.text)
    return found[1] if found else ""


def said(answer: httpx2.Response) -> str:
    found = re.search(r'role="(?:status|alert)"><strong>(.*?)</strong>', answer.text)
    return found[1] if found else ""


def member(site: Site) -> Member:
    with site.database.reading() as session:
        return site.member(session)


def subscription(site: Site) -> SubscriptionRow:
    with site.database.reading() as session:
        return subscriptions.of_member(session, site.member(session))[0]


def phone_state(site: Site) -> str:
    with site.database.reading() as session:
        return contacts.of_member(session, site.ada)[Channel.SMS].state


# The way in


def test_who_is_not_there_sees_a_form_and_no_cookie(browser: Browser) -> None:
    answer = browser.get("/m")

    assert heading(answer) == "Open your page"
    assert "set-cookie" not in answer.headers
    assert NUMBER not in answer.text
    assert Page(answer.text).problems == []


@pytest.mark.parametrize("path", ["/m/reminders", "/m/ways", "/m/calendar", "/m/data"])
def test_no_part_of_a_page_is_shown_without_it_being_open(browser: Browser, path: str) -> None:
    answer = browser.get(path, follow=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "../m")
    browser.jar[COOKIE] = "made-up"
    assert said(browser.get(path)) == "Your page was closed. Open it again from here."


def test_a_form_never_says_whether_an_address_is_known(browser: Browser) -> None:
    with browser.site.database.writing() as session:
        zoe = members.add(session, members.MemberDraft("Zoe", email="zoe@example.org"), browser.site.clock.now())
        consent.stop(session, contacts.of_member(session, naming.key(zoe))[Channel.EMAIL], Source.MAIL, zoe.created_at)
    told = {browser.post("/m/find", address=address).text for address in (ADA, "zoe@example.org", "x@example.org")}

    assert len(told) == 1
    assert [row.member_id for row in mailed(browser.site)] == [browser.site.ada]


def test_the_mail_that_brings_a_link_is_planned_once_and_for_a_quarter_of_an_hour(browser: Browser) -> None:
    browser.post("/m/find", address=ADA)

    mailed(browser.site)
    [row] = mailed(browser.site)
    assert (row.channel, row.expires_at - row.due_at) == ("email", timedelta(minutes=15))
    with browser.site.database.reading() as session:
        assert session.get_one(ConsentRow, row.consent_id).action == Action.CONFIRMED


def test_nobodys_mailbox_is_filled_from_a_form(browser: Browser) -> None:
    for _ in range(8):
        browser.site.clock.pass_(minutes=3)
        browser.post("/m/find", address=ADA)

    with browser.site.database.reading() as session:
        assert len(session.exec(select(PageKey)).all()) == visits.MOST_KEYS


def test_looking_at_a_link_opens_nothing_and_its_button_opens_the_page_once(browser: Browser) -> None:
    browser.post("/m/find", address=ADA)
    path = link(browser.site)

    assert [heading(browser.get(path)) for _ in range(3)] == ["Open your page?"] * 3
    assert browser.jar == {}
    assert heading(browser.post(path)) == "Next dates"

    stranger = Browser(browser.site, {})
    assert heading(stranger.get(path)) == "This link opens nothing any more"
    assert heading(stranger.post(path)) == "This link opens nothing any more"
    assert stranger.jar == {}


def test_a_link_is_good_for_a_quarter_of_an_hour(browser: Browser) -> None:
    browser.post("/m/find", address=ADA)
    browser.site.clock.pass_(minutes=15)

    assert heading(browser.post(link(browser.site))) == "This link opens nothing any more"


@pytest.mark.parametrize("path", [f"/m/{FORGED}", "/m/nothing", "/m/1.2~x", "/m/%00~"])
def test_a_forged_link_opens_nothing(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code == 404
    assert browser.jar == {}


def test_the_cookie_is_for_this_host_alone_and_for_no_script(browser: Browser) -> None:
    browser.post("/m/find", address=ADA)
    cookie = browser.post(link(browser.site), follow=False).headers["set-cookie"]

    assert cookie.startswith(f"{COOKIE}=")
    assert {part.strip() for part in cookie.split(";")[1:]} >= {"HttpOnly", "Secure", "SameSite=lax", "Path=/"}


def test_leaving_closes_the_page_and_shows_nothing(ada: Browser) -> None:
    token = ada.jar[COOKIE]

    assert "<main>" not in ada.post("/m/leave").text
    assert ada.jar == {}
    ada.jar[COOKIE] = token
    assert heading(ada.get("/m")) == "Open your page"


def test_a_page_closes_by_itself_after_an_hour(ada: Browser) -> None:
    ada.site.clock.pass_(minutes=59)
    assert heading(ada.get("/m")) == "Next dates"
    ada.site.clock.pass_(minutes=1)
    assert heading(ada.get("/m")) == "Open your page"


def test_what_a_stolen_database_holds_opens_no_page(ada: Browser) -> None:
    ada.post("/m/ask")
    lines = "\n".join(ada.site.everything())

    assert ada.jar[COOKIE] not in lines
    assert link(ada.site).rpartition("~")[2] not in lines
    assert code(ada.site) not in lines


def test_a_button_that_is_pressed_twice_opens_the_page_all_the_same(browser: Browser) -> None:
    browser.post("/m/find", address=ADA)
    path = link(browser.site)
    browser.post(path)

    assert heading(browser.post(path)) == "Next dates"
    assert heading(Browser(browser.site, {}).post(path)) != "Next dates"


@pytest.mark.parametrize("path", ["/m/", "/m/find/"])
def test_a_slash_too_many_leads_on_without_naming_any_host(browser: Browser, path: str) -> None:
    answer = browser.site.get(path, host="meet.example")

    assert answer.status_code == 307
    assert answer.headers["location"] == f"../{path.split('/')[-2]}"


def test_a_form_from_elsewhere_is_refused(ada: Browser) -> None:
    headers = {"cookie": f"{COOKIE}={ada.jar[COOKIE]}", "sec-fetch-site": "cross-site"}
    answer = ada.site.client.post("/m/quiet", data={"quiet": "yes"}, headers=headers)

    assert answer.status_code == 403
    assert member(ada.site).quiet_until is None


# By text


def test_a_text_that_says_link_is_answered_with_the_way_in(browser: Browser) -> None:
    answer = texted(browser.site, "Link")
    path = re.search(rf"{PUBLIC}(/m/\S+)", answer)

    assert path is not None
    assert path[1] == link(browser.site)
    assert texted(browser.site, "Link") == answer  # redelivered: the same link, and no second one
    assert heading(browser.post(path[1])) == "Next dates"
    assert path[1] not in "\n".join(browser.site.everything())


def test_no_link_is_texted_to_strangers_nor_where_somebody_else_may_read_it(site: Site) -> None:
    assert PUBLIC not in texted(site, "LINK", "+12025550177")
    with site.database.writing() as session:
        members.edit(session, site.member(session), {"phone_shared": True}, site.clock.now())
    assert PUBLIC not in texted(site, "LINK", number="SM2")
    assert not re.search(r"\d{6}", texted(site, "CODE", number="SM3"))


def test_a_code_can_be_asked_for_by_text(ada: Browser) -> None:
    answer = texted(ada.site, "código")

    assert code(ada.site) in answer
    assert "Thank you" in ada.post("/m/prove", code=code(ada.site)).text


# What she sees and does


def test_it_shows_her_dates_with_the_way_in_and_no_word_of_what_it_is_about(ada: Browser) -> None:
    page = ada.get("/m").text

    assert "Thursday, November 26, 7:00 PM (New York time)" in page
    assert "12 Elm Street" in page
    assert ada.site.addresses.join(ada.site.ada, ada.site.meeting) in page
    assert "Thursday circle" not in page
    assert "zoom" not in page
    assert Page(page).problems == []


def test_dates_that_are_over_are_not_shown(ada: Browser) -> None:
    ada.site.clock.turn_to(moment(26, 21))
    ada.post("/m/find", address=ADA)
    ada.post(link(ada.site))

    assert "November 26" not in ada.get("/m").text


@pytest.mark.parametrize("path", ["/m", "/m/reminders", "/m/ways", "/m/calendar", "/m/data"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_part_is_well_formed_small_and_has_its_exit_first(ada: Browser, path: str, language: str) -> None:
    with ada.site.database.writing() as session:
        members.edit(session, ada.site.member(session), {"language": language}, ada.site.clock.now())
    answer = ada.get(path)

    assert Page(answer.text).problems == []
    assert len(answer.content) < 15_000
    assert answer.headers["cache-control"] == "no-store"
    first = re.search(r"<(?:a|button|input)\b[^>]*>([^<]*)", answer.text)
    assert first is not None
    assert first[1] in {"Leave this page", "Salir de esta página"}
    for telling in ("Thursday circle", "og:", "<script", "Riverside Peer Support"):
        assert telling not in answer.text


@pytest.mark.parametrize("path", ["/m", "/m/reminders", "/m/ways", "/m/calendar", "/m/data"])
def test_every_part_costs_three_indexed_questions_at_most(ada: Browser, path: str) -> None:
    ada.get(path)
    with asking(ada.site) as questions:
        assert ada.get(path).status_code == 200

    assert 1 <= len(questions) <= 3
    assert [line for line in scans(ada.site, questions) if "organization" not in line] == []


def test_one_tap_answers_another_changes_it_and_a_third_takes_it_back(ada: Browser) -> None:
    date = re.findall(r'name="date" value="([^"]+)"', ada.get("/m").text)[0]

    assert said(ada.post("/m/answer", date=date, answer="online")) == "Noted."
    assert "You said: Online." in ada.get("/m").text
    ada.post("/m/answer", date=date, answer="not_coming")
    with ada.site.database.reading() as session:
        assert [row.answer for row in session.exec(select(AnswerRow)).all()] == ["not_coming"]
    ada.post("/m/answer", date=date, answer="")
    with ada.site.database.reading() as session:
        assert session.exec(select(AnswerRow)).all() == []


@pytest.mark.parametrize(
    ("date", "answer"), [("1.20261125T1900", "online"), ("99.20261126T1900", "online"), ("", ""), ("1.x", "in_person")]
)
def test_no_answer_is_kept_to_what_is_no_date_of_hers(ada: Browser, date: str, answer: str) -> None:
    assert said(ada.post("/m/answer", date=date, answer=answer)).startswith("That date has changed")
    with ada.site.database.reading() as session:
        assert session.exec(select(AnswerRow)).all() == []


def test_a_cancelled_date_is_shown_as_such_and_asks_for_no_answer(ada: Browser) -> None:
    with ada.site.database.writing() as session:
        circle = session.get_one(Meeting, ada.site.meeting)
        dates.cancel(session, circle, dates.slot_on(session, circle, THURSDAY), ada.site.clock.now())
    page = ada.get("/m").text

    assert "Cancelled: Thursday group" in page
    assert "20261126T1900" not in page


def test_a_month_of_quiet_ends_by_itself_or_at_once(ada: Browser) -> None:
    ada.post("/m/quiet", quiet="yes")
    assert member(ada.site).quiet_until == ada.site.clock.now() + timedelta(days=30)
    assert "Nothing is sent until Wednesday, December 23" in ada.get("/m").text
    ada.post("/m/quiet", quiet="no")
    assert member(ada.site).quiet_until is None


# Reminders


def test_she_chooses_how_when_and_by_which_door_she_is_reminded(ada: Browser) -> None:
    answer = ada.post("/m/reminders", group="1", by="email", lead="2h", door="online")

    assert said(answer) == "Saved."
    row = subscription(ada.site)
    assert (row.channels, row.unwanted, row.preference) == ("email", "24h", "online")
    page = ada.get("/m/reminders").text
    assert re.search(r'value="24h"(?! checked)', page)
    assert re.search(r'value="2h" checked', page)


def test_reminders_that_a_group_adds_later_are_hers_too(ada: Browser) -> None:
    ada.post("/m/reminders", group="1", by="email", lead="2h", door="either")

    assert subscriptions.wants(subscription(ada.site), Lead.parse("3h"))
    assert not subscriptions.wants(subscription(ada.site), Lead.parse("24h"))


def test_a_channel_that_she_ticks_is_agreed_to_by_the_words_beside_its_box(ada: Browser) -> None:
    with ada.site.database.writing() as session:
        point = contacts.of_member(session, ada.site.ada)[Channel.SMS]
        consent.revoke(session, point, ada.site.group, Source.ORGANIZER, ada.site.clock.now())
    assert not ada.site.agreed(Channel.SMS)
    ada.post("/m/reminders", group="1", by=["sms", "email"], lead=["2h", "24h"], door="either")

    assert ada.site.agreed(Channel.SMS)
    with ada.site.database.reading() as session:
        entry = consent.history(session, ada.site.ada)[-1]
    assert (entry.source, entry.wording_version) == ("page", "page/en/1")
    assert entry.wording in ada.get("/m/reminders").text


def test_who_said_stop_by_text_cannot_be_signed_up_again_from_a_page(ada: Browser) -> None:
    texted(ada.site, "STOP", number="SM9")
    page = ada.get("/m/reminders").text
    ada.post("/m/reminders", group="1", by=["sms", "email"], lead="2h", door="either")

    assert "text START" in page
    assert not ada.site.agreed(Channel.SMS)
    assert subscription(ada.site).channels == "email"


def test_without_any_channel_nothing_changes(ada: Browser) -> None:
    before = subscription(ada.site)

    assert said(ada.post("/m/reminders", group="1", door="online")).startswith("Choose text or mail")
    assert subscription(ada.site) == before


def test_texts_that_pause_go_on_by_a_button_and_by_no_other_form(ada: Browser) -> None:
    with ada.site.database.writing() as session:
        contacts.pause(session, contacts.of_member(session, ada.site.ada)[Channel.SMS], ada.site.clock.now())
    page = ada.get("/m/reminders").text
    ada.post("/m/reminders", group="1", by=["sms", "email"], lead="2h", door="either")
    kept, state = subscription(ada.site).channels, phone_state(ada.site)

    assert "nobody answered from your phone" in page
    assert (kept, state) == ("sms,email", "paused")
    assert said(ada.post("/m/resume")) == "You get texts again."
    assert phone_state(ada.site) == "verified"
    with ada.site.database.reading() as session:
        entry = consent.history(session, ada.site.ada)[-1]
    assert (entry.action, entry.source, entry.channel) == ("confirmed", "page", "sms")
    assert said(ada.post("/m/resume")).startswith("That did not work")


def test_who_leaves_is_counted_no_more(ada: Browser) -> None:
    ada.post("/m/answer", date=re.findall(r'name="date" value="([^"]+)"', ada.get("/m").text)[0], answer="online")
    ada.post("/m/leave-group", group="1", sure="yes")

    with ada.site.database.reading() as session:
        assert session.exec(select(AnswerRow)).all() == []


def test_leaving_a_group_asks_once_more_and_ends_what_was_agreed(ada: Browser) -> None:
    assert heading(ada.post("/m/leave-group", group="1")) == "Leave this group"
    assert ada.site.agreed()

    ada.post("/m/leave-group", group="1", sure="yes")
    assert not ada.site.agreed()
    assert "You are in no group." in ada.get("/m/reminders").text


def test_somebody_elses_group_is_as_unknown_as_none(ada: Browser) -> None:
    assert said(ada.post("/m/reminders", group="2", by="email", door="online")).startswith("That did not work")
    assert said(ada.post("/m/leave-group", group="2", sure="yes")).startswith("That did not work")


# How she is written to


def test_she_chooses_language_zone_hours_label_and_who_else_reads(ada: Browser) -> None:
    form = {"language": "es", "zone": "America/Chicago", "hours_start": "10:00", "hours_end": "19:00"}
    ada.fill("/m/ways", {**form, "cover_label": "Clase de cocina", "phone_shared": "yes", "ask_yearly": "yes"})

    row = member(ada.site)
    assert (row.language, row.zone, row.hours_start, row.hours_end) == tuple(form.values())
    assert (row.cover_label, row.phone_shared, row.plain_words, row.hours_chosen) == (
        "Clase de cocina",
        True,
        False,
        True,
    )
    page = ada.get("/m").text
    assert "hora de Nueva York" in page
    assert "Donde estás: " in page


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"zone": "Nowhere/Land"}, "Hours are written"),
        ({"hours_start": "21:00"}, "Hours are written"),
        ({"language": "xx"}, "Hours are written"),
        ({"cover_label": "depression group"}, "Those words give away"),
        ({"cover_label": "The Thursday circle"}, "Those words give away"),
    ],
)
def test_what_cannot_be_kept_changes_nothing(ada: Browser, change: dict[str, str], word: str) -> None:
    before = member(ada.site)
    usual = {"language": "en", "zone": "", "hours_start": "09:00", "hours_end": "20:00", "cover_label": ""}

    assert said(ada.fill("/m/ways", {**usual, **change})).startswith(word)
    assert member(ada.site) == before


# Her calendar


def test_a_calendar_link_is_shown_once_after_the_question_who_can_see_it(ada: Browser) -> None:
    assert "Can anyone else see this calendar?" in ada.get("/m/calendar").text
    answer = ada.post("/m/calendar", seen="no")
    feed = re.search(rf"{PUBLIC}(/f/\S+\.ics)</code>", answer.text)

    assert feed is not None
    assert "<svg" in answer.text
    assert b"BEGIN:VEVENT" in ada.site.get(feed[1]).content
    assert feed[1] not in ada.get("/m/calendar").text
    assert not member(ada.site).phone_shared


def test_a_calendar_that_others_see_says_only_when(ada: Browser) -> None:
    feed = re.search(rf"{PUBLIC}(/f/\S+\.ics)</code>", ada.post("/m/calendar", seen="bare").text)

    assert feed is not None
    assert b"Elm Street" not in ada.site.get(feed[1]).content
    assert member(ada.site).phone_shared


def test_all_calendars_can_be_emptied(ada: Browser) -> None:
    ada.post("/m/calendar", seen="no")
    ada.post("/m/revoke")
    ada.site.later()

    with ada.site.database.reading() as session:
        assert links.count(session, ada.site.member(session)) == 0
        assert len(session.exec(select(FeedLink)).all()) == 2
    assert b"BEGIN:VEVENT" not in ada.site.get(ada.site.feed).content


# Her data


@pytest.mark.parametrize("path", ["/m/download", "/m/mail", "/m/phone", "/m/forget"])
def test_what_cannot_be_undone_needs_a_fresh_code(ada: Browser, path: str) -> None:
    before = ada.site.everything()

    assert said(ada.post(path, sure="yes", address="new@example.org")).startswith("That needs a fresh code")
    assert ada.site.everything() == before


def test_a_code_is_good_once_and_five_wrong_ones_use_it_up(ada: Browser) -> None:
    ada.post("/m/ask")
    right = code(ada.site)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(visits.MOST_TRIES):
        assert said(ada.post("/m/prove", code=wrong)).startswith("That code is not right")
    assert said(ada.post("/m/prove", code=right)).startswith("That code is not right")

    ada.post("/m/ask")
    assert said(ada.post("/m/prove", code=f" {code(ada.site)[:3]} {code(ada.site)[3:]}")).startswith("Thank you")
    assert said(ada.post("/m/prove", code=code(ada.site))).startswith("That code is not right")


def test_proof_lasts_ten_minutes(ada: Browser) -> None:
    proven(ada)
    ada.site.clock.pass_(minutes=10)

    assert said(ada.post("/m/download")).startswith("That needs a fresh code")


def test_another_members_code_proves_nothing(ada: Browser) -> None:
    with ada.site.database.writing() as session:
        ben = members.add(session, members.MemberDraft("Ben", email="ben@example.org"), ada.site.clock.now())
        point = contacts.of_member(session, naming.key(ben))[Channel.EMAIL]
        consent.on_paper(session, point, ada.site.group, ada.site.clock.now().date(), ada.site.clock.now())
        assert visits.ask(session, point, Purpose.CODE, ada.site.clock.now()) is not None

    assert said(ada.post("/m/prove", code=code(ada.site))).startswith("That code is not right")


def test_she_takes_all_that_is_known_of_her(ada: Browser) -> None:
    answer = proven(ada).post("/m/download")

    assert answer.headers["content-disposition"].startswith("attachment")
    told = json.loads(answer.content)
    assert told["members"]["alias"] == "Ada"
    assert {point["address"] for point in told["contact_points"]} == {ADA, PHONE}
    assert told["visits"]
    assert ada.jar[COOKIE] not in answer.text


def test_a_new_mail_address_counts_from_the_yes_there(ada: Browser) -> None:
    proven(ada)
    assert said(ada.post("/m/mail", address="new@example.org")).startswith("We ask at the new address")
    with ada.site.database.reading() as session:
        point = contacts.of_member(session, ada.site.ada)[Channel.EMAIL]
        assert (point.state, contacts.address(session, point)) == ("pending", "new@example.org")
        assert consent.allows(session, naming.key(point), ada.site.group) is None
        [asked] = consent.pending(session, naming.key(point), ada.site.clock.now())
    ada.site.client.post(ada.site.addresses.agree(asked.id or 0).removeprefix(PUBLIC))

    assert ada.site.agreed()


def test_nobody_can_try_addresses_one_by_one(ada: Browser) -> None:
    with ada.site.database.writing() as session:
        members.add(session, members.MemberDraft("Zoe", email="zoe@example.org"), ada.site.clock.now())
    proven(ada)
    answers = [said(ada.post("/m/mail", address=f"{name}@example.org")) for name in ("a", "zoe", "b", "zoe", "c")]

    assert [answer[:26] for answer in answers] == [
        "We ask at the new address;",
        "That address cannot be use",
        "We ask at the new address;",
        *["A mail address can be chan"] * 2,
    ]


@pytest.mark.parametrize("address", ["nonsense", "zoe@example.org"])
def test_an_address_that_cannot_be_used_changes_nothing(ada: Browser, address: str) -> None:
    with ada.site.database.writing() as session:
        members.add(session, members.MemberDraft("Zoe", email="zoe@example.org"), ada.site.clock.now())
    proven(ada).post("/m/mail", address=address)

    with ada.site.database.reading() as session:
        point = contacts.of_member(session, ada.site.ada)[Channel.EMAIL]
        assert contacts.address(session, point) == ADA


def test_a_new_phone_is_the_one_that_texts_the_code_of_her_page(ada: Browser) -> None:
    shown = re.search(r"JOIN (\d{4,8})<", proven(ada).post("/m/phone").text)
    assert shown is not None
    texted(ada.site, f"JOIN {shown[1]}", "+12025550166", "SM5")

    with ada.site.database.reading() as session:
        point = contacts.of_member(session, ada.site.ada)[Channel.SMS]
        assert contacts.address(session, point) == "+12025550166"
        assert consent.allows(session, naming.key(point), ada.site.group) is not None
        old = session.exec(select(ContactPoint).where(ContactPoint.state == "replaced")).all()
        assert len(old) == 1


def test_stopping_everything_asks_once_more_and_needs_no_code(ada: Browser) -> None:
    assert heading(ada.post("/m/stop")) == "Stop everything"
    assert ada.site.agreed()
    ada.post("/m/stop", sure="yes")

    assert not ada.site.agreed()
    assert not ada.site.agreed(Channel.SMS)


def test_forgetting_leaves_nothing_but_her_wish(ada: Browser) -> None:
    proven(ada)
    page = ada.post("/m/forget").text
    assert "We cannot delete what lies elsewhere" in page
    answer = ada.post("/m/forget", sure="yes")

    assert "Everything that we knew of you is deleted" in answer.text
    assert ada.jar == {}
    with ada.site.database.reading() as session:
        assert session.get(Member, ada.site.ada) is None
        assert session.exec(select(Visit)).all() == []
        assert session.exec(select(PageKey)).all() == []
        assert contacts.by_address(session, Channel.EMAIL, ADA) is None


def test_keys_and_closed_pages_are_tidied_away(ada: Browser) -> None:
    ada.site.clock.pass_(hours=25)
    with ada.site.database.writing() as session:
        tidy.tidy(session, ada.site.clock.now())
        assert session.exec(select(Visit)).all() == []
        assert session.exec(select(PageKey)).all() == []


def test_keys_belong_to_what_is_handed_out_and_erased() -> None:
    assert {"page_keys", "visits"} <= {table.name for table in privacy._hers()}


def test_a_link_of_somebody_who_was_erased_never_belongs_to_a_stranger(browser: Browser) -> None:
    def asked(address: str) -> str:
        with browser.site.database.writing() as session:
            wording = Wording("Yes to schedule mails", "1", "en")
            wish = joining.Wish(Channel.EMAIL, address, browser.site.group, wording)
            point = joining.ask(session, wish, browser.site.clock.now())
            session.flush()
            [entry] = consent.pending(session, naming.key(point), browser.site.clock.now())
            return browser.site.addresses.agree(naming.key(entry)).removeprefix(PUBLIC)

    old = asked("gone@example.org")
    with browser.site.database.writing() as session:
        point = contacts.by_address(session, Channel.EMAIL, "gone@example.org")
        assert point is not None
        gone = session.get_one(Member, point.member_id)
        privacy.forget(session, gone, Source.PAGE, browser.site.clock.now())
    asked("new@example.org")
    browser.site.client.post(old)

    with browser.site.database.reading() as session:
        point = contacts.by_address(session, Channel.EMAIL, "new@example.org")
        assert point is not None
        assert consent.allows(session, naming.key(point), browser.site.group) is None


def test_an_old_link_to_a_page_opens_no_newer_one(browser: Browser) -> None:
    browser.post("/m/find", address=ADA)
    old = link(browser.site)
    browser.site.clock.pass_(hours=25)
    with browser.site.database.writing() as session:
        tidy.tidy(session, browser.site.clock.now())
    browser.post("/m/find", address=ADA)

    assert link(browser.site) != old
    assert heading(browser.post(old)) == "This link opens nothing any more"


# What a stranger may try


def phone_code(ada: Browser) -> str:
    shown = re.search(r"JOIN (\d+)<", ada.post("/m/phone").text)
    assert shown is not None
    return shown[1]


def phone_of(site: Site) -> str:
    with site.database.reading() as session:
        return contacts.address(session, contacts.of_member(session, site.ada)[Channel.SMS])


def test_the_code_of_a_new_phone_is_long_short_lived_and_the_newest_alone(ada: Browser) -> None:
    proven(ada)
    old, new = phone_code(ada), phone_code(ada)
    assert (len(old), len(new)) == (8, 8)

    texted(ada.site, f"JOIN {old}", "+12025550166", "SM21")
    assert phone_of(ada.site) == PHONE
    ada.site.clock.pass_(minutes=30)
    texted(ada.site, f"JOIN {new}", "+12025550166", "SM22")
    assert phone_of(ada.site) == PHONE


def test_who_texts_code_after_code_is_not_listened_to(ada: Browser) -> None:
    right = phone_code(proven(ada))
    for number in range(10):
        texted(ada.site, f"JOIN {(int(right) + 1 + number) % 10**8:08}", "+12025550166", f"SM3{number}")
    texted(ada.site, f"JOIN {right}", "+12025550166", "SM40")

    assert phone_of(ada.site) == PHONE


@pytest.mark.parametrize("typed", ["١٢٣٤٥٦", "²²²²²²", "éééééé", "", "1" * 500])
def test_what_is_no_code_is_wrong_and_counts_as_a_try(ada: Browser, typed: str) -> None:
    ada.post("/m/ask")
    for _ in range(visits.MOST_TRIES):
        assert said(ada.post("/m/prove", code=typed)).startswith("That code is not right")

    assert said(ada.post("/m/prove", code=code(ada.site))).startswith("That code is not right")


def test_cookies_that_are_made_up_take_no_turn_from_members(ada: Browser, theatre: Theatre) -> None:
    desk = Limits(Rate(60, 600), Rate(3, 3600), ada.site.clock.monotonic)
    house = Desk(ada.site.database, ada.site.clock, ada.site.addresses, desk, Diary(Known(), ada.site.addresses))
    act = house.acting(Home(ada.site.clock).quiet)
    theatre[0].app = Starlette(routes=[Route("/m/quiet", act, methods=["POST"])])
    theatre[0].app.state.at_once = lambda *_: None

    strangers = [Browser(ada.site, {COOKIE: f"made-up-{number}"}) for number in range(6)]
    assert {stranger.post("/m/quiet", follow=False, quiet="yes").status_code for stranger in strangers} == {303}
    assert ada.post("/m/quiet", follow=False, quiet="yes").headers["location"] == "../m?said=quiet"


def test_links_asked_for_by_others_leave_her_codes_alone(ada: Browser) -> None:
    for _ in range(visits.MOST_KEYS):
        ada.site.clock.pass_(minutes=3)
        ada.post("/m/find", address=ADA)

    assert said(ada.post("/m/ask")) == "A mail with a code is on its way."


def test_what_went_to_an_address_that_was_given_up_opens_nothing(ada: Browser) -> None:
    ada.post("/m/find", address=ADA)
    waiting, elsewhere = link(ada.site), Browser(ada.site, dict(ada.jar))
    proven(ada).post("/m/ask")
    other = code(ada.site)
    ada.post("/m/mail", address="new@example.org")

    assert heading(ada.site.client.get(waiting)) == "This link opens nothing any more"
    assert heading(Browser(ada.site, {}).post(waiting)) == "This link opens nothing any more"
    assert said(ada.post("/m/prove", code=other)).startswith("That code is not right")
    assert heading(elsewhere.get("/m")) == "Next dates"  # the same browser; others are closed


def test_a_new_mail_address_closes_her_page_in_other_browsers(ada: Browser) -> None:
    ada.post("/m/find", address=ADA)
    other = Browser(ada.site, {})
    other.post(link(ada.site))
    proven(ada).post("/m/mail", address="new@example.org")

    assert heading(other.get("/m")) == "Open your page"
    assert heading(ada.get("/m")) == "Next dates"


def test_who_is_in_no_group_keeps_the_address_that_she_has(ada: Browser) -> None:
    texts = phone_code(proven(ada))
    ada.post("/m/leave-group", group="1", sure="yes")
    before = ada.site.everything()

    assert said(ada.post("/m/mail", address="new@example.org")).startswith("That address cannot be used")
    assert ada.site.everything() == before
    texted(ada.site, f"JOIN {texts}", "+12025550166", "SM7")
    assert phone_of(ada.site) == PHONE


@pytest.mark.parametrize("quiet", ["", "perhaps"])
def test_a_form_without_its_field_ends_no_quiet_month(ada: Browser, quiet: str) -> None:
    ada.post("/m/quiet", quiet="yes")
    until = member(ada.site).quiet_until

    assert said(ada.post("/m/quiet", quiet=quiet)).startswith("That did not work")
    assert member(ada.site).quiet_until == until


def test_a_label_is_one_short_line(ada: Browser) -> None:
    usual = {"language": "en", "zone": "", "hours_start": "09:00", "hours_end": "20:00"}
    ada.fill("/m/ways", {**usual, "cover_label": "Yoga\r\nBcc: all@example.org"})
    assert member(ada.site).cover_label == "Yoga Bcc: all@example.org"

    assert said(ada.fill("/m/ways", {**usual, "cover_label": "x" * 61})).startswith("A label has at most")
    assert member(ada.site).cover_label == "Yoga Bcc: all@example.org"


def test_no_link_is_texted_whose_address_says_what_it_is_about(site: Site) -> None:
    telling = Addresses(site.database.vault, "https://thursdaycircle.example")
    with site.database.writing() as session:
        answer = take_text(session, Text("SM60", PHONE, "LINK"), site.clock.now(), telling)

    assert "thursdaycircle" not in answer


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/m", "/m/find", "/m/data", "/m/forget", f"/m/{FORGED}"])
def test_no_other_method_does_anything(ada: Browser, method: str, path: str) -> None:
    before = ada.site.everything()
    answer = ada.site.client.request(method, path, headers={"cookie": f"{COOKIE}={ada.jar[COOKIE]}"})

    assert answer.status_code in {403, 405}
    assert ada.site.everything() == before


def test_of_two_browsers_that_press_at_once_one_is_let_in(browser: Browser) -> None:
    browser.post("/m/find", address=ADA)
    path = link(browser.site)
    with ThreadPoolExecutor(8) as pool:
        pressed = [pool.submit(Browser(browser.site, {}).post, path, follow=False) for _ in range(8)]
    statuses = sorted(one.result().status_code for one in pressed)

    assert statuses == [303, *[404] * 7]
