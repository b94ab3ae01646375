"""Every message is right, discreet, short enough, and the same as the one a person has read and approved."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from meetup.schedule.series import Access, Occurrence, Place, Room, Schedule, Series, Status
from meetup.values import Channel, Door, Kind, Preference
from meetup.wording.discreet import leaks
from meetup.wording.languages import zone_words
from notifications.rules.segments import Encoding, segments
from notifications.words.compose import Facts, Links, Recipient, Text, Voice, compose, opt_in_wording

GOLDEN = Path(__file__).parents[1] / "golden" / "messages"
EVE = datetime(2026, 12, 24, 19, 0)  # noqa: DTZ001 -- a wall time
BOTH = frozenset(Door)
ONLINE = frozenset({Door.ONLINE})
IN_PERSON = frozenset({Door.IN_PERSON})
NONE: frozenset[Door] = frozenset()

ACCESS = Access(step_free=True, accessible_toilet=True, cameras=True, door_code="77#", transit="Bus 12 to Long Street")
HALL = Place("hall", "Library Hall", "12 Long Street, Berlin", directions="Ring the lower bell.", access=ACCESS)
VIDEO = Room("video", "Video", "https://video.example/1", passcode="lamp", dial_in=("+49 30 5550 1234",))
VOICE = Voice("Harbor Studios", "Harbor Community House", "ada@harbor.example", "US", "Your date")
LINKS = Links("https://p.example/j/Zk4", "https://p.example/u/Zk4", "https://p.example/p/Zk4")
SECRETS = ("Anxiety",)


def occurrence(start: datetime = EVE, open_: frozenset[Door] = BOTH, usual: frozenset[Door] = BOTH) -> Occurrence:
    schedule = Schedule("u1", "Europe/Berlin", EVE, timedelta(minutes=90), "FREQ=WEEKLY")
    series = Series("m1", "Thursday anxiety circle", "Your Thursday", "circle", (schedule,), HALL, VIDEO)
    moment = start.replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    return Occurrence(
        series=series,
        schedule=schedule,
        slot=EVE,
        start_local=start,
        start=moment,
        end=moment + schedule.duration,
        status=Status.CONFIRMED if open_ else Status.CANCELLED,
        open_doors=open_,
        usual_doors=usual,
        place=HALL if Door.IN_PERSON in usual | open_ else None,
        room=VIDEO if Door.ONLINE in usual | open_ else None,
    )


LATER = EVE + timedelta(days=14)
SITUATIONS: dict[str, tuple[Kind, Occurrence | None]] = {
    "reminder": (Kind.REMINDER, occurrence()),
    "reminder-online": (Kind.REMINDER, occurrence(open_=ONLINE, usual=ONLINE)),
    "reminder-in-person": (Kind.REMINDER, occurrence(open_=IN_PERSON, usual=IN_PERSON)),
    "reminder-room-closed": (Kind.REMINDER, occurrence(open_=ONLINE)),
    "reminder-online-closed": (Kind.REMINDER, occurrence(open_=IN_PERSON)),
    "room-closed": (Kind.HALF_CANCELLED, occurrence(open_=ONLINE)),
    "online-closed": (Kind.HALF_CANCELLED, occurrence(open_=IN_PERSON)),
    "cancelled": (Kind.CANCELLED, occurrence(open_=NONE)),
    "cancelled-online": (Kind.CANCELLED, occurrence(open_=NONE, usual=ONLINE)),
    "cancelled-in-person": (Kind.CANCELLED, occurrence(open_=NONE, usual=IN_PERSON)),
    "moved": (Kind.MOVED, occurrence(EVE + timedelta(days=1, hours=-1))),
    "changed": (Kind.CHANGED, occurrence()),
    "changed-to-online": (Kind.CHANGED, occurrence(open_=ONLINE, usual=IN_PERSON)),
    "changed-to-in-person": (Kind.CHANGED, occurrence(open_=IN_PERSON, usual=ONLINE)),
    "reminder-gone-online": (Kind.REMINDER, occurrence(open_=ONLINE, usual=IN_PERSON)),
    "reopened": (Kind.REOPENED, occurrence()),
    "opt-in": (Kind.OPT_IN, None),
}
PEOPLE = {
    "en_US": Recipient("en", country="US"),
    "en_GB": Recipient("en", country="GB"),
    "es_US": Recipient("es", country="US"),
    "es_ES": Recipient("es", country="ES"),
}


def facts(situation: str, channel: Channel, person: Recipient) -> Facts:
    kind, date = SITUATIONS[situation]
    following = occurrence(LATER) if kind is Kind.CANCELLED else None
    links = replace(LINKS, confirm_url="https://p.example/c/9")
    return Facts(kind, channel, date, following, person, VOICE, links, SECRETS)


def mail(date: Occurrence, person: Recipient = PEOPLE["en_GB"], links: Links = LINKS) -> Text:
    return compose(Facts(Kind.REMINDER, Channel.EMAIL, date, None, person, VOICE, links, SECRETS))


@pytest.mark.parametrize("place", PEOPLE)
@pytest.mark.parametrize("situation", [name for name in SITUATIONS if name.startswith("reminder")])
def test_a_reminder_names_her_page_where_it_costs_nothing(place: str, situation: str) -> None:
    told = facts(situation, Channel.SMS, PEOPLE[place])
    text = compose(replace(told, links=Links(page_url="https://p.example/m"))).body

    assert segments(text).segments == 1
    usual = SITUATIONS[situation][1]
    assert usual is not None
    assert ("Details are on your page." in text or "Detalles en tu pagina." in text) == (
        usual.open_doors == usual.usual_doors
    )
    assert "p.example" not in text


@pytest.mark.parametrize("place", PEOPLE)
def test_mails_with_a_key_are_the_approved_ones(place: str) -> None:
    person = PEOPLE[place]
    link = Facts(Kind.KEY, Channel.EMAIL, None, None, person, VOICE, Links(page_url="https://p.example/m/1~x"))
    code = Facts(Kind.KEY, Channel.EMAIL, None, None, person, VOICE, code="123456")
    told = [compose(one) for one in (link, code)]

    same_as_golden(f"keys.{place}.txt", "\n".join(f"{text.subject}\n\n{text.body}" for text in told))
    assert all(leaks(f"{text.subject} {text.body}", SECRETS) == [] for text in told)


def same_as_golden(name: str, text: str) -> None:
    """Compare with the approved text; `GOLDEN=write` approves what is there."""
    file = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("place", PEOPLE)
def test_texts_are_the_approved_ones(place: str) -> None:
    said = [f"{name}\n{compose(facts(name, Channel.SMS, PEOPLE[place])).body}\n" for name in SITUATIONS]
    shared = replace(PEOPLE[place], phone_shared=True)
    said += [f"{name} (shared phone)\n{compose(facts(name, Channel.SMS, shared)).body}\n" for name in SITUATIONS]

    same_as_golden(f"sms.{place}.txt", "\n".join(said))


@pytest.mark.parametrize("place", PEOPLE)
def test_mails_are_the_approved_ones(place: str) -> None:
    person = replace(PEOPLE[place], zone="Europe/London")
    mails = [(name, compose(facts(name, Channel.EMAIL, person))) for name in SITUATIONS]

    same_as_golden(f"mail.{place}.txt", "\n".join(f"{'=' * 72}\n{n}\n{t.subject}\n\n{t.body}" for n, t in mails))
    same_as_golden(f"mail.{place}.html", mails[0][1].html)


LONGEST_VOICE = replace(VOICE, sender_name="Wwwwwwwwwwwwww")
LONG_ZONE = "America/St_Johns"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"], ids=["same zone", "other zone"])
@pytest.mark.parametrize("place", PEOPLE)
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("shared", [False, True], ids=["own phone", "shared phone"])
def test_no_text_ever_costs_two_segments(situation: str, place: str, zone: str, shared: bool) -> None:
    person = replace(PEOPLE[place], zone=zone, phone_shared=shared)
    sample = facts(situation, Channel.SMS, person)
    when = datetime(2026, 9, 30, 22, 30)  # noqa: DTZ001 -- the longest date: a Wednesday late in September
    wide = sample.occurrence and replace(
        sample.occurrence,
        start_local=when,
        slot=when - timedelta(days=7) if sample.kind is Kind.MOVED else when,
        schedule=replace(sample.occurrence.schedule, zone=LONG_ZONE),
    )
    following = sample.following and replace(sample.following, start_local=when + timedelta(days=28))

    body = compose(replace(sample, occurrence=wide, following=following, voice=LONGEST_VOICE)).body
    count = segments(body)

    assert (count.encoding, count.units <= 158) == (Encoding.GSM7, True), f"{count.units}: {body}"


@pytest.mark.parametrize("place", PEOPLE)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_text_names_the_group_its_place_or_a_link(situation: str, place: str) -> None:
    body = compose(facts(situation, Channel.SMS, PEOPLE[place])).body

    assert leaks(body, ("Your Thursday", "Library Hall", "Thursday anxiety circle", *SECRETS), "es") == []
    assert re.findall(r"https?:|www\.|@|Long Street|lamp|77#", body) == []


@pytest.mark.parametrize("place", PEOPLE)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_a_lock_screen_shows_of_a_mail_gives_nothing_away(situation: str, place: str) -> None:
    text = compose(facts(situation, Channel.EMAIL, PEOPLE[place]))

    assert leaks(f"{text.subject} {' '.join(text.body.split())[:90]}", ("Thursday anxiety circle",), "es") == []


@pytest.mark.parametrize("place", PEOPLE)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_mail_says_the_same_in_both_shapes_and_fetches_nothing(situation: str, place: str) -> None:
    text = compose(facts(situation, Channel.EMAIL, PEOPLE[place]))

    assert sorted(re.findall(r"https://\S+", text.body)) == sorted(re.findall(r'href="([^"]+)"', text.html))
    assert re.findall(r"<img|src=|url\(|@import|<link", text.html) == []
    assert "!" not in text.body + text.subject
    assert f'<html lang="{place[:2]}"' in text.html
    words = re.sub(r"<[^>]+>", " ", text.html.partition("<body")[2].partition(">")[2]).replace("&#39;", "'").split()
    flat = re.sub(r":\n+https://\S+", "", text.body).split()
    assert words == flat


def test_a_shared_phone_shows_no_doors_digits_or_links() -> None:
    person = replace(PEOPLE["en_GB"], phone_shared=True)

    said = [
        compose(facts(name, Channel.SMS, person)).body for name in ("reminder", "cancelled", "moved", "room-closed")
    ]

    assert said == [
        "Harbor Studios: Thu 24 Dec, 19:00. STOP to end.",
        "Harbor Studios: Thu 24 Dec, 19:00 cancelled. STOP to end.",
        "Harbor Studios: Thu 24 Dec, 19:00 changed. STOP to end.",
        "Harbor Studios: Thu 24 Dec, 19:00 changed. STOP to end.",
    ]


def test_the_zone_is_named_to_those_who_live_in_another_one() -> None:
    person = replace(PEOPLE["en_GB"], zone="Europe/London")
    neighbour = replace(PEOPLE["en_GB"], zone="Europe/Paris")

    assert "19:00 Berlin time" in compose(facts("reminder", Channel.SMS, person)).body
    assert "time" not in compose(facts("reminder", Channel.SMS, neighbour)).body


@pytest.mark.parametrize(
    ("kind", "date", "start"),
    [
        (
            Kind.REMINDER,
            occurrence(open_=NONE),
            "Harbor Studios: Thu 24 Dec, 19:00 is cancelled, in person and online.",
        ),
        (Kind.MOVED, occurrence(LATER, open_=NONE), "Harbor Studios: Thu 7 Jan, 19:00 is cancelled"),
        (Kind.CANCELLED, occurrence(), "Harbor Studios: Thu 24 Dec, 19:00 is on after all, in person and online."),
        (Kind.HALF_CANCELLED, occurrence(), "Harbor Studios: change for Thu 24 Dec, 19:00, in person and online."),
        (Kind.MOVED, occurrence(), "Harbor Studios: change for Thu 24 Dec, 19:00, in person and online."),
    ],
    ids=["cancelled since", "moved and cancelled", "uncancelled", "door open again", "moved back"],
)
def test_a_message_that_was_overtaken_says_what_is_true_now(kind: Kind, date: Occurrence, start: str) -> None:
    said = compose(Facts(kind, Channel.SMS, date, None, PEOPLE["en_GB"], VOICE)).body

    assert said.startswith(start)


def test_a_telling_label_is_replaced() -> None:
    telling = mail(occurrence(), replace(PEOPLE["en_GB"], label="Anxiety evening"))
    own = mail(occurrence(), replace(PEOPLE["en_GB"], label="Chess"))
    open_about_it = mail(occurrence(), replace(PEOPLE["en_GB"], label="Anxiety evening", plain_words=True))

    assert telling.subject == "Your Thursday: Thursday 24 December, 19:00"
    assert own.subject == "Chess: Thursday 24 December, 19:00"
    assert open_about_it.subject == "Anxiety evening: Thursday 24 December, 19:00"


def test_a_telling_preview_leaves_label_and_time_and_is_still_sent() -> None:
    date = replace(occurrence(), series=replace(occurrence().series, label="A"))
    links = replace(LINKS, join_url="https://anxiety.example/j/1")

    text = mail(replace(date, start_local=EVE), replace(PEOPLE["en_GB"], zone=""), links)

    assert text.subject == "A: Thursday 24 December, 19:00"
    assert "anxiety" not in text.body + text.html
    assert text.body.startswith(
        "A: Thursday 24 December, 19:00 to 20:30 (Berlin time).\n\n"
        "Can't come? Nothing to do. You are welcome next time.\n\nWhere and how: see your calendar.\n"
    )
    assert "https://p.example/u/Zk4" in text.body


def test_free_words_that_tell_are_left_out() -> None:
    date = replace(occurrence(), note="Step three of recovery", reason="Bring\r\ntea")
    date = replace(date, place=replace(HALL, name="Hope Recovery House"))

    body = mail(date).body

    assert "ecovery" not in body
    assert "In person: 12 Long Street, Berlin.\n" in body
    assert "Why: Bring tea\n" in body


@pytest.mark.parametrize(
    ("preference", "first"),
    [(Preference.ONLINE, "Online from"), (Preference.EITHER, "Online from"), (Preference.IN_PERSON, "In person:")],
)
def test_the_preferred_door_comes_first(preference: Preference, first: str) -> None:
    body = mail(occurrence(), replace(PEOPLE["en_GB"], preference=preference)).body

    assert body.split("\n\n")[1].startswith(first)


@pytest.mark.parametrize("preference", list(Preference))
def test_a_closed_room_is_told_before_anything_else(preference: Preference) -> None:
    body = mail(occurrence(open_=ONLINE), replace(PEOPLE["en_GB"], preference=preference)).body

    assert body.split("\n\n")[1] == "The room is closed this time, so online only. Please don't travel."
    assert "Long Street" not in body


@pytest.mark.parametrize(
    ("step_free", "words"),
    [(True, "The way in is step-free."), (False, "The way in has steps."), (None, "We do not know yet.")],
)
def test_the_way_in_is_described(step_free: bool | None, words: str) -> None:
    date = replace(occurrence(), place=replace(HALL, access=Access(step_free=step_free)))

    assert words in mail(date).body


def test_a_door_code_is_never_in_a_mail() -> None:
    text = mail(occurrence())

    assert "77#" not in text.body + text.html
    assert "The door has a code. Ask ada@harbor.example for it." in text.body


def test_markup_in_free_words_stays_text() -> None:
    date = replace(
        occurrence(), note="<b>tea</b> & <script>", place=replace(HALL, directions="=> x | javascript:alert(1)")
    )

    text = mail(date)

    assert "&lt;b&gt;tea&lt;/b&gt; &amp; &lt;script&gt;" in text.html
    assert 'href="javascript' not in text.html
    assert "Note: <b>tea</b> & <script>\n" in text.body


def test_without_pages_a_request_is_agreed_to_by_mail() -> None:
    asked = compose(Facts(Kind.OPT_IN, Channel.EMAIL, None, None, PEOPLE["en_GB"], VOICE))

    assert "To agree, write YES to ada@harbor.example.\n" in asked.body


def test_only_a_request_may_be_about_no_date() -> None:
    with pytest.raises(ValueError, match="about a date"):
        Facts(Kind.REMINDER, Channel.SMS, None, None, PEOPLE["en_GB"], VOICE)


def test_the_ledger_gets_the_words_that_were_sent() -> None:
    for place in ("en_GB", "es_ES"):
        person = PEOPLE[place]
        sms, _ = opt_in_wording(Channel.SMS, person.language, VOICE)
        agreed, _ = opt_in_wording(Channel.EMAIL, person.language, VOICE)

        assert compose(facts("opt-in", Channel.SMS, person)).body == sms
        assert agreed in " ".join(compose(facts("opt-in", Channel.EMAIL, person)).body.split())


def test_changed_words_of_consent_need_a_new_version() -> None:
    wordings = [opt_in_wording(channel, code, VOICE) for channel in Channel for code in ("en", "es")]

    same_as_golden("consent.txt", "".join(f"{version}\n{text}\n" for text, version in wordings))


def test_the_longest_zone_is_long() -> None:
    assert len(zone_words(LONG_ZONE, "es_US")) == 29
