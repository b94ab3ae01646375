"""Rule and window in, wall times out: recurrence without scanning from the first date. Everything here is naive."""

from calendar import monthrange
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import dropwhile, islice, takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from meetup.errors import NotUnderstood
from meetup.schedule import rules, zones
from meetup.schedule.rules import WEEKDAYS, Rule
from meetup.schedule.series import Schedule

# Nobody plans further: a rule without a date in a hundred years is a rule without a date.
REACH = timedelta(days=36525)
# dateutil and datetime end with the year 9999; we stop earlier, so that a step over the edge cannot overflow.
LATEST = datetime.combine(date(9000, 1, 1), time.min)
# The last thirty years that dateutil knows hold every kind of year, leap or not, beginning on any weekday: a rule that
# gives no date there never gives one, and finding that out takes no walk to the end of the calendar.
_SAMPLE = datetime.combine(date(9970, 1, 1), time.min)


@dataclass(frozen=True, slots=True)
class Settled:
    """A rule without its end, the first real date, and the last local day."""

    rule: str
    start: datetime
    until: date | None


def check(rule: str) -> str:
    """Return the rule in canonical form; refuse what is no rule, or what never gives a date."""
    read = rules.read(rule)
    plain = explicit(read.without("INTERVAL", "COUNT", "UNTIL"), _SAMPLE)
    if next(iter(rrulestr(str(plain), dtstart=_SAMPLE)), None) is None:
        raise NotUnderstood(
            f"The rule {read} never gives a date", "Look at its months and days: no year has such a day"
        )
    return str(read)


def settle(rule: str, start: datetime, *, after: date | None = None, zone: str = "") -> Settled:
    """Move `start` to the first real date, not before `after`, and turn COUNT or UNTIL into the last local day."""
    if not rule.strip():
        return Settled("", start, None)
    read = rules.read(check(rule))
    endless = read.without("COUNT", "UNTIL")
    last = _last_of(read, endless, start, zone)
    floor = start if after is None else max(start, datetime.combine(after, time.min))
    begins = next(_dates(endless, start, floor, _reach(floor)), None)
    if begins is None:
        raise _dateless(endless, floor)
    if last is not None and last < begins:
        raise NotUnderstood(f"The rule {read} has ended before {floor:%Y-%m-%d}", "Choose a later end")
    return Settled(str(endless), begins, last.date() if last else None)


def first_on(rule: Rule, floor: datetime) -> datetime:
    """Return the first date of a rule that begins on or after a wall time."""
    found = next(_dates(rule, floor, floor, _reach(floor)), None)
    if found is None:
        raise _dateless(rule, floor)
    return found


def counted(rule: Rule, start: datetime, count: int) -> datetime:
    """Return the last of so many dates."""
    found = list(islice(_dates(rule, start, start, _reach(start)), count))
    if len(found) < count:
        raise NotUnderstood(f"COUNT={count} leads further than a hundred years", "Leave COUNT out")
    return found[-1]


def slots(schedule: Schedule, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the naive slots in a half-open naive window, in order, without walking there from the first date."""
    begin, stop = max(start, schedule.start), min(end, _stop(schedule))
    if schedule.rule:
        yield from _dates(rules.own(schedule.rule), schedule.start, begin, stop)
    elif begin == schedule.start < stop:
        yield schedule.start


def shifted(schedule: Schedule) -> bool:
    """Tell whether its dates are such that no rule of RFC 5545 can say them."""
    return bool(schedule.rule) and rules.SHIFT in rules.own(schedule.rule)


def following(schedule: Schedule, after: datetime, count: int) -> list[datetime]:
    """Return the next slots at or after a wall time: fewer when the schedule ends."""
    begin = max(after, schedule.start)
    return list(islice(slots(schedule, begin, _reach(begin)), count))


def last_slot(schedule: Schedule) -> datetime | None:
    """Return the very last slot; None when the schedule has no end."""
    if not schedule.rule:
        return schedule.start
    if schedule.until is None:
        return None
    return _last(rules.own(schedule.rule), schedule.start, _stop(schedule))


def explicit(rule: Rule, start: datetime) -> Rule:
    """Name the days that a rule leaves to its start (RFC 5545, 3.3.10)."""
    shape = rule.shape - {"BYMONTH", "BYSETPOS"}
    if rule.frequency == "DAILY" or shape:
        return rule
    if rule.frequency == "WEEKLY":
        return rule.having({"BYDAY": WEEKDAYS[start.weekday()]})
    if rule.frequency == "YEARLY" and "BYMONTH" not in rule:
        return rule.having({"BYMONTH": str(start.month), "BYMONTHDAY": str(start.day)})
    return rule.having({"BYMONTHDAY": str(start.day)})


def _dateless(rule: Rule, floor: datetime) -> NotUnderstood:
    return NotUnderstood(f"The rule {rule} gives no date in the hundred years after {floor:%Y-%m-%d}", rules.HINT)


def _dates(rule: Rule, start: datetime, begin: datetime, stop: datetime) -> Iterator[datetime]:
    """Yield the dates of a rule that starts at `start`, from `begin` (not before `start`) up to `stop`."""
    if rule.shift:
        plain, away = rule.without(rules.SHIFT), timedelta(days=rule.shift)
        return (slot + away for slot in _dates(plain, start - away, begin - away, stop - away))
    stop = min(stop, LATEST)
    if begin >= stop:
        return iter(())
    named = explicit(rule, start)
    anchor = _anchor(named, start, begin)
    found = _simple(named, anchor, stop) if _is_simple(named) else _hard(named, anchor, stop)
    return takewhile(lambda slot: slot < stop, dropwhile(lambda slot: slot < begin, found))


def _anchor(rule: Rule, start: datetime, begin: datetime) -> datetime:
    """Return the beginning of the last period in phase with `start` that begins at or before `begin`."""
    step = rule.interval
    if rule.frequency == "DAILY":
        return start + timedelta(days=(begin.date() - start.date()).days // step * step)
    if rule.frequency == "WEEKLY":
        first = start - timedelta(days=(start.weekday() - rule.week_start) % 7)
        return first + timedelta(weeks=(begin.date() - first.date()).days // 7 // step * step)
    if rule.frequency == "MONTHLY":
        months = (begin.year - start.year) * 12 + begin.month - start.month
        year, month = divmod(start.year * 12 + start.month - 1 + months // step * step, 12)
        return start.replace(year=year, month=month + 1, day=1)
    return start.replace(year=start.year + (begin.year - start.year) // step * step, month=1, day=1)


def _is_simple(rule: Rule) -> bool:
    return rule.frequency == "DAILY" or (rule.frequency == "WEEKLY" and "BYSETPOS" not in rule)


def _simple(rule: Rule, anchor: datetime, stop: datetime) -> Iterator[datetime]:
    """Walk days or weeks by arithmetic: twice as fast as the general way, and it ends where it should."""
    weekly = rule.frequency == "WEEKLY"
    offsets = sorted((weekday - rule.week_start) % 7 for _, weekday in rule.days) if weekly else [0]
    step = timedelta(days=rule.interval * (7 if weekly else 1))
    fits = _filter(rule)
    while anchor < stop:
        yield from filter(fits, (anchor + timedelta(days=offset) for offset in offsets))
        anchor += step


def _filter(rule: Rule) -> Callable[[datetime], bool] | None:
    """Return the test that BYMONTH, BYDAY and BYMONTHDAY put to one day; None when every day passes."""
    if rule.shape <= ({"BYDAY"} if rule.frequency == "WEEKLY" else set()):
        return None
    months, month_days = rule.numbers("BYMONTH"), rule.numbers("BYMONTHDAY")
    weekdays = [weekday for _, weekday in rule.days]

    def fits(slot: datetime) -> bool:
        from_the_end = slot.day - 1 - monthrange(slot.year, slot.month)[1]
        return (
            (not months or slot.month in months)
            and (not weekdays or slot.weekday() in weekdays)
            and (not month_days or slot.day in month_days or from_the_end in month_days)
        )

    return fits


def _hard(rule: Rule, anchor: datetime, stop: datetime) -> Iterator[datetime]:
    # dateutil looks at UNTIL only when it has found a date: a rule without any more dates runs to the year 9999.
    end = stop.replace(microsecond=0).isoformat().translate({ord("-"): None, ord(":"): None})
    return iter(rrulestr(f"{rule};UNTIL={end}", dtstart=anchor))


def _last_of(rule: Rule, endless: Rule, start: datetime, zone: str) -> datetime | None:
    if "COUNT" in rule:
        return counted(endless, start, int(rule.parts["COUNT"]))
    if "UNTIL" not in rule:
        return None
    last = _last(endless, start, _end_of(rule.parts["UNTIL"], zone))
    if last is None:
        raise NotUnderstood(f"The rule {rule} ends before its first date", "Choose a later end")
    return last


def _end_of(text: str, zone: str) -> datetime:
    """Return the first wall time that UNTIL forbids."""
    until = rules.until_of(text)
    if not isinstance(until, datetime):
        return _next_midnight(until)
    until = min(until, LATEST)
    if text.endswith("Z"):
        until = until.replace(tzinfo=UTC).astimezone(_zone(zone)).replace(tzinfo=None)
    return until + timedelta(seconds=1)


def _zone(name: str) -> ZoneInfo:
    if not name:
        raise NotUnderstood("UNTIL is given in UTC, and the zone of the meeting is not known", "Name the zone")
    return zones.zone(name)


def _last(rule: Rule, start: datetime, stop: datetime) -> datetime | None:
    """Look for the last date before `stop` from the end, in growing steps."""
    stop = min(stop, LATEST)
    span = timedelta(days=32)
    while True:
        begin = stop - span if span < stop - start else start
        found = deque(_dates(rule, start, begin, stop), maxlen=1)
        if found or begin == start:
            return found[0] if found else None
        span *= 8


def _stop(schedule: Schedule) -> datetime:
    return LATEST if schedule.until is None else _next_midnight(schedule.until)


def _next_midnight(day: date) -> datetime:
    return datetime.combine(min(day, LATEST.date()) + timedelta(days=1), time.min)


def _reach(moment: datetime) -> datetime:
    return min(moment, LATEST - REACH) + REACH
