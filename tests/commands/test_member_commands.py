"""`meetup member`, `consent` and `subscribe`: nobody is written to by accident, and nobody's number is shown."""

import contextlib

import pytest

from commands.context import Context
from meetup import groups, naming
from meetup.people import joining
from meetup.people.consent import Wording
from meetup.people.joining import Wish
from meetup.transfer import members_csv
from meetup.values import Channel, Preference
from tests.commands.shell import Shell
from tests.conftest import START

PHONE = "+12025550123"


@pytest.fixture
def circle(shell: Shell) -> Shell:
    """A group, and Ada, who is not in it yet."""
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")
    shell.fine("member", "add", "Ada", "--phone", PHONE, "--email", "ada@example.org")
    return shell


def test_a_new_member_is_known_by_alias_and_number(circle: Shell) -> None:
    for name in ("Ada", "ada", "1", "#1"):
        assert circle.data("member", "show", name)["member"]["alias"] == "Ada"


def test_numbers_and_addresses_are_masked_everywhere_unless_asked_for(circle: Shell) -> None:
    circle.fine("subscribe", "Ada", "thursday-circle")
    circle.fine("consent", "grant", "Ada", "--channel", "sms")

    told = [
        circle.fine(*command)
        for command in (
            ("member", "list"),
            ("member", "list", "--json"),
            ("member", "show", "Ada"),
            ("member", "show", "Ada", "--json"),
            ("consent", "log", "Ada"),
            ("consent", "log", "Ada", "--json"),
        )
    ]

    assert [text for done in told for text in (done.out, done.err) if "5550123" in text or "ada@" in text] == []
    assert circle.data("member", "list", "--reveal")["members"][0]["phone"] == PHONE
    assert circle.data("member", "show", "Ada", "--reveal")["member"]["email"] == "ada@example.org"


def test_a_wrong_number_is_refused_without_repeating_it(shell: Shell) -> None:
    done = shell("member", "add", "Bo", "--phone", "+1999123")

    assert done.code == 5
    assert "1999123" not in done.err
    assert shell.data("member", "list")["members"] == []


def test_one_address_is_one_member(circle: Shell) -> None:
    done = circle("member", "add", "Bo", "--phone", PHONE)

    assert done.code == 4
    assert len(circle.data("member", "list")["members"]) == 1


def test_subscribing_says_what_is_still_missing(circle: Shell) -> None:
    done = circle.fine("subscribe", "Ada", "thursday-circle", "--door", "in-person", "--by", "sms")

    assert done.err.splitlines() == [
        "“Ada” is in “Thursday circle” (door: in-person), told by sms",
        "No sms goes out yet: meetup consent grant 1 --channel sms",
    ]
    assert circle.data("member", "show", "Ada")["member"]["subscriptions"] == [
        {"group": "thursday-circle", "state": "active", "door": "in-person", "by": "sms", "agreed": []}
    ]


@pytest.mark.parametrize("options", [["--door", "window"], ["--by", "pigeon"], ["--by", ","]])
def test_a_door_or_a_channel_that_does_not_exist_is_wrong_usage(circle: Shell, options: list[str]) -> None:
    assert circle("subscribe", "Ada", "thursday-circle", *options).code == 2
    assert circle.data("member", "show", "Ada")["member"]["subscriptions"] == []


def test_a_closed_group_waits_for_its_host(shell: Shell) -> None:
    shell.fine("group", "add", "Quiet circle", "--label", "Plan", "--closed")
    shell.fine("member", "add", "Ada", "--email", "ada@example.org")

    done = shell.fine("subscribe", "Ada", "quiet-circle", "--by", "email")
    assert done.err.startswith("“Ada” waits for a host: meetup member approve 1 quiet-circle\n")

    shell.fine("member", "approve", "Ada", "quiet-circle")
    assert shell.data("member", "show", "Ada")["member"]["subscriptions"][0]["state"] == "active"


def test_an_organizers_word_only_asks(circle: Shell) -> None:
    circle.fine("subscribe", "Ada", "thursday-circle")

    done = circle.fine("consent", "grant", "Ada", "--channel", "sms")

    assert done.err == "“Thursday circle”: an opt-in text will ask “Ada” for YES; no reminder goes out before that\n"
    member = circle.data("member", "show", "Ada")["member"]
    assert (member["phone_state"], member["subscriptions"][0]["agreed"]) == ("pending", [])


def test_a_signed_paper_confirms(circle: Shell) -> None:
    circle.fine("subscribe", "Ada", "thursday-circle")

    done = circle.fine("consent", "grant", "Ada", "--channel", "sms", "--on-paper", "2026-01-02")

    assert done.err == "“Thursday circle”: “Ada” has agreed to sms; reminders may go out\n"
    assert circle.data("member", "show", "Ada")["member"]["subscriptions"][0]["agreed"] == ["sms"]


def test_consent_is_for_a_group(circle: Shell) -> None:
    done = circle("consent", "grant", "Ada", "--channel", "sms")

    assert done.code == 3
    assert "hint: Subscribe them first: `meetup subscribe 1 GROUP`" in done.err


def test_consent_needs_an_address(circle: Shell) -> None:
    circle.fine("member", "add", "Bo")

    done = circle("consent", "grant", "Bo", "--channel", "sms", "--group", "thursday-circle")

    assert (done.code, done.err) == (
        3,
        "error: “Bo” has no phone number\n\nhint: Add it with `meetup member edit 2 --phone …`\n",
    )


def test_a_channel_that_does_not_exist_is_wrong_usage(circle: Shell) -> None:
    done = circle("consent", "grant", "Ada", "--channel", "fax")

    assert done.code == 2
    assert done.err.startswith("error: Invalid value for '--channel': 'fax' is not one of 'sms', 'email'\n")


def test_what_was_taken_back_is_not_granted_again_by_somebody_else(circle: Shell) -> None:
    circle.fine("subscribe", "Ada", "thursday-circle")
    circle.fine("consent", "grant", "Ada", "--channel", "sms", "--on-paper", "2026-01-02")

    circle.fine("consent", "revoke", "Ada", "--channel", "sms", "--yes")

    assert circle.data("member", "show", "Ada")["member"]["subscriptions"][0]["agreed"] == []
    assert circle("consent", "grant", "Ada", "--channel", "sms").code == 4


def test_taking_everything_back_asks_first_and_names_who_and_what(circle: Shell) -> None:
    circle.fine("group", "add", "Monday walk", "--label", "Walk")
    circle.fine("group", "add", "Choir", "--label", "Music")
    for group in ("thursday-circle", "monday-walk"):
        circle.fine("subscribe", "Ada", group)
    circle.fine("consent", "grant", "Ada", "--channel", "sms", "--on-paper", "2026-01-02")
    told = "“Ada” gets no more sms at all, and only they can change that; that ends “Monday walk”, “Thursday circle”"

    tried = circle.fine("consent", "revoke", "Ada", "--channel", "sms", "--dry-run")
    asked = circle("consent", "revoke", "Ada", "--channel", "sms")
    before = circle.data("member", "show", "Ada")["member"]["subscriptions"]
    done = circle.fine("consent", "revoke", "Ada", "--channel", "sms", "--yes")

    assert tried.err == f"Would be: {told}\n"
    assert (asked.code, asked.err) == (
        2,
        f"error: {told}. Go on? Nobody is here to answer\n\nhint: Add --yes when you are sure\n",
    )
    assert [one["agreed"] for one in before] == [["sms"], ["sms"]]
    assert done.err == f"{told}\n"
    assert [one["agreed"] for one in circle.data("member", "show", "Ada")["member"]["subscriptions"]] == [[], []]


def test_consent_is_taken_back_for_one_group(circle: Shell) -> None:
    circle.fine("group", "add", "Monday walk", "--label", "Walk")
    for group in ("thursday-circle", "monday-walk"):
        circle.fine("subscribe", "Ada", group)
    circle.fine("consent", "grant", "Ada", "--channel", "email", "--on-paper", "2026-01-02")

    circle.fine("consent", "revoke", "Ada", "--channel", "email", "--group", "monday-walk")

    subscribed = circle.data("member", "show", "Ada")["member"]["subscriptions"]
    assert {one["group"]: one["agreed"] for one in subscribed} == {"thursday-circle": ["email"], "monday-walk": []}


def test_the_ledger_keeps_the_words_and_every_step(circle: Shell) -> None:
    circle.fine("subscribe", "Ada", "thursday-circle")
    circle.fine("consent", "grant", "Ada", "--channel", "sms")
    circle.fine("consent", "revoke", "Ada", "--channel", "sms", "--yes")

    entries = circle.data("consent", "log", "Ada")["consents"]

    assert [(one["group"], one["action"], one["source"]) for one in entries] == [
        ("thursday-circle", "granted", "organizer"),
        ("all groups", "revoked", "organizer"),
    ]
    assert entries[0]["wording"].startswith("Northside: reply YES")


def test_leaving_ends_what_was_agreed(circle: Shell) -> None:
    circle.fine("subscribe", "Ada", "thursday-circle")
    circle.fine("consent", "grant", "Ada", "--channel", "email", "--on-paper", "2026-01-02")

    circle.fine("unsubscribe", "Ada", "thursday-circle")

    assert circle.data("member", "show", "Ada")["member"]["subscriptions"] == []
    assert circle.data("consent", "log", "Ada")["consents"][-1]["action"] == "revoked"


def test_another_number_has_to_be_agreed_to_again(circle: Shell) -> None:
    circle.fine("subscribe", "Ada", "thursday-circle")
    circle.fine("consent", "grant", "Ada", "--channel", "sms", "--on-paper", "2026-01-02")

    circle.fine("member", "edit", "Ada", "--alias", "Ada L", "--phone", "+12025550199")

    member = circle.data("member", "show", "Ada L")["member"]
    assert (member["phone_state"], member["subscriptions"][0]["agreed"]) == ("unverified", [])


def test_how_a_member_is_told_can_be_changed_alone(circle: Shell) -> None:
    before = circle.data("member", "show", "Ada", "--reveal")["member"]
    ways = ["--hours", "10:30-21:00", "--language", "es", "--zone", "America/Chicago", "--label", "Pottery"]

    circle.fine("member", "edit", "Ada", *ways, "--shared-phone")
    edited = circle.data("member", "show", "Ada", "--reveal")["member"]
    circle.fine("member", "edit", "Ada", "--no-shared-phone", "--zone", "", "--label", "")

    told = {"hours": "10:30-21:00", "language": "es"}
    assert edited == {
        **before,
        **told,
        "zone": "America/Chicago",
        "cover_label": "Pottery",
        "phone_shared": True,
    }
    assert circle.data("member", "show", "Ada", "--reveal")["member"] == {**before, **told}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 2),
        (["--hours", "21:00-08:00"], 5),
        (["--hours", "9"], 5),
        (["--language", "fr"], 5),
        (["--zone", "Mars/Base"], 5),
        (["--label", "My recovery"], 4),
        (["--label", "Thursday Circle!"], 4),
    ],
    ids=["nothing", "overnight", "no hours", "language", "zone", "sensitive", "the group's name"],
)
def test_a_way_that_cannot_be_is_refused_and_changes_nothing(circle: Shell, options: list[str], code: int) -> None:
    circle.fine("subscribe", "Ada", "thursday-circle")
    before = circle.data("member", "show", "Ada")

    done = circle("member", "edit", "Ada", "--shared-phone", *options) if options else circle("member", "edit", "Ada")

    assert done.code == code
    assert circle.data("member", "show", "Ada") == before


def test_the_help_of_an_import_names_every_column_and_its_values(shell: Shell) -> None:
    told = " ".join(shell.fine("member", "import", "--help").out.split())

    assert [name for name in (*members_csv.COLUMNS, *Preference, "en or es", "yes or no") if name not in told] == []


def test_a_row_in_a_language_that_meetup_cannot_write_is_left_out(circle: Shell) -> None:
    sheet = circle.home / "members.csv"
    sheet.write_text("alias,language\nBo,fr\nCyd,es\n")

    done = circle.fine("member", "import", str(sheet), "--keep-going")

    assert done.err.splitlines()[0] == "row 2: “fr” is not a language that meetup writes"
    assert [one["alias"] for one in circle.data("member", "list")["members"]] == ["Ada", "Cyd"]


SHEET = (
    "alias,phone,email,groups,consent\n"
    "Bo,+12025550111,,thursday-circle,paper 2026-01-02\n"
    "Cyd,,cyd@example.org,thursday-circle,ask\n"
)


def test_a_sheet_of_members_is_taken_whole(circle: Shell) -> None:
    sheet = circle.home / "members.csv"
    sheet.write_text(SHEET)

    done = circle.fine("member", "import", str(sheet))

    assert done.err == "2 rows taken; nothing is sent before they agree\n"
    found = circle.data("member", "list")["members"]
    assert [(one["alias"], one["phone_state"], one["email_state"]) for one in found[1:]] == [
        ("Bo", "verified", ""),
        ("Cyd", "", "pending"),
    ]


@pytest.mark.parametrize(
    ("options", "code", "aliases"), [([], 1, ["Ada"]), (["--keep-going"], 0, ["Ada", "Bo", "Cyd"])]
)
def test_a_row_that_cannot_be_taken_is_named_and_stops_the_rest_unless_told_otherwise(
    circle: Shell, options: list[str], code: int, aliases: list[str]
) -> None:
    sheet = circle.home / "members.csv"
    sheet.write_text(SHEET + "Ada,,other@example.org,,\nDee,not a number,,,\n")

    done = circle("member", "import", str(sheet), *options)

    assert done.code == code
    assert [line.partition(":")[0] for line in done.err.splitlines() if line.startswith("row ")] == ["row 4", "row 5"]
    assert [one["alias"] for one in circle.data("member", "list")["members"]] == aliases
    assert ("2 rows taken, 2 left out; nothing is sent before they agree" in done.err) is (code == 0)


def test_a_dry_run_takes_nobody(circle: Shell) -> None:
    sheet = circle.home / "members.csv"
    sheet.write_text(SHEET)

    assert circle.fine("member", "import", str(sheet), "--dry-run").err.startswith("2 rows would be taken")
    assert len(circle.data("member", "list")["members"]) == 1


@pytest.mark.parametrize(
    ("content", "code", "hint"),
    [
        (b"alias\n\xff\xfe", 5, "Save the sheet as “CSV UTF-8”"),
        (b"name,phone\nBo,1\n", 5, "alias is needed"),
        (None, 3, ""),
    ],
    ids=["not-utf8", "no-alias", "no-file"],
)
def test_a_sheet_that_cannot_be_read_is_refused(circle: Shell, content: bytes | None, code: int, hint: str) -> None:
    sheet = circle.home / "members.csv"
    if content is not None:
        sheet.write_bytes(content)

    done = circle("member", "import", str(sheet))

    assert done.code == code
    assert hint in done.err


def test_who_came_by_themselves_is_new_until_somebody_gives_them_an_alias(circle: Shell) -> None:
    with contextlib.closing(Context(circle.environ)) as here, here.writing() as session:
        group = groups.find(session, "thursday-circle")
        wish = Wish(Channel.EMAIL, "zoe@example.org", naming.key(group), Wording("words", "page/en/1", "en"))
        joining.ask(session, wish, START)
    [guest] = circle.data("member", "list", "--new")["members"]
    circle.fine("member", "edit", str(guest["number"]), "--alias", "Zoe")

    assert guest["alias"].startswith("Guest ")
    assert circle.data("member", "list", "--new")["members"] == []
    assert "Nobody is new" in circle.fine("member", "list", "--new").err
    assert len(circle.data("member", "list")["members"]) == 2
