"""Which language a phrase is in, and what to propose in it when a word is in the way."""

import difflib
from dataclasses import dataclass

from meetup.errors import NotUnderstood
from meetup.schedule.english import ENGLISH
from meetup.schedule.spanish import SPANISH
from meetup.schedule.tokens import Token, join, tokens
from meetup.schedule.vocabulary import Kind, Vocabulary, fold

VOCABULARIES = {"en": ENGLISH, "es": SPANISH}
_SURE = 0.7


@dataclass(frozen=True, slots=True)
class Reading:
    """A phrase in the one language that knows most of its words."""

    phrase: str
    vocabulary: Vocabulary
    tokens: list[Token]

    @property
    def unknown(self) -> list[Token]:
        return [token for token in self.tokens if token.kind is Kind.UNKNOWN]


def read(phrase: str, language: str = "") -> Reading:
    """Recognize the language by the words; the given one, else English, where two know equally many."""
    given = VOCABULARIES.get(language[:2].casefold(), ENGLISH)
    candidates = [_read(phrase, one) for one in dict.fromkeys((given, *VOCABULARIES.values()))]
    return min(candidates, key=lambda reading: len(reading.unknown))


def refuse_unclear(reading: Reading) -> None:
    """Refuse words that people read in two ways, and say what to write instead."""
    for token in reading.tokens:
        if token.kind is Kind.UNCLEAR:
            meant = {fold(word): hint for word, hint in reading.vocabulary.unclear.items()}
            raise NotUnderstood(f"“{token.text}” has two meanings", meant[fold(token.text).rstrip(".")])


def unknown_words(reading: Reading) -> str:
    """Say which words are in the way, and when they are another language's."""
    names = " and ".join(f"“{token.text}”" for token in reading.unknown)
    verb = "is" if len(reading.unknown) == 1 else "are"
    for other in VOCABULARIES.values():
        known = all(fold(token.text).rstrip(".") in other.folded for token in reading.unknown)
        if known and len(reading.unknown) < len(reading.tokens):
            return f"{names} {verb} {other.name}, and the rest is {reading.vocabulary.name}"
    return f"{names} {verb} not understood"


def respelled(reading: Reading) -> str:
    """Return the phrase with its unknown words put right, translated, or left out."""
    phrase = reading.phrase
    for token in reversed(reading.unknown):
        word = _meant(fold(token.text).rstrip("."), reading.vocabulary)
        phrase = phrase[: token.start] + word + phrase[token.start + len(token.text) :]
    return " ".join(phrase.split()).strip(" ,;")


def _meant(word: str, vocabulary: Vocabulary) -> str:
    """Return the word of this language that somebody may have meant; empty when there is none."""
    foreign = next((other.folded[word] for other in VOCABULARIES.values() if word in other.folded), None)
    same = [known for known, meaning in vocabulary.folded.items() if meaning == foreign]
    close = difflib.get_close_matches(word, vocabulary.folded, n=1, cutoff=_SURE)
    found = max(same, key=len) if same else close[0] if close else ""
    return vocabulary.spell(found) if found else ""


def nearest(phrase: str, vocabulary: Vocabulary) -> str:
    """Return a hint with the most similar phrase that would be understood."""
    closest = difflib.get_close_matches(phrase, vocabulary.examples, n=1, cutoff=0.0)[0]
    return f"This would be understood: {closest}"


def _read(phrase: str, vocabulary: Vocabulary) -> Reading:
    prepared = join(phrase, vocabulary)
    return Reading(prepared, vocabulary, tokens(prepared, vocabulary))
