"""Rule → words → the same rule, in both languages; and any text at all is understood or refused."""

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from meetup.errors import NotUnderstood
from meetup.schedule import beside, recurrence
from meetup.schedule.beside import Beside
from meetup.schedule.describe import describe, describe_all
from meetup.schedule.phrases import Parsed, parse, understand
from meetup.schedule.reading import VOCABULARIES
from meetup.schedule.recurrence import following
from meetup.schedule.rules import own
from meetup.schedule.series import Schedule
from meetup.schedule.vocabulary import Vocabulary
from tests.meetup.rules import WEEKDAYS, cases, first_date, sayable

TODAY = date(2026, 11, 23)
LANGUAGES = st.sampled_from(("en", "es"))
floors = st.builds(
    datetime.combine,
    st.dates(date(2026, 12, 24), date(2031, 1, 1)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
minutes = st.integers(1, 3 * 24 * 60).map(lambda number: timedelta(minutes=number))
besides = st.builds(
    Beside, st.sampled_from((1, 2, 3, 4, 5, -1, -2)), st.integers(0, 6), st.integers(-7, 7).filter(bool)
)


def _beside(found: Beside, interval: int) -> str:
    return f"FREQ=MONTHLY;INTERVAL={interval};{beside.parts(found, every_month=interval == 1)}"


def _of_year(found: Beside, month: int) -> str:
    return f"FREQ=YEARLY;BYMONTH={month};{beside.parts(found, every_month=False)}"


rules = st.one_of(
    st.builds("{};INTERVAL={}".format, sayable, st.integers(1, 16)),
    st.builds(_beside, besides, st.integers(1, 3)),
    st.builds(_of_year, besides, st.integers(1, 12)),
).map(lambda rule: str(own(rule)))


def schedule(rule: str, start: datetime, length: timedelta, until: date | None) -> Schedule:
    return Schedule("u", "Europe/Berlin", start, length, rule, until)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    rule = draw(rules)
    start = first_date(rule, draw(floors))
    days = draw(st.none() | st.integers(0, 1000))
    return schedule(rule, start, draw(minutes), None if days is None else start.date() + timedelta(days=days))


@cases(250)
@given(schedules(), st.sets(st.integers(1, 6), max_size=3), LANGUAGES)
def test_what_is_said_is_understood_again(whole: Schedule, left_out: set[int], language: str) -> None:
    start = whole.start
    dates = following(whole, start, 7)
    skipped = tuple(sorted(dates[place].date() for place in left_out if place < len(dates)))

    said = describe(whole, language, skipped=skipped)

    assert parse(said, start.date()) == Parsed(whole.rule, start, whole.duration, whole.until, skipped), said


@cases(100)
@given(floors, minutes, LANGUAGES)
def test_a_single_date_is_understood_again(start: datetime, length: timedelta, language: str) -> None:
    said = describe(schedule("", start, length, None), language)

    assert parse(said, TODAY) == Parsed("", start, length)


@cases(100)
@given(st.lists(st.tuples(rules, minutes, st.none() | st.just(400)), min_size=2, max_size=2), floors, LANGUAGES)
def test_several_times_are_understood_again(
    times: list[tuple[str, timedelta, int | None]], floor: datetime, language: str
) -> None:
    meant = []
    for place, (rule, length, days) in enumerate(times):
        # Different times of day: what is alike in all but the day would be one rule.
        start = first_date(rule, datetime.combine(floor.date(), time(7 + place)))
        meant.append(schedule(rule, start, length, start.date() + timedelta(days=days) if days else None))

    said = describe_all([(one, ()) for one in meant], language)

    found = {(one.rule, one.start, one.duration, one.until) for one in understand(said, floor.date())}
    assert found == {(one.rule, one.start, one.duration, one.until) for one in meant}, said


@cases(60)
@given(besides, st.booleans())
def test_a_day_beside_another_is_really_there_for_forty_years(found: Beside, every_month: bool) -> None:
    begin, end = (datetime.combine(date(year, 1, 1), time(19)) for year in (2000, 2041))
    paced = "FREQ=MONTHLY" if every_month else "FREQ=MONTHLY;INTERVAL=2"
    anchor = schedule(f"{paced};BYDAY={found.ordinal}{WEEKDAYS[found.anchor]}", begin, timedelta(hours=1), None)

    rule = str(own(f"{paced};{beside.parts(found, every_month=every_month)}"))

    expected = [slot + timedelta(days=found.apart) for slot in recurrence.slots(anchor, begin, end)][2:-2]
    whole = schedule(rule, expected[0], timedelta(hours=1), expected[-1].date())
    assert list(recurrence.slots(whole, begin, end)) == expected, rule


def _words(vocabulary: Vocabulary) -> st.SearchStrategy[str]:
    more = ("19:00", "7pm", "7", "19:00-20:30", "2", "2nd", "15th", "2026-12-24", ",", "zzz", "1.5", "FREQ=DAILY", "2º")
    return st.lists(st.sampled_from((*sorted(vocabulary.words), *more)), min_size=1, max_size=14).map(" ".join)


def _fragments(vocabulary: Vocabulary) -> st.SearchStrategy[str]:
    """Return pieces of phrases that would be understood, in any order."""
    pieces = [" ".join(one.split()[a:b]) for one in vocabulary.examples for a in range(4) for b in range(a + 1, 9)]
    return st.lists(st.sampled_from(sorted(set(pieces))), min_size=1, max_size=4).map(" ".join)


texts = st.one_of(
    *(_words(vocabulary) for vocabulary in VOCABULARIES.values()),
    *(_fragments(vocabulary) for vocabulary in VOCABULARIES.values()),
    st.text(max_size=300),
    st.text(alphabet="0123456789:.-/,;=hªº ", max_size=60),
)


def answer(phrase: str) -> tuple[Parsed, ...] | NotUnderstood:
    try:
        return understand(phrase, TODAY)
    except NotUnderstood as refusal:
        return refusal


@cases(500)
@given(texts)
def test_any_text_is_either_understood_or_refused(phrase: str) -> None:
    found = answer(phrase)

    if isinstance(found, NotUnderstood):
        assert found.message
        assert found.hint
        return
    for one in found:
        assert one.duration > timedelta(0)
        assert one.until is None or one.until >= one.start.date()
        whole = schedule(one.rule, one.start, one.duration, one.until)
        assert following(whole, one.start, 1) == [one.start]
        assert all(list(recurrence.slots(whole, *_whole_day(day))) for day in one.skipped)


def _whole_day(day: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time.min)
    return midnight, midnight + timedelta(days=1)
