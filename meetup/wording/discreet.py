"""The lint of wording: find what a lock screen must not show."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from meetup.wording.languages import DEFAULT, LANGUAGES, language

WORDS = Path(__file__).parent / "words"
LONGEST_SENDER = 14
LOUD = ("group", "circle", "meeting", "recovery", "support", "grupo", "circulo", "reunion", "apoyo", "recuperacion")
# In a host's name words are glued together; shorter stems would be found everywhere.
SHORTEST_GLUED = 6
LINK = re.compile(r"\S*(?:://|@|\w\.\w)\S*")
# “d e p r e s s i o n” and “A.A.” are read as words.
SPELT_OUT = re.compile(r"(?<=\b[^\W\d_])[.\s_-]+(?=[^\W\d_]\b)")
# Letters of other scripts that look like these, after case and accents are gone.
LOOKALIKES = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455\u0501\u04cf"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0131\u0142\u00f8\u0111",
    "abekmhopctyxijsdlaeikvoptuxilod",
)
UNSEEN = frozenset({"Cf", "Cc", "Cs", "Cn", "Co"})
# The basic letters of GSM 03.38 that a name may have: what carriers register is plainer still.
SENDER = re.compile(r"[A-Za-z0-9 &'.,+/-]*")


def leaks(text: str, secrets: Iterable[str], wanted: str = DEFAULT) -> list[str]:
    """Return what a text gives away: words of the sensitive list, and secrets such as the group's real name.

    Whole words, whatever their case, accents and spacing; inside links and addresses long words count wherever they
    stand.
    """
    return _leaks(text, tuple(secrets), tuple(dict.fromkeys((language(wanted), DEFAULT))))


def leaks_to_all(text: str, secrets: Iterable[str]) -> list[str]:
    """Return what a text gives away to whoever reads any of our languages: nobody knows who looks over a shoulder."""
    return _leaks(text, tuple(secrets), tuple(LANGUAGES))


def secrets_of(name: str, topics: str, words: str = "") -> tuple[str, ...]:
    """Return what the lint keeps out of texts about a group: its name, its topics, and the organization's own words.

    Commas part topics and words; a word with a star at its end stands for all that begin so.
    """
    return tuple(secret.strip() for secret in (name, *topics.split(","), *words.split(",")) if secret.strip())


def _leaks(text: str, secrets: tuple[str, ...], languages: tuple[str, ...]) -> list[str]:
    told = _haystack(text)
    listed = [word for word, pattern in _listed(languages) if pattern.search(told)]
    own = [secret for secret in secrets if _own(secret).search(told)]
    return list(dict.fromkeys([*listed, *own, *_glued(text, secrets, languages)]))


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
    told += [word for word in leaks_to_all(name, ()) if word not in told]
    if told:
        problems.append(f"A sender name says nothing about what it is for: avoid {', '.join(dict.fromkeys(told))}")
    return problems


def _fold(text: str) -> str:
    """Lower the case, drop accents and what cannot be seen, and turn everything else into single blanks."""
    return " ".join(re.sub(r"[\W_]+", " ", _seen(text)).split())


def _seen(text: str) -> str:
    """Return a text as the eye takes it: lower case, without accents, invisible signs and look-alikes."""
    # Fancy letters have no case of their own: they have to be made plain ones first.
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    # What `clean` drops later joins what stood around it.
    kept = (c for c in bare if c in "\n\t" or not (unicodedata.combining(c) or unicodedata.category(c) in UNSEEN))
    return "".join(kept).translate(LOOKALIKES)


def _spelt(text: str) -> str:
    """Fold a text, single letters in a row made one word."""
    return _fold(SPELT_OUT.sub("", _seen(text)))


def _haystack(text: str) -> str:
    # No word reaches over the line between the two ways to read it.
    return f" {_fold(text)} \n {_spelt(text)} "


@lru_cache(maxsize=4)
def _listed(languages: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the words of some languages, each with its pattern."""
    words = dict.fromkeys(word for code in languages for word in _words(code))
    return tuple((word, _pattern(word)) for word in words)


def _words(code: str) -> list[str]:
    lines = (WORDS / f"sensitive.{code}.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _pattern(word: str) -> re.Pattern[str]:
    ending = r"\w* " if word.endswith("*") else " "
    return re.compile(f" {re.escape(_fold(word))}{ending}")


@lru_cache(maxsize=4096)
def _own(secret: str) -> re.Pattern[str]:
    """Return the pattern of somebody's own secret: as it is written, spelt out, or as one word."""
    ways = {_fold(secret), _spelt(secret), *_as_one(secret)} - {""}
    ending = r"\w* " if secret.rstrip().endswith("*") else " "
    return re.compile(f" (?:{'|'.join(re.escape(way) for way in sorted(ways))}){ending}" if ways else r"(?!)")


def _as_one(secret: str) -> list[str]:
    glued = _fold(secret).replace(" ", "")
    return [glued] if len(glued) >= SHORTEST_GLUED else []


def _glued(text: str, secrets: tuple[str, ...], languages: tuple[str, ...]) -> list[str]:
    links = " ".join(_fold(link).replace(" ", "") for link in LINK.findall(text))
    if not links:
        return []
    hidden = [*(word for word, _ in _listed(languages)), *secrets]
    return [word for word in hidden if any(stem in links for stem in _as_one(word))]
