"""A phrase cut into words with their meanings, and the reader that walks over them."""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from meetup.errors import NotUnderstood
from meetup.schedule.vocabulary import Kind, Meaning, Vocabulary, fold


class Form(IntEnum):
    """How sure a time of day is: 19:00 and 07:00 are clear, 7pm is halved, 7:30 may be morning or evening."""

    CLEAR = 0
    HALVED = 1
    BARE = 2


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a phrase: what it means, as it was written, and where."""

    kind: Kind
    text: str
    values: tuple[int, ...] = ()
    start: int = 0

    @property
    def value(self) -> int:
        return self.values[0]


_PIECES = r"""
    (?P<rule>(?:rrule:)?freq=[^\s]*[^\s,])
  | (?P<date>\d{{4}}-\d\d-\d\d)
  | (?P<foreign>\d{{1,4}}[./]\d{{1,2}}[./]\d{{1,4}}|\d{{1,2}}/\d{{1,2}})
  | (?P<halved>\d{{1,2}}(?:[:.]\d\d)?\s*[ap]m\b)
  | (?P<clock>\d{{1,2}}:\d\d(?![:\d]))
  | (?P<hours>\d{{1,2}}h(?:\d\d)?\b)
  | (?P<ordinal>\d{{1,2}}(?:{suffixes})(?!\w))
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<comma>[,;])
  | (?P<expression>\b(?:{expressions})\b)
  | (?P<word>[^\W\d_]+|[&@–—-])\.?
  | (?P<other>\S+)
    """


def tokens(phrase: str, vocabulary: Vocabulary) -> list[Token]:
    """Cut a phrase that `join` has prepared; words that nobody knows come out as UNKNOWN."""
    # Folding keeps every letter in its place, so that a token can be quoted as it was written.
    found = _pieces(vocabulary).finditer(fold(phrase))
    return [_token(piece, phrase[slice(*piece.span())], vocabulary) for piece in found]


def join(phrase: str, vocabulary: Vocabulary) -> str:
    """Put together what is written in pieces, such as “7 p.m.”, so that one word is one meaning."""
    phrase = unicodedata.normalize("NFC", phrase)
    for pattern, word in vocabulary.rewritten.items():
        phrase = re.sub(pattern, word, phrase, flags=re.IGNORECASE)
    return phrase.strip().rstrip(".!")


@lru_cache(maxsize=8)
def _pieces(vocabulary: Vocabulary) -> re.Pattern[str]:
    several = sorted((word for word in vocabulary.folded if " " in word or "-" in word[1:]), key=len, reverse=True)
    expressions = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in several)
    return re.compile(_PIECES.format(suffixes=vocabulary.suffixes, expressions=expressions), re.IGNORECASE | re.VERBOSE)


class Reader:
    """Walks over the tokens of a phrase, one look ahead; its vocabulary words what refusals propose."""

    def __init__(self, found: list[Token], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._tokens = found
        self._place = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return the next token, or the one after it, without taking it."""
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else Token(Kind.END, "")

    def at(self, *kinds: Kind) -> bool:
        """Tell whether the next tokens are of these kinds, in this order."""
        return all(self.peek(ahead).kind is kind for ahead, kind in enumerate(kinds))

    def accept(self, kind: Kind) -> Token | None:
        """Take the next token when it is of that kind."""
        return self._next() if self.at(kind) else None

    def take(self, kind: Kind, wanted: str) -> Token:
        """Take the next token, which must be of that kind."""
        if not self.at(kind):
            raise self.refusal(wanted)
        return self._next()

    def another(self, *kinds: Kind) -> bool:
        """Step over “, and the” when one more word of those kinds follows; stay where we are otherwise."""
        ahead = self.beyond_and()
        follows = ahead > 0 and self.peek(ahead).kind in kinds and not self.at(Kind.THE)
        self._place += ahead if follows else 0
        return follows

    def beyond_and(self) -> int:
        """Return how many words “, and the” takes here; 0 when none of it follows."""
        ahead = 0
        for separator in (Kind.COMMA, Kind.AND, Kind.THE):
            ahead += self.peek(ahead).kind is separator
        return ahead

    def skip(self, *kinds: Kind) -> None:
        """Step over words of these kinds, each at most once, in this order."""
        for kind in kinds:
            self.accept(kind)

    def refusal(self, wanted: str) -> NotUnderstood:
        """Return a refusal that names the word in the way, for the caller to raise."""
        if self.at(Kind.END):
            return NotUnderstood(f"The phrase ends too early: {wanted} is missing")
        return NotUnderstood(f"“{self.peek().text}” is not understood here, where {wanted} is expected")

    def _next(self) -> Token:
        token = self.peek()
        self._place += 1
        return token


def _token(found: re.Match[str], text: str, vocabulary: Vocabulary) -> Token:
    meaning = _meaning(found.lastgroup or "other", found[0], text, vocabulary)
    return Token(meaning.kind, text, meaning.values, found.start())


def _meaning(group: str, plain: str, text: str, vocabulary: Vocabulary) -> Meaning:
    if group in {"word", "expression"}:
        return vocabulary.folded.get(" ".join(plain.rstrip(".").split()), Meaning(Kind.UNKNOWN))
    if group in {"halved", "clock", "hours"}:
        return _time(group, text)
    if group == "foreign":
        raise NotUnderstood(f"“{text}” can be read in more than one way", "Write a date as 2026-12-24")
    if group in {"date", "number", "ordinal"}:
        return _figures(group, text)
    return Meaning({"rule": Kind.RULE, "comma": Kind.COMMA}.get(group, Kind.UNKNOWN))


def _figures(group: str, text: str) -> Meaning:
    if group == "date":
        return Meaning(Kind.DATE, tuple(int(part) for part in text.split("-")))
    if group == "ordinal":
        return Meaning(Kind.ORDINAL, (int("".join(sign for sign in text[:2] if sign.isdecimal())),))
    return Meaning(Kind.NUMBER, (int(text),) if text.isdecimal() else ())


def _time(group: str, text: str) -> Meaning:
    hour, minute = (int(part) for part in (*re.findall(r"\d+", text), "0")[:2])
    if group == "halved":
        return _half_day(text, hour, minute)
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise NotUnderstood(f"“{text}” is not a time of day", "Times go from 00:00 to 23:59")
    bare = group == "clock" and len(text) == 4 and hour > 0
    return Meaning(Kind.TIME, (hour * 60 + minute, Form.BARE if bare else Form.CLEAR))


def _half_day(text: str, hour: int, minute: int) -> Meaning:
    if not 1 <= hour <= 12 or minute > 59:
        raise NotUnderstood(f"“{text}” is not a time of day", "Write 7pm, 7:30 pm or 19:30")
    evening = 12 if text[-2] in "pP" else 0
    return Meaning(Kind.TIME, ((hour % 12 + evening) * 60 + minute, Form.HALVED))
