"""The words that a schedule is described with, one table per language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Paced = tuple[str, str, str]  # every one · every other one · every {n}


@dataclass(frozen=True, slots=True)
class Saying:
    """One language: names, and templates with holes."""

    weekdays: tuple[str, ...]
    plurals: tuple[str, ...]
    months: tuple[str, ...]
    ordinals: Mapping[int, str]
    figure: Callable[[int], str]  # the number of a day
    and_: str
    comma_nth: str  # between ordinals of one weekday
    and_nth: str
    on: str  # what stands before days of a month and falls away inside a year
    once: str
    rule: str
    until: str
    except_: str
    excepted: str  # one day of several
    more: str
    several: str  # between the times of one meeting
    full_date: str
    day_month: str
    daily: Paced
    workdays: Paced
    weekly: Paced
    fortnightly: str
    monthly: Paced
    yearly: Paced
    yearly_nth: Paced
    nth: str
    date: str
    dates: str
    back_day: str
    back_date: str
    mixed_date: str
    mixed_dates: str
    before: str
    after: str
    hours: str
    minutes: str
    unclear_days: frozenset[int] = frozenset()  # “cada 15 días” is every other week to many


def _english_figure(number: int) -> str:
    if number in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

ENGLISH = Saying(
    weekdays=_ENGLISH_DAYS,
    plurals=_ENGLISH_DAYS,
    months=(
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
    ordinals={1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second-to-last"},
    figure=_english_figure,
    and_=" and ",
    comma_nth=", ",
    and_nth=" and ",
    on="on ",
    once="once, on {weekday} {date}",
    rule="by the rule {rule}",
    until="until {date}",
    except_="except {days}",
    excepted="{day}",
    more="{n} more dates",
    several=", and ",
    full_date="{day} {month} {year}",
    day_month="{day} {month}",
    daily=("every day", "every other day", "every {n} days"),
    workdays=("Monday to Friday", "every 2 weeks on Monday to Friday", "every {n} weeks on Monday to Friday"),
    weekly=("every {day}", "every 2 weeks on {day}", "every {n} weeks on {day}"),
    fortnightly="every other {day}",
    monthly=("{days} of each month", "{days} of every other month", "{days} of every {n} months"),
    yearly=("every year on {day}", "every other year on {day}", "every {n} years on {day}"),
    yearly_nth=(
        "every year on {days} of {month}",
        "every other year on {days} of {month}",
        "every {n} years on {days} of {month}",
    ),
    nth="the {nth} {day}",
    date="on the {days}",
    dates="on the {days}",
    back_day="{nth} day",
    back_date="on the {tail}",
    mixed_date="on the {days} and {tail}",
    mixed_dates="on the {list} and {tail}",
    before="the {day} before the {nth} {anchor}",
    after="the {day} after the {nth} {anchor}",
    hours="for {n} hours",
    minutes="for {n} minutes",
)

SPANISH = Saying(
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    plurals=("lunes", "martes", "miércoles", "jueves", "viernes", "sábados", "domingos"),
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio"),
        *("agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    ordinals={1: "primer", 2: "segundo", 3: "tercer", 4: "cuarto", 5: "quinto", -1: "último", -2: "penúltimo"},
    figure=str,
    and_=" y ",
    comma_nth=", el ",
    and_nth=" y el ",
    on="",
    once="una sola vez, el {weekday} {date}",
    rule="según la regla {rule}",
    until="hasta el {date}",
    except_="excepto {days}",
    excepted="el {day}",
    more="{n} fechas más",
    several=", y ",
    full_date="{day} de {month} de {year}",
    day_month="{day} de {month}",
    daily=("todos los días", "cada dos días", "cada {n} días"),
    workdays=("de lunes a viernes", "cada dos semanas, de lunes a viernes", "cada {n} semanas, de lunes a viernes"),
    weekly=("cada {day}", "cada dos semanas, los {days}", "cada {n} semanas, los {days}"),
    fortnightly="cada dos semanas, los {days}",
    monthly=("{days} de cada mes", "cada dos meses, {days}", "cada {n} meses, {days}"),
    yearly=("cada año, el {day}", "cada dos años, el {day}", "cada {n} años, el {day}"),
    yearly_nth=(
        "cada año, {days} de {month}",
        "cada dos años, {days} de {month}",
        "cada {n} años, {days} de {month}",
    ),
    nth="el {nth} {day}",
    date="el día {days}",
    dates="los días {days}",
    back_day="{nth} día",
    back_date="el {tail}",
    mixed_date="el día {days} y el {tail}",
    mixed_dates="los días {days} y el {tail}",
    before="el {day} anterior al {nth} {anchor}",
    after="el {day} siguiente al {nth} {anchor}",
    hours="durante {n} horas",
    minutes="durante {n} minutos",
    unclear_days=frozenset({8, 15}),
)

LANGUAGES: Mapping[str, Saying] = {"en": ENGLISH, "es": SPANISH}
