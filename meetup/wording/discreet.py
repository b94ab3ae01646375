"""The lint of wording: find what a lock screen must not show."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from meetup.wording.languages import DEFAULT, language

WORDS = Path(__file__).parent / "words"
LONGEST_SENDER = 14
LOUD = ("group", "circle", "meeting", "recovery", "support", "grupo", "circulo", "reunion", "apoyo", "recuperacion")
# In a host's name words are glued together; shorter stems would be found everywhere.
SHORTEST_GLUED = 6
LINK = re.compile(r"\S*(?:://|@|\w\.\w)\S*")
# The basic letters of GSM 03.38 that a name may have: what carriers register is plainer still.
SENDER = re.compile(r"[A-Za-z0-9 &'.,+/-]*")


def leaks(text: str, secrets: Iterable[str], wanted: str = DEFAULT) -> list[str]:
    """Return what a text gives away: words of the sensitive list, and secrets such as the group's real name.

    Whole words, whatever their case and accents; inside links and addresses long words count wherever they stand.
    """
    folded = f" {_fold(text)} "
    listed = [word for word, pattern in _listed(wanted) if pattern.search(folded)]
    own = [secret for secret in secrets if _fold(secret) and f" {_fold(secret)} " in folded]
    return list(dict.fromkeys([*listed, *own, *_glued(text, wanted)]))


def allowed_sender_name(name: str) -> list[str]:
    """Return what is wrong with a sender name for texts; an empty list when nothing is."""
    problems = []
    if not name.strip():
        problems.append("A sender name is needed")
    if len(name) > LONGEST_SENDER:
        problems.append(f"A sender name has at most {LONGEST_SENDER} characters, this one has {len(name)}")
    if not SENDER.fullmatch(name):
        problems.append("A sender name has plain letters, digits and blanks only")
    told = [word for word in LOUD if f" {word}" in f" {_fold(name)}"]
    told += [word for word in leaks(name, (), "es") + leaks(name, ()) if word not in told]
    if told:
        problems.append(f"A sender name says nothing about what it is for: avoid {', '.join(dict.fromkeys(told))}")
    return problems


def _fold(text: str) -> str:
    """Lower the case, drop the accents, and turn everything else into single blanks."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


@lru_cache(maxsize=4)
def _listed(wanted: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the words of a language and of English, each with its pattern."""
    words = dict.fromkeys([*_words(language(wanted)), *_words(DEFAULT)])
    return tuple((word, _pattern(word)) for word in words)


def _words(code: str) -> list[str]:
    lines = (WORDS / f"sensitive.{code}.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _pattern(word: str) -> re.Pattern[str]:
    ending = r"\w* " if word.endswith("*") else " "
    return re.compile(f" {re.escape(_fold(word))}{ending}")


def _glued(text: str, wanted: str) -> list[str]:
    links = " ".join(_fold(link).replace(" ", "") for link in LINK.findall(text))
    stems = [(word, _fold(word).replace(" ", "")) for word, _ in _listed(wanted)] if links else []
    return [word for word, stem in stems if len(stem) >= SHORTEST_GLUED and stem in links]
