"""Segments are counted as the carriers count them, and default texts stay in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.segments import BASIC, Count, Encoding, plain, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", Count(Encoding.GSM7, 0, 1)),
        ("a" * 160, Count(Encoding.GSM7, 160, 1)),
        ("a" * 161, Count(Encoding.GSM7, 161, 2)),
        ("a" * 306, Count(Encoding.GSM7, 306, 2)),
        ("a" * 307, Count(Encoding.GSM7, 307, 3)),
        ("€" * 80, Count(Encoding.GSM7, 160, 1)),
        ("€" * 153, Count(Encoding.GSM7, 306, 3)),
        ("line\r\nline", Count(Encoding.GSM7, 10, 1)),
        ("é è à ñ ö ü Ç", Count(Encoding.GSM7, 13, 1)),
        ("ç", Count(Encoding.UCS2, 1, 1)),
        ("á" * 70, Count(Encoding.UCS2, 70, 1)),
        ("á" * 71, Count(Encoding.UCS2, 71, 2)),
        ("7:00\u202fPM", Count(Encoding.UCS2, 7, 1)),
        ("🙂" * 35, Count(Encoding.UCS2, 70, 1)),
        ("🙂" * 67, Count(Encoding.UCS2, 134, 3)),
    ],
    ids=[
        "empty", "full", "one too many", "two full", "three", "extension costs two", "no torn escape", "crlf is two",
        "accents it has", "small cedilla", "ucs2 full", "ucs2 one too many", "narrow blank", "emoji", "no torn emoji",
    ],
)  # fmt: skip
def test_a_text_is_counted_as_the_carriers_do(text: str, count: Count) -> None:
    assert segments(text) == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Don’t” – wait…", '"Don\'t" - wait...'),
        ("7:00\u202fPM\u00a0sharp", "7:00 PM sharp"),
        ("garçon, está, mañana, miércoles, ÇA", "garcon, esta, mañana, miércoles, ÇA"),
        ("Łódź, Đà Nẵng, œuf, Malmö", "Lodz, Dà Nang, oeuf, Malmö"),
        ("e\u0301", "é"),
        ("zero\u200bwidth", "zerowidth"),
        ("Встреча", "Встреча"),
    ],
    ids=["typography", "blanks", "letters", "strokes", "decomposed", "invisible", "other scripts stay"],
)
def test_near_letters_replace_those_that_cost_a_segment(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_there_are_127_basic_letters() -> None:
    assert len(BASIC) == 127


@given(st.text(max_size=400))
def test_plain_writing_is_stable_and_never_dearer(text: str) -> None:
    once = plain(text)

    assert plain(once) == once
    assert segments(once).encoding == Encoding.GSM7 or segments(text).encoding == Encoding.UCS2
