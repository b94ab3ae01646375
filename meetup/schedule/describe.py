"""Schedule → words, as a person would say it; what cannot be said well is given as the rule itself."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from meetup.schedule import beside, rules
from meetup.schedule.beside import Beside
from meetup.schedule.recurrence import explicit
from meetup.schedule.rules import Rule
from meetup.schedule.saying import LANGUAGES, Saying
from meetup.schedule.series import Schedule

Clock = Callable[[datetime], str]

_WORKDAYS = [0, 1, 2, 3, 4]
MOST_EXCEPTIONS = 4
_HALF_A_DAY = timedelta(hours=12)  # a longer range would be taken for a slip when it is read again


Exceptions = Sequence[date]


def describe(
    schedule: Schedule, language: str = "en", clock: Clock = "{:%H:%M}".format, *, skipped: Exceptions = ()
) -> str:
    """Say when it happens: “every Thursday, 19:00–20:30, until 30 June 2027, except 24 December 2026”.

    `clock` writes a time of day.
    """
    saying = LANGUAGES.get(language[:2].casefold(), LANGUAGES["en"])
    said = [_days(schedule, saying), _times(schedule, saying, clock)]
    if schedule.rule and schedule.until:
        said.append(saying.until.format(date=_date(schedule.until, saying)))
    if skipped:
        said.append(saying.except_.format(days=_excepted(sorted(skipped), saying)))
    return ", ".join(said)


def describe_all(schedules: Sequence[tuple[Schedule, Exceptions]], language: str = "en") -> str:
    """Say all times of one meeting: “every Monday, 19:00–20:00, and every Thursday, 20:00–21:00”."""
    saying = LANGUAGES.get(language[:2].casefold(), LANGUAGES["en"])
    # What the last one says of its end counts for all when it is read again: let it be one without.
    ordered = sorted(schedules, key=lambda pair: (pair[0].until is None, not pair[1]))
    return saying.several.join(describe(schedule, language, skipped=skipped) for schedule, skipped in ordered)


def _excepted(days: Exceptions, saying: Saying) -> str:
    """Say the first days that are left out, the month once, and how many more there are."""
    shown = len(days) if len(days) == MOST_EXCEPTIONS + 1 else MOST_EXCEPTIONS
    said, more = days[:shown], len(days) - shown
    groups = []
    for _, month in groupby(said, key=lambda day: (day.year, day.month)):
        *numbers, last = month
        figures = [saying.excepted.format(day=day.day) for day in numbers]
        groups.append(_joined([*figures, saying.excepted.format(day=_date(last, saying))], saying.and_))
    if more > 0:
        groups.append(saying.more.format(n=more))
    return _joined(groups, saying.and_)


def _days(schedule: Schedule, saying: Saying) -> str:
    if not schedule.rule:
        weekday = saying.weekdays[schedule.start.weekday()]
        return saying.once.format(weekday=weekday, date=_date(schedule.start.date(), saying))
    rule = explicit(rules.own(schedule.rule), schedule.start)
    say = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}[rule.frequency]
    return say(rule, saying) or saying.rule.format(rule=schedule.rule)


def _daily(rule: Rule, saying: Saying) -> str:
    said = not rule.shape and rule.interval not in saying.unclear_days
    return _paced(saying.daily, rule.interval) if said else ""


def _weekly(rule: Rule, saying: Saying) -> str:
    if rule.shape != {"BYDAY"}:
        return ""
    days = [weekday for _, weekday in rule.days]
    # “Every other week” hides where a week begins, which matters for Sunday and Monday: then the rule speaks.
    if rule.week_start and rule.interval > 1 and len(days) > 1:
        return ""
    if days == _WORKDAYS:
        return _paced(saying.workdays, rule.interval)
    if rule.interval == 2 and len(days) == 1:
        return saying.fortnightly.format(day=saying.weekdays[days[0]], days=saying.plurals[days[0]])
    return _paced(
        saying.weekly,
        rule.interval,
        day=_joined([saying.weekdays[day] for day in days], saying.and_),
        days=_joined([saying.plurals[day] for day in days], saying.and_),
    )


def _monthly(rule: Rule, saying: Saying) -> str:
    said = _days_of_month(rule, saying)
    return said and _paced(saying.monthly, rule.interval, days=said)


def _yearly(rule: Rule, saying: Saying) -> str:
    months = rule.numbers("BYMONTH")
    if len(months) != 1:
        return ""
    month = saying.months[months[0] - 1]
    days = rule.numbers("BYMONTHDAY")
    if rule.shape == {"BYMONTH", "BYMONTHDAY"} and len(days) == 1 and days[0] > 0:
        return _paced(saying.yearly, rule.interval, day=saying.day_month.format(day=days[0], month=month))
    said = _days_of_month(rule.without("BYMONTH"), saying)
    return said and _paced(saying.yearly_nth, rule.interval, days=said.removeprefix(saying.on), month=month)


def _days_of_month(rule: Rule, saying: Saying) -> str:
    found, week = beside.of(rule), beside.whole_week(rule)
    if found:
        return _beside(found, saying)
    days = [(week, rule.days[0][1])] if week else rule.days
    if (week or rule.shape == {"BYDAY"}) and all(ordinal in saying.ordinals for ordinal, _ in days):
        return _numbered_weekdays(days, saying)
    if rule.shape == {"BYMONTHDAY"}:
        return _numbered_days(rule.numbers("BYMONTHDAY"), saying)
    return ""


def _beside(found: Beside, saying: Saying) -> str:
    """Say `the Monday before the third Tuesday`."""
    if found.ordinal not in saying.ordinals:
        return ""
    template = saying.before if found.apart < 0 else saying.after
    return template.format(
        day=saying.weekdays[found.weekday], nth=saying.ordinals[found.ordinal], anchor=saying.weekdays[found.anchor]
    )


def _numbered_weekdays(days: Sequence[tuple[int, int]], saying: Saying) -> str:
    """Say `the second and fourth Tuesday`, one group for each day of the week."""
    weekdays = list(dict.fromkeys(weekday for _, weekday in days))
    groups = []
    for weekday in weekdays:
        ordinals = [saying.ordinals[ordinal] for ordinal, day in days if day == weekday]
        groups.append(
            saying.nth.format(nth=_joined(ordinals, saying.and_nth, saying.comma_nth), day=saying.weekdays[weekday])
        )
    return _joined(groups, saying.and_)


def _numbered_days(days: Sequence[int], saying: Saying) -> str:
    """Say `on the 1st and 15th`, or `on the last day`."""
    figures = [saying.figure(day) for day in days if day > 0]
    backwards = [saying.ordinals.get(day, "") for day in days if day < 0]
    if not all(backwards) or (figures and len(backwards) > 1):
        return ""
    plain = _joined(figures, saying.and_)
    if not backwards:
        return (saying.date if len(days) == 1 else saying.dates).format(days=plain)
    tail = saying.back_day.format(nth=_joined(backwards, saying.and_nth))
    if not figures:
        return saying.back_date.format(tail=tail)
    template = saying.mixed_date if len(figures) == 1 else saying.mixed_dates
    return template.format(days=plain, list=", ".join(figures), tail=tail)


def _paced(templates: Sequence[str], interval: int, **words: str) -> str:
    """Choose the template for every one, every other one, or every so many."""
    return templates[min(interval, 3) - 1].format(n=interval, **words)


def _times(schedule: Schedule, saying: Saying, clock: Clock) -> str:
    if schedule.duration <= _HALF_A_DAY:
        end = schedule.start + schedule.duration
        return f"{clock(schedule.start)}–{clock(end)}"
    minutes = int(schedule.duration.total_seconds()) // 60
    length = saying.minutes.format(n=minutes) if minutes % 60 else saying.hours.format(n=minutes // 60)
    return f"{clock(schedule.start)}, {length}"


def _date(day: date, saying: Saying) -> str:
    return saying.full_date.format(day=day.day, month=saying.months[day.month - 1], year=day.year)


def _joined(words: Sequence[str], last: str, comma: str = ", ") -> str:
    """Join with commas, and `last` before the last one."""
    return f"{comma.join(words[:-1])}{last}{words[-1]}" if len(words) > 1 else "".join(words)
