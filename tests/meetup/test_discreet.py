"""What a lock screen shows gives nothing away, and harmless words are left alone."""

import pytest

from meetup.wording.discreet import allowed_sender_name, leaks, leaks_to_all, secrets_of

CIRCLE = ("Thursday Anxiety Circle", "Zoë's Room", "quiet hours")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Depression circle, Thursday", ["depress*"]),
        ("DÉPRESSION", ["depress*"]),
        ("AA, Thursday 19:00", ["aa"]),
        ("Your Al-Anon evening", ["al-anon"]),
        ("the support  group", ["support group*"]),
        ("suicidality", ["suicid*"]),
        ("At ZOE'S   ROOM tonight", ["Zoë's Room"]),
        ("thursday anxiety-circle", ["anxiety", "Thursday Anxiety Circle"]),
        ("Join https://myanxietyfriends.org/j/1", ["anxiety"]),
        ("ada@soberliving.example", ["sober*"]),
    ],
)
def test_a_telling_text_is_found(text: str, found: list[str]) -> None:
    assert leaks(text, CIRCLE) == found


@pytest.mark.parametrize(
    "text",
    [
        "Your Thursday: Thursday 24 December, 19:00 (Berlin time)",
        "Ana, Naomi and Aaron: in person or online",
        "Thursday, a circle of friends",
        "Banana bread on Thursday",
        "Room 12, quiet street, 3 hours",
        "https://example.org/j/5f2a",
        "",
    ],
)
def test_a_harmless_text_is_left_alone(text: str) -> None:
    assert leaks(text, (*CIRCLE, "", "  ", "!")) == []


def test_each_language_has_its_own_words_and_english_ones_too() -> None:
    assert leaks("Grupo de apoyo", (), "es") == ["grupo de apoyo"]
    assert leaks("Grupo de apoyo", (), "en") == []
    assert leaks("Tu trauma", (), "es-MX") == ["trauma*"]
    assert leaks("Recovery", (), "es") == ["recover*"]


@pytest.mark.parametrize("name", ["Harbor", "Harbor Studio", "Maple St. 12", "R&J"])
def test_a_neutral_sender_name_is_allowed(name: str) -> None:
    assert allowed_sender_name(name) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "A sender name is needed"),
        ("Harbor Community", "A sender name has at most 14 characters, this one has 16"),
        ("Håfen", "A sender name has plain letters, digits and blanks only"),
        ("Harbor Group", "A sender name says nothing about what it is for: avoid group"),
        ("Meetings", "A sender name says nothing about what it is for: avoid meeting"),
        ("Círculo", "A sender name has plain letters, digits and blanks only"),
        ("Sober Steps", "A sender name says nothing about what it is for: avoid sober*"),
    ],
)
def test_a_sender_name_that_will_not_do_is_explained(name: str, problem: str) -> None:
    assert problem in allowed_sender_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "dep\u200bression",
        "d e p r e s s i o n",
        "D.E.P.R.E.S.S.I.O.N",
        "\u0501\u0435pr\u0435ssi\u03bfn",  # three alphabets
        "\U0001d41d\U0001d41e\U0001d429\U0001d42b\U0001d41e\U0001d42c\U0001d42c\U0001d422\U0001d428\U0001d427",
        "\uff24epression",
        "de\u00adpression",
    ],
)
def test_what_an_eye_reads_is_found_however_it_is_written(text: str) -> None:
    assert leaks(f"On {text}, Thursday", ()) == ["depress*"]


@pytest.mark.parametrize(
    "text", ["THURSDAYANXIETYCIRCLE", "https://thursdayanxietycircle.example/j/1", "zoesroom@x.example"]
)
def test_a_groups_own_name_is_found_as_one_word_too(text: str) -> None:
    assert leaks(text, CIRCLE)


@pytest.mark.parametrize("text", ["A B C of cooking", "Room B, 2 p m", "Plan B. C you there", "R & J", "U.S. branch"])
def test_single_letters_are_no_secrets(text: str) -> None:
    assert leaks(text, ("Thursday plans",)) == []


def test_what_everybody_may_see_is_read_in_every_language() -> None:
    assert leaks_to_all("Grupo de apoyo", ()) == ["grupo de apoyo"]
    assert leaks_to_all("Recovery", ()) == ["recover*"]


def test_a_groups_secrets_are_its_name_and_its_topics() -> None:
    assert secrets_of("Harbor Friends", "grief, , loss ") == ("Harbor Friends", "grief", "loss")
