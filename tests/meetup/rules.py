"""Generated rules, zones and windows, for the tests that compare us with others and with ourselves.

How many cases there are is set by MEETUP_CASES, a factor. A failure prints the case and the seed; the same seed brings
it back: `pytest --hypothesis-seed=…`.
"""

import os
from datetime import date, datetime, time, timedelta

from hypothesis import settings
from hypothesis import strategies as st

from meetup.schedule.recurrence import first_on
from meetup.schedule.rules import own

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FACTOR = float(os.environ.get("MEETUP_CASES", "1"))


def cases(number: int) -> settings:
    """Return how thoroughly a property is tried: every run tries other cases, and prints what brings them back."""
    return settings(max_examples=max(1, int(number * FACTOR)), print_blob=True)


def _joined(elements: st.SearchStrategy[object], most: int) -> st.SearchStrategy[str]:
    return st.lists(elements, min_size=1, max_size=most).map(lambda found: ",".join(str(one) for one in found))


weekdays = _joined(st.sampled_from(WEEKDAYS), 7)
nth = _joined(st.builds("{}{}".format, st.sampled_from((1, 2, 3, 4, 5, -1, -2)), st.sampled_from(WEEKDAYS)), 4)
month_days = _joined(st.integers(1, 31), 4)
any_month_days = _joined(st.sampled_from((*range(1, 32), -1, -2)), 3)
months = _joined(st.integers(1, 12), 3)
weeks = st.integers(-13, 21).map(lambda first: ",".join(str(day) for day in range(first, first + 8) if day))
windows = weeks.map(lambda week: ",".join(week.split(",")[:7]))
anchors = st.builds("{}{}".format, st.sampled_from((1, 4, 5, -1)), st.sampled_from(WEEKDAYS))
shifts = st.integers(-7, 7).filter(bool)
beside = st.builds("FREQ=MONTHLY;BYDAY={};BYMONTHDAY={}".format, st.sampled_from(WEEKDAYS), windows)
sayable = st.one_of(
    st.just("FREQ=DAILY"),
    st.builds("FREQ=WEEKLY;BYDAY={}".format, weekdays),
    st.builds("FREQ=MONTHLY;BYDAY={}".format, nth),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, month_days),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={},-1".format, month_days),
    st.sampled_from(("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=-2,-1")),
    st.builds("FREQ=YEARLY;BYMONTH={};BYMONTHDAY={}".format, st.integers(1, 12), st.integers(1, 28)),
    st.builds("FREQ=YEARLY;BYMONTH={};BYDAY={}".format, st.integers(1, 12), nth),
    st.sampled_from(("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1")),
)
any_rules = st.one_of(
    sayable,
    beside,
    st.builds("FREQ=DAILY;BYMONTH={};BYMONTHDAY={}".format, months, any_month_days),
    st.builds("FREQ=DAILY;BYDAY={}".format, weekdays),
    st.builds("FREQ=WEEKLY;BYDAY={};BYMONTH={}".format, weekdays, months),
    st.builds("FREQ=MONTHLY;BYDAY={}".format, weekdays),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, any_month_days),
    st.just("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    st.builds("FREQ=YEARLY;BYMONTH={};BYDAY={}".format, months, nth),
    st.builds("FREQ=YEARLY;BYYEARDAY={}".format, st.sampled_from((1, 100, 366, -1))),
    st.builds("FREQ=YEARLY;BYWEEKNO={};BYDAY={}".format, st.sampled_from((1, 20, 53, -1)), weekdays),
)
paced = st.builds("{};INTERVAL={}".format, any_rules, st.integers(1, 5))
# Around the changes of the clocks: in the gap, in the fold, beside them, and at sensible hours.
clocks = st.sampled_from(
    (time(0), time(0, 30), time(1), time(1, 30), time(2), time(2, 30), time(3), time(3, 30), time(19), time(23, 45))
)
starts = st.builds(datetime.combine, st.dates(date(2019, 12, 20), date(2027, 1, 10)), clocks)
lengths = st.sampled_from((1, 30, 60, 90, 240, 600)).map(lambda minutes: timedelta(minutes=minutes))


def first_date(rule: str, floor: datetime) -> datetime:
    """Return where a rule begins that is said on a day: its first date sets the rhythm."""
    return first_on(own(rule).without("INTERVAL"), floor)
