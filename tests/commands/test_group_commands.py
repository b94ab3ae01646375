"""`meetup group`, `venue` and `room`: what organizers type, and what they are told."""

import json

import pytest

from tests.commands.shell import Shell


def test_a_new_group_is_reminded_a_day_and_two_hours_before(shell: Shell) -> None:
    done = shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")

    assert done.out == ""
    assert done.err == (
        "Added “Thursday circle” as thursday-circle\n"
        "Members' own calendars and subjects say “Thursday plan”; the public calendar says “Thursday circle”\n"
        "Members are reminded 24h by email and 2h by sms before each meeting\n"
    )
    assert shell.data("group", "show", "thursday-circle") == {
        "schema": 1,
        "group": {
            "slug": "thursday-circle",
            "name": "Thursday circle",
            "cover_label": "Thursday plan",
            "public_calendar": "",
            "description": "",
            "topics": [],
            "audience": "open",
            "language": "en",
            "zone": "America/New_York",
            "reminders": ["24h by email", "2h by sms"],
        },
    }


def test_a_group_says_where_its_public_calendar_is_and_what_it_is_called_there(shell: Shell) -> None:
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")
    unset = shell.fine("group", "show", "thursday-circle").out.splitlines()
    shell.environ["MEETUP_PUBLIC_URL"] = "https://meet.example"

    told = shell.fine("group", "show", "thursday-circle").out.splitlines()

    assert unset[3] == "public calendar    set MEETUP_PUBLIC_URL, and it has an address"
    assert told[1:4] == [
        "public name        Thursday circle",
        "label for members  Thursday plan",
        "public calendar    https://meet.example/g/thursday-circle.ics",
    ]


def test_a_closed_group_has_no_public_calendar_to_show(shell: Shell) -> None:
    shell.environ["MEETUP_PUBLIC_URL"] = "https://meet.example"

    done = shell.fine("group", "add", "Quiet circle", "--label", "Plan", "--closed")

    assert "it is closed and has no public calendar" in done.err
    assert "none: the group is closed" in shell.fine("group", "show", "quiet-circle").out
    assert shell.data("group", "show", "quiet-circle")["group"]["public_calendar"] == ""


@pytest.mark.parametrize("name", ["Café circle", "CAFE  CIRCLE", "cafe\u0301 circle"])
def test_a_name_that_is_taken_is_refused_whatever_its_case_and_accents(shell: Shell, name: str) -> None:
    shell.fine("group", "add", "Café circle", "--label", "Plan")

    done = shell("group", "add", name, "--label", "Plan")

    assert done.code == 4
    assert done.err.startswith("error: There is a group “Café circle” already: cafe-circle\n\nhint: ")
    assert len(shell.data("group", "list")["groups"]) == 1


def test_a_group_keeps_its_own_name_but_takes_nobody_elses(shell: Shell) -> None:
    for name in ("Rowers", "Walkers"):
        shell.fine("group", "add", name, "--label", "Plan")

    shell.fine("group", "edit", "rowers", "--name", "ROWERS")

    assert shell("group", "edit", "rowers", "--name", "walkers").code == 4
    assert [group["name"] for group in shell.data("group", "list")["groups"]] == ["ROWERS", "Walkers"]


def test_a_language_that_meetup_cannot_write_is_refused(shell: Shell) -> None:
    refused = shell("group", "add", "Rowers", "--label", "Plan", "--language", "fr")
    shell.fine("group", "add", "Rowers", "--label", "Plan", "--language", "ES")

    assert (refused.code, refused.err) == (
        5,
        "error: “fr” is not a language that meetup writes\n\nhint: Known are: en, es\n",
    )
    assert shell("group", "edit", "rowers", "--language", "fr").code == 5
    assert shell.data("group", "show", "rowers")["group"]["language"] == "es"


def test_reminders_can_be_chosen(shell: Shell) -> None:
    rules = ["--remind", "18:00 the evening before by email", "--remind", "90m by sms"]

    done = shell.fine("group", "add", "Thursday circle", *rules, "--json")

    assert json.loads(done.out)["group"]["reminders"] == ["18:00 the evening before by email", "90m by sms"]


def test_a_reminder_that_is_not_understood_adds_no_group(shell: Shell) -> None:
    done = shell("group", "add", "Thursday circle", "--remind", "soon by pigeon")

    assert done.code == 5
    assert shell.data("group", "list") == {"schema": 1, "groups": []}


def test_a_label_that_gives_something_away_is_refused_with_a_hint(shell: Shell) -> None:
    done = shell("group", "add", "Thursday circle", "--label", "Anxiety group")

    assert done.code == 4
    assert "hint: " in done.err
    assert shell.data("group", "list")["groups"] == []


def test_the_table_of_groups_is_for_people(shell: Shell) -> None:
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")

    assert shell.fine("group", "list").out == (
        "GROUP            NAME             COVER LABEL    REMINDERS\n"
        "thursday-circle  Thursday circle  Thursday plan  24h by email, 2h by sms\n"
    )


def test_no_groups_is_said_where_it_is_not_data(shell: Shell) -> None:
    done = shell.fine("group", "list")

    assert (done.out, done.err) == ("", "No groups yet: see `meetup group add --help`\n")


def test_a_group_can_be_edited_with_its_reminders(shell: Shell) -> None:
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")

    done = shell.fine(
        "group", "edit", "thursday-circle", "--label", "Plan", "--remind", "3h by sms", "--no-remind", "2h by sms"
    )

    assert done.err == "“Thursday circle” is up to date; reminders: 24h by email, 3h by sms\n"
    assert shell.data("group", "show", "thursday-circle")["group"]["cover_label"] == "Plan"


def test_an_edit_is_whole_or_not_at_all(shell: Shell) -> None:
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")

    done = shell("group", "edit", "thursday-circle", "--label", "Plan", "--no-remind", "5h by sms")

    assert done.code == 3
    assert shell.data("group", "show", "thursday-circle")["group"]["cover_label"] == "Thursday plan"


def test_a_misspelt_group_is_refused_with_a_guess(shell: Shell) -> None:
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")

    done = shell("group", "show", "thursday-cirle")

    assert (done.code, done.err) == (
        3,
        "error: There is no group “thursday-cirle”\n\nhint: Did you mean “Thursday circle”?\n",
    )


@pytest.fixture
def hall(shell: Shell) -> Shell:
    shell.fine("venue", "add", "Church hall", "--address", "12 Main St, Springfield", "--no-step-free")
    return shell


def test_a_venue_without_word_of_steps_is_asked_about(shell: Shell) -> None:
    done = shell.fine("venue", "add", "Church hall", "--address", "12 Main St, Springfield")

    assert "Nobody has said yet whether there is a way in without steps" in done.err


def test_a_venue_says_what_is_known(hall: Shell) -> None:
    venue = hall.data("venue", "show", "church-hall")["venue"]

    assert [venue[name] for name in ("address", "step_free", "hearing_loop", "closures")] == [
        "12 Main St, Springfield",
        False,
        None,
        [],
    ]
    assert hall.fine("venue", "list").out.splitlines()[1] == "church-hall  Church hall  12 Main St, Springfield  no"


def test_a_door_code_is_shown_only_when_asked_for(shell: Shell) -> None:
    shell.fine("venue", "add", "Church hall", "--address", "12 Main St", "--door-code", "4711#")

    assert "4711" not in shell.fine("venue", "show", "church-hall").out
    assert "4711" not in shell.fine("venue", "show", "church-hall", "--json").out
    assert shell.data("venue", "show", "church-hall", "--reveal")["venue"]["door_code"] == "4711#"


@pytest.mark.parametrize(
    ("options", "start", "end"),
    [
        (["--from", "2026-12-24"], "2026-12-24 00:00", "2026-12-25 00:00"),
        (["--from", "2026-12-24", "--until", "2026-12-26"], "2026-12-24 00:00", "2026-12-27 00:00"),
        (["--from", "2026-12-24 18:00"], "2026-12-24 18:00", "2026-12-25 00:00"),
        (["--from", "2026-12-24 18:00", "--until", "2026-12-24 22:30"], "2026-12-24 18:00", "2026-12-24 22:30"),
    ],
    ids=["one-day", "days", "evening", "hours"],
)
def test_a_closure_includes_its_last_day(hall: Shell, options: list[str], start: str, end: str) -> None:
    done = hall.fine("venue", "close", "church-hall", *options, "--reason", "heating", "--yes")

    assert f"“Church hall” is shut from {start} until {end} (heating)\n" in done.err
    assert hall.data("venue", "show", "church-hall")["venue"]["closures"] == [
        {"from": start, "until": end, "reason": "heating", "instead": ""}
    ]


@pytest.mark.parametrize("text", ["24.12.2026", "12/24/2026", "2026-12-24T18:00+01:00", "tomorrow"])
def test_a_date_in_another_form_is_wrong_usage(hall: Shell, text: str) -> None:
    assert hall("venue", "close", "church-hall", "--from", text).code == 2


def test_a_venue_opens_again_early(hall: Shell) -> None:
    hall.fine("venue", "close", "church-hall", "--from", "2026-12-24", "--until", "2026-12-31", "--yes")

    done = hall.fine("venue", "reopen", "church-hall", "--at", "2026-12-27", "--yes")

    assert done.err.startswith("“Church hall” is to be open again from 2026-12-27 00:00\n")
    assert [one["until"] for one in hall.data("venue", "show", "church-hall")["venue"]["closures"]] == [
        "2026-12-27 00:00"
    ]


def test_a_rooms_link_is_shown_only_when_asked_for(shell: Shell) -> None:
    shell.fine("room", "add", "Zoom", "https://zoom.us/j/123456789?pwd=s3cret", "--passcode", "s3cret")

    assert "s3cret" not in shell.fine("room", "list").out
    assert "123456789" not in shell.fine("room", "list", "--json").out
    assert shell.data("room", "list", "--reveal")["rooms"][0]["passcode"] == "s3cret"


def test_a_public_room_shows_its_link(shell: Shell) -> None:
    shell.fine("room", "add", "Open room", "https://meet.jit.si/open-room", "--public", "--expires", "2027-06-30")

    assert shell.fine("room", "list").out == (
        "ROOM       NAME       PROVIDER  WHO SEES IT  LINK                           EXPIRES\n"
        "open-room  Open room  Jitsi     public       https://meet.jit.si/open-room  2027-06-30\n"
    )


def test_a_rotated_room_forgets_the_old_link(shell: Shell) -> None:
    shell.fine("room", "add", "Zoom", "https://zoom.us/j/1", "--passcode", "old")

    shell.fine("room", "rotate", "zoom", "https://zoom.us/j/2")

    room = shell.data("room", "list", "--reveal")["rooms"][0]
    assert (room["url"], room["passcode"]) == ("https://zoom.us/j/2", "")


def test_a_refused_link_is_not_repeated(shell: Shell) -> None:
    done = shell("room", "add", "Zoom", "http://zoom.us/j/1?pwd=s3cret")

    assert done.code == 5
    assert "s3cret" not in done.err
