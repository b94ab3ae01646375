from datetime import date, datetime, timedelta

import pytest

from meetup.schedule.describe import describe, describe_all
from meetup.schedule.series import Schedule

BEGIN = datetime.fromisoformat("2026-12-24T19:00")


def schedule(rule: str, start: datetime = BEGIN, minutes: int = 90, until: date | None = None) -> Schedule:
    return Schedule("u", "Europe/Berlin", start, timedelta(minutes=minutes), rule, until)


SHAPES = {
    "FREQ=DAILY": ("every day", "todos los días"),
    "FREQ=DAILY;INTERVAL=2": ("every other day", "cada dos días"),
    "FREQ=DAILY;INTERVAL=15": ("every 15 days", "según la regla FREQ=DAILY;INTERVAL=15"),
    "FREQ=DAILY;INTERVAL=10": ("every 10 days", "cada 10 días"),
    "FREQ=WEEKLY": ("every Thursday", "cada jueves"),
    "FREQ=WEEKLY;BYDAY=TH": ("every Thursday", "cada jueves"),
    "FREQ=WEEKLY;BYDAY=SA,SU": ("every Saturday and Sunday", "cada sábado y domingo"),
    "FREQ=WEEKLY;BYDAY=MO,WE,FR": ("every Monday, Wednesday and Friday", "cada lunes, miércoles y viernes"),
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": ("Monday to Friday", "de lunes a viernes"),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE": ("every other Wednesday", "cada dos semanas, los miércoles"),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SA": (
        "every 2 weeks on Monday and Saturday",
        "cada dos semanas, los lunes y sábados",
    ),
    "FREQ=WEEKLY;INTERVAL=4;BYDAY=SU": ("every 4 weeks on Sunday", "cada 4 semanas, los domingos"),
    "FREQ=MONTHLY;BYDAY=2TU,4TU": (
        "the second and fourth Tuesday of each month",
        "el segundo y el cuarto martes de cada mes",
    ),
    "FREQ=MONTHLY;BYDAY=1SA,3SA,5SA": (
        "the first, third and fifth Saturday of each month",
        "el primer, el tercer y el quinto sábado de cada mes",
    ),
    "FREQ=MONTHLY;BYDAY=1MO,3WE": (
        "the first Monday and the third Wednesday of each month",
        "el primer lunes y el tercer miércoles de cada mes",
    ),
    "FREQ=MONTHLY;BYDAY=-1FR": ("the last Friday of each month", "el último viernes de cada mes"),
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=-2FR": (
        "the second-to-last Friday of every other month",
        "cada dos meses, el penúltimo viernes",
    ),
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO": (
        "the first Monday of every 3 months",
        "cada 3 meses, el primer lunes",
    ),
    "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=14,15,16,17,18,19,20": (
        "the Monday before the third Tuesday of each month",
        "el lunes anterior al tercer martes de cada mes",
    ),
    "FREQ=MONTHLY;BYDAY=WE;BYMONTHDAY=3,4,5,6,7,8,9": (
        "the Wednesday after the first Monday of each month",
        "el miércoles siguiente al primer lunes de cada mes",
    ),
    "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=5,6,7,8,9,10,11": (
        "the Monday before the second Thursday of each month",
        "el lunes anterior al segundo jueves de cada mes",
    ),
    "FREQ=MONTHLY;BYDAY=WE;BYMONTHDAY=8,9,10,11,12,13,14": (
        "the second Wednesday of each month",
        "el segundo miércoles de cada mes",
    ),
    "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1,2,3,4,5,6,-1": (
        "the Monday before the first Tuesday of each month",
        "el lunes anterior al primer martes de cada mes",
    ),
    "FREQ=MONTHLY;BYDAY=WE;BYMONTHDAY=1,-6,-5,-4,-3,-2,-1": (
        "the Wednesday after the last Tuesday of each month",
        "el miércoles siguiente al último martes de cada mes",
    ),
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO;BYMONTHDAY=-8,-7,-6,-5,-4,-3,-2": (
        "the Monday before the last Tuesday of every other month",
        "cada dos meses, el lunes anterior al último martes",
    ),
    "FREQ=MONTHLY;BYDAY=5TU;X-SHIFT=-1": (
        "the Monday before the fifth Tuesday of each month",
        "el lunes anterior al quinto martes de cada mes",
    ),
    "FREQ=YEARLY;BYMONTH=5;BYDAY=1TU;X-SHIFT=-1": (
        "every year on the Monday before the first Tuesday of May",
        "cada año, el lunes anterior al primer martes de mayo",
    ),
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO;BYMONTHDAY=1,2,3,4,5,6,-1": (
        "by the rule FREQ=MONTHLY;INTERVAL=2;BYDAY=MO;BYMONTHDAY=1,2,3,4,5,6,-1",
        "según la regla FREQ=MONTHLY;INTERVAL=2;BYDAY=MO;BYMONTHDAY=1,2,3,4,5,6,-1",
    ),
    "FREQ=MONTHLY;BYMONTHDAY=15": ("on the 15th of each month", "el día 15 de cada mes"),
    "FREQ=MONTHLY;BYMONTHDAY=1,2,3,11,22": (
        "on the 1st, 2nd, 3rd, 11th and 22nd of each month",
        "los días 1, 2, 3, 11 y 22 de cada mes",
    ),
    "FREQ=MONTHLY;BYMONTHDAY=-1": ("on the last day of each month", "el último día de cada mes"),
    "FREQ=MONTHLY;BYMONTHDAY=1,15,-1": (
        "on the 1st, 15th and last day of each month",
        "los días 1 y 15 y el último día de cada mes",
    ),
    "FREQ=YEARLY": ("every year on 24 December", "cada año, el 24 de diciembre"),
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=5;BYDAY=1MO": (
        "every other year on the first Monday of May",
        "cada dos años, el primer lunes de mayo",
    ),
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1": (
        "every year on the last day of February",
        "cada año, el último día de febrero",
    ),
    "": ("once, on Thursday 24 December 2026", "una sola vez, el jueves 24 de diciembre de 2026"),
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": (
        "by the rule FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "según la regla FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    ),
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13": (
        "by the rule FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "según la regla FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    ),
    "FREQ=MONTHLY;BYMONTHDAY=-3": (
        "by the rule FREQ=MONTHLY;BYMONTHDAY=-3",
        "según la regla FREQ=MONTHLY;BYMONTHDAY=-3",
    ),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU": (
        "by the rule FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
        "según la regla FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
    ),
}


@pytest.mark.parametrize(("rule", "said"), SHAPES.items(), ids=[rule or "single" for rule in SHAPES])
def test_a_rule_is_said_as_a_person_would_say_it(rule: str, said: tuple[str, str]) -> None:
    english, spanish = said

    assert describe(schedule(rule)) == f"{english}, 19:00–20:30"
    assert describe(schedule(rule), "es") == f"{spanish}, 19:00–20:30"


def test_the_last_day_is_said_with_its_year() -> None:
    ending = schedule("FREQ=WEEKLY;BYDAY=TH", until=date(2027, 6, 30))

    assert describe(ending) == "every Thursday, 19:00–20:30, until 30 June 2027"
    assert describe(ending, "es") == "cada jueves, 19:00–20:30, hasta el 30 de junio de 2027"


def test_days_that_are_left_out_are_said_with_their_month_once() -> None:
    weekly = schedule("FREQ=WEEKLY;BYDAY=TH")
    days = [date(2026, 12, 24), date(2026, 12, 31), date(2027, 1, 7)]

    assert describe(weekly, "en", skipped=days) == (
        "every Thursday, 19:00–20:30, except 24 and 31 December 2026 and 7 January 2027"
    )
    assert describe(weekly, "es", skipped=days) == (
        "cada jueves, 19:00–20:30, excepto el 24 y el 31 de diciembre de 2026 y el 7 de enero de 2027"
    )


def test_of_many_days_that_are_left_out_the_first_are_said() -> None:
    days = [date(2026, 12, 3) + timedelta(weeks=week) for week in range(7)]

    said = describe(schedule("FREQ=WEEKLY;BYDAY=TH"), "en", skipped=days)

    assert said == "every Thursday, 19:00–20:30, except 3, 10, 17 and 24 December 2026 and 3 more dates"


def test_one_day_more_is_said_and_not_counted() -> None:
    days = [date(2026, 12, 3) + timedelta(weeks=week) for week in range(5)]

    said = describe(schedule("FREQ=WEEKLY;BYDAY=TH"), "en", skipped=days)

    assert said == "every Thursday, 19:00–20:30, except 3, 10, 17, 24 and 31 December 2026"


def test_several_times_of_one_meeting_are_said_together() -> None:
    both = [(schedule("FREQ=WEEKLY;BYDAY=MO"), ()), (schedule("FREQ=WEEKLY;BYDAY=TH", until=date(2027, 6, 30)), ())]

    # The one with an end comes first: at the very end, it would count for both.
    assert describe_all(both) == ("every Thursday, 19:00–20:30, until 30 June 2027, and every Monday, 19:00–20:30")
    assert describe_all(both, "es") == (
        "cada jueves, 19:00–20:30, hasta el 30 de junio de 2027, y cada lunes, 19:00–20:30"
    )


def test_a_long_meeting_is_said_with_its_length() -> None:
    assert describe(schedule("FREQ=DAILY", minutes=24 * 60)) == "every day, 19:00, for 24 hours"
    assert describe(schedule("FREQ=DAILY", minutes=24 * 60 + 30), "es") == "todos los días, 19:00, durante 1470 minutos"


def test_a_meeting_may_end_after_midnight() -> None:
    assert describe(schedule("FREQ=WEEKLY;BYDAY=TH", minutes=6 * 60)) == "every Thursday, 19:00–01:00"


def test_a_country_does_not_change_the_language_and_an_unknown_language_is_english() -> None:
    assert describe(schedule("FREQ=DAILY"), "es-MX") == "todos los días, 19:00–20:30"
    assert describe(schedule("FREQ=DAILY"), "eo") == "every day, 19:00–20:30"
