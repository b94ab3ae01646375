"""The same grammar with Spanish words: recognized by its words, with or without accents, never mixed with English."""

import unicodedata
from datetime import date, datetime, timedelta

import pytest

from meetup.errors import NotUnderstood
from meetup.schedule.phrases import Parsed, parse, understand
from meetup.schedule.spanish import SPANISH

TODAY = date(2026, 11, 23)  # a Monday


def parsed(rule: str, start: str, minutes: int = 60, until: date | None = None) -> Parsed:
    return Parsed(rule, datetime.fromisoformat(start), timedelta(minutes=minutes), until)


def refusal(phrase: str) -> tuple[str, str]:
    with pytest.raises(NotUnderstood) as refused:
        understand(phrase, TODAY)
    return refused.value.message, refused.value.hint


@pytest.mark.parametrize(
    ("phrase", "rule", "start", "minutes"),
    [
        ("cada jueves 19:00-20:30", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 90),
        ("los jueves a las 7 de la tarde", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 60),
        ("todos los jueves de 19:00 a 20:30", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 90),
        ("cada jueves desde las 19:00 hasta las 20:30", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 90),
        ("cada jueves de 7 a 8:30 de la tarde", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 90),
        ("cada jueves a las 19 horas durante hora y media", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:00", 90),
        ("cada jueves a las 19.30 h por 90 minutos", "FREQ=WEEKLY;BYDAY=TH", "2026-11-26T19:30", 90),
        ("los martes y los jueves 18:00", "FREQ=WEEKLY;BYDAY=TU,TH", "2026-11-24T18:00", 60),
        ("cada sábado y domingo 10:00", "FREQ=WEEKLY;BYDAY=SA,SU", "2026-11-28T10:00", 60),
        ("sábados 10:00", "FREQ=WEEKLY;BYDAY=SA", "2026-11-28T10:00", 60),
        ("los fines de semana 10:00", "FREQ=WEEKLY;BYDAY=SA,SU", "2026-11-28T10:00", 60),
        ("de lunes a viernes a mediodía", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23T12:00", 60),
        ("días laborables 08:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23T08:00", 60),
        ("todos los días a las 7 de la mañana", "FREQ=DAILY", "2026-11-23T07:00", 60),
        ("cada tres días 07:00", "FREQ=DAILY;INTERVAL=3", "2026-11-23T07:00", 60),
        ("cada dos semanas los lunes 19:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-11-23T19:00", 60),
        ("cada dos semanas, los lunes y jueves, 19:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "2026-11-23T19:00", 60),
        ("cada dos martes 19:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-11-24T19:00", 60),
        (
            "el segundo y cuarto martes de cada mes a las 19:00",
            "FREQ=MONTHLY;BYDAY=2TU,4TU",
            "2026-11-24T19:00",
            60,
        ),
        ("el 2.º martes del mes 19:00", "FREQ=MONTHLY;BYDAY=2TU", "2026-12-08T19:00", 60),
        ("último viernes del mes 19:30", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27T19:30", 60),
        ("quinto sábado de 10:00 a 12:00", "FREQ=MONTHLY;BYDAY=5SA", "2027-01-30T10:00", 120),
        ("cada 3 meses el primer lunes 18:00", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", "2026-12-07T18:00", 60),
        ("cada trimestre el primer lunes 18:00", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", "2026-12-07T18:00", 60),
        ("el primer lunes de cada dos meses 18:00", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO", "2026-12-07T18:00", 60),
        (
            "el lunes anterior al tercer martes 19:00",
            "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=14,15,16,17,18,19,20",
            "2026-12-14T19:00",
            60,
        ),
        ("el 15 de cada mes a las 18:00", "FREQ=MONTHLY;BYMONTHDAY=15", "2026-12-15T18:00", 60),
        ("los días 1 y 15 de cada mes 18:00", "FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-12-01T18:00", 60),
        ("último día del mes 18:00", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30T18:00", 60),
        ("cada año el 24 de diciembre 18:00", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "2026-12-24T18:00", 60),
        ("cada año el primer lunes de mayo 18:00", "FREQ=YEARLY;BYMONTH=5;BYDAY=1MO", "2027-05-03T18:00", 60),
        ("una sola vez el 24 de diciembre 18:00", "", "2026-12-24T18:00", 60),
        ("el jueves 24 de diciembre de 2026 a las 6 p. m.", "", "2026-12-24T18:00", 60),
        ("mañana a las 18:00", "", "2026-11-24T18:00", 60),
    ],
)
def test_a_spanish_phrase_is_understood_whole(phrase: str, rule: str, start: str, minutes: int) -> None:
    assert parse(phrase, TODAY) == parsed(rule, start, minutes)
    assert parse(without_accents(phrase).upper(), TODAY) == parsed(rule, start, minutes)


def without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


@pytest.mark.parametrize(
    ("suffix", "start", "until"),
    [
        ("hasta el 30 de junio", "2026-11-26", date(2027, 6, 30)),
        ("hasta el 30 de junio de 2028", "2026-11-26", date(2028, 6, 30)),
        ("8 veces", "2026-11-26", date(2027, 1, 14)),
        ("durante 8 veces", "2026-11-26", date(2027, 1, 14)),
        ("desde el 3 de septiembre", "2027-09-09", None),
        ("a partir del 2026-12-03", "2026-12-03", None),
        ("del 3 de diciembre al 30 de junio", "2026-12-03", date(2027, 6, 30)),
    ],
)
def test_beginning_and_end_are_understood(suffix: str, start: str, until: date | None) -> None:
    expected = parsed("FREQ=WEEKLY;BYDAY=TH", f"{start}T19:00", until=until)

    assert parse(f"cada jueves 19:00 {suffix}", TODAY) == expected
    assert parse(f"{suffix}, cada jueves a las 19:00", TODAY) == expected


@pytest.mark.parametrize(
    ("phrase", "message", "hint"),
    [
        (
            "cada segundo martes 19:00",
            "“cada segundo martes” has two meanings",
            "Write “cada dos semanas el martes” or “el segundo martes de cada mes”",
        ),
        ("el jueves 19:00", "“jueves” may be one date or every week's", "Write “cada jueves” or “una sola vez el"),
        (
            "el 24 de diciembre 19:00",
            "A date without a year may be meant once or every year",
            "“cada año el 24 de dici",
        ),
        ("cada jueves a las 7", "“7” may be in the morning or in the evening", "Write 07:00 or 19:00"),
        (
            "bimensual el primer lunes 19:00",
            "“bimensual” has two meanings",
            "Write “cada dos meses el primer lunes”",
        ),
        (
            "bimestral el primer lunes 19:00",
            "“bimestral” has two meanings",
            "Write “cada dos meses el primer lunes”",
        ),
        ("quincenal los lunes 19:00", "“quincenal” has two meanings", "Write “cada dos semanas los lunes” or"),
        ("cada 15 días 19:00", "“15 días” may be counted days, or two weeks", "Write “cada dos semanas los lunes” or"),
        ("cada mar 19:00", "“mar” has two meanings", "Write “martes” or “marzo”"),
        ("primer lunes del trimestre 18:00", "It is not clear in which month a “trimestre” begins", "cada 3 meses"),
        ("el 15 a las 18:00", "It is not clear of which month", "Write “el 15 de cada mes”"),
        ("cada jueves", "A time is missing", "Add one: cada jueves a las 19:00"),
        ("cada juebes 19:00", "“juebes” is not understood", "Did you mean: cada jueves 19:00"),
        ("cada miercols 19:00", "“miercols” is not understood", "Did you mean: cada miércoles 19:00"),
        (
            "cada Thursday a las 19:00",
            "“Thursday” is English, and the rest is Spanish",
            "Did you mean: cada jueves a las 19",
        ),
        ("every jueves 19:00", "“jueves” is Spanish, and the rest is English", "Did you mean: every Thursday 19:00"),
        ("cada viernes a las 2 de la noche", "“noche” is not understood", "This would be understood: "),
        ("cada jueves 19:00 excepto festivos", "“festivos” has two meanings", "Name the days: “cada jueves"),
    ],
)
def test_what_is_not_clear_is_asked_back_in_spanish(phrase: str, message: str, hint: str) -> None:
    said, way_out = refusal(phrase)

    assert (said, hint in way_out) == (message, True), way_out


@pytest.mark.parametrize("example", SPANISH.examples)
def test_every_spanish_example_is_understood(example: str) -> None:
    assert understand(example, TODAY)[0].start.date() >= TODAY


def test_a_phrase_of_shared_words_is_read_in_the_given_language() -> None:
    # “once” is English for a single time and Spanish for eleven.
    assert parse("once 2026-12-24 18:00", TODAY).rule == ""
    with pytest.raises(NotUnderstood):
        parse("once 2026-12-24 18:00", TODAY, "es-MX")
