"""What is answered to a text, in the words of the safety rules; none promises a person who is not there."""

import re
from collections.abc import Sequence

from meetup.schedule.series import Occurrence
from notifications.words import render
from notifications.words.compose import Recipient, Voice, doors, sms_when

LONGEST_MAIL = 22
MOST_DATES = 3
DOOR_OF_DIGIT = {"1": "in_person", "2": "online"}


def opt_in(voice: Voice, wanted: str) -> str:
    """Ask for a YES."""
    return _reply("sms/opt_in", voice, wanted)


def confirmed(voice: Voice, wanted: str) -> str:
    """Answer the YES that confirms."""
    return _reply("replies/confirmed", voice, wanted)


def help_text(voice: Voice, wanted: str) -> str:
    """Answer HELP: who this is, what it costs, how it ends, and where a person answers."""
    mail = voice.contact_mail if len(voice.contact_mail) <= LONGEST_MAIL else ""
    text = _reply("replies/help", voice, wanted, mail=mail)
    return text if render.fits(text) else _reply("replies/help", voice, wanted, mail="")


def stopped(voice: Voice, wanted: str) -> str:
    """Answer a wish to leave in free words; the keyword itself is answered by the carrier's platform."""
    return _reply("replies/stopped", voice, wanted)


def anything_else(voice: Voice, wanted: str) -> str:
    """Answer whatever else was written, by whomever."""
    return _reply("replies/anything_else", voice, wanted)


def stopped_in_crisis(voice: Voice, wanted: str) -> str:
    """Answer somebody who wants no more texts and is not safe."""
    return _reply("replies/stopped_in_crisis", voice, wanted)


def call(voice: Voice, wanted: str) -> str:
    """Answer a call, the same words for every caller; numbers are spelt, since “988” would be read as an amount."""
    crisis = render.crisis_line(voice.country, wanted)
    told = render.fill("replies/call", wanted, {"sender": voice.sender, "crisis": crisis})
    return re.sub(r"\d+", lambda number: " ".join(number[0]), told)


def echo(voice: Voice, recipient: Recipient, occurrence: Occurrence, digit: str) -> str:
    """Repeat an answer, so that a wrong one can be put right; say so when the door of that digit is closed."""
    open_doors = doors(occurrence.open_doors)
    values = {
        "when": sms_when(occurrence, recipient, voice),
        "digit": digit,
        "doors": open_doors,
        "closed": digit in DOOR_OF_DIGIT and open_doors not in {"both", DOOR_OF_DIGIT[digit]},
    }
    return _reply("replies/echo", voice, recipient.language, **values)


def next_dates(voice: Voice, recipient: Recipient, occurrences: Sequence[Occurrence]) -> str:
    """Answer NEXT: as many of the next dates as one text holds."""
    dates = [sms_when(occurrence, recipient, voice) for occurrence in occurrences[:MOST_DATES]]
    while True:
        text = _reply("replies/next_dates", voice, recipient.language, dates=dates)
        if render.fits(text) or len(dates) <= 1:
            return text
        dates.pop()


def page_link(voice: Voice, wanted: str, link: str) -> str:
    """Answer LINK: the way to the sender's own page."""
    return _reply("replies/page_link", voice, wanted, link=link)


def page_code(voice: Voice, wanted: str, code: str) -> str:
    """Answer CODE: what the sender's own page asks for."""
    return _reply("replies/page_code", voice, wanted, code=code)


def _reply(name: str, voice: Voice, wanted: str, **values: object) -> str:
    crisis = render.crisis_line(voice.country, wanted)
    return render.sms(name, wanted, {"sender": voice.sender, "crisis": crisis, **values})
