"""The few words that a calendar entry needs, in the languages that we write."""

from dataclasses import dataclass

from meetup.wording.languages import language


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    cancelled: str
    online_only: str
    in_person_only: str
    join: str
    dial_in: str
    phone: str
    passcode: str
    in_person: str
    online: str
    members_link: str
    not_in_person: str
    not_online: str
    step_free: str
    not_step_free: str
    appointment: str  # when a series has no harmless name


ENGLISH = Words(
    cancelled="Cancelled",
    online_only="online only",
    in_person_only="in person only",
    join="Join online",
    dial_in="Dial in",
    phone="Phone",
    passcode="Passcode",
    in_person="In person",
    online="Online",
    members_link="Online: members have the link",
    not_in_person="Not in person this time: please don't travel",
    not_online="Not online this time",
    step_free="The way in is step-free",
    not_step_free="The way in has steps",
    appointment="Appointment",
)
SPANISH = Words(
    cancelled="Cancelado",
    online_only="solo en línea",
    in_person_only="solo en persona",
    join="Entrar en línea",
    dial_in="Entrar por teléfono",
    phone="Teléfono",
    passcode="Código",
    in_person="En persona",
    online="En línea",
    members_link="En línea: los miembros tienen el enlace",
    not_in_person="Esta vez no es en persona: por favor, no te desplaces",
    not_online="Esta vez no es en línea",
    step_free="La entrada no tiene escalones",
    not_step_free="La entrada tiene escalones",
    appointment="Cita",
)
WORDS = {"en": ENGLISH, "es": SPANISH}


def of(wanted: str) -> Words:
    """Return the words of a language, English ones when we do not write it."""
    return WORDS[language(wanted)]
