"""The words that a schedule may be written in, one table per language. The grammar knows only their kinds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

DAY, WEEK, MONTH, YEAR = range(4)  # the values of a unit, in the order of rules.FREQUENCIES


class Kind(StrEnum):
    """What a word does in a phrase."""

    WEEKDAY = auto()  # (weekday,) or (weekday, 1) for a plural
    DAYS = auto()  # weekdays: several days at once
    ORDINAL = auto()  # (number,), negative from the end
    NUMBER = auto()  # (number,); a decimal has none
    UNIT = auto()  # (unit,)
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
    THE = auto()
    ON = auto()
    AT = auto()
    TO = auto()
    UNTIL = auto()
    FROM = auto()
    FOR = auto()
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
class Vocabulary:
    """One language: its words, its expressions of several words, and phrases to learn from."""

    words: Mapping[str, Meaning]
    joined: Mapping[str, str]  # an expression of several words → the word that stands for it
    unclear: Mapping[str, str]  # a word with two readings → what to write instead
    examples: tuple[str, ...]

    def spell(self, word: str) -> str:
        """Return a word as it is written inside a sentence."""
        return word.capitalize() if self.words[word].kind in {Kind.WEEKDAY, Kind.MONTH} else word


def _counted(kind: Kind, rows: Iterable[str], first: int = 0) -> dict[str, Meaning]:
    """Number the rows; every word of a row means the same."""
    return {word: Meaning(kind, (number,)) for number, row in enumerate(rows, first) for word in row.split()}


def _all(kind: Kind, words: str, *values: int) -> dict[str, Meaning]:
    return {word: Meaning(kind, values) for word in words.split()}


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

ENGLISH = Vocabulary(
    words={
        **_counted(Kind.WEEKDAY, ("mon", "tue tues", "wed weds", "thu thur thurs", "fri", "sat", "sun")),
        **_counted(Kind.WEEKDAY, _WEEKDAYS),
        **{f"{name}s": Meaning(Kind.WEEKDAY, (number, 1)) for number, name in enumerate(_WEEKDAYS)},
        **_all(Kind.DAYS, "weekday weekdays workday workdays", 0, 1, 2, 3, 4),
        **_all(Kind.DAYS, "weekend weekends", 5, 6),
        **_counted(
            Kind.MONTH,
            (
                *("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul"),
                *("august aug", "september sep sept", "october oct", "november nov", "december dec"),
            ),
            first=1,
        ),
        **_counted(Kind.ORDINAL, ("first", "second", "third", "fourth", "fifth", "sixth"), first=1),
        **_all(Kind.ORDINAL, "last", -1),
        **_all(Kind.ORDINAL, "penultimate", -2),
        **_counted(Kind.NUMBER, ("one", "two", "three", "four", "five", "six", "seven", "eight"), first=1),
        **_counted(Kind.NUMBER, ("nine", "ten", "eleven", "twelve"), first=9),
        **_all(Kind.NUMBER, "a an", 1),
        **_counted(Kind.UNIT, ("day days", "week weeks", "month months", "year years")),
        **_all(Kind.PACE, "daily", 1, DAY),
        **_all(Kind.PACE, "weekly", 1, WEEK),
        **_all(Kind.PACE, "fortnightly", 2, WEEK),
        **_all(Kind.PACE, "monthly", 1, MONTH),
        **_all(Kind.PACE, "quarterly", 3, MONTH),
        **_all(Kind.PACE, "yearly annually", 1, YEAR),
        **_all(Kind.LENGTH, "minute minutes min mins", 1),
        **_all(Kind.LENGTH, "hour hours hr hrs h", 60),
        **_all(Kind.TIME, "noon midday", 12 * 60, 0),
        **_all(Kind.TIME, "midnight", 0, 0),
        **_all(Kind.AWAY, "today", 0),
        **_all(Kind.AWAY, "tomorrow", 1),
        **_all(Kind.EVERY, "every each"),
        **_all(Kind.OTHER, "other alternate"),
        **_all(Kind.AND, "and &"),
        **_all(Kind.OF, "of in"),
        **_all(Kind.THE, "the"),
        **_all(Kind.ON, "on"),
        **_all(Kind.AT, "at @"),
        **_all(Kind.TO, "to through - – —"),
        **_all(Kind.UNTIL, "until till"),
        **_all(Kind.FROM, "from starting beginning"),
        **_all(Kind.FOR, "for"),
        **_all(Kind.TIMES, "times"),
        **_all(Kind.BEFORE, "before"),
        **_all(Kind.AFTER, "after"),
        **_all(Kind.ONCE, "once"),
        **_all(Kind.UNCLEAR, "biweekly bimonthly biannually semiweekly"),
    },
    joined={
        "second to last": "penultimate",
        "second-to-last": "penultimate",
        "by the rule": "",
        "p.m.": "pm",
        "a.m.": "am",
    },
    unclear={
        "biweekly": "Write “every 2 weeks on Monday” or “every Monday and Thursday”",
        "bimonthly": "Write “every 2 months on the first Monday” or “first and third Monday of the month”",
        "biannually": "Write “every 6 months on the first Monday” or “every 2 years on 24 December”",
        "semiweekly": "Write “every Monday and Thursday”",
    },
    examples=(
        "every Thursday 19:00-20:30",
        "Thursdays at 7pm for 90 minutes",
        "every Monday and Thursday at 19:00",
        "second and fourth Tuesday of the month at 7pm",
        "first Monday of each month 18:00 for 90 minutes",
        "last Friday of the month 19:30",
        "every other Wednesday 18:00",
        "every 2 weeks on Monday and Thursday at 19:00",
        "weekdays at noon",
        "Monday to Friday at 08:00",
        "every day at 07:00",
        "Monday before the third Tuesday at 19:00",
        "the 15th of every month at 18:00",
        "last day of the month at 18:00",
        "every 3 months on the first Monday at 18:00",
        "yearly on 24 December 18:00",
        "once on 2026-12-24 18:00",
        "every Thursday at 19:00 until 30 June",
        "every Thursday at 19:00 from 3 September for 8 times",
    ),
)
