"""`meetup meeting` and `meetup agenda` as an organizer uses them on Monday 23 November 2026, at seven in New York."""

import contextlib
import io
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from meetup import groups, meetings
from meetup.feeds import links
from meetup.people import members
from meetup.values import Kind
from tests import databases
from tests.commands.shell import Monday, Shell, on_terminal
from tests.conftest import START, join
from tests.meetup.weeks import tell

ROW = "Thursday circle | in person and online | Hall + Circle room"


class Screen(io.StringIO):
    """A terminal of 80 columns."""

    def isatty(self) -> bool:
        return True


class Keyboard(Screen):
    """A person who answers one question, perhaps after a while."""

    def __init__(self, answer: Callable[[], str]) -> None:
        super().__init__()
        self.answer = answer

    def readline(self, _size: int = -1, /) -> str:  # type: ignore[override]  # the bases of StringIO disagree
        return f"{self.answer()}\n"


def asked(shell: Monday, answer: str | Callable[[], str], *args: str) -> tuple[int, str]:
    """Return exit code and screen of a command that a person runs and answers at a terminal."""
    screen, there = Screen(), sys.stdin
    sys.stdin = Keyboard(answer if callable(answer) else lambda: answer)
    try:
        with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
            code = shell(*args).code
    finally:
        sys.stdin = there
    return code, screen.getvalue()


def refused(shell: Monday, *args: str) -> tuple[int, str]:
    """Return exit code and words of a refusal, which must leave the database as it was."""
    before = shell.rows()
    done = shell(*args)
    assert (done.out, shell.rows()) == ("", before)
    return done.code, done.err.strip()


def test_add_says_the_rule_in_words_and_shows_the_next_five_dates(monday: Monday) -> None:
    done = monday.fine(
        "meeting", "add", "thursday-circle", "second Tuesday 18:00-19:00", "--title", "Tea", "--room", "Circle room"
    )

    assert done.err.splitlines() == [
        "Added “Tea” as tea",
        "People meet online in Circle room",
        "It meets the second Tuesday of each month, 18:00–19:00 (New York time)",
    ]
    assert done.out.splitlines()[1:] == [
        f"Tue {day}  18:00–19:00    Tea      online  Circle room"
        for day in ("2026-12-08", "2027-01-12", "2027-02-09", "2027-03-09", "2027-04-13")
    ]


def test_a_dry_run_shows_the_same_and_writes_nothing(monday: Monday) -> None:
    before = monday.rows()
    args = ("meeting", "add", "Thursday circle", "every Monday 18:00", "--title", "Tea", "--room", "Circle room")

    tried = monday.fine(*args, "--dry-run")
    after = monday.rows()
    done = monday.fine(*args)

    assert after == before
    assert tried.out == done.out
    assert tried.err.splitlines() == [
        "Nothing is changed. Without --dry-run this would happen:",
        "“Tea” would be added as tea",
        *done.err.splitlines()[1:],
    ]


def test_several_phrases_are_several_times_of_the_week(monday: Monday) -> None:
    phrases = ("every Monday 18:00", "every Wednesday 10:00-11:00")
    monday.fine("meeting", "add", "Thursday circle", *phrases, "--title", "Tea", "--room", "circle-room")

    assert monday.dates("meeting", "next", "tea", "-n", "3") == [
        "2026-11-23T18:00 confirmed",
        "2026-11-25T10:00 confirmed",
        "2026-11-30T18:00 confirmed",
    ]


def test_a_time_that_is_over_today_begins_next_time(monday: Monday) -> None:
    monday.fine("meeting", "add", "Thursday circle", "every Monday 06:00", "--title", "Early", "--room", "circle-room")

    facts = monday.data("meeting", "show", "early")["meeting"]
    assert [one["start"] for one in facts["schedules"]] == ["2026-11-30T06:00"]


def test_a_meeting_begins_not_before_the_day_that_was_given(monday: Monday) -> None:
    args = ("meeting", "add", "Thursday circle", "every Monday 18:00", "--title", "Later", "--room", "circle-room")
    monday.fine(*args, "--from", "2027-01-05")

    assert monday.dates("meeting", "next", "later", "-n", "1") == ["2027-01-11T18:00 confirmed"]


def test_a_phrase_without_its_quotes_is_put_together(monday: Monday) -> None:
    words = ("every", "Monday", "18:00")
    done = monday.fine("meeting", "add", "Thursday circle", *words, "--title", "Tea", "--room", "circle-room")

    assert "It meets every Monday, 18:00–19:00 (New York time)" in done.err


def test_a_rule_with_a_count_becomes_a_series_with_a_last_day(monday: Monday) -> None:
    rule = ("--rrule", "FREQ=MONTHLY;BYDAY=1MO;COUNT=2", "--start", "2026-12-01T18:00", "--minutes", "45")
    done = monday.fine("meeting", "add", "Thursday circle", *rule, "--title", "First", "--room", "circle-room")

    assert "It meets the first Monday of each month, 18:00–18:45, until 4 January 2027 (New York time)" in done.err
    assert monday.dates("meeting", "next", "first") == ["2026-12-07T18:00 confirmed", "2027-01-04T18:00 confirmed"]


@pytest.mark.parametrize(
    ("phrase", "warnings"),
    [
        (
            "every Sunday 02:30",
            ["On Sunday 2027-03-14 the clocks of New York jump over 02:30: it begins at 03:30"],
        ),
        (
            "every Sunday 01:30",
            ["On Sunday 2027-11-07 the clocks of New York show 01:30 twice: it begins at the first"],
        ),
        ("every Sunday 12:00", []),
    ],
    ids=["gap", "fold", "noon"],
)
def test_a_time_that_the_clocks_change_is_warned_of(monday: Monday, phrase: str, warnings: list[str]) -> None:
    until = ("--room", "circle-room", "--title", "Night")
    done = monday.fine("meeting", "add", "Thursday circle", f"{phrase} until 2027-12-31", *until)

    assert [line.removeprefix("warning: ") for line in done.err.splitlines() if "warning" in line] == warnings


def test_a_phrase_may_name_two_times_leave_days_out_and_be_spanish(monday: Monday) -> None:
    phrase = "cada lunes 18:00-19:00 y cada jueves 20:00-21:00 excepto el 24 y el 31 de diciembre"
    done = monday.fine("meeting", "add", "Thursday circle", phrase, "--room", "circle-room", "--title", "Tea")
    shown = monday.fine("meeting", "show", "tea").out.splitlines()

    said = "every Thursday, 20:00–21:00, except 24 and 31 December 2026, and every Monday, 18:00–19:00 (New York time)"
    assert f"It meets {said}" in done.err.splitlines()
    assert f"when     {said}" in shown
    assert [day[:16] for day in monday.dates("meeting", "next", "tea", "-n", "12")[-4:]] == [
        *("2026-12-21T18:00", "2026-12-28T18:00", "2027-01-04T18:00", "2027-01-07T20:00")
    ]


def test_times_are_edited_together(monday: Monday) -> None:
    monday.fine(
        "meeting",
        "add",
        "Thursday circle",
        "every Monday 18:00 and every Friday 10:00",
        "--title",
        "Tea",
        "--room",
        "circle-room",
    )
    first = monday.fine("meeting", "edit", "tea", "--schedule", "every Monday 17:00 and every Friday 10:00", "--yes")
    then = monday.fine("meeting", "edit", "tea", "--schedule", "every Sunday 10:00 except 6 December", "--dry-run")

    assert "every Monday, 17:00–18:00, and every Friday, 10:00–11:00 (New York time)" in first.err
    assert "it meets every Sunday, 10:00–11:00, except 6 December 2026 (New York time)" in then.err
    assert "warning: That takes the place of all its times: every Monday, 17:00–18:00, and every Friday" in then.err


def test_going_on_warns_of_times_that_the_clocks_change(monday: Monday) -> None:
    monday.fine("meeting", "add", "Thursday circle", "every Sunday 02:30", "--title", "Night", "--room", "circle-room")
    monday.fine("meeting", "pause", "night", "--from", "2026-12-01", "--yes")
    done = monday.fine("meeting", "resume", "night", "--from", "2027-03-01", "--until", "2027-04-01", "--yes")

    assert "warning: On Sunday 2027-03-14 the clocks of New York jump over 02:30: it begins at 03:30" in done.err


def test_a_meeting_without_a_place_is_kept_and_warned_of(monday: Monday) -> None:
    done = monday.fine("meeting", "add", "Thursday circle", "every Friday 18:00", "--title", "Tea")

    assert "warning: It has no venue and no room yet, so nobody is reminded" in done.err
    assert "no venue or room yet" in done.out


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["Nobody", "every Monday 18:00"], 3, 'Add it first: `meetup group add "Nobody"`'),
        (["Thursday crcle", "every Monday 18:00"], 3, "Did you mean “Thursday circle”?"),
        (["Thursday circle", "every Monday 18:00", "--venue", "barn"], 3, "There is no venue “barn”"),
        (["Thursday circle", "every Monday 18:00", "--room", "cirle room"], 3, "Did you mean “Circle room”?"),
        (["Thursday circle"], 2, "It is not said when it meets"),
        (["Thursday circle", "every Monday"], 5, "A time is missing"),
        (["Thursday circle", "every Monday 18:00", "--zone", "Berlin"], 5, "Did you mean Europe/Berlin?"),
        (["Thursday circle", "every Monday 18:00", "--from", "soon"], 2, "“soon” is not a date"),
        (["Thursday circle", "--rrule", "FREQ=WEEKLY"], 2, "A rule needs its first date and time"),
        (["Thursday circle", "every Thursday 19:00", "--venue", "barn"], 3, "There is no venue “barn”"),
        (["Thursday circle", "every Thursday 19:00", "--zone", "EST"], 5, "Did you mean America/New_York?"),
        (["Thursday circle", "every", "Thursdy", "19:00"], 5, "Put quotes around each phrase"),
        (["Thursday circle", "every Monday 18:00", "Friday", "18:00"], 5, "Put quotes around each phrase"),
        (["Thursday circle", "every Monday 20:30-19:00"], 5, "From 20:30 to 19:00 would be 22 hours 30 min"),
        (["Thursday circle", "2026-11-20 19:00"], 4, "Friday 2026-11-20 19:00 is over"),
        (["Thursday circle", "every Thursday 19:00"], 4, "meets on Thursday 2026-11-26 19:00 already"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_added_is_refused_with_a_way_out(monday: Monday, args: list[str], code: int, words: str) -> None:
    refusal = refused(monday, "meeting", "add", *args)

    assert refusal[0] == code
    assert words in refusal[1]


def test_list_shows_what_holds_now_and_the_next_date(monday: Monday) -> None:
    done = monday.fine("meeting", "list")

    assert [re.split(" {2,}", line) for line in done.out.splitlines()] == [
        ["MEETING", "WHEN, NEW YORK TIME", "DOORS", "NEXT", "REMARK"],
        ["thursday-circle", "every Thursday, 19:00–20:30", "both", "Thu 2026-11-26"],
    ]


def test_list_says_the_zone_of_each_meeting_when_they_differ(monday: Monday) -> None:
    tea = ("meeting", "add", "Thursday circle", "every Monday 18:00", "--title", "Tea", "--zone", "Europe/Berlin")
    monday.fine(*tea, "--room", "circle-room")

    assert [re.split(" {2,}", line)[2] for line in monday.fine("meeting", "list").out.splitlines()] == [
        "ZONE",
        "New York",
        "Berlin",
    ]


@pytest.mark.parametrize(
    ("schedule", "since", "said"),
    [
        (
            "every Friday 18:00-19:30",
            "2027-01-01",
            "every Thursday, 19:00–20:30; then from 2027-01-01 every Friday, 18:00–19:30",
        ),
        (
            "second Tuesday 18:00-19:30",
            "2027-01-01",
            (
                "every Thursday, 19:00–20:30, until 31 December 2026;"
                " then from 2027-01-12 the second Tuesday of each month, 18:00–19:30"
            ),
        ),
    ],
    ids=["without a gap", "with a gap"],
)
def test_a_series_with_later_times_does_not_look_as_if_it_ended(
    monday: Monday, schedule: str, since: str, said: str
) -> None:
    monday.changed("edit", "thursday-circle", "--schedule", schedule, "--from", since)

    assert re.split(" {2,}", monday.fine("meeting", "list").out.splitlines()[1])[1] == said


def test_meetings_that_are_over_are_listed_only_when_asked_for(monday: Monday) -> None:
    monday.changed("end", "thursday-circle", "--on", "2026-12-10")
    monday.clock.pass_(days=30)

    done = monday.fine("meeting", "list")

    assert (done.out, done.err) == ("", "No meetings are to come\n1 more is over: --all shows it too\n")
    assert monday.fine("meeting", "list", "--all").out.splitlines()[1].endswith("ended after 2026-12-10")


def test_a_meeting_at_rest_stays_in_the_list(monday: Monday) -> None:
    monday.changed("pause", "thursday-circle", "--from", "2026-12-01")
    monday.clock.pass_(days=30)

    assert monday.fine("meeting", "list").out.splitlines()[1].endswith("paused since 2026-12-01")


def test_list_of_an_empty_house_says_what_to_do(shell: Shell) -> None:
    done = shell.fine("meeting", "list")

    assert (done.out, done.err) == ("", "No meetings yet: see `meetup meeting add --help`\n")


def test_show_names_place_plans_dates_and_changes(monday: Monday) -> None:
    monday.clock.pass_(days=7)
    monday.changed("skip", "thursday-circle", "--on", "2026-12-10")
    monday.changed("cancel", "thursday-circle", "--on", "2026-12-03", "--note", "Ill")
    monday.changed("edit", "thursday-circle", "--schedule", "every Friday 18:00-19:30", "--from", "2027-01-01")

    done = monday.fine("meeting", "show", "thursday-circle")

    assert [" | ".join(re.split(" {2,}", line)) for line in done.out.splitlines()] == [
        "meeting | thursday-circle",
        "title | Thursday circle",
        "group | thursday-circle",
        "when | every Thursday, 19:00–20:30, except 10 December 2026 (New York time)",
        "in person | Hall, 12 Elm Street, Troy",
        "online | Circle room",
        "state | active",
        "later | from 2027-01-01 on every Friday, 18:00–19:30 (New York time)",
        "",
        "DATE | NEW YORK TIME | MEETING | DOORS | PLACE | REMARK",
        "Thu 2026-12-03 | 19:00–20:30 | Thursday circle | cancelled | Ill",
        f"Thu 2026-12-17 | 19:00–20:30 | {ROW}",
        f"Thu 2026-12-24 | 19:00–20:30 | {ROW}",
        f"Thu 2026-12-31 | 19:00–20:30 | {ROW}",
        f"Fri 2027-01-01 | 18:00–19:30 | {ROW}",
        "",
        "CHANGED | HOW",
        "Thursday 2026-12-03 | cancelled: Ill",
        "Thursday 2026-12-10 | left out",
    ]


def test_json_says_all_about_a_date(monday: Monday) -> None:
    monday.changed("close-door", "thursday-circle", "--on", "2026-11-26", "--door", "in-person")

    assert monday.data("meeting", "next", "Thursday circle", "-n", "1") == {
        "schema": 1,
        "dates": [
            {
                "meeting": "thursday-circle",
                "title": "Thursday circle",
                "slot": "2026-11-26T19:00",
                "starts_local": "2026-11-26T19:00",
                "zone": "America/New_York",
                "start": "2026-11-27T00:00+00:00",
                "end": "2026-11-27T01:30+00:00",
                "status": "confirmed",
                "moved": False,
                "doors": {"in_person": "closed", "online": "open"},
                "venue": "Hall",
                "room": "Circle room",
                "reason": "",
                "note": "",
            }
        ],
    }


def test_no_listing_shows_a_link_or_a_passcode(monday: Monday) -> None:
    shown = [
        monday.fine(*args, *form).out
        for args in (("meeting", "list"), ("meeting", "show", "1"), ("meeting", "next"), ("agenda",))
        for form in ([], ["--json"])
    ]

    assert all("Circle room" in text or "thursday-circle" in text for text in shown)
    assert [text for text in shown if "zoom.us" in text or "271828" in text] == []


def test_next_looks_for_a_meeting_before_a_group_and_says_whose_dates_it_shows(monday: Monday) -> None:
    tea = ("meeting", "add", "Thursday circle", "every Monday 18:00", "--title", "Tea")
    monday.fine(*tea, "--room", "circle-room")

    one = monday.fine("meeting", "next", "thursday-circle", "-n", "2")
    whole = monday.fine("meeting", "next", "--group", "thursday-circle", "-n", "2")

    assert one.err == "The dates of the meeting “Thursday circle” (thursday-circle)\n"
    assert whole.err == "The dates of the group “Thursday circle”\n"
    assert ("Tea" in one.out, "Tea" in whole.out) == (False, True)


def test_next_of_a_group_needs_no_option_when_no_meeting_has_its_name(monday: Monday) -> None:
    monday.fine("group", "add", "Carers", "--label", "Tuesday plan")
    monday.fine("meeting", "add", "Carers", "every Monday 18:00", "--title", "Tea", "--room", "circle-room")

    done = monday.fine("meeting", "next", "carers", "-n", "1")

    assert (done.err, "Tea" in done.out) == ("The dates of the group “Carers”\n", True)


def test_next_of_several_meetings_named_as_their_group_shows_all_of_them(monday: Monday) -> None:
    monday.fine("meeting", "add", "Thursday circle", "every Monday 18:00", "--room", "circle-room")

    done = monday.fine("meeting", "next", "Thursday circle", "-n", "2")

    assert done.err == "The dates of the group “Thursday circle”\n"
    assert [line[:14] for line in done.out.splitlines()[1:]] == ["Mon 2026-11-23", "Thu 2026-11-26"]


def test_next_takes_a_meeting_or_a_group_but_not_both(monday: Monday) -> None:
    assert refused(monday, "meeting", "next", "thursday-circle", "--group", "thursday-circle")[0] == 2


def test_next_of_a_name_that_nothing_has_is_not_found(monday: Monday) -> None:
    assert refused(monday, "meeting", "next", "nope")[0] == 3


def test_agenda_shows_cancelled_dates_as_cancelled(monday: Monday) -> None:
    monday.changed("cancel", "thursday-circle", "--on", "2026-11-26")

    assert monday.dates("agenda") == ["2026-11-26T19:00 cancelled", "2026-12-03T19:00 confirmed"]


def test_a_narrow_terminal_shows_a_busy_agenda_without_cutting_off_the_doors(monday: Monday) -> None:
    for date, door in (("2026-12-03", "in-person"), ("2026-12-10", "online")):
        monday.changed("close-door", "thursday-circle", "--on", date, "--door", door)
    monday.changed("cancel", "thursday-circle", "--on", "2026-12-17", "--note", "The heating has broken down")
    monday.fine("meeting", "add", "Thursday circle", "2026-12-18 18:00", "--title", "Tea", "--zone", "Europe/Berlin")

    shown = on_terminal(monday, 80, "agenda", "--days", "30")

    doors = ["both", "in person only", "no place yet", "online only"]
    assert max(len(line) for line in shown) == 80
    assert [[word for word in [*doors, "cancelled"] if word in line] for line in shown[1:]] == [
        ["both"],
        ["online only"],
        ["in person only"],
        ["cancelled"],
        ["no place yet"],
    ]


def test_agenda_shows_what_is_going_on_until_it_is_over(monday: Monday) -> None:
    monday.clock.turn_to(datetime(2026, 11, 27, 1, tzinfo=UTC))
    during = monday.dates("agenda", "--days", "1")
    monday.clock.pass_(minutes=30)

    assert (during, monday.dates("agenda", "--days", "1")) == (["2026-11-26T19:00 confirmed"], [])


def test_agenda_of_a_group_leaves_the_others_out(monday: Monday) -> None:
    monday.fine("group", "add", "Carers", "--label", "Tuesday plan")

    assert monday.dates("agenda", "--group", "carers") == []
    assert refused(monday, "agenda", "--group", "nope")[0] == 3


RESTORE = "restore thursday-circle --on 2026-12-24"


@pytest.mark.parametrize(
    ("args", "told", "line"),
    [
        (
            ["cancel", "--note", "Ill"],
            "Thursday 2026-12-24, 19:00–20:30 (New York time): cancelled (Ill)",
            "Thu 2026-12-24  19:00–20:30, in person and online  cancelled (Ill)",
        ),
        (
            ["move", "--to", "2026-12-26 18:00", "--minutes", "60"],
            (
                "Saturday 2026-12-26, 18:00–19:00 (New York time): in person and online,"
                " Hall + Circle room (moved from Thursday 2026-12-24 19:00)"
            ),
            "Thu 2026-12-24  19:00–20:30  Sat 2026-12-26, 18:00–19:00",
        ),
        (
            ["close-door", "--door", "in-person"],
            "Thursday 2026-12-24, 19:00–20:30 (New York time): online only (in person closed), Circle room",
            "Thu 2026-12-24  in person and online, Hall + Circle room  online only (in person closed), Circle room",
        ),
    ],
    ids=["cancel", "move", "close-door"],
)
def test_a_change_shows_the_date_before_and_after_and_who_will_be_told_when(
    reminded: Monday, args: list[str], told: str, line: str
) -> None:
    done = reminded.changed(args[0], "thursday-circle", "--on", "2026-12-24", *args[1:])

    # A door that was shut is opened again: restoring would take back whatever else was said of the date.
    undo = "open-door thursday-circle --on 2026-12-24 --door in-person" if args[0] == "close-door" else RESTORE
    assert [" ".join(text.split()) for text in done.out.splitlines()] == ["DATE NOW THEN", " ".join(line.split())]
    assert done.err.splitlines() == [
        f"“Thursday circle”: {told}",
        "2 members will be told in about ten minutes",
        "Calendars that show it: the public one of the group",
        f"To take it back: meetup meeting {undo}",
    ]


def test_a_change_counts_those_who_were_reminded_and_whose_calendars_show_it(reminded: Monday) -> None:
    with contextlib.closing(reminded.here()) as here, here.writing() as session:
        for name in ("Ada", "Ben", "Ben"):
            links.make(session, members.find(session, name), START)
        links.revoke(session, members.find(session, "Ada"), START)

    done = reminded.changed("cancel", "thursday-circle", "--on", "2026-11-26")

    assert done.err.splitlines()[1:3] == [
        "2 members will be told in about ten minutes; 1 member was reminded already",
        "Calendars that show it: 2 of members and the public one of the group",
    ]


def test_a_change_is_made_when_the_person_at_the_terminal_says_yes(reminded: Monday) -> None:
    code, screen = asked(reminded, "y", "meeting", "cancel", "thursday-circle", "--on", "2026-12-24")

    assert code == 0
    assert "cancelled\n2 members will be told" in screen
    assert screen.endswith(
        "Cancel it? (y/N): Done\nTo take it back: meetup meeting restore thursday-circle --on 2026-12-24\n"
    )
    assert reminded.dates("agenda", "--days", "40").count("2026-12-24T19:00 cancelled") == 1


@pytest.mark.parametrize("answer", ["", "n", "yesterday"])
def test_a_change_is_not_made_when_the_answer_is_not_yes(reminded: Monday, answer: str) -> None:
    before = reminded.rows()

    code, screen = asked(reminded, answer, "meeting", "cancel", "thursday-circle", "--on", "2026-12-24")

    assert (code, reminded.rows()) == (1, before)
    assert screen.endswith("Cancel it? (y/N): error: Nothing was changed\n")


def test_without_a_person_to_ask_a_change_wants_yes(reminded: Monday) -> None:
    before = reminded.rows()

    done = reminded("meeting", "cancel", "thursday-circle", "--on", "2026-12-24")

    assert (done.code, reminded.rows()) == (2, before)
    assert done.err.endswith("error: Cancel it? Nobody is here to answer\n\nhint: Add --yes when you are sure\n")


def test_nobody_waits_for_the_database_while_a_person_thinks(reminded: Monday) -> None:
    """And what was changed meanwhile is not run over: the person looks anew."""

    def think() -> str:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            reminded.changed("move", "thursday-circle", "--on", "2026-12-24", "--to", "2026-12-23")
        return "y"

    code, screen = asked(reminded, think, "meeting", "cancel", "thursday-circle", "--on", "2026-12-24")

    assert code == 1
    assert "error: Meanwhile something else was changed, so nothing was done\n" in screen
    assert "2026-12-23T19:00 confirmed" in reminded.dates("agenda", "--days", "40")


def test_counting_who_will_be_told_plans_nothing(reminded: Monday) -> None:
    def deliveries() -> list[tuple[object, ...]]:
        return databases.ask(reminded.home / "meetup.db", "SELECT kind, state FROM deliveries")

    before = deliveries()

    reminded.changed("cancel", "thursday-circle", "--on", "2026-12-24")

    assert deliveries() == before == [("reminder", "DELIVERED")]


def test_what_waits_to_be_told_of_another_date_is_not_counted(reminded: Monday) -> None:
    reminded.changed("cancel", "thursday-circle", "--on", "2026-12-24")

    done = reminded.changed("pause", "thursday-circle", "--from", "2027-01-01")

    assert "Nobody is told: calendars show it, and reminders say what holds" in done.err.splitlines()


def test_what_starts_soon_is_told_within_a_minute(reminded: Monday) -> None:
    reminded.clock.turn_to(datetime(2026, 11, 26, 21, 30, tzinfo=UTC))

    done = reminded.changed("cancel", "thursday-circle", "--on", "2026-11-26")

    assert "2 members will be told in about a minute;" in done.err


def test_where_nobody_agreed_nobody_will_be_told(monday: Monday) -> None:
    done = monday.changed("cancel", "thursday-circle", "--on", "2026-11-26")

    assert done.err.splitlines()[1] == "Nobody will be told: no member of the group has agreed to messages yet"


def test_a_door_is_shut_and_opened_again(reminded: Monday) -> None:
    named = ("thursday-circle", "--on", "2026-12-24", "--door", "in-person")
    reminded.changed("close-door", *named)

    done = reminded.changed("open-door", *named)

    assert done.err.splitlines()[0].endswith("in person and online, Hall + Circle room")
    assert done.err.splitlines()[1] == "Nobody was told that it would be different, and nobody will be"


def test_a_note_is_shown_with_its_date_and_told_to_nobody(reminded: Monday) -> None:
    done = reminded.changed("note", "thursday-circle", "Use the side door", "--on", "2026-12-24")

    assert done.out.splitlines()[1].split(maxsplit=2)[2] == "as usual  “Use the side door”"
    assert done.err.splitlines()[1] == "Nobody is told: calendars show it, and reminders say what holds"
    assert reminded.data("meeting", "show", "thursday-circle")["meeting"]["changes"] == [
        {"slot": "2026-12-24T19:00", "date": "Thursday 2026-12-24", "change": "“Use the side door”"}
    ]


def test_a_move_to_another_day_keeps_the_usual_time(monday: Monday) -> None:
    monday.changed("move", "thursday-circle", "--on", "2026-12-24", "--to", "2026-12-23")

    assert "2026-12-23T19:00 confirmed" in monday.dates("agenda", "--days", "40")


@pytest.mark.parametrize("to", ["18:00", "9:30"])
def test_a_move_to_another_time_keeps_the_usual_day(monday: Monday, to: str) -> None:
    monday.changed("move", "thursday-circle", "--on", "2026-12-24", "--to", to)

    assert f"2026-12-24T{to:0>5} confirmed" in monday.dates("agenda", "--days", "40")


def test_a_second_cancellation_changes_nothing_and_says_so(monday: Monday) -> None:
    args = ("cancel", "thursday-circle", "--on", "2026-12-24")
    monday.changed(*args, "--note", "Ill")

    assert "Thursday 2026-12-24 is cancelled already" in refused(monday, "meeting", *args)[1]


def test_taking_a_change_back_at_once_tells_nobody(reminded: Monday) -> None:
    reminded.changed("cancel", "thursday-circle", "--on", "2026-12-24")

    done = reminded.changed("restore", "thursday-circle", "--on", "2026-12-24")

    assert done.err.splitlines()[1] == "Nobody was told that it would be different, and nobody will be"


def test_taking_a_change_back_tells_those_who_were_told(reminded: Monday) -> None:
    reminded.changed("cancel", "thursday-circle", "--on", "2026-12-24")
    with contextlib.closing(reminded.here()) as here, here.writing() as session:
        ada = members.find(session, "Ada")
        meeting = meetings.find(session, "thursday-circle")
        tell(session, meeting, ada, "2026-12-24T19:00", Kind.CANCELLED, revision=9)

    done = reminded.changed("restore", "thursday-circle", "--on", "2026-12-24")

    words = "1 member had been told otherwise, and will be told in about ten minutes that it is as usual"
    assert done.err.splitlines()[1] == words


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["cancel", "thursday-circle", "--on", "2026-12-23"], 3, "Dates near it: 2026-12-17, 2026-12-24, 2026-12-31"),
        (["cancel", "thursday-crcle", "--on", "2026-12-24"], 3, "Did you mean thursday-circle?"),
        (["cancel", "thursday-circle", "--on", "tomorrow"], 2, "“tomorrow” is not a date"),
        (["cancel", "thursday-circle", "--on", "friday"], 2, "Write it as 2026-11-27"),
        (["cancel", "thursday-circle", "--on", "11/27/2026"], 2, "Write it as 2026-11-27"),
        (["cancel", "thursday-circle", "--on", "2027-02-30"], 2, "February 2027 has 28 days"),
        (["pause", "thursday-circle", "--from", "24 December"], 2, "year-month-day: 2026-12-24"),
        (["move", "thursday-circle", "--on", "2026-12-24", "--to", "25:00"], 2, "is not a date or a time"),
        (["cancel", "thursday-circle"], 2, "--on"),
        (["move", "thursday-circle", "--on", "2026-12-24"], 2, "A move needs a new time, venue or room"),
        (["move", "thursday-circle", "--on", "2026-12-24", "--to", "2026-11-01"], 4, "Sunday 2026-11-01 19:00 is over"),
        (["close-door", "thursday-circle", "--on", "2026-12-24", "--door", "back"], 2, "--door"),
        (["restore", "thursday-circle", "--on", "2026-12-24"], 3, "Nothing was changed"),
        (["skip", "thursday-circle", "--on", "2026-11-26"], 4, "Members were reminded of Thursday 2026-11-26 already"),
        (["pause", "thursday-circle", "--from", "2026-11-24"], 4, "so that they are told"),
        (["end", "thursday-circle", "--on", "2026-11-24"], 4, "Cancel that date first"),
        (["edit", "thursday-circle", "--schedule", "every Friday 18:00"], 4, "Choose --from 2026-11-27 or later"),
        (["edit", "thursday-circle", "--no-venue", "--no-room"], 4, "A meeting needs a venue, a room, or both"),
        (["edit", "thursday-circle", "--venue", "hall", "--no-venue"], 2, "given and taken away"),
        (["edit", "thursday-circle"], 2, "Nothing was given to change"),
        (["edit", "thursday-circle", "--title", "Tea", "--from", "2026-12-03"], 2, "--from is about"),
        (["edit", "thursday-circle", "--title", "Tea", "--zone", "Mars/Base"], 5, "is not a time zone"),
        (["resume", "thursday-circle", "--from", "2026-12-24"], 4, "is not paused"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_refusal_changes_nothing_and_says_what_to_do(
    reminded: Monday, args: list[str], code: int, words: str
) -> None:
    refusal = refused(reminded, "meeting", *args)

    assert refusal[0] == code
    assert words in refusal[1]


def test_other_times_begin_with_the_next_date_and_name_what_is_lost(monday: Monday) -> None:
    monday.clock.pass_(days=7)
    monday.changed("skip", "thursday-circle", "--on", "2026-12-24")

    done = monday.changed("edit", "thursday-circle", "--schedule", "every Friday 18:00")

    assert done.err.splitlines() == [
        "From Friday 2026-12-04 on it meets every Friday, 18:00–19:00 (New York time)",
        "… and 95 more dates within a year",
        "Nobody is told: calendars show it, and reminders say what holds",
        "Calendars that show it: the public one of the group",
        "warning: It lasts 60 minutes now, not 90",
        "warning: What was changed on these dates fits no longer, and is forgotten: Thursday 2026-12-24",
    ]
    assert monday.dates("meeting", "next", "-n", "2") == ["2026-12-04T18:00 confirmed", "2026-12-11T18:00 confirmed"]


def test_those_who_were_reminded_are_told_of_another_place(reminded: Monday) -> None:
    done = reminded.changed("edit", "thursday-circle", "--no-venue")

    assert "Members were reminded of Thursday 2026-11-26: they are told of the change" in done.err
    assert reminded.data("meeting", "next", "-n", "1")["dates"][0]["doors"] == {"online": "open"}


def test_a_pause_names_the_last_date_and_how_to_go_on(monday: Monday) -> None:
    monday.changed("edit", "thursday-circle", "--schedule", "every Thursday 19:00 until 2027-06-30")

    done = monday.changed("pause", "thursday-circle", "--from", "2026-12-20")

    assert done.err.splitlines() == [
        "“Thursday circle” rests from Sunday 2026-12-20 on",
        "Its last date before that is Thursday 2026-12-17",
        "… and 19 more dates within a year",
        "Nobody is told: calendars show it, and reminders say what holds",
        "Calendars that show it: the public one of the group",
        "Go on with: meetup meeting resume thursday-circle --from DATE",
    ]
    assert monday.data("meeting", "list")["meetings"][0]["state"] == "paused from 2026-12-20 on"


def test_a_meeting_goes_on_after_a_pause(monday: Monday) -> None:
    monday.changed("pause", "thursday-circle", "--from", "2026-12-01")

    monday.changed("resume", "thursday-circle", "--from", "2027-01-10", "--until", "2027-01-21")

    assert monday.dates("meeting", "next") == [
        "2026-11-26T19:00 confirmed",
        "2027-01-14T19:00 confirmed",
        "2027-01-21T19:00 confirmed",
    ]


def test_a_meeting_at_rest_goes_on_until_the_end_that_it_was_given_meanwhile(monday: Monday) -> None:
    monday.changed("pause", "thursday-circle", "--from", "2026-12-01")
    monday.changed("end", "thursday-circle", "--on", "2027-01-21")
    resting = monday.data("meeting", "list")["meetings"][0]["state"]

    monday.changed("resume", "thursday-circle", "--from", "2027-01-10")

    assert resting == "paused from 2026-12-01 on"
    assert monday.dates("meeting", "next") == [
        "2026-11-26T19:00 confirmed",
        "2027-01-14T19:00 confirmed",
        "2027-01-21T19:00 confirmed",
    ]


def test_an_ended_meeting_says_so_in_the_list(monday: Monday) -> None:
    monday.changed("end", "thursday-circle", "--on", "2026-12-10")
    ahead = monday.data("meeting", "list")["meetings"][0]["state"]
    monday.clock.pass_(days=30)

    assert (ahead, monday.data("meeting", "list", "--all")["meetings"][0]["state"]) == (
        "ends after 2026-12-10",
        "ended after 2026-12-10",
    )


@pytest.mark.parametrize(
    "args",
    [
        ["skip", "--on", "2026-12-24"],
        ["cancel", "--on", "2026-12-24"],
        ["move", "--on", "2026-12-24", "--to", "2026-12-23"],
        ["close-door", "--on", "2026-12-24", "--door", "online"],
        ["note", "Bring a cup", "--on", "2026-12-24"],
        ["pause", "--from", "2026-12-24"],
        ["end", "--on", "2026-12-24"],
        ["edit", "--title", "Tea"],
    ],
    ids=lambda args: args[0],
)
def test_a_dry_run_of_a_change_writes_nothing(monday: Monday, args: list[str]) -> None:
    before = monday.rows()

    done = monday.fine("meeting", args[0], "thursday-circle", *args[1:], "--dry-run")

    assert done.err.startswith("Nothing is changed. Without --dry-run this would happen:\n")
    assert "Added" not in done.err
    assert "Changed" not in done.err
    assert monday.rows() == before


def test_whoever_was_reminded_with_an_old_link_is_not_forgotten(reminded: Monday) -> None:
    rotated = reminded.fine("room", "rotate", "circle-room", "https://zoom.us/j/555")
    reminded.environ["MEETUP_PUBLIC_URL"] = "https://meet.example"
    later = reminded.fine("room", "rotate", "circle-room", "https://zoom.us/j/556")

    assert "Members were reminded of Thursday 2026-11-26 with the old link" in rotated.err
    assert "meetup announce thursday-circle" in rotated.err
    # Their own links lead to whatever room there is.
    assert "old link" not in later.err


def test_a_date_whose_other_door_was_shut_by_hand_is_named_when_its_hall_closes(monday: Monday) -> None:
    monday.changed("close-door", "thursday-circle", "--on", "2026-12-17", "--door", "online")

    done = monday(
        *("venue", "close", "hall", "--from", "2026-12-14", "--until", "2026-12-20"),
        *("--move-to", "circle-room", "--dry-run"),
    )

    assert "meetup meeting open-door thursday-circle --on 2026-12-17 --door online" in done.err


def guarded(monday: Monday, alias: str, *, phone: str = "", mail: str = "") -> None:
    """Let somebody belong to the circle whose phone others may see, and who is safe until five o'clock."""
    with contextlib.closing(monday.here()) as here, here.writing() as session:
        draft = members.MemberDraft(alias, phone, mail, phone_shared=True, hours_end="17:00", hours_chosen=True)
        join(session, groups.find(session, "thursday-circle"), draft, START)


def test_who_cannot_be_told_safely_is_counted_for_the_host(monday: Monday) -> None:
    guarded(monday, "Eve", phone="+12025550144")
    guarded(monday, "Fay", phone="+12025550145", mail="fay@example.org")
    monday.clock.turn_to(datetime(2026, 11, 26, 22, 30, tzinfo=UTC))  # half past five in New York
    done = monday.fine("meeting", "cancel", "thursday-circle", "--on", "2026-11-26", "--dry-run")

    assert "1 person could not be told safely" in done.err


def test_nobody_is_counted_while_a_safe_hour_is_left(monday: Monday) -> None:
    guarded(monday, "Eve", phone="+12025550144")

    tried = monday.fine("meeting", "cancel", "thursday-circle", "--on", "2026-11-26", "--dry-run")
    assert "told safely" not in tried.err
    assert "told safely" not in monday.changed("cancel", "thursday-circle", "--on", "2026-11-26").err


def test_a_note_that_tells_is_named_while_it_is_typed(monday: Monday) -> None:
    telling = ("--note", "The depression leaflets are in the hall")
    done = monday.fine("meeting", "cancel", "thursday-circle", "--on", "2026-11-26", *telling, "--dry-run")
    assert "says “depress”: members' mails leave it out" in " ".join(done.err.split())

    done = monday.fine("meeting", "cancel", "thursday-circle", "--on", "2026-11-26", "--note", "Ill", "--dry-run")
    assert "leave it out" not in done.err
