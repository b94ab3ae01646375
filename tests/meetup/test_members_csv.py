"""Members from a spreadsheet."""

from datetime import date

import pytest

from meetup.clock import HandClock
from meetup.errors import NotUnderstood
from meetup.people import consent, contacts, members, subscriptions
from meetup.people.consent import Wording
from meetup.people.members import MemberDraft
from meetup.storage.database import Session
from meetup.storage.tables import Group, Member
from meetup.transfer import members_csv
from meetup.transfer.members_csv import Reject, Report, Row
from meetup.values import Channel, Preference


def words(language: str) -> Wording:
    return Wording(f"May we write to you? ({language})", "1", language)


def entries(session: Session, alias: str) -> list[tuple[str, str]]:
    member = members.find(session, alias)
    return [(entry.channel, entry.action) for entry in consent.history(session, member.id or 0)]


def test_a_row_says_all_there_is_to_say() -> None:
    rows, rejects = members_csv.read(
        "Alias,Phone,Email,Language,Zone,Groups,Consent,Preference,Phone shared\n"
        "Cleo,+12025550125,cleo@example.org,es,America/Chicago,Thursday circle; Carers,paper 2026-01-05,online,yes\n"
    )

    draft = MemberDraft("Cleo", "+12025550125", "cleo@example.org", "es", "America/Chicago", phone_shared=True)
    assert rows == [
        Row(2, draft, ("Thursday circle", "Carers"), Preference.ONLINE, signed=date(2026, 1, 5)),
    ]
    assert rejects == []


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffalias,phone\r\nCleo,+12025550125\r\n",
        "alias;phone\nCleo;+12025550125",
        "phone\talias\n+12025550125\tCleo",
    ],
    ids=["byte order mark", "semicolons", "tabs"],
)
def test_a_sheet_is_read_as_programs_write_it(text: str) -> None:
    assert members_csv.read(text) == ([Row(2, MemberDraft("Cleo", "+12025550125"))], [])


def test_rows_that_say_nothing_clear_are_rejected_by_number() -> None:
    sheet = (
        "alias,zone,consent,phone_shared\n"
        ",,,\n"
        "Dana,America/Nowhere,,\n"
        "Eli,,yes of course,\n"
        "Finn,,paper 2026-02-30,\n"
        "Gus,,,perhaps\n"
        "Hal,,,no,and more\n"
        "42,,,\n"
        "Ida,,ask,\n"
    )

    rows, rejects = members_csv.read(sheet)

    assert rows == [Row(9, MemberDraft("Ida"), ask=True)]
    assert rejects == [
        Reject(3, "“America/Nowhere” is not a time zone"),
        Reject(4, "“yes of course” is no consent; write “paper 2026-01-05”, “ask” or nothing"),
        Reject(5, "“paper 2026-02-30” is no consent; write “paper 2026-01-05”, “ask” or nothing"),
        Reject(6, "phone_shared is yes or no"),
        Reject(7, "The row has more cells than the first row names"),
        Reject(8, "An alias is more than a number"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The first row names no column “alias”"),
        ("Cleo,+12025550125\n", "The first row names no column “alias”"),
        ("alias,diagnosis\nCleo,none\n", "Nobody knows a column “diagnosis”"),
        ("alias,phone,phone\nCleo,1,2\n", "A column stands in the first row twice"),
        ('alias\n"Cleo', "That is not a table: unexpected end of data"),
    ],
    ids=["empty", "no header", "a column too many", "a column twice", "an open quote"],
)
def test_a_sheet_that_is_none_is_refused_whole(text: str, message: str) -> None:
    with pytest.raises(NotUnderstood, match=message):
        members_csv.read(text)


def test_paper_confirms_and_asking_only_asks(session: Session, circle: Group, clock: HandClock) -> None:
    rows, _ = members_csv.read(
        "alias,phone,email,groups,consent\n"
        "Cleo,+12025550125,cleo@example.org,thursday-circle,paper 2026-01-05\n"
        "Dana,+12025550126,,thursday-circle,ask\n"
        "Eli,+12025550127,,thursday-circle,\n"
    )

    report = members_csv.take(session, rows, words, clock.now())

    assert report == Report(taken=(2, 3, 4), rejected=())
    assert entries(session, "Cleo") == [("sms", "confirmed"), ("email", "confirmed")]
    assert entries(session, "Dana") == [("sms", "granted")]
    assert entries(session, "Eli") == []
    assert len(subscriptions.of_group(session, circle)) == 3


def test_taking_the_same_sheet_again_asks_nobody_again(session: Session, circle: Group, clock: HandClock) -> None:
    rows, _ = members_csv.read("alias,phone,groups,consent\nDana,+12025550126,thursday-circle,ask\n")
    members_csv.take(session, rows, words, clock.now())

    report = members_csv.take(session, rows, words, clock.now())

    assert report == Report((), (Reject(2, "There is a member “Dana” already"),))
    assert entries(session, "Dana") == [("sms", "granted")]


def test_a_rejected_row_leaves_nothing_behind(session: Session, circle: Group, ada: Member, clock: HandClock) -> None:
    rows, _ = members_csv.read(
        "alias,phone,email,groups,consent\n"
        "Cleo,+12025550125,ada@example.org,thursday-circle,\n"
        "Dana,+1202555,,thursday-circle,\n"
        "Eli,+12025550127,,Friday circle,\n"
        "Finn,+12025550128,,,ask\n"
        "Gus,+12025550125,,thursday-circle,\n"
    )

    report = members_csv.take(session, rows, words, clock.now())

    assert report.taken == (6,)
    assert report.rejected == (
        Reject(2, "That address belongs to somebody already"),
        Reject(3, "That phone number does not exist"),
        Reject(4, "There is no group “Friday circle”"),
        Reject(5, "Consent is for a group, and the row names none"),
    )
    assert [card.alias for card in members.listing(session)] == ["Ada", "Gus"]
    gus = contacts.by_address(session, Channel.SMS, "+12025550125")
    assert gus is not None
    assert gus.member_id == members.find(session, "Gus").id
