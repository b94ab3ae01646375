"""What the words of a schedule may mean, and what one language has to bring. The grammar knows only these kinds."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto

DAY, WEEK, MONTH, YEAR = range(4)  # the values of a unit, in the order of rules.FREQUENCIES


class Kind(StrEnum):
    """What a word does in a phrase."""

    WEEKDAY = auto()  # (weekday,) or (weekday, 1) for a plural
    DAYS = auto()  # weekdays: several days at once
    ORDINAL = auto()  # (number,), negative from the end
    NUMBER = auto()  # (number,); a decimal has none
    UNIT = auto()  # (unit, how many of it)
    PACE = auto()  # (interval, unit)
    LENGTH = auto()  # (minutes,)
    MONTH = auto()  # (month,)
    TIME = auto()  # (minutes after midnight, form)
    DATE = auto()  # (year, month, day)
    AWAY = auto()  # (days from today,)
    RULE = auto()
    EVERY = auto()
    OTHER = auto()
    AND = auto()
    COMMA = auto()
    OF = auto()
    THE = auto()  # () or (1,) for a plural
    ON = auto()
    AT = auto()
    TO = auto()
    UNTIL = auto()
    FROM = auto()
    FOR = auto()
    EXCEPT = auto()
    TIMES = auto()
    BEFORE = auto()
    AFTER = auto()
    ONCE = auto()
    UNCLEAR = auto()  # a word that people read in two ways
    UNKNOWN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word means."""

    kind: Kind
    values: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """How a language writes what a refusal proposes."""

    weekly: str
    every: str
    every_nth: str
    fortnightly: str
    every_weeks: str
    two_weeks: str
    every_week: str
    of_month: str
    month_day: str
    monthly: str
    of_year: str
    yearly: str
    once: str
    once_dated: str
    day: str
    at: str
    at_for: str
    hours: str
    hours_minutes: str
    times: str
    until: str
    since: str
    repeats: str
    both: str
    quarterly: str
    excepted: str


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """One language: its words and expressions, how it proposes phrases, and phrases to learn from."""

    name: str
    words: Mapping[str, Meaning]  # an expression of several words is one entry
    rewritten: Mapping[str, str]  # a pattern of what is written in pieces → one word
    suffixes: str  # what makes a number an ordinal: a pattern
    unclear: Mapping[str, str]  # a word with two readings → what to write instead
    weekdays: tuple[str, ...]
    ways: Ways
    examples: tuple[str, ...]
    unclear_days: frozenset[int] = frozenset()  # “cada 15 días” is every other week to many
    of_is_from: bool = False  # “de 19:00 a 20:30”
    folded: Mapping[str, Meaning] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", {fold(word): meaning for word, meaning in self.words.items()})

    def spell(self, word: str) -> str:
        """Return a folded word as it is written inside a sentence."""
        return next((name for name in (*self.weekdays, *self.words) if fold(name) == word), word)


def fold(text: str) -> str:
    """Forget capitals and accents, letter by letter: places in the text stay what they are."""
    return "".join(_plain(letter) for letter in text)


def counted(kind: Kind, rows: Iterable[str], first: int = 0) -> dict[str, Meaning]:
    """Number the rows; every word of a row means the same."""
    return {word: Meaning(kind, (number,)) for number, row in enumerate(rows, first) for word in row.split()}


def alike(kind: Kind, words: str, *values: int) -> dict[str, Meaning]:
    """Give several words one meaning."""
    return {word: Meaning(kind, values) for word in words.split()}


def expressions(kind: Kind, texts: Iterable[str], *values: int) -> dict[str, Meaning]:
    """Give several expressions, each of several words, one meaning."""
    return {text: Meaning(kind, values) for text in texts}


def _plain(letter: str) -> str:
    if letter in "ºª":
        return letter
    low = unicodedata.normalize("NFD", letter)[0].casefold()
    return low if len(low) == 1 else letter
