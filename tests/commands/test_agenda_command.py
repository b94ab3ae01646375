"""`meetup agenda`: for whom, how far, and in which shape; on Monday 23 November 2026, at seven in New York."""

import contextlib
from datetime import UTC, datetime

import pytest

from meetup import agenda, groups
from meetup.people import answers, members, subscriptions
from meetup.people.members import MemberDraft
from meetup.values import Channel, Door, Preference
from tests.commands.shell import Monday, on_terminal
from tests.conftest import START


@pytest.fixture
def town(monday: Monday) -> Monday:
    """A circle in hall and room, of which five dates are changed, and a tea of carers in Madrid, online."""
    monday.fine("group", "add", "Carers", "--label", "Tuesday plan")
    monday.fine("room", "add", "Tea room", "https://zoom.us/j/12345678900?pwd=c2VjcmV0")
    zone = ("--zone", "Europe/Madrid")
    monday.fine("meeting", "add", "Carers", "second Tuesday 18:00", "--title", "Tea", "--room", "tea room", *zone)
    monday.changed("cancel", "thursday-circle", "--on", "2026-12-03", "--note", "Ill")
    monday.changed("close-door", "thursday-circle", "--on", "2026-12-10", "--door", "in-person")
    monday.changed("note", "thursday-circle", "Use the side door", "--on", "2026-12-17")
    monday.changed("move", "thursday-circle", "--on", "2026-12-24", "--to", "2026-12-23 18:00")
    monday.changed("close-door", "thursday-circle", "--on", "2026-12-31", "--door", "online")
    return monday


def subscribe(town: Monday, preference: Preference, zone: str = "", label: str = "") -> None:
    """Let Ada belong to the circle, and not to the carers."""
    with contextlib.closing(town.here()) as here, here.writing() as session:
        draft = MemberDraft("Ada", "+12025550123", zone=zone, cover_label=label)
        ada, circle = members.add(session, draft, START), groups.find(session, "thursday-circle")
        subscriptions.subscribe(session, ada, circle, preference, [Channel.SMS], START)


def days(town: Monday, *args: str) -> list[str]:
    """Return the slots that an agenda shows, and by which doors one gets in."""
    found = town.data("agenda", *args)["dates"]
    return [f"{one['slot'][5:10]} {'+'.join(d for d, at in one['doors'].items() if at == 'open')}" for one in found]


def test_the_agenda_of_a_venue_leaves_out_what_is_held_elsewhere(town: Monday) -> None:
    town.fine("venue", "add", "Barn", "--address", "1 Farm Lane, Troy")
    town.changed("move", "thursday-circle", "--on", "2026-12-17", "--venue", "barn")

    assert days(town, "--venue", "barn", "--days", "60") == ["12-17 in_person+online"]
    assert "12-17 in_person+online" not in days(town, "--venue", "hall", "--days", "60")


def test_the_agenda_of_a_room_shows_what_is_held_in_it(town: Monday) -> None:
    assert days(town, "--room", "tea room", "--days", "60") == ["12-08 online", "01-12 online"]


def test_what_is_named_narrows_down_together(town: Monday) -> None:
    assert days(town, "--room", "circle room", "--group", "carers", "--days", "60") == []


def test_the_agenda_of_a_member_shows_her_groups_only(town: Monday) -> None:
    subscribe(town, Preference.EITHER)

    assert days(town, "--member", "Ada", "--days", "17") == [
        "11-26 in_person+online",
        "12-03 ",
        "12-10 online",
    ]


@pytest.mark.parametrize(
    ("preference", "shown"),
    [
        (Preference.IN_PERSON, ["11-26 in_person", "12-03 ", "12-10 online"]),
        (Preference.ONLINE, ["11-26 online", "12-03 ", "12-10 online"]),
        (Preference.ONLY_IN_PERSON, ["11-26 in_person", "12-03 ", "12-10 "]),
    ],
)
def test_the_agenda_of_a_member_shows_the_doors_that_she_uses(
    town: Monday, preference: Preference, shown: list[str]
) -> None:
    subscribe(town, preference)

    assert days(town, "--member", "Ada", "--days", "17") == shown


def test_a_member_who_comes_in_person_only_is_shown_nothing_of_an_online_meeting(town: Monday) -> None:
    subscribe(town, Preference.ONLY_IN_PERSON)
    with contextlib.closing(town.here()) as here, here.writing() as session:
        ada, carers = members.find(session, "Ada"), groups.find(session, "carers")
        subscriptions.subscribe(session, ada, carers, Preference.ONLY_IN_PERSON, [Channel.SMS], START)

    assert "12-08 online" not in days(town, "--member", "Ada", "--days", "17")


def test_labels_stand_for_titles_when_somebody_looks_over_the_shoulder(town: Monday) -> None:
    subscribe(town, Preference.EITHER, label="Evening class")

    done = town.fine("agenda", "--labels", "--days", "20")
    hers = town.fine("agenda", "--member", "Ada", "--labels", "--words")

    assert ("Thursday plan" in done.out, "Tuesday plan" in done.out) == (True, True)
    assert "Evening class" in hers.out
    assert "circle" not in hers.out.replace("Circle room", "")


def test_a_reader_in_another_zone_sees_both_clocks(town: Monday) -> None:
    subscribe(town, Preference.EITHER, zone="Europe/Berlin")

    done = town.fine("agenda", "--member", "Ada", "--days", "5")

    assert "NEW YORK TIME  BERLIN TIME  MEETING" in done.out
    assert "Thu 2026-11-26  19:00–20:30    Fri 01:00    Thursday circle" in done.out


def test_clocks_that_agree_are_shown_once(town: Monday) -> None:
    assert "TIME         ZONE           NEW YORK TIME  MEETING" in town.fine("agenda", "--days", "20").out
    assert "NEW YORK TIME  MEETING" in town.fine("agenda", "--days", "5").out


def test_two_clocks_fit_a_narrow_terminal(town: Monday) -> None:
    shown = on_terminal(town, 80, "agenda", "--days", "40")

    assert max(len(line) for line in shown) <= 80
    assert [[word for word in ("both", "cancelled", "online", "only") if word in line] for line in shown[1:5]] == [
        ["both"],
        ["cancelled"],
        ["online"],
        ["online", "only"],
    ]


def test_days_are_those_of_each_place_from_the_first_to_the_last(town: Monday) -> None:
    assert days(town, "--from", "2026-12-08", "--until", "2026-12-10") == ["12-08 online", "12-10 online"]
    assert days(town, "--from", "2026-12-08", "--days", "2") == ["12-08 online"]
    assert days(town, "--from", "2026-12-23", "--until", "2026-12-23") == ["12-24 in_person+online"]


def test_a_day_of_long_ago_can_be_looked_at(town: Monday) -> None:
    town.clock.turn_to(datetime(2027, 3, 1, tzinfo=UTC))

    assert days(town, "--from", "2026-12-03", "--until", "2026-12-03") == ["12-03 "]


def test_where_nothing_happens_the_next_date_is_named(town: Monday) -> None:
    done = town.fine("agenda", "--group", "carers", "--from", "2026-12-09", "--until", "2026-12-20")
    town.changed("end", "tea", "--on", "2026-12-08")
    over = town.fine("agenda", "--group", "carers", "--from", "2026-12-09")

    assert (done.out, done.err) == (
        "",
        "Nothing happens until Sunday 2026-12-20; the next date is Tuesday 2027-01-12, “Tea”\n",
    )
    assert over.err.endswith("nor in the year after that; `meetup meeting add` adds a meeting\n")


DECEMBER = """\
December 2026
Sun        Mon        Tue        Wed        Thu        Fri        Sat
                      1          2          3          4          5
                                            ✗7:00 PM
                                            Thursday…
6          7          8          9          10         11         12
                      6:00 PM               ~7:00 PM
                      Tea                   Thursday…
13         14         15         16         17         18         19
                                            7:00 PM
                                            Thursday…
20         21         22         23         24         25         26
                                 ~6:00 PM
                                 Thursday…
27         28         29         30         31
                                            ~7:00 PM
                                            Thursday…

The times are those of each place
✗ Thursday circle: Thursday 2026-12-03, 19:00–20:30 (New York time): cancelled (Ill)
~ Thursday circle: Thursday 2026-12-10, 19:00–20:30 (New York time): online only (in person closed), Circle room
  Thursday circle: Thursday 2026-12-17, 19:00–20:30 (New York time): in person and online, Hall + Circle room (Use the side door)
~ Thursday circle: Wednesday 2026-12-23, 18:00–19:30 (New York time): in person and online, Hall + Circle room (moved from Thursday 2026-12-24 19:00)
~ Thursday circle: Thursday 2026-12-31, 19:00–20:30 (New York time): in person only (online closed), Hall
"""  # noqa: E501 -- as it is shown


def test_a_month_is_a_grid_that_marks_what_is_not_as_usual(town: Monday) -> None:
    assert town.fine("agenda", "--month", "2026-12").out == DECEMBER


def test_a_month_in_spanish_of_a_country_whose_week_begins_on_monday(town: Monday) -> None:
    town.fine("organization", "edit", "--country", "ES")

    shown = town.fine("agenda", "--month", "--language", "es", "--group", "thursday-circle").out.splitlines()

    assert shown[:2] == [
        "noviembre de 2026 (hora de Nueva York)",
        "lun        mar        mié        jue        vie        sáb        dom",
    ]
    assert shown[2].split() == ["1"]
    assert any(line.strip() == "19:00" for line in shown)


def test_a_day_with_very_many_dates_counts_those_that_have_no_room(town: Monday) -> None:
    for number in range(5):
        town.fine(
            "meeting", "add", "Carers", f"2026-12-05 1{number}:00", "--title", f"Fair {number}", "--venue", "hall"
        )

    shown = town.fine("agenda", "--month", "2026-12", "--group", "carers").out

    assert ("Fair 3" in shown, "Fair 4" in shown, "+ 1" in shown) == (True, False, True)


ENGLISH = [
    (
        "Thursday, December 3, 7:00 PM to 8:30 PM (New York time): Thursday circle is cancelled (Ill)."
        " Please don't travel."
    ),
    (
        "Tuesday, December 8, 6:00 PM to 7:00 PM (Madrid time): Tea, online."
        " That is Tuesday, December 8, 12:00 PM (New York time)."
    ),
    (
        "Thursday, December 10, 7:00 PM to 8:30 PM (New York time): Thursday circle, online."
        " The room is closed, so please don't travel: join online instead."
    ),
    (
        "Thursday, December 17, 7:00 PM to 8:30 PM (New York time): Thursday circle,"
        " in person at Hall, 12 Elm Street, Troy, and online. Please note: Use the side door."
    ),
    (
        "Wednesday, December 23, 6:00 PM to 7:30 PM (New York time): Thursday circle,"
        " in person at Hall, 12 Elm Street, Troy, and online."
        " It was moved: the usual date would have been Thursday, December 24, 7:00 PM."
    ),
    (
        "Thursday, December 31, 7:00 PM to 8:30 PM (New York time): Thursday circle,"
        " in person at Hall, 12 Elm Street, Troy. Nobody can join online this time: please come in person."
    ),
]
SPANISH = [
    (
        "Jueves 3 de diciembre, de 7:00 pm a 8:30 pm (hora de Nueva York): Thursday circle se cancela (Ill)."
        " Por favor, no te desplaces."
    ),
    (
        "Martes 8 de diciembre, de 6:00 pm a 7:00 pm (hora de Madrid): Tea, en línea."
        " Es decir, martes 8 de diciembre, 12:00 pm (hora de Nueva York)."
    ),
    (
        "Jueves 10 de diciembre, de 7:00 pm a 8:30 pm (hora de Nueva York): Thursday circle, en línea."
        " La sala está cerrada, así que no te desplaces: entra en línea."
    ),
]


def test_dates_can_be_read_out_and_say_what_to_do(town: Monday) -> None:
    shown = town.fine("agenda", "--words", "--from", "2026-12-01", "--until", "2026-12-31")

    assert shown.out.splitlines() == ENGLISH


def test_dates_can_be_read_out_in_spanish(town: Monday) -> None:
    shown = town.fine("agenda", "--words", "--language", "es", "--from", "2026-12-01", "--until", "2026-12-10")

    assert shown.out.splitlines() == SPANISH


def test_a_meeting_without_a_place_is_not_said_to_be_cancelled(monday: Monday) -> None:
    monday.fine("meeting", "add", "Thursday circle", "2026-11-24 10:00", "--title", "Walk")

    assert monday.fine("agenda", "--words", "--days", "2").out.endswith("Walk. Where it is held is not known yet.\n")


def test_how_many_come_by_which_door_is_shown_and_nobody_is_named(town: Monday) -> None:
    assert "answers" not in town.fine("agenda", "--days", "60").out
    subscribe(town, Preference.EITHER)
    with contextlib.closing(town.here()) as here, here.writing() as session:
        ben = members.add(session, MemberDraft("Ben"), START)
        circle = next(one for one in agenda.all_series(session) if one.key and one.title == "Thursday circle")
        date = agenda.on_slot(circle, datetime.fromisoformat("2026-12-24T19:00"))
        assert date is not None
        answers.give(session, members.find(session, "Ada"), date, Door.ONLINE, START)
        answers.give(session, ben, date, None, START)

    shown = town.fine("agenda", "--days", "60").out
    assert "1 online, 1 not coming" in shown
    assert "Ada" not in shown
    [told] = [one["answers"] for one in town.data("agenda", "--days", "60")["dates"] if one["moved"]]
    assert told == {"in_person": 0, "online": 1, "not_coming": 1}


def test_json_says_whose_clocks_it_shows(town: Monday) -> None:
    found = town.data("agenda", "--zone", "Asia/Tokyo", "--from", "2026-12-08", "--until", "2026-12-08")

    assert found == {
        "schema": 1,
        "zone": "Asia/Tokyo",
        "dates": [
            {
                "meeting": "tea",
                "title": "Tea",
                "slot": "2026-12-08T18:00",
                "starts_local": "2026-12-08T18:00",
                "zone": "Europe/Madrid",
                "start": "2026-12-08T17:00+00:00",
                "end": "2026-12-08T18:00+00:00",
                "status": "confirmed",
                "moved": False,
                "doors": {"online": "open"},
                "venue": None,
                "room": "Tea room",
                "reason": "",
                "note": "",
                "group": "carers",
                "address": None,
                "starts_in_zone": "2026-12-09T02:00",
                "answers": {"in_person": 0, "online": 0, "not_coming": 0},
            }
        ],
    }


@pytest.mark.parametrize("shape", [[], ["--json"], ["--words"], ["--month"]], ids=["table", "json", "words", "month"])
def test_no_shape_of_the_agenda_shows_a_link_or_a_passcode(town: Monday, shape: list[str]) -> None:
    done = town.fine("agenda", *shape)

    assert done.out
    assert [secret for secret in ("zoom.us", "271828", "pwd=") if secret in done.out + done.err] == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--month", "--words"], "Choose one of them"),
        (["2026-12"], "Say --month 2026-12"),
        (["circle"], 'meetup agenda --group "circle"'),
        (["--month", "december"], "Write it as year-month: 2026-12"),
        (["--month", "2026-13"], "is not a month"),
        (["--month", "2026-12", "--days", "3"], "its own first and last day"),
        (["--until", "2026-12-01", "--days", "3"], "Choose one of the two"),
        (["--from", "2026-12-03", "--until", "2026-12-01"], "lies before 2026-12-03"),
        (["--from", "friday"], "Write it as year-month-day: 2026-11-27"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_meant_is_refused_with_what_may_be(town: Monday, args: list[str], words: str) -> None:
    done = town("agenda", *args)

    assert (done.code, done.out) == (2, "")
    assert words in done.err


@pytest.mark.parametrize("what", ["--group", "--venue", "--room", "--member"])
def test_what_is_not_there_is_not_found(town: Monday, what: str) -> None:
    assert town("agenda", what, "nope").code == 3
