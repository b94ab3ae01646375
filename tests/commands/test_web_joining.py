"""Joining by oneself: nothing is sent or changed for anybody before they answered from their own address."""

import re

import pytest
from sqlmodel import col, select

from commands.web.app import House, build
from meetup import groups
from meetup.people import consent, contacts, members, subscriptions
from meetup.storage.tables import ConsentRow, DeliveryRow, Group, InboundText, JoinCode, Member, SubscriptionRow
from meetup.values import Action, Channel, Preference, Source
from notifications import planning, tidy
from notifications.inbound import Text, take_text
from tests.commands.html import Page
from tests.commands.stage import NUMBER, PUBLIC, Site, Theatre

FORM = "/g/thursday-circle/join"
NEW = "+12025550199"


@pytest.fixture
def site(texting_site: Site) -> Site:
    return texting_site


def by_mail(site: Site, address: str) -> tuple[int, str]:
    answer = site.client.post(FORM, data={"by": "mail", "address": address})
    return answer.status_code, answer.text


def code_of(site: Site) -> str:
    answer = site.client.post(FORM, data={"by": "text"})
    found = re.search(r"JOIN (\d{4,8})<", answer.text)
    assert found is not None, answer.text
    return found[1]


def texted(site: Site, body: str, sender: str = NEW, number: str = "SM1") -> str:
    with site.database.writing() as session:
        return take_text(session, Text(number, sender, body), site.clock.now())


def ledger(site: Site, address: str) -> list[tuple[str, str, str]]:
    channel = Channel.EMAIL if "@" in address else Channel.SMS
    with site.database.reading() as session:
        contact = contacts.by_address(session, channel, address)
        entries = consent.history_of(session, contact.id or 0) if contact else []
        return [(entry.action, entry.source, entry.wording_version) for entry in entries]


def in_the_group(site: Site, address: str) -> list[str]:
    channel = Channel.EMAIL if "@" in address else Channel.SMS
    with site.database.reading() as session:
        contact = contacts.by_address(session, channel, address)
        member = session.get_one(Member, contact.member_id) if contact else None
        return [row.channels for row in subscriptions.of_member(session, member)] if member else []


def questions(site: Site) -> int:
    with site.database.writing() as session:
        for step in planning.STEPS:
            step(session, site.clock.now())
        return len(session.exec(select(DeliveryRow).where(DeliveryRow.kind == "opt_in")).all())


def test_the_groups_page_leads_to_a_form_that_works_without_a_script(site: Site) -> None:
    group = site.get("/g/thursday-circle")
    assert 'href="thursday-circle/join"' in group.text

    form = site.get(FORM)
    assert form.status_code == 200
    assert "<script" not in form.text
    assert "noindex" in form.text
    assert Page(form.text).problems == []


def test_a_mail_address_is_asked_once_and_in_nothing_before_its_yes(site: Site) -> None:
    status, page = by_mail(site, "new@example.org")

    assert (status, "Look into your mailbox" in page) == (200, True)
    assert ledger(site, "new@example.org") == [("requested", "page", "email/en/1")]
    assert in_the_group(site, "new@example.org") == []
    assert questions(site) == 1

    by_mail(site, "new@example.org")
    assert questions(site) == 1


def test_the_yes_of_the_mail_lets_in(site: Site) -> None:
    by_mail(site, "new@example.org")
    with site.database.reading() as session:
        entry = session.exec(select(ConsentRow).order_by(col(ConsentRow.id).desc())).first()
        assert entry is not None
    path = site.addresses.agree(entry.id or 0).removeprefix(PUBLIC)

    assert site.get(path).status_code == 200
    assert in_the_group(site, "new@example.org") == []
    site.client.post(path)

    assert in_the_group(site, "new@example.org") == ["email"]
    assert ledger(site, "new@example.org")[-1] == ("confirmed", "mail", "email/en/1")


def test_nobody_learns_whether_an_address_is_known_or_said_stop(site: Site) -> None:
    with site.database.writing() as session:
        zoe = members.add(session, members.MemberDraft("Zoe", email="zoe@example.org"), site.clock.now())
        consent.stop(session, contacts.of_member(session, zoe.id or 0)[Channel.EMAIL], Source.MAIL, site.clock.now())

    pages = {by_mail(site, address) for address in ("ada@example.org", "zoe@example.org", "unknown@example.org")}

    assert len(pages) == 1
    assert [action for action, *_ in ledger(site, "zoe@example.org")] == ["revoked"]


def test_somebody_elses_form_changes_nothing_that_a_member_has(site: Site) -> None:
    before = (ledger(site, "ada@example.org"), in_the_group(site, "ada@example.org"))

    by_mail(site, "ada@example.org")

    assert (ledger(site, "ada@example.org"), in_the_group(site, "ada@example.org")) == before


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "x" * 300 + "@example.org", "<script>@example.org"])
def test_what_is_no_address_is_said_beside_the_form(site: Site, address: str) -> None:
    status, page = by_mail(site, address)

    assert status == 400
    assert "That is not a mail address" in page
    assert "<script>" not in page
    with site.database.reading() as session:
        assert len(session.exec(select(Member)).all()) == 1


def test_a_code_lets_in_the_phone_that_texts_it_and_no_other(site: Site) -> None:
    code = code_of(site)
    assert questions(site) == 0  # no form ever causes a text

    assert "you're set" in texted(site, f"Join {code}")

    assert ledger(site, NEW) == [("requested", "page", "page/en/1"), ("confirmed", "text", "page/en/1")]
    assert in_the_group(site, NEW) == ["sms"]
    assert "988" in texted(site, f"JOIN {code}", "+12025550198", "SM2")
    assert ledger(site, "+12025550198") == []


def test_the_words_that_were_on_the_page_are_in_the_ledger(site: Site) -> None:
    page = site.client.post(FORM, data={"by": "text"}).text
    code = re.findall(r"JOIN (\d+)", page)[0]
    texted(site, f"JOIN {code}")

    with site.database.reading() as session:
        entry = session.exec(select(ConsentRow).where(ConsentRow.wording_version == "page/en/1")).first()
    assert entry is not None
    assert entry.wording in page
    assert "up to 12 a month" in entry.wording


@pytest.mark.parametrize("sender", ["22395", "+123", "Harbor", "+4915112345678901234"])
def test_a_sender_that_is_no_phone_joins_nothing_and_waits_for_an_organizer(site: Site, sender: str) -> None:
    texted(site, f"JOIN {code_of(site)}", sender)

    with site.database.reading() as session:
        assert [row.read_at for row in session.exec(select(InboundText)).all()] == [None]
        assert len(session.exec(select(Member)).all()) == 1


def test_a_redelivered_join_is_answered_alike_and_acts_once(site: Site) -> None:
    code = code_of(site)

    assert texted(site, f"JOIN {code}") == texted(site, f"JOIN {code}")
    assert len(ledger(site, NEW)) == 2


def test_a_join_that_let_in_waits_for_nobody_and_a_wrong_one_does(site: Site) -> None:
    texted(site, f"JOIN {code_of(site)}")
    texted(site, "JOIN 0000000", "+12025550197", "SM2")

    with site.database.reading() as session:
        read = {row.provider_id: row.read_at is not None for row in session.exec(select(InboundText)).all()}
    assert read == {"SM1": True, "SM2": False}


def test_a_code_is_good_for_a_day(site: Site) -> None:
    code = code_of(site)
    site.clock.pass_(hours=24)

    assert "988" in texted(site, f"JOIN {code}")
    assert in_the_group(site, NEW) == []
    with site.database.writing() as session:
        tidy.tidy(session, site.clock.now())
        assert session.exec(select(JoinCode)).all() == []


def test_who_said_stop_has_to_text_start_first(site: Site) -> None:
    texted(site, "STOP", "+12025550123")

    assert "988" in texted(site, f"JOIN {code_of(site)}", "+12025550123", "SM2")
    assert ledger(site, "+12025550123")[-1][0] == "revoked"


def test_a_member_by_mail_gets_texts_too_and_keeps_how_she_comes(site: Site) -> None:
    with site.database.writing() as session:
        mia = members.add(session, members.MemberDraft("Mia", phone=NEW, email="mia@example.org"), site.clock.now())
        circle = session.get_one(Group, site.group)
        only = Preference.ONLY_IN_PERSON
        subscriptions.subscribe(session, mia, circle, only, [Channel.EMAIL], site.clock.now())

    texted(site, f"JOIN {code_of(site)}")

    with site.database.reading() as session:
        row = session.exec(select(SubscriptionRow).where(SubscriptionRow.member_id == mia.id)).one()
    assert (row.channels, row.preference) == ("sms,email", "only_in_person")


def test_a_closed_group_is_as_unknown_as_one_that_is_not_there(site: Site) -> None:
    with site.database.writing() as session:
        groups.add(session, groups.GroupDraft("Private", audience="closed", cover_label="Tuesday"), site.clock.now())

    answers = {site.get(path).text for path in ("/g/private/join", "/g/nowhere/join")}
    posted = [site.client.post(path, data={"by": "mail", "address": "a@example.org"}) for path in ("/g/private/join",)]

    assert len(answers) == 1
    assert [one.status_code for one in posted] == [404]


def test_without_a_number_nobody_is_offered_texts(site: Site, theatre: Theatre) -> None:
    theatre[0].app = build(House(site.database, site.clock, site.addresses, public_url=PUBLIC))

    assert "By text" not in site.get(FORM).text
    assert site.client.post(FORM, data={"by": "text"}).status_code == 404


def test_the_number_appears_only_after_the_button(site: Site) -> None:
    assert NUMBER not in site.get(FORM).text + site.get("/g/thursday-circle").text
    assert NUMBER in site.client.post(FORM, data={"by": "text"}).text


def test_too_many_forms_are_put_off(site: Site) -> None:
    answers = [by_mail(site, f"m{number}@example.org")[0] for number in range(7)]
    assert answers == [200] * 5 + [429] * 2

    late = site.client.post(FORM, data={"by": "mail", "address": "m9@example.org"})
    assert 0 < int(late.headers["retry-after"]) <= 600
    site.clock.pass_(minutes=10)
    assert by_mail(site, "m8@example.org")[0] == 200


def test_codes_grow_when_many_are_alive(site: Site) -> None:
    with site.database.writing() as session:
        for number in range(2000):
            session.add(
                JoinCode(
                    code=f"{number:04d}", group_id=1, wording="", wording_version="", language="en",
                    expires_at=site.clock.now().replace(year=2027),
                )
            )  # fmt: skip

    assert len(code_of(site)) == 8


def test_every_entry_names_a_group_and_is_asked_before_it_is_confirmed(site: Site) -> None:
    texted(site, f"JOIN {code_of(site)}")
    with site.database.reading() as session:
        asked = select(ConsentRow).where(col(ConsentRow.source).in_(["page", "text"])).order_by(col(ConsentRow.id))
        entries = session.exec(asked).all()
    assert [entry.action for entry in entries] == [Action.REQUESTED, Action.CONFIRMED]
    assert all(entry.group_id == site.group for entry in entries)


def tidied(site: Site, days: float) -> list[int]:
    """Let days pass and tidy; return the numbers of the members that are left."""
    site.clock.pass_(days=days)
    with site.database.writing() as session:
        tidy.tidy(session, site.clock.now())
    with site.database.reading() as session:
        return sorted(number for number in session.exec(select(Member.id)).all() if number)


def test_nothing_is_kept_of_somebody_who_never_answered(site: Site) -> None:
    by_mail(site, "new@example.org")
    questions(site)
    [ada, new] = tidied(site, 29)

    assert tidied(site, 2) == [ada]
    assert new != ada
    assert ledger(site, "new@example.org") == []
    by_mail(site, "new@example.org")  # she said no to nothing: she may ask again
    assert [action for action, *_ in ledger(site, "new@example.org")] == ["requested"]


def test_whoever_answered_or_was_known_before_is_kept(site: Site) -> None:
    texted(site, f"JOIN {code_of(site)}")
    with site.database.writing() as session:
        members.add(session, members.MemberDraft("Zoe", email="zoe@example.org"), site.clock.now())
        members.add(session, members.MemberDraft("Yan", email="yan@example.org"), site.clock.now())
        yan = contacts.by_address(session, Channel.EMAIL, "yan@example.org")
        assert yan is not None
        consent.stop(session, yan, Source.MAIL, site.clock.now())
    by_mail(site, "yan@example.org")

    assert len(tidied(site, 40)) == 4


def test_a_strangers_form_never_deletes_whom_an_organizer_added(site: Site) -> None:
    with site.database.writing() as session:
        members.add(session, members.MemberDraft("Zoe", email="zoe@example.org"), site.clock.now())
    site.clock.pass_(days=1)
    by_mail(site, "zoe@example.org")

    assert len(tidied(site, 40)) == 2


def test_who_had_agreed_to_texts_already_is_in_the_group_after_a_join(site: Site) -> None:
    texted(site, f"JOIN {code_of(site)}")
    with site.database.writing() as session:
        row = session.exec(select(SubscriptionRow).order_by(col(SubscriptionRow.id).desc())).first()
        assert row is not None
        row.channels = "email"  # an organizer changed it since

    assert "you're set" in texted(site, f"JOIN {code_of(site)}", number="SM2")
    assert in_the_group(site, NEW) == ["sms,email"]
