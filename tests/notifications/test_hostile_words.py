"""Whatever people call things, no message breaks out of its shape, and none says what it must not."""

import unicodedata
from dataclasses import replace
from email import message_from_bytes, policy

from hypothesis import example, given
from hypothesis import strategies as st

from meetup.values import Channel, Door, Kind
from meetup.wording.discreet import leaks
from notifications.channels.letter import Letter, Postmark, write
from notifications.messages import Message
from notifications.rules.segments import Encoding, plain, segments
from notifications.words.compose import Facts, Recipient, Text, Voice, compose
from tests.conftest import START
from tests.notifications.test_compose import BOTH, LINKS, ONLINE, occurrence

INVISIBLE = "\u202e\u200f\u2066\u202f\u00a0\u200d\u2060\ufeff\u00ad\u0007\u0000\u2028"
AWKWARD = st.text(alphabet=st.sampled_from(f"{INVISIBLE}\r\n\t<>&|=\"'{{}}%$абв漢字🙂é ẞAaz:;,."), max_size=40)
KINDS = [
    (Kind.REMINDER, BOTH),
    (Kind.HALF_CANCELLED, ONLINE),
    (Kind.CANCELLED, frozenset[Door]()),
    (Kind.CHANGED, BOTH),
]


def worded(kind: Kind, doors: frozenset[Door], channel: Channel, words: str) -> tuple[Facts, Text]:
    """Word a message about a date of which everything that people name has the same name."""
    date = occurrence(open_=doors)
    assert date.place is not None
    series = replace(date.series, title=f"Anxiety {words}", label=words)
    place = replace(date.place, name=words, address=words, directions=words)
    date = replace(date, series=series, place=place, note=words, reason=words)
    person = Recipient("en", country="US", label=words)
    facts = Facts(kind, channel, date, None, person, Voice("Riverside", words, "jo@example.org", "US", words), LINKS)
    facts = replace(facts, secrets=("Anxiety", "Lamp circle"))
    return facts, compose(facts)


@given(st.sampled_from(KINDS), AWKWARD)
@example(KINDS[0], "\u202eevil\u202c")
@example(KINDS[2], "Cancelled\r\nBcc: everybody@example.org")
def test_a_text_stays_one_segment_of_plain_letters(kind: tuple[Kind, frozenset[Door]], words: str) -> None:
    _, text = worded(*kind, Channel.SMS, words)

    assert segments(text.body).segments == 1
    assert segments(text.body).encoding is Encoding.GSM7
    assert text.body.startswith("Riverside: ")
    assert "\n" not in text.body


@given(st.sampled_from(KINDS), AWKWARD)
@example(KINDS[0], "Lunch\r\nBcc: everybody@example.org")
@example(KINDS[3], "Lamp\u200b circle")
def test_a_mail_keeps_its_headers_and_gives_nothing_away(kind: tuple[Kind, frozenset[Door]], words: str) -> None:
    facts, text = worded(*kind, Channel.EMAIL, words)
    message = Message("c0de", Channel.EMAIL, "ada@example.org", text.body, text.subject, text.html, language="en")
    letter = write(message, Postmark("news@example.org", b"s" * 16, "Riverside"), START)

    assert isinstance(letter, Letter)
    read = message_from_bytes(letter.wire.removesuffix(b".\r\n"), policy=policy.default)
    assert read["Bcc"] is None
    assert read.get_all("To") == ["ada@example.org"]
    assert [name for name in ("Subject", "From", "To", "Date", "Message-ID") if len(read.get_all(name, [])) != 1] == []
    assert leaks(text.subject, facts.secrets) == []
    assert not any(unicodedata.category(c) in {"Cc", "Cf"} for c in text.subject.replace("\u200d", ""))
    assert "<script" not in text.html


@given(st.text(alphabet=st.characters(categories=("Cf", "Cc", "Zs", "Zl", "Zp"))))
def test_no_sign_that_cannot_be_seen_reaches_a_phone(text: str) -> None:
    assert segments(plain(f"Thu{text}7 PM")).encoding is Encoding.GSM7


def test_a_topic_that_every_text_would_name_leaves_sender_and_time() -> None:
    facts, usual = worded(Kind.REMINDER, BOTH, Channel.SMS, "")
    bare = compose(replace(facts, secrets=(*facts.secrets, "in person")))

    assert "in person or online" in usual.body
    assert bare.body == "Riverside: Thu, Dec 24, 7:00 PM. STOP to end."
