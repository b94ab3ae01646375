"""“Monday before the third Tuesday”: a weekday counted from another, as parts of a rule and back."""

from collections.abc import Sequence
from dataclasses import dataclass

from meetup.schedule.rules import SHIFT, WEEKDAYS, Rule

_LAST_FIRST = 22  # before the 29th every month has every day
_PENULTIMATE = -14


@dataclass(frozen=True, slots=True)
class Beside:
    """A weekday, up to seven days before (negative) or after the nth weekday of a month."""

    ordinal: int
    anchor: int
    apart: int

    @property
    def weekday(self) -> int:
        return (self.anchor + self.apart) % 7


def parts(found: Beside, *, every_month: bool) -> str:
    """Return what says it in a rule.

    Seven days in a row hold each weekday once. Where every month has them, they are a rule that all calendars read
    alike; where they reach over its edge, only a rule for every month may take them from both sides of it. What no
    rule of RFC 5545 can say is kept as the anchor, and by how many days the date is shifted.
    """
    week = _week(found)
    outside = any((day > 0) != (found.ordinal > 0) for day in week)
    if not week or (outside and not every_month):
        return f"BYDAY={found.ordinal}{WEEKDAYS[found.anchor]};{SHIFT}={found.apart}"
    if _nth(week):
        return f"BYDAY={_nth(week)}{WEEKDAYS[found.weekday]}"
    return f"BYDAY={WEEKDAYS[found.weekday]};BYMONTHDAY={','.join(str(day) for day in week)}"


def of(rule: Rule) -> Beside | None:
    """Return what a rule says about a weekday beside another, counted from the nearer one; None when it says none."""
    if SHIFT in rule:
        (ordinal, anchor), *others = rule.days
        return None if others else Beside(ordinal, anchor, rule.shift)
    week = _week_of(rule)
    over_the_edge = bool(week) and week[0] < 0 < week[-1]
    if not week or _nth(week) or (over_the_edge and (rule.frequency != "MONTHLY" or rule.interval != 1)):
        return None
    return _nearest(week, rule.days[0][1])


def whole_week(rule: Rule) -> int:
    """Return which week of the month the days of a rule are: 2 for the 8th to the 14th; 0 when they are no week."""
    return _nth(_week_of(rule))


def _week(found: Beside) -> Sequence[int]:
    """Return the seven days of a month among which it falls; empty when they differ from month to month."""
    if found.ordinal < 0:
        # The day after the -1st is the 1st.
        first = 7 * found.ordinal + found.apart
        return [day if day < 0 else day + 1 for day in range(first, first + 7)]
    first = 7 * (found.ordinal - 1) + 1 + found.apart
    if found.ordinal > 4 or first > _LAST_FIRST:
        return ()
    return [day if day > 0 else day - 1 for day in range(first, first + 7)]


def _week_of(rule: Rule) -> Sequence[int]:
    """Return the seven days in a row of a rule with one weekday, in the order of the calendar; else nothing."""
    days = sorted(rule.numbers("BYMONTHDAY"))
    if rule.shape - {"BYMONTH"} != {"BYDAY", "BYMONTHDAY"} or len(rule.days) != 1 or rule.days[0][0]:
        return ()
    row = [day for day in range(days[0], days[0] + 8) if day][:7]
    return row if days == row and days[0] <= _LAST_FIRST else ()


def _nth(week: Sequence[int]) -> int:
    if not week or week[0] < 0 < week[-1]:
        return 0
    number, rest = divmod(week[0] - 1, 7) if week[0] > 0 else divmod(week[0], 7)
    return 0 if rest else number + (week[0] > 0)


def _nearest(week: Sequence[int], weekday: int) -> Beside | None:
    first = week[0]
    if first > 0:
        number, rest = divmod(first - 1, 7)
        return _beside(weekday, (number + 1, rest), (number + 2, 7 - rest))
    if week[-1] > 0:
        return _beside(weekday, (-1, 7 + first), (1, -first))
    rest = first - _PENULTIMATE
    return _beside(weekday, (-2, rest), (-1, 7 - rest)) if rest > 0 else None


def _beside(weekday: int, after: tuple[int, int], before: tuple[int, int]) -> Beside:
    """Count from the nearer of two anchors, each given as its ordinal and how many days away it is."""
    if after[1] <= 3:
        return Beside(after[0], (weekday - after[1]) % 7, after[1])
    return Beside(before[0], (weekday + before[1]) % 7, -before[1])
