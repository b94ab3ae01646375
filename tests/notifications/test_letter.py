"""Letters carry every word as it was written, whoever shares it, in lines that every relay takes."""

import email
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meetup.values import Channel
from notifications.channels.letter import Letter, Postmark, _any_recipient, recipient, write
from notifications.messages import Message

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
POSTMARK = Postmark("hello@example.org", b"sixteen secret bytes", "Thursday", "ruth@example.org")
MAIL = Message(
    "d7", Channel.EMAIL, "ada@mail.example", "Thursday at seven.\n", "Reminder", "<p>Thursday at seven.</p>\n"
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")) | st.just("\n"), max_size=200)
ADDRESSES = st.from_regex(r"https://meet\.example/[uj]/[a-z0-9.&=~-]{1,200}", fullmatch=True)


def raw(message: Message) -> bytes:
    letter = write(message, POSTMARK, NOW)
    assert isinstance(letter, Letter)
    return letter.raw


def read(message: Message) -> EmailMessage:
    found = email.message_from_bytes(raw(message), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def parts(message: Message) -> list[str]:
    return [str(part.get_content()).replace("\r\n", "\n") for part in read(message).iter_parts()]


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, ADDRESSES, ADDRESSES)
@example("See you:\n", "\n", "https://meet.example/u/" + "x" * 52, "https://meet.example/j/" + "x" * 53)
@example(". ", " .", "https://meet.example/u/1", "https://meet.example/u/12")
def test_what_is_shared_and_what_is_ones_own_arrive_as_written(first: str, last: str, stop: str, join: str) -> None:
    body = f"{first}{join}{last}\n{stop}\n"
    html = f'<p>{escape(first)}<a href="{escape(join)}">in</a>{escape(last)}</p>\n<a href="{escape(stop)}">out</a>\n'

    message = replace(MAIL, body=body, html=html, own_addresses=(join, stop))

    assert parts(message) == [body, html]
    assert max(len(line) for line in raw(message).partition(b"\r\n\r\n")[2].split(b"\r\n")) <= 76


def test_nobody_gets_the_address_of_another() -> None:
    ada, bob = (f"https://meet.example/u/{name}~1f" for name in ("ada", "bob"))
    words = [
        replace(MAIL, body=f"Leave:\n{own}\n", html=f"<a href='{own}'>Leave</a>\n", own_addresses=(own,))
        for own in (ada, bob)
    ]

    assert [parts(one) for one in (*words, words[0])] == [
        [f"Leave:\n{own}\n", f"<a href='{own}'>Leave</a>\n"] for own in (ada, bob, ada)
    ]


def test_who_writes_to_whom_about_what_is_never_taken_from_another_mail() -> None:
    other = replace(MAIL, to="bob@mail.example", subject="Mañana", language="es", list_id="g2", code="d8")

    seen = [read(one) for one in (MAIL, other, MAIL)]

    assert [(one["To"], one["Subject"], one["Content-Language"], one["List-Id"]) for one in seen] == [
        ("ada@mail.example", "Reminder", "en", None),
        ("bob@mail.example", "Mañana", "es", "<g2.example.org>"),
        ("ada@mail.example", "Reminder", "en", None),
    ]
    assert [one["Message-ID"] for one in seen] == [POSTMARK.message_id(code) for code in ("d7", "d8", "d7")]


@pytest.mark.parametrize(
    "subject",
    [
        "Recordatorio: jueves a las siete, solo en  línea",
        "El jueves 24 de diciembre a las siete de la tarde, también en línea: señal",
    ],
    ids=["two blanks", "long"],
)
def test_a_subject_in_other_letters_is_encoded_whole(subject: str) -> None:
    mail = raw(replace(MAIL, subject=subject))

    header = mail.partition(b"\r\nSubject: ")[2].partition(b"\r\nDate:")[0]
    assert all(word.startswith(b"=?utf-8?") and word.endswith(b"?=") for word in header.split())
    assert email.message_from_bytes(mail, policy=policy.default)["Subject"] == subject


@pytest.mark.parametrize("to", ["ada+meet@mail.example", '"ada lovelace"@mail.example', "o'neil@mail.example"])
def test_every_address_is_written_as_relays_read_it(to: str) -> None:
    letter = write(replace(MAIL, to=to), POSTMARK, NOW)

    assert not isinstance(letter, Letter) or email.message_from_bytes(letter.raw, policy=policy.default)["To"] == to


def test_a_text_always_ends_its_last_line() -> None:
    assert raw(replace(MAIL, body="Thursday at seven.", html="")).endswith(b"\r\n\r\nThursday at seven.\r\n")


@pytest.mark.parametrize(
    "letter", ["\x00", "\x000\x00", "\x1b", "\x85"], ids=["nul", "stand-in", "escape", "next line"]
)
def test_control_characters_are_refused_and_never_mistaken_for_an_address(letter: str) -> None:
    own = ("https://meet.example/u/1",)

    told = [write(replace(MAIL, body=f"a{letter}b", own_addresses=own), POSTMARK, NOW)]
    told.append(write(replace(MAIL, html=f"a{letter}b", own_addresses=own), POSTMARK, NOW))

    assert [isinstance(one, Letter) for one in told] == [False, False]


@settings(max_examples=150, deadline=None)
@given(
    st.from_regex(r"[a-z0-9._+-]{1,70}@[A-Za-z0-9.-]{1,40}", fullmatch=True)
    | st.emails()
    | st.sampled_from(
        [
            "a@b",
            "a@@b.example",
            "@b.example",
            "a@b.example\n",
            "a@bücher.example",
            "ä@b.example",
            "a@b.example@c",
            "a.@b.example",
            "a@" + "b" * 250 + ".example",
        ]
    )
)
def test_an_ordinary_address_is_read_as_any_other(address: str) -> None:
    assert recipient(address) == _any_recipient(address)
