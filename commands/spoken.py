"""Dates as sentences that one can read out on the phone or paste into a mail. They hold no link and no code."""

from collections.abc import Iterator
from dataclasses import dataclass

from meetup.schedule import zones
from meetup.schedule.series import Occurrence
from meetup.values import Door
from meetup.wording import languages


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    span: str
    yours: str
    in_person: str
    online: str
    both: str
    cancelled: str
    moved: str
    room_closed: str
    not_online: str
    no_place: str
    note: str


ENGLISH = Words(
    span="{day}, {begin} to {end} ({zone})",
    yours="That is {when} ({zone}).",
    in_person="in person at {place}",
    online="online",
    both="in person at {place}, and online",
    cancelled="is cancelled{why}. Please don't travel.",
    moved="It was moved: the usual date would have been {when}.",
    room_closed="The room is closed, so please don't travel: join online instead.",
    not_online="Nobody can join online this time: please come in person.",
    no_place="Where it is held is not known yet.",
    note="Please note: {note}",
)
SPANISH = Words(
    span="{day}, de {begin} a {end} ({zone})",
    yours="Es decir, {when} ({zone}).",
    in_person="en persona en {place}",
    online="en línea",
    both="en persona en {place}, y en línea",
    cancelled="se cancela{why}. Por favor, no te desplaces.",
    moved="Se ha cambiado: la fecha habitual era {when}.",
    room_closed="La sala está cerrada, así que no te desplaces: entra en línea.",
    not_online="Esta vez no se puede entrar en línea: ven en persona, por favor.",
    no_place="Todavía no se sabe dónde será.",
    note="Nota: {note}",
)
WORDS = {"en": ENGLISH, "es": SPANISH}


def sentences(one: Occurrence, reader_zone: str, place: str) -> str:
    """Say one date: when by the clocks there, what, by which doors, and what to do when it is not as usual."""
    said = WORDS[languages.language(place)]
    when = said.span.format(
        day=_capital(languages.day(one.start_local, place)),
        begin=languages.clock(one.start_local, place),
        end=languages.clock(zones.wall(one.end, one.zone), place),
        zone=languages.zone_words(one.zone, place),
    )
    if not one.happening and (one.usual_doors or one.place or one.room):
        reasons = "; ".join(text for text in (one.reason, one.note) if text)
        what = f"{one.series.title} {said.cancelled.format(why=f' ({reasons})' if reasons else '')}"
    else:
        doors = _doors(one, said)
        what = f"{one.series.title}, {doors}." if doors else f"{one.series.title}. {said.no_place}"
    return " ".join([f"{when}: {what}", *_more(one, said, reader_zone, place)])


def _more(one: Occurrence, said: Words, reader_zone: str, place: str) -> Iterator[str]:
    if not one.happening:
        return
    theirs = zones.wall(one.start, reader_zone)
    if theirs != one.start_local:
        yield said.yours.format(when=languages.when(theirs, place), zone=languages.zone_words(reader_zone, place))
    if one.moved:
        yield said.moved.format(when=languages.when(one.slot, place))
    if one.usual_doors - one.open_doors:
        yield said.room_closed if Door.ONLINE in one.open_doors else said.not_online
    if one.reason:
        yield _stopped(_capital(one.reason))
    if one.note:
        yield _stopped(said.note.format(note=one.note))


def _doors(one: Occurrence, said: Words) -> str:
    if not one.open_doors:
        return ""
    form = said.both if len(one.open_doors) == 2 else said.online if Door.ONLINE in one.open_doors else said.in_person
    held = f"{one.place.name}, {one.place.address}" if one.place else ""
    return form.format(place=held)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stopped(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
